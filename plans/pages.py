"""What the pages of plans show, read in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from gridops.accounts.models import Grid, User
from gridops.accounts.rulebook import rules_by_unit
from gridops.common.months import Month, due_date
from plans.checks import problems, problems_of
from plans.models import GOALS, Plan, PlanEvent, Target, goal_label
from plans.results import Result, results_of
from promotions.models import Session

AROUND = (-1, -2, -3)  # months shown beside the one that was chosen
LATE, WAITING, RETURNED, MISSING, APPROVED = "late", "waiting", "returned", "missing", "approved"


@dataclass(frozen=True, slots=True)
class GoalRow:
    """A goal of S1: what the unit hands down, what is planned, and last month's target, result and gap."""

    name: str
    label: str
    target: Any
    planned: Any
    last_target: Any
    result: Result | None

    @property
    def below(self) -> bool:
        """Whether less is planned than the unit hands down."""
        return self.target is not None and (self.planned is None or self.planned < self.target)

    @property
    def last_result(self) -> float | None:
        """What last month came to, as far as it is known."""
        return self.result.value if self.result else None

    @property
    def gap(self) -> float | None:
        """Result less target of last month; utilisation in points."""
        if self.result is None or self.last_target is None:
            return None
        gap = float(self.result.value) - float(self.last_target)
        return round(gap, 2) if self.name == "port_utilisation" else round(gap)

    @property
    def running(self) -> bool:
        """Whether last month is not over by the day that its result is known of."""
        return self.result is not None and self.result.as_of < Month.of(self.result.as_of).last


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the timetable."""

    day: date
    sessions: list[Session]
    owed: int

    @property
    def short(self) -> bool:
        """Whether it has fewer sessions than the handbook asks (S4)."""
        return len(self.sessions) < self.owed


@dataclass(slots=True)
class GridState:
    """Where a grid's plan of a month stands."""

    grid: Grid
    due: date
    plan: Plan | None = None
    late: bool = False
    standing: str = MISSING
    errors: int = 0
    hints: int = 0
    before: list[tuple[Month, Plan | None]] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether its manager has something to do: the plan is not handed in."""
        return self.plan is not None and self.plan.is_editable


def goal_rows(plan: Plan) -> list[GoalRow]:
    """The six goals beside the target, and last month's target and result."""
    last = Month.of(plan.month).plus(-1)
    targets = {row.month: row for row in Target.objects.filter(grid=plan.grid_id, month__in=[plan.month, last.first])}
    found = results_of(Grid.objects.filter(pk=plan.grid_id), last, timezone.localdate())[plan.grid_id]
    target, before = targets.get(plan.month), targets.get(last.first)
    return [
        GoalRow(
            name,
            goal_label(name),
            getattr(target, name, None),
            getattr(plan, name),
            getattr(before, name, None),
            found.get(name),
        )
        for name in GOALS
    ]


def timetable(grid: Grid, month: Month, owed: int) -> list[Day]:
    """Every day of the month with its sessions."""
    by_day: dict[date, list[Session]] = defaultdict(list)
    order = ["morning", "afternoon", "evening"]
    found = Session.objects.filter(grid=grid, day__range=(month.first, month.last)).select_related("project")
    for session in sorted(found, key=lambda row: (row.day, order.index(row.slot), row.project.code)):
        by_day[session.day].append(session)
    return [Day(day, by_day[day], owed) for day in month.days]


def split_context(plan: Plan) -> dict[str, Any]:
    """How the net adds are split over projects, and the renewals over agents; the manager's pool comes last."""
    shares = list(plan.project_shares.select_related("project"))
    agents = list(plan.agent_shares.select_related("agent").order_by(F("agent__code").asc(nulls_last=True)))
    return {
        "shares": shares,
        "total": sum(share.net_adds for share in shares),
        "agent_shares": agents,
        "agents_total": sum(share.renewals for share in agents),
        "expiring_total": sum(share.expiring for share in agents),
    }


