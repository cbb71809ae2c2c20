"""Charts: one set of rows from which come the drawing, the table below it, its download, and what it shows in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from gridops.common.templatetags.gridops import NOTHING

StrPromise = str | Promise
Kind = Literal["line", "bar", "scatter"]
ROWS_ON_THE_PAGE = 100


@dataclass(frozen=True, slots=True)
class ChartColumn:
    """A column of the chart's table: its title, its unit, how many decimals its numbers have (None: it holds text)."""

    title: StrPromise
    decimals: int | None = None
    unit: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return self.decimals is not None

    @property
    def full_title(self) -> str:
        """The title with the unit."""
        return _("%(title)s (%(unit)s)") % {"title": self.title, "unit": self.unit} if self.unit else str(self.title)

    def shown(self, value: Any) -> str:
        """A value as people read it, without the unit (that stands in the header)."""
        if value is None or value == "":
            return NOTHING
        return f"{value:,.{self.decimals}f}" if self.decimals is not None else str(value)


@dataclass(frozen=True, slots=True)
class Series:
    """A column that is drawn: as a line, as bars, or (``target``) as the dashed line of what was aimed at."""

    column: int
    kind: Literal["line", "bar"] = "line"
    target: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line across the whole chart, at ``value`` of its axis."""

    title: StrPromise
    value: float
    axis: Literal["x", "y"] = "y"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart. ``rows`` hold a value for each of ``columns``; everything drawn is one of these columns.

    ``says`` is one sentence with what it shows. A line or bar chart draws ``series`` over the text of column ``x``. A
    scatter draws a dot a row at columns ``x`` and ``y``, as large as column ``size`` says, with the symbol and colour
    of the row's group (``groups`` names them, ``group_of`` has each row's), named by column ``label``; a click follows
    ``link`` with 0 replaced by the row's of ``keys``. The rows numbered in ``partial`` are not whole: over time they
    are drawn hollow and apart from the line.
    """

    name: str
    title: StrPromise
    says: StrPromise
    kind: Kind
    columns: Sequence[ChartColumn]
    rows: Sequence[Sequence[Any]]
    series: Sequence[Series] = ()
    x: int = 0
    y: int = 1
    size: int | None = None
    label: int = 0
    groups: Sequence[StrPromise] = ()
    group_of: Sequence[int] = ()
    link: str = ""
    keys: Sequence[int] = ()
    lines: Sequence[Line] = field(default=())
    partial: Sequence[int] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        if self.kind == "scatter":
            return not self.rows
        return not any(row[series.column] is not None for row in self.rows for series in self.series)

    # --- The table ---

    @property
    def head(self) -> list[ChartColumn]:
        """The table's columns."""
        return list(self.columns)

    @property
    def table(self) -> list[list[tuple[ChartColumn, str]]]:
        """The first rows as text, cell by cell with its column."""
        shown = self.rows[:ROWS_ON_THE_PAGE]
        return [
            [(column, column.shown(value)) for column, value in zip(self.columns, row, strict=True)] for row in shown
        ]

    @property
    def hidden_rows(self) -> int:
        """How many rows the table leaves to the download."""
        return max(len(self.rows) - ROWS_ON_THE_PAGE, 0)

    @property
    def header(self) -> list[str]:
        """The header of the download: titles with their units."""
        return [column.full_title for column in self.columns]

    # --- What the script draws ---

    @property
    def script(self) -> dict[str, Any]:
        """The chart as data for ``charts.js``."""
        columns = [
            {"title": str(c.title), "full": c.full_title, "decimals": c.decimals, "unit": c.unit} for c in self.columns
        ]
        lines = [{"title": str(line.title), "value": line.value, "axis": line.axis} for line in self.lines]
        drawn: dict[str, Any] = {"kind": self.kind, "columns": columns, "lines": lines, "x": self.x}
        if self.kind == "scatter":
            points = [[_plain(value) for value in row] for row in self.rows]
            drawn |= {"y": self.y, "size": self.size, "label": self.label, "points": points, "link": self.link}
            drawn |= {"groups": [str(name) for name in self.groups], "groupOf": list(self.group_of)}
            return drawn | {"keys": list(self.keys)}
        drawn["partial"] = list(self.partial)
        drawn["categories"] = [str(row[self.x]) for row in self.rows]
        drawn["series"] = [
            {
                "column": series.column,
                "kind": series.kind,
                "target": series.target,
                "values": [_plain(row[series.column]) for row in self.rows],
            }
            for series in self.series
        ]
        return drawn


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value) if isinstance(value, Promise) else value
