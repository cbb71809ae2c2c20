"""Celery's side: ids in, one service call."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.utils import timezone

from gridops.common.broker import forget_delivered
from gridops.jobs import calendar, services


@shared_task(name="jobs.run_job")
def run_job(job_id: int) -> None:
    """Do one job, if it is still free."""
    services.work(job_id)


@shared_task(name="jobs.sweep")
def sweep() -> None:
    """Every minute: take up what was left."""
    services.sweep()


@shared_task(name="jobs.ensure_month")
def ensure_month() -> None:
    """Every hour: start what the calendar owes, and keep the broker that needs no server small."""
    calendar.ensure_month(timezone.localdate())
    forget_delivered(settings.CELERY_BROKER_URL)


@worker_ready.connect
def catch_up(**_: Any) -> None:
    """A worker that comes up looks at once at what was left and owed meanwhile: no waiting for the hour."""
    sweep.delay()
    ensure_month.delay()
