"""The 28th: next month's plans, owed to each unit by the calendar (S1)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import Grid
from gridops.common.months import Month
from gridops.jobs.registry import monthly
from gridops.jobs.run import Run
from plans.drafting import draft_plans


def lacking(month: Month) -> set[int]:
    """Units with a grid that has no plan for ``month``."""
    return set(Grid.objects.exclude(plans__month=month.first).values_list("unit_id", flat=True))


@monthly("plans.drafts", _("Draft plans"), early_rule="plan_early_day", due_rule="plan_due_day", lacking=lacking)
def drafts(run: Run) -> None:
    """Draft the plans of the run's month that the grids of its unit do not have yet."""
    if run.job.month is None or run.job.unit is None:
        raise ValueError("a monthly run names its month and unit")
    draft_plans(Month.of(run.job.month), run.job.unit, run)
