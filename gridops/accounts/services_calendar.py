"""Which days are worked, who is away, whether somebody looks after a grid; holidays and leaves as they are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from gridops.accounts.models import Absence, Holiday, Membership, Role, User
from gridops.accounts.querysets import UserQuerySet
from gridops.common.templatetags.gridops import day as day_name
from gridops.common.workdays import Calendar

LONGEST_BREAK = 30  # days; no run of days off is longer
LAST_MONTH = 12


class LeaveRefused(Exception):
    """A leave can't be entered; the text says why."""


def calendar(first: date, last: date) -> Calendar:
    """The working days from ``first`` to ``last``; one query. Where nothing is entered: Monday to Friday."""
    rows = Holiday.objects.filter(day__gte=first, day__lte=last)
    return Calendar(dict(rows.values_list("day", "is_workday")))


def workday_after(day: date, days: int) -> date:
    """The day ``days`` working days after ``day``, public holidays heeded."""
    return calendar(day, day + timedelta(days=3 * days + LONGEST_BREAK)).after(day, days)


def away(user_ids: Iterable[int], first: date, last: date) -> dict[int, set[date]]:
    """Person -> the days from ``first`` to ``last`` on which they are on leave; one query."""
    found: dict[int, set[date]] = {}
    rows = Absence.objects.overlapping(first, last).filter(user__in=list(user_ids))
    for user, starts_on, ends_on in rows.values_list("user", "starts_on", "ends_on"):
        found.setdefault(user, set()).update(_days(max(first, starts_on), min(last, ends_on)))
    return found


def manned(grids: Collection[int], first: date, last: date, today: date) -> dict[int, set[date]]:
    """Grid -> the days from ``first`` to ``last`` on which somebody manages it and is not on leave; two queries.

    A deputy counts as somebody. Who can't sign in any more is nobody from ``today`` on.
    """
    rows = (
        Membership.objects.overlapping(first, last)
        .filter(role=Role.GRID_MANAGER, grid__in=list(grids))
        .values_list("grid", "user", "starts_on", "ends_on", "user__is_active")
    )
    held = list(rows)
    leaves = away({user for _grid, user, *_ in held}, first, last)
    found: dict[int, set[date]] = {}
    for grid, user, starts_on, ends_on, is_active in held:
        until = min(last, ends_on or last, last if is_active else today - timedelta(days=1))
        days = set(_days(max(first, starts_on), until)) - leaves.get(user, set())
        found.setdefault(grid or 0, set()).update(days)
    return found


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@transaction.atomic
def add_leave(user: User, starts_on: date, ends_on: date, note: str, by: User) -> Absence:
    """Enter a leave, both days included. Refused in words where another one of this person overlaps."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two at once don't both find the days free
    if ends_on < starts_on:
        raise LeaveRefused(_("The last day lies before the first."))
    other = user.absences.overlapping(starts_on, ends_on).first()
    if other:
        about = {"first": day_name(other.starts_on), "last": day_name(other.ends_on)}
        raise LeaveRefused(_("There is a leave already from %(first)s until %(last)s.") % about)
    return Absence.objects.create(user=user, starts_on=starts_on, ends_on=ends_on, note=note, made_by=by)


def end_leave(row: Absence) -> bool:
    """Take back a leave that has not begun; one that runs ends yesterday. False for one that is over: it stands."""
    today = timezone.localdate()
    if row.ends_on < today:
        return False
    if row.starts_on >= today:
        row.delete()
    else:
        row.ends_on = today - timedelta(days=1)
        row.save(update_fields=["ends_on"])
    return True


def without_deputy(user: User, starts_on: date, ends_on: date) -> bool:
    """Whether somebody manages grids and nobody stands in on some day of this time."""
    rows = Membership.objects.overlapping(starts_on, ends_on).filter(role=Role.GRID_MANAGER)
    own = set(rows.own().filter(user=user).values_list("grid", flat=True))
    if not own:
        return False
    there: dict[int, set[date]] = {}
    others = rows.filter(grid__in=own).exclude(user=user)
    for grid, first, last in others.values_list("grid", "starts_on", "ends_on"):
        there.setdefault(grid or 0, set()).update(_days(max(first, starts_on), min(last or ends_on, ends_on)))
    return any(set(_days(starts_on, ends_on)) - there.get(grid or 0, set()) for grid in own)


def people_on_leave(user: User, today: date) -> UserQuerySet:
    """For whom ``user`` may enter a leave: themselves; a supervisor for the unit's people, an admin for anybody."""
    if user.scope.everything:
        everybody: UserQuerySet = User.objects.filter(is_active=True)
        return everybody
    me = Q(pk=user.pk)
    if user.scope.has(Role.SUPERVISOR):
        held = Membership.objects.lasting(today).exclude(role=Role.AGENT_STAFF)
        units = held.filter(Q(unit__in=user.scope.unit_ids) | Q(grid__unit__in=user.scope.unit_ids))
        me |= Q(pk__in=units.values("user"))
    people: UserQuerySet = User.objects.filter(me, is_active=True)
    return people


# --- Holidays ---


@transaction.atomic
def set_holidays(days: Sequence[Holiday], *, replaced_year: int | None = None) -> int:
    """Enter ``days``, over what was entered for them; of ``replaced_year`` nothing else stays. How many changed."""
    held = {row.day: row for row in Holiday.objects.select_for_update()}
    changed = 0
    for day in days:
        old = held.get(day.day)
        if old is None or (old.name, old.is_workday) != (day.name, day.is_workday):
            day.save(force_insert=old is None)
            changed += 1
    named = {day.day for day in days}
    for row in held.values():
        if row.day.year == replaced_year and row.day not in named:
            row.delete()
            changed += 1
    return changed


def years_without_holidays(today: date) -> list[int]:
    """The running year, and in December the next one, where nothing is entered: the State Council decides in autumn."""
    wanted = [today.year, *([today.year + 1] if today.month == LAST_MONTH else [])]
    held = {day.year for day in Holiday.objects.filter(day__year__in=wanted).values_list("day", flat=True)}
    return [year for year in wanted if year not in held]
