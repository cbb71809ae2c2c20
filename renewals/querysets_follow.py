"""Named questions about a month's counts and tasks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Count, Sum

from gridops.accounts.querysets import ScopedQuerySet
from renewals.rules_follow import COUNTED, Counts

if TYPE_CHECKING:
    from renewals.models_follow import DayTally, LossTally, RenewalTask, Tally


class TallyQuerySet(ScopedQuerySet["Tally"]):
    """Tallies."""

    grid_path = "warning_list__grid"

    def sums(self, *by: str) -> Any:
        """Rows of the values of ``by`` and the sum of each count, named ``sum_`` and the count."""
        return self.order_by().values(*by).annotate(**{f"sum_{name}": Sum(name) for name in COUNTED})

    def by(self, name: str) -> dict[Any, Counts]:
        """The counts for each value of a column."""
        return {row[name]: counts_of(row) for row in self.sums(name)}


def counts_of(row: Mapping[str, Any]) -> Counts:
    """The counts of a row of ``TallyQuerySet.sums``."""
    return Counts(**{name: row[f"sum_{name}"] for name in COUNTED})


class DayTallyQuerySet(ScopedQuerySet["DayTally"]):
    """Days."""

    grid_path = "warning_list__grid"


class LossTallyQuerySet(ScopedQuerySet["LossTally"]):
    """Reasons of loss."""

    grid_path = "warning_list__grid"


class RenewalTaskQuerySet(ScopedQuerySet["RenewalTask"]):
    """Tasks."""

    grid_path = "grid"

    def still_open(self) -> Self:
        """Those not done."""
        return self.filter(done_on=None)

    def months(self) -> list[tuple[date, int]]:
        """The months that they are about, with how many each has."""
        return list(self.order_by("month").values_list("month").annotate(Count("pk")))
