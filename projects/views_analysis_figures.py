"""What the pages of the efficiency analysis show of each figure: its value, its changes, its target (P4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from projects.rules_analysis import RANKED, MonthFigures, Standing, change
from projects.rules_totals import OF_A_WHOLE_MONTH, MonthSums, like_for_like

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
    """A change as it is shown: in words, with the way it goes (``up``, ``down``, ``flat``; "": unknown).

    ``over``: of how many projects it is, where not all could be compared.
    """

    text: str
    way: str
    over: str = ""

    @property
    def brief(self) -> str:
        """The difference alone."""
        return self.text.partition(" (")[0]

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
_NOTES: Mapping[str, Callable[[MonthFigures], tuple[int | None, int | None]]] = {
    "renewal_rate": lambda f: (f.done, f.due),
    "utilisation": lambda f: (f.used, f.ports),
}
NO_CHANGE = Delta("—", "")


@dataclass(frozen=True, slots=True)
class Compared:
    """Each project's figures of a month, of the one before, and of a year ago; whether the month is still running."""

    now: Mapping[int, MonthFigures]
    before: Mapping[int, MonthFigures]
    year_ago: Mapping[int, MonthFigures]
    is_running: bool

    def delta(self, name: str, earlier: Mapping[int, MonthFigures]) -> Delta:
        """How a figure changed in the projects that have it in both months; a month not over changes nothing yet."""
        if self.is_running and name in OF_A_WHOLE_MONTH:
            return NO_CHANGE
        found = like_for_like(self.now, earlier, name)
        made = delta(KINDS[name], found.now, found.before)
        if found.is_all or not found.projects:
            return made
        over = ngettext("%(n)s project", "%(n)s projects", found.projects) % {"n": f"{found.projects:,}"}
        return replace(made, over=over)


def key_figures(now: MonthSums, compared: Compared) -> list[Shown]:
    """The month's sums with their change against last month and a year ago, and their target."""
    found = []
    for name, read in _READ.items():
        kind = KINDS[name]
        part, whole = _NOTES[name](now) if name in _NOTES else (None, None)
        note = f"{part:,}/{whole:,}" if whole and part is not None else ""
        changes = (compared.delta(name, compared.before), compared.delta(name, compared.year_ago))
        found.append(Shown(name, kind.title, kind.shown(read(now)), *changes, _target(name, now), note))
    return found


def _target(name: str, now: MonthSums) -> str:
    kind = KINDS[name]
    if name == "renewal_rate":
        return "" if now.target_renewal_rate is None else kind.shown(now.target_renewal_rate)
    if name == "utilisation":
        return "" if now.target_utilisation is None else kind.shown(now.target_utilisation)
    if name != "adds" or now.target_net_adds is None:
        return ""
    whole, part = kind.shown(now.target_net_adds), now.target_net_adds_reported
    if not now.is_partial(name) or part == now.target_net_adds:
        return whole
    return gettext("%(whole)s; of those reported %(part)s") % {"whole": whole, "part": kind.shown(part)}


@dataclass(frozen=True, slots=True)
class RankedRow:
    """A project's line in the ranking."""

    number: int
    standing: Standing
    grid: str
    cells: Sequence[Shown]


def ranked_row(number: int, row: Standing, grid: str, *, is_running: bool) -> RankedRow:
    """Its figures with their changes against last month and a year ago; of a month not over only where they hold."""
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
        changes = (delta(kind, value, before[name]), delta(kind, value, year[name]))
        if is_running and name in OF_A_WHOLE_MONTH:
            changes = (NO_CHANGE, NO_CHANGE)
        cells.append(Shown(name, kind.title, kind.shown(value), *changes, note=note))
    return RankedRow(number, row, grid, cells)
