"""What the page shows on which a unit's figures are split over its grids: each share, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gridops.accounts.models import Grid
from gridops.common.templatetags.gridops import figure as shown
from gridops.common.versions import as_text
from plans.forms import BOUNDS
from plans.models import FACTOR_LABELS, GOALS, goal_label
from plans.pages_targets import Scene, total_of
from plans.rules import EVEN, MANUAL
from plans.rules_targets import RISE, STANDS, TENTH, UTILISATION, GoalSplit, GridFigures, Value, mean_utilisation
from plans.services_handdown import UNIT, Stored, place_of

FACTORS: Mapping[str, str | Promise] = {
    **FACTOR_LABELS,
    "expiring": gettext_lazy("contracts expiring"),
    "prospects": gettext_lazy("new projects under way"),
    "without_outlet": gettext_lazy("projects without an outlet"),
    EVEN: gettext_lazy("evenly"),
    MANUAL: gettext_lazy("set by hand"),
    STANDS: gettext_lazy("stands at (%)"),
    RISE: gettext_lazy("rises by (points)"),
}
FACTS = ("existing", "free_ports", "unserved", "expiring", "prospects", "without_outlet")


@dataclass(frozen=True, slots=True)
class Part:
    """What one factor contributed to a share; ``share`` is the whole."""

    label: str | Promise
    amount: float
    share: float


@dataclass(slots=True)
class SplitCell:
    """A figure of the unit or of a grid: its value on the page, what is stored now, whether it stays, and why."""

    place: str
    goal: str
    label: str
    value: str
    now: str = ""
    split: bool = False
    locked: bool = False
    parts: list[Part] = field(default_factory=list)
    field: Any = None

    @property
    def low(self) -> int:
        """The least it can be."""
        return BOUNDS[self.goal][0]

    @property
    def high(self) -> int:
        """The most it can be."""
        return BOUNDS[self.goal][1]

    @property
    def step(self) -> str:
        """In which steps it is counted."""
        return "0.1" if self.goal == UTILISATION else "1"


@dataclass(slots=True)
class SplitColumn:
    """A goal: the unit's figure, what all grids got, and what is to be said about it."""

    goal: str
    label: str
    cell: SplitCell
    split: bool = False
    total: Value | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class SplitRow:
    """A grid: its facts and its shares."""

    grid: Grid
    facts: list[tuple[str | Promise, object]]
    cells: list[SplitCell]


@dataclass(frozen=True, slots=True)
class SplitBoard:
    """All of it."""

    columns: list[SplitColumn]
    rows: list[SplitRow]


def split_board(
    scene: Scene,
    stored: Stored,
    figures: Mapping[int, GridFigures],
    splits: Mapping[str, GoalSplit],
    texts: Mapping[str, str],
    locks: set[str],
) -> SplitBoard:
    """Columns and rows; one query for the grids."""
    now = stored.texts()
    columns = []
    for goal in GOALS:
        place = place_of(UNIT, goal)
        cell = SplitCell(place, goal, goal_label(goal), texts.get(place, ""), now.get(place, ""))
        columns.append(SplitColumn(goal, cell.label, cell))
        split = splits.get(goal)
        columns[-1].split = split is not None
        if split is not None:
            columns[-1].total, columns[-1].notes = _total(goal, split, figures), _notes(goal, split, figures)
        else:
            ports = {str(row.id): row.ports for row in figures.values()}
            columns[-1].total = total_of(goal, {str(pk): texts.get(place_of(pk, goal), "") for pk in figures}, ports)
    rows = []
    for grid in Grid.objects.filter(unit=scene.unit, pk__in=list(figures)).order_by("name", "pk"):
        cells = [_cell(goal, grid.pk, splits.get(goal), texts, now, locks) for goal in GOALS]
        rows.append(SplitRow(grid, _facts(figures[grid.pk]), cells))
    return SplitBoard(columns, rows)


def _cell(
    goal: str, grid: int, split: GoalSplit | None, texts: Mapping[str, str], now: Mapping[str, str], locks: set[str]
) -> SplitCell:
    place = place_of(grid, goal)
    found = SplitCell(place, goal, goal_label(goal), texts.get(place, ""), now.get(place, ""), locked=place in locks)
    if split is not None:
        share = split.shares[grid]
        found.value, found.split = as_text(share), True
        parts = split.why.get(grid, {})
        found.parts = [Part(FACTORS[name], amount, abs(float(share)) or 1) for name, amount in parts.items() if amount]
    return found


def _facts(row: GridFigures) -> list[tuple[str | Promise, object]]:
    utilisation = f"{100 * row.used / row.ports:.1f} %" if row.ports else None
    facts: list[tuple[str | Promise, object]] = [(FACTORS[name], getattr(row, name)) for name in FACTS]
    return [*facts, (gettext_lazy("port utilisation (%)"), utilisation)]


def _total(goal: str, split: GoalSplit, figures: Mapping[int, GridFigures]) -> Value | None:
    if goal == UTILISATION:
        return mean_utilisation(split.shares, list(figures.values()))
    return sum(split.shares.values())


def _notes(goal: str, split: GoalSplit, figures: Mapping[int, GridFigures]) -> list[str]:
    """What does not add up, in words."""
    found = []
    if goal == UTILISATION:
        if abs(Decimal(split.missing)) > TENTH:
            text = _("all grids together come to another figure: off by %(n)s points")
            found.append(text % {"n": as_text(Decimal(split.missing))})
        return found
    missing = int(split.missing)
    if missing > 0 and goal in ("installs", "net_adds") and len(split.shares) > _by_hand(split):
        text = ngettext("%(n)s finds no free port in any grid", "%(n)s find no free port in any grid", missing)
        found.append(text % {"n": shown(missing, goal)})
    elif missing:
        off = _("over by") if missing < 0 else _("short by")
        found.append(f"{_('set by hand')}{_(': ')}{off} {shown(abs(missing), goal)}")
    expiring = sum(row.expiring for row in figures.values())
    if goal == "renewals" and sum(split.shares.values()) > expiring:
        found.append(_("more than the %(n)s contracts that expire") % {"n": shown(expiring, goal)})
    return found


def _by_hand(split: GoalSplit) -> int:
    return sum(1 for why in split.why.values() if MANUAL in why)
