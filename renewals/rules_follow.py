"""How a month's renewals stand: shares, the same day of other months, what this day should show, ranks (S7). No ORM.

The readings are *ours*. Of a list the renewed are weighed against all that expire. What a day should show is how far
earlier months had come on the same day: first those of the same grids, else those of the whole unit, where enough
contracts are known; else what would be renewed if everybody renewed by their day of expiry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate

from gridops.common.months import Month

PAST_MONTHS = 6


@dataclass(frozen=True, slots=True)
class Counts:
    """What a part of a month's lists adds up to; as ``renewals.models.Tally`` says."""

    expiring: int = 0
    due: int = 0
    due_contacted: int = 0
    contacted: int = 0
    expired: int = 0
    expired_renewed: int = 0
    expired_open: int = 0
    renewed: int = 0
    confirmed: int = 0
    won_back: int = 0
    lost: int = 0
    unreachable: int = 0
    promised: int = 0
    overdue: int = 0
    visits_owed: int = 0
    visits_made: int = 0
    fees: Decimal = Decimal(0)

    @property
    def rate(self) -> float | None:
        """Renewal rate: renewed of all that expire, in percent."""
        return share(self.renewed, self.expiring)

    @property
    def contact_share(self) -> float | None:
        """Contacted at least once, of all that expire, in percent."""
        return share(self.contacted, self.expiring)

    @property
    def visit_share(self) -> float | None:
        """Second visits made of those owed, in percent."""
        return share(self.visits_made, self.visits_owed)

    @property
    def loss_share(self) -> float | None:
        """Lost of all that expire, in percent."""
        return share(self.lost, self.expiring)

    @property
    def still_open(self) -> int:
        """Neither renewed nor lost."""
        return self.expiring - self.renewed - self.lost

    @property
    def claimed(self) -> int:
        """Reported as renewed, but not seen in the roster yet."""
        return self.renewed - self.confirmed


COUNTED = tuple(field.name for field in fields(Counts))


def share(part: int, whole: int) -> float | None:
    """``part`` of ``whole`` in percent; None of nothing."""
    return 100 * part / whole if whole else None


# --- Days ---


def same_day(month: Month, day: date, other: Month) -> date:
    """The day of ``other`` that stands where ``day`` stands in ``month``.

    Within the month the same number (the last day of a shorter one); before and after it as many days away from it.
    """
    if day < month.first:
        return other.first - (month.first - day)
    if day > month.last:
        return other.last + (day - month.last)
    return other.day(day.day)


@dataclass(frozen=True, slots=True)
class Course:
    """A month's lists by days: how many expire, renewed, were first contacted, were lost on each."""

    month: Month
    expiring: Mapping[date, int]
    renewed: Mapping[date, int]
    contacted: Mapping[date, int]

    @property
    def size(self) -> int:
        """How many expire in all."""
        return sum(self.expiring.values())

    def renewed_by(self, day: date) -> int:
        """How many had renewed at the end of ``day``."""
        return by(self.renewed, day)

    def contacted_by(self, day: date) -> int:
        """How many had been contacted at the end of ``day``."""
        return by(self.contacted, day)


def by(days: Mapping[date, int], day: date) -> int:
    """What the days up to ``day`` add up to."""
    return sum(number for at, number in days.items() if at <= day)


def running(days: Mapping[date, int], shown: Sequence[date]) -> list[int]:
    """The sum up to each of ``shown``, days in order without a gap."""
    before = sum(number for at, number in days.items() if at < shown[0])
    return [before + number for number in accumulate(days.get(day, 0) for day in shown)]


# --- What a day should show ---


class Basis(StrEnum):
    """What is expected is taken from."""

    OWN = "own"  # earlier months of the same grids
    UNIT = "unit"  # earlier months of the whole unit
    EXPIRY = "expiry"  # the days of expiry of this month


@dataclass(frozen=True, slots=True)
class Expected:
    """The share (percent of all that expire) expected at the end of each day, and what it is taken from."""

    basis: Basis
    shares: Mapping[date, float]
    months: int = 0
    contracts: int = 0


def expected(this: Course, own: Iterable[Course], unit: Iterable[Course], shown: Sequence[date], today: date,
             least: int) -> Expected:  # fmt: skip
    """What each of the days ``shown`` should show; ``least``: contracts that earlier months must have to go by.

    Only months that are past the last of these days say anything: each day is then taken from the same ones.
    """
    for basis, courses in ((Basis.OWN, own), (Basis.UNIT, unit)):
        known = [one for one in courses if one.size and same_day(this.month, shown[-1], one.month) < today]
        size = sum(one.size for one in known)
        if known and size >= least:
            return Expected(basis, _pooled(this.month, known, size, shown), len(known), size)
    size = this.size
    steps = running(this.expiring, shown)
    shares = {day: 100 * step / size for day, step in zip(shown, steps, strict=True)} if size else {}
    return Expected(Basis.EXPIRY, shares)


def _pooled(month: Month, known: Sequence[Course], size: int, shown: Sequence[date]) -> dict[date, float]:
    sums = [0] * len(shown)
    for one in known:
        days = sorted(one.renewed)
        at = total = 0
        for place, day in enumerate(shown):
            until = same_day(month, day, one.month)
            while at < len(days) and days[at] <= until:
                total += one.renewed[days[at]]
                at += 1
            sums[place] += total
    return {day: 100 * number / size for day, number in zip(shown, sums, strict=True)}


def days_shown(month: Month, today: date, lead: int, window: int) -> list[date]:
    """The days of the curve: ``lead`` before the month to its end; once it is over, up to today, ``window`` at most."""
    first = month.first - timedelta(days=lead)
    last = max(month.last, min(today, month.last + timedelta(days=window)))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


# --- Ranks ---


@dataclass(frozen=True, slots=True)
class Rank:
    """A place among ``of``; ``tied`` others share it. ``place`` None: too few contracts to be ranked."""

    place: int | None
    of: int
    tied: int = 0


def rank(counts: Mapping[int, Counts], own: int, least: int) -> Rank:
    """The place of ``own`` by renewal rate among those with at least ``least`` contracts; equal rates share a place."""
    rates = {key: one.renewed / one.expiring for key, one in counts.items() if one.expiring >= max(least, 1)}
    if own not in rates:
        return Rank(None, len(rates))
    mine = rates[own]
    better = sum(rate > mine for rate in rates.values())
    return Rank(better + 1, len(rates), sum(rate == mine for rate in rates.values()) - 1)
