"""What is due this month and what waits, per role: the first page's list, in the handbook's order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk import channels
from desk.channels import ChannelsAgenda
from desk.items import DONE, DUE, LATE, ORDER, WAITING, Item, standing
from desk.plans import PlansAgenda
from desk.projects import ProjectsAgenda
from desk.renewals import RenewalsAgenda, of_agent_staff
from gridops.accounts.models import Grid, Role, Unit, User
from gridops.accounts.rulebook import rules_of
from gridops.accounts.services_calendar import years_without_holidays
from gridops.common.months import Month, due_date
from gridops.common.templatetags.gridops import month as month_name
from gridops.jobs.calendar import alarms
from gridops.workbooks.models import Batch
from plans.models import ActionStep, Plan, Target
from plans.pages import overview
from promotions.models import Session
from renewals.models import WarningList

ALARMS_SHOWN = 5


def agenda(user: User, today: date) -> list[Item]:
    """Everything that concerns ``user`` on ``today``: what is late first, what is done last."""
    items: list[Item] = []
    if user.scope.has(Role.GRID_MANAGER):
        items += _for_manager(user, today)
    if user.scope.has(Role.SUPERVISOR):
        items += _for_supervisor(user, today)
    if user.scope.has(Role.RENEWAL_SPECIALIST):
        items += _for_specialist(user, today)
    if user.scope.has(Role.AGENT_STAFF):
        items += of_agent_staff(user, today)
        items += channels.of_agent_staff(user)
    if user.scope.has(Role.ADMIN):
        items += _for_admin(today)
    return sorted(items, key=lambda item: ORDER.index(item.state))


def _by_grid(rows: QuerySet[Any, Any], path: str = "grid") -> dict[int, int]:
    """How many of ``rows`` each grid has."""
    return dict(rows.order_by().values_list(path).annotate(Count("pk")))


def _for_manager(user: User, today: date) -> Iterator[Item]:
    grids = list(Grid.objects.managed_by(user, today).select_related("unit"))
    this, following = Month.of(today), Month.of(today).plus(1)
    plans = _plans(grids, this, following)
    late = _returned_late(user, plans, today)
    lists = WarningList.objects.filter(grid__in=grids, month=following.first).counts_by_grid()
    held = _by_grid(Session.objects.filter(grid__in=grids, day=today))
    steps = ActionStep.objects.open_in(this.first).filter(plan__grid__in=grids).order_by()
    counted = steps.values_list("plan__grid", "plan").annotate(Count("pk"))
    open_steps = {grid: (plan, number) for grid, plan, number in counted}
    here = {grid.pk: grid for grid in grids}
    projects, asked = ProjectsAgenda(here, today), PlansAgenda(here, today)
    renewals, outlets = RenewalsAgenda(here, today, managed=True), ChannelsAgenda(here, today)
    names = ["plan_due_day", "warning_list_due_day", "sessions_per_day", "ledger_urgent_days"]
    rules = {unit: rules_of(names, unit) for unit in {grid.unit for grid in grids}}
    for grid in grids:
        days = rules[grid.unit]
        running = plans.get((grid.pk, this.first))
        if running and running.state not in (Plan.State.APPROVED, Plan.State.SUPERSEDED):
            yield _plan_item(grid, this, running, due_date(this, days["plan_due_day"]), today, late)
        coming = plans.get((grid.pk, following.first))
        yield _plan_item(grid, following, coming, due_date(following, days["plan_due_day"]), today, late)
        yield _list_item(grid, following, lists.get(grid.pk), due_date(following, days["warning_list_due_day"]), today)
        planned = held.get(grid.pk, 0)
        yield Item(
            _("Promotion sessions today · %(grid)s") % {"grid": grid},
            _("%(planned)s of %(owed)s planned") % {"planned": planned, "owed": days["sessions_per_day"]},
            DONE if planned >= days["sessions_per_day"] else DUE,
            _plan_url(running, this) + ("#timetable" if running else ""),
            today,
        )
        yield from outlets.of_grid(grid)
        yield from renewals.of_grid(grid)
        if grid.pk in open_steps:
            yield _steps_item(grid, this, *open_steps[grid.pk])
        yield from asked.of_grid(grid)
        yield from projects.of_grid(grid, days["ledger_urgent_days"])
    yield from outlets.of_user(user)


def _plans(grids: list[Grid], *months: Month) -> dict[tuple[int, date], Plan]:
    """By grid and first day of the month: the newest revision."""
    rows = Plan.objects.filter(grid__in=grids, month__in=[month.first for month in months]).order_by("revision")
    return {(plan.grid_id, plan.month): plan for plan in rows}


def _plan_url(plan: Plan | None, month: Month) -> str:
    """The plan's page; without a plan, where the plans of the month are listed."""
    return reverse("plans:plan", args=[plan.pk]) if plan else reverse("plans:list") + f"?month={month}"


