"""Where the monthly look at the ledgers stands: at least once a month (P), due on the month's last day."""

from __future__ import annotations

from datetime import date

from gridops.common.months import Month

DONE, OPEN, URGENT, LATE = "done", "open", "urgent", "late"


def standing(unseen: int, month: Month, today: date, urgent_days: int) -> str:
    """All seen to, open, urgent in the month's last ``urgent_days`` days (*ours*), or left out once it is over."""
    if not unseen:
        return DONE
    if today > month.last:
        return LATE
    return URGENT if (month.last - today).days < urgent_days else OPEN
