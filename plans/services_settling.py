"""The end of a month: what became of goals and shares is written into the plan, what fell short is owed (S1, S2).

Figures come late: settling is done again, for as long as the next month's plan is not settled itself.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from gridops.accounts.models import Grid, Membership, Unit, User
from gridops.common.bulk import copy_rows
from gridops.common.months import Month
from gridops.common.templatetags.gridops import month as month_name
from gridops.jobs.run import Run, describe
from gridops.jobs.services import start
from gridops.workbooks.dialect import update_many
from gridops.workbooks.models import Batch, Row
from plans.carry_over import Grids, unfinished_steps
from plans.models import GOALS, ActionStep, Outcome, Plan, PlanEvent, ProjectShare, goal_label
from plans.results import Result, results_of, results_of_projects
from plans.services import Refused, may_review
from plans.workflow import EDITABLE
from projects.models import DailyResult, MonthlyIndicator

log = logging.getLogger(__name__)

KIND = "plans.settle"
OUTCOME_COLUMNS = ("plan_id", "goal", "planned", "done", "source", "as_of", "missing")
STEP_COLUMNS = ("plan_id", "what", "project_id", "who", "measure", "carried_from_id", "improvement", "goal")
EVENT_COLUMNS = ("plan_id", "action", "by_id", "at", "reason", "late")


class MonthNotOver(ValueError):
    """What became of a month is known when it is over."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one goal of a plan."""

    plan: int
    goal: str
    planned: Decimal
    done: Decimal | None
    source: str = ""
    as_of: date | None = None
    missing: int = 0

    @property
    def short(self) -> Decimal:
        """What the result lacks; 0 when it is reached or not known."""
        return max(self.planned - self.done, Decimal(0)) if self.done is not None else Decimal(0)


def settle_unit(month: Month, unit: Unit, run: Run) -> None:
    """Settle the approved plans of ``unit`` for ``month``; a grid whose data break is a fault of the run, no more."""
    now = timezone.now()
    if timezone.localdate(now) <= month.last:
        raise MonthNotOver(str(month))
    with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
        run.fence()
        Unit.objects.held(unit.pk)  # settling and drafting of a unit come one after the other
        grids = Grid.objects.filter(unit=unit)
        try:
            with transaction.atomic():
                settle(grids, month, now)
        except OperationalError:
            raise
        except Exception as error:
            log.error("settling unit %s for %s fails, trying grid by grid: %s", unit.pk, month, describe(error))
            _grid_by_grid(list(grids.order_by("pk")), month, now, run)


def _grid_by_grid(grids: list[Grid], month: Month, now: datetime, run: Run) -> None:
    for number, grid in enumerate(grids):
        run.progress(number, len(grids), "grids")
        try:
            with transaction.atomic():
                settle(Grid.objects.filter(pk=grid.pk), month, now)
        except OperationalError:
            raise
        except Exception as error:
            run.fault(grid.name, describe(error))


def settle_again(plan: Plan, by: User, *, now: datetime) -> None:
    """Bring the outcome of one plan up to date with figures that came since."""
    month = Month.of(plan.month)
    if not may_review(by, plan):
        raise Refused(_("Only a supervisor of the unit settles its plans."))
    if timezone.localdate(now) <= month.last:
        raise Refused(_("A plan is settled when its month is over."))
    with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
        Unit.objects.held(plan.grid.unit_id)
        done = settle(Grid.objects.filter(pk=plan.grid_id), month, now, by)
    if not done:
        raise Refused(_("Nothing to settle: the plan is not approved, or the next month's is settled already."))


def to_settle(month: Month) -> QuerySet[Plan, Plan]:
    """The plans of ``month`` that can be settled, also again: the approved ones, until the next month's is settled."""
    following = Plan.objects.filter(grid=OuterRef("grid"), month=month.plus(1).first, settled_at__isnull=False)
    return Plan.objects.filter(~Exists(following), month=month.first, state=Plan.State.APPROVED)


