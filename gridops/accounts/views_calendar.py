"""Holidays, as admins enter them, and leave: each person's own, supervisors' for their unit."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridops.accounts.defaults import decided
from gridops.accounts.forms_calendar import FIRST_YEAR, LAST_YEAR, HolidayForm, HolidayListForm, LeaveForm
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Absence, Holiday, Role
from gridops.accounts.services_calendar import (
    end_leave,
    people_on_leave,
    set_holidays,
    without_deputy,
    years_without_holidays,
)
from gridops.accounts.views_deputies import READERS
from gridops.common.ids import read_id

YEAR_SIZE = 4


@for_roles(Role.ADMIN)
def holidays(request: HttpRequest) -> HttpResponse:
    """The days of a year that differ from their weekday; add, remove, paste a year's list."""
    today, year = timezone.localdate(), _year(request)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    one = HolidayForm(request.POST if act == "add" else None)
    many = HolidayListForm(request.POST if act == "list" else None, year=year)
    if act and (count := _changed(request, act, one, many)) is not None:
        text = ngettext("%(count)d day changed.", "%(count)d days changed.", count) % {"count": count}
        messages.success(request, text)
        return redirect(f"{reverse('accounts:holidays')}?year={one.instance.day.year if act == 'add' else year}")
    context = {
        "year": year,
        "days": Holiday.objects.filter(day__year=year),
        "one": one,
        "many": many,
        "missing": years_without_holidays(today),
        "shipped": bool(decided(year)),
        "today": today,
    }
    return render(request, "accounts/holidays.html", context, status=422 if one.errors or many.errors else 200)


def _year(request: HttpRequest) -> int:
    text = request.GET.get("year", "") or str(timezone.localdate().year)
    if not (text.isascii() and text.isdecimal() and len(text) == YEAR_SIZE):
        raise Http404
    if not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise Http404
    return int(text)


def _changed(request: HttpRequest, act: str, one: HolidayForm, many: HolidayListForm) -> int | None:
    """How many days were changed; None where a form is wrong."""
    if act == "add":
        return set_holidays([one.save(commit=False)]) if one.is_valid() else None
    if act == "list":
        if not many.is_valid():
            return None
        replaced = many.year if many.cleaned_data["replace"] else None
        return set_holidays(many.cleaned_data["text"], replaced_year=replaced)
    if act == "shipped":
        return set_holidays(decided(many.year), replaced_year=many.year)
    return _remove(request.POST.get("day", ""))


def _remove(text: str) -> int:
    try:
        day = date.fromisoformat(text)
    except ValueError as fault:
        raise Http404 from fault
    get_object_or_404(Holiday, day=day).delete()
    return 1


@for_roles(*READERS)
def leave(request: HttpRequest) -> HttpResponse:
    """One's own leave, for supervisors their unit's, too: entered, taken back, ended early."""
    user, today = signed_in(request), timezone.localdate()
    if request.method == "POST" and "end" in request.POST:
        return _end(request)
    form = LeaveForm(request.POST or None, user=user, today=today)
    if request.method == "POST" and form.is_valid() and (made := form.save()):
        messages.success(request, _("The leave is entered."))
        if without_deputy(made.user, made.starts_on, made.ends_on):
            messages.warning(
                request, _("Nobody stands in on some of these days. Name a deputy if the work must go on.")
            )
        return redirect("accounts:leave")
    rows = Absence.objects.for_user(user).select_related("user", "made_by").order_by("-starts_on", "-pk")
    context: dict[str, Any] = {
        "form": form,
        "mine": rows.filter(user=user),
        "others": Paginator(rows.exclude(user=user), 50).get_page(request.GET.get("page")),
        "for_others": user.scope.everything or user.scope.has(Role.SUPERVISOR),
        "today": today,
    }
    return render(request, "accounts/leave.html", context, status=422 if form.errors else 200)


def _end(request: HttpRequest) -> HttpResponse:
    user, today = signed_in(request), timezone.localdate()
    rows = Absence.objects.filter(user__in=people_on_leave(user, today))
    row = get_object_or_404(rows, pk=read_id(request.POST["end"] or "0"))
    if end_leave(row):
        messages.success(request, _("The leave has ended, or was taken back."))
    else:
        messages.warning(request, _("This leave is over; what was owed then stands."))
    return redirect("accounts:leave")
