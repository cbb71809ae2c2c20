"""A subscriber's contracts in order, and the numbers that are known of them (N3). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol


class Terms(Protocol):
    """What was agreed."""

    @property
    def expires_on(self) -> date | None:
        """The last day."""

    @property
    def product(self) -> str:
        """By its name."""

    @property
    def speed_mbps(self) -> int | None:
        """Mbit/s."""

    @property
    def monthly_fee(self) -> Decimal | None:
        """Yuan."""


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract among those of a subscriber. ``fee_by`` is how much more it costs a month than the one before."""

    from_on: date | None
    until_on: date | None
    product: str
    speed_mbps: int | None
    monthly_fee: Decimal | None
    runs: bool
    fee_by: Decimal | None = None
    other_product: bool = False
    replaced_at: datetime | None = None


def contracts(running: Terms, started_on: date | None, past: Iterable[Terms]) -> list[Contract]:
    """The running contract and the earlier ones, newest first; each begins where the one before it ended."""
    in_order: Sequence[Terms] = [*sorted(past, key=lambda row: row.expires_on or date.min), running]
    made: list[Contract] = []
    for at, row in enumerate(in_order):
        before = in_order[at - 1] if at else None
        began = before.expires_on if before else started_on
        fees = (row.monthly_fee, before.monthly_fee if before else None)
        made.append(
            Contract(
                # a household that joined anew is older than its number
                from_on=None if began and row.expires_on and began > row.expires_on else began,
                until_on=row.expires_on,
                product=row.product,
                speed_mbps=row.speed_mbps,
                monthly_fee=row.monthly_fee,
                runs=row is running,
                fee_by=fees[0] - fees[1] if fees[0] is not None and fees[1] is not None else None,
                other_product=before is not None
                and (row.product, row.speed_mbps) != (before.product, before.speed_mbps),
                replaced_at=getattr(row, "replaced_at", None),
            )
        )
    return made[::-1]


class Tried(Protocol):
    """A number that people found right or wrong."""

    @property
    def phone(self) -> str:
        """The number."""

    @property
    def is_right(self) -> bool:
        """What was found out."""


@dataclass(frozen=True, slots=True)
class Known:
    """A number as the page lists it. ``judged`` None: nobody has tried it yet; it is the roster's."""

    phone: str
    judged: Tried | None
    of_roster: bool
    called: bool


def numbers(roster: str, called: str, tried: Iterable[Tried]) -> list[Known]:
    """The number to call first, then the others; the roster's once, with what was found out about it."""
    rows = [Known(row.phone, row, row.phone == roster, row.phone == called) for row in tried]
    if roster and not any(row.of_roster for row in rows):
        rows.append(Known(roster, None, of_roster=True, called=roster == called))
    return sorted(rows, key=lambda row: not row.called)
