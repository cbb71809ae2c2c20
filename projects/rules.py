"""What is computed of a project's figures and never typed, and where figures contradict each other (P1, P2)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

Amount = int | float | Decimal


def share(part: Amount | None, whole: Amount | None) -> float | None:
    """``part`` in percent of ``whole``, one decimal: port utilisation, renewal rate; None without a whole (P2)."""
    if not whole or part is None:
        return None
    return round(100 * float(part) / float(whole), 1)


def occupied_households(households: int | None, occupancy: Amount | None) -> float | None:
    """Households that are lived in; all that are covered where the occupancy (percent) is not known."""
    if households is None or occupancy is None:
        return households
    return round(households * float(occupancy) / 100, 1)


def penetration(users: int | None, households: int | None, occupancy: Amount | None) -> float | None:
    """Billing users in percent of the occupied households, one decimal."""
    return share(users, occupied_households(households, occupancy))


def average_revenue(revenue: Amount | None, users: int | None) -> float | None:
    """Billing revenue per billing user in yuan, two decimals."""
    if not users or revenue is None:
        return None
    return round(float(revenue) / users, 2)


def difference(now: int | None, before: int | None) -> int | None:
    """What there is more now than before; None when either is not known."""
    return None if now is None or before is None else now - before


def net_adds(reported: int | None, users: int | None, users_before: int | None) -> int | None:
    """Net adds of a month: as reported, else what billing users grew by since the month before (P2)."""
    return difference(users, users_before) if reported is None else reported


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A project's figures of a month, and what they are compared with."""

    billing_users: int | None = None
    users_before: int | None = None
    net_adds: int | None = None
    renewals_due: int | None = None
    renewals_done: int | None = None
    ports: int | None = None
    ports_used: int | None = None
    households: int | None = None
    occupancy: Amount | None = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two figures that can hardly both be right: which, and at which field it is asked."""

    code: str
    field: str
    one: Amount
    other: Amount

    @property
    def numbers(self) -> str:
        """The figures as a confirmation keeps them: it holds only while they stay."""
        return f"{self.one}/{self.other}"


def contradictions(figures: Figures) -> list[Contradiction]:
    """What a month's figures say against each other (P2); asked, not refused."""
    grown = difference(figures.billing_users, figures.users_before)
    homes = occupied_households(figures.households, figures.occupancy)
    found = [
        _over("users_over_ports", "billing_users", figures.billing_users, figures.ports),
        _over("users_over_homes", "billing_users", figures.billing_users, homes),
        _differ("net_adds_differ", "net_adds", figures.net_adds, grown),
        _over("renewed_over_due", "renewals_done", figures.renewals_done, figures.renewals_due),
        _over("used_over_ports", "ports_used", figures.ports_used, figures.ports),
    ]
    return [one for one in found if one is not None]


def basic_contradictions(figures: Figures) -> list[Contradiction]:
    """What the basic ledger says against the newest month's figures (P1)."""
    homes = occupied_households(figures.households, figures.occupancy)
    at = "households" if figures.occupancy is None else "occupancy"
    found = [
        _over("users_over_ports", "ports", figures.billing_users, figures.ports),
        _over("used_over_ports", "ports", figures.ports_used, figures.ports),
        _over("users_over_homes", at, figures.billing_users, homes),
    ]
    return [one for one in found if one is not None]


def _over(code: str, field: str, part: Amount | None, whole: Amount | None) -> Contradiction | None:
    if part is None or whole is None or part <= whole:
        return None
    return Contradiction(code, field, part, whole)


def _differ(code: str, field: str, one: Amount | None, other: Amount | None) -> Contradiction | None:
    if one is None or other is None or one == other:
        return None
    return Contradiction(code, field, one, other)
