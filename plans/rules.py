"""The arithmetic of the monthly plan: how targets are split over projects, agents or grids (O1, S6, S7).

Pure functions on whole numbers: nothing here needs Django or a database, nothing is lost to rounding, and the same
figures give the same split wherever and in whatever order they are handed in.

    >>> rows = [Figures("A", existing=200, free_ports=50), Figures("B", existing=100, free_ports=9)]
    >>> split = split_net_adds(30, rows)
    >>> split.net_adds, split.missing
    ({'A': 23, 'B': 7}, 0)

What ``split_net_adds`` promises, for whole numbers of any size:

- The shares and ``missing`` add up to the target. Where some project is not set by hand, ``missing`` is what the free
  ports can't hold and nothing else.
- A share set by hand stays as it is. No other share is above its project's free ports.
- A project without weight gets nothing unless it is forced: when no project has any weight, or when every project that
  has is full, what is left is shared out evenly among the others, up to their free ports.
- Of two projects with the same cap the one with more weight never gets less; with equal weights the one whose code
  comes first gets what can't be halved.
- A rest below 0 (a negative target, or more set by hand than the target) is shared out in the same proportions: who
  weighs more carries more of it, and caps do not matter.

It does not promise that a higher target raises every share: by largest remainder a single one may fall by 1.
"""

# ruff: noqa: B905 -- the columns of a table are equally long, and saying so to zip takes its time

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import le
from typing import NamedTuple

FACTORS = ("existing", "free_ports", "unserved", "adjustment")
EVEN, MANUAL = "even", "manual"
POINTS = 100

