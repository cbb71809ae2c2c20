"""What the pages of the efficiency analysis show of each figure: its value, its changes, its target (P4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridops.common.months import Month
from projects.rules_analysis import RANKED, MonthFigures, Standing, change

Read = Callable[[MonthFigures], float | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a figure is written: its title, its unit, its decimals; changes of percentages are points."""

    title: Promise
    decimals: int = 0
    unit: str = ""

    def shown(self, value: float | None) -> str:
        """The figure with its unit."""
        if value is None:
            return "—"
        text = f"{value:,.{self.decimals}f}"
        return f"{text} %" if self.unit == "%" else text

    def signed(self, value: float | None) -> str:
        """A change, with its sign."""
        return "—" if value is None else f"{value:+,.{self.decimals}f}"


KINDS: Mapping[str, Kind] = {
    "users": Kind(_("billing users")),
    "adds": Kind(_("net adds")),
    "renewal_rate": Kind(_("renewal rate"), 1, "%"),
    "utilisation": Kind(_("port utilisation"), 1, "%"),
    "position": Kind(_("market share"), 1, "%"),
    "arpu": Kind(_("revenue per user (yuan)"), 2),
    "revenue": Kind(_("billing revenue (yuan)")),
}


@dataclass(frozen=True, slots=True)
class Delta:
    """A change as it is shown: in words, with the way it goes (``up``, ``down``, ``flat``; "": unknown)."""

    text: str
    way: str

    @property
    def icon(self) -> str:
        """The icon that stands beside the number, so that it is not told by colour."""
        return {"up": "trending-up", "down": "trending-down", "flat": "minus"}.get(self.way, "")


def delta(kind: Kind, now: float | None, before: float | None) -> Delta:
    """From one figure to the next; with percent for counts, in points for percentages."""
    found = change(now, before)
    if found.difference is None:
        return Delta("—", "")
    if not found.difference:
        return Delta("0", "flat")
    text = kind.signed(found.difference)
    if kind.unit != "%" and found.percent is not None and kind is not KINDS["adds"]:
        text = f"{text} ({found.percent:+.1f} %)"
    return Delta(text, "up" if found.difference > 0 else "down")


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure on a page."""

    name: str
    title: Promise
    value: str
    month: Delta
    year: Delta
    target: str = ""
    note: str = ""


_READ: Mapping[str, Read] = {
    "users": lambda f: f.users,
    "adds": lambda f: f.net_adds,
    "renewal_rate": lambda f: f.renewal_rate,
    "utilisation": lambda f: f.utilisation,
    "revenue": lambda f: f.revenue,
    "arpu": lambda f: f.arpu,
}
_TARGETS: Mapping[str, Read] = {
    "adds": lambda f: f.target_net_adds,
    "renewal_rate": lambda f: f.target_renewal_rate,
    "utilisation": lambda f: f.target_utilisation,
}


def key_figures(trend: Mapping[Month, MonthFigures], month: Month) -> list[Shown]:
    """The month's sums with their change against last month and a year ago, and their target."""
    nothing = MonthFigures()
    now, before, year_ago = (trend.get(at, nothing) for at in (month, month.plus(-1), month.plus(-12)))
    found = []
    for name, read in _READ.items():
        kind, value = KINDS[name], read(now)
        aim = _TARGETS[name](now) if name in _TARGETS else None
        target = "" if aim is None else kind.shown(aim)
        note = ""
        if name == "renewal_rate" and now.due:
            note = f"{now.done:,}/{now.due:,}"
        if name == "utilisation" and now.ports:
            note = f"{now.used:,}/{now.ports:,}"
        shown = kind.shown(value)
        month_change, year_change = delta(kind, value, read(before)), delta(kind, value, read(year_ago))
        found.append(Shown(name, kind.title, shown, month_change, year_change, target, note))
    return found


@dataclass(frozen=True, slots=True)
class RankedRow:
    """A project's line in the ranking."""

    number: int
    standing: Standing
    grid: str
    cells: Sequence[Shown]


def ranked_row(number: int, row: Standing, grid: str) -> RankedRow:
    """Its figures with their changes against last month and a year ago."""
    before: dict[str, float | None] = {
        "users": row.before.users,
        "adds": row.net_adds[1] if len(row.net_adds) > 1 else None,
        "renewal_rate": row.before.renewal_rate,
        "utilisation": row.before.utilisation,
        "position": row.share_before if row.share is not None else None,
        "arpu": row.before.arpu,
    }
    year: dict[str, float | None] = {
        "users": row.year_ago.users,
        "adds": row.year_ago.net_adds,
        "renewal_rate": row.year_ago.renewal_rate,
        "utilisation": row.year_ago.utilisation,
        "position": None,
        "arpu": row.year_ago.arpu,
    }
    cells = []
    for name in RANKED:
        kind, value = KINDS[name], getattr(row, name)
        guessed = name == "position" and row.share is None and value is not None
        note = str(_("penetration")) if guessed else ""
        cells.append(
            Shown(
                name, kind.title, kind.shown(value), delta(kind, value, before[name]), delta(kind, value, year[name]),
                note=note,
            )
        )  # fmt: skip
    return RankedRow(number, row, grid, cells)
