"""Named questions about the results of days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from gridops.accounts.querysets import ScopedQuerySet
from gridops.common.months import Month

if TYPE_CHECKING:
    from projects.models_daily import DailyResult


class DailyResultQuerySet(ScopedQuerySet["DailyResult"]):
    """Results of days."""

    grid_path = "project__grid"

    def of_month(self, month: Month) -> Self:
        """Those of the days of ``month``."""
        return self.filter(day__range=(month.first, month.last))
