"""Renewal targets by agent: a part of the pages about renewals, and a page of its own without scripts (S7, N1)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid, Unit
from gridops.common.ids import read_id
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from plans.pages_renewal_targets import targets_of
from plans.views import READERS


@require_GET
@for_roles(*READERS)
def renewal_targets(request: HttpRequest) -> HttpResponse:
    """The renewal target of each grid of a unit, or of one grid, and its agents' shares."""
    user = signed_in(request)
    choice = chosen_month(request, Month.of(timezone.localdate()))
    units = list(Unit.objects.for_user(user).order_by("name"))
    grids = Grid.objects.for_user(user).select_related("unit").order_by("name", "pk")
    grid, unit = request.GET.get("grid", ""), request.GET.get("unit", "")
    chosen = next((one for one in units if one.pk == read_id(unit)), None) if unit else None
    if unit and chosen is None:
        raise Http404
    if grid:
        grids = grids.filter(pk=read_id(grid))
        if not grids:
            raise Http404
    elif units:
        grids = grids.filter(unit=chosen or units[0])
    rows = targets_of(grids, choice.month)
    context = {
        "choice": choice,
        "rows": rows,
        "unit": rows[0].grid.unit if rows else None,
        "units": units if len(units) > 1 else [],
        "has_any": any(row.rows or row.target is not None for row in rows),
    }
    part = getattr(request, "htmx", None)
    return render(request, "plans/_renewal_targets.html" if part else "plans/renewal_targets.html", context)
