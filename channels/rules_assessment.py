"""How outlets are assessed (C10): orders of a month, grade, fading, rates with their counts. Pure.

All of it is *ours*: the handbook only asks that outlets are assessed and kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from gridops.common.months import Month
from gridops.common.weeks import Week

THURSDAY = 3
Source = Literal["roster", "visits"]
ROSTER: Source = "roster"
VISITS: Source = "visits"
GRADE_MONTHS = 3  # whole months whose mean is graded
BEFORE = 3  # whole months that a month is compared with
LEAST_BEFORE = 6  # orders in those months below which a fall tells nothing
GRADE_RULES = ("grade_a_orders", "grade_b_orders")
GRADES = ("A", "B", "C")


# --- The period ---


@dataclass(frozen=True, slots=True)
class Period:
    """So many months, the last of them ``last``. A week belongs to the month in which its Thursday lies (ISO)."""

    last: Month
    months: int

    @property
    def first(self) -> Month:
        """Its first month."""
        return self.last.plus(1 - self.months)

    def weeks(self, today: date) -> list[Week]:
        """Its weeks that have begun by ``today``."""
        first, last = Week.of(self.first.first), Week.of(min(self.last.last, today))
        found = [first.plus(n) for n in range((last.first - first.first).days // 7 + 1)]
        return [week for week in found if self.first <= Month.of(week.days[THURSDAY]) <= self.last]

    def weeks_over(self, today: date) -> list[Week]:
        """Those of them that are over: the running one is still to be worked."""
        return [week for week in self.weeks(today) if week.last < today]

    def judged(self, today: date) -> Month:
        """The last whole month by its end: what grade and trend are told by."""
        return min(self.last, Month.of(today).plus(-1))


# --- A month's orders and commission ---


@dataclass(frozen=True, slots=True)
class Known:
    """A figure of a month and where it is from: the roster, or what visits of the month added up to."""

    value: Decimal
    source: Source


def known(roster: Decimal | int | None, visits: Decimal | int | None) -> Known | None:
    """The roster's figure where there is one, else that of the visits, else None."""
    if roster is not None:
        return Known(Decimal(roster), ROSTER)
    return None if visits is None else Known(Decimal(visits), VISITS)


Months = Mapping[Month, Known]


def sources(figures: Iterable[Known | None]) -> frozenset[Source]:
    """Where figures are from."""
    return frozenset(one.source for one in figures if one)


# --- Grade ---


def mean_orders(orders: Months, last: Month, months: int = GRADE_MONTHS) -> tuple[Decimal, int] | None:
    """Mean orders a month over the ``months`` up to ``last`` of which any are known, and how many are; else None."""
    found = [orders[month].value for n in range(months) if (month := last.plus(-n)) in orders]
    return (sum(found, Decimal()) / len(found), len(found)) if found else None


def grade(orders_a_month: Decimal | float | None, rules: Mapping[str, int]) -> str:
    """A, B or C by orders a month and the unit's rules; "" when they are not known."""
    if orders_a_month is None:
        return ""
    if orders_a_month >= rules["grade_a_orders"]:
        return "A"
    return "B" if orders_a_month >= rules["grade_b_orders"] else "C"


# --- Fading ---


@dataclass(frozen=True, slots=True)
class Fade:
    """A month's orders against the mean of the three months before it; ``fall`` in percent, negative when it rose."""

    orders: Decimal
    before: Decimal
    fall: Decimal
    fades: bool


def fade(orders: Months, month: Month, percent: int) -> Fade | None:
    """``month`` against the three before; None unless all four are known and the three had six orders together."""
    earlier = [orders.get(month.plus(-n)) for n in range(1, BEFORE + 1)]
    now = orders.get(month)
    if now is None or None in earlier:
        return None
    total = sum((one.value for one in earlier if one), Decimal())
    if total < LEAST_BEFORE:
        return None
    mean = total / BEFORE
    fall = 100 * (mean - now.value) / mean
    return Fade(now.value, mean, fall, fall >= percent)


# --- Rates ---


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many."""

    done: int = 0
    of: int = 0

    def __add__(self, other: Rate) -> Rate:
        return Rate(self.done + other.done, self.of + other.of)

    @property
    def percent(self) -> Decimal | None:
        """In percent, unrounded; None of none."""
        return Decimal(100 * self.done) / self.of if self.of else None

    @property
    def key(self) -> tuple[bool, Decimal]:
        """For sorting, the lowest first; what is not known last."""
        return (self.of == 0, self.percent or Decimal())


def total(rates: Iterable[Rate]) -> Rate:
    """All of them together."""
    return sum(rates, Rate())


def five(pieces: Sequence[bool | None]) -> bool | None:
    """The five ones at a check (C8): all present; None when none was looked at. What was left out is not present."""
    return None if all(piece is None for piece in pieces) else all(piece is True for piece in pieces)


def ranks(values: Sequence[Decimal | None]) -> list[int | None]:
    """The rank of each value, the highest 1, equal ones sharing theirs; what is not known has none."""
    ordered = sorted((value for value in values if value is not None), reverse=True)
    return [None if value is None else ordered.index(value) + 1 for value in values]
