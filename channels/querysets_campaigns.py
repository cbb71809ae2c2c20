"""Named questions about campaigns, news and briefings."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gridops.accounts.models import Unit

if TYPE_CHECKING:
    from channels.models_campaigns import Briefing, Campaign, CampaignFile, News, NewsEntry

WRITERS = ("supervisor", "admin")


class CampaignQuerySet(models.QuerySet["Campaign", "Campaign"]):
    """Campaigns: those of all units and of the own; drafts for those who write them."""

    def for_user(self, user: Any) -> Self:
        """Those that the person may see; agent staff: of the units for which their agent works."""
        if user.scope.everything:
            return self
        if user.scope.has("agent_staff"):
            from channels.models import Ownership  # the models module imports this one

            held = Ownership.objects.on(timezone.localdate()).filter(agent__staff__user=user)
            units: Any = held.values("project__grid__unit")
        else:
            units = Unit.objects.for_user(user).values("pk")
        rows = self.filter(Q(unit__isnull=True) | Q(unit__in=units))
        return rows if user.scope.has(*WRITERS) else rows.filter(published_at__isnull=False)

    def current(self, day: date) -> Self:
        """Published, and in force on ``day``."""
        return self.filter(published_at__isnull=False, starts_on__lte=day, ends_on__gte=day)


class CampaignFileQuerySet(models.QuerySet["CampaignFile", "CampaignFile"]):
    """Files of campaigns: with their campaign."""

    def for_user(self, user: Any) -> Self:
        """Of campaigns that the person may see."""
        from channels.models import Campaign  # the models module imports this one

        return self.filter(campaign__in=Campaign.objects.for_user(user))


class NewsQuerySet(models.QuerySet["News", "News"]):
    """News."""


class NewsEntryQuerySet(models.QuerySet["NewsEntry", "NewsEntry"]):
    """Entries of the history that are told already."""


class BriefingQuerySet(models.QuerySet["Briefing", "Briefing"]):
    """Who has to be told of what."""

    def open(self) -> Self:
        """Those still to be told."""
        return self.filter(told_at__isnull=True, replaced_by__isnull=True)
