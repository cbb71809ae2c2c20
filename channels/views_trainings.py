"""The register of trainings in ordering by phone: who is due, recorded for several at once, withdrawn (C9)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from channels.models import OrderTraining, Outlet
from channels.parts_trainings import people
from channels.rules_trainings import DUE, NEVER, OVERDUE, VALID
from channels.services_trainings import trained, withdraw
from channels.views import READERS
from channels.views_meetings import EDITORS
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid, User
from gridops.common.ids import read_id
from projects.services import demand_edit, may_edit

URGENCY = (OVERDUE, NEVER, DUE, VALID)
TO_DO = "todo"


def _grid(request: HttpRequest, user: User) -> tuple[Grid | None, list[Grid]]:
    """The grid shown, and those to choose from; the first where none was asked for."""
    grids = list(Grid.objects.for_user(user).select_related("unit").order_by("unit__name", "name"))
    asked = read_id(request.GET.get("grid", ""))
    if asked and asked not in {one.pk for one in grids}:
        raise Http404
    return next((one for one in grids if one.pk == asked), grids[0] if grids else None), grids


@require_GET
@for_roles(*READERS)
def trainings(request: HttpRequest) -> HttpResponse:
    """Everybody who sells in a grid's outlets: trained when, due when; those who are due first."""
    user, today = signed_in(request), timezone.localdate()
    grid, grids = _grid(request, user)
    shops = list(Outlet.objects.for_user(user).selling().filter(grid=grid).order_by("code")) if grid else []
    found = people(shops)
    rows = [(shop, one, one.standing(today)) for shop in shops for one in found[shop.pk]]
    counts = {standing: sum(row[2] == standing for row in rows) for standing in URGENCY}
    chosen = request.GET.get("state", TO_DO)
    shown = {TO_DO: (OVERDUE, NEVER, DUE), "all": URGENCY}.get(chosen, (chosen,))
    context = {
        "grid": grid,
        "grids": grids if len(grids) > 1 else [],
        "rows": sorted((row for row in rows if row[2] in shown), key=lambda row: URGENCY.index(row[2])),
        "counts": counts,
        "to_do": len(rows) - counts[VALID],
        "whole": len(rows),
        "chosen": chosen,
        "today": today,
        "may_record": grid is not None and may_edit(user, grid.pk),
    }
    return render(request, "channels/trainings.html", context)


@require_POST
@for_roles(*EDITORS)
def trainings_record(request: HttpRequest) -> HttpResponse:
    """Record that those ticked were trained; of many outlets at once, all or none."""
    user = signed_in(request)
    named: dict[int, set[str]] = {}
    for text in request.POST.getlist("trained"):
        number, _bar, name = text.partition("|")
        named.setdefault(read_id(number), set()).add(name)
    shops = {one.pk: one for one in Outlet.objects.for_user(user).filter(pk__in=named).select_related("grid__unit")}
    known = people(shops.values())
    for pk, names in named.items():
        if pk not in shops or not names <= {one.name for one in known[pk]}:
            raise Http404
        demand_edit(user, shops[pk].grid_id)
    back = f"{reverse('channels:trainings')}?grid={next(iter(shops.values())).grid_id}" if shops else ""
    _record(request, [(shops[pk], sorted(names)) for pk, names in named.items()], user)
    return redirect(back or "channels:trainings")


def _record(request: HttpRequest, asked: list[tuple[Outlet, list[str]]], user: User) -> bool:
    """Record, and say how many; what is refused is said, then nothing was written."""
    if not any(names for _outlet, names in asked):
        messages.error(request, _("Tick who was trained."))
        return False
    try:
        on = _day(request.POST.get("on", ""))
        with transaction.atomic():
            made = sum(len(trained(outlet, names, on, user, now=timezone.now())) for outlet, names in asked)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return False
    text = ngettext("%(count)s person is recorded.", "%(count)s people are recorded.", made)
    messages.success(request, text % {"count": made})
    return True


def _day(text: str) -> date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise ValidationError({"on": _("This is not a day.")})
    return day


@require_http_methods(["GET", "POST"])
@for_roles(*READERS)
def outlet_trainings(request: HttpRequest, pk: int) -> HttpResponse:
    """The trainings of one outlet, and recording one: of its people, or of somebody who is not on record yet."""
    user, today = signed_in(request), timezone.localdate()
    rows = Outlet.objects.for_user(user).select_related("grid__unit")
    outlet = get_object_or_404(rows, pk=pk)
    if request.method == "POST":
        demand_edit(user, outlet.grid_id)
        names = [*request.POST.getlist("person"), request.POST.get("other", "")]
        if _record(request, [(outlet, [name for name in names if name.strip()])], user):
            return redirect("channels:outlet-trainings", pk)
    past = outlet.trainings.select_related("by").order_by("-on", "person", "-pk")[:200]
    context: dict[str, Any] = {
        "outlet": outlet,
        "learners": [(one, one.standing(today)) for one in people([outlet])[outlet.pk]],
        "past": past,
        "today": today,
        "may_record": may_edit(user, outlet.grid_id),
        "ticked": request.POST.getlist("person"),
        "other": request.POST.get("other", ""),
        "on": request.POST.get("on", today.isoformat()),
    }
    return render(request, "channels/outlet_trainings.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@for_roles(*EDITORS)
def training_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """It was recorded by mistake."""
    user = signed_in(request)
    training = get_object_or_404(OrderTraining.objects.for_user(user).select_related("outlet"), pk=pk)
    demand_edit(user, training.outlet.grid_id)
    withdraw(training, timezone.now())
    messages.success(request, _("Withdrawn; what counted before counts again."))
    return redirect("channels:outlet-trainings", training.outlet_id)
