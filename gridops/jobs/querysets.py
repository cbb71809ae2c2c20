"""Named questions about jobs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q

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

    def of_months(self, months: list[date]) -> Self:
        """Work for one of ``months`` (first days)."""
        return self.filter(month__in=months)

    def with_faults(self) -> Self:
        """Each with ``fault_count``: how many of its parts failed."""
        return self.annotate(fault_count=Count("faults"))
