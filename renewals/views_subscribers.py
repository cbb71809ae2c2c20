"""Subscribers: the list, one subscriber, history, revealing a number (N3)."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from channels.models import AgentStaff
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from gridops.accounts.reveal import answer_reveal, just_revealed
from gridops.common.lists import Listing, keep_search, with_kept_search
from gridops.workbooks.downloads import download
from gridops.workbooks.pages import answer_history
from renewals.filters import SubscriberFilter
from renewals.forms_records import ROSTER, HouseholdForm, NoteForm, NumberForm
from renewals.ledger import BY_ACCOUNT, SUBSCRIBERS
from renewals.models import Contact, ExpiryWarning, Subscriber, SubscriberNumber
from renewals.querysets import SubscriberQuerySet
from renewals.rules_records import contracts, numbers
from renewals.views import READERS

LISTED, CONTACTS, NOTES = 24, 50, 50


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


def subscriber_of(request: HttpRequest, pk: int) -> Subscriber:
    """A subscriber whom the person may see, with the number to call."""
    rows = Subscriber.objects.for_user(signed_in(request)).with_number().select_related("project__grid", "duplicate_of")
    return get_object_or_404(rows, pk=pk)


@for_roles(*READERS)
def subscribers(request: HttpRequest) -> HttpResponse:
    """The subscribers in the person's scope, the next to expire first; a posted search is kept out of addresses."""
    if request.method == "POST":
        return keep_search(request, frozenset(SubscriberFilter.base_filters))
    return _listing(request).answer("renewals/subscribers.html")


@for_roles(*READERS)
def export(request: HttpRequest) -> HttpResponseBase:
    """The list's rows as a workbook, names and phones in clear: written down first."""
    return download(request, _listing(request), "renewals:subscribers")


@for_roles(*READERS, Role.AGENT_STAFF)
def subscriber(request: HttpRequest, pk: int) -> HttpResponse:
    """One subscriber: contracts, numbers, household, notes, warning lists, contacts."""
    return show(request, subscriber_of(request, pk))


def show(request: HttpRequest, row: Subscriber, status: int = 200, **forms: Any) -> HttpResponse:
    """The page of a subscriber, with ``forms`` that could not be taken in place of empty ones."""
    user = signed_in(request)
    reader = user.scope.has(*READERS)
    warnings = ExpiryWarning.objects.for_user(user).filter(subscriber=row).select_related("agent", "staff")
    contacts = Contact.objects.of_subscriber(row.pk).select_related("agent", "staff", "by", "corrects", "corrected_by")
    context = {
        "subscriber": row,
        "reader": reader,
        "warnings": warnings.order_by("-month")[:LISTED],
        "reachable": set(warnings.order_by().values_list("pk", flat=True)),
        "contacts": contacts[:CONTACTS],
        "own_agents": set(AgentStaff.objects.filter(user=user).values_list("agent", flat=True)),
        "contracts": contracts(row, row.started_on, row.past_contracts.all()),
        "numbers": numbers(row.phone, row.number, row.numbers.select_related("by")),
        "notes": row.notes.select_related("by")[:NOTES],
        "duplicates": Subscriber.objects.for_user(user).filter(duplicate_of=row),
        "true_one": Subscriber.objects.for_user(user).filter(pk=row.duplicate_of_id or 0).first(),
        "note_form": NoteForm(),
        "number_form": NumberForm(),
        "household_form": HouseholdForm(subscriber=row, user=user, may_merge=reader),
        "revealed": just_revealed(request),
        **forms,
    }
    return render(request, "renewals/subscriber.html", context, status=status)


@for_roles(*READERS)
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what about a subscriber, and when; personal fields stay masked."""
    row = subscriber_of(request, pk)
    return answer_history(request, row, row.account, reverse("renewals:subscriber", args=[pk]))


@require_POST
@for_roles(*READERS, Role.AGENT_STAFF)
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a subscriber's name and the number to call (or the roster's), once, written down."""
    row = subscriber_of(request, pk)
    phone = row.phone if request.GET.get("which") == ROSTER else row.number
    return answer_reveal(request, row, reverse("renewals:subscriber", args=[pk]), name=row.name, phone=phone)
