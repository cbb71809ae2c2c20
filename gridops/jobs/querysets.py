"""Named questions about jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from gridops.accounts.models import User
    from gridops.jobs.models import Job


class JobQuerySet(models.QuerySet["Job", "Job"]):
    """Jobs."""

    def for_user(self, user: User) -> Self:
        """Admins see all, others what they asked for."""
        return self if user.scope.everything else self.filter(requested_by=user)
