"""Weeks of the calendar (ISO 8601: Monday to Sunday), as pure values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_WRITTEN = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


@dataclass(frozen=True, order=True, slots=True)
class Week:
    """An ISO week; dates are those of Asia/Shanghai. Written ``2026-W48``, as browsers write it."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1900 <= self.year <= 2200:
            raise ValueError(f"no such week: {self.year}-W{self.number}")
        date.fromisocalendar(self.year, self.number, 1)

    @classmethod
    def of(cls, day: date) -> Week:
        """The week that ``day`` lies in."""
        year, number, _weekday = day.isocalendar()
        return cls(year, number)

    @classmethod
    def parse(cls, text: str) -> Week:
        """Read ``2026-W48``; ValueError when it is none."""
        found = _WRITTEN.fullmatch(text.strip())
        if not found:
            raise ValueError(f"not a week: {text!r}")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year:04d}-W{self.number:02d}"

    @property
    def first(self) -> date:
        """Its Monday."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its Sunday."""
        return self.first + timedelta(days=6)

    @property
    def days(self) -> list[date]:
        """Its seven days."""
        return [self.first + timedelta(days=n) for n in range(7)]

    def plus(self, weeks: int) -> Week:
        """The week ``weeks`` later (earlier when negative)."""
        return Week.of(self.first + timedelta(weeks=weeks))
