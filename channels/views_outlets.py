"""Outlets: the list, one outlet, editing, its people, its photo, history, revealing numbers (O5)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from channels.filters_outlets import OutletFilter
from channels.forms_outlets import CounterForm, OutletForm, PhotoForm
from channels.ledger_outlets import OUTLETS, outlet_facts
from channels.models import Outlet, OutletStaff
from channels.pages_outlets import outlet_page
from channels.services_outlets import drop_photo, put_photo
from channels.views import READERS
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from gridops.accounts.reveal import answer_reveal, just_revealed
from gridops.common.lists import Listing
from gridops.common.photos import answer_photo
from gridops.workbooks.downloads import download
from gridops.workbooks.pages import answer_edit, answer_history
from projects.services import demand_edit, editable_grids, may_edit

EDITORS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.ADMIN)


def outlet_of(request: HttpRequest, pk: int) -> Outlet:
    """The outlet, if the person may see it; else 404."""
    return get_object_or_404(Outlet.objects.for_user(signed_in(request)).select_related("grid__unit"), pk=pk)


def editable_outlet(request: HttpRequest, pk: int) -> Outlet:
    """The outlet, if the person may change it; 403 for those who only look."""
    found = outlet_of(request, pk)
    demand_edit(signed_in(request), found.grid_id)
    return found


def page_of(outlet: Outlet) -> str:
    """The address of an outlet's page."""
    return reverse("channels:outlet", args=[outlet.pk])


# --- Looked at ---


def _listing(request: HttpRequest) -> Listing[Outlet]:
    user = signed_in(request)
    rows = OutletFilter(request.GET, queryset=Outlet.objects.for_user(user).in_list(), user=user)
    return Listing(request, OUTLETS, rows, decorate=outlet_facts(user, timezone.localdate()))


@require_GET
@for_roles(*READERS)
def outlets(request: HttpRequest) -> HttpResponse:
    """The outlets in the person's scope (O5)."""
    may_add = bool(editable_grids(signed_in(request)))
    return _listing(request).answer("channels/outlets.html", may_add=may_add)


@require_GET
@for_roles(*READERS)
def outlets_export(request: HttpRequest) -> HttpResponseBase:
    """The list's rows as a workbook."""
    return download(request, _listing(request), "channels:outlets")


@require_GET
@for_roles(*READERS)
def outlet(request: HttpRequest, pk: int) -> HttpResponse:
    """One outlet: what matters now, its people, the projects around it, what was done there (C5 to C10)."""
    subject, user = outlet_of(request, pk), signed_in(request)
    context = outlet_page(subject, user, timezone.localdate())
    context |= {"may_edit": may_edit(user, subject.grid_id), "revealed": just_revealed(request)}
    return render(request, "channels/outlet.html", context)


@require_GET
@for_roles(*READERS)
def outlet_photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The outlet's photo, large or (``size=small``) small, for those who see the outlet."""
    row = outlet_of(request, pk)
    file = row.photo_small if request.GET.get("size") == "small" else row.photo
    if not file:
        raise Http404
    try:
        return answer_photo(request, file)
    except FileNotFoundError:
        raise Http404 from None


@require_GET
@for_roles(*READERS)
def outlet_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what about an outlet, and when."""
    subject = outlet_of(request, pk)
    return answer_history(request, subject, subject.name, page_of(subject))


@require_POST
@for_roles(*READERS)
def reveal_outlet(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an outlet's number, once, written down."""
    subject = outlet_of(request, pk)
    return answer_reveal(request, subject, page_of(subject), phone=subject.phone)


@require_POST
@for_roles(*READERS)
def reveal_counter(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the number of somebody at the counter, once, written down."""
    person = _person(request, pk)
    return answer_reveal(request, person, page_of(person.outlet), phone=person.phone)


# --- Changed ---


@for_roles(*EDITORS)
def outlet_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit an outlet; whoever comes second sees what changed and keeps what they typed."""
    subject, user = editable_outlet(request, pk), signed_in(request)
    name = subject.name
    form = OutletForm(request.POST or None, instance=subject, user=user)
    return answer_edit(request, form, name, page_of(subject), template="channels/outlet_edit.html")


@for_roles(*EDITORS)
def photo_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Take another photo of the shop, or none."""
    subject = editable_outlet(request, pk)
    if "drop" in request.POST:
        drop_photo(subject)
        messages.success(request, _("The photo was taken out."))
        return redirect(page_of(subject))
    form = PhotoForm(request.POST, request.FILES) if request.method == "POST" else PhotoForm()
    if form.is_valid() and form.picture:
        put_photo(subject, form.picture)
        messages.success(request, _("Saved."))
        return redirect(page_of(subject))
    context = {"form": form, "outlet": subject, "back": page_of(subject)}
    return render(request, "channels/outlet_photo.html", context, status=422 if form.errors else 200)


def _person(request: HttpRequest, pk: int) -> OutletStaff:
    rows = OutletStaff.objects.for_user(signed_in(request)).select_related("outlet__grid")
    return get_object_or_404(rows, pk=pk)


def _counter_form(request: HttpRequest, person: OutletStaff) -> HttpResponse:
    subject = person.outlet
    form = CounterForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect(page_of(subject) + "#people")
    context = {"form": form, "outlet": subject, "person": person, "back": page_of(subject)}
    return render(request, "channels/outlet_person.html", context, status=422 if form.errors else 200)


@for_roles(*EDITORS)
def counter_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add somebody at the counter."""
    return _counter_form(request, OutletStaff(outlet=editable_outlet(request, pk)))


@for_roles(*EDITORS)
def counter_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is known of somebody at the counter."""
    person = _person(request, pk)
    demand_edit(signed_in(request), person.outlet.grid_id)
    return _counter_form(request, person)


@require_POST
@for_roles(*EDITORS)
def counter_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody works there no longer; what they were trained in stays on record."""
    person = _person(request, pk)
    demand_edit(signed_in(request), person.outlet.grid_id)
    person.delete()
    messages.success(request, _("%(name)s was taken off the counter staff.") % {"name": person.name})
    return redirect(page_of(person.outlet) + "#people")
