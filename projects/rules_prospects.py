"""The course of a new project: its stages, the days planned and come, what follows from them (F1, F2).

Stages are named by their stored values, in the order in which they are reached. Days are dates, today is passed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from operator import itemgetter

from gridops.common.months import Month

STAGES = ("found", "approval", "agreement", "building", "accepted", "live")
FOUND, LIVE = STAGES[0], STAGES[-1]
LIVE_AFTER = timedelta(days=14)  # *ours*: from acceptance to the first subscriber
DAYS_A_MONTH = 30.44
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)

Days = Mapping[str, date | None]


def rank(stage: str) -> int:
    """Its place in the order, from 0."""
    return STAGES.index(stage)


def following(stage: str) -> str | None:
    """The stage after it, or None: it is the last."""
    return STAGES[rank(stage) + 1] if stage != LIVE else None


def not_reached(stage: str) -> tuple[str, ...]:
    """The stages that lie ahead of one that stands at ``stage``."""
    return STAGES[rank(stage) + 1 :]


@dataclass(frozen=True, slots=True)
class Milestone:
    """A stage of one new project with the day it is planned for and the day it was reached on."""

    stage: str
    planned: date | None
    actual: date | None
    is_reached: bool = False
    is_now: bool = False

    @property
    def difference(self) -> int | None:
        """Days between plan and fact, negative when early; None while either is unknown."""
        return (self.actual - self.planned).days if self.actual and self.planned else None

    @property
    def early(self) -> int:
        """Days by which it came early; 0 when it did not."""
        return max(0, -(self.difference or 0))


def milestones(stage: str, planned: Days, actual: Days) -> list[Milestone]:
    """The whole course of one that stands at ``stage``."""
    return [
        Milestone(name, planned.get(name), actual.get(name), rank(name) <= rank(stage), name == stage)
        for name in STAGES
    ]


def days_past(day: date | None, today: date) -> int:
    """How many days ``day`` is over; 0 while it is not."""
    return max(0, (today - day).days) if day else 0


def days_under_construction(begun: date | None, accepted: date | None, today: date) -> int | None:
    """在建时长: days from the start of construction until acceptance, or until today; None before it has begun (F2)."""
    return max(0, ((accepted or today) - begun).days) if begun else None


def months_taken(begun: date | None, accepted: date | None) -> float | None:
    """施工周期 as it came out: months of construction, one decimal; None while it lasts (F2)."""
    return round((accepted - begun).days / DAYS_A_MONTH, 1) if begun and accepted else None


def due_day(planned: date | None, days: int) -> date | None:
    """When a preparation step is due: so many days from its stage's planned day; None while there is none (F2)."""
    return planned + timedelta(days=days) if planned else None


# --- The plan: what follows from the start of construction ---


@dataclass(frozen=True, slots=True)
class Plan:
    """The planned days that hang together: start of construction, its months, acceptance, in service."""

    building: date | None = None
    months: int | None = None
    accepted: date | None = None
    live: date | None = None


def plus_months(day: date | None, months: int | None) -> date | None:
    """The same day so many months later, or that month's last; None when either is unknown or it lies too far."""
    if day is None or months is None:
        return None
    try:
        return Month.of(day).plus(months).day(day.day)
    except ValueError:
        return None


def _live_after(accepted: date | None) -> date | None:
    return accepted + LIVE_AFTER if accepted else None


def proposed(before: Plan, after: Plan) -> Plan:
    """``after`` with the days that follow from others brought along; a day that somebody typed is never touched.

    A day follows as long as it is empty or as worked out ``before``, and while what it hangs on has changed.
    """
    found = after
    was, now = plus_months(before.building, before.months), plus_months(after.building, after.months)
    if _follows(before.accepted, after.accepted, was, now):
        found = replace(found, accepted=now)
    was, now = _live_after(before.accepted), _live_after(found.accepted)
    if _follows(before.live, after.live, was, now):
        found = replace(found, live=now)
    return found


def _follows(before: date | None, after: date | None, was: date | None, now: date | None) -> bool:
    untouched = after == before and (before is None or before == was)
    return now is not None and now != was and untouched


def out_of_order(days: Iterable[tuple[str, date | None]]) -> tuple[str, str] | None:
    """The first stage, and the one before it, whose days are the wrong way round; None when all are in order."""
    latest: tuple[str, date] | None = None
    for stage, day in days:
        if day is None:
            continue
        if latest and day < latest[1]:
            return stage, latest[0]
        latest = stage, day
    return None


# --- Moving ---


class MoveFault(Exception):
    """A move that can't be: ``missing``, ``future``, ``order`` at ``stage``'s day, or ``same``.

    ``earlier``: the stage, and its day, that the day lies before.
    """

    def __init__(self, code: str, stage: str, earlier: tuple[str, date] | None = None) -> None:
        super().__init__(code)
        self.code, self.stage, self.earlier = code, stage, earlier


def passed(stage: str, to: str) -> tuple[str, ...]:
    """The stages that a move forward reaches, the last of them ``to``; none for a move back."""
    return STAGES[rank(stage) + 1 : rank(to) + 1]


def moved(stage: str, to: str, actual: Days, given: Days, today: date) -> dict[str, date | None]:
    """The actual days after a move from ``stage`` to ``to``; ``given`` are the days of the stages that it reaches.

    Forward: each of them has a day, not after today nor before an earlier stage's. Back: later days are forgotten.
    """
    if to == stage:
        raise MoveFault("same", to)
    found = dict.fromkeys(STAGES, None) | dict(actual)
    if rank(to) < rank(stage):
        return {name: day if rank(name) <= rank(to) else None for name, day in found.items()}
    reached = ((name, day) for name, day in found.items() if day and rank(name) <= rank(stage))
    latest = max(reached, key=itemgetter(1), default=None)
    for name in passed(stage, to):
        day = given.get(name)
        if day is None:
            raise MoveFault("missing", name)
        if day > today:
            raise MoveFault("future", name)
        if latest and day < latest[1]:
            raise MoveFault("order", name, latest)
        found[name], latest = day, (name, day)
    return found
