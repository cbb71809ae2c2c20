"""A month's lists counted, and what people do about what lags (S7, N2)."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.models import Agent, AgentStaff
from gridops.accounts.models import Grid, Unit
from projects.models import Project
from renewals.choices import Loss
from renewals.querysets_follow import DayTallyQuerySet, LossTallyQuerySet, RenewalTaskQuerySet, TallyQuerySet


class Tally(models.Model):
    """How the warnings of a list stand for one project, agent and person; agent None is the manager's pool.

    Always counted anew from the warnings, in the transaction that changed them, never added to: it can't drift.
    """

    warning_list = models.ForeignKey("renewals.WarningList", models.CASCADE, db_index=False, related_name="tallies")
    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="+")
    agent = models.ForeignKey(Agent, models.CASCADE, null=True, db_index=False, related_name="+")
    staff = models.ForeignKey(AgentStaff, models.CASCADE, null=True, db_index=False, related_name="+")
    expiring = models.PositiveIntegerField(help_text="live warnings: all but withdrawn ones")
    due = models.PositiveIntegerField(help_text="of these, those whose first call was due by the day counted")
    due_contacted = models.PositiveIntegerField(help_text="of the due ones, those contacted at least once")
    contacted = models.PositiveIntegerField(help_text="contacted at least once")
    expired = models.PositiveIntegerField(help_text="those whose day of expiry is over by the day counted")
    expired_renewed = models.PositiveIntegerField(help_text="of these, those that renewed")
    expired_open = models.PositiveIntegerField(
        default=0, help_text="of these, those still worked at: in the win-back window"
    )
    won_back = models.PositiveIntegerField(default=0, help_text="renewed only after the day of expiry")
    renewed = models.PositiveIntegerField()
    confirmed = models.PositiveIntegerField(help_text="of the renewed, those the roster shows")
    lost = models.PositiveIntegerField()
    unreachable = models.PositiveIntegerField()
    promised = models.PositiveIntegerField(help_text="open, with a promise")
    visits_owed = models.PositiveIntegerField(help_text="warnings that ever owed a second visit")
    visits_made = models.PositiveIntegerField(help_text="of these, those visited at least once")
    overdue = models.PositiveIntegerField(help_text="open, with the next step due before the day counted")
    fees = models.DecimalField(max_digits=12, decimal_places=2, help_text="monthly fees of those still open, in yuan")

    objects = TallyQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["warning_list", "agent"], name="tally_by_list")]


class DayTally(models.Model):
    """A list by days: how many expire on the day, and what was done on it."""

    warning_list = models.ForeignKey("renewals.WarningList", models.CASCADE, db_index=False, related_name="days")
    day = models.DateField()
    expiring = models.PositiveIntegerField(default=0)
    renewed = models.PositiveIntegerField(default=0)
    lost = models.PositiveIntegerField(default=0)
    contacted = models.PositiveIntegerField(default=0, help_text="live warnings whose first contact was on the day")
    calls = models.PositiveIntegerField(default=0)
    visits = models.PositiveIntegerField(default=0)

    objects = DayTallyQuerySet.as_manager()

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint("warning_list", "day", name="day_tally_once")]


class LossTally(models.Model):
    """How many of a list were lost for which reason; agent None is the manager's pool."""

    warning_list = models.ForeignKey("renewals.WarningList", models.CASCADE, db_index=False, related_name="losses")
    agent = models.ForeignKey(Agent, models.CASCADE, null=True, db_index=False, related_name="+")
    loss = models.CharField(max_length=10, choices=Loss.choices)
    lost = models.PositiveIntegerField()

    objects = LossTallyQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["warning_list", "agent"], name="loss_tally_by_list")]


class Chance(models.Model):
    """How many of a kind of subscribers renewed before, per unit; ``band`` says which kind (*ours*)."""

    unit = models.ForeignKey(Unit, models.CASCADE, db_index=False, related_name="+")
    band = models.CharField(max_length=40)
    expiring = models.PositiveIntegerField()
    renewed = models.PositiveIntegerField()
    counted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint("unit", "band", name="chance_once"),
            models.CheckConstraint(name="chance_within_all", condition=Q(renewed__lte=models.F("expiring"))),
        ]


class RenewalTask(models.Model):
    """Something to put right about a month's renewals, made from an anomaly by a click, or by hand (S7).

    ``numbers`` is the test as it stood when the task was made.
    """

    class Kind(models.TextChoices):
        CONTACTS = "contacts", _("contacts lag")
        RENEWALS = "renewals", _("renewals lag")
        OTHER = "other", _("other")

    grid = models.ForeignKey(Grid, models.PROTECT, related_name="renewal_tasks", verbose_name=_("grid"))
    month = models.DateField(_("month"), help_text=_("first day of the month of expiry"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("agent"))
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("project")
    )
    numbers = models.JSONField(default=dict, blank=True, editable=False)
    what = models.CharField(_("what is to be done"), max_length=200)
    due_on = models.DateField(_("by when"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    result = models.CharField(_("what came of it"), max_length=300, blank=True)

    objects = RenewalTaskQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                "grid",
                "month",
                "kind",
                Coalesce("agent", 0),
                Coalesce("project", 0),
                name="task_open_once",
                condition=Q(done_on__isnull=True) & ~Q(kind="other"),
            ),
            models.CheckConstraint(
                name="task_done_by_someone", condition=Q(done_on__isnull=True) | Q(done_by__isnull=False)
            ),
        ]
        verbose_name = _("task")
        verbose_name_plural = _("tasks")

    def __str__(self) -> str:
        return self.what

    def is_late(self, today: date) -> bool:
        """Whether its day is over and it is not done."""
        return self.done_on is None and self.due_on < today
