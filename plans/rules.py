"""The arithmetic of the monthly plan: how a grid's targets are split over projects and agents (S6, S7). No ORM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, le

FACTORS = ("existing", "free_ports", "unserved", "adjustment")
EVEN, MANUAL = "even", "manual"

_code, _adjustment = attrgetter("code"), attrgetter("adjustment")

# What one unit of existing users, free ports, unserved households and adjustment weighs.
Scale = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each factor of S6 counts. Only their proportion matters; 40, 40 and 20 add up to 100 points."""

    existing: int = 40
    free_ports: int = 40
    unserved: int = 20


@dataclass(frozen=True, slots=True)
class Figures:
    """What S6 looks at in a project. All are numbers of households or ports, never negative.

    ``free_ports`` is also the most net adds that the project can take. ``adjustment`` is the remark's say: points
    added to (or, negative, taken from) the project's weight, on the scale of the weights (100 points share out the
    whole target). ``manual`` is a share set by hand: it stays, and the others share what is left.
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
        self, net_adds: dict[str, int], missing: int, rows: Sequence[Figures] = (), scale: Scale = (0, 0, 0, 0)
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
            # Without a weight of its own: a share of its own only where no project has any.
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
    whole = sum(weights)
    quotas = [total * weight for weight in weights]
    shares = [quota // whole for quota in quotas]
    if left := total - sum(shares):
        remainders = [quota % whole for quota in quotas]
        for index in sorted(range(len(quotas)), key=remainders.__getitem__, reverse=True)[:left]:
            shares[index] += 1
    return shares


def split_net_adds(target: int, figures: Sequence[Figures], weights: Weights = Weights()) -> Split:
    """Split a grid's net-add target over its projects (S6).

    A project's weight is the sum of factor weight times the project's share of that factor, plus its adjustment.
    Whole numbers by largest remainder, ties by project code, no automatic share above the free ports; what a cap cuts
    off goes to the others. Shares set by hand stay. Negative amounts are shared out the same way, without caps.
    """
    rows = sorted(figures, key=_code)
    net_adds = {row.code: row.manual for row in rows if row.manual is not None}
    rest = target
    if net_adds:
        rows = [row for row in rows if row.manual is None]
        rest -= sum(net_adds.values())
    if not rows:
        return Split(net_adds, rest)
    free_ports = [row.free_ports for row in rows]
    needs, scale = _needs(rows, free_ports, weights)
    missing = 0
    if rest < 0:
        shares = [-share for share in _proportional(-rest, needs)]
    else:
        shares = _proportional(rest, needs)
        if not all(map(le, shares, free_ports)):
            missing = _level(shares, rest, needs, free_ports)
    for row, share in zip(rows, shares, strict=True):
        net_adds[row.code] = share
    return Split(net_adds, missing, rows, scale)


def _needs(rows: Sequence[Figures], free_ports: Sequence[int], weights: Weights) -> tuple[list[int], Scale]:
    """Each row's weight as a whole number, all on one scale, so that nothing is lost to rounding; and the scale."""
    existing = [row.existing for row in rows]
    unserved = [row.unserved for row in rows]
    all_existing, all_free, all_unserved = sum(existing) or 1, sum(free_ports) or 1, sum(unserved) or 1
    both = all_free * all_unserved
    e, a = weights.existing * both, all_existing * both
    f, u = weights.free_ports * all_existing * all_unserved, weights.unserved * all_existing * all_free
    needs = [e * x + f * y + u * z for x, y, z in zip(existing, free_ports, unserved, strict=True)]
    if any(map(_adjustment, rows)):
        needs = [max(need + a * row.adjustment, 0) for need, row in zip(needs, rows, strict=True)]
    return needs, (e, f, u, a)


def _proportional(total: int, needs: Sequence[int]) -> list[int]:
    """Largest remainder; evenly where no row weighs anything."""
    return largest_remainder(total, needs if any(needs) else [1] * len(needs))


def _level(shares: list[int], total: int, needs: Sequence[int], caps: Sequence[int]) -> int:
    """Bring ``shares`` of ``total`` down to their caps, what is cut off shared out again; returns what is left over."""
    free, rest = list(range(len(needs))), total
    while free:
        over = [index for index in free if shares[index] > caps[index]]
        if not over:
            return 0
        for index in over:
            shares[index] = caps[index]
            rest -= caps[index]
            free.remove(index)
        if free:
            for index, share in zip(free, _proportional(rest, [needs[i] for i in free]), strict=True):
                shares[index] = share
    return rest


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
