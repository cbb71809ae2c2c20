"""New projects: planned new builds and mature compounds not yet covered, from found to in service (F1, F2)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridops.accounts.models import Grid
from gridops.workbooks.models import ImportedRow
from projects import rules_prospects as rules
from projects.querysets_prospects import PreparationQuerySet, ProspectQuerySet, ProspectTalkQuerySet

if TYPE_CHECKING:
    from projects.ledger_prospects import Standing


class Stage(models.TextChoices):
    """Where a new project stands, in order."""

    FOUND = "found", _("found")
    APPROVAL = "approval", _("project approval")
    AGREEMENT = "agreement", _("talks and access agreement")
    BUILDING = "building", _("under construction")
    ACCEPTED = "accepted", _("accepted")
    LIVE = "live", pgettext_lazy("stage", "in service")


class Prospect(ImportedRow):
    """A compound to be won and built.

    ``<stage>_planned_on`` and ``<stage>_on`` are the planned and the actual day on which a stage is reached (F2).
    """

    class Kind(models.TextChoices):
        NEW_BUILD = "new_build", _("planned new build")
        UNCOVERED = "uncovered", _("mature compound not covered")

    grid = models.ForeignKey(Grid, models.PROTECT, db_index=False, related_name="prospects", verbose_name=_("grid"))
    name = models.CharField(_("name of the new project"), max_length=80)
    address = models.CharField(_("project address"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.NEW_BUILD)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices, default=Stage.FOUND, db_default="found")
    developer = models.CharField(_("developer"), max_length=80, blank=True)
    contact = models.CharField(_("contact"), max_length=60, blank=True)
    contact_phone = models.CharField(_("contact's phone"), max_length=20, blank=True)
    households = models.PositiveIntegerField(_("households expected"), null=True, blank=True)
    ports = models.PositiveIntegerField(_("ports planned"), null=True, blank=True)
    rivals = models.ManyToManyField(
        "projects.Operator", blank=True, related_name="prospects", verbose_name=_("rivals present")
    )
    found_on = models.DateField(_("found on"), null=True, blank=True)
    approval_planned_on = models.DateField(_("project approval, planned"), null=True, blank=True)
    approval_on = models.DateField(_("project approval, actual"), null=True, blank=True)
    agreement_planned_on = models.DateField(_("access agreement, planned"), null=True, blank=True)
    agreement_on = models.DateField(_("access agreement, actual"), null=True, blank=True)
    building_planned_on = models.DateField(_("start of construction, planned"), null=True, blank=True)
    building_on = models.DateField(_("start of construction, actual"), null=True, blank=True)
    building_months = models.PositiveSmallIntegerField(_("construction period (months)"), null=True, blank=True)
    accepted_planned_on = models.DateField(_("acceptance, planned"), null=True, blank=True)
    accepted_on = models.DateField(_("acceptance, actual"), null=True, blank=True)
    live_planned_on = models.DateField(_("in service, planned"), null=True, blank=True)
    live_on = models.DateField(_("in service, actual"), null=True, blank=True)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_step_on = models.DateField(_("next step by"), null=True, blank=True)
    note = models.TextField(_("notes"), blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    looked_at = models.DateTimeField(_("looked at"), default=timezone.now, db_default=models.functions.Now())
    closed_on = models.DateField(_("given up on"), null=True, blank=True)
    closed_reason = models.CharField(_("why it was given up"), max_length=200, blank=True)
    project = models.OneToOneField(
        "projects.Project", models.PROTECT, null=True, blank=True, related_name="prospect", verbose_name=_("project")
    )

    objects = ProspectQuerySet.as_manager()

    standing: Standing | None = None  # set for lists: where it stands today

    class Meta:
        ordering = ["grid", "name"]
        constraints = [
            models.UniqueConstraint("grid", "name", name="prospect_once_per_grid"),
            models.CheckConstraint(
                name="prospect_closed_has_reason", condition=Q(closed_on__isnull=True) | ~Q(closed_reason="")
            ),
            models.CheckConstraint(
                name="prospect_live_has_project", condition=~Q(stage="live") | Q(project__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["grid", "stage"], name="prospect_by_stage")]
        verbose_name = _("new project")
        verbose_name_plural = _("new projects")

    def __str__(self) -> str:
        return self.name

    @property
    def planned(self) -> dict[str, date | None]:
        """Stage -> the day planned for it; nothing is planned about being found."""
        return {name: getattr(self, f"{name}_planned_on", None) for name in rules.STAGES}

    @property
    def actual(self) -> dict[str, date | None]:
        """Stage -> the day it was reached on."""
        return {name: getattr(self, f"{name}_on") for name in rules.STAGES}

    @property
    def is_under_way(self) -> bool:
        """Neither in service nor given up."""
        return self.stage != Stage.LIVE and self.closed_on is None


class ProspectTalk(models.Model):
    """A talk with those who decide about a new project: kept as it was written (F1; S1 counts them)."""

    prospect = models.ForeignKey(Prospect, models.CASCADE, related_name="talks")
    held_on = models.DateField(_("day"))
    with_whom = models.CharField(_("with whom"), max_length=80, blank=True)
    text = models.CharField(_("what was said and agreed"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = ProspectTalkQuerySet.as_manager()

    class Meta:
        ordering = ["-held_on", "-pk"]
        verbose_name = _("talk")
        verbose_name_plural = _("talks")


class PreparationTemplate(models.Model):
    """A step that every new project needs at a stage; admins edit them (F2).

    ``days`` counts from the stage's planned day, negative before it.
    """

    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices)
    title = models.CharField(_("preparation step"), max_length=120)
    days = models.SmallIntegerField(_("days from the planned day"), default=0)
    position = models.PositiveSmallIntegerField(_("place in the order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["stage", "position", "pk"]
        verbose_name = _("preparation step")
        verbose_name_plural = _("preparation steps")

    def __str__(self) -> str:
        return self.title


class Preparation(models.Model):
    """A preparation step of one new project, due on a day that follows the plan until someone sets it by hand."""

    prospect = models.ForeignKey(Prospect, models.CASCADE, related_name="preparations")
    template = models.ForeignKey(PreparationTemplate, models.SET_NULL, null=True, blank=True, related_name="+")
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices)
    title = models.CharField(_("preparation step"), max_length=120)
    days = models.SmallIntegerField(default=0)
    due_on = models.DateField(_("by when"), null=True, blank=True)
    is_due_set = models.BooleanField(_("day set by hand"), default=False)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("remark"), max_length=200, blank=True)

    objects = PreparationQuerySet.as_manager()

    class Meta:
        ordering = [F("due_on").asc(nulls_last=True), "pk"]
        constraints = [models.UniqueConstraint("prospect", "template", name="prepared_once")]
        verbose_name = _("preparation step")
        verbose_name_plural = _("preparation steps")

    def __str__(self) -> str:
        return self.title


auditlog.register(
    Prospect,
    exclude_fields=["version", "created_batch", "looked_at"],
    mask_fields=["contact_phone"],
    m2m_fields={"rivals"},
)
auditlog.register(PreparationTemplate)
auditlog.register(Preparation)
