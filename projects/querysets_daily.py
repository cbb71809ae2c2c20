"""Named questions about the results of days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Self

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

    def so_far(self, projects: Iterable[int], month: Month, until: date) -> dict[int, dict[str, Any]]:
        """Project -> how far its month has come by ``until``: each figure as said last, and ``day``; one query."""
        names = ("installs", "net_adds", "renewals", "ports_used", "day")
        found: dict[int, dict[str, Any]] = {}
        rows = self.of_month(month).filter(project__in=list(projects), day__lte=until).order_by("day")
        for project, *values in rows.values_list("project", *names):
            said = {name: value for name, value in zip(names, values, strict=True) if value is not None}
            found.setdefault(project, {}).update(said)
        return found
