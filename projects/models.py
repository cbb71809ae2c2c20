"""The project ledgers: one row a project (P1), one row a project and month (P2)."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridops.accounts.models import Grid
from gridops.workbooks.models import ImportedRow
from projects.querysets import LedgerTouchQuerySet, MonthlyIndicatorQuerySet, ProjectQuerySet, SnapshotQuerySet
from projects.rules import share

PERCENT = [MinValueValidator(0), MaxValueValidator(100)]


class Basics(models.Model):
    """The fields of the basic ledger (P1): of a project today, or as they stood at the end of a month.

    Percentages are numbers from 0 to 100.
    """

    class Nature(models.TextChoices):
        RESIDENTIAL = "residential", _("residential")
        MIXED = "mixed", _("shops and flats")
        OFFICE = "office", _("office building")
        URBAN_VILLAGE = "urban_village", _("urban village")
        RESETTLEMENT = "resettlement", _("resettlement housing")

    class Access(models.TextChoices):
        FTTH = "FTTH", "FTTH"
        FTTB = "FTTB", "FTTB"
        LAN = "LAN", "LAN"

    name = models.CharField(_("project name"), max_length=80)
    address = models.CharField(_("project address"), max_length=200, blank=True)
    built_on = models.DateField(_("built on"), null=True, blank=True)
    nature = models.CharField(_("project nature"), max_length=20, choices=Nature.choices, blank=True)
    households = models.PositiveIntegerField(_("households covered"), null=True, blank=True)
    access = models.CharField(_("access type"), max_length=10, choices=Access.choices, blank=True)
    ports = models.PositiveIntegerField(_("ports"), null=True, blank=True)
    property_company = models.CharField(_("property company"), max_length=80, blank=True)
    property_contact = models.CharField(_("property contact"), max_length=60, blank=True)
    property_phone = models.CharField(_("property phone"), max_length=20, blank=True)
    property_rebate = models.CharField(_("property rebate"), max_length=120, blank=True)
    occupancy = models.DecimalField(
        _("occupancy (%)"), max_digits=5, decimal_places=2, null=True, blank=True, validators=PERCENT
    )
    rivals = models.CharField(_("rivals"), max_length=200, blank=True)
    market_share = models.DecimalField(
        _("market share (%)"), max_digits=5, decimal_places=2, null=True, blank=True, validators=PERCENT
    )
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    is_active = models.BooleanField(_("in service"), default=True, db_default=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Project(Basics, ImportedRow):
    """A residential compound or building cluster that the network covers: the basic ledger (O3, P1)."""

    code = models.CharField(_("project code"), max_length=32, unique=True)
    grid = models.ForeignKey(Grid, models.PROTECT, db_index=False, related_name="projects", verbose_name=_("grid"))
    agent_name = models.CharField(
        _("agent in the roster"),
        max_length=80,
        blank=True,
        help_text=_("as the roster names it; ownership is kept in channels"),
    )
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = ProjectQuerySet.as_manager()

    latest: MonthlyIndicator | None = None  # set for lists: the newest month's figures

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["grid", "code"], name="project_by_grid")]
        constraints = [
            models.CheckConstraint(
                name="project_percent_range",
                condition=(Q(occupancy__isnull=True) | Q(occupancy__range=(0, 100)))
                & (Q(market_share__isnull=True) | Q(market_share__range=(0, 100))),
            ),
        ]
        verbose_name = _("project")
        verbose_name_plural = _("projects")


class ProjectSnapshot(Basics):
    """A project's basic ledger as it stood at the end of a month: written once, never changed."""

    project = models.ForeignKey(
        Project, models.CASCADE, db_index=False, related_name="snapshots", verbose_name=_("project")
    )
    month = models.DateField(_("month"), help_text=_("first day of the month"))
    taken_at = models.DateTimeField(
        _("taken"), default=timezone.now, help_text=_("what it says is what was known then, even when that was later")
    )

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "project__code"]
        constraints = [
            models.UniqueConstraint("project", "month", name="snapshot_once_per_month"),
            models.CheckConstraint(name="snapshot_month_first_day", condition=Q(month__day=1)),
        ]
        indexes = [models.Index(fields=["month", "project"], name="snapshot_by_month")]
        verbose_name = _("basic ledger of a month")
        verbose_name_plural = _("basic ledgers of past months")


