"""Reminders: targets not handed down, plans not handed in or left lying, steps that are due, deputies (S1, O2).

Asked of the database each hour. Every notice has a key that names its stage or day, so that asking again, or after a
stand-still, tells nobody twice and forgets nobody. A constant number of queries, however many grids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridops.accounts.models import Grid, Membership, Role, Unit, User
from gridops.accounts.rulebook import rules_by_unit
from gridops.common.months import Month, due_date
from gridops.common.templatetags.gridops import day as day_name
from gridops.common.templatetags.gridops import month as month_name
from gridops.notices.reminders import (
    REMIND_RULES,
    TODAY,
    countdown,
    in_lines,
    is_escalated,
    is_time,
    stage_of,
)
from gridops.notices.services import Message, Say, notify_each
from plans.models import ActionStep, Plan, Target
from plans.notices import DEPUTY, DUE, LATE, STEPS

People = Mapping[int, list[User]]


def remind(now: datetime) -> None:
    """Remind whoever is to be reminded now, in the caller's transaction."""
    if not is_time(now):
        return
    today = timezone.localdate(now)
    about = _About.load(today)
    notify_each(
        [
            *_targets(about),
            *_not_handed_in(about),
            *_left_lying(about, now),
            *_steps(about),
            *_deputies(today),
        ]
    )


@dataclass(slots=True)
class _About:
    """Territory, its rules, and who answers for it."""

    today: date
    units: dict[int, Unit]
    rules: Mapping[int | None, Mapping[str, int]]
    managers: People
    supervisors: People
    grids: dict[int, list[Grid]] = field(default_factory=dict)

    @classmethod
    def load(cls, today: date) -> _About:
        units = {unit.pk: unit for unit in Unit.objects.with_grids()}
        held = Membership.objects.all()
        about = cls(
            today,
            units,
            rules_by_unit(["plan_due_day", *REMIND_RULES], units.values()),
            held.people_by_place(Role.GRID_MANAGER, today),
            held.people_by_place(Role.SUPERVISOR, today),
        )
        for grid in Grid.objects.order_by("name"):
            about.grids.setdefault(grid.unit_id, []).append(grid)
        return about

    @property
    def months(self) -> tuple[Month, Month]:
        """The running month, whose plans may be late, and the next, whose plans are due."""
        return Month.of(self.today), Month.of(self.today).plus(1)


# --- Targets not handed down ---


def _targets(about: _About) -> Iterator[Message]:
    """Supervisors, as long as plans can still follow: before the plans are due, and on that day."""
    month = about.months[1]
    have = set(Target.objects.filter(month=month.first).values_list("grid", flat=True))
    for unit in about.units.values():
        due = due_date(month, about.rules[unit.pk]["plan_due_day"])
        stage = stage_of(due, about.today, about.rules[unit.pk])
        missing = [grid for grid in about.grids[unit.pk] if grid.pk not in have]
        if stage and missing and due >= about.today:
            say, url = _without_target(unit, month, due, about, missing), reverse("plans:targets") + f"?month={month}"
            for user in about.supervisors.get(unit.pk, ()):
                yield Message(user, DUE, f"targets-due:{unit.pk}:{month}:{stage}", say, url)


def _without_target(unit: Unit, month: Month, due: date, about: _About, missing: list[Grid]) -> Say:
    def say() -> tuple[str, str]:
        words = ngettext("%(count)s grid has no target", "%(count)s grids have no target", len(missing))
        values = {
            "month": month_name(month.first),
            "unit": unit.name,
            "words": words % {"count": len(missing)},
            "left": countdown(due, about.today),
        }
        lines = in_lines(grid.name for grid in missing)
        return _("Targets for %(month)s, %(unit)s: %(words)s · %(left)s") % values, lines

    return say


# --- Plans not handed in ---


