"""What the like of a subscriber did before, as a chance of renewal: bands, the wider one where one is thin (*ours*).

Two things tell subscribers apart: the monthly fee, and whether they have stayed before. The chance of a band is
renewed / expiring of those whose contract ended in the year up to ``SETTLED_DAYS`` ago: by then nearly all have a
result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

YEAR_DAYS = 365
SETTLED_DAYS = 30
STAYED_DAYS = 400  # whoever joined so long before the expiry has renewed at least once
LEAST = 20  # a band of fewer says nothing: the wider one counts
FEES = (Decimal(60), Decimal(100), Decimal(150))  # yuan a month
ANY = "*"
NO_FEE = "none"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of a band expired, and how many of them renewed."""

    expiring: int
    renewed: int

    @property
    def chance(self) -> int:
        """In whole percent."""
        return round(100 * self.renewed / self.expiring)

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.expiring + other.expiring, self.renewed + other.renewed)


def fee_band(fee: Decimal | None) -> str:
    """The band of a monthly fee: up to which limit it lies."""
    if fee is None:
        return NO_FEE
    return next((str(limit) for limit in FEES if fee < limit), "more")


def fee_bands() -> list[str]:
    """All bands of fees."""
    return [NO_FEE, *(str(limit) for limit in FEES), "more"]


def band(fee: str, stayed: bool | None) -> str:
    """The name of a band; ``stayed`` None: whether they stayed before or not."""
    return f"{fee}/{ANY if stayed is None else 'stayed' if stayed else 'new'}"


def widened(counted: Mapping[tuple[str, bool], Counted]) -> dict[str, Counted]:
    """The bands counted, by name, and the wider ones that they add up to."""
    found: dict[str, Counted] = {}
    for (fee, stayed), number in counted.items():
        for name in (band(fee, stayed), band(ANY, stayed), band(ANY, None)):
            found[name] = found.get(name, Counted(0, 0)) + number
    return found


def chosen(fee: str, stayed: bool, counted: Mapping[str, Counted]) -> Counted | None:
    """What counts for somebody: the narrowest band that holds enough people, None when no band does."""
    names = (band(fee, stayed), band(ANY, stayed), band(ANY, None))
    return next((counted[name] for name in names if name in counted and counted[name].expiring >= LEAST), None)
