"""How an agent's contracts stand: pure values, no ORM. How long before its end one "ends soon" is a rule (*ours*)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Cover(StrEnum):
    """What an agent's contracts with a unit amount to on a day."""

    NONE = "none"  # no contract is on record
    COMING = "coming"
    RUNNING = "running"
    ENDING = "ending"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Covered:
    """How it stands, and the day on which it ends, or began to be over, or begins."""

    cover: Cover
    on: date | None = None
    days: int = 0

    @property
    def needs_care(self) -> bool:
        """Whether somebody has to see to it."""
        return self.cover in (Cover.ENDING, Cover.OVER)


def covered(contracts: Iterable[tuple[date, date]], today: date, notice: int) -> Covered:
    """How contracts of one agent and unit, each from a day until a day, stand ``today``.

    Contracts that follow on each other without a gap count as one: what is renewed already does not end soon.
    """
    spans = sorted(contracts)
    if not spans:
        return Covered(Cover.NONE)
    held = [until for start, until in spans if start <= today <= until]
    if held:
        end = max(held)
        for start, until in spans:
            if start <= end + timedelta(days=1):
                end = max(end, until)
        days = (end - today).days
        return Covered(Cover.ENDING if days <= notice else Cover.RUNNING, end, days)
    coming = [start for start, _until in spans if start > today]
    if coming:
        return Covered(Cover.COMING, min(coming), (min(coming) - today).days)
    end = max(until for _start, until in spans)
    return Covered(Cover.OVER, end, (today - end).days)