def settle(grids: Grids, month: Month, now: datetime, by: User | None = None) -> int:
    """Settle the approved plans of ``grids`` in the caller's transaction; returns how many. Constant queries."""
    today = timezone.localdate(now)
    ours = to_settle(month).filter(grid__in=grids).order_by("pk")
    plans = list(ours.select_for_update(of=("self",), no_key=True))  # before their rows, as everybody does
    if not plans:
        return 0
    results = results_of(grids, month, today)
    found = [one for plan in plans for one in _outcomes(plan, results.get(plan.grid_id, {}))]
    ids = [plan.pk for plan in plans]
    Outcome.objects.filter(plan__in=ids).delete()
    rows = [(one.plan, one.goal, one.planned, one.done, one.source, one.as_of, one.missing) for one in found]
    copy_rows(Outcome._meta.db_table, OUTCOME_COLUMNS, rows)
    update_many(ProjectShare, "id", ["done"], _moved_shares(ids, results_of_projects(grids, month, today)))
    _fell_short(ids, found, month, today)
    settled = PlanEvent.Action.SETTLED.value
    told = [plan for plan in plans if plan.settled_at is None or by is not None]
    events = [(plan.pk, settled, by.pk if by else None, now, "", False) for plan in told]
    copy_rows(PlanEvent._meta.db_table, EVENT_COLUMNS, events)
    Plan.objects.filter(pk__in=ids).update(settled_at=now)
    carry_into_next(grids, month, today)
    return len(plans)


def _outcomes(plan: Plan, results: dict[str, Result]) -> list[Settled]:
    found = []
    for goal in GOALS:
        planned, result = getattr(plan, goal), results.get(goal)
        if planned is None:
            continue
        if result is None:
            found.append(Settled(plan.pk, goal, Decimal(planned), None))
            continue
        done = Decimal(str(round(result.value, 2)))
        missing = max(result.projects - result.reported, 0)
        found.append(Settled(plan.pk, goal, Decimal(planned), done, str(result.source), result.as_of, missing))
    return found


def _moved_shares(plans: list[int], results: dict[int, dict[str, Result]]) -> list[tuple[int, int | None]]:
    changed = []
    for pk, project, done in ProjectShare.objects.filter(plan__in=plans).values_list("pk", "project", "done"):
        result = results.get(project, {}).get("net_adds")
        now = round(result.value) if result else None
        if now != done:
            changed.append((pk, now))
    return changed


# --- What fell short is a line of the plan, and owed by the next ---


def _fell_short(plans: list[int], found: list[Settled], month: Month, today: date) -> None:
    lines = ActionStep.objects.filter(plan__in=plans, carried_from=None).exclude(goal="")
    have = {(line.plan_id, line.goal): line for line in lines}
    fresh: list[tuple[Any, ...]] = []
    changed: list[tuple[ActionStep, str, date | None, str]] = []
    for one in found:
        line, text = have.get((one.plan, one.goal)), _line(one, month)
        if line is None:
            if one.short:
                fresh.append((one.plan, text, None, "", "", None, "", one.goal))
        elif one.short and (line.what != text or line.done_on):
            changed.append((line, text, None, ""))
        elif one.done is not None and not one.short and not line.done_on:
            changed.append((line, line.what, today, _("Reached after all, by figures that came later")))
    copy_rows(ActionStep._meta.db_table, STEP_COLUMNS, fresh)
    update_many(ActionStep, "id", ["what", "done_on", "done_note"], [(line.pk, *values) for line, *values in changed])
    _say_so_in_copies({line.pk: (line.what, text) for line, text, *_rest in changed if line.what != text})


def _line(one: Settled, month: Month) -> str:
    values = {
        "month": month_name(month.first),
        "goal": goal_label(one.goal),
        "done": plain(one.done),
        "planned": plain(one.planned),
        "short": plain(one.short),
    }
    return (_("%(month)s: %(goal)s %(done)s of %(planned)s, %(short)s short") % values)[:200]


def plain(value: Decimal | None) -> str:
    """A number without zeros at its end."""
    if value is None:
        return ""
    return f"{value.quantize(Decimal(1)):f}" if value == value.to_integral_value() else f"{value.normalize():f}"


