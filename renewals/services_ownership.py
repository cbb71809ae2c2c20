"""The open warnings of a project that passes to another agent go along with it (S7).

*Ours*: those that the agent before follows, and those of the manager's pool. What somebody gave to a third agent stays
there, and what is closed stays with who closed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import ngettext

from channels.services_ownership import Move, on_owner_change
from gridops.accounts.models import User
from renewals.choices import OPEN
from renewals.models import ExpiryWarning, WarningList
from renewals.services_assign import MakePlan, Plan, hand_out

CHUNK = 5_000


class OpenWarnings:
    """What moves with a project: the hook that channels call."""

    name = "renewals.warnings"

    def count(self, move: Move) -> int:
        """How many would pass to another."""
        followed = Q(agent=move.before) | Q(agent=None)
        rows = ExpiryWarning.objects.filter(followed, subscriber__project=move.project, state__in=OPEN)
        return rows.count() - rows.filter(agent=move.after).count()

    def move(self, moves: Sequence[Move], by: User | None, why: str, now: datetime) -> int:
        """Hand them over, under the lists' locks, taken at once for all."""
        open_ones = ExpiryWarning.objects.filter(state__in=OPEN)
        if not open_ones.exists():
            return 0
        projects = [move.project for move in moves]
        parts = [projects[at : at + CHUNK] for at in range(0, len(projects), CHUNK)]
        sets = [open_ones.filter(subscriber__project__in=part) for part in parts]
        lists = {pk for rows in sets for pk in rows.order_by().values_list("warning_list", flat=True).distinct()}
        WarningList.objects.hold(lists)
        plan = _plan({move.project: move for move in moves})
        return sum(hand_out(rows, plan, by, why=why, now=now) for rows in sets)

    def said(self, count: int) -> str:
        """In words."""
        return ngettext("%(count)s open renewal", "%(count)s open renewals", count) % {"count": count}


def _plan(moves: dict[int, Move]) -> MakePlan:
    def plan(rows: Sequence[ExpiryWarning]) -> Plan:
        found: Plan = {}
        for row in rows:
            move = moves.get(row.subscriber.project_id)
            if move and row.agent_id in (move.before, None):
                found[row.pk] = move.after
        return found

    return plan


def follow_owners() -> None:
    """Let open warnings go along with their projects."""
    on_owner_change(OpenWarnings())
