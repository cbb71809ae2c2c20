"""One attempt at a job: the handle that a handler works with."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from gridops.jobs.models import Job, JobFault

HEARTBEAT_SECONDS = 1.0


class LeaseLost(Exception):
    """Another worker has taken the job up; whatever this attempt still wants to write must not happen."""


class JobRefused(Exception):
    """The work can't be done and trying again would not help; the text says why, in the person's words."""


class Run:
    """A claimed job. Handlers report progress, write under ``fence()``, and record faults of parts."""

    def __init__(self, job: Job, clock: Callable[[], float] = time.monotonic) -> None:
        self.job = job
        self._token = job.token
        self._clock = clock
        self._last_beat = clock()

    @property
    def payload(self) -> dict[str, Any]:
        """The ids that the job was started with."""
        payload: dict[str, Any] = self.job.payload
        return payload

    def progress(self, done: int, total: int = 0, phase: str = "") -> None:
        """Say how far it is; written at most once a second, which also renews the lease.

        A new phase is written at once. Raises LeaseLost when the job is no longer ours.
        """
        if phase == self.job.phase and self._clock() - self._last_beat < HEARTBEAT_SECONDS:
            return
        self._last_beat = self._clock()
        self.job.phase, self.job.rows_done, self.job.rows_total = phase, done, max(total, done if total else 0)
        self._write(phase=phase, rows_done=self.job.rows_done, rows_total=self.job.rows_total)

    def fence(self) -> None:
        """Call first inside the transaction that writes results: it locks the job row while it is still ours.

        Raises LeaseLost when it is not, which rolls the transaction back.
        """
        if not transaction.get_connection().in_atomic_block:
            raise RuntimeError("fence() belongs inside the transaction it guards")
        self._write()

    def fault(self, subject: str, error: str) -> None:
        """Record that one part failed while the others got theirs; a second try of the part replaces it."""
        JobFault.objects.update_or_create(
            job=self.job, subject=subject[:120], defaults={"error": error[:500], "at": timezone.now()}
        )

    def _write(self, **fields: Any) -> None:
        now = timezone.now()
        lease = now + timedelta(seconds=settings.JOB_LEASE_SECONDS)
        ours = Job.objects.filter(pk=self.job.pk, token=self._token, state=Job.State.RUNNING)
        if not ours.update(heartbeat_at=now, lease_until=lease, **fields):
            raise LeaseLost(self.job.key)
