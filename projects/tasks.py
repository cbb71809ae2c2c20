"""The 1st: the basic ledgers of the month that is over are kept, unit by unit (P1; *ours*)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridops.common.months import Month
from gridops.jobs.registry import closing
from gridops.jobs.run import JobRefused, Run
from projects.services_snapshots import MonthNotOver, take


@closing("projects.snapshots", gettext_lazy("Basic ledgers of the month"))
def snapshots(run: Run) -> None:
    """Keep the basics of the projects of the run's unit as they were when the run's month ended."""
    if run.job.month is None or run.job.unit is None:
        raise ValueError("a monthly run names its month and unit")
    try:
        with transaction.atomic():
            run.fence()
            take(Month.of(run.job.month), run.job.unit)
    except MonthNotOver as error:
        raise JobRefused(_("This work is for months that are over.")) from error
