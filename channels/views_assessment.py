"""How outlets are assessed: a unit, a grid or an outlet over a period, with export (C10)."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from channels.assessment import unit_rules
from channels.assessment_lines import Assessment, assess
from channels.models import Outlet
from channels.pages_assessment import (
    BY_NAME,
    MEASURES,
    cells,
    charts,
    export_header,
    export_rows,
    grade_counts,
    grids_ranked,
    outlets_ranked,
)
from channels.rules_assessment import Period
from channels.views import READERS
from channels.views_outlets import outlet_of
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import AccessRecord, Grid, Unit
from gridops.accounts.services import record_access
from gridops.common.ids import read_id
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from gridops.workbooks.export import write_sheet

SPANS = (1, 3, 6)  # months
SHOWN = 100  # outlets of a table; the export has all
FADING_SHOWN = 30


def _period(request: HttpRequest) -> Period:
    this = Month.of(timezone.localdate())
    last = min(chosen_month(request, this).month, this)
    asked = request.GET.get("span", "")
    return Period(last, int(asked) if asked in map(str, SPANS) else 3)


def _grid(request: HttpRequest) -> Grid | None:
    """The grid asked for, if the person sees it; else the only one they have."""
    grids = Grid.objects.for_user(signed_in(request))
    if asked := read_id(request.GET.get("grid", "")):
        return grids.filter(pk=asked).first()
    found = list(grids[:2])
    return found[0] if len(found) == 1 else None


def _unit(request: HttpRequest) -> Unit | None:
    """The unit asked for, of those that the person sees."""
    asked = read_id(request.GET.get("unit", ""))
    return Unit.objects.for_user(signed_in(request)).filter(pk=asked).first() if asked else None


def _outlets(request: HttpRequest, grid: Grid | None) -> Any:
    rows = Outlet.objects.for_user(signed_in(request))
    if grid:
        return rows.filter(grid=grid)
    unit = _unit(request)
    return rows.filter(grid__unit=unit) if unit else rows


def _context(found: Assessment, period: Period, request: HttpRequest) -> dict[str, Any]:
    today, total = timezone.localdate(), found.total
    return {
        "period": period,
        "choice": chosen_month(request, Month.of(today)),
        "spans": SPANS,
        "first": period.first.first,
        "last": period.last.first,
        "running": period.last == Month.of(today),
        "judged": period.judged(today).first,
        "total": total,
        "cells": cells(total),
        "charts": charts(found, period, today),
        "measures": MEASURES,
    }


@require_GET
@for_roles(*READERS)
def assessment(request: HttpRequest) -> HttpResponse:
    """The outlets of a unit or grid: coverage, five ones, knowledge, business, ranking, those that fade (C10)."""
    grid, period, today = _grid(request), _period(request), timezone.localdate()
    rows = _outlets(request, grid)
    found = assess(rows, period, today)
    measure = BY_NAME.get(request.GET.get("by", ""), MEASURES[0])
    user, unit = signed_in(request), _unit(request)
    grids = Grid.objects.for_user(user).select_related("unit")
    outlets = outlets_ranked(found, measure) if grid else []
    _units, rules = unit_rules(rows)
    context = _context(found, period, request) | {
        "grid": grid,
        "grids": grids.filter(unit=unit) if unit else grids,
        "units": list(Unit.objects.for_user(user)),
        "unit": unit,
        "measure": measure,
        "grades": grade_counts(found.total),
        "grids_ranked": [] if grid else grids_ranked(found, measure),
        "outlets_ranked": outlets[:SHOWN],
        "outlets_hidden": max(0, len(outlets) - SHOWN),
        "fading": found.fading[:FADING_SHOWN],
        "fading_count": len(found.fading),
        "fading_percent": "、".join(map(str, sorted({own["fading_percent"] for own in rules.values()}))),
    }
    return render(request, "channels/assessment.html", context)


@require_GET
@for_roles(*READERS)
def outlet_assessment(request: HttpRequest, pk: int) -> HttpResponse:
    """One outlet over a period."""
    subject, period = outlet_of(request, pk), _period(request)
    found = assess(Outlet.objects.filter(pk=subject.pk), period, timezone.localdate())
    context = _context(found, period, request) | {
        "outlet": subject,
        "row": found.outlets[0] if found.outlets else None,
        "back": reverse("channels:outlet", args=[pk]),
    }
    return render(request, "channels/outlet_assessment.html", context)


@require_GET
@for_roles(*READERS)
def assessment_export(request: HttpRequest) -> HttpResponseBase:
    """All outlets of the unit or grid with their figures and counts, as a workbook."""
    grid, period = _grid(request), _period(request)
    found = assess(_outlets(request, grid), period, timezone.localdate())
    title = _("Assessment of outlets")
    file = write_sheet(title, export_header(), export_rows(found.outlets))
    record_access(request, AccessRecord.Kind.EXPORT, "outlet-assessment", len(found.outlets))
    name = f"{title}-{period.first}-{period.last}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)