def _say_so_in_copies(texts: dict[int, tuple[str, str]]) -> None:
    """Plans still in the making that took a line over as it was say what it says now."""
    if not texts:
        return
    copies = ActionStep.objects.filter(carried_from__in=texts, plan__state__in=EDITABLE)
    stale = [row for row in copies if row.carried_from_id and row.what == texts[row.carried_from_id][0]]
    Plan.objects.filter(pk__in={row.plan_id for row in stale}).update(version=F("version") + 1)
    update_many(ActionStep, "id", ["what"], [(row.pk, texts[row.carried_from_id or 0][1]) for row in stale])


def carry_into_next(grids: Grids, month: Month, today: date) -> int:
    """Give the next month's plans that are still in the making what they lack of unfinished lines; returns how many.

    A plan that is handed in or approved stays as it is: the draft of the month after takes those lines up.
    """
    following = month.plus(1)
    open_ = Plan.objects.filter(grid__in=grids, month=following.first, state__in=EDITABLE)
    have = dict(open_.values_list("grid", "pk"))
    lacking = {grid: steps for grid, steps in unfinished_steps(grids, following, have).items() if grid in have}
    if not lacking:
        return 0
    wanted = Plan.objects.filter(pk__in=[have[grid] for grid in lacking], state__in=EDITABLE)
    wanted.update(version=F("version") + 1)
    still = set(wanted.values_list("pk", flat=True))  # handed in meanwhile: too late for this one
    names = Membership.objects.manager_names(grids, today)
    return copy_rows(
        ActionStep._meta.db_table,
        STEP_COLUMNS,
        [
            (have[grid], one.what, one.project, one.who or names.get(grid, ""), one.measure, one.step, "", one.goal)
            for grid, steps in lacking.items()
            if have[grid] in still
            for one in steps
        ],
    )


def outdated(month: Month) -> set[int]:
    """Units with an approved plan of ``month`` that is not settled yet, or whose figures have changed since."""
    by_unit: dict[int, list[Plan]] = defaultdict(list)
    for plan in to_settle(month).select_related("grid").prefetch_related("outcomes"):
        by_unit[plan.grid.unit_id].append(plan)
    units = set()
    for unit, plans in by_unit.items():
        try:
            if any(plan.settled_at is None for plan in plans) or _moved(plans, Grid.objects.filter(unit=unit), month):
                units.add(unit)
        except Exception as error:  # the others' months are closed all the same
            log.error("figures of unit %s for %s can't be read: %s", unit, month, describe(error))
    return units


def _moved(plans: list[Plan], grids: Grids, month: Month) -> bool:
    today = timezone.localdate()
    results = results_of(grids, month, today)
    for plan in plans:
        now = {
            (one.goal, one.done, one.source, one.as_of, one.missing) for one in _outcomes(plan, results[plan.grid_id])
        }
        if now != {(row.goal, row.done, row.source, row.as_of, row.missing) for row in plan.outcomes.all()}:
            return True
    return bool(_moved_shares([plan.pk for plan in plans], results_of_projects(grids, month, today)))


def settle_after_import(batch: Batch) -> None:
    """Figures of the last month came late: the plans that were settled without them are settled again, as a job."""
    month = Month.of(timezone.localdate()).plus(-1)
    changed = Row.objects.filter(batch=batch, state=Row.State.CHANGED).values("object_id")
    written = Q(pk__in=changed) | Q(created_batch=batch)
    rows: QuerySet[Any, Any] = (
        MonthlyIndicator.objects.filter(written, month=month.first)
        if batch.kind == "indicators"
        else DailyResult.objects.filter(written).of_month(month)
    )
    settled = to_settle(month).filter(settled_at__isnull=False)
    units = Unit.objects.filter(grids__in=rows.values("project__grid")).filter(grids__in=settled.values("grid"))
    for unit in units.distinct().order_by("pk"):
        start(KIND, key=f"{KIND}:{month}:unit-{unit.pk}:batch-{batch.pk}", month=month, unit=unit)
