"""A plan as it is filed: everything that stands on it, read for a set of plans in a constant number of queries (S1)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F, Prefetch, QuerySet

from gridops.accounts.models import Grid, Membership
from gridops.accounts.rulebook import rules_by_unit
from gridops.common.months import Month
from plans.material import Grids, ProjectFigures, figures_of
from plans.models import GOALS, ActionStep, AgentShare, Outcome, Plan, PlanEvent, ProjectShare, Target
from plans.results import Result, results_of
from plans.workflow import is_timely
from promotions.models import Session, Slot

Plans = QuerySet[Plan, Plan]
SLOTS = list(Slot.values)


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal: the unit's target, what is planned, last month's target and result, what became of it when it is over."""

    name: str
    target: Any
    planned: Any
    last_target: Any
    last_result: Any
    outcome: Outcome | None = None

    @property
    def gap(self) -> Any:
        """Last month's result less its target."""
        return difference(self.last_result, self.last_target)


@dataclass(slots=True)
class Paper:
    """One plan with all that is filed with it."""

    plan: Plan
    manager: str = ""
    goals: list[Goal] = field(default_factory=list)
    last_as_of: date | None = None
    figures: dict[int, ProjectFigures] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)
    sessions_owed: int = 0

    @property
    def month(self) -> Month:
        """The month that is planned."""
        return Month.of(self.plan.month)

    @property
    def shares(self) -> list[ProjectShare]:
        """The split of net adds over projects."""
        return list(self.plan.project_shares.all())

    @property
    def agents(self) -> list[AgentShare]:
        """The split of renewals over agents, the manager's pool last."""
        return list(self.plan.agent_shares.all())

    @property
    def steps(self) -> list[ActionStep]:
        """What is to be done."""
        return list(self.plan.steps.all())

    @property
    def handed_in(self) -> int:
        """How many times it was handed in."""
        return len(self._events(PlanEvent.Action.SUBMITTED))

    @property
    def late(self) -> bool:
        """Whether it was handed in after its day."""
        return self.plan.revision == 1 and self.submission is not None and not is_timely(self.plan.events.all())

    @property
    def decision(self) -> PlanEvent | None:
        """The approval or return of what was handed in last; nothing while it waits."""
        events = self._events(PlanEvent.Action.SUBMITTED, PlanEvent.Action.APPROVED, PlanEvent.Action.RETURNED)
        return events[-1] if events and events[-1].action != PlanEvent.Action.SUBMITTED else None

    @property
    def submission(self) -> PlanEvent | None:
        """When it was handed in last; nothing when it was taken back."""
        events = self._events(PlanEvent.Action.SUBMITTED)
        return events[-1] if events and self.plan.submitted_at else None

    @property
    def short_days(self) -> list[tuple[date, int]]:
        """Days with fewer sessions than the handbook asks, with how many (S4)."""
        counts: dict[date, int] = defaultdict(int)
        for session in self.sessions:
            counts[session.day] += 1
        return [(day, counts[day]) for day in self.month.days if counts[day] < self.sessions_owed]

    def _events(self, *actions: str) -> list[PlanEvent]:
        return [event for event in self.plan.events.all() if event.action in actions]


def papers_of(plans: Plans, month: Month, today: date) -> list[Paper]:
    """Plans of one month with all that is filed with them, in order of unit and grid; eighteen queries or fewer."""
    found = [Paper(plan) for plan in _whole(plans)]
    grids = Grid.objects.filter(pk__in=[paper.plan.grid_id for paper in found])
    managers, sessions = Membership.objects.manager_names(grids, min(today, month.last)), _sessions(grids, month)
    figures = figures_of(grids, month)
    rules = rules_by_unit(["sessions_per_day"], {paper.plan.grid.unit for paper in found})
    last, targets = month.plus(-1), _targets(grids, month)
    results = results_of(grids, last, today)
    for paper in found:
        grid = paper.plan.grid
        paper.manager = managers.get(grid.pk, "")
        paper.sessions = sessions[grid.pk]
        paper.figures = {row.id: row for row in figures.get(grid.pk, [])}
        paper.sessions_owed = rules[grid.unit_id]["sessions_per_day"]
        known = results.get(grid.pk, {})
        paper.goals = _goals(paper.plan, targets.get((grid.pk, month.first)), targets.get((grid.pk, last.first)), known)
        days = [result.as_of for result in known.values()]
        paper.last_as_of = min(days) if days and min(days) < last.last else None
    return found


def difference(result: Any, target: Any) -> float | None:
    """What is more, or less, than asked; None where one of both is not known."""
    return None if result is None or target is None else float(result) - float(target)


def _whole(plans: Plans) -> Plans:
    agents = AgentShare.objects.select_related("agent").order_by(F("agent__code").asc(nulls_last=True))
    events = PlanEvent.objects.select_related("by", "stands_in_for")
    return (
        plans.select_related("grid__unit")
        .prefetch_related(
            Prefetch("project_shares", ProjectShare.objects.select_related("project")),
            Prefetch("agent_shares", agents),
            Prefetch("steps", ActionStep.objects.select_related("project", "carried_from")),
            Prefetch("events", events),
            "outcomes",
        )
        .order_by("grid__unit__name", "grid__name", "-revision")
    )


def _goals(plan: Plan, target: Target | None, before: Target | None, results: dict[str, Result]) -> list[Goal]:
    outcomes = {row.goal: row for row in plan.outcomes.all()}
    return [
        Goal(
            name,
            getattr(target, name, None),
            getattr(plan, name),
            getattr(before, name, None),
            results[name].value if name in results else None,
            outcomes.get(name),
        )
        for name in GOALS
    ]


def _targets(grids: Grids, month: Month) -> dict[tuple[int, date], Target]:
    rows = Target.objects.filter(grid__in=grids, month__in=[month.first, month.plus(-1).first])
    return {(row.grid_id, row.month): row for row in rows}


def _sessions(grids: Grids, month: Month) -> dict[int, list[Session]]:
    found: dict[int, list[Session]] = defaultdict(list)
    rows = Session.objects.filter(grid__in=grids, day__range=(month.first, month.last)).select_related("project")
    for session in sorted(rows, key=lambda row: (row.day, SLOTS.index(row.slot), row.project.code)):
        found[session.grid_id].append(session)
    return found
