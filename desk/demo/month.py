"""Lets the demo's month run: what the calendar owes is done at once, by the product's own jobs."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

from gridops.jobs import calendar, services
from gridops.jobs.models import Job

Say = Callable[[str], object]
WAIT_SECONDS = 120


def play(today: date, say: Say) -> None:
    """Make the warning lists and drafts that are due by ``today``."""
    calendar.ensure_month(today)
    for job in Job.objects.filter(state=Job.State.WAITING).order_by("month", "pk"):
        finish(job)
    say(f"  {Job.objects.filter(state=Job.State.DONE).count()} runs of the month are done")


def finish(job: Job) -> None:
    """Do the job here, or wait for the worker that has it."""
    services.work(job.pk)
    until = time.monotonic() + WAIT_SECONDS
    while Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).exists() and time.monotonic() < until:
        time.sleep(0.2)