def _not_handed_in(about: _About) -> Iterator[Message]:
    """Managers before, on and after the due day; supervisors on it, and while something is late."""
    rows = Plan.objects.filter(month__in=[month.first for month in about.months])
    handed_in = set(rows.handed_in().values_list("month", "grid"))
    drafts = {(first, grid): pk for first, grid, pk in rows.in_work().values_list("month", "grid", "pk")}
    for unit in about.units.values():
        for month in about.months:
            missing = [grid for grid in about.grids[unit.pk] if (month.first, grid.pk) not in handed_in]
            if missing:
                yield from _to_managers(about, unit, month, missing, drafts)
                yield from _to_supervisors(about, unit, month, missing)


def _to_managers(
    about: _About, unit: Unit, month: Month, missing: list[Grid], drafts: Mapping[tuple[date, int], int]
) -> Iterator[Message]:
    due = due_date(month, about.rules[unit.pk]["plan_due_day"])
    stage = stage_of(due, about.today, about.rules[unit.pk])
    if not stage:
        return
    for grid in missing:
        draft = drafts.get((month.first, grid.pk))
        url = reverse("plans:plan", args=[draft]) if draft else reverse("plans:list") + f"?month={month}"
        say = _plan_due(grid, month, due, about.today)
        for user in about.managers.get(grid.pk, ()):
            yield Message(user, DUE, f"plan-due:{grid.pk}:{month}:{stage}", say, url)


def _plan_due(grid: Grid, month: Month, due: date, today: date) -> Say:
    def say() -> tuple[str, str]:
        about = {"month": month_name(month.first), "grid": grid.name, "left": countdown(due, today)}
        title = _("Plan for %(month)s, %(grid)s: %(left)s") % about
        return title, _("It has not been handed in yet. It is due by the end of %(day)s.") % {"day": day_name(due)}

    return say


def _to_supervisors(about: _About, unit: Unit, month: Month, missing: list[Grid]) -> Iterator[Message]:
    due = due_date(month, about.rules[unit.pk]["plan_due_day"])
    if stage_of(due, about.today, about.rules[unit.pk]) == TODAY:
        key = f"plans-due:{unit.pk}:{month}"
    elif is_escalated(due, about.today, about.rules[unit.pk]):
        key = f"plans-late:{unit.pk}:{month}:{about.today}"
    else:
        return
    url, say = reverse("plans:inbox") + f"?month={month}", _missing(unit, month, due, about, missing)
    for user in about.supervisors.get(unit.pk, ()):
        yield Message(user, LATE, key, say, url)


def _missing(unit: Unit, month: Month, due: date, about: _About, missing: list[Grid]) -> Say:
    def say() -> tuple[str, str]:
        number = len(missing)
        words = ngettext("%(count)s plan is missing", "%(count)s plans are missing", number) % {"count": number}
        values = {"month": month_name(month.first), "unit": unit.name, "words": words}
        lines = in_lines(_with_manager(grid, about.managers) for grid in missing)
        title = _("Plans for %(month)s, %(unit)s: %(words)s") % values
        return f"{title} · {countdown(due, about.today)}", lines

    return say


def _with_manager(grid: Grid, managers: People) -> str:
    names = "、".join(user.name for user in managers.get(grid.pk, ()))
    return f"{grid.name} · {names or _('no manager')}"


# --- Plans that nobody touches ---