def _steps_item(grid: Grid, month: Month, plan: int, number: int) -> Item:
    """Steps of the running month's plan that are not done."""
    words = ngettext("%(count)s step is not done yet", "%(count)s steps are not done yet", number)
    title = _("This month's plan · %(grid)s") % {"grid": grid}
    return Item(
        title, words % {"count": number}, DUE, reverse("plans:progress", args=[plan]) + "#steps-now", month.last
    )


def _returned_late(user: User, plans: dict[tuple[int, date], Plan], today: date) -> set[int]:
    """Returned plans that were never handed in on time: asked only for months that have a returned one."""
    back = {(grid, first): plan.pk for (grid, first), plan in plans.items() if plan.state == Plan.State.RETURNED}
    months = {first for _grid, first in back}
    states = [(first, state) for first in months for state in overview(user, Month.of(first), today) if state.late]
    return {back[state.grid.pk, first] for first, state in states if (state.grid.pk, first) in back}


def _plan_item(grid: Grid, month: Month, plan: Plan | None, due: date, today: date, late: set[int]) -> Item:
    title = _("Monthly plan for %(month)s · %(grid)s") % {"month": month_name(month.first), "grid": grid}
    if plan is None:
        return Item(title, _("not drafted yet"), standing(due, today), _plan_url(None, month), due)
    if plan.revision > 1 and plan.is_editable:
        # The plan that it revises was handed in and holds: a revision is never late.
        return Item(title, _("a revision is in work: submit it"), DUE, _plan_url(plan, month))
    words = {
        Plan.State.DRAFT: _("drafted: complete and submit it"),
        Plan.State.RETURNED: _("returned: mend it and submit it again"),
        Plan.State.SUBMITTED: _("submitted: waits for the supervisor"),
        Plan.State.APPROVED: _("approved"),
        Plan.State.SUPERSEDED: _("superseded"),
    }
    state = WAITING if plan.state == Plan.State.SUBMITTED else standing(due, today, done=not plan.is_editable)
    if plan.state == Plan.State.RETURNED and plan.pk not in late:
        state = DUE  # it was handed in on time
    return Item(title, words[Plan.State(plan.state)], state, _plan_url(plan, month), due)


def _list_item(grid: Grid, month: Month, counts: tuple[int, int, int] | None, due: date, today: date) -> Item:
    title = _("Warning list for %(month)s · %(grid)s") % {"month": month_name(month.first), "grid": grid}
    if counts is None:
        return Item(title, _("not made yet"), standing(due, today), reverse("renewals:lists") + f"?month={month}", due)
    pk, listed, pool = counts
    return Item(
        title, _expiring(listed, pool), standing(due, today, done=not pool), reverse("renewals:list", args=[pk]), due
    )


def _expiring(listed: int, pool: int) -> str:
    """How many contracts expire, and how many of them are nobody's."""
    text = ngettext("%(count)s contract expires", "%(count)s contracts expire", listed) % {"count": listed}
    return f"{text} · " + _("%(count)s without an agent") % {"count": pool} if pool else text


def _for_supervisor(user: User, today: date) -> Iterator[Item]:
    this, following = Month.of(today), Month.of(today).plus(1)
    units = list(Unit.objects.served_by(user, Role.SUPERVISOR, today))
    here = {grid.pk: grid for grid in Grid.objects.filter(unit__in=units)}
    projects, asked = ProjectsAgenda(here, today), PlansAgenda(here, today)
    renewals, outlets = RenewalsAgenda(here, today, managed=False), ChannelsAgenda(here, today)
    for unit in units:
        days = rules_of(["plan_due_day", "ledger_urgent_days"], unit)
        due_day = days["plan_due_day"]
        grids = unit.grids.count()
        # What the running month's plans still owe stays on the list; what they have is nobody's work any more.
        yield from (
            item for item in _plans_of_unit(unit, grids, this, due_date(this, due_day), today) if item.state != DONE
        )
        yield from _plans_of_unit(unit, grids, following, due_date(following, due_day), today)
        targets = Target.objects.filter(grid__unit=unit, month=following.first).count()
        due = due_date(following, due_day)
        yield Item(
            _("Targets handed down for %(month)s · %(unit)s") % {"month": month_name(following.first), "unit": unit},
            _("%(count)s of %(all)s grids") % {"count": targets, "all": grids},
            standing(due, today, done=targets >= grids),
            reverse("plans:targets") + f"?month={following}",
            due,
        )
        yield from renewals.of_unit(unit, decides=False)
        yield from outlets.of_unit(unit)
        yield from asked.of_unit(unit)
        yield from projects.of_unit(unit, days["ledger_urgent_days"])


