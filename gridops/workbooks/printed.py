"""A ledger as a form: title, header of one or two rows, ruled cells, a line for signatures, ready to be printed on A4.

Written by the one writer of cells (``export.py``), row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import IO, Any
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from gridops.workbooks.export import HEADER_FILL, add_sheet, safe_cell, saved

LINE = Side(style="thin", color="8A94A6")
RULED = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
FORMATS = {
    "text": "@",
    "integer": "0_ ",
    "money": "#,##0.00_ ",
    "percent": "0.00%_ ",
    "date": "yyyy-mm-dd",
    "place": "0.000000",
}
SIGNATURES = ("填报人:____________________", "审核人:____________________", "日期:____________________")
TOTAL = "合计"
A4 = 9
FONT, BOLD, TITLE_FONT = Font("宋体", 10), Font("宋体", 10, bold=True), Font("宋体", 16, bold=True)
LINE_POINTS, LEAST_POINTS, MOST_POINTS = 13.5, 18.0, 400.0


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column: its header, the group that stands over it, what its cells hold (a key of ``FORMATS``), its width.

    Percentages are fractions. ``printed`` False: beside what is printed.
    """

    title: str
    group: str = ""
    kind: str = "text"
    width: float = 10
    printed: bool = True
    centred: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A ledger's form: its name, the title over it, its columns, how many of them stay in sight."""

    name: str
    title: str
    columns: Sequence[FormColumn]
    frozen: int = 2

    @property
    def depth(self) -> int:
        """Rows of its header."""
        return 2 if any(column.group for column in self.columns) else 1

    @property
    def printed(self) -> int:
        """How many columns are printed."""
        return sum(column.printed for column in self.columns)


def write_form(
    form: Form, rows: Iterable[Sequence[Any]], total: Callable[[], Sequence[Any]] | None = None
) -> IO[bytes]:
    """The form with ``rows`` as a workbook in a temporary file, at its start.

    ``total`` is asked when the last row has been written: whoever gives the rows adds up meanwhile.
    """
    book = Workbook(write_only=True)
    sheet: Any = add_sheet(book, form.name, [column.width for column in form.columns])
    sheet.freeze_panes = f"{get_column_letter(form.frozen + 1)}{form.depth + 2}"
    set_up_print(sheet, form.name, title_rows=form.depth + 1)
    _head(sheet, form)
    styles, count = _styles(sheet, form), form.depth + 1
    wrapped = [(at, room(column.width)) for at, column in enumerate(form.columns) if column.kind == "text"]
    for row in rows:
        sheet.row_dimensions[count + 1].height = row_height((row[at], width) for at, width in wrapped)
        sheet.append([safe_cell(sheet, value, style) for value, style in zip(row, styles, strict=True)])
        count += 1
    if total is not None:
        bold = _styles(sheet, form, bold=True)
        sheet.append([safe_cell(sheet, value, style) for value, style in zip(total(), bold, strict=True)])
        count += 1
    _sign(sheet, form, count + 2)
    sheet.print_area = f"A1:{get_column_letter(form.printed)}{count + 2}"
    return saved(book)


def set_up_print(
    sheet: Any, name: str, *, title_rows: int, landscape: bool = True, pages: str = "第 &P 页 共 &N 页"
) -> None:
    """A4, as wide as the paper, the first rows on every page, ``name`` and the number of the page below."""
    setup = sheet.page_setup
    setup.orientation = "landscape" if landscape else "portrait"
    setup.paperSize, setup.fitToWidth, setup.fitToHeight = A4, 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"1:{title_rows}"
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom = 0.5, 0.75
    sheet.page_margins.header = sheet.page_margins.footer = 0.3
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = name.replace("&", "&&"), pages


def room(width: float) -> float:
    """How much of a text (in the digits that a column's width counts) stands in a line of a cell so wide."""
    return 1.1 * width - 1


