"""Commission: what it is made of, what was paid, and what an agent's input is worth (P5, C7)."""

from __future__ import annotations

from datetime import date

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.choices import PaidFor, Payee
from channels.querysets_commission import PaidQuerySet, RateQuerySet, SchemeQuerySet, WeighingQuerySet
from channels.rules_commission import Tier
from gridops.accounts.models import Unit
from gridops.workbooks.models import ImportedRow
from projects.models import Project


class Scheme(models.Model):
    """What agents, or outlets, are paid for, on which days (P5). Of a unit, or of all units (unit None)."""

    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="schemes", verbose_name=_("unit")
    )
    name = models.CharField(_("commission scheme"), max_length=80)
    payee = models.CharField(_("paid to"), max_length=8, choices=Payee.choices)
    campaign = models.ForeignKey(
        "channels.Campaign",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="schemes",
        verbose_name=_("campaign"),
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    note = models.CharField(_("remark"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = SchemeQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "name"]
        constraints = [
            models.CheckConstraint(
                name="scheme_ends_after_start", condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
            ),
        ]
        verbose_name = _("commission scheme")
        verbose_name_plural = _("commission schemes")

    def __str__(self) -> str:
        return self.name

    def has_run(self, today: date) -> bool:
        """Whether somebody may have been paid by it: from the day after its first on it is not rewritten."""
        return self.starts_on < today

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on ``day``."""
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


class Rate(models.Model):
    """What a scheme pays for one of a kind, by speed tier: yuan apiece, from a speed up to below another (Mbit/s)."""

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="rates")
    paid_for = models.CharField(_("paid for"), max_length=12, choices=PaidFor.choices)
    speed_from = models.PositiveIntegerField(_("speed from (Mbit/s)"), default=0)
    speed_below = models.PositiveIntegerField(_("below (Mbit/s)"), null=True, blank=True)
    amount = models.DecimalField(_("apiece (yuan)"), max_digits=8, decimal_places=2)
    note = models.CharField(_("remark"), max_length=120, blank=True)

    objects = RateQuerySet.as_manager()

    class Meta:
        ordering = ["scheme", "paid_for", "speed_from", "pk"]
        constraints = [
            models.UniqueConstraint("scheme", "paid_for", "speed_from", name="rate_once_per_tier"),
            models.CheckConstraint(
                name="rate_tier_is_a_range",
                condition=Q(speed_below__isnull=True) | Q(speed_below__gt=F("speed_from")),
            ),
            models.CheckConstraint(name="rate_is_not_negative", condition=Q(amount__gte=0)),
        ]
        verbose_name = _("commission rates")
        verbose_name_plural = _("commission rates")

    @property
    def tier(self) -> Tier:
        """The speeds it speaks of."""
        return Tier(self.speed_from, self.speed_below)


class Paid(ImportedRow):
    """What an agent was paid for a project in a month, by kind of commission as the roster calls it (P5).

    The amount may be negative: commission taken back.
    """

    month = models.DateField(_("month"), help_text=_("first day of the month"))
    agent = models.ForeignKey(
        "channels.Agent", models.PROTECT, db_index=False, related_name="paid", verbose_name=_("agent")
    )
    project = models.ForeignKey(Project, models.PROTECT, db_index=False, related_name="paid", verbose_name=_("project"))
    kind = models.CharField(_("kind of commission"), max_length=40)
    quantity = models.IntegerField(_("quantity"), null=True, blank=True)
    amount = models.DecimalField(_("amount (yuan)"), max_digits=12, decimal_places=2)

    objects = PaidQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "agent__code", "project__code", "kind"]
        constraints = [
            models.UniqueConstraint("month", "agent", "project", "kind", name="paid_once_per_kind"),
            models.CheckConstraint(name="paid_month_first_day", condition=Q(month__day=1)),
        ]
        indexes = [
            models.Index(fields=["project", "month"], name="paid_by_project"),
            models.Index(fields=["agent", "month"], name="paid_by_agent"),
        ]
        verbose_name = _("commission paid")
        verbose_name_plural = _("commission paid")

    def __str__(self) -> str:
        return f"{self.agent} {self.project} {self.month:%Y-%m}"


class Weighing(models.Model):
    """An agent's input against their output, as it was weighed: the cases side by side, as typed (P5).

    ``cases`` is a list of up to four: name, inputs and outputs; results are reckoned by ``channels.rules_weighing``.
    """

    agent = models.ForeignKey("channels.Agent", models.CASCADE, related_name="weighings", verbose_name=_("agent"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="weighings", verbose_name=_("unit"))
    project = models.ForeignKey(
        Project, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("project")
    )
    month = models.DateField(_("month"), help_text=_("first day of the month"))
    title = models.CharField(_("title"), max_length=80)
    cases = models.JSONField(default=list)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = WeighingQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [models.CheckConstraint(name="weighing_month_first_day", condition=Q(month__day=1))]
        verbose_name = _("input against output")
        verbose_name_plural = _("input against output")

    def __str__(self) -> str:
        return self.title


auditlog.register(Scheme, exclude_fields=["version"])
auditlog.register(Paid, exclude_fields=["version", "created_batch"])
