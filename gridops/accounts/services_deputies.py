"""Deputies during leave: who does whose work, from a day until a day (O2; *ours*: at most 60 days).

A deputy's rights are those of the role they hold for the other, and last no longer than that role. Disabling the
person who is away leaves the deputy: the work has to go on; ending their role, or the deputy's own place in the
unit, ends it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from gridops.accounts.models import Membership, Role, Unit, User
from gridops.accounts.querysets import MembershipQuerySet, UserQuerySet
from gridops.common.templatetags.gridops import day as day_name

MOST_DAYS = 60
DEPUTISED = (Role.SUPERVISOR, Role.GRID_MANAGER)
MAY_STAND_IN = (Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.GRID_MANAGER)


class Refused(Exception):
    """Somebody can't stand in; the text says why."""


def deputised(user: User, today: date) -> MembershipQuerySet:
    """The roles for which ``user`` may have a deputy: their own, that last or will begin."""
    rows = Membership.objects.own().lasting(today).filter(user=user, role__in=DEPUTISED)
    return rows.select_related("unit", "grid__unit").order_by("role", "starts_on")


def candidates(units: Collection[Unit], away: User, day: date) -> UserQuerySet:
    """Who may stand in for ``away`` in ``units``: active people with a role of their own there, never agent staff."""
    there = Q(unit__in=units) | Q(grid__unit__in=units)
    held = Membership.objects.own().current(day).filter(there, role__in=MAY_STAND_IN)
    outside = Membership.objects.lasting(day).filter(role=Role.AGENT_STAFF)
    people: UserQuerySet = User.objects.filter(is_active=True, pk__in=held.values("user"))
    return people.exclude(pk=away.pk).exclude(pk__in=outside.values("user")).order_by("name", "employee_no")


def unit_of(held: Membership) -> Unit:
    """The unit in which a deputised role lies."""
    place = held.grid.unit if held.grid else held.unit
    if place is None:
        raise ValueError("a role without a place has no deputy")
    return place


@transaction.atomic
def name_deputy(held: Membership, deputy: User, starts_on: date, ends_on: date) -> Membership:
    """Let ``deputy`` hold the role ``held`` for its holder, both days included. Refused in words."""
    # One naming at a time for these two: no overlap slips in between looking and writing.
    # Who tells them something meanwhile does not wait.
    list(User.objects.select_for_update(no_key=True).filter(pk__in=[held.user_id, deputy.pk]).order_by("pk"))
    today = timezone.localdate()
    _demand_time(Membership.objects.own().filter(pk=held.pk).first(), starts_on, ends_on, today)
    here = [candidates([unit_of(held)], held.user, day) for day in (starts_on, ends_on)]
    if not all(people.filter(pk=deputy.pk).exists() for people in here):
        raise Refused(_("Only people with a role in the same unit can stand in; agent staff never."))
    _demand_free(held, deputy, starts_on, ends_on)
    made = Membership.objects.create(
        user=deputy,
        role=held.role,
        unit=held.unit,
        grid=held.grid,
        starts_on=starts_on,
        ends_on=ends_on,
        stands_in_for=held.user,
    )
    if starts_on <= today:
        User.objects.filter(pk=deputy.pk).end_sessions()
    return made


def _demand_time(held: Membership | None, starts_on: date, ends_on: date, today: date) -> None:
    if ends_on < starts_on:
        raise Refused(_("The last day lies before the first."))
    if starts_on < today:
        raise Refused(_("Nobody stands in for a time that is over: begin today or later."))
    if (ends_on - starts_on).days >= MOST_DAYS:
        raise Refused(_("A deputy stands in for %(days)d days at most.") % {"days": MOST_DAYS})
    if held is None or not (held.is_current(starts_on) and held.is_current(ends_on)):
        raise Refused(_("The role is not held during all of this time."))


def _demand_free(held: Membership, deputy: User, starts_on: date, ends_on: date) -> None:
    same = Membership.objects.overlapping(starts_on, ends_on).filter(role=held.role, unit=held.unit, grid=held.grid)
    if same.own().filter(user=deputy).exists():
        raise Refused(_("%(name)s holds this role already.") % {"name": deputy.name})
    found = same.deputyships().filter(Q(stands_in_for=held.user) | Q(user=deputy)).select_related("user").first()
    if found:
        about = {"name": found.user.name, "first": day_name(found.starts_on), "last": day_name(found.ends_on)}
        raise Refused(_("%(name)s stands in here already from %(first)s until %(last)s.") % about)
    away = Membership.objects.overlapping(starts_on, ends_on).deputyships().filter(stands_in_for=deputy)
    if away.exists():
        raise Refused(_("%(name)s is away in this time and has a deputy.") % {"name": deputy.name})


@transaction.atomic
def end_deputyship(row: Membership) -> None:
    """The deputy's rights end at once; a time that has not begun, or only today, is taken back."""
    today = timezone.localdate()
    if row.starts_on <= today:
        User.objects.filter(pk=row.user_id).end_sessions()
    if row.starts_on >= today:
        row.delete()
    else:
        row.ends_on = today - timedelta(days=1)
        row.save(update_fields=["ends_on"])


@transaction.atomic
def end_groundless(people: Collection[int]) -> None:
    """End those of and for ``people`` (ids) for which the role, or the deputy's own place in the unit, is gone."""
    today = timezone.localdate()
    rows = Membership.objects.deputyships().lasting(today).filter(Q(user__in=people) | Q(stands_in_for__in=people))
    own = Membership.objects.own().lasting(today)
    here = Q(unit=OuterRef("unit")) | Q(grid=OuterRef("grid"))
    held = own.filter(here, user=OuterRef("stands_in_for"), role=OuterRef("role"))
    in_unit = Q(unit=OuterRef("unit_of")) | Q(grid__unit=OuterRef("unit_of"))
    belongs = own.filter(in_unit, user=OuterRef("user"), role__in=MAY_STAND_IN)
    groundless = rows.annotate(unit_of=Coalesce("unit", "grid__unit")).filter(~Exists(held) | ~Exists(belongs))
    for row in groundless.select_related("user"):
        end_deputyship(row)
