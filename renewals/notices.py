"""Reminders of the renewal split: next month's warning lists made, and every contract on them with an agent (S7).

Asked of the database each hour; the key of a notice names its stage, so nobody is told twice. A constant number of
queries, however many grids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gridops.accounts.models import Grid, Membership, Role, Unit
from gridops.accounts.rulebook import rules_by_unit
from gridops.common.months import Month, due_date
from gridops.common.templatetags.gridops import month as month_name
from gridops.notices.registry import notice_kind
from gridops.notices.reminders import LATE, REMIND_RULES, countdown, in_lines, is_time, stage_of
from gridops.notices.services import Message, Say, notify_each
from renewals.models import WarningList
from renewals.notices_daily import messages
from renewals.notices_tasks import due_messages

DUE = notice_kind("renewals.due", gettext_lazy("The renewal split is due"))


@dataclass(frozen=True, slots=True)
class _Split:
    """A unit's renewal split of a month that is due or late: what is lacking in which grids."""

    unit: Unit
    month: Month
    due: date
    stage: str
    today: date
    lacking: Mapping[Grid, int | None]

    @property
    def url(self) -> str:
        """Where the month's lists are."""
        return reverse("renewals:lists") + f"?month={self.month}"


def remind(now: datetime) -> None:
    """Remind whoever is to be reminded now, in the caller's transaction."""
    if is_time(now):
        today = timezone.localdate(now)
        notify_each([*_due(today), *due_messages(today, Membership.objects.all()), *messages(now)])


def _due(today: date) -> Iterator[Message]:
    """The renewal split: specialists, managers, and the supervisor once it is late."""
    held, splits = Membership.objects.all(), list(_splits(today))
    if not splits:
        return
    managers = held.people_by_place(Role.GRID_MANAGER, today)
    specialists = held.people_by_place(Role.RENEWAL_SPECIALIST, today)
    supervisors = held.people_by_place(Role.SUPERVISOR, today)
    for split in splits:
        key = f"renewals-due:{split.unit.pk}:{split.month}:{split.stage}"
        people = {user.pk: user for user in specialists.get(split.unit.pk, ())}
        if split.stage == LATE:
            people |= {user.pk: user for user in supervisors.get(split.unit.pk, ())}
        yield from (Message(user, DUE, key, _of_unit(split), split.url) for user in people.values())
        if split.stage != LATE:
            for grid, pool in split.lacking.items():
                key = f"renewals-due:{split.month}:{split.stage}:grid-{grid.pk}"
                say = _of_grid(split, grid, pool)
                yield from (Message(user, DUE, key, say, split.url) for user in managers.get(grid.pk, ()))


def _splits(today: date) -> Iterator[_Split]:
    """Those of the running month and the next that have reached a stage and lack something."""
    units = {unit.pk: unit for unit in Unit.objects.with_grids()}
    rules = rules_by_unit(["warning_list_due_day", *REMIND_RULES], units.values())
    for month in (Month.of(today), Month.of(today).plus(1)):
        due = {pk: due_date(month, rules[pk]["warning_list_due_day"]) for pk in units}
        stages = {pk: stage for pk in units if (stage := stage_of(due[pk], today, rules[pk]))}
        grids = Grid.objects.filter(unit__in=stages).order_by("name") if stages else Grid.objects.none()
        lacking = WarningList.objects.unsettled(grids, month.first)
        for pk, stage in stages.items():
            found = {grid: lacking[grid.pk] for grid in grids if grid.unit_id == pk and grid.pk in lacking}
            if found:
                yield _Split(units[pk], month, due[pk], stage, today, found)


def _of_unit(split: _Split) -> Say:
    def say() -> tuple[str, str]:
        values = {
            "month": month_name(split.month.first),
            "place": split.unit.name,
            "left": countdown(split.due, split.today),
        }
        lines = (f"{grid.name} · {_lacks(pool)}" for grid, pool in split.lacking.items())
        return _("Renewal split for %(month)s, %(place)s: %(left)s") % values, in_lines(lines)

    return say


def _of_grid(split: _Split, grid: Grid, pool: int | None) -> Say:
    def say() -> tuple[str, str]:
        values = {
            "month": month_name(split.month.first),
            "place": grid.name,
            "left": countdown(split.due, split.today),
        }
        return _("Renewal split for %(month)s, %(place)s: %(left)s") % values, _lacks(pool)

    return say


def _lacks(pool: int | None) -> str:
    if pool is None:
        return _("the warning list has not been made yet")
    text = ngettext("%(count)s contract has no agent", "%(count)s contracts have no agent", pool)
    return text % {"count": pool}
