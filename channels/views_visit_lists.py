"""The lists of visits and of calls: by week, manager, grid, outlet, and by what stands out (C5)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from channels.filters_visits import CallFilter, VisitFilter
from channels.ledger_visits import CALLS, VISITS, with_facts
from channels.models import Call, Visit
from channels.views import READERS
from channels.visit_facts import KINDS, stand_outs
from gridops.accounts.guards import for_roles, signed_in
from gridops.common.lists import Listing
from gridops.common.weeks import Week
from gridops.workbooks.downloads import download


def _visits(request: HttpRequest) -> Listing[Visit]:
    user = signed_in(request)
    rows = VisitFilter(request.GET, queryset=Visit.objects.for_user(user).effective().in_list(), user=user)
    return Listing(request, VISITS, rows, decorate=with_facts)


def _calls(request: HttpRequest) -> Listing[Call]:
    user = signed_in(request)
    rows = CallFilter(request.GET, queryset=Call.objects.for_user(user).effective().in_list(), user=user)
    return Listing(request, CALLS, rows)


@require_GET
@for_roles(*READERS)
def visits(request: HttpRequest) -> HttpResponse:
    """The visits that count, the newest first."""
    listing, user = _visits(request), signed_in(request)
    people = [] if listing.is_part else stand_outs(Visit.objects.for_user(user), Week.of(timezone.localdate()))
    return listing.answer("channels/visits.html", kind="visits", people=people, kinds=KINDS.values())


@require_GET
@for_roles(*READERS)
def visits_export(request: HttpRequest) -> HttpResponseBase:
    """The list's rows as a workbook."""
    return download(request, _visits(request), "channels:visits")


@require_GET
@for_roles(*READERS)
def calls(request: HttpRequest) -> HttpResponse:
    """The calls that count, the newest first."""
    return _calls(request).answer("channels/visits.html", kind="calls")


@require_GET
@for_roles(*READERS)
def calls_export(request: HttpRequest) -> HttpResponseBase:
    """The list's rows as a workbook."""
    return download(request, _calls(request), "channels:calls")
