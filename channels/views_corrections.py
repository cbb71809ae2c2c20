"""Correcting a visit or a call, or taking it back (C5)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from channels.forms_visits import CallForm, StandingForm, VisitForm
from channels.models import Call, Campaign, OrderTraining, Outlet, Visit
from channels.rules_trainings import Learner
from channels.rules_visits import ANSWERS, demands_reason
from channels.services_corrections import chain_of, correct_call, correct_visit, may_correct
from channels.visit_fields import fields_of
from channels.visit_material import Shop, shops
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role, User
from gridops.common.forms import without_nul

CORRECTORS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.ADMIN)
MINUTE = "%Y-%m-%dT%H:%M"


@require_http_methods(["GET", "POST"])
@for_roles(*CORRECTORS)
def visit_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Say anew what a visit found, or that there was none; what was said before stays to be read."""
    user = signed_in(request)
    visit = get_object_or_404(Visit.objects.for_user(user).in_list(), pk=pk)
    if not may_correct(user, visit):
        raise PermissionDenied
    if request.method == "GET":
        return _visit_form(request, visit, VisitForm(initial=_as_typed(visit)))
    form, void = VisitForm(request.POST, request.FILES), "void" in request.POST
    if form.is_valid():
        said, why = form.said(), without_nul(request.POST.get("why", ""))
        said = replace(said, at=_same_minute(said.at, visit))
        try:
            kept = correct_visit(
                visit, None if void else said, user, why, timezone.now(), photos=form.pictures(), key=said.key
            )
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("The visit was taken back.") if void else _("The visit is corrected."))
            return redirect("channels:visit", kept.visit.pk)
    return _visit_form(request, visit, form, 422)


def _visit_form(request: HttpRequest, visit: Visit, form: VisitForm, status: int = 200) -> HttpResponse:
    user, day = signed_in(request), timezone.localdate(visit.at)
    shop = shops(Outlet.objects.filter(pk=visit.outlet_id), user, timezone.localdate())[0]
    shop.last = None
    in_force = list(Campaign.objects.for_outlet(visit.outlet, day))
    shop.campaigns = [*in_force, *Campaign.objects.filter(asked__visit=visit).exclude(pk__in=[c.pk for c in in_force])]
    _add_learnt(shop, visit)
    context = _context(form, visit, user) | {"shop": shop, "fields": fields_of(form, shop, day)}
    return render(request, "channels/visit_correct.html", context, status=status)


def _add_learnt(shop: Shop, visit: Visit) -> None:
    """Whoever was trained at the visit stands in the form, though the roster knows them no more."""
    there = {one.name for one in shop.learners}
    gone = [name for name in _trained(visit) if name not in there]
    shop.learners = [*shop.learners, *(Learner(name) for name in gone)]


def _trained(visit: Visit) -> list[str]:
    ids = [one.pk for one in chain_of(visit)]
    rows = OrderTraining.objects.standing().filter(visit__in=ids).order_by("person")
    return list(rows.values_list("person", flat=True))


def _context(form: StandingForm, row: Visit | Call, user: User) -> dict[str, Any]:
    return {
        "row": row,
        "outlet": row.outlet,
        "form": form,
        "why": form.data.get("why", ""),
        "needs_why": demands_reason(row.whose == user, row.first_said_at, timezone.now()),
        "correcting": True,
    }


def _as_typed(visit: Visit) -> dict[str, Any]:
    """The visit as its form would have been filled in."""
    told = {name: getattr(visit, name) for name in (*ANSWERS, "orders", "commission", "note")}
    for one in visit.campaigns.all():
        told[f"campaign_{one.campaign_id}_owner"] = one.owner_knows
        told[f"campaign_{one.campaign_id}_staff"] = one.staff_know
    return told | {"key": uuid.uuid4(), "at": _minute(visit.at), "trained": _trained(visit)}


def _minute(at: datetime) -> str:
    return timezone.localtime(at).strftime(MINUTE)


def _same_minute(at: datetime, row: Visit | Call) -> datetime:
    """The form knows minutes: the time as it was kept, unless another minute was chosen."""
    return row.at if _minute(at) == _minute(row.at) else at


@require_http_methods(["GET", "POST"])
@for_roles(*CORRECTORS)
def call_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Say anew what came of a call, or that there was none."""
    user = signed_in(request)
    call = get_object_or_404(Call.objects.for_user(user).in_list(), pk=pk)
    if not may_correct(user, call):
        raise PermissionDenied
    if request.method == "GET":
        typed = {
            "key": uuid.uuid4(),
            "at": _minute(call.at),
            "note": call.note,
            "reached": "yes" if call.reached else "no",
        }
        return render(request, "channels/call_correct.html", _context(CallForm(initial=typed), call, user))
    form, void = CallForm(request.POST), "void" in request.POST
    if form.is_valid():
        data, why = form.cleaned_data, without_nul(request.POST.get("why", ""))
        at, reached = _same_minute(data["at"], call), None if void else data["reached"]
        try:
            correct_call(call, reached, at, data["note"], user, why, timezone.now(), key=data["key"])
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("The call was taken back.") if void else _("The call is corrected."))
            return redirect("channels:outlet", call.outlet_id)
    return render(request, "channels/call_correct.html", _context(form, call, user), status=422)
