"""What stands against submitting a plan, and what its manager should know before doing so (S1 to S6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridops.accounts.models import Grid
from gridops.accounts.rulebook import rule, rules_by_unit
from gridops.common.months import Month, due_date
from gridops.common.templatetags.gridops import day as day_name
from plans.material import figures_of
from plans.models import ActionStep, Plan, PlanEvent, ProjectShare, Target
from promotions.models import Session

NAMED = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """Something found in a plan; an error keeps it from being submitted."""

    text: str
    error: bool = False


def due_on(plan: Plan) -> date:
    """The day by whose end the plan is due (S1)."""
    return due_date(Month.of(plan.month), rule("plan_due_day", plan.grid.unit))


def is_late(plan: Plan, today: date) -> bool:
    """Whether handing the plan in on ``today`` is late.

    Neither is a revision, for the plan that it revises was handed in, nor what was handed in on time and returned;
    what its manager took back was not handed in.
    """
    if plan.revision > 1 or today <= due_on(plan):
        return False
    on_time = Counter(plan.events.filter(late=False).order_by().values_list("action", flat=True))
    return on_time[PlanEvent.Action.SUBMITTED] <= on_time[PlanEvent.Action.WITHDRAWN]


@dataclass(slots=True)
class Facts:
    """What the checks of one plan look at."""

    plan: Plan
    owed: int
    has_target: bool = False
    shares: list[ProjectShare] = field(default_factory=list)
    steps: list[ActionStep] = field(default_factory=list)
    held: Counter[date] = field(default_factory=Counter)
    over_cap: list[str] = field(default_factory=list)


def problems(plan: Plan) -> list[Problem]:
    """Errors first, then what is worth a look."""
    return problems_of([plan])[plan.pk]


def problems_of(plans: Sequence[Plan]) -> dict[int, list[Problem]]:
    """The problems of many plans of one month, one a grid, by plan: in a constant number of queries."""
    return {facts.plan.pk: _found(facts) for facts in _facts(plans)}


def _found(facts: Facts) -> list[Problem]:
    return [*_step_errors(facts.steps), *_sum_errors(facts.plan, facts.shares), *_hints(facts), *_short_days(facts)]


def _facts(plans: Sequence[Plan]) -> list[Facts]:
    if not plans:
        return []
    month = Month.of(plans[0].month)
    owed = rules_by_unit(["sessions_per_day"], {plan.grid.unit_id: plan.grid.unit for plan in plans}.values())
    found = {plan.pk: Facts(plan, owed[plan.grid.unit_id]["sessions_per_day"]) for plan in plans}
    by_grid = {facts.plan.grid_id: facts for facts in found.values()}
    for grid in Target.objects.filter(grid__in=by_grid, month=month.first).values_list("grid", flat=True):
        by_grid[grid].has_target = True
    for share in ProjectShare.objects.filter(plan__in=found):
        found[share.plan_id].shares.append(share)
    for step in ActionStep.objects.filter(plan__in=found).select_related("carried_from"):
        found[step.plan_id].steps.append(step)
    sessions = Session.objects.filter(grid__in=by_grid, day__range=(month.first, month.last)).order_by()
    for grid, day, number in sessions.values_list("grid", "day").annotate(Count("pk")):
        by_grid[grid].held[day] = number
    _look_at_caps(by_grid, month)
    return list(found.values())


def _look_at_caps(by_grid: Mapping[int, Facts], month: Month) -> None:
    """Names of the projects whose share, set by hand, is above their free ports (S6)."""
    by_hand = {
        grid: {share.project_id: share.net_adds for share in facts.shares if share.is_manual and share.net_adds > 0}
        for grid, facts in by_grid.items()
    }
    grids = [grid for grid, shares in by_hand.items() if shares]
    for grid, projects in figures_of(Grid.objects.filter(pk__in=grids), month).items() if grids else ():
        above = [row.name for row in projects if by_hand[grid].get(row.id, 0) > row.figures.free_ports]
        by_grid[grid].over_cap = above


def has_target(plan: Plan) -> bool:
    """Whether the unit has handed down a target for the plan's grid and month."""
    return Target.objects.filter(grid=plan.grid_id, month=plan.month).exists()


def is_carried(step: ActionStep) -> bool:
    """Whether the step is last month's and still unfinished, so that it owes an improvement measure (S2)."""
    return step.carried_from is not None and step.carried_from.done_on is None and step.done_on is None


def _step_errors(steps: list[ActionStep]) -> list[Problem]:
    missing = [step.what for step in steps if is_carried(step) and not step.improvement.strip()]
    text = _("Last month's unfinished step “%(step)s” needs an improvement measure.")
    return [Problem(text % {"step": what}, error=True) for what in missing]


def _sum_errors(plan: Plan, shares: list[ProjectShare]) -> list[Problem]:
    total = sum(share.net_adds for share in shares)
    if plan.net_adds is None or total + plan.shortfall == plan.net_adds:
        return []
    text = _("The shares add up to %(total)d, but the net-add target is %(target)d: change a figure set by hand.")
    return [Problem(text % {"total": total, "target": plan.net_adds}, error=True)]


def _hints(facts: Facts) -> list[Problem]:
    plan, steps, shares = facts.plan, facts.steps, facts.shares
    found = []
    if not facts.has_target:
        found.append(_("The unit has not handed down a target for this month yet."))
    if plan.net_adds is None:
        found.append(_("There is no net-add goal, so nothing is split."))
    if plan.shortfall:
        text = _("%(number)d net adds find no free port in any project.")
        found.append(text % {"number": plan.shortfall})
    if over := facts.over_cap:
        text = ngettext(
            "%(number)d project has more set by hand than it has free ports: %(projects)s",
            "%(number)d projects have more set by hand than they have free ports: %(projects)s",
            len(over),
        )
        named = "、".join(over[:NAMED]) + ("…" if len(over) > NAMED else "")
        found.append(text % {"number": len(over), "projects": named})
    if plan.net_adds is not None and (without := sum(1 for share in shares if share.net_adds == 0)):
        text = ngettext("%(number)d project has no share.", "%(number)d projects have no share.", without)
        found.append(text % {"number": without})
    if not steps:
        found.append(_("There is no action step."))
    if unclear := sum(1 for step in steps if not step.who or not step.due_on):
        text = ngettext(
            "%(number)d step names no person or no date.", "%(number)d steps name no person or no date.", unclear
        )
        found.append(text % {"number": unclear})
    return [Problem(text) for text in found]


def _short_days(facts: Facts) -> list[Problem]:
    owed = facts.owed
    short = [day for day in Month.of(facts.plan.month).days if facts.held[day] < owed]
    if not short:
        return []
    named = "、".join(day_name(day) for day in short[:NAMED]) + ("…" if len(short) > NAMED else "")
    text = ngettext(
        "%(number)d day has fewer than %(owed)d promotion sessions: %(days)s",
        "%(number)d days have fewer than %(owed)d promotion sessions: %(days)s",
        len(short),
    )
    return [Problem(text % {"number": len(short), "owed": owed, "days": named})]
