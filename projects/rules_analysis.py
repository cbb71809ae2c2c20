"""Efficiency analysis (P4): changes, quadrants, ranking, and what stands out. Percentages run from 0 to 100."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from projects.rules import average_revenue, penetration, share


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """The figures of one month, of a project or added up over many. Money in yuan; None: not reported."""

    users: int | None = None
    revenue: float | None = None
    net_adds: int | None = None
    due: int | None = None
    done: int | None = None
    ports: int | None = None
    used: int | None = None
    commission: float | None = None
    target_net_adds: int | None = None
    target_renewals: int | None = None
    target_utilisation: float | None = None

    @property
    def utilisation(self) -> float | None:
        """Ports in use in percent of ports (P2)."""
        return share(self.used, self.ports)

    @property
    def renewal_rate(self) -> float | None:
        """Contracts renewed in percent of those expiring (P2)."""
        return share(self.done, self.due)

    @property
    def target_renewal_rate(self) -> float | None:
        """The renewals aimed at, in percent of the contracts expiring."""
        return share(self.target_renewals, self.due)

    @property
    def arpu(self) -> float | None:
        """Billing revenue per billing user, in yuan."""
        return average_revenue(self.revenue, self.users)

    @property
    def commission_share(self) -> float | None:
        """Commission in percent of billing revenue: what is put in for what comes out (P5)."""
        return share(self.commission, self.revenue)


@dataclass(frozen=True, slots=True)
class Standing:
    """A project as the analysis of a month sees it. ``net_adds`` are those of this month, the one before, and so on."""

    id: int
    code: str
    name: str
    grid: int
    unit: int
    now: MonthFigures = MonthFigures()
    before: MonthFigures = MonthFigures()
    year_ago: MonthFigures = MonthFigures()
    net_adds: tuple[int | None, ...] = ()
    households: int | None = None
    occupancy: float | None = None
    share: float | None = None
    share_before: float | None = None
    has_new_offer: bool = False

    @property
    def users(self) -> int | None:
        """Billing users."""
        return self.now.users

    @property
    def adds(self) -> int | None:
        """Net adds of the month, as reported or as the users say."""
        return self.net_adds[0] if self.net_adds else None

    @property
    def until_last_month(self) -> Standing:
        """The same with net adds from the month before on: for a month that is not over."""
        return replace(self, net_adds=self.net_adds[1:])

    @property
    def utilisation(self) -> float | None:
        """Port utilisation."""
        return self.now.utilisation

    @property
    def renewal_rate(self) -> float | None:
        """Renewal rate."""
        return self.now.renewal_rate

    @property
    def arpu(self) -> float | None:
        """Revenue per user."""
        return self.now.arpu

    @property
    def penetration(self) -> float | None:
        """Billing users in percent of the occupied households (*ours*)."""
        return penetration(self.users, self.households, self.occupancy)

    @property
    def position(self) -> float | None:
        """Market share as surveyed, or where it was not, penetration: the quadrants' second axis."""
        return self.share if self.share is not None else self.penetration

    @property
    def share_lost(self) -> float | None:
        """Points of market share lost since the last record of the basic ledger; negative when won."""
        return self.share_before - self.share if self.share is not None and self.share_before is not None else None

    @property
    def rivals_rise(self) -> bool:
        """Rivals took market share since the last record, or were seen with something new."""
        return self.has_new_offer or (self.share_lost or 0) > 0

    @property
    def free_ports(self) -> int:
        """Ports not in use."""
        return max((self.now.ports or 0) - (self.now.used or 0), 0) if self.now.used is not None else 0


# --- Change ---


@dataclass(frozen=True, slots=True)
class Change:
    """From one figure to another: the difference, and in percent of the first (None: there is nothing to compare)."""

    difference: float | None = None
    percent: float | None = None


def change(now: float | None, before: float | None) -> Change:
    """How ``now`` differs from ``before``."""
    if now is None or before is None:
        return Change()
    return Change(now - before, share(now - before, abs(before)))


# --- Quadrants ---

LEAD, FILL, WIN, EXPAND = range(4)


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the quadrants part: a port utilisation and a market share; ``is_median`` says where they come from."""

    utilisation: float
    position: float
    is_median: tuple[bool, bool] = (False, False)


def quadrant(row: Standing, lines: Lines) -> int | None:
    """Which of the four a project is in; exactly on a line counts as above it; None: a figure is missing.

    LEAD: ports used, market ours. FILL: ports free, market ours. WIN: ports free, market theirs. EXPAND: ports used,
    market theirs.
    """
    if row.utilisation is None or row.position is None:
        return None
    used, ours = row.utilisation >= lines.utilisation, row.position >= lines.position
    return (LEAD if used else FILL) if ours else (EXPAND if used else WIN)


def median_of(values: Iterable[float | None]) -> float | None:
    """The median of the known values."""
    known = [value for value in values if value is not None]
    return median(known) if known else None


def lines_at(
    utilisation: int, position: int, utilisations: Iterable[float | None], positions: Iterable[float | None]
) -> Lines:
    """The lines as set; one that is set to 0 lies at the median, or in the middle when there is none."""
    middle = (median_of(utilisations), median_of(positions))
    found = [
        setting or (50.0 if value is None else value)
        for setting, value in zip((utilisation, position), middle, strict=True)
    ]
    return Lines(found[0], found[1], (not utilisation, not position))


# --- Ranking ---

RANKED = ("users", "adds", "renewal_rate", "utilisation", "position", "arpu")


def ranking(rows: Collection[Standing], by: str, *, descending: bool = True) -> list[Standing]:
    """``rows`` in order of ``by`` (of ``RANKED``); those without the figure come last, ties in order of code."""
    known = [row for row in rows if getattr(row, by) is not None]
    unknown = [row for row in rows if getattr(row, by) is None]
    sign = -1 if descending else 1
    known.sort(key=lambda row: (sign * getattr(row, by), row.code))
    return known + sorted(unknown, key=lambda row: row.code)


def place(rows: Collection[Standing], row: Standing, by: str) -> tuple[int, int] | None:
    """The row's place by ``by``, best first, equal ones sharing a place, and among how many; None: it has no figure."""
    own = getattr(row, by)
    if own is None:
        return None
    values = [value for other in rows if (value := getattr(other, by)) is not None]
    return 1 + sum(value > own for value in values), len(values)


