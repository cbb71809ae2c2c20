"""What an outlet sold and was paid by month, its grade and its trend, as its page shows them (C10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from channels.assessment import Figures, judged, last_whole_month, months_of, unit_rules
from channels.models import Outlet
from channels.rules_assessment import GRADE_MONTHS, VISITS, Known, sources
from gridops.accounts.models import User
from gridops.common.months import Month

SHOWN = 6  # months


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month of an outlet; ``running``: it is not over."""

    month: Month
    orders: Known | None
    commission: Known | None
    running: bool

    @property
    def from_visits(self) -> bool:
        """Whether a figure of it is only what visits added up to."""
        return VISITS in sources([self.orders, self.commission])


def outlet_part(user: User, outlet: Outlet, today: date) -> dict[str, Any]:  # noqa: ARG001
    """The last six months, and how the last whole ones are judged; five queries."""
    this = Month.of(today)
    rows = Outlet.objects.filter(pk=outlet.pk)
    figures = months_of(rows, this.plus(1 - SHOWN), this).get(outlet.pk, Figures())
    units, rules = unit_rules(rows)
    months = [this.plus(-n) for n in range(SHOWN)]
    shown = [
        MonthRow(month, figures.orders.get(month), figures.commission.get(month), month == this) for month in months
    ]
    own = rules[units[outlet.pk]]
    return {
        "rows": shown,
        "business": judged(figures, last_whole_month(today), own),
        "rules": own,
        "grade_months": GRADE_MONTHS,
        "any": any(row.orders or row.commission for row in shown),
    }
