"""Long and monthly work as rows. The database is the truth, the broker only a bell."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import Unit
from gridops.jobs.progress import Progress, progress_of, spoken
from gridops.jobs.querysets import JobQuerySet
from gridops.jobs.registry import title_of


class Job(models.Model):
    """One piece of work: who asked, where it stands, who holds it until when, how far it is.

    ``key`` is its identity: asking twice for the same key gives the same row, so nothing is made twice.
    ``token`` is raised by each claim; a holder writes only while the token is still its own (a fence).
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=120, unique=True)
    month = models.DateField(null=True, blank=True, help_text="first day of the month the work is for")
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, blank=True, related_name="jobs")
    payload = models.JSONField(default=dict, help_text="ids only, never personal data")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="jobs"
    )

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)

    phase = models.CharField(max_length=30, blank=True, help_text="a code of ``progress.PHASES``")
    phase_started_at = models.DateTimeField(null=True, blank=True)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)

    created_at = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(default=timezone.now, help_text="when it was asked for last: made, or run again")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["state", "lease_until"], name="job_open", condition=Q(state__in=["waiting", "running"])
            ),
            models.Index(fields=["kind", "month"], name="job_by_month"),
        ]
        constraints = [
            models.CheckConstraint(
                name="job_running_has_lease", condition=~Q(state="running") | Q(lease_until__isnull=False)
            ),
            models.CheckConstraint(
                name="job_ended_has_time", condition=~Q(state__in=["done", "failed"]) | Q(finished_at__isnull=False)
            ),
            models.CheckConstraint(
                name="job_rows_in_range", condition=Q(rows_total=0) | Q(rows_done__lte=F("rows_total"))
            ),
            # The early and the due run of a unit's month, or one run again, never work side by side.
            models.UniqueConstraint(
                "kind",
                "month",
                "unit",
                name="job_one_running_per_unit",
                condition=Q(state="running", month__isnull=False, unit__isnull=False),
            ),
        ]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")

    def __str__(self) -> str:
        return self.key

    @property
    def is_open(self) -> bool:
        """Whether something is still to come: waiting or running."""
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def has_failed(self) -> bool:
        """Whether it ended without its work being done."""
        return self.state == self.State.FAILED

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return progress_of(self.phase, self.rows_done, self.rows_total, self.phase_started_at, self.heartbeat_at)

    @property
    def title(self) -> Promise | str:
        """Its kind, in words."""
        return title_of(self.kind)

    @property
    def is_early(self) -> bool:
        """Whether it is monthly work made ahead of its due day."""
        return self.key.endswith(":early")

    @property
    def is_lost(self) -> bool:
        """Whether its worker has not been heard of for a whole lease: the next sweep takes it up."""
        return self.state == self.State.RUNNING and self.lease_until is not None and self.lease_until < timezone.now()

    @property
    def took(self) -> str:
        """How long its last attempt took from start to end, in words; empty while it is open."""
        if self.is_open or self.started_at is None or self.finished_at is None:
            return ""
        return spoken(max(0.0, (self.finished_at - self.started_at).total_seconds()))


class JobFault(models.Model):
    """A part of a job (a grid) that failed while the others got theirs."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="faults")
    subject = models.CharField(max_length=120)
    error = models.CharField(max_length=500)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint("job", "subject", name="fault_once_per_subject")]
