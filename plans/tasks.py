"""The 28th: next month's plans, owed to each unit; the 1st: what became of those of the month that is over (S1, S2)."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import Grid
from gridops.common.months import Month
from gridops.jobs.registry import closing, monthly
from gridops.jobs.run import JobRefused, Run
from plans.drafting import draft_plans
from plans.notices_due import remind as remind_now
from plans.services_settling import KIND, MonthNotOver, outdated, settle_unit


def lacking(month: Month) -> set[int]:
    """Units with a grid that has no plan for ``month``."""
    return set(Grid.objects.exclude(plans__month=month.first).values_list("unit_id", flat=True))


@monthly("plans.drafts", _("Draft plans"), early_rule="plan_early_day", due_rule="plan_due_day", lacking=lacking)
def drafts(run: Run) -> None:
    """Draft the plans of the run's month that the grids of its unit do not have yet."""
    if run.job.month is None or run.job.unit is None:
        raise ValueError("a monthly run names its month and unit")
    draft_plans(Month.of(run.job.month), run.job.unit, run)


@shared_task(name="plans.remind")
def remind() -> None:
    """Every hour: remind of what is due; who was reminded already is left alone."""
    with transaction.atomic():
        remind_now(timezone.now())


@closing(KIND, _("Settle plans"), lacking=outdated)
def settle(run: Run) -> None:
    """Write what became of the run's month into the approved plans of its unit."""
    if run.job.month is None or run.job.unit is None:
        raise ValueError("a monthly run names its month and unit")
    try:
        settle_unit(Month.of(run.job.month), run.job.unit, run)
    except MonthNotOver as error:
        raise JobRefused(gettext("This work is for months that are over.")) from error