def problem_context(plan: Plan) -> dict[str, Any]:
    """What stands against submitting a plan, with how many errors and how many hints."""
    found = problems(plan)
    errors = sum(1 for problem in found if problem.error)
    return {"problems": found, "errors": errors, "hints": len(found) - errors}


def events(plan: Plan) -> QuerySet[PlanEvent, PlanEvent]:
    """Everything that was done with the plan of this grid and month, all revisions, the newest first."""
    same = PlanEvent.objects.filter(plan__grid=plan.grid_id, plan__month=plan.month)
    return same.select_related("by", "plan", "stands_in_for").order_by("-at", "-pk")


def last_plan(plan: Plan) -> Plan | None:
    """The plan of the month before that counts."""
    before = Month.of(plan.month).plus(-1).first
    rows = Plan.objects.filter(grid=plan.grid_id, month=before).exclude(state=Plan.State.SUPERSEDED)
    return rows.approved_first().first()


def overview(user: User, month: Month, today: date) -> list[GridState]:
    """Where the plan of each grid in the person's scope stands: four queries, however many grids."""
    grids = list(Grid.objects.for_user(user).select_related("unit").order_by("unit__name", "name"))
    rules = rules_by_unit(["plan_due_day"], {grid.unit for grid in grids})
    rows = Plan.objects.for_user(user).filter(month=month.first).current().select_related("submitted_by")
    plans = {plan.grid_id: plan for plan in rows}
    handed_in = _handed_in(user, month)
    states = []
    for grid in grids:
        state = GridState(grid, due_date(month, rules[grid.unit_id]["plan_due_day"]), plans.get(grid.pk))
        revised = state.plan is not None and state.plan.revision > 1  # the plan that it revises was handed in
        state.late = not revised and handed_in.get(grid.pk, today > state.due)
        state.standing = _standing(state.plan)
        states.append(state)
    return states


def plan_list(user: User, month: Month, today: date) -> list[GridState]:
    """The overview, with what plans lack that are not handed in, and the plans of the months before."""
    states = overview(user, month, today)
    for state in states:
        if state.plan:
            state.plan.grid = state.grid
    found = problems_of([state.plan for state in states if state.plan and state.open])
    months = [month.plus(back) for back in AROUND]
    rows = Plan.objects.for_user(user).filter(month__in=[one.first for one in months]).current()
    plans = {(plan.grid_id, plan.month): plan for plan in rows}
    for state in states:
        if state.plan and state.open:
            state.errors = sum(1 for problem in found[state.plan.pk] if problem.error)
            state.hints = len(found[state.plan.pk]) - state.errors
        state.before = [(one, plans.get((state.grid.pk, one.first))) for one in months]
    return states


def _handed_in(user: User, month: Month) -> dict[int, bool]:
    """Of each grid that has handed its plan in, whether that was late; what was taken back was not handed in."""
    submitted, withdrawn = Q(action=PlanEvent.Action.SUBMITTED), Q(action=PlanEvent.Action.WITHDRAWN)
    on_time = Q(late=False)
    first = (
        PlanEvent.objects.filter(plan__in=Plan.objects.for_user(user).filter(month=month.first), plan__revision=1)
        .order_by()
        .values_list("plan__grid")
        .annotate(
            number=Count("pk", filter=submitted) - Count("pk", filter=withdrawn),
            timely=Count("pk", filter=submitted & on_time) - Count("pk", filter=withdrawn & on_time),
        )
    )
    return {grid: timely < 1 for grid, number, timely in first if number > 0}


def _standing(plan: Plan | None) -> str:
    if plan is None or plan.state == Plan.State.DRAFT:
        return MISSING
    return {Plan.State.SUBMITTED: WAITING, Plan.State.RETURNED: RETURNED}.get(Plan.State(plan.state), APPROVED)
