"""Named questions about jobs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from gridops.common.months import Month

if TYPE_CHECKING:
    from gridops.accounts.models import User
    from gridops.jobs.models import Job


class JobQuerySet(models.QuerySet["Job", "Job"]):
    """Jobs."""

    def for_user(self, user: User) -> Self:
        """Admins see all, others what they asked for."""
        return self if user.scope.everything else self.filter(requested_by=user)

    def unheld(self, now: datetime) -> Self:
        """Open, and held by nobody: waiting, or its worker has not been heard of for a whole lease."""
        return self.filter(Q(state="waiting") | Q(state="running", lease_until__lt=now))

    def free(self, now: datetime) -> Self:
        """What a worker may claim: held by nobody, with attempts left."""
        return self.unheld(now).filter(attempts__lt=settings.JOB_MAX_ATTEMPTS)

    def used_up(self, now: datetime) -> Self:
        """Held by nobody, and no attempt left."""
        return self.unheld(now).filter(attempts__gte=settings.JOB_MAX_ATTEMPTS)

    def unheard(self, now: datetime) -> Self:
        """Free ones whose bell should have been answered by now, oldest first."""
        rung_before = now - timedelta(seconds=settings.JOB_BELL_GRACE_SECONDS)
        return self.free(now).filter(asked_at__lt=rung_before).order_by("asked_at", "pk")

    def scheduled(self) -> Self:
        """Monthly work per unit, the newest month first."""
        return self.filter(month__isnull=False, unit__isnull=False).order_by("-month", "kind", "unit__name", "-pk")

    def chosen(self, month: Month | None = None, kind: str = "", state: str = "") -> Self:
        """Of a month, of a kind, in a state (or done with ``faults``); each left open when empty."""
        rows = self.filter(month=month.first) if month else self
        rows = rows.filter(kind=kind) if kind else rows
        if state in ("done", "faults"):
            has_faults = Exists(apps.get_model("jobs", "JobFault").objects.filter(job=OuterRef("pk")))
            return rows.filter(has_faults if state == "faults" else ~has_faults, state="done")
        return rows.filter(state=state) if state else rows

    def with_faults(self) -> Self:
        """Each with ``fault_count``: how many of its parts failed."""
        return self.annotate(fault_count=Count("faults"))
