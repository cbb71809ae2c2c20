"""Commission in figures: what a roster's kinds of commission mean, and what a scheme's speed tiers leave out (P5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from channels.choices import PaidFor

_CENT = Decimal("0.01")
# How rosters call what they pay for; the first that fits counts. *Ours*: anything else is "other".
_SPELT = (
    (PaidFor.UPGRADE, re.compile("提速|升速|升级|升档|提档")),
    (PaidFor.RENEWAL, re.compile("续费|续约|续缴|续存|到期")),
    (PaidFor.NEW_INSTALL, re.compile("新装|发展|新增|新开|装机")),
)


def paid_for(kind: str) -> PaidFor:
    """What a kind of commission, as a roster calls it, is paid for."""
    return next((one for one, spelt in _SPELT if spelt.search(kind)), PaidFor.OTHER)


def apiece(amount: Decimal | None, pieces: int | None) -> Decimal | None:
    """What one cost, to the cent, half up; None where nobody knows how many there were."""
    return (amount / pieces).quantize(_CENT, ROUND_HALF_UP) if amount is not None and pieces and pieces > 0 else None


@dataclass(frozen=True, slots=True)
class Tier:
    """Speeds in Mbit/s from ``low`` up to below ``below`` (None: without end)."""

    low: int
    below: int | None = None

    def holds(self, speed: int) -> bool:
        """Whether it speaks of ``speed``."""
        return self.low <= speed and (self.below is None or speed < self.below)


def overlapping(tiers: Sequence[Tier]) -> list[tuple[int, int]]:
    """Places of tiers that speak of the same speeds, each later one with the earlier one that it runs into."""
    found = []
    for at, tier in enumerate(tiers):
        for before, other in enumerate(tiers[:at]):
            if tier.low < _end(other) and other.low < _end(tier):
                found.append((at, before))
                break
    return found


def gaps(tiers: Iterable[Tier]) -> list[Tier]:
    """The speeds of which none of ``tiers`` speaks; nothing where there is no tier at all."""
    found, reached = [], 0.0
    ordered = sorted(tiers, key=lambda tier: tier.low)
    for tier in ordered:
        if tier.low > reached:
            found.append(Tier(int(reached), tier.low))
        reached = max(reached, _end(tier))
    if ordered and reached != float("inf"):
        found.append(Tier(int(reached)))
    return found


def _end(tier: Tier) -> float:
    return float("inf") if tier.below is None else tier.below
