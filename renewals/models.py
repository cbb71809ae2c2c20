"""Subscribers on contracts, and the lists of those whose contract expires (O6, S7, C4)."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.models import Agent
from gridops.accounts.models import Grid
from gridops.workbooks.models import ImportedRow
from projects.models import Project
from renewals.querysets import SubscriberQuerySet, WarningListQuerySet, WarningQuerySet


class Subscriber(ImportedRow):
    """A household on a contract with an expiry date (O6)."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")
        CLOSED = "closed", _("closed")

    account = models.CharField(_("account"), max_length=32)
    name = models.CharField(_("subscriber name"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    address = models.CharField(_("installation address"), max_length=200, blank=True)
    project = models.ForeignKey(
        Project, models.PROTECT, db_index=False, related_name="subscribers", verbose_name=_("project")
    )
    product = models.CharField(_("product"), max_length=60, blank=True)
    speed_mbps = models.PositiveIntegerField(_("speed (Mbit/s)"), null=True, blank=True)
    monthly_fee = models.DecimalField(_("monthly fee (yuan)"), max_digits=8, decimal_places=2, null=True, blank=True)
    started_on = models.DateField(_("joined on"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE, db_default=Status.ACTIVE
    )

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        ordering = ["account"]
        constraints = [
            # not unique=True: on PostgreSQL that would add a second index, for LIKE
            models.UniqueConstraint("account", name="subscriber_account_once"),
            models.CheckConstraint(
                name="subscriber_expires_after_start",
                condition=Q(started_on__isnull=True) | Q(expires_on__isnull=True) | Q(expires_on__gte=F("started_on")),
            ),
        ]
        indexes = [
            models.Index(fields=["project", "expires_on"], name="subscriber_expiring"),
            # few rows; with the index above it tells how many active contracts expire without reading any of them
            models.Index(
                fields=["project", "expires_on"],
                name="subscriber_not_active",
                condition=Q(status__in=["suspended", "closed"]),
            ),
        ]
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")

    def __str__(self) -> str:
        return self.account


class WarningList(models.Model):
    """The subscribers of a grid whose contract expires in a month (S7)."""

    grid = models.ForeignKey(Grid, models.PROTECT, related_name="warning_lists", verbose_name=_("grid"))
    month = models.DateField(_("month"), help_text=_("first day of the month of expiry"))
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    refreshed_at = models.DateTimeField(_("brought up to date"), default=timezone.now)

    objects = WarningListQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "grid__name"]
        constraints = [
            models.UniqueConstraint("grid", "month", name="warning_list_once"),
            models.CheckConstraint(name="warning_list_month_first_day", condition=Q(month__day=1)),
        ]
        verbose_name = _("warning list")
        verbose_name_plural = _("warning lists")

    def __str__(self) -> str:
        return f"{self.grid} {self.month:%Y-%m}"


class ExpiryWarning(models.Model):
    """One subscriber on a warning list, and who follows them (C4, N4)."""

    class State(models.TextChoices):
        LISTED = "listed", _("listed")  # nobody owns the project: the manager's own pool
        ASSIGNED = "assigned", _("assigned")
        WITHDRAWN = "withdrawn", _("withdrawn")  # expiry moved away before anyone made contact

    warning_list = models.ForeignKey(WarningList, models.CASCADE, db_index=False, related_name="warnings")
    month = models.DateField(help_text=_("first day of the month of expiry"))
    subscriber = models.ForeignKey(
        Subscriber, models.CASCADE, db_index=False, related_name="warnings", verbose_name=_("subscriber")
    )
    agent = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, db_index=False, related_name="warnings", verbose_name=_("agent")
    )
    expires_on = models.DateField(_("expires on"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    listed_at = models.DateTimeField(_("listed"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = WarningQuerySet.as_manager()

    class Meta:
        ordering = ["expires_on", "pk"]
        constraints = [
            models.UniqueConstraint("subscriber", "month", name="warned_once_per_month"),
            models.CheckConstraint(
                name="warning_state_fits_agent", condition=~Q(state="assigned") | Q(agent__isnull=False)
            ),
        ]
        indexes = [
            # answers "is this list still right?" without reading the rows
            models.Index(fields=["warning_list", "expires_on", "subscriber", "state"], name="warning_by_list"),
            models.Index(fields=["agent", "month"], name="warning_by_agent"),
        ]
        verbose_name = _("warning")
        verbose_name_plural = _("warnings")

    def __str__(self) -> str:
        return f"{self.subscriber} {self.expires_on}"


auditlog.register(Subscriber, exclude_fields=["version", "created_batch"], mask_fields=["phone", "name"])
