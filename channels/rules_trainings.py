"""How long a training in ordering by phone holds, and when it is due again: pure (C9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from gridops.common.months import Month

SOON = timedelta(days=14)  # ours: so long before its end it is due, so that a weekly visit comes in time
NEVER, OVERDUE, DUE, VALID = "never", "overdue", "due", "valid"


def valid_until(on: date, months: int) -> date:
    """The day by which what was learnt on ``on`` is to be shown again: the same day, ``months`` later."""
    return Month.of(on).plus(months).day(on.day)


@dataclass(frozen=True, slots=True)
class Learner:
    """A person of an outlet, and the newest training that counts."""

    name: str
    is_owner: bool = False
    trained_on: date | None = None
    valid_until: date | None = None
    training: int | None = None

    def standing(self, today: date) -> str:
        """``never``, ``overdue``, ``due`` (soon) or ``valid``."""
        if self.valid_until is None:
            return NEVER
        if self.valid_until < today:
            return OVERDUE
        return DUE if self.valid_until <= today + SOON else VALID

    def is_due(self, today: date) -> bool:
        """Whether they are to be shown (again) by now or soon."""
        return self.standing(today) != VALID
