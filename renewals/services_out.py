"""An agent's list as a workbook with places for results: to be filled on a computer, or on paper (C4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.utils import translation
from openpyxl import Workbook
from openpyxl.styles import Alignment, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from channels.models import Agent
from gridops.common.months import Month
from gridops.workbooks.export import HEADER_FILL, add_sheet, safe_cell, saved
from gridops.workbooks.package import fit_for_file
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
)
from gridops.workbooks.sheet import SHEETS
from renewals.models import ExpiryWarning
from renewals.querysets import WarningQuerySet

LANGUAGE = "zh-hans"  # the roster's words, whoever takes it
HEAD_ROWS = 2
READ = 2_000
PLACE_FILL = PatternFill("solid", fgColor="FFF9E6")
FIRST_DAY = 43831  # 2020-01-01, as a spreadsheet counts
# field of the sheet that comes back -> width, what its cells hold
SHAPES: dict[str, tuple[float, str]] = {
    "month": (8.5, "text"),
    "account": (13.5, "text"),
    "name": (8, "text"),
    "phone": (12.5, "text"),
    "address": (25, "text"),
    "project": (11, "text"),
    "product": (11, "text"),
    "monthly_fee": (7, "money"),
    "expires_on": (11, "date"),
    "state": (9, "text"),
    "day": (11.5, "date"),
    "medium": (7, "text"),
    "outcome": (10, "text"),
    "promised_on": (11.5, "date"),
    "loss": (10, "text"),
    "note": (18, "text"),
}


@dataclass(frozen=True, slots=True)
class Share:
    """Whose list it is: an agent's or (None) the manager's pool; the month and the grid, where it is of one alone."""

    month: Month | None
    agent: Agent | None
    grid: str = ""

    @property
    def title(self) -> str:
        """What stands over the sheet."""
        whose = f"{self.agent.name}({self.agent.code})" if self.agent else "网格经理自跟"
        month = f"{self.month.year}年{self.month.month}月" if self.month else ""
        return " · ".join(filter(None, [f"{month}续费回访清单", self.grid, whose]))

    @property
    def file_name(self) -> str:
        """What its file is called."""
        whose = self.agent.name if self.agent else "网格经理自跟"
        parts = ["续费回访清单", str(self.month or ""), self.grid, whose]
        return fit_for_file("-".join(filter(None, parts))) + ".xlsx"


def rows_of(warnings: WarningQuerySet) -> Iterator[list[Any]]:
    """The rows of these warnings, the next to expire first; streamed."""
    shown = warnings.for_sheet().order_by("expires_on", "pk")
    with translation.override(LANGUAGE):
        states = {value: str(label) for value, label in ExpiryWarning.State.choices}
    for row in shown.iterator(chunk_size=READ):
        yield [
            f"{row['month']:%Y-%m}",
            row["subscriber__account"],
            row["subscriber__name"],
            row["number"],
            row["subscriber__address"],
            row["subscriber__project__name"],
            row["subscriber__product"],
            row["subscriber__monthly_fee"],
            row["expires_on"],
            states[row["state"]],
            *[None] * len(SHEETS["returned"].filled),
        ]


def write_share(share: Share, rows: Iterable[Sequence[Any]]) -> IO[bytes]:
    """The list as a workbook in a temporary file, at its start; the same file is imported when it comes back."""
    columns = SHEETS["returned"].columns
    book = Workbook(write_only=True)
    sheet: Any = add_sheet(book, "回访清单", [SHAPES[column.field][0] for column in columns])
    sheet.freeze_panes = f"D{HEAD_ROWS + 1}"
    set_up_print(sheet, share.title, title_rows=HEAD_ROWS)
    _head(sheet, share, [column.header for column in columns])
    styles = [_style(sheet, column.field) for column in columns]
    address, number = list(SHAPES).index("address"), HEAD_ROWS
    for number, row in enumerate(rows, start=HEAD_ROWS + 1):
        sheet.row_dimensions[number].height = max(24, row_height([(row[address], room(SHAPES["address"][0]))]))
        sheet.append([safe_cell(sheet, value, style) for value, style in zip(row, styles, strict=True)])
    _validate(sheet, max(number, HEAD_ROWS + 1))
    sheet.print_area = f"A1:{get_column_letter(len(columns))}{max(number, HEAD_ROWS + 1)}"
    return saved(book)


def _style(sheet: Any, name: str) -> Any:
    kind = SHAPES[name][1]
    place = {"fill": PLACE_FILL} if name in SHEETS["returned"].filled else {}
    align = Alignment(vertical="center", wrap_text=name in ("address", "project", "product", "note"))
    return shared_style(sheet, font=FONT, border=RULED, number_format=FORMATS[kind], alignment=align, **place)


def _head(sheet: Any, share: Share, titles: Sequence[str]) -> None:
    title = shared_style(sheet, font=TITLE_FONT, alignment=Alignment(vertical="center"))
    sheet.row_dimensions[1].height = 30
    sheet.append([safe_cell(sheet, share.title, title)])
    sheet.merged_cells.add(f"A1:{get_column_letter(len(titles))}1")
    looks = Alignment(horizontal="center", vertical="center", wrap_text=True)
    head = shared_style(sheet, font=BOLD, fill=HEADER_FILL, border=RULED, alignment=looks)
    sheet.row_dimensions[2].height = 24
    sheet.append([safe_cell(sheet, text, head) for text in titles])


def _validate(sheet: Any, last: int) -> None:
    """Lists to choose from; days that are days, of the contact none to come."""
    for index, column in enumerate(SHEETS["returned"].columns, start=1):
        cells = f"{get_column_letter(index)}{HEAD_ROWS + 1}:{get_column_letter(index)}{last}"
        if column.labels:
            rule = DataValidation(type="list", formula1=f'"{",".join(column.labels)}"', allow_blank=True)
            _say(rule, column.header, "请从下拉列表中选择。", cells, sheet)
        elif column.field == "day":
            rule = DataValidation(
                type="date", operator="between", formula1=str(FIRST_DAY), formula2="TODAY()", allow_blank=True
            )
            _say(rule, column.header, "请填写日期，如 2026-12-01，不能晚于今天。", cells, sheet)
        elif column.field == "promised_on":
            rule = DataValidation(type="date", operator="greaterThanOrEqual", formula1=str(FIRST_DAY), allow_blank=True)
            _say(rule, column.header, "请填写日期，如 2026-12-01。", cells, sheet)


def _say(rule: DataValidation, title: str, text: str, cells: str, sheet: Any) -> None:
    rule.errorTitle, rule.error, rule.showErrorMessage = title, text, True
    rule.add(cells)
    sheet.data_validations.append(rule)
