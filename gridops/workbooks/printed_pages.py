"""Documents of several pages: pairs, tables and texts under one another on one raster of columns, ready for A4.

A page is described once, in values; the workbook is written here, by the one writer of cells, and the same description
is what a page for printing shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate, pairwise
from typing import Any

from django.utils.functional import Promise
from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter

from gridops.common.templatetags.gridops import NOTHING, percent
from gridops.workbooks.export import HEADER_FILL, add_sheet, safe_cell
from gridops.workbooks.printed import (
    BOLD,
    FONT,
    FORMATS,
    RULED,
    TITLE_FONT,
    room,
    row_height,
    set_up_print,
    shared_style,
    units,
)

Text = str | Promise
# Beside those of a ledger: differences with their sign, of numbers and of percentages.
KINDS = {**FORMATS, "integer": "#,##0_ ", "signed": "+#,##0_ ;-#,##0_ ;0_ ", "points": "+0.0_ ;-0.0_ ;0.0_ "}
SIGNS = {"integer": ",.0f", "signed": "+,.0f", "points": "+.1f"}
PART_LINES = 10  # of a long text in one row: a row is not torn between two pages


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and how it is written (a key of ``KINDS``). Percentages are numbers from 0 to 100."""

    value: Any
    kind: str = "text"

    @property
    def text(self) -> str:
        """As people read it on a page."""
        if self.value is None or self.value == "":
            return NOTHING
        if self.kind == "percent":
            return percent(self.value)
        if self.kind in SIGNS:
            return format(self.value or 0, SIGNS[self.kind] if self.value else SIGNS[self.kind].lstrip("+"))
        return self.value.isoformat() if isinstance(self.value, date) else str(self.value)

    @property
    def numeric(self) -> bool:
        """Whether it stands at the right."""
        return self.kind not in ("text", "date")

    @property
    def stored(self) -> Any:
        """As a spreadsheet keeps it: percentages as fractions."""
        return round(self.value / 100, 6) if self.kind == "percent" and self.value is not None else self.value


@dataclass(frozen=True, slots=True)
class Head:
    """A column of a table: its title, how many columns of the raster it takes, what its cells hold."""

    title: Text
    span: int = 1
    kind: str = "text"
    centred: bool = False


@dataclass(slots=True)
class Pairs:
    """What is filled in at the head of a form: label and value."""

    pairs: Sequence[tuple[Text, Text]]
    spans: tuple[int, int]


@dataclass(slots=True)
class Table:
    """A ruled table; ``empty`` stands in it when it has no rows, ``notes`` below it."""

    title: Text
    heads: Sequence[Head]
    rows: Sequence[Sequence[Any]]
    total: Sequence[Any] | None = None
    empty: Text = ""
    notes: Sequence[Text] = ()

    @property
    def body(self) -> Iterator[list[Cell]]:
        """Its rows as cells; a value that is none yet takes its column's kind."""
        return (self._cells(row) for row in self.rows)

    @property
    def foot(self) -> list[Cell]:
        """The row of totals as cells."""
        return self._cells(self.total or ())

    def _cells(self, row: Sequence[Any]) -> list[Cell]:
        return [
            value if isinstance(value, Cell) else Cell(value, head.kind)
            for value, head in zip(row, self.heads, strict=bool(row))
        ]


@dataclass(slots=True)
class Prose:
    """A titled text, of any length."""

    title: Text
    text: str


@dataclass(slots=True)
class Page:
    """A sheet: its name, the title over it, its raster (widths of columns), what stands on it, who signs.

    ``repeated``: with one table only, its header stands on every printed page.
    """

    name: Text
    title: str
    raster: Sequence[float]
    blocks: Sequence[Pairs | Table | Prose]
    signatures: Sequence[Text] = ()
    landscape: bool = False
    footer: Text = "&P / &N"

    @property
    def repeated(self) -> int:
        """How many rows at the top come again on every page."""
        return 2 if isinstance(self.blocks[0], Table) and len(self.blocks) == 1 else 1

    @property
    def shown(self) -> list[tuple[Pairs | Table | Prose, list[int]]]:
        """What stands on it, tables with the widths of their columns in percent."""
        return [(block, self._percent(block) if isinstance(block, Table) else []) for block in self.blocks]

    def _percent(self, table: Table) -> list[int]:
        ends = [0, *accumulate(head.span for head in table.heads)]
        whole = sum(self.raster)
        return [round(100 * sum(self.raster[start:end]) / whole) for start, end in pairwise(ends)]


def add_page(book: Workbook, page: Page) -> None:
    """The page as a sheet of a write-only workbook."""
    _Writer(book, page).write()


