"""Calls to outlets: the number shown and written down, the call kept in one tap (C5)."""

from __future__ import annotations

import uuid
from functools import wraps
from typing import ParamSpec, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from channels.forms_visits import CallForm
from channels.models import Outlet
from channels.services_visits import RecordedCall, may_record, record_call
from gridops.accounts.guards import View, for_roles, signed_in
from gridops.accounts.models import AccessRecord, Role
from gridops.accounts.services import record_access
from gridops.common.templatetags.gridops import reveal_label

P = ParamSpec("P")


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks."""
    return request.headers.get("Accept") == "application/json"


def visited_outlet(request: HttpRequest, pk: int) -> Outlet:
    """The outlet, if the person visits it; who sees it only, being a supervisor as well, finds no form (404)."""
    user = signed_in(request)
    outlet = get_object_or_404(Outlet.objects.for_user(user).select_related("grid__unit"), pk=pk)
    if not may_record(user, outlet.grid_id):
        raise Http404
    return outlet


def from_own_phone(view: View[P]) -> View[P]:
    """What a telephone kept for one person is not recorded as said by another who signed in on it since (412)."""

    @wraps(view)
    def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        person = request.headers.get("X-Person", "")
        if person and person != str(signed_in(request).pk):
            return JsonResponse({}, status=412)
        return view(request, *args, **kwargs)

    return cast("View[P]", checked)


@require_POST
@for_roles(Role.GRID_MANAGER)
def outlet_call(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an outlet's number, written down first: to the script as data, without it on a page that calls."""
    outlet = visited_outlet(request, pk)
    record_access(request, AccessRecord.Kind.REVEAL, reveal_label(outlet))
    if wants_json(request):
        words = "" if outlet.phone else _("no phone on record")
        return JsonResponse({"name": outlet.owner_name or outlet.name, "phone": outlet.phone, "words": words})
    return _call_page(request, outlet, CallForm(initial={"key": uuid.uuid4()}), shown=True)


def _call_page(
    request: HttpRequest, outlet: Outlet, form: CallForm, status: int = 200, *, shown: bool = False
) -> HttpResponse:
    """``shown``: with the number; what shows it has been written down."""
    context = {"outlet": outlet, "form": form, "shown": shown}
    return render(request, "channels/call.html", context, status=status)


@require_POST
@for_roles(Role.GRID_MANAGER)
@from_own_phone
def call_record(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a call; the same key sent again is answered as the first time."""
    outlet, form = visited_outlet(request, pk), CallForm(request.POST)
    kept: RecordedCall | None = None
    if form.is_valid():
        data = form.cleaned_data
        try:
            kept = record_call(outlet, data["key"], data["reached"], data["at"], data["note"], signed_in(request))
        except ValidationError as fault:
            form.take(fault)
    if kept is None:
        if wants_json(request):
            return JsonResponse({"errors": form.faults()}, status=422)
        return _call_page(request, outlet, form, 422)
    if wants_json(request):
        told = {"id": kept.call.pk, "again": kept.again, "url": reverse("channels:outlet", args=[pk])}
        return JsonResponse(told, status=200 if kept.again else 201)
    messages.success(request, _("The call to %(outlet)s is recorded.") % {"outlet": outlet})
    return redirect("channels:outlet", pk)
