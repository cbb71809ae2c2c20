"""What the pages of campaigns show: who was told, who knew it when visited; a constant number of queries (C7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Value, When

from channels.models import Agent, Briefing, Campaign, Outlet, Ownership, VisitCampaign
from channels.querysets_campaigns import COMING, DRAFT, IN_FORCE, OVER
from channels.services_briefings import agents_of, outlets_of
from gridops.accounts.models import User

ROWS = 50
NOT_TOLD, NOT_KNOWN, KNOWN = "not-told", "not-known", "known"


@dataclass(frozen=True, slots=True)
class Told:
    """Of those who have to know a campaign: how many were told, are still to be, and of these how many too late."""

    told: int = 0
    open: int = 0
    late: int = 0

    @property
    def all(self) -> int:
        """Both."""
        return self.told + self.open


@dataclass(frozen=True, slots=True)
class Figures:
    """The outlets that sell: how many, told, where owner and staff knew it, asked at all at a visit."""

    outlets: int
    told: int
    asked: int
    owners: int
    staff: int


def state_of(campaign: Campaign, today: date) -> str:
    """Draft, coming, in force or over."""
    if campaign.published_at is None:
        return DRAFT
    if campaign.starts_on > today:
        return COMING
    return OVER if campaign.ends_on < today else IN_FORCE


def told_by_campaign(user: User, campaigns: Iterable[Campaign], today: date) -> dict[int, Told]:
    """Campaign -> how far it is told in the person's scope; hearers are counted once. One query."""
    rows = (
        Briefing.objects.for_user(user)
        .filter(news__campaign__in=[one.pk for one in campaigns])
        .order_by()
        .values(campaign=F("news__campaign"), place=F("outlet"), who=F("agent"))
        .annotate(
            waits=Count("pk", filter=Q(told_at__isnull=True, replaced_by__isnull=True)),
            late=Count("pk", filter=Q(told_at__isnull=True, replaced_by__isnull=True, due_on__lt=today)),
            heard=Count("pk", filter=Q(told_at__isnull=False)),
        )
    )
    sums: dict[int, list[int]] = {}
    for row in rows:
        told, waits, late = sums.setdefault(row["campaign"], [0, 0, 0])
        waiting = row["waits"] > 0
        sums[row["campaign"]] = [
            told + (not waiting and row["heard"] > 0),
            waits + waiting,
            late + (row["late"] > 0),
        ]
    return {pk: Told(*found) for pk, found in sums.items()}


def outlets_with_knowledge(user: User, campaign: Campaign) -> QuerySet[Outlet, Any]:
    """The selling outlets in scope, with ``told_at``, ``owner_knows``, ``staff_know`` and ``asked_at`` of a campaign.

    Knowledge is what the newest visit found that asked about it; ``standing``: 0 not told, 1 doesn't know, 2 knows.
    """
    asked = VisitCampaign.objects.filter(
        campaign=campaign, visit__outlet=OuterRef("pk"), visit__corrected_by__isnull=True, visit__void=False
    ).order_by("-visit__at", "-pk")
    mine = Briefing.objects.filter(news__campaign=campaign, outlet=OuterRef("pk"), told_at__isnull=False)
    told = mine.order_by().values("outlet").annotate(last=Max("told_at")).values("last")
    rows = (
        outlets_of(campaign)
        .for_user(user)
        .select_related("grid")
        .annotate(
            told_at=Subquery(told),
            owner_knows=Subquery(asked.values("owner_knows")[:1]),
            staff_know=Subquery(asked.values("staff_know")[:1]),
            asked_at=Subquery(asked.values("visit__at")[:1]),
        )
    )
    standing = Case(
        When(Q(owner_knows=True) & Q(staff_know=True), then=Value(2)),
        When(Q(owner_knows=True) & Q(staff_know__isnull=True), then=Value(2)),
        When(Q(owner_knows__isnull=True) & Q(staff_know=True), then=Value(2)),
        When(Q(told_at__isnull=False) | Q(asked_at__isnull=False), then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    found: QuerySet[Outlet, Any] = rows.annotate(standing=standing).order_by("standing", "grid__name", "code")
    return found


def figures(rows: QuerySet[Outlet, Any]) -> Figures:
    """Of ``outlets_with_knowledge``; one query."""
    found = rows.order_by().aggregate(
        outlets=Count("pk"),
        told=Count("pk", filter=Q(told_at__isnull=False)),
        asked=Count("pk", filter=Q(asked_at__isnull=False)),
        owners=Count("pk", filter=Q(owner_knows=True)),
        staff=Count("pk", filter=Q(staff_know=True)),
    )
    return Figures(**found)


def agents_with_told(user: User, campaign: Campaign) -> list[Any]:
    """The agents in scope who have to know it, with ``told_at``; at most ``ROWS``, those not told first."""
    mine = Briefing.objects.filter(news__campaign=campaign, agent=OuterRef("pk"), told_at__isnull=False)
    told = mine.order_by().values("agent").annotate(last=Max("told_at")).values("last")
    seen = Ownership.objects.for_user(user).values("agent")
    rows: QuerySet[Agent, Any] = agents_of(campaign).filter(pk__in=seen).annotate(told_at=Subquery(told))
    return list(rows.order_by(F("told_at").asc(nulls_first=True), "code")[:ROWS])
