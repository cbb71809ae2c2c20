"""The promotion timetable: which session, where, when (S3, S4)."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.db import models
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import Grid
from projects.models import Project
from promotions.querysets import SessionQuerySet


class Slot(models.TextChoices):
    """The part of a day in which a session is held."""

    MORNING = "morning", _("morning")
    AFTERNOON = "afternoon", _("afternoon")
    EVENING = "evening", _("evening")


class Session(models.Model):
    """One promotion session of a project on a day (S3)."""

    grid = models.ForeignKey(Grid, models.PROTECT, db_index=False, related_name="sessions", verbose_name=_("grid"))
    project = models.ForeignKey(
        Project, models.CASCADE, db_index=False, related_name="sessions", verbose_name=_("project")
    )
    day = models.DateField(_("day"))
    slot = models.CharField(_("slot"), max_length=10, choices=Slot.choices)
    place = models.CharField(_("place"), max_length=80, blank=True)
    people = models.CharField(_("people taking part"), max_length=120, blank=True)
    materials = models.CharField(_("materials"), max_length=120, blank=True)
    property_agreed = models.BooleanField(_("property company agreed"), default=False)
    fixed = models.BooleanField(_("fixed by hand"), default=False)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["day", "slot", "project__code"]
        constraints = [models.UniqueConstraint("project", "day", "slot", name="session_once_per_slot")]
        indexes = [models.Index(fields=["grid", "day"], name="session_by_grid")]
        verbose_name = _("promotion session")
        verbose_name_plural = _("promotion sessions")

    def __str__(self) -> str:
        return f"{self.day} {self.get_slot_display()} {self.project}"


auditlog.register(Session, exclude_fields=["version"])
