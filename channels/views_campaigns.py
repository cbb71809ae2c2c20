"""Campaigns: the list, one campaign with who knows it, its sheet on paper, its files (C7)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from channels.choices import Payee
from channels.forms_campaigns import FileForm
from channels.models import Campaign, CampaignFile, Scheme
from channels.pages_campaigns import (
    KNOWN,
    NOT_KNOWN,
    NOT_TOLD,
    ROWS,
    agents_with_told,
    figures,
    outlets_with_knowledge,
    state_of,
    told_by_campaign,
)
from channels.querysets_campaigns import COMING, DRAFT, IN_FORCE, OVER, WRITERS
from channels.services_campaigns import MOST_FILES, audience, earliest_end, latest_end, may_write
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role, Unit, User
from gridops.common.attachments import answer_attachment
from gridops.common.forms import without_nul
from gridops.common.ids import read_id
from gridops.workbooks.pages import answer_history

EVERYONE = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.ADMIN, Role.AGENT_STAFF)
READERS = EVERYONE[:-1]
STATES = (IN_FORCE, COMING, DRAFT, OVER)
STANDINGS = {NOT_TOLD: 0, NOT_KNOWN: 1, KNOWN: 2}
SHOWN = 60


def campaign_of(request: HttpRequest, pk: int) -> Campaign:
    """The campaign, where the person may see it."""
    return get_object_or_404(Campaign.objects.for_user(signed_in(request)).select_related("unit"), pk=pk)


def writable(request: HttpRequest, pk: int) -> Campaign:
    """The campaign, where the person may also change it (else 403)."""
    campaign = campaign_of(request, pk)
    if not may_write(signed_in(request), campaign):
        raise PermissionDenied
    return campaign


@for_roles(*EVERYONE)
def campaigns(request: HttpRequest) -> HttpResponse:
    """What is sold now, what comes, what is over; drafts for those who write them."""
    user, today = signed_in(request), timezone.localdate()
    writes = user.scope.has(*WRITERS)
    offered = [state for state in STATES if state != DRAFT or writes]
    state = request.GET.get("state", "")
    state = state if state in offered else IN_FORCE
    units = list(Unit.objects.for_user(user)) if user.scope.everything or len(user.scope.unit_ids) > 1 else []
    rows = _found(request, user, units)
    counts = rows.order_by().aggregate(
        **{
            f"n{at}": Count("pk", filter=Q(pk__in=Campaign.objects.in_state(one, today).values("pk")))
            for at, one in enumerate(offered)
        }
    )
    found = list(rows.in_state(state, today).with_state(today).select_related("unit")[: SHOWN + 1])
    told = told_by_campaign(user, found, today) if user.scope.has(*READERS) else {}
    context = {
        "state": state,
        "states": [(one, counts[f"n{at}"]) for at, one in enumerate(offered)],
        "rows": [(one, told.get(one.pk), _days_left(one, today)) for one in found[:SHOWN]],
        "more": len(found) > SHOWN,
        "units": units,
        "unit": request.GET.get("unit", ""),
        "search": request.GET.get("q", "").strip(),
        "writes": writes,
        "reads": user.scope.has(*READERS),
        "today": today,
    }
    return render(request, "channels/campaigns.html", context)


def _found(request: HttpRequest, user: User, units: list[Unit]) -> Any:
    rows = Campaign.objects.for_user(user)
    if words := without_nul(request.GET.get("q", "")).strip():
        rows = rows.filter(Q(name__icontains=words) | Q(products__icontains=words) | Q(offer__icontains=words))
    unit = read_id(request.GET.get("unit") or "x")
    return rows.for_unit(unit) if unit in {one.pk for one in units} else rows


def _days_left(campaign: Campaign, today: date) -> int:
    """Days until it begins, or until its last day is over."""
    return (max(campaign.starts_on, today) - today or campaign.ends_on - today).days


@for_roles(*EVERYONE)
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """One campaign: what is offered, what it pays, what to say, its files and schemes, and who knows it."""
    subject, user, today = campaign_of(request, pk), signed_in(request), timezone.localdate()
    writes = may_write(user, subject)
    reads = user.scope.has(*READERS)
    context = {
        "campaign": subject,
        "state": state_of(subject, today),
        "days_left": _days_left(subject, today),
        "points": [line.strip() for line in subject.selling_points.splitlines() if line.strip()],
        "files": subject.files.all(),
        "schemes": Scheme.objects.for_user(user).filter(campaign=subject).prefetch_related("rates"),
        "writes": writes,
        "reads": reads,
        "file_form": FileForm() if writes else None,
        "most_files": MOST_FILES,
        "today": today,
    }
    if writes:
        context |= {
            "audience": audience(subject),
            "may_drop": subject.published_at is None and not subject.news.exists(),
            "first_end": earliest_end(subject, today),
            "last_end": latest_end(subject),
        }
    if reads and subject.published_at:
        context |= _who_knows(request, user, subject)
    return render(request, "channels/campaign.html", context)


def _who_knows(request: HttpRequest, user: User, subject: Campaign) -> dict[str, Any]:
    rows: QuerySet[Any, Any] = outlets_with_knowledge(user, subject)
    asked = request.GET.get("who", "")
    shown = rows.filter(standing=STANDINGS[asked]) if asked in STANDINGS else rows
    found = list(shown[: ROWS + 1])
    return {
        "figures": figures(rows),
        "outlets": found[:ROWS],
        "more": len(found) > ROWS,
        "agents": agents_with_told(user, subject),
        "who": asked if asked in STANDINGS else "",
        "standings": STANDINGS,
        "told": told_by_campaign(user, [subject], timezone.localdate()).get(subject.pk),
    }


@for_roles(*EVERYONE)
def campaign_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The campaign on one page to hand out: for staff with its commission, for customers without."""
    subject, user = campaign_of(request, pk), signed_in(request)
    customers = request.GET.get("for") == "customers"
    context = {
        "campaign": subject,
        "points": [line.strip() for line in subject.selling_points.splitlines() if line.strip()],
        "customers": customers,
        "schemes": []
        if customers
        else Scheme.objects.for_user(user).filter(campaign=subject, payee=Payee.OUTLET).prefetch_related("rates"),
        "manager": user if user.scope.has(Role.GRID_MANAGER) else None,
    }
    return render(request, "channels/campaign_sheet.html", context)


@for_roles(*WRITERS)
def campaign_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what about a campaign, and when."""
    subject = campaign_of(request, pk)
    return answer_history(request, subject, subject.name, reverse("channels:campaign", args=[pk]))


@for_roles(*EVERYONE)
def campaign_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file of a campaign that the person may see, as a download."""
    file = get_object_or_404(CampaignFile.objects.for_user(signed_in(request)), pk=pk)
    return answer_attachment(request, file.file, file.name)