# What one unit of existing users, free ports, unserved households and adjustment weighs.
Scale = tuple[int, int, int, int]
NO_SCALE: Scale = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each factor of S6 counts, each 0 or more. Only their proportion matters."""

    existing: int = 40
    free_ports: int = 40
    unserved: int = 20


class Figures(NamedTuple):
    """What S6 looks at in a project. All are numbers of households or ports, never negative.

    ``code`` tells the projects of a grid apart. ``free_ports`` is also the most net adds that the project can take.
    ``adjustment`` is the remark's say: points added to (or, negative, taken from) the project's weight, where all
    projects that are split over weigh 100 points together before any adjustment. ``manual`` is a share set by hand:
    it stays, and the others share what is left.
    """

    code: str
    existing: int = 0
    free_ports: int = 0
    unserved: int = 0
    adjustment: int = 0
    manual: int | None = None


class Split:
    """The result of a split: net adds per project code, and what found no place.

    ``missing`` is the target less the sum of all shares: positive when the free ports can't hold the target, other
    than 0 also when every project is set by hand and the figures do not add up.
    """

    __slots__ = ("_parts", "_rows", "_scale", "missing", "net_adds")

    def __init__(
        self, net_adds: dict[str, int], missing: int, rows: Sequence[Figures] = (), scale: Scale = NO_SCALE
    ) -> None:
        self.net_adds, self.missing, self._rows, self._scale = net_adds, missing, rows, scale
        self._parts: dict[str, list[int]] | None = None

    @property
    def shortfall(self) -> int:
        """Net adds that no project can hold, 0 or more."""
        return max(self.missing, 0)

    def why(self, code: str) -> dict[str, float]:
        """What each factor contributed to the share of ``code``, in net adds to one decimal; adds up to the share."""
        if self._parts is None:
            e, f, u, a = self._scale
            self._parts = {
                row.code: [e * row.existing, f * row.free_ports, u * row.unserved, a * row.adjustment]
                for row in self._rows
            }
        share, parts = self.net_adds[code], self._parts.get(code)
        if parts is None:
            return {MANUAL: float(share)}
        if sum(parts) <= 0:
            # Without a weight of its own: a share of its own only where it was forced.
            return {EVEN: float(share)} if share else dict.fromkeys(FACTORS, 0.0)
        return dict(zip(FACTORS, _tenths(share, parts), strict=True))


def _tenths(share: int, parts: Sequence[int]) -> list[float]:
    """``share`` in proportion to ``parts``, to one decimal, adding up: each is what rounding the running sum adds."""
    total, before, run, found = sum(parts), 0, 0, []
    for part in parts:
        run += part
        upto = (20 * share * run + total) // (2 * total)
        found.append((upto - before) / 10)
        before = upto
    return found


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """``total`` (0 or more) in whole numbers in proportion to ``weights`` (0 or more, not all 0); ties: first first."""
    return _rounded(total, [total * weight for weight in weights], sum(weights))


def _rounded(total: int, quotas: Sequence[int], whole: int) -> list[int]:
    """Whole numbers nearest to ``quotas``, which are so many parts of ``whole`` each and add up to ``total``."""
    shares = [quota // whole for quota in quotas]
    if left := total - sum(shares):
        remainders = [quota % whole for quota in quotas]
        for index in sorted(range(len(shares)), key=remainders.__getitem__, reverse=True)[:left]:
            shares[index] += 1
    return shares


def split_net_adds(target: int, figures: Sequence[Figures], weights: Weights = Weights()) -> Split:
    """Split a grid's net-add target over its projects (S6); what it promises stands at the top of this module.

    A project's weight is the sum of factor weight times the project's share of that factor, plus its adjustment.
    Whole numbers by largest remainder; what a cap cuts off goes to the others. Two projects of one code: ValueError.
    """
    if not figures:
        return Split({}, target)
    codes, existing, free, unserved, adjustments, manual = zip(*figures)
    if list(codes) != sorted(codes):
        return split_net_adds(target, sorted(figures), weights)
    if manual.count(None) < len(codes):
        split = _around_manual(target, figures, weights)
    else:
        size = abs(target)
        all_existing, all_free, all_unserved = sum(existing) or 1, sum(free) or 1, sum(unserved) or 1
        e = size * weights.existing * all_free * all_unserved
        f = size * weights.free_ports * all_existing * all_unserved
        u = size * weights.unserved * all_existing * all_free
        # each weight ``size`` times over, in whole numbers on one scale: nothing is lost to rounding
        quotas = [e * x + f * y + u * z for x, y, z in zip(existing, free, unserved)]
        scale = (e, f, u, 0)
        if any(adjustments):
            quotas, scale = _adjusted(quotas, adjustments, scale, size)
        shares = _rounded(size, quotas, sum(quotas) // size) if any(quotas) else _proportional(size, quotas)
        missing = 0
        if target < 0:
            shares = [-share for share in shares]
        elif not all(map(le, shares, free)):
            missing = _level(shares, target, quotas, free)
        split = Split(dict(zip(codes, shares)), missing, figures, scale)
    if len(split.net_adds) != len(codes):
        raise ValueError("two projects have the same code")
    return split


def _around_manual(target: int, rows: Sequence[Figures], weights: Weights) -> Split:
    """Shares set by hand stay; the others share what they leave of ``target``."""
    by_hand = {row.code: row.manual for row in rows if row.manual is not None}
    split = split_net_adds(target - sum(by_hand.values()), [row for row in rows if row.manual is None], weights)
    split.net_adds.update(by_hand)
    return split


def _adjusted(quotas: Sequence[int], points: Sequence[int], scale: Scale, times: int) -> tuple[list[int], Scale]:
    """The quotas with the points of the remarks, never below 0; a point is a hundredth of all of them together."""
    point = sum(quotas) or times
    found = [max(POINTS * quota + point * more, 0) for quota, more in zip(quotas, points, strict=True)]
    return found, (POINTS * scale[0], POINTS * scale[1], POINTS * scale[2], point)


def _proportional(total: int, needs: Sequence[int]) -> list[int]:
    """Largest remainder; evenly where no row weighs anything."""
    return largest_remainder(total, needs if any(needs) else [1] * len(needs))


def _level(shares: list[int], total: int, needs: Sequence[int], caps: Sequence[int]) -> int:
    """Bring ``shares`` of ``total`` down to their caps, what is cut off shared out again; returns what is left over.

    Each round fills those that would be over and splits the rest again over the others. Their quotas only grow by it,
    so that nobody filled before is below the cap after, and of two with one cap the heavier is filled no later.
    """
    free, rest = list(range(len(needs))), total
    while over := [index for index in free if shares[index] > caps[index]]:
        for index in over:
            shares[index] = caps[index]
            rest -= caps[index]
            free.remove(index)
        if not free:
            return rest
        for index, share in zip(free, _proportional(rest, [needs[index] for index in free]), strict=True):
            shares[index] = share
    return 0


def split_renewals(target: int, expiring: Mapping[str, int]) -> dict[str, int]:
    """Split a renewal target over agents in proportion to the contracts expiring with each (S7).

    Keys are agent codes, ``""`` the manager's own pool, which comes last in ties. The sum equals the target unless
    there is nobody to share it.
    """
    if not expiring:
        return {}
    codes = sorted(expiring, key=lambda code: (code == "", code))
    return dict(zip(codes, _proportional(target, [expiring[code] for code in codes]), strict=True))


def free_ports(ports: int | None, used: int | None, existing: int | None) -> int:
    """Ports not in use; where the ports in use are not reported, each billing user is taken to need one."""
    in_use = used if used is not None else existing or 0
    return max((ports or 0) - in_use, 0)


def unserved(households: int | None, occupancy: float | None, existing: int | None) -> int:
    """Occupied households not yet ours. *Ours*: where occupancy (0 to 100) is not known, all count as occupied."""
    occupied = (households or 0) * (100.0 if occupancy is None else float(occupancy)) / 100
    return max(round(occupied) - (existing or 0), 0)
