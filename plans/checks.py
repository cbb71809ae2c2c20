"""What stands against submitting a plan, and what its manager should know before doing so (S1 to S6)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridops.accounts.models import Grid
from gridops.accounts.rulebook import rule
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


def problems(plan: Plan) -> list[Problem]:
    """Errors first, then what is worth a look."""
    steps, shares = list(plan.steps.select_related("carried_from")), list(plan.project_shares.all())
    return [*_step_errors(steps), *_sum_errors(plan, shares), *_hints(plan, steps, shares), *_short_days(plan)]


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


def _hints(plan: Plan, steps: list[ActionStep], shares: list[ProjectShare]) -> list[Problem]:
    found = []
    if not has_target(plan):
        found.append(_("The unit has not handed down a target for this month yet."))
    if plan.net_adds is None:
        found.append(_("There is no net-add goal, so nothing is split."))
    if plan.shortfall:
        text = _("%(number)d net adds find no free port in any project.")
        found.append(text % {"number": plan.shortfall})
    if over := _over_cap(plan, shares):
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


def _over_cap(plan: Plan, shares: list[ProjectShare]) -> list[str]:
    """Names of the projects whose share, set by hand, is above their free ports (S6)."""
    by_hand = {share.project_id: share.net_adds for share in shares if share.is_manual and share.net_adds > 0}
    if not by_hand:
        return []
    projects = figures_of(Grid.objects.filter(pk=plan.grid_id), Month.of(plan.month)).get(plan.grid_id, [])
    return [row.name for row in projects if by_hand.get(row.id, 0) > row.figures.free_ports]


def _short_days(plan: Plan) -> list[Problem]:
    owed = rule("sessions_per_day", plan.grid.unit)
    month = Month.of(plan.month)
    held = Counter(
        Session.objects.filter(grid=plan.grid_id, day__range=(month.first, month.last)).values_list("day", flat=True)
    )
    short = [day for day in month.days if held[day] < owed]
    if not short:
        return []
    named = "、".join(day_name(day) for day in short[:NAMED]) + ("…" if len(short) > NAMED else "")
    text = ngettext(
        "%(number)d day has fewer than %(owed)d promotion sessions: %(days)s",
        "%(number)d days have fewer than %(owed)d promotion sessions: %(days)s",
        len(short),
    )
    return [Problem(text % {"number": len(short), "owed": owed, "days": named})]
