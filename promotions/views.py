"""Sessions of the timetable: planned, changed, moved to another day, taken off (S3, S4)."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid, Role
from gridops.common import versions
from gridops.common.history import entries_of
from promotions.forms import SessionForm
from promotions.models import Session
from promotions.services import demand_manager

EDITORS = (Role.GRID_MANAGER,)
HISTORY = 20


def _back(request: HttpRequest, day: date) -> str:
    """Where the person came from, if that is a page of ours; else the plans of the session's month."""
    asked = request.POST.get("back") or request.GET.get("back", "")
    if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.startswith("/"):
        return asked
    return reverse("plans:list") + f"?month={day:%Y-%m}"


def _session(request: HttpRequest, pk: int) -> Session:
    rows = Session.objects.for_user(signed_in(request)).select_related("grid", "project")
    found = get_object_or_404(rows, pk=pk)
    demand_manager(signed_in(request), found.grid_id)
    return found


@for_roles(*EDITORS)
def session(request: HttpRequest, pk: int) -> HttpResponse:
    """Change or move a session; what a person changed is fixed when the rest is planned again."""
    row = _session(request, pk)
    back = _back(request, row.day)
    form, found = SessionForm(request.POST or None, instance=row, grid=row.grid), None
    if request.method == "POST" and form.is_valid():
        form.instance.fixed = True
        if versions.save(form):
            messages.success(request, _("Saved."))
            return redirect(back)
        found = versions.conflict(form, entries_of(row, HISTORY))
    context = {"form": found.form if found else form, "conflict": found, "session": row, "grid": row.grid, "back": back}
    return render(request, "promotions/session.html", context, status=409 if found else 200)


@for_roles(*EDITORS)
def new(request: HttpRequest, grid: int) -> HttpResponse:
    """Plan one more session."""
    user = signed_in(request)
    place = get_object_or_404(Grid.objects.for_user(user), pk=grid)
    demand_manager(user, place.pk)
    row = Session(grid=place, day=_asked_day(request), fixed=True)
    form = SessionForm(request.POST or None, instance=row, grid=place)
    back = _back(request, row.day)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect(back)
    return render(request, "promotions/session.html", {"form": form, "grid": place, "back": back})


def _asked_day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return timezone.localdate()


@require_POST
@for_roles(*EDITORS)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a session off the timetable."""
    row = _session(request, pk)
    back = _back(request, row.day)
    row.delete()
    messages.success(request, _("The session was taken off the timetable."))
    return redirect(back)
