"""Handing warnings out: from the pool to agents and their people, to another, back; each step is kept (S7, C4).

Only open warnings move, and what was done about them stays with its contacts. All of it happens under the lists' locks.
``fingerprint`` says who follows whom: what was looked at before the decision is compared with what is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from channels.models import Agent, AgentStaff, Ownership
from gridops.accounts.models import Unit, User
from renewals.choices import OPEN, State
from renewals.models import ExpiryWarning, Handover, WarningList
from renewals.services_tally import retally

CHUNK = 2_000
Warnings = QuerySet[ExpiryWarning, ExpiryWarning]
#: warning id -> agent id, None is the pool; who is not in it stays
Plan = dict[int, int | None]
MakePlan = Callable[[Sequence[ExpiryWarning]], Plan]


class Overtaken(Exception):
    """Somebody handed some of these over meanwhile: look again."""


def agents_for(unit: Unit, day: date) -> QuerySet[Agent, Agent]:
    """Who can be given warnings of ``unit``: active agents that own a project there on ``day``, or follow some."""
    owning = Ownership.objects.on(day).filter(project__grid__unit=unit).values("agent")
    following = ExpiryWarning.objects.filter(warning_list__in=WarningList.objects.running(unit, day)).values("agent")
    return Agent.objects.filter(Q(pk__in=owning) | Q(pk__in=following.exclude(agent=None)), is_active=True)


def movable(warnings: Warnings) -> list[ExpiryWarning]:
    """The open ones of ``warnings`` in the order in which they are shared out: project by project, by day of expiry."""
    rows = warnings.filter(state__in=OPEN).order_by("subscriber__project__code", "expires_on", "pk")
    fields = ("warning_list", "agent", "staff", "state", "subscriber__project")
    return list(rows.select_related("subscriber").only(*fields))


def fingerprint(rows: Iterable[ExpiryWarning]) -> str:
    """Who follows which of ``rows``."""
    told = sorted((row.pk, row.agent_id or 0, row.staff_id or 0) for row in rows)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:20]


# --- To whom ---


def all_to(agent: Agent | None) -> MakePlan:
    """All to one agent, or back to the pool."""
    return lambda rows: dict.fromkeys((row.pk for row in rows), agent.pk if agent else None)


def evenly(agents: Sequence[Agent]) -> MakePlan:
    """As many to each, one more to the first ones; in their order, so that a project stays with one where it can."""

    def plan(rows: Sequence[ExpiryWarning]) -> Plan:
        return {row.pk: agents[at * len(agents) // len(rows)].pk for at, row in enumerate(rows)}

    return plan


def to_owners(day: date) -> MakePlan:
    """Each to the agent that owns the project on ``day``; where nobody does, it stays."""

    def plan(rows: Sequence[ExpiryWarning]) -> Plan:
        projects = {row.subscriber.project_id for row in rows}
        owned = Ownership.objects.on(day).filter(project__in=projects).order_by("starts_on", "pk")
        owners = dict(owned.values_list("project", "agent"))  # where two touch on a day, the later one holds
        return {row.pk: owners[row.subscriber.project_id] for row in rows if row.subscriber.project_id in owners}

    return plan


# --- Doing it ---


def hand_over(
    warnings: Warnings, agent: Agent | None, staff: AgentStaff | None, by: User, why: str, now: datetime
) -> int:
    """Give ``warnings`` to ``agent`` (None: the pool) and one of their people; how many changed hands."""
    return hand_out(warnings, all_to(agent), by, why=why, now=now, staff=staff)


def hand_out(
    warnings: Warnings,
    make_plan: MakePlan,
    by: User | None,
    *,
    why: str = "",
    now: datetime | None = None,
    staff: AgentStaff | None = None,
    seen: str = "",
) -> int:
    """Give each of ``warnings`` to whom the plan says; how many changed hands.

    ``seen``: their fingerprint when the person decided. ``Overtaken`` when they no longer are as they were then.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        lists = sorted(set(warnings.order_by().values_list("warning_list", flat=True)))
        WarningList.objects.hold(lists)
        rows = movable(warnings)
        if seen and fingerprint(rows) != seen:
            raise Overtaken
        moved = changes(rows, make_plan(rows), staff)
        _write(moved, by, why, moment)
        agents = {agent for row, target, _person in moved for agent in (row.agent_id, target)}
        if moved:
            retally(lists, timezone.localdate(moment), agents)
    return len(moved)


def changes(
    rows: Sequence[ExpiryWarning], plan: Mapping[int, int | None], staff: AgentStaff | None
) -> list[tuple[ExpiryWarning, int | None, int | None]]:
    """Who changes hands, with the agent and the person it goes to. Who follows it stays where nobody is named."""
    found = []
    for row in rows:
        if row.pk not in plan:
            continue
        target = plan[row.pk]
        person = staff.pk if staff and staff.agent_id == target else None
        if person is None and target == row.agent_id:
            person = row.staff_id
        if (target, person) != (row.agent_id, row.staff_id):
            found.append((row, target, person))
    return found


def _write(
    moved: Sequence[tuple[ExpiryWarning, int | None, int | None]], by: User | None, why: str, now: datetime
) -> None:
    by_target: dict[tuple[int | None, int | None], list[int]] = {}
    for row, agent, person in moved:
        by_target.setdefault((agent, person), []).append(row.pk)
    untouched = Q(state__in=(State.LISTED, State.ASSIGNED))
    for (agent, person), pks in by_target.items():
        state: Any = Value(State.ASSIGNED if agent else State.LISTED)
        for at in range(0, len(pks), CHUNK):
            ExpiryWarning.objects.filter(pk__in=pks[at : at + CHUNK]).update(
                agent=agent, staff=person, state=Case(When(untouched, then=state), default=F("state"))
            )
    Handover.objects.bulk_create(
        [
            Handover(
                warning=row,
                from_agent_id=row.agent_id,
                to_agent_id=agent,
                from_staff_id=row.staff_id,
                to_staff_id=person,
                by=by,
                at=now,
                why=why[:200],
            )
            for row, agent, person in moved
        ],
        batch_size=CHUNK,
    )