def _left_lying(about: _About, now: datetime) -> Iterator[Message]:
    """Returned plans, to their managers, once a return; plans waiting for review, to supervisors, once a day."""
    rows = Plan.objects.filter(month__gte=about.months[0].first, grid__unit__in=about.units)
    lying = rows.filter(state__in=[Plan.State.RETURNED, Plan.State.SUBMITTED]).select_related("grid").order_by("grid")
    waiting: dict[int, list[Plan]] = defaultdict(list)
    for plan in lying:
        days = timedelta(days=about.rules[plan.grid.unit_id]["remind_waiting_days"])
        returned = plan.state == Plan.State.RETURNED
        since = plan.reviewed_at if returned else plan.submitted_at
        if since is None or since > now - days:
            continue
        if returned:
            key, url = f"plan-returned:{plan.pk}:{since:%Y%m%d%H%M%S}", reverse("plans:plan", args=[plan.pk])
            for user in about.managers.get(plan.grid_id, ()):
                yield Message(user, DUE, key, _returned(plan, since), url)
        else:
            waiting[plan.grid.unit_id].append(plan)
    for unit, plans in waiting.items():
        url = reverse("plans:inbox") + f"?month={Month.of(min(plan.month for plan in plans))}"
        for user in about.supervisors.get(unit, ()):
            yield Message(user, LATE, f"plans-waiting:{unit}:{about.today}", _waiting(about.units[unit], plans), url)


def _returned(plan: Plan, since: datetime) -> Say:
    def say() -> tuple[str, str]:
        values = {"grid": plan.grid.name, "month": month_name(plan.month)}
        body = _("It was returned on %(day)s and waits for your answer.")
        title = _("Plan returned and not answered: %(grid)s, %(month)s") % values
        return title, body % {"day": day_name(timezone.localdate(since))}

    return say


def _waiting(unit: Unit, plans: list[Plan]) -> Say:
    def say() -> tuple[str, str]:
        words = ngettext("%(count)s plan waits for review", "%(count)s plans wait for review", len(plans))
        return unit.name + _(": ") + words % {"count": len(plans)}, in_lines(
            f"{plan.grid.name} · {month_name(plan.month)}" for plan in plans
        )

    return say


# --- Steps of the running plan ---


def _steps(about: _About) -> Iterator[Message]:
    """Steps due tomorrow or overdue: one notice a day and grid, to its managers."""
    tomorrow = about.today + timedelta(days=1)
    rows = ActionStep.objects.open_in(Month.of(about.today).first, Month.of(tomorrow).first)
    by_plan: dict[tuple[int, int], list[tuple[date, str]]] = defaultdict(list)
    for grid, plan, due, what in (
        rows.filter(due_on__lte=tomorrow).order_by("due_on", "pk").values_list("plan__grid", "plan", "due_on", "what")
    ):
        if due:
            by_plan[grid, plan].append((due, what))
    for (grid, plan), steps in by_plan.items():
        url, key = reverse("plans:progress", args=[plan]) + "#steps-now", f"steps:{plan}:{about.today}"
        for user in about.managers.get(grid, ()):
            yield Message(user, STEPS, key, _steps_due(steps, about.today), url)


def _steps_due(steps: list[tuple[date, str]], today: date) -> Say:
    def say() -> tuple[str, str]:
        late = sum(1 for due, _what in steps if due < today)
        soon = len(steps) - late
        told = [
            words % {"count": number}
            for number, words in (
                (late, ngettext("%(count)s step is late", "%(count)s steps are late", late)),
                (soon, ngettext("%(count)s step is due by tomorrow", "%(count)s steps are due by tomorrow", soon)),
            )
            if number
        ]
        return _("Plan: %(steps)s") % {"steps": " · ".join(told)}, in_lines(
            f"{day_name(due)} · {what}" for due, what in steps
        )

    return say


# --- Deputies ---


def _deputies(today: date) -> Iterator[Message]:
    """Who stands in for somebody learns of it when the time begins."""
    rows = Membership.objects.current(today).deputyships().select_related("user", "stands_in_for", "unit", "grid")
    for row in rows.filter(user__is_active=True):
        yield Message(row.user, DEPUTY, f"deputy:{row.pk}", _stands_in(row), reverse("accounts:deputies"))


def _stands_in(row: Membership) -> Say:
    def say() -> tuple[str, str]:
        away = row.stands_in_for.name if row.stands_in_for else ""
        title = _("You stand in for %(name)s until %(day)s") % {"name": away, "day": day_name(row.ends_on)}
        return title, f"{row.get_role_display()} · {row.grid or row.unit}"

    return say
