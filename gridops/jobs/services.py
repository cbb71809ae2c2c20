"""Asking for work, claiming it, ending it, and taking up what a killed worker left."""

from __future__ import annotations

import logging
import traceback
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from gridops.common.months import Month
from gridops.jobs.models import Job, JobFault
from gridops.jobs.registry import KINDS
from gridops.jobs.run import JobRefused, LeaseLost, Run, describe

if TYPE_CHECKING:
    from gridops.accounts.models import Unit, User

log = logging.getLogger(__name__)

# Bells that one sweep rings: bounds what piles up in the broker while all workers are busy.
SWEEP_BELLS = 100


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
    job, made = Job.objects.get_or_create(
        key=key or f"{kind}:{uuid4()}",
        defaults={
            "kind": kind,
            "month": month.first if month else None,
            "unit": unit,
            "payload": payload or {},
            "requested_by": requested_by,
        },
    )
    if made or job.is_open:
        ring(job.pk)
    return job


def ring(job_id: int, after: int = 0) -> None:
    """Tell the workers once the current transaction is committed, ``after`` seconds from then.

    A lost bell costs at most a sweep's wait.
    """
    transaction.on_commit(partial(_ring_now, job_id, after))


def _ring_now(job_id: int, after: int = 0) -> bool:
    from gridops.jobs.tasks import run_job  # tasks import this module

    try:
        if after:
            run_job.apply_async((job_id,), countdown=after)
        else:
            run_job.delay(job_id)
    except Exception:
        log.exception("the broker did not take the bell for job %s; the sweep will find it", job_id)
        return False
    return True


def claim(job_id: int) -> Run | None:
    """Take the job if it is free: the row's lock and one conditional update decide, so no two workers hold it.

    Faults that an earlier attempt recorded go: each attempt does the whole work.
    """
    now = timezone.now()
    try:
        with transaction.atomic():
            # Locked by a fenced transaction of its holder: not free, and not worth waiting for.
            free = Job.objects.free(now).filter(pk=job_id).select_for_update(skip_locked=True)
            if not free.values_list("pk", flat=True):
                return None
            Job.objects.filter(pk=job_id).update(
                state=Job.State.RUNNING,
                attempts=F("attempts") + 1,
                token=F("token") + 1,
                lease_until=now + timedelta(seconds=settings.JOB_LEASE_SECONDS),
                heartbeat_at=now,
                started_at=now,
                phase_started_at=now,
                rows_done=0,
                rows_total=0,
                phase="",
                error="",
            )
            JobFault.objects.filter(job=job_id).delete()
            return Run(Job.objects.select_related("unit", "requested_by").get(pk=job_id))
    except IntegrityError:
        # Another run for the same unit and month is at work; this one waits for the next sweep.
        return None


def work(job_id: int) -> bool:
    """Claim and do one job, to its end or its failure. False when somebody else has it or it is over."""
    run = claim(job_id)
    if run is None:
        return False
    person = run.job.requested_by
    try:
        # What a handler says is said to the person who asked.
        with translation.override((person and person.language) or settings.LANGUAGE_CODE):
            _handle(run)
    except LeaseLost:
        log.warning("job %s was taken up by another worker", run.job.key)
    except JobRefused as refusal:
        run.end(Job.State.FAILED, str(refusal))
    except Exception as error:
        _failed(run, error)
    else:
        if not run.end(Job.State.DONE):
            log.warning("job %s was taken up by another worker before its end was recorded", run.job.key)
    return True


def _handle(run: Run) -> None:
    kind = KINDS.get(run.job.kind)
    if kind is None:
        raise JobRefused(_("Nothing here does this kind of work any more."))
    kind.handle(run)


def _failed(run: Run, error: Exception) -> None:
    """Give the job back for another attempt, or end it when all are used up.

    A locked SQLite, a deadlock or a lost connection are errors like any other: the next attempt starts a little later.
    """
    job = run.job
    trace = "".join(traceback.format_tb(error.__traceback__))
    log.error("job %s failed in attempt %s: %s\n%s", job.key, job.attempts, describe(error), trace)
    if isinstance(error, DatabaseError) and not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    again = job.attempts < settings.JOB_MAX_ATTEMPTS
    if run.end(Job.State.WAITING if again else Job.State.FAILED, describe(error)) and again:
        ring(job.pk, after=job.attempts)


def run_again(job: Job) -> bool:
    """Do an ended job once more, from a clean count of attempts (an admin's button). False when it is not ended."""
    now = timezone.now()
    fresh = Job.objects.filter(pk=job.pk, state__in=[Job.State.DONE, Job.State.FAILED]).update(
        state=Job.State.WAITING, attempts=0, asked_at=now, finished_at=None, error="", phase="", rows_done=0
    )
    if fresh:
        ring(job.pk)
    return bool(fresh)


def sweep() -> int:
    """Ring again for what waits and for what a killed worker left; fail what has used up its attempts.

    Runs every minute, so an emptied broker or a lost worker costs a minute, not the work. Returns how many were rung.
    """
    now = timezone.now()
    _end_used_up()
    rung = 0
    for job_id in list(Job.objects.unheard(now).values_list("pk", flat=True)[:SWEEP_BELLS]):
        if not _ring_now(job_id):
            break  # the broker is down: the next sweep tries again
        rung += 1
    return rung


def _end_used_up() -> None:
    """Fail what was lost in its last attempt. Rows locked by a holder who is still writing are passed by."""
    now = timezone.now()
    with transaction.atomic():
        ids = list(Job.objects.used_up(now).select_for_update(skip_locked=True).values_list("pk", flat=True))
        Job.objects.filter(pk__in=ids).update(
            state=Job.State.FAILED,
            lease_until=None,
            finished_at=now,
            error=_("The worker was lost in every attempt."),
        )
