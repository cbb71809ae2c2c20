"""Outlets: the list, one outlet, editing, history, revealing its number."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from channels.filters import OutletFilter
from channels.forms import OutletForm
from channels.ledger import OUTLETS, outlet_counts
from channels.models import Outlet
from channels.views import READERS
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from gridops.accounts.reveal import answer_reveal, just_revealed
from gridops.common.lists import Listing
from gridops.workbooks.downloads import download
from gridops.workbooks.pages import answer_edit, answer_history
from projects.models import Project
from projects.services import demand_edit, may_edit

EDITORS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.ADMIN)


def _listing(request: HttpRequest) -> Listing[Outlet]:
    user = signed_in(request)
    rows = OutletFilter(request.GET, queryset=Outlet.objects.for_user(user).in_list(), user=user)
    return Listing(request, OUTLETS, rows, decorate=outlet_counts(user))


def _outlet(request: HttpRequest, pk: int) -> Outlet:
    return get_object_or_404(Outlet.objects.for_user(signed_in(request)).select_related("grid__unit"), pk=pk)


@for_roles(*READERS)
def outlets(request: HttpRequest) -> HttpResponse:
    """The outlets in the person's scope (O5)."""
    return _listing(request).answer()


@for_roles(*READERS)
def outlets_export(request: HttpRequest) -> HttpResponseBase:
    """The list's rows as a workbook."""
    return download(request, _listing(request), "channels:outlets")


@for_roles(*READERS)
def outlet(request: HttpRequest, pk: int) -> HttpResponse:
    """One outlet: its people and the projects around it (C6)."""
    subject, user = _outlet(request, pk), signed_in(request)
    context = {
        "outlet": subject,
        "staff": subject.staff.all(),
        "projects": Project.objects.for_user(user).filter(nearby_outlets=subject),
        "may_edit": may_edit(user, subject.grid_id),
        "revealed": just_revealed(request),
    }
    return render(request, "channels/outlet.html", context)


@for_roles(*EDITORS)
def outlet_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit an outlet; whoever comes second sees what changed and keeps what they typed."""
    subject, user = _outlet(request, pk), signed_in(request)
    demand_edit(user, subject.grid_id)
    name = subject.name
    form = OutletForm(request.POST or None, instance=subject, user=user)
    return answer_edit(request, form, name, reverse("channels:outlet", args=[pk]))


@for_roles(*READERS)
def outlet_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what about an outlet, and when."""
    subject = _outlet(request, pk)
    return answer_history(request, subject, subject.name, reverse("channels:outlet", args=[pk]))


@require_POST
@for_roles(*READERS)
def reveal_outlet(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an outlet's number, once, written down."""
    subject = _outlet(request, pk)
    return answer_reveal(request, subject, reverse("channels:outlet", args=[pk]), phone=subject.phone)