def _plans_of_unit(unit: Unit, grids: int, month: Month, due: date, today: date) -> Iterator[Item]:
    """What waits for review, and how many grids have handed in; of the running month, of those that have a plan."""
    of_unit = Plan.objects.filter(grid__unit=unit, month=month.first)
    if month == Month.of(today):
        grids = of_unit.values("grid").distinct().count()
    waiting = of_unit.filter(state=Plan.State.SUBMITTED).count()
    handed_in = of_unit.handed_in().values("grid").distinct().count()
    inbox = reverse("plans:inbox") + f"?month={month}"
    about = {"month": month_name(month.first), "unit": unit}
    yield Item(
        _("Plans to review for %(month)s · %(unit)s") % about,
        ngettext("%(count)s plan waits for you", "%(count)s plans wait for you", waiting) % {"count": waiting},
        DUE if waiting else DONE,
        inbox,
    )
    yield Item(
        _("Plans handed in for %(month)s · %(unit)s") % about,
        _("%(count)s of %(all)s grids") % {"count": handed_in, "all": grids},
        standing(due, today, done=handed_in >= grids),
        inbox,
        due,
    )


def _for_specialist(user: User, today: date) -> Iterator[Item]:
    following = Month.of(today).plus(1)
    units = list(Unit.objects.served_by(user, Role.RENEWAL_SPECIALIST, today))
    here = {grid.pk: grid for grid in Grid.objects.filter(unit__in=units)}
    renewals = RenewalsAgenda(here, today, managed=False)
    for unit in units:
        yield from renewals.of_unit(unit, decides=True)
        due = due_date(following, rules_of(["warning_list_due_day"], unit)["warning_list_due_day"])
        grids = list(unit.grids.all())
        lists = WarningList.objects.filter(grid__in=grids, month=following.first).counts_by_grid()
        listed, pool = sum(n for _pk, n, _pool in lists.values()), sum(n for _pk, _n, n in lists.values())
        detail = _("%(lists)s of %(all)s grids have their list") % {"lists": len(lists), "all": len(grids)}
        if lists:
            detail += " · " + _expiring(listed, pool)
        yield Item(
            _("Warning lists for %(month)s · %(unit)s") % {"month": month_name(following.first), "unit": unit},
            detail,
            standing(due, today, done=len(lists) == len(grids) and not pool),
            reverse("renewals:lists") + f"?month={following}",
            due,
        )


def _for_admin(today: date) -> Iterator[Item]:
    for year in years_without_holidays(today):
        title = _("Public holidays of %(year)s") % {"year": year}
        yield Item(title, _("none are entered: every weekday counts as worked"), DUE, reverse("accounts:holidays"))
    runs = reverse("jobs:runs")
    wrong = alarms()
    for alarm in wrong[:ALARMS_SHOWN]:
        yield Item(_("Scheduled runs"), str(alarm), LATE, runs)
    if (more := len(wrong) - ALARMS_SHOWN) > 0:
        yield Item(_("Scheduled runs"), _("and %(n)s more") % {"n": more}, LATE, runs)
    waiting = Batch.objects.waiting().count()
    yield Item(
        _("Imports"),
        ngettext("%(count)s import waits for a decision", "%(count)s imports wait for a decision", waiting)
        % {"count": waiting},
        WAITING if waiting else DONE,
        reverse("workbooks:list"),
    )
    new = User.objects.filter(is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX).count()
    yield Item(
        _("People"),
        ngettext("%(count)s person has no password yet", "%(count)s people have no password yet", new) % {"count": new},
        WAITING if new else DONE,
        reverse("accounts:people"),
    )
