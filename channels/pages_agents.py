"""What an agent's page is made of: what matters now, goals of the month, contracts, staff, who owned what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from channels.models import Agent, AgentStaff, Contract, Matter, OwnerChange, Ownership
from channels.querysets import OwnershipQuerySet
from channels.rules_agents import Cover, Covered, covered
from channels.services import may_edit_agent
from channels.services_agents import contract_units
from channels.services_ownership import in_words
from gridops.accounts.models import Membership, Role, User
from gridops.accounts.rulebook import rules_by_unit
from gridops.common.months import Month
from projects.models import DailyResult, MonthlyIndicator, Project

MOST, PAST = 200, 30
NOTICE = "contract_notice_days"


@dataclass(frozen=True, slots=True)
class Goal:
    """A project's month: what it has brought so far beside its target, and until which day that is known."""

    project: Project
    since: date
    net_adds: int | None
    target_net_adds: int | None
    renewals: int | None
    target_renewals: int | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Sum:
    """A figure over several projects; None where no project says it."""

    done: int | None
    target: int | None

    @property
    def share(self) -> float | None:
        """Done in percent of the target."""
        return 100 * (self.done or 0) / self.target if self.target and self.target > 0 else None


def owned_by(user: User, agent: Agent) -> OwnershipQuerySet:
    """What the agent owns or owned, as the person may see it; the agent's own staff see all of it."""
    rows = Ownership.objects.filter(agent=agent).select_related("project__grid")
    if user.scope.everything:
        return rows
    mine = Q(agent__staff__user=user) if user.scope.has(Role.AGENT_STAFF) else Q()
    return rows.filter(Q(project__grid__in=user.scope.grid_ids) | mine).distinct() if mine else rows.for_user(user)


def goals(owned: OwnershipQuerySet, today: date) -> list[Goal]:
    """The projects owned today with their goals of this month; three queries."""
    rows = list(owned.on(today).order_by("project__code")[:MOST])
    month, projects = Month.of(today), [row.project_id for row in rows]
    figures = MonthlyIndicator.objects.with_net_adds([month]).filter(project__in=projects, month=month.first)
    known = {row.project_id: row for row in figures}
    daily = DailyResult.objects.so_far(projects, month, today)
    return [_goal(row, known.get(row.project_id), daily.get(row.project_id, {})) for row in rows]


def _goal(row: Ownership, figures: Any, daily: dict[str, Any]) -> Goal:
    """Of ledger and daily report the newer; what users grew by only where neither says net adds."""
    if figures is None:
        return Goal(
            row.project, row.starts_on, daily.get("net_adds"), None, daily.get("renewals"), None, daily.get("day")
        )
    newer = "day" not in daily or timezone.localdate(figures.updated_at) >= daily["day"]
    adds = _latest(figures.net_adds, daily.get("net_adds"), newer)
    return Goal(
        row.project,
        row.starts_on,
        figures.adds if adds is None else adds,
        figures.target_net_adds,
        _latest(figures.renewals_done, daily.get("renewals"), newer),
        figures.target_renewals,
        None if newer and None not in (figures.adds, figures.renewals_done) else daily.get("day"),
    )


def _latest(written: int | None, said: int | None, is_newer: bool) -> int | None:
    """What the ledger says if that is newer, or all that is known; else what was reported."""
    return said if written is None or (said is not None and not is_newer) else written


def _sum(done: Iterable[int | None], target: Iterable[int | None]) -> Sum:
    made, asked = [one for one in done if one is not None], [one for one in target if one is not None]
    return Sum(sum(made) if made else None, sum(asked) if asked else None)


def covers(contracts: Iterable[Contract], today: date) -> dict[tuple[int, int], Covered]:
    """(agent, unit) -> how their contracts stand by the unit's own notice; one query."""
    spans: dict[tuple[int, int], list[tuple[date, date]]] = {}
    units = {}
    for one in contracts:
        spans.setdefault((one.agent_id, one.unit_id), []).append((one.starts_on, one.ends_on))
        units[one.unit_id] = one.unit
    rules = rules_by_unit([NOTICE], units.values()) if units else {}
    return {key: covered(held, today, rules[key[1]][NOTICE]) for key, held in spans.items()}


