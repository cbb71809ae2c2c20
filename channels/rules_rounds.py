"""A manager's round over outlets: what fits into a day, in which order, when one arrives (C5; all of it *ours*). Pure.

Distances are straight lines in metres, times minutes after midnight. A round begins at a place, or at its first stop
where none is known, and ends at its last stop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from math import ceil

from gridops.common.places import Place, metres

DAY = 24 * 60  # minutes
MOST_WEEKS = 6  # missed; more weigh no heavier
WEIGHT_A_WEEK = 3  # one that was missed a week longer is worth three
MOST_STOPS = 120  # among so many, the most overdue, the round is looked for


class Why(Enum):
    """Why an outlet is not on a round, or does not fit where it was put."""

    NO_PLACE = "no_place"
    CLOSED_DAY = "closed_day"
    CLOSED = "closed"  # not open long enough while the round lasts, or when one comes there
    TOO_FAR = "too_far"
    NO_TIME = "no_time"


@dataclass(frozen=True, slots=True)
class Stop:
    """An outlet that might be visited. ``fixed``: put there by hand, in the order of the fixed ones."""

    key: int
    place: Place | None
    opens: int = 0
    closes: int = DAY
    closed_day: bool = False
    weeks_missed: int = 0
    fixed: bool = False

    @property
    def weight(self) -> int:
        """What a visit is worth beside others: overdue ones first."""
        return int(WEIGHT_A_WEEK ** min(self.weeks_missed, MOST_WEEKS))


@dataclass(frozen=True, slots=True)
class Terms:
    """Where and when a round begins, how long it may last, how long a visit takes, how fast one gets on (km/h)."""

    place: Place | None
    begins: int
    budget: int
    stop: int
    speed: int

    @property
    def ends(self) -> int:
        """When the last visit has to be over."""
        return self.begins + self.budget

    def minutes(self, distance: float) -> int:
        """How long ``distance`` metres take."""
        return ceil(distance * 60 / (self.speed * 1000))


@dataclass(frozen=True, slots=True)
class Leg:
    """A stop as it is reached: ``metres`` from the one before, at ``arrives``; what does not fit there."""

    stop: Stop
    metres: int
    arrives: int
    begins: int  # later than the arrival where the shop has yet to open
    trouble: Why | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A round in its order."""

    legs: tuple[Leg, ...]

    @property
    def stops(self) -> list[Stop]:
        """Its stops, in order."""
        return [leg.stop for leg in self.legs]

    @property
    def metres(self) -> int:
        """How long it is."""
        return sum(leg.metres for leg in self.legs)

    @property
    def fits(self) -> bool:
        """Whether every stop is open when reached, and all is over in time."""
        return all(leg.trouble is None for leg in self.legs)

    @property
    def merit(self) -> tuple[int, int, int]:
        """For comparing: fixed ones first, then what the visits are worth, then the shorter."""
        fixed = sum(leg.stop.fixed for leg in self.legs)
        return -fixed, -sum(leg.stop.weight for leg in self.legs), self.metres


def course(stops: Iterable[Stop], terms: Terms) -> Course:
    """When each of ``stops``, in this order, is reached."""
    legs: list[Leg] = []
    place, clock = terms.place, terms.begins
    for stop in stops:
        distance = round(metres(place, stop.place)) if place and stop.place else 0
        arrives = clock + terms.minutes(distance)
        begins = max(arrives, stop.opens)
        clock = begins + terms.stop
        legs.append(Leg(stop, distance, arrives, begins, _trouble(stop, clock, terms)))
        place = stop.place or place
    return Course(tuple(legs))


def _trouble(stop: Stop, ends: int, terms: Terms) -> Why | None:
    if stop.closed_day:
        return Why.CLOSED_DAY
    if ends > stop.closes:
        return Why.CLOSED
    return Why.NO_TIME if ends > terms.ends else None


def why_not(stop: Stop, terms: Terms) -> Why | None:
    """Why ``stop`` can't be on a round at all, however it is laid; None when it can."""
    if stop.place is None:
        return Why.NO_PLACE
    if stop.closed_day:
        return Why.CLOSED_DAY
    if terms.begins + terms.stop > terms.ends:
        return Why.NO_TIME
    if stop.opens + terms.stop > terms.ends:
        return Why.CLOSED
    trouble = course([stop], terms).legs[0].trouble
    return Why.TOO_FAR if trouble is Why.NO_TIME else trouble


def nearest_first(stops: Sequence[Stop], terms: Terms) -> Course:
    """The round of somebody who always goes to the nearest shop that is open and still fits; fixed ones in order."""
    left, legs, place = list(stops), [], terms.place
    now = terms
    while found := _nearest(left, replace(now, place=place)):
        legs.append(found)
        left.remove(found.stop)
        place = found.stop.place
        spent = found.begins + terms.stop - now.begins
        now = replace(now, begins=now.begins + spent, budget=now.budget - spent)
    return Course(tuple(legs))


def _nearest(stops: Sequence[Stop], terms: Terms) -> Leg | None:
    offered = (course([stop], terms).legs[0] for stop in _open_to(stops))
    fitting = [leg for leg in offered if leg.trouble is None]
    return min(fitting, key=lambda leg: (leg.metres, -leg.stop.weight, leg.stop.key), default=None)


def _open_to(stops: Sequence[Stop]) -> Iterator[Stop]:
    """Those that may come next: of the fixed ones the first only."""
    first = next((stop for stop in stops if stop.fixed), None)
    return (stop for stop in stops if not stop.fixed or stop is first)


def choose(stops: Sequence[Stop], terms: Terms) -> list[Stop]:
    """The most overdue of ``stops`` that can be visited, few enough to look for the best round; fixed ones always."""
    fixed = [stop for stop in stops if stop.fixed]
    rest = [stop for stop in stops if not stop.fixed and why_not(stop, terms) is None]
    rest.sort(key=lambda stop: -stop.weight)  # stable: within a weight in the order given
    return fixed + rest[: max(0, MOST_STOPS - len(fixed))]
