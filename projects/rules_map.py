"""What the map is drawn from: figures of a project, classes of equal counts, outlines around points. Pure values."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from projects.rules import average_revenue, penetration, share

Point = tuple[float, float]
CLASSES = 5
HALF_A_STEP = Decimal("0.0000005")  # six decimals of a degree: about a tenth of a metre


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of a project for a month: the ledger as it stood then, and the month's indicators."""

    ports: int | None = None
    ports_used: int | None = None
    users: int | None = None
    revenue: Decimal | None = None
    net_adds: int | None = None
    renewals_due: int | None = None
    renewals_done: int | None = None
    households: int | None = None
    occupancy: Decimal | None = None
    market_share: Decimal | None = None
    ledgers_seen: int | None = None


def values(of: Figures) -> dict[str, float | None]:
    """Every measure that the map can be coloured by; None where it is not known.

    Percent: port utilisation, market share as surveyed, penetration (users of occupied households, *ours*) and renewal
    rate. ``arpu`` is yuan a user and month; ``freshness`` how many of the three ledgers were seen to.
    """
    return {
        "port_utilisation": share(of.ports_used, of.ports),
        "market_share": None if of.market_share is None else round(float(of.market_share), 1),
        "penetration": penetration(of.users, of.households, of.occupancy),
        "net_adds": of.net_adds,
        "renewal_rate": share(of.renewals_done, of.renewals_due),
        "arpu": average_revenue(of.revenue, of.users),
        "freshness": of.ledgers_seen,
    }


def bounds(known: Iterable[float], classes: int = CLASSES) -> list[float]:
    """The highest value of each class, lowest class first, so that the classes hold about equally many (quantiles).

    Equal values are never parted; where no more values differ than there are classes, each is a class of its own.
    """
    ordered = sorted(known)
    if len(set(ordered)) <= classes:
        return sorted(set(ordered))
    last = len(ordered) - 1
    tops = [ordered[min(last, -(-len(ordered) * number // classes) - 1)] for number in range(1, classes + 1)]
    return sorted({*tops})


def class_of(value: float | None, tops: Sequence[float]) -> int | None:
    """Which class ``value`` is in, from 0; None when it is not known."""
    return None if value is None or not tops else min(bisect_left(tops, value), len(tops) - 1)


def spread(number: int, classes: int) -> int:
    """The step of the scale, 0 to 4, by which class ``number`` of ``classes`` is drawn: the ends stay the ends."""
    return CLASSES - 1 if classes == 1 else round(number * (CLASSES - 1) / (classes - 1))


def hull(points: Iterable[Point]) -> list[Point]:
    """The smallest convex outline around ``points``, counter-clockwise; of fewer than three, the points themselves."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered
    return _half(ordered) + _half(ordered[::-1])


def _half(ordered: Sequence[Point]) -> list[Point]:
    """One side of the outline, without its last point: the other side begins with it."""
    kept: list[Point] = []
    for point in ordered:
        while len(kept) > 1 and _turn(kept[-2], kept[-1], point) <= 0:
            kept.pop()
        kept.append(point)
    return kept[:-1]


def _turn(a: Point, b: Point, c: Point) -> float:
    """Positive when the way from a over b to c turns left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def same_place(one: tuple[Decimal | None, Decimal | None], other: tuple[Decimal | None, Decimal | None]) -> bool:
    """Whether two places are one, to six decimals."""
    return all(a is b if a is None or b is None else abs(a - b) < HALF_A_STEP for a, b in zip(one, other, strict=True))
