"""Which days are worked, who is away, whether somebody looks after a grid; holidays and leaves as they are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from gridops.accounts.models import Absence, Holiday, Membership, Role, User
from gridops.common.templatetags.gridops import day as day_name
from gridops.common.workdays import Calendar

LONGEST_BREAK = 30  # days; no run of days off is longer


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