@dataclass(slots=True)
class _Writer:
    book: Workbook
    page: Page
    count: int = 0
    sheet: Any = None
    styles: dict[tuple[str, bool, bool, bool], StyleArray] = field(default_factory=dict)

    def write(self) -> None:
        page = self.page
        self.sheet = add_sheet(self.book, str(page.name), page.raster)
        if page.repeated > 1:
            self.sheet.freeze_panes = "A3"
        set_up_print(
            self.sheet,
            str(page.name),
            title_rows=page.repeated,
            landscape=page.landscape,
            pages=str(page.footer),
        )
        title = shared_style(
            self.sheet, font=TITLE_FONT, alignment=Alignment(horizontal="center", vertical="center", wrap_text=True)
        )
        self._row([(page.title, len(page.raster), title)], least=30)
        for block in page.blocks:
            if isinstance(block, Pairs):
                self._pairs(block)
            elif isinstance(block, Table):
                self._table(block)
            else:
                self._prose(block)
        if page.signatures:
            self._sign()
        self.sheet.print_area = f"A1:{get_column_letter(len(page.raster))}{self.count}"

    def _pairs(self, block: Pairs) -> None:
        a_row = len(self.page.raster) // sum(block.spans)
        pairs = [*block.pairs, *[("", "")] * (-len(block.pairs) % a_row)]
        label, value = self._style("text", head=True), self._style("text")
        for at in range(0, len(pairs), a_row):
            cells: list[tuple[Any, int, StyleArray | None]] = []
            for name, text in pairs[at : at + a_row]:
                cells += [(str(name), block.spans[0], label), (str(text), block.spans[1], value)]
            self._row(cells)

    def _table(self, block: Table) -> None:
        if self.page.repeated == 1:
            self._heading(block.title)
        head = self._style("text", head=True, centred=True)
        self._row([(str(one.title), one.span, head) for one in block.heads], least=24)
        for row in block.body:
            self._cells(block, row)
        if not block.rows and block.empty:
            self._row([(str(block.empty), len(self.page.raster), self._style("text"))])
        if block.total is not None:
            self._cells(block, block.foot, head=True)
        for note in block.notes:
            self._row([(str(note), len(self.page.raster), self._style("text", ruled=False))])

    def _cells(self, block: Table, row: Sequence[Cell], *, head: bool = False) -> None:
        self._row(
            [
                (cell.stored, one.span, self._style(cell.kind, head=head, centred=one.centred))
                for cell, one in zip(row, block.heads, strict=True)
            ]
        )

    def _prose(self, block: Prose) -> None:
        self._heading(block.title)
        width = len(self.page.raster)
        for part in parts(block.text or NOTHING, room(sum(self.page.raster))):
            self._row([(part, width, self._style("text"))])

    def _heading(self, title: Text) -> None:
        style = shared_style(self.sheet, font=BOLD, alignment=Alignment(vertical="bottom"))
        self._row([(str(title), len(self.page.raster), style)], least=26)

    def _sign(self) -> None:
        """The line below: who filled it in, who looked it over, when."""
        self._row([])
        width, number_of = len(self.page.raster), len(self.page.signatures)
        ends = [round(width * (at + 1) / number_of) for at in range(number_of)]
        spans = [end - start for start, end in zip([0, *ends], ends, strict=False)]
        style = shared_style(self.sheet, font=FONT, alignment=Alignment(vertical="center"))
        line = "_" * 16
        cells = [(f"{text}{line}", span, style) for text, span in zip(self.page.signatures, spans, strict=True)]
        self._row(cells, least=30)

    def _style(self, kind: str, *, head: bool = False, centred: bool = False, ruled: bool = True) -> StyleArray:
        key = kind, head, centred, ruled
        if key not in self.styles:
            alignment = Alignment(
                vertical="center", wrap_text=kind == "text", horizontal="center" if centred or kind == "date" else None
            )
            self.styles[key] = shared_style(
                self.sheet,
                font=BOLD if head else FONT,
                number_format=KINDS[kind],
                alignment=alignment,
                **({"border": RULED} if ruled else {}),
                **({"fill": HEADER_FILL} if head else {}),
            )
        return self.styles[key]

    def _row(self, cells: Sequence[tuple[Any, int, StyleArray | None]], least: float = 0) -> None:
        """A row of cells: value, columns it takes, style; each is as high as its longest text needs."""
        self.count += 1
        written: list[Any] = []
        texts = []
        for value, span, style in cells:
            first = len(written)
            if isinstance(value, str):
                texts.append((value, room(sum(self.page.raster[first : first + span]))))
            written += [
                safe_cell(self.sheet, value, style),
                *(safe_cell(self.sheet, None, style) for _ in range(span - 1)),
            ]
            if span > 1:
                start, end = get_column_letter(first + 1), get_column_letter(first + span)
                self.sheet.merged_cells.add(f"{start}{self.count}:{end}{self.count}")
        self.sheet.row_dimensions[self.count].height = max(least, row_height(texts))
        self.sheet.append(written)


def parts(text: str, width: float) -> list[str]:
    """A long text in parts of at most ``PART_LINES`` lines of ``width``, so that no row is higher than a page."""
    lines: list[str] = []
    for line in text.splitlines() or [""]:
        rest = line
        while units(rest) > width:
            end = _end(rest, width)
            lines.append(rest[:end])
            rest = rest[end:]
        lines.append(f"{rest}\n")
    return ["".join(lines[at : at + PART_LINES]).rstrip("\n") for at in range(0, len(lines), PART_LINES)]


def _end(line: str, width: float) -> int:
    """Where a line is full; after a word, if there is one."""
    used = 0
    for at, sign in enumerate(line):
        used += units(sign)
        if used > width:
            space = line.rfind(" ", at // 2, at)
            return space + 1 if space > 0 else max(1, at)
    return len(line)
