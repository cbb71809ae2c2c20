"""What stands on the first page: one thing to do or to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

# OPEN: to be done by the month's end, with time left.
LATE, DUE, OPEN, WAITING, DONE = ORDER = ("late", "due", "open", "waiting", "done")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do or to know: where it stands, by when, and where it is done."""

    title: str
    detail: str
    state: str
    url: str
    due: date | None = None


def standing(due: date, today: date, *, done: bool = False) -> str:
    """Where owed work stands: done, late after its day, else to do."""
    return DONE if done else LATE if today > due else DUE
