"""Asking for work, claiming it, ending it, and taking up what a killed worker left."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from gridops.common.months import Month
from gridops.jobs.models import Job
from gridops.jobs.registry import KINDS
from gridops.jobs.run import JobRefused, LeaseLost, Run

if TYPE_CHECKING:
    from gridops.accounts.models import Unit, User

log = logging.getLogger(__name__)


def start(
    kind: str,
    *,
    key: str = "",
    month: Month | None = None,
    unit: Unit | None = None,
    payload: dict[str, Any] | None = None,
    requested_by: User | None = None,
) -> Job:
    """Ask for work of ``kind``: a row in the caller's transaction, and a bell once that is committed.

    The same ``key`` gives the same job, whatever became of it. ``payload`` holds ids only.
    """
    if kind not in KINDS:
        raise LookupError(f"no such kind of job: {kind}")
    job, _ = Job.objects.get_or_create(
        key=key or f"{kind}:{uuid4()}",
        defaults={
            "kind": kind,
            "month": month.first if month else None,
            "unit": unit,
            "payload": payload or {},
            "requested_by": requested_by,
        },
    )
    ring(job.pk)
    return job


def ring(job_id: int) -> None:
    """Tell the workers, once the current transaction is committed. A lost bell costs at most a sweep's wait."""
    from gridops.jobs.tasks import run_job  # tasks import this module

    def bell() -> None:
        try:
            run_job.delay(job_id)
        except Exception:
            log.exception("the broker did not take the bell for job %s; the sweep will find it", job_id)

    transaction.on_commit(bell)


def claim(job_id: int) -> Run | None:
    """Take the job if it is free: one conditional update decides, so no two workers hold it."""
    now = timezone.now()
    free = Q(state=Job.State.WAITING) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    taken = Job.objects.filter(free, pk=job_id, attempts__lt=settings.JOB_MAX_ATTEMPTS).update(
        state=Job.State.RUNNING,
        attempts=F("attempts") + 1,
        token=F("token") + 1,
        lease_until=now + timedelta(seconds=settings.JOB_LEASE_SECONDS),
        heartbeat_at=now,
        started_at=now,
        rows_done=0,
        rows_total=0,
        phase="",
        error="",
    )
    return Run(Job.objects.select_related("unit", "requested_by").get(pk=job_id)) if taken else None


def work(job_id: int) -> bool:
    """Claim and do one job, to its end or its failure. False when somebody else has it or it is over."""
    run = claim(job_id)
    if run is None:
        return False
    try:
        KINDS[run.job.kind].handle(run)
    except LeaseLost:
        log.warning("job %s was taken up by another worker", run.job.key)
    except JobRefused as refusal:
        _end(run, Job.State.FAILED, str(refusal))
    except Exception as error:
        log.exception("job %s failed in attempt %s", run.job.key, run.job.attempts)
        again = run.job.attempts < settings.JOB_MAX_ATTEMPTS
        _end(run, Job.State.WAITING if again else Job.State.FAILED, f"{type(error).__name__}: {error}")
        if again:
            ring(job_id)
    else:
        _end(run, Job.State.DONE)
    return True


def _end(run: Run, state: str, error: str = "") -> None:
    ended = state in (Job.State.DONE, Job.State.FAILED)
    Job.objects.filter(pk=run.job.pk, token=run.job.token, state=Job.State.RUNNING).update(
        state=state, error=error[:500], lease_until=None, finished_at=timezone.now() if ended else None
    )


def run_again(job: Job) -> Job:
    """Do an ended job once more, from a clean count of attempts (an admin's button)."""
    fresh = Job.objects.filter(pk=job.pk, state__in=[Job.State.DONE, Job.State.FAILED]).update(
        state=Job.State.WAITING, attempts=0, finished_at=None, error=""
    )
    if fresh:
        job.faults.all().delete()
        ring(job.pk)
    return job


def sweep() -> int:
    """Ring again for what waits and for what a killed worker left; fail what has used up its attempts.

    Runs every minute, so an emptied broker or a lost worker costs a minute, not the work. Returns how many were rung.
    """
    now = timezone.now()
    left = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=now)
    left.filter(attempts__gte=settings.JOB_MAX_ATTEMPTS).update(
        state=Job.State.FAILED, lease_until=None, finished_at=now, error="the worker was lost in every attempt"
    )
    Job.objects.filter(state=Job.State.WAITING, attempts__gte=settings.JOB_MAX_ATTEMPTS).update(
        state=Job.State.FAILED, finished_at=now
    )
    waiting = Q(state=Job.State.WAITING, created_at__lt=now - timedelta(seconds=settings.JOB_BELL_GRACE_SECONDS))
    ids = list(Job.objects.filter(waiting | Q(pk__in=left.values("pk"))).values_list("pk", flat=True)[:500])
    for job_id in ids:
        ring(job_id)
    return len(ids)
