"""The first page after sign-in, and the month as a calendar."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from desk.agenda import agenda
from desk.calendar import calendar, weekdays
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Membership, Role
from gridops.common.month_choice import asked_month
from gridops.common.months import Month

READERS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.ADMIN)


def home(request: HttpRequest) -> HttpResponse:
    """What is due this month and what waits, per role."""
    today = timezone.localdate()
    user = signed_in(request)
    context = {"items": agenda(user, today), "today": today, "has_calendar": user.scope.has(*READERS)}
    held = Membership.objects.current(today).deputyships().select_related("user", "stands_in_for", "unit", "grid")
    context["stands_in"] = held.filter(Q(user=user) | Q(stands_in_for=user)).order_by("ends_on", "pk")
    return render(request, "desk/home.html", context)


@for_roles(*READERS)
def month(request: HttpRequest) -> HttpResponse:
    """What is due on which day of a month; this one's unless another was chosen."""
    today = timezone.localdate()
    choice = asked_month(request, Month.of(today))
    days = calendar(signed_in(request), choice.month, today)
    return render(
        request, "desk/calendar.html", {"choice": choice, "days": days, "today": today, "weekdays": weekdays()}
    )
