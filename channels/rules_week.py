"""What an outlet is owed in a week: visits and calls, lessened by holidays and leave (C5). Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from gridops.common.weeks import Week

FULL_WEEK = 5  # working days of an ordinary week


def owed(quota: int, workdays: Collection[date], manned: Collection[date]) -> int:
    """How many visits or calls of ``quota`` a week are owed (C5; the lessening is *ours*).

    The quota's share of the days that were worked and on which somebody was there, of five; rounded half up, never
    more than the quota, nothing in a week without such a day.
    """
    days = len(set(workdays) & set(manned))
    return min(quota, (2 * quota * days + FULL_WEEK) // (2 * FULL_WEEK)) if days else 0


def owes(opened_on: date | None, week: Week) -> bool:
    """Whether an outlet won on ``opened_on`` is owed anything in ``week``: from the first whole week after (*ours*)."""
    return opened_on is None or opened_on < week.first
