"""Sums of many projects' figures, and how they compare: like with like, and whether all have reported (P4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gridops.common.months import Month
from projects.rules import average_revenue, share
from projects.rules_analysis import MonthFigures

# What each figure is made of: one to add up, or two whose sums are divided.
PARTS: Mapping[str, tuple[str, ...]] = {
    "users": ("users",),
    "adds": ("net_adds",),
    "renewal_rate": ("done", "due"),
    "utilisation": ("used", "ports"),
    "revenue": ("revenue",),
    "arpu": ("revenue", "users"),
    "commission_share": ("commission", "revenue"),
}
# Figures that grow while the month runs: a month that is not over can't be held against one that is.
OF_A_WHOLE_MONTH = frozenset({"adds", "renewal_rate", "revenue", "arpu", "commission_share"})


@dataclass(frozen=True, slots=True)
class MonthSums(MonthFigures):
    """The figures of a month added up over many projects.

    A ratio is that of the projects with both its figures. ``reported``: how many projects have each figure of
    ``PARTS``; ``expected``: how many should.
    """

    both_revenue: float | None = None
    both_users: int | None = None
    both_commission: float | None = None
    both_output: float | None = None
    aimed_renewals: int | None = None
    aimed_due: int | None = None
    target_net_adds_reported: int | None = None
    expected: int = 0
    reported: Mapping[str, int] = field(default_factory=dict)

    @property
    def arpu(self) -> float | None:
        """Billing revenue per billing user, in yuan."""
        return average_revenue(self.both_revenue, self.both_users)

    @property
    def commission_share(self) -> float | None:
        """Commission in percent of billing revenue."""
        return share(self.both_commission, self.both_output)

    @property
    def target_renewal_rate(self) -> float | None:
        """The renewals aimed at, in percent of the contracts expiring, of the projects with both."""
        return share(self.aimed_renewals, self.aimed_due)

    def is_partial(self, name: str) -> bool:
        """Whether some projects that should have a figure have not reported it."""
        return 0 < self.reported.get(name, 0) < self.expected


@dataclass(frozen=True, slots=True)
class Likeness:
    """A figure of two months, of the ``projects`` that have it in both; ``is_all``: none had to be left out."""

    now: float | None
    before: float | None
    projects: int
    is_all: bool


def like_for_like(now: Mapping[int, MonthFigures], before: Mapping[int, MonthFigures], name: str) -> Likeness:
    """A figure of ``PARTS`` in two months, made of those projects alone that have it in both."""
    parts = PARTS[name]
    here, there = _with(now, parts), _with(before, parts)
    both = here & there
    return Likeness(
        _made([now[pk] for pk in both], name), _made([before[pk] for pk in both], name), len(both), here == there
    )


def _with(figures: Mapping[int, MonthFigures], parts: Sequence[str]) -> set[int]:
    return {pk for pk, one in figures.items() if all(getattr(one, part) is not None for part in parts)}


def _made(rows: Sequence[MonthFigures], name: str) -> float | None:
    sums = [sum(getattr(row, part) for row in rows) for part in PARTS[name]]
    if not rows:
        return None
    if len(sums) == 1:
        return float(sums[0])
    return average_revenue(sums[0], int(sums[1])) if name == "arpu" else share(sums[0], sums[1])


def expected_reports(spans: Iterable[tuple[Month, Month, bool]], months: Sequence[Month]) -> dict[Month, int]:
    """How many projects should have reported each month.

    ``spans`` has of each project the first and the last month with figures, and whether it is in service: one that is
    owes every month since its first, one that no longer is those up to its last.
    """
    last = max(months)
    starts, ends = dict.fromkeys(months, 0), dict.fromkeys(months, 0)
    for first, newest, is_active in spans:
        starts[first] = starts.get(first, 0) + 1
        end = last if is_active else newest
        ends[end] = ends.get(end, 0) + 1
    return {
        month: sum(count for first, count in starts.items() if first <= month)
        - sum(count for end, count in ends.items() if end < month)
        for month in months
    }
