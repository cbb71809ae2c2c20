"""Agents with their staff and the projects they own, and acceptance outlets (O4, O5)."""

from __future__ import annotations

from datetime import date

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from channels.choices import Stage
from channels.querysets import (
    AgentQuerySet,
    AgentStaffQuerySet,
    OutletQuerySet,
    OutletStaffQuerySet,
    OwnershipQuerySet,
)
from channels.rules_agents import Cover, Covered
from gridops.accounts.models import Grid
from gridops.workbooks.models import ImportedRow
from projects.models import Project


class Agent(ImportedRow):
    """A company whose staff sell, revisit and collect in the projects it owns (O4)."""

    code = models.CharField(_("agent code"), max_length=32, unique=True)
    name = models.CharField(_("agent name"), max_length=80)
    contact = models.CharField(_("person in charge"), max_length=60, blank=True, default="", db_default="")
    phone = models.CharField(_("phone"), max_length=20, blank=True, default="", db_default="")
    address = models.CharField(_("address"), max_length=200, blank=True, default="", db_default="")
    note = models.CharField(_("remark"), max_length=500, blank=True, default="", db_default="")
    is_active = models.BooleanField(_("active"), default=True, db_default=True)

    objects = AgentQuerySet.as_manager()

    project_count = 0  # set for lists
    staff_count = 0
    matter_count = 0
    cover = Covered(Cover.NONE)

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["name"], name="agent_by_name")]
        verbose_name = _("agent")
        verbose_name_plural = _("agents")

    def __str__(self) -> str:
        return self.name


class AgentStaff(ImportedRow):
    """A person working for an agent; may be given a sign-in."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="staff", verbose_name=_("agent"))
    name = models.CharField(_("agent staff"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    position = models.CharField(_("position"), max_length=40, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="agent_staff"
    )

    objects = AgentStaffQuerySet.as_manager()

    class Meta:
        ordering = ["agent__code", "name"]
        constraints = [models.UniqueConstraint("agent", "name", name="staff_name_once_per_agent")]
        verbose_name = _("agent staff")
        verbose_name_plural = _("agent staff")

    def __str__(self) -> str:
        return self.name

    def has_left(self, day: date) -> bool:
        """Whether ``day`` is the day on which they left, or later."""
        return self.left_on is not None and self.left_on <= day


class Ownership(models.Model):
    """Which agent owns a project, from a day until a day."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="ownerships", verbose_name=_("project"))
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="ownerships", verbose_name=_("agent"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = OwnershipQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint("project", name="project_has_one_owner", condition=Q(ends_on__isnull=True)),
            models.CheckConstraint(
                name="ownership_ends_after_start", condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
            ),
        ]
        verbose_name = _("ownership")
        verbose_name_plural = _("ownerships")

    def __str__(self) -> str:
        return f"{self.project} {self.agent}"


class Outlet(ImportedRow):
    """A shop near projects that accepts broadband orders (O5)."""

    code = models.CharField(_("outlet code"), max_length=32, unique=True)
    grid = models.ForeignKey(Grid, models.PROTECT, db_index=False, related_name="outlets", verbose_name=_("grid"))
    name = models.CharField(_("outlet name"), max_length=80)
    address = models.CharField(_("address"), max_length=200, blank=True)
    owner_name = models.CharField(_("shop owner"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    nearby_projects = models.ManyToManyField(
        Project, blank=True, related_name="nearby_outlets", verbose_name=_("projects around")
    )
    opened_on = models.DateField(_("won on"), null=True, blank=True)
    stage = models.CharField(
        _("stage"), max_length=10, choices=Stage.choices, default=Stage.SELLING, db_default=Stage.SELLING
    )
    opens_at = models.TimeField(_("opens at"), null=True, blank=True)
    closes_at = models.TimeField(_("closes at"), null=True, blank=True)
    rest_days = models.CharField(
        _("closed on"),
        max_length=7,
        blank=True,
        default="",
        db_default="",
        help_text=_("days of the week, 1 is Monday"),
    )
    note = models.CharField(_("remark"), max_length=500, blank=True, default="", db_default="")
    photo = models.FileField(_("photo"), upload_to="outlets/%Y/%m/", blank=True, default="", db_default="")
    photo_small = models.FileField(upload_to="outlets/%Y/%m/", blank=True, default="", db_default="")
    is_active = models.BooleanField(_("active"), default=True, db_default=True)

    objects = OutletQuerySet.as_manager()

    project_count = 0  # set for lists

    class Meta:
        ordering = ["code"]
        indexes = [
            models.Index(fields=["grid", "code"], name="outlet_by_grid"),
            models.Index(fields=["grid", "stage"], name="outlet_by_stage"),
        ]
        verbose_name = _("outlet")
        verbose_name_plural = _("outlets")

    def __str__(self) -> str:
        return self.name


class OutletStaff(models.Model):
    """A person at the counter of an outlet."""

    outlet = models.ForeignKey(Outlet, models.CASCADE, related_name="staff", verbose_name=_("outlet"))
    name = models.CharField(_("counter staff"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, blank=True, default="", db_default="")
    position = models.CharField(_("position"), max_length=40, blank=True, default="", db_default="")

    objects = OutletStaffQuerySet.as_manager()

    class Meta:
        ordering = ["outlet", "name"]
        constraints = [models.UniqueConstraint("outlet", "name", name="counter_name_once_per_outlet")]
        verbose_name = _("counter staff")
        verbose_name_plural = _("counter staff")

    def __str__(self) -> str:
        return self.name


auditlog.register(Agent, exclude_fields=["version", "created_batch"], mask_fields=["phone"])
auditlog.register(AgentStaff, exclude_fields=["version", "created_batch"], mask_fields=["phone"])
auditlog.register(Ownership)
auditlog.register(
    Outlet,
    exclude_fields=["version", "created_batch", "photo", "photo_small"],
    mask_fields=["phone"],
    m2m_fields={"nearby_projects"},
)


# The other parts: ``channels.models`` is where all of them are known.
from channels.models_agents import Contract, OwnerChange  # noqa: E402
from channels.models_campaigns import Briefing, Campaign, CampaignFile, News, NewsEntry  # noqa: E402
from channels.models_commission import Paid, Rate, Scheme, Weighing  # noqa: E402
from channels.models_meetings import AgendaItem, Attendee, Matter, MatterStep, Meeting  # noqa: E402
from channels.models_outlets import OrderTraining, OutletMonth, StageMove  # noqa: E402
from channels.models_visits import Call, Round, RoundStop, Visit, VisitCampaign, VisitPhoto  # noqa: E402

__all__ = [
    "AgendaItem",
    "Agent",
    "AgentStaff",
    "Attendee",
    "Briefing",
    "Call",
    "Campaign",
    "CampaignFile",
    "Contract",
    "Matter",
    "MatterStep",
    "Meeting",
    "News",
    "NewsEntry",
    "OrderTraining",
    "Outlet",
    "OutletMonth",
    "OutletStaff",
    "OwnerChange",
    "Ownership",
    "Paid",
    "Rate",
    "Round",
    "RoundStop",
    "Scheme",
    "StageMove",
    "Visit",
    "VisitCampaign",
    "VisitPhoto",
    "Weighing",
]
