"""The 25th: next month's warning lists, owed to each unit by the calendar (S7); each night: what has to be seen to."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import Grid, Unit
from gridops.common.months import Month
from gridops.jobs.registry import job, monthly
from gridops.jobs.run import Run
from gridops.jobs.services import start
from renewals.notices import remind as remind_now
from renewals.services import count_lists, make_lists
from renewals.services_night import see_through

OVERNIGHT = "renewals.overnight"


def lacking(month: Month) -> set[int]:
    """Units with a grid that has no list of ``month``."""
    return set(Grid.objects.exclude(warning_lists__month=month.first).values_list("unit_id", flat=True))


@monthly(
    "renewals.warning-lists",
    _("Warning lists"),
    early_rule="warning_list_early_day",
    due_rule="warning_list_due_day",
    lacking=lacking,
)
def warning_lists(run: Run) -> None:
    """Make or bring up to date the lists of the run's month for the grids of its unit."""
    if run.job.month is None or run.job.unit is None:
        raise ValueError("a monthly run names its month and unit")
    month = Month.of(run.job.month)
    make_lists(month, run.job.unit, run)
    count_lists(month, run.job.unit, run)


@shared_task(name="renewals.remind")
def remind() -> None:
    """Every hour: remind of the renewal split; who was reminded already is left alone."""
    with transaction.atomic():
        remind_now(timezone.now())


@job(OVERNIGHT, _("Renewals overnight"))
def overnight(run: Run) -> None:
    """Follow the roster, end what has lapsed, count chances and lists anew for the run's unit."""
    if run.job.unit is None:
        raise ValueError("a night's run names its unit")
    see_through(run.job.unit, run)


@shared_task(name="renewals.nightly")
def nightly() -> None:
    """From 00:20 on, every hour: each unit's work of the night, once a day; a night that was missed is made up for."""
    today = timezone.localdate()
    for unit in Unit.objects.with_grids():
        with transaction.atomic():
            start(OVERNIGHT, key=f"{OVERNIGHT}:{today}:unit-{unit.pk}", unit=unit)