class MonthlyIndicator(ImportedRow):
    """A project's figures of a month and, once its plan is approved, its targets (P2)."""

    project = models.ForeignKey(
        Project, models.CASCADE, db_index=False, related_name="indicators", verbose_name=_("project")
    )
    month = models.DateField(_("month"), help_text=_("first day of the month"))
    billing_users = models.PositiveIntegerField(_("billing users"), null=True, blank=True)
    billing_revenue = models.DecimalField(
        _("billing revenue (yuan)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    net_adds = models.IntegerField(_("net adds"), null=True, blank=True)
    renewals_due = models.PositiveIntegerField(_("contracts expiring"), null=True, blank=True)
    renewals_done = models.PositiveIntegerField(_("contracts renewed"), null=True, blank=True)
    ports = models.PositiveIntegerField(_("ports"), null=True, blank=True)
    ports_used = models.PositiveIntegerField(_("ports in use"), null=True, blank=True)
    commission = models.DecimalField(
        _("commission paid (yuan)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    # The roster of commission writes the sum into ``commission``, and keeps here what stood there before.
    commission_from_roster = models.BooleanField(_("commission is the roster's"), db_default=False, default=False)
    commission_typed = models.DecimalField(
        _("commission before the roster (yuan)"), max_digits=12, decimal_places=2, null=True, blank=True, editable=False
    )
    target_net_adds = models.IntegerField(_("net adds, target"), null=True, blank=True)
    target_renewals = models.PositiveIntegerField(_("renewals, target"), null=True, blank=True)
    target_port_utilisation = models.DecimalField(
        _("port utilisation (%), target"), max_digits=5, decimal_places=2, null=True, blank=True, validators=PERCENT
    )
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = MonthlyIndicatorQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "project__code"]
        constraints = [
            models.UniqueConstraint("project", "month", name="indicator_once_per_month"),
            models.CheckConstraint(name="indicator_month_first_day", condition=Q(month__day=1)),
        ]
        indexes = [models.Index(fields=["month", "project"], name="indicator_by_month")]
        verbose_name = _("month indicators")
        verbose_name_plural = _("month indicators")

    def __str__(self) -> str:
        return f"{self.project} {self.month:%Y-%m}"

    @property
    def port_utilisation(self) -> float | None:
        """Ports in use in percent of ports, one decimal; None when there are no ports (P2)."""
        return share(self.ports_used, self.ports)

    @property
    def renewal_rate(self) -> float | None:
        """Contracts renewed in percent of those expiring, one decimal; None when none expire."""
        return share(self.renewals_done, self.renewals_due)


class Ledger(models.TextChoices):
    """The three ledgers that the handbook wants looked after every month (P1, P2, P3)."""

    BASICS = "basics", _("basic ledger")
    INDICATORS = "indicators", _("month indicators")
    RIVALS = "rivals", pgettext_lazy("ledger", "rivals")


class LedgerTouch(models.Model):
    """That a project's row in a ledger was seen to in a month: changed, imported, or looked at and found right (P)."""

    class How(models.TextChoices):
        EDITED = "edited", _("edited")
        IMPORTED = "imported", _("imported")
        CONFIRMED = "confirmed", _("found right")

    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="touches")
    ledger = models.CharField(_("ledger"), max_length=12, choices=Ledger.choices)
    month = models.DateField(_("month"), help_text=_("first day of the month in which it happened"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    how = models.CharField(_("how"), max_length=10, choices=How.choices)

    objects = LedgerTouchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("project", "ledger", "month", name="touched_once_per_month"),
            models.CheckConstraint(name="touch_month_first_day", condition=Q(month__day=1)),
        ]
        indexes = [models.Index(fields=["month", "ledger", "project"], name="touch_by_month")]


class ConfirmedFigure(models.Model):
    """Figures that contradict each other, and that someone looked at and found right: not asked again while they stay.

    ``code`` names the contradiction (``rules.contradictions``), ``numbers`` the figures that were confirmed.
    """

    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="confirmed_figures")
    month = models.DateField(_("month"), null=True, blank=True, help_text=_("first day; none for the basic ledger"))
    code = models.CharField(max_length=40)
    numbers = models.CharField(max_length=120)
    note = models.CharField(_("remark"), max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "project",
                Coalesce("month", models.Value("0001-01-01", models.DateField())),
                "code",
                name="confirmed_once",
            )
        ]


auditlog.register(Project, exclude_fields=["version", "created_batch", "updated_at"])
auditlog.register(MonthlyIndicator, exclude_fields=["version", "created_batch", "updated_at"])

# Django looks for an app's models here.
from projects.models_daily import DailyResult  # noqa: E402
from projects.models_prospects import Preparation, PreparationTemplate, Prospect, ProspectTalk, Stage  # noqa: E402
from projects.models_rivals import CounterMeasure, Operator, RivalOffer, RivalPhoto  # noqa: E402

__all__ = [
    "Basics",
    "ConfirmedFigure",
    "CounterMeasure",
    "DailyResult",
    "Ledger",
    "LedgerTouch",
    "MonthlyIndicator",
    "Operator",
    "Preparation",
    "PreparationTemplate",
    "Project",
    "ProjectSnapshot",
    "Prospect",
    "ProspectTalk",
    "RivalOffer",
    "RivalPhoto",
    "Stage",
]

auditlog.register(DailyResult, exclude_fields=["version", "created_batch", "updated_at"])
