"""Months and due dates: the calendar of the handbook, as pure values."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_WRITTEN = re.compile(r"(\d{4})\s*[-./年]?\s*(\d{1,2})\s*月?")


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A calendar month. Rows keep it as the date of its first day (``month.first``)."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.month <= 12 and 1900 <= self.year <= 2200):
            raise ValueError(f"no such month: {self.year}-{self.month}")

    @classmethod
    def of(cls, day: date) -> Month:
        """The month that ``day`` lies in."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read ``2026-12``, ``2026年12月``, ``2026.12`` or ``202612``; ValueError when it is none of them."""
        found = _WRITTEN.fullmatch(text.strip())
        if not found:
            raise ValueError(f"not a month: {text!r}")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def plus(self, months: int) -> Month:
        """The month ``months`` later (earlier when negative)."""
        year, index = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, index + 1)

    @property
    def first(self) -> date:
        """Its first day: the value that rows keep."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.month, self.length)

    @property
    def length(self) -> int:
        """How many days it has."""
        return calendar.monthrange(self.year, self.month)[1]

    @property
    def days(self) -> list[date]:
        """Every day of it, in order."""
        return [self.first + timedelta(days=n) for n in range(self.length)]

    def day(self, number: int) -> date:
        """Its day ``number``, or its last day when it is shorter."""
        return date(self.year, self.month, min(number, self.length))


def due_date(month: Month, day: int) -> date:
    """The day of the month before by whose end work for ``month`` is due (S1, S6: 28; S7: 25)."""
    return month.plus(-1).day(day)
