"""One attempt at a job: the handle that a handler works with.

How long may a handler be silent? ``JOB_LEASE_SECONDS`` (120) is the longest stretch between two calls of
``progress()`` outside a fenced transaction; a chunk, or a wait for a child process, should report every few seconds.
Inside a fenced transaction a single statement may take as long as it needs, up to the task's time limit: PostgreSQL
holds the lock on the job row (nobody can claim it, the sweep passes it by), SQLite the lock on the whole database.
What is reported inside a transaction is seen by others only once that is committed: announce the phase before it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from gridops.jobs.models import Job, JobFault

HEARTBEAT_SECONDS = 1.0
_LONG_NUMBER = re.compile(r"\d{5,}")


def nameless(text: str) -> str:
    """An error in one line that names no person: databases put whole rows into their messages."""
    return _LONG_NUMBER.sub("…", text.strip().split("\n", 1)[0])[:500]


def describe(error: Exception) -> str:
    """An error in one line that names no person."""
    return nameless(f"{type(error).__name__}: {error}")


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

        A new phase is written at once; an empty one goes on with the phase at hand, and so does a total of 0.
        Raises LeaseLost when the job is no longer ours.
        """
        job = self.job
        new_phase = bool(phase) and phase != job.phase
        job.rows_total = total if new_phase else total or job.rows_total
        job.rows_done, job.rows_total = done, max(job.rows_total, done) if job.rows_total else 0
        if not new_phase and self._clock() - self._last_beat < HEARTBEAT_SECONDS:
            return
        if new_phase:
            job.phase, job.phase_started_at = phase, timezone.now()
        self._write(phase=job.phase, phase_started_at=job.phase_started_at, **self.rows)

    def fence(self) -> None:
        """Call first inside the transaction that writes results: it locks the job row while it is still ours.

        Raises LeaseLost when it is not, which rolls the transaction back.
        """
        if not transaction.get_connection().in_atomic_block:
            raise RuntimeError("fence() belongs inside the transaction it guards")
        self._write()

    def fault(self, subject: str, error: str) -> None:
        """Record that one part failed while the others got theirs. Raises LeaseLost when the job is no longer ours.

        ``error`` may be what a database said: only what names no person is kept of it.
        """
        with transaction.atomic():
            self.fence()
            JobFault.objects.update_or_create(
                job=self.job, subject=subject[:120], defaults={"error": nameless(error), "at": timezone.now()}
            )

    @property
    def rows(self) -> dict[str, int]:
        """How far it is, as the fields of the row: also what the throttle has kept back so far."""
        return {"rows_done": self.job.rows_done, "rows_total": self.job.rows_total}

    def end(self, state: str, error: str = "") -> bool:
        """Leave the job in ``state``. False when it is no longer ours, which changes nothing."""
        ended = state in (Job.State.DONE, Job.State.FAILED)
        left = {"state": state, "error": error[:500], "lease_until": None}
        return bool(self._ours().update(**left, **self.rows, finished_at=timezone.now() if ended else None))

    def _write(self, **fields: Any) -> None:
        now = timezone.now()
        lease = now + timedelta(seconds=settings.JOB_LEASE_SECONDS)
        if not self._ours().update(heartbeat_at=now, lease_until=lease, **fields):
            raise LeaseLost(self.job.key)
        self._last_beat = self._clock()

    def _ours(self) -> models.QuerySet[Job]:
        return Job.objects.filter(pk=self.job.pk, token=self._token, state=Job.State.RUNNING)