def row_height(texts: Iterable[tuple[str | None, float]]) -> float:
    """Points for the cell of most lines, of texts and their room: not every program makes rows fit by itself."""
    lines = 1
    for text, width in texts:
        if text and (2 * len(text) > width or "\n" in text):
            lines = max(lines, sum(max(1, ceil(units(part) / width)) for part in text.splitlines()))
    return min(MOST_POINTS, max(LEAST_POINTS, lines * LINE_POINTS + 4))


def units(text: str) -> int:
    """The width of ``text`` in the digits that a column's width counts: a Chinese sign takes two."""
    return sum(2 if east_asian_width(sign) in "WFA" else 1 for sign in text)


def shared_style(sheet: WriteOnlyWorksheet, **looks: Any) -> StyleArray:
    """The style of a cell with these looks, to be shared by many."""
    model = WriteOnlyCell(sheet)
    for name, value in looks.items():
        setattr(model, name, value)
    style: StyleArray = model._style  # type: ignore[attr-defined]
    return style


def _styles(sheet: WriteOnlyWorksheet, form: Form, *, bold: bool = False) -> list[StyleArray]:
    return [
        shared_style(
            sheet,
            font=BOLD if bold else FONT,
            border=RULED,
            number_format=FORMATS[column.kind],
            alignment=Alignment(
                vertical="center",
                wrap_text=column.kind == "text",
                horizontal="center" if column.centred else None,
            ),
            **({"fill": HEADER_FILL} if bold else {}),
        )
        for column in form.columns
    ]


def _head(sheet: Any, form: Form) -> None:
    last = get_column_letter(form.printed)
    title = shared_style(sheet, font=TITLE_FONT, alignment=Alignment(horizontal="center", vertical="center"))
    sheet.row_dimensions[1].height = 30
    sheet.append([safe_cell(sheet, form.title, title)])
    sheet.merged_cells.add(f"A1:{last}1")
    head = shared_style(
        sheet,
        font=BOLD,
        fill=HEADER_FILL,
        border=RULED,
        alignment=Alignment(horizontal="center", vertical="center", wrap_text=True),
    )
    if form.depth == 1:
        sheet.row_dimensions[2].height = 32
        sheet.append([safe_cell(sheet, column.title, head) for column in form.columns])
        return
    sheet.row_dimensions[2].height = sheet.row_dimensions[3].height = 24
    _append_groups(sheet, form, head)


def _append_groups(sheet: Any, form: Form, head: StyleArray) -> None:
    """Groups over their columns; a column without one is two rows high."""
    upper: list[str | None] = []
    for group, columns in groupby(form.columns, key=lambda column: column.group or column):
        first, some = len(upper) + 1, list(columns)
        if isinstance(group, str):
            upper += [group, *[None] * (len(some) - 1)]
            if len(some) > 1:
                sheet.merged_cells.add(f"{get_column_letter(first)}2:{get_column_letter(len(upper))}2")
        else:
            upper.append(group.title)
            sheet.merged_cells.add(f"{get_column_letter(first)}2:{get_column_letter(first)}3")
    sheet.append([safe_cell(sheet, text, head) for text in upper])
    sheet.append([safe_cell(sheet, column.title if column.group else None, head) for column in form.columns])


def _sign(sheet: Any, form: Form, row: int) -> None:
    """The line below: who filled it in, who looked it over, when."""
    sheet.append([])
    sheet.row_dimensions[row].height = 26
    style = shared_style(sheet, font=FONT, alignment=Alignment(vertical="center"))
    starts = [round(part * form.printed / len(SIGNATURES)) for part in range(len(SIGNATURES))]
    cells = [None] * form.printed
    for text, at, end in zip(SIGNATURES, starts, [*starts[1:], form.printed], strict=True):
        cells[at] = text  # type: ignore[call-overload]
        if end - at > 1:
            sheet.merged_cells.add(f"{get_column_letter(at + 1)}{row}:{get_column_letter(end)}{row}")
    sheet.append([safe_cell(sheet, text, style) for text in cells])
