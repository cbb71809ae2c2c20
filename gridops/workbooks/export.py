"""Writing workbooks that start no formula, whatever their cells hold."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from copy import copy
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"  # the type of what is written here
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CELL_LIMIT = 32_000
HEADER_FONT = Font(bold=True)
HEADER_FILL = PatternFill("solid", fgColor="E6EBF2")


def safe_cell(sheet: WriteOnlyWorksheet, value: Any, style: StyleArray | None = None) -> Cell:
    """A cell that holds ``value`` and nothing else: text stays text, also when it looks like a formula.

    ``style`` is one that many cells share.
    """
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value).replace(tzinfo=None)
    if value is None or isinstance(value, bool | int | float | Decimal | date):
        cell = WriteOnlyCell(sheet, value)  # type: ignore[arg-type]
        if style is not None:
            cell._style = style  # type: ignore[attr-defined]
        return cell
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:CELL_LIMIT]
    cell = WriteOnlyCell(sheet)
    cell._value, cell.data_type = text, "s"  # type: ignore[attr-defined]
    if style is not None:
        cell._style = copy(style)  # type: ignore[attr-defined]
    if text.startswith(FORMULA_STARTS):
        cell.quotePrefix = True
    return cell


def add_sheet(book: Workbook, title: str, widths: Sequence[float]) -> WriteOnlyWorksheet:
    """An empty sheet with columns of these widths, in a write-only workbook."""
    sheet: WriteOnlyWorksheet = book.create_sheet(_sheet_title(title))
    for index, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width  # type: ignore[attr-defined]
    return sheet


def add_table(
    book: Workbook, title: str, header: Sequence[Any], rows: Iterable[Sequence[Any]], widths: Sequence[int] = ()
) -> WriteOnlyWorksheet:
    """A sheet with a bold, frozen header and ``rows`` below it, in a write-only workbook."""
    guessed = [max(10, min(40, 2 * len(str(text)) + 4)) for text in header]
    sheet = add_sheet(book, title, [*widths, *guessed[len(widths) :]])
    sheet.freeze_panes = "A2"
    cells = [safe_cell(sheet, text) for text in header]
    for cell in cells:
        cell.font, cell.fill, cell.alignment = HEADER_FONT, HEADER_FILL, Alignment(vertical="center", wrap_text=True)
    sheet.append(cells)
    for row in rows:
        sheet.append([safe_cell(sheet, value) for value in row])
    return sheet


def write_sheet(title: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> IO[bytes]:
    """One sheet as a workbook in a temporary file, at its start; ``rows`` may be any number, they are streamed."""
    book = Workbook(write_only=True)
    add_table(book, title, header, rows)
    return saved(book)


def saved(book: Workbook) -> IO[bytes]:
    """The workbook in a temporary file, at its start; closing the file deletes it."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
    book.save(file)
    file.seek(0)
    return file


def _sheet_title(title: str) -> str:
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in str(title))[:31] or "1"
