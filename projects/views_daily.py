"""A day's figures of a grid: all its projects on one page, for a phone (S1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid
from gridops.common.ids import read_id
from gridops.common.months import Month
from projects.forms_daily import named_in, typed_in
from projects.models import Project
from projects.services import editable_grids
from projects.services_daily import DayRow, day_rows, newest_day, save_day
from projects.views import EDITORS, READERS


@require_GET
@for_roles(*READERS)
def daily(request: HttpRequest) -> HttpResponse:
    """The figures of a day, with the last ones before it beside each field."""
    grids = Grid.objects.for_user(signed_in(request)).select_related("unit").order_by("unit__name", "name")
    asked = request.GET.get("grid", "")
    grid = get_object_or_404(grids, pk=read_id(asked)) if asked else grids.first()
    day = _day(request.GET.get("day", ""))
    return _page(request, grid, day, day_rows(grid, day) if grid else [])


@require_POST
@for_roles(*EDITORS)
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Store what was typed for a grid, all of it or nothing."""
    user = signed_in(request)
    grid = get_object_or_404(Grid.objects.for_user(user), pk=pk)
    if grid.pk not in editable_grids(user):
        raise PermissionDenied
    day = _day(request.POST.get("day", ""))
    projects = dict(Project.objects.filter(grid=grid).values_list("pk", "is_active"))
    if not named_in(request.POST) <= projects.keys():
        raise Http404
    here = [project for project, is_active in projects.items() if is_active]
    rows, changed = save_day(grid, day, typed_in(request.POST.dict(), here))
    if changed < 0:
        return _page(request, grid, day, rows, status=422)
    text = ngettext("Saved: %(n)d project.", "Saved: %(n)d projects.", changed)
    messages.success(request, text % {"n": changed})
    return redirect(f"{reverse('projects:daily')}?day={day.isoformat()}&grid={grid.pk}")


def _day(text: str) -> date:
    """The day asked for, from the first of last month until today; today for anything else."""
    today = timezone.localdate()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if Month.of(today).plus(-1).first <= day <= today else today


def _page(request: HttpRequest, grid: Grid | None, day: date, rows: list[DayRow], status: int = 200) -> HttpResponse:
    user, today = signed_in(request), timezone.localdate()
    grids = list(Grid.objects.for_user(user).order_by("unit__name", "name"))
    newest, many = newest_day(grid, today) if grid else (None, 0)
    context: dict[str, Any] = {
        "grid": grid,
        "grids": grids,
        "day": day,
        "today": today,
        "before": day - timedelta(days=1) if day > Month.of(today).plus(-1).first else None,
        "after": day + timedelta(days=1) if day < today else None,
        "first": Month.of(today).plus(-1).first,
        "rows": rows,
        "labels": [cell.label for cell in rows[0].cells] if rows else [],
        "reported": sum(1 for row in rows if row.reported),
        "newest": newest,
        "many": many,
        "kept_back": status != 200,
        "may_edit": grid is not None and grid.pk in editable_grids(user),
    }
    return render(request, "projects/daily.html", context, status=status)
