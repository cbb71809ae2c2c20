"""Subscribers: the list, one subscriber, history, revealing a number (N3)."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from gridops.accounts.reveal import answer_reveal, just_revealed
from gridops.common.lists import Listing, keep_search, with_kept_search
from gridops.workbooks.downloads import download
from gridops.workbooks.pages import answer_history
from renewals.filters import SubscriberFilter
from renewals.ledger import BY_ACCOUNT, SUBSCRIBERS
from renewals.models import ExpiryWarning, Subscriber, SubscriberNumber
from renewals.querysets import SubscriberQuerySet

READERS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.ADMIN)


def _listing(request: HttpRequest) -> Listing[Subscriber]:
    """In order of expiry, read project by project; by account where there are too many projects for that."""
    user = signed_in(request)
    filters = SubscriberFilter(with_kept_search(request), queryset=Subscriber.objects.in_list(), user=user)
    projects, put_on = filters.projects(), SubscriberNumber.objects.put_on
    if projects is None:
        filters.queryset = filters.queryset.for_user(user)
        unsorted = frozenset({"expires_on"})
        return Listing(request, SUBSCRIBERS, filters, put_on, default=BY_ACCOUNT, unsorted=unsorted, hint=filters.hint)
    filters.queryset = filters.queryset.within(projects)

    def edge(rows: Any, _column: str, descending: bool, wanted: int) -> date | None:
        return cast("SubscriberQuerySet", rows).edge(projects, descending, wanted)

    return Listing(
        request,
        SUBSCRIBERS,
        filters,
        put_on,
        edge=edge if filters.by_project else None,
        start=timezone.localdate(),
        hint=filters.hint,
    )


def _subscriber(request: HttpRequest, pk: int) -> Subscriber:
    rows = Subscriber.objects.for_user(signed_in(request)).with_number().select_related("project__grid")
    return get_object_or_404(rows, pk=pk)


@for_roles(*READERS)
def subscribers(request: HttpRequest) -> HttpResponse:
    """The subscribers in the person's scope, the next to expire first; a posted search is kept out of addresses."""
    if request.method == "POST":
        return keep_search(request, frozenset(SubscriberFilter.base_filters))
    return _listing(request).answer()


@for_roles(*READERS)
def export(request: HttpRequest) -> HttpResponseBase:
    """The list's rows as a workbook, names and phones in clear: written down first."""
    return download(request, _listing(request), "renewals:subscribers")


@for_roles(*READERS, Role.AGENT_STAFF)
def subscriber(request: HttpRequest, pk: int) -> HttpResponse:
    """One subscriber, and the warning lists they were on."""
    row, user = _subscriber(request, pk), signed_in(request)
    warned = ExpiryWarning.objects.for_user(user).filter(subscriber=row).select_related("agent").distinct()
    context = {
        "subscriber": row,
        "warnings": warned.order_by("-month")[:24],
        "reader": user.scope.has(*READERS),
        "revealed": just_revealed(request),
    }
    return render(request, "renewals/subscriber.html", context)


@for_roles(*READERS)
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what about a subscriber, and when; personal fields stay masked."""
    row = _subscriber(request, pk)
    return answer_history(request, row, row.account, reverse("renewals:subscriber", args=[pk]))


@require_POST
@for_roles(*READERS, Role.AGENT_STAFF)
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a subscriber's name and number, once, written down."""
    row = _subscriber(request, pk)
    return answer_reveal(request, row, reverse("renewals:subscriber", args=[pk]), name=row.name, phone=row.number)
