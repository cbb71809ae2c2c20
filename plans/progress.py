"""How approved plans stand in their month: goals, projects and steps against what was done (S1). Constant queries."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from gridops.accounts.models import Grid
from gridops.accounts.rulebook import rules_by_unit
from gridops.common.months import Month
from gridops.common.templatetags.gridops import figure
from plans import rules_progress as rules
from plans.carry_over import Grids
from plans.models import GOALS, ActionStep, Plan, goal_label
from plans.results import Result, results_of, results_of_projects
from plans.rules_progress import Limits, Progress, Reading
from projects.models import MonthlyIndicator, Project

LEVEL = "port_utilisation"
RULES = ("progress_quiet_days", "progress_amber_percent", "progress_red_percent")
OF_PROJECTS = ("net_adds", "renewals")


@dataclass(frozen=True, slots=True)
class Standing:
    """A target, of a grid or of a project, against what was done: numbers, state, and where the figure was read."""

    name: str
    progress: Progress
    result: Result | None = None
    over: bool = False

    @property
    def label(self) -> str:
        """The goal's name."""
        return goal_label(self.name)

    @property
    def is_level(self) -> bool:
        """Whether it is a level in percent, not a count."""
        return self.name == LEVEL

    @property
    def is_final(self) -> bool:
        """Whether nothing is to be forecast any more."""
        return self.over and self.result is not None and self.progress.forecast == self.progress.done

    @property
    def words(self) -> str:
        """The number behind the state."""
        return words_of(self)


