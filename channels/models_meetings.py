"""Meetings with agents and outlets, and the matters that come up: each has an owner, a day, an answer (C1, C5, C9)."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from channels.choices import AgendaKind, MatterKind, MatterState
from channels.querysets_meetings import (
    AgendaItemQuerySet,
    AttendeeQuerySet,
    MatterQuerySet,
    MatterStepQuerySet,
    MeetingQuerySet,
)
from gridops.accounts.models import Grid
from projects.models import Project


class Meeting(models.Model):
    """A meeting or training that a grid holds with agents and outlets, one to one or all together (C1, C9)."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("meeting", "planned")
        HELD = "held", pgettext_lazy("meeting", "held")
        CANCELLED = "cancelled", pgettext_lazy("meeting", "cancelled")

    grid = models.ForeignKey(Grid, models.PROTECT, db_index=False, related_name="meetings", verbose_name=_("grid"))
    title = models.CharField(_("title"), max_length=120)
    is_training = models.BooleanField(_("training"), default=False)
    together = models.BooleanField(_("all together"), default=True, help_text=_("else one to one"))
    project = models.ForeignKey(
        Project, models.SET_NULL, null=True, blank=True, related_name="meetings", verbose_name=_("on site at")
    )
    place = models.CharField(_("place"), max_length=120, blank=True)
    starts_at = models.DateTimeField(_("begins"))
    month = models.DateField(_("month"), help_text=_("first day of the month whose goals are made clear"))
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    note = models.TextField(_("minutes"), blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    held_at = models.DateTimeField(null=True, blank=True, help_text="when it was recorded as held")
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(name="meeting_month_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(name="meeting_held_since", condition=~Q(state="held") | Q(held_at__isnull=False)),
        ]
        indexes = [models.Index(fields=["grid", "starts_at"], name="meeting_by_grid")]
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")

    def __str__(self) -> str:
        return self.title


class AgendaItem(models.Model):
    """What is to be said at a meeting, proposed from the month's figures or written by hand, and whether it was."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, db_index=False, related_name="agenda")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=AgendaKind.choices)
    project = models.ForeignKey(Project, models.CASCADE, null=True, blank=True, related_name="+")
    campaign = models.ForeignKey("channels.Campaign", models.CASCADE, null=True, blank=True, related_name="+")
    matter = models.ForeignKey("channels.Matter", models.CASCADE, null=True, blank=True, related_name="+")
    text = models.CharField(_("what is said"), max_length=500)
    proposed = models.CharField(
        max_length=500, blank=True, default="", db_default="", help_text="as it was proposed; empty: by hand"
    )
    explained = models.BooleanField(_("explained"), default=False)

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        ordering = ["meeting", "position", "pk"]
        indexes = [models.Index(fields=["meeting", "position"], name="agenda_by_meeting")]


class Attendee(models.Model):
    """Somebody asked to a meeting: of an agent's staff, or of an outlet; and whether they were there.

    ``name`` is kept as it was: rosters replace people, who was there stays.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendees")
    agent = models.ForeignKey("channels.Agent", models.PROTECT, null=True, blank=True, related_name="attended")
    staff = models.ForeignKey(
        "channels.AgentStaff", models.SET_NULL, null=True, blank=True, db_constraint=False, related_name="attended"
    )
    outlet = models.ForeignKey("channels.Outlet", models.PROTECT, null=True, blank=True, related_name="attended")
    name = models.CharField(_("name"), max_length=60)
    present = models.BooleanField(_("present"), null=True, blank=True)

    objects = AttendeeQuerySet.as_manager()

    class Meta:
        ordering = ["meeting", "agent__code", "outlet__code", "name"]
        constraints = [
            models.CheckConstraint(
                name="attendee_of_one",
                condition=Q(agent__isnull=False, outlet__isnull=True) | Q(agent__isnull=True, outlet__isnull=False),
            ),
            models.UniqueConstraint(
                "meeting", "agent", "name", name="agent_attendee_once", condition=Q(agent__isnull=False)
            ),
            models.UniqueConstraint(
                "meeting", "outlet", "name", name="outlet_attendee_once", condition=Q(outlet__isnull=False)
            ),
        ]


class Matter(models.Model):
    """A problem, or support asked for: somebody owns it, it is due on a day, and nothing is closed unanswered (C1)."""

    grid = models.ForeignKey(Grid, models.PROTECT, db_index=False, related_name="matters", verbose_name=_("grid"))
    kind = models.CharField(_("kind"), max_length=10, choices=MatterKind.choices, default=MatterKind.PROBLEM)
    what = models.CharField(_("what it is about"), max_length=500)
    agent = models.ForeignKey(
        "channels.Agent", models.PROTECT, null=True, blank=True, related_name="matters", verbose_name=_("agent")
    )
    outlet = models.ForeignKey(
        "channels.Outlet", models.PROTECT, null=True, blank=True, related_name="matters", verbose_name=_("outlet")
    )
    project = models.ForeignKey(
        Project, models.SET_NULL, null=True, blank=True, related_name="matters", verbose_name=_("project")
    )
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="matters")
    visit = models.ForeignKey("channels.Visit", models.PROTECT, null=True, blank=True, related_name="matters")
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(_("raised"), default=timezone.now)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="matters", verbose_name=_("dealt with by")
    )
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("state"), max_length=10, choices=MatterState.choices, default=MatterState.OPEN)
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(_("answered back"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = MatterQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="matter_answered_has_answer",
                condition=Q(state="open") | (~Q(answer="") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="matter_closed_was_told", condition=~Q(state="closed") | Q(told_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["grid", "state", "due_on"], name="matter_by_grid"),
            models.Index(fields=["owner", "state"], name="matter_by_owner"),
        ]
        verbose_name = _("matter")
        verbose_name_plural = _("matters")

    def __str__(self) -> str:
        return self.what[:60]


class MatterStep(models.Model):
    """What was done about a matter: only ever added."""

    class What(models.TextChoices):
        RAISED = "raised", pgettext_lazy("matter", "raised")
        NOTED = "noted", pgettext_lazy("matter", "noted")
        PASSED_ON = "passed_on", pgettext_lazy("matter", "passed on")
        ANSWERED = "answered", pgettext_lazy("matter", "answered")
        TOLD = "told", pgettext_lazy("matter", "answered back")
        REOPENED = "reopened", pgettext_lazy("matter", "reopened")

    matter = models.ForeignKey(Matter, models.CASCADE, related_name="steps")
    what = models.CharField(max_length=10, choices=What.choices)
    text = models.CharField(_("remark"), max_length=1000, blank=True)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = MatterStepQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]


auditlog.register(Meeting, exclude_fields=["version"])
