"""Campaigns, what is new about them and about projects, and who has to be told (C6, C7)."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.choices import Way
from channels.querysets_campaigns import (
    BriefingQuerySet,
    CampaignFileQuerySet,
    CampaignQuerySet,
    NewsEntryQuerySet,
    NewsQuerySet,
)
from gridops.accounts.models import Unit
from projects.models import Project


class Campaign(models.Model):
    """A marketing campaign 营销方案 (C7): what is offered, what it pays, what to say. Of a unit, or of all (unit None).

    A draft is seen by those who write campaigns; with ``published_at`` it is in force on its days.
    """

    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="campaigns", verbose_name=_("unit")
    )
    name = models.CharField(_("campaign"), max_length=80)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    products = models.CharField(_("products"), max_length=200, blank=True)
    offer = models.TextField(_("offer"), max_length=2000)
    commission = models.TextField(_("its commission"), max_length=1000, blank=True)
    selling_points = models.TextField(_("selling points"), max_length=2000, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "name"]
        constraints = [
            models.CheckConstraint(name="campaign_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
        ]
        indexes = [models.Index(fields=["unit", "ends_on"], name="campaign_by_unit")]
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")

    def __str__(self) -> str:
        return self.name


class CampaignFile(models.Model):
    """A file that goes with a campaign: a leaflet, a price list."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="files")
    file = models.FileField(_("file"), upload_to="campaigns/%Y/%m/")
    name = models.CharField(_("file name"), max_length=120)
    size = models.PositiveIntegerField(help_text=_("bytes"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = CampaignFileQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]


class News(models.Model):
    """A project or campaign changed: ``changes`` maps a field to what it was and is now (C6, C7; ``rules_news``)."""

    project = models.ForeignKey(Project, models.CASCADE, null=True, blank=True, related_name="news")
    campaign = models.ForeignKey(Campaign, models.CASCADE, null=True, blank=True, related_name="news")
    changes = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = NewsQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="news_of_one",
                condition=Q(project__isnull=False, campaign__isnull=True)
                | Q(project__isnull=True, campaign__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["at"], name="news_by_time")]
        verbose_name = _("news")
        verbose_name_plural = _("news")


class NewsEntry(models.Model):
    """Which steps of a project's history are told already, by id of the history's entry: each makes news once.

    Imports and their undoing have ids below zero (``services_news_history``); 0 says that the first look was taken.
    """

    entry = models.BigIntegerField(primary_key=True)
    news = models.ForeignKey(News, models.CASCADE, null=True, blank=True, related_name="entries")

    objects = NewsEntryQuerySet.as_manager()


class Briefing(models.Model):
    """An outlet or agent that has to hear of news, by a day; and when, how and by whom it was told.

    Newer news of the same thing takes the place of what was not told yet (``replaced_by``); what was changed back
    before it was told is replaced by itself.
    """

    news = models.ForeignKey(News, models.CASCADE, related_name="briefings")
    outlet = models.ForeignKey(
        "channels.Outlet", models.CASCADE, null=True, blank=True, db_index=False, related_name="briefings"
    )
    agent = models.ForeignKey(
        "channels.Agent", models.CASCADE, null=True, blank=True, db_index=False, related_name="briefings"
    )
    due_on = models.DateField(_("to be told by"))
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    way = models.CharField(_("told by"), max_length=10, choices=Way.choices, blank=True)
    visit = models.ForeignKey("channels.Visit", models.PROTECT, null=True, blank=True, related_name="briefings")
    meeting = models.ForeignKey("channels.Meeting", models.PROTECT, null=True, blank=True, related_name="briefings")
    replaced_by = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")

    objects = BriefingQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="briefing_of_one",
                condition=Q(outlet__isnull=False, agent__isnull=True) | Q(outlet__isnull=True, agent__isnull=False),
            ),
            models.CheckConstraint(
                name="briefing_told_how",
                condition=Q(told_at__isnull=True, way="") | (Q(told_at__isnull=False) & ~Q(way="")),
            ),
            models.UniqueConstraint("news", "outlet", name="outlet_told_once", condition=Q(outlet__isnull=False)),
            models.UniqueConstraint("news", "agent", name="agent_told_once", condition=Q(agent__isnull=False)),
        ]
        indexes = [
            models.Index(
                fields=["outlet", "due_on"],
                name="briefing_open_by_outlet",
                condition=Q(told_at__isnull=True, replaced_by__isnull=True),
            ),
            models.Index(
                fields=["agent", "due_on"],
                name="briefing_open_by_agent",
                condition=Q(told_at__isnull=True, replaced_by__isnull=True),
            ),
        ]
        verbose_name = _("briefing")
        verbose_name_plural = _("briefings")


auditlog.register(Campaign, exclude_fields=["version"])