def worst(found: Iterable[Covered]) -> Covered:
    """The one to see to first: over, then ending soon, then the one that ends first."""
    order = [Cover.OVER, Cover.ENDING, Cover.RUNNING, Cover.COMING, Cover.NONE]
    return min(found, key=lambda one: (order.index(one.cover), one.on or date.max), default=Covered(Cover.NONE))


def _contracts(user: User, agent: Agent, today: date) -> dict[str, Any]:
    rows = list(Contract.objects.for_user(user).filter(agent=agent).select_related("unit").order_by("-ends_on", "-pk"))
    by_unit = covers(rows, today)
    kept = set(contract_units(user).values_list("pk", flat=True))
    return {
        "rows": [(row, covered([(row.starts_on, row.ends_on)], today, 0), row.unit_id in kept) for row in rows],
        "cover": worst(by_unit.values()),
        "care": [(row.unit, by_unit[row.agent_id, row.unit_id]) for row in _newest(rows) if _care(by_unit, row)],
        "may_add": bool(kept),
    }


def _newest(rows: Sequence[Contract]) -> list[Contract]:
    return list({row.unit_id: row for row in reversed(rows)}.values())


def _care(by_unit: dict[tuple[int, int], Covered], row: Contract) -> bool:
    return by_unit[row.agent_id, row.unit_id].needs_care


def _staff(agent: Agent, today: date) -> dict[str, Any]:
    rows = list(AgentStaff.objects.filter(agent=agent).select_related("user").order_by("name"))
    held = Membership.objects.current(today).filter(role=Role.AGENT_STAFF, user__agent_staff__agent=agent)
    signed = set(held.filter(user__is_active=True).values_list("user", flat=True))
    people = [(row, row.user_id in signed) for row in rows]
    return {
        "working": [pair for pair in people if not pair[0].has_left(today)],
        "left": [pair for pair in people if pair[0].has_left(today)],
    }


def _matters(user: User, agent: Agent, today: date) -> dict[str, int]:
    rows = Matter.objects.for_user(user).filter(agent=agent).waiting()
    return rows.order_by().aggregate(open=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))


def changes_of(rows: Any) -> list[tuple[OwnerChange, list[str]]]:
    """Changes of owner by hand, newest first, with what moved in words."""
    found = rows.select_related("project", "from_agent", "to_agent", "by")[:PAST]
    return [(row, in_words(row.moved)) for row in found]


def agent_page(agent: Agent, user: User, today: date) -> dict[str, Any]:
    """The agent's own part of the page; a constant number of queries."""
    owned = owned_by(user, agent)
    held = goals(owned, today)
    given = OwnerChange.objects.filter(Q(from_agent=agent) | Q(to_agent=agent))
    given = given if user.scope.has(Role.AGENT_STAFF) else given.for_user(user)
    changes = changes_of(given)
    return {
        "agent": agent,
        "today": today,
        "month": Month.of(today).first,
        "goals": held,
        "net_adds": _sum((one.net_adds for one in held), (one.target_net_adds for one in held)),
        "renewed": _sum((one.renewals for one in held), (one.target_renewals for one in held)),
        "until": max((one.until for one in held if one.until), default=None),
        "past": owned.filter(ends_on__lt=today).order_by("-ends_on", "project__code")[:PAST],
        "waiting": [row for row, _moved in changes if row.done_at is None],
        "changes": [pair for pair in changes if pair[0].done_at],
        "contracts": _contracts(user, agent, today),
        "staff": _staff(agent, today),
        "matter_counts": _matters(user, agent, today),
        "may_edit": may_edit_agent(user, agent),
    }