@dataclass(slots=True)
class GridProgress:
    """A grid's approved plan and how each of its goals stands, in the handbook's order."""

    grid: Grid
    plan: Plan | None = None
    goals: list[Standing] = field(default_factory=list)

    @property
    def rank(self) -> tuple[Any, ...]:
        """The worst first; a grid without an approved plan after those that are red."""
        if self.plan is None:
            return ((rules.SEVERITY[rules.AMBER], 0.0, 0.0),)
        return tuple(sorted(one.progress.rank for one in self.goals))


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project with its share of net adds and of renewals."""

    project: Project
    standings: tuple[Standing, ...]

    @property
    def rank(self) -> tuple[Any, ...]:
        """The worst first."""
        return tuple(sorted(one.progress.rank for one in self.standings))


def shown(value: float | None, goal: str) -> str:
    """A figure of a goal as people read it: counts whole, utilisation in percent with one decimal."""
    return figure(value if value is None or goal == LEVEL else rules.whole(value), goal)


def words_of(one: Standing) -> str:
    """One short sentence with the number that the state comes from."""
    found = one.progress
    if found.target is None or found.forecast is None:
        return ""
    if found.state == rules.EARLY:
        values = {"done": shown(found.done, one.name), "expected": shown(found.expected, one.name)}
        return _("%(done)s so far, %(expected)s expected") % values
    values = {"forecast": shown(found.forecast, one.name), "percent": str(math.floor(found.percent or 0))}
    if found.percent is not None and found.percent >= 0:  # 99.7 % is not the whole; less than nothing is no part
        text = (
            _("%(forecast)s, %(percent)s %% of the target")
            if one.is_final
            else _("forecast %(forecast)s, %(percent)s %% of the target")
        )
        return text % values
    short = found.short or 0
    if one.is_final:
        return _("%(done)s, %(target)s were planned") % {
            "done": values["forecast"],
            "target": shown(found.target, one.name),
        }
    values["short"] = shown(abs(short), one.name)
    if not rules.whole(short * 10):
        return _("forecast %(forecast)s, as planned") % values
    if short > 0:
        return _("forecast %(forecast)s, %(short)s less than the target") % values
    return _("forecast %(forecast)s, %(short)s more than the target") % values


# --- Whole grids ---


def progress_of(grids: Grids, month: Month, today: date) -> list[GridProgress]:
    """Every grid of ``grids`` with how its approved plan stands, in the order of ``grids``."""
    found = [GridProgress(grid) for grid in grids.select_related("unit")]
    plans = {plan.grid_id: plan for plan in approved(month).filter(grid__in=grids).select_related("grid__unit")}
    limits = limits_of(one.grid for one in found)
    results = results_of(grids, month, today)
    starts = levels(grids, month.plus(-1), today) if month.first <= today else {}
    for one in found:
        if plan := plans.get(one.grid.pk):
            one.plan = plan
            start = starts.get(one.grid.pk)
            bounds = limits[one.grid.unit_id]
            of_grid = results.get(one.grid.pk, {})
            one.goals = [
                standing(goal, getattr(plan, goal), of_grid.get(goal), month, today, bounds, start) for goal in GOALS
            ]
    return found


def approved(month: Month) -> models.QuerySet[Plan, Plan]:
    """The plans that count in ``month``: the approved ones; a revision in work does not."""
    return Plan.objects.filter(month=month.first, state=Plan.State.APPROVED)


def limits_of(grids: Iterable[Grid]) -> dict[int, Limits]:
    """The rules of each unit, in one query."""
    units = {grid.unit_id: grid.unit for grid in grids}
    values = rules_by_unit(RULES, units.values())
    return {unit: Limits(*(values[unit][name] for name in RULES)) for unit in units}


def levels(grids: Grids, month: Month, today: date) -> dict[int, float]:
    """Grid -> the port utilisation that ``month`` came to, as the plan shows it."""
    return {grid: found[LEVEL].value for grid, found in results_of(grids, month, today).items() if LEVEL in found}


def standing(
    goal: str,
    target: Any,
    result: Result | None,
    month: Month,
    today: date,
    limits: Limits,
    start: float | None = None,
) -> Standing:
    """How one target stands on ``today``."""
    reading = Reading(result.value, result.as_of.day, result.pace) if result else None
    if result and today > month.last:  # nothing is to come: what is known is the result
        reading = Reading(result.value, month.length)
    day = min(today, month.last).day if today >= month.first else 0
    wanted = float(target) if target is not None else None
    found = rules.judge(wanted, reading, day, month.length, limits, level=goal == LEVEL, start=start)
    if today < month.first and found.state == rules.UNKNOWN:
        found = replace(found, state=rules.EARLY)
    return Standing(goal, found, result, today > month.last)


# --- One plan ---


def project_rows(plan: Plan, today: date, limits: Limits) -> list[ProjectRow]:
    """The projects of a plan with their shares of net adds and renewals against what was done, the worst first."""
    month = Month.of(plan.month)
    grids = Grid.objects.filter(pk=plan.grid_id)
    results = results_of_projects(grids, month, today)
    shares = plan.project_shares.select_related("project").order_by("project__code")
    renewals: Mapping[int, int | None] = dict(
        MonthlyIndicator.objects.filter(project__grid=plan.grid_id, month=month.first).values_list(
            "project", "target_renewals"
        )
    )
    rows = []
    for share in shares:
        targets = (share.net_adds if plan.net_adds is not None else None, renewals.get(share.project_id))
        of_project = results.get(share.project_id, {})
        found = (
            standing(goal, target, of_project.get(goal), month, today, limits)
            for goal, target in zip(OF_PROJECTS, targets, strict=True)
        )
        rows.append(ProjectRow(share.project, tuple(found)))
    return sorted(rows, key=lambda row: row.rank)


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of the plan: whether it is overdue, and where it was carried on when the plan left it undone."""

    step: ActionStep
    overdue: bool
    carried_to: ActionStep | None


def step_rows(plan: Plan, today: date) -> list[StepRow]:
    """The plan's steps, what is overdue first, then by day, what is done last."""
    steps = plan.steps.select_related("plan", "project", "done_by", "carried_from__plan").prefetch_related(
        "carried_to__plan", "proposals"
    )
    rows = []
    for step in steps:
        later = [one for one in step.carried_to.all() if one.plan.state != Plan.State.SUPERSEDED]
        taken = max(later, key=lambda one: (one.plan.month, one.pk), default=None)
        finished = step.done_on or (step.carried_from and step.carried_from.done_on)
        overdue = not finished and step.due_on is not None and step.due_on < today
        rows.append(StepRow(step, overdue, taken))
    return sorted(rows, key=lambda row: (row.step.done_on is not None, not row.overdue, row.step.due_on or date.max))
