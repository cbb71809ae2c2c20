"""Empty rosters to fill in: a header with notes, drop-down lists, an example row."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from gridops.workbooks.columns import (
    Choice,
    Code,
    Column,
    Day,
    Integer,
    MonthColumn,
    Names,
    Number,
    Percent,
    Phone,
    Speed,
    Text,
)
from gridops.workbooks.export import HEADER_FILL, HEADER_FONT, saved
from gridops.workbooks.lookups import LookUp, LookUps
from gridops.workbooks.sheet import EXAMPLE, Sheet, imported

ROWS_PREPARED = 5_000
EXAMPLE_FONT, EXAMPLE_FILL = Font(italic=True, color="6B7280"), PatternFill("solid", fgColor="F3F4F6")
AS_TEXT = (Code, Phone, Text)


# The first type that fits says it: a Code is a Text, too.
HINTS: tuple[tuple[type[Column], Callable[[Any], str]], ...] = (
    (Code, lambda _c: _("An id, kept as text. Enter long numbers as text so that Excel does not change them.")),
    (Phone, lambda _c: _("A mobile or landline number.")),
    (LookUps, lambda _c: _("Codes that are in the system, separated by 、")),
    (LookUp, lambda _c: _("Must be in the system already.")),
    (Names, lambda _c: _("Names, separated by 、")),
    (Integer, lambda c: _("A whole number from %(low)s to %(high)s.") % {"low": c.low, "high": c.high}),
    (Number, lambda c: _("A number with up to %(places)s decimals.") % {"places": c.places}),
    (Percent, lambda _c: _("A percentage: 85%, 85 or 0.85.")),
    (MonthColumn, lambda _c: _("A month, such as 2026-12.")),
    (Day, lambda _c: _("A date, such as 2026-12-01.")),
    (Choice, lambda c: _("One of: %(choices)s") % {"choices": "、".join(c.labels)}),
    (Speed, lambda _c: _("A speed, such as 100M.")),
    (Text, lambda c: _("Text of up to %(limit)s characters.") % {"limit": c.limit}),
)


def hint(column: Column) -> str:
    """What a column takes, in the reader's language."""
    said = next((say(column) for kind, say in HINTS if isinstance(column, kind)), "")
    return " ".join([_("Required."), said]) if column.required else said


def template_workbook(sheet: Sheet) -> IO[bytes]:
    """The template of a roster kind as a file at its start. Its example row is left out when it is imported."""
    sheet, book = sheet.current(), Workbook()
    page: Worksheet = book.active  # type: ignore[assignment]
    page.title = sheet.title
    page.freeze_panes = "A2"
    for index, column in enumerate(imported(sheet), start=1):
        _fill(page, index, column, is_key=column.field == sheet.key[0])
    page.row_dimensions[1].height = 24
    return saved(book)


def _fill(page: Worksheet, index: int, column: Column, *, is_key: bool) -> None:
    letter = get_column_letter(index)
    head = page.cell(1, index, f"{column.header}*" if column.required else column.header)
    head.font, head.fill, head.alignment = HEADER_FONT, HEADER_FILL, Alignment(vertical="center")
    head.comment = Comment(hint(column), "gridops", width=260, height=90)
    example = f"{EXAMPLE}{column.example}" if is_key else column.example
    cell = page.cell(2, index)
    cell.value = example  # type: ignore[assignment]
    cell.font, cell.fill = EXAMPLE_FONT, EXAMPLE_FILL
    dimension = page.column_dimensions[letter]
    dimension.width = max(12, min(36, 2 * max(len(column.header), len(str(example))) + 2))
    if isinstance(column, AS_TEXT):
        dimension.number_format = "@"
        cell.number_format = "@"
    if column.labels:
        choice = DataValidation(type="list", formula1=f'"{",".join(column.labels)}"', allow_blank=not column.required)
        choice.error, choice.errorTitle = hint(column)[:250], column.header[:30]
        choice.add(f"{letter}3:{letter}{ROWS_PREPARED}")
        page.add_data_validation(choice)
