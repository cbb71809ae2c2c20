"""Working days: Monday to Friday, but for public holidays and the weekend days worked instead, as pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked. ``special``: days that differ from their weekday, True where worked instead."""

    special: Mapping[date, bool] = field(default_factory=dict)

    def works(self, day: date) -> bool:
        """Whether ``day`` is a working day."""
        return self.special.get(day, day.weekday() < SATURDAY)

    def after(self, day: date, days: int) -> date:
        """The day ``days`` working days after ``day``; with 0 ``day`` itself, or the next one that is worked."""
        while days > 0 or not self.works(day):
            day += timedelta(days=1)
            days -= self.works(day)
        return day

    def days(self, first: date, last: date) -> list[date]:
        """The working days from ``first`` to ``last``, both included."""
        count = (last - first).days + 1
        return [day for day in (first + timedelta(days=n) for n in range(count)) if self.works(day)]
