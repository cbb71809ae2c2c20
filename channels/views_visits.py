"""A visit: its form without any script, what was recorded, its photos (C5 to C9)."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from channels.forms_visits import VisitForm
from channels.models import Outlet, Visit, VisitPhoto
from channels.pages_visits import page_of
from channels.services_visits import Recorded, record_visit
from channels.views import READERS
from channels.views_calls import from_own_phone, visited_outlet, wants_json
from channels.visit_fields import fields_of
from channels.visit_material import shops
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from gridops.common.photos import answer_photo

# --- Recorded ---


@require_GET
@for_roles(Role.GRID_MANAGER)
def visit_new(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a visit, as a page that needs no script."""
    return _form_page(request, visited_outlet(request, pk), VisitForm(initial={"key": uuid.uuid4()}))


def _form_page(request: HttpRequest, outlet: Outlet, form: VisitForm, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    shop = shops(Outlet.objects.filter(pk=outlet.pk), signed_in(request), today)[0]
    context = {"outlet": outlet, "shop": shop, "form": form, "fields": fields_of(form, shop, today)}
    return render(request, "channels/visit_new.html", context, status=status)


@require_POST
@for_roles(Role.GRID_MANAGER)
@from_own_phone
def visit_record(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a visit; the same key sent again is answered as the first time."""
    outlet, form = visited_outlet(request, pk), VisitForm(request.POST, request.FILES)
    kept: Recorded | None = None
    if form.is_valid():
        try:
            kept = record_visit(outlet, form.said(), signed_in(request), photos=form.pictures())
        except ValidationError as fault:
            form.take(fault)
    if kept is None:
        if wants_json(request):
            return JsonResponse({"errors": form.faults()}, status=422)
        return _form_page(request, outlet, form, 422)
    url = reverse("channels:visit", args=[kept.visit.pk])
    if wants_json(request):
        told = {"id": kept.visit.pk, "again": kept.again, "url": url}
        return JsonResponse(told, status=200 if kept.again else 201)
    messages.success(request, _("The visit to %(outlet)s is recorded.") % {"outlet": outlet})
    return redirect(url)


# --- Looked at ---


@require_GET
@for_roles(*READERS)
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """One visit: what was found, said and left; who corrected it."""
    user = signed_in(request)
    found = get_object_or_404(Visit.objects.for_user(user).in_list(), pk=pk)
    return render(request, "channels/visit.html", page_of(found, user, timezone.now()))


@require_GET
@for_roles(*READERS)
def visit_photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A photo of a visit, large or (``size=small``) small, for those who see its outlet."""
    row = get_object_or_404(VisitPhoto.objects.for_user(signed_in(request)), pk=pk)
    try:
        return answer_photo(request, row.small if request.GET.get("size") == "small" else row.image)
    except FileNotFoundError:
        raise Http404 from None