# --- What stands out ---


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What counts as much or little; see ``gridops/accounts/rulebook.py`` for their meaning and units."""

    free_ports: int = 60
    nearly_full: int = 90
    high_occupancy: int = 70
    low_penetration: int = 30
    renewal_drop: int = 5
    share_drop: int = 2
    arpu_drop: int = 5
    negative_months: int = 3

    @classmethod
    def of(cls, rules: Mapping[str, int]) -> Thresholds:
        """From the rules of a unit, by their names in the rulebook."""
        return cls(**{name: rules[f"analysis_{name}"] for name in cls.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that stands out: which projects, and the numbers to say it with."""

    code: str
    projects: tuple[int, ...]
    numbers: Mapping[str, float]


def findings(
    rows: Sequence[Standing],
    limits: Mapping[int, Thresholds],
    unit_rates: Mapping[int, float | None],
    *,
    is_running: bool = False,
) -> list[Finding]:
    """What stands out among ``rows``, by the thresholds and the renewal rate of each one's unit; the gravest first.

    While the month is running, what it has reached so far is not held against whole months.
    """
    found = []
    if is_running:
        rows = [row.until_last_month for row in rows]
    for code, holds in _CHECKS.items():
        if is_running and code in NEED_A_WHOLE_MONTH:
            continue
        hit = [row for row in rows if holds(row, limits.get(row.unit, Thresholds()), unit_rates.get(row.unit))]
        if hit:
            numbers = {"free": sum(row.free_ports for row in hit), "users": sum(row.users or 0 for row in hit)}
            found.append(Finding(code, tuple(row.id for row in hit), numbers))
    return found


Check = Callable[[Standing, Thresholds, float | None], bool]


def _share_of_free(row: Standing) -> float | None:
    return None if row.utilisation is None else 100 - row.utilisation


def _free_and_rivals(row: Standing, limits: Thresholds, _rate: float | None) -> bool:
    free = _share_of_free(row)
    return free is not None and free >= limits.free_ports and row.rivals_rise


def _share_lost(row: Standing, limits: Thresholds, _rate: float | None) -> bool:
    return row.share_lost is not None and row.share_lost > 0 and row.share_lost >= limits.share_drop


def _negative(row: Standing, limits: Thresholds, _rate: float | None) -> bool:
    running = row.net_adds[: limits.negative_months]
    return len(running) == limits.negative_months and all(adds is not None and adds < 0 for adds in running)


def _renewal_fallen(row: Standing, limits: Thresholds, _rate: float | None) -> bool:
    falls = [change(row.renewal_rate, old.renewal_rate).difference for old in (row.before, row.year_ago)]
    return any(fall is not None and fall < 0 and -fall >= limits.renewal_drop for fall in falls)


def _renewal_low(row: Standing, limits: Thresholds, rate: float | None) -> bool:
    gap = change(row.renewal_rate, rate).difference
    return gap is not None and gap < 0 and -gap >= limits.renewal_drop


def _little_penetration(row: Standing, limits: Thresholds, _rate: float | None) -> bool:
    known = row.occupancy is not None and row.penetration is not None
    return known and row.occupancy >= limits.high_occupancy and row.penetration < limits.low_penetration  # type: ignore[operator]


def _nearly_full(row: Standing, limits: Thresholds, _rate: float | None) -> bool:
    return row.utilisation is not None and row.utilisation >= limits.nearly_full


def _arpu_falls(row: Standing, limits: Thresholds, _rate: float | None) -> bool:
    falls = [change(row.arpu, old.arpu).percent for old in (row.before, row.year_ago)]
    return any(fall is not None and fall < 0 and -fall >= limits.arpu_drop for fall in falls)


def _missing(row: Standing, _limits: Thresholds, _rate: float | None) -> bool:
    return row.users is None or row.utilisation is None


_CHECKS: Mapping[str, Check] = {
    "free_ports_rivals": _free_and_rivals,
    "share_lost": _share_lost,
    "net_adds_negative": _negative,
    "renewal_fallen": _renewal_fallen,
    "renewal_low": _renewal_low,
    "low_penetration": _little_penetration,
    "nearly_full": _nearly_full,
    "arpu_falling": _arpu_falls,
    "figures_missing": _missing,
}
FINDINGS = tuple(_CHECKS)
NEED_A_WHOLE_MONTH = frozenset({"renewal_fallen", "renewal_low", "arpu_falling"})
