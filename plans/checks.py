"""What stands against submitting a plan, and what its manager should know before doing so (S1 to S7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Count, Q
from django.utils import timezone

from gridops.accounts.models import Grid
from gridops.accounts.rulebook import rule, rules_by_unit
from gridops.common.months import Month, due_date
from plans.material import expiring_of, figures_of
from plans.models import GOALS, ActionStep, AgentShare, Plan, PlanComment, ProjectShare, Target
from plans.rules_checks import Facts, Held, Problem, find, is_carried
from plans.workflow import is_timely
from promotions.models import Session
from renewals.models import WarningList

__all__ = ["Problem", "due_on", "has_target", "is_carried", "is_late", "problems", "problems_of"]


def due_on(plan: Plan) -> date:
    """The day by whose end the plan is due (S1)."""
    return due_date(Month.of(plan.month), rule("plan_due_day", plan.grid.unit))


def is_late(plan: Plan, today: date) -> bool:
    """Whether handing the plan in on ``today`` is late.

    Neither is a revision, for the plan that it revises was handed in, nor what was handed in on time and returned.
    """
    return plan.revision == 1 and today > due_on(plan) and not is_timely(plan.events.all())


def has_target(plan: Plan) -> bool:
    """Whether the unit has handed down a target for the plan's grid and month."""
    return Target.objects.filter(grid=plan.grid_id, month=plan.month).exists()


def problems(plan: Plan) -> list[Problem]:
    """Errors first, then what is worth a look."""
    return problems_of([plan])[plan.pk]


def problems_of(plans: Sequence[Plan]) -> dict[int, list[Problem]]:
    """The problems of many plans of one month, one a grid, by plan: in a constant number of queries."""
    return {facts.plan.pk: find(facts) for facts in _facts(plans)}


def _facts(plans: Sequence[Plan]) -> list[Facts]:
    if not plans:
        return []
    month, today = Month.of(plans[0].month), timezone.localdate()
    owed = rules_by_unit(["sessions_per_day"], {plan.grid.unit_id: plan.grid.unit for plan in plans}.values())
    found = {plan.pk: Facts(plan, owed[plan.grid.unit_id]["sessions_per_day"]) for plan in plans}
    by_grid = {facts.plan.grid_id: facts for facts in found.values()}
    _read_rows(found)
    for target in Target.objects.filter(grid__in=by_grid, month=month.first).values("grid", *GOALS):
        by_grid[target.pop("grid")].target = target
    grids = Grid.objects.filter(pk__in=list(by_grid))
    for grid, projects in figures_of(grids, month).items():
        by_grid[grid].free_ports = {project.id: project.figures.free_ports for project in projects}
    for grid, expiring in expiring_of(grids, month, today).items():
        by_grid[grid].expiring = {row.agent: row.number for row in expiring if row.number}
    for grid in WarningList.objects.filter(grid__in=grids, month=month.first).values_list("grid", flat=True):
        by_grid[grid].has_list = True
    _read_sessions(by_grid, month)
    return list(found.values())


def _read_rows(found: Mapping[int, Facts]) -> None:
    """What hangs on the plans themselves."""
    for share in ProjectShare.objects.filter(plan__in=found).select_related("project"):
        found[share.plan_id].shares.append(share)
    for part in AgentShare.objects.filter(plan__in=found):
        found[part.plan_id].agents.append(part)
    for step in ActionStep.objects.filter(plan__in=found).select_related("carried_from"):
        found[step.plan_id].steps.append(step)
    comments = PlanComment.objects.open().filter(plan__in=found).order_by()
    for plan, number in comments.values_list("plan").annotate(Count("pk")):
        found[plan].open_comments = number


def _read_sessions(by_grid: Mapping[int, Facts], month: Month) -> None:
    sessions = Session.objects.filter(grid__in=by_grid, day__range=(month.first, month.last)).order_by()
    lacking = {"unagreed": Q(property_agreed=False)}
    lacking |= {f"no_{name}": Q(**{name: ""}) for name in ("people", "place", "materials")}
    counts = {name: Count("pk", filter=lacks) for name, lacks in lacking.items()}
    rows = sessions.values_list("grid", "day").annotate(number=Count("pk"), **counts)
    for grid, day, number, unagreed, no_people, no_place, no_materials in rows:
        by_grid[grid].held[day] = Held(number, unagreed, no_people, no_place, no_materials)
