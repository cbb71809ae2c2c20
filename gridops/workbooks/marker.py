"""Marks the faulty cells of a workbook, as a program of its own under limits: openpyxl holds a whole file in memory.

    marker.py FILE OUT REQUEST

REQUEST is a JSON file: limits, sheet, header_row, reasons (the new column's title), marks ({row: {"cells": {cell:
text}, "reason": text}}). Formulas become their last values, links are dropped: what comes out computes nothing.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

FAULTY, REASON = PatternFill("solid", fgColor="F8B4B4"), Font(color="B91C1C")


def main(file: str, out: str, request_file: str) -> None:
    """Read, mark, write."""
    request = json.loads(Path(request_file).read_text())
    limits = request["limits"]
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"],) * 2)
    book = load_workbook(file, data_only=True, keep_links=False)
    page = book[request["sheet"]]
    column = page.max_column + 1
    page.cell(request["header_row"], column, request["reasons"]).font = Font(bold=True)
    for row, mark in request["marks"].items():
        for name, text in mark["cells"].items():
            cell = page[name]
            cell.fill = FAULTY
            if not isinstance(cell, MergedCell):
                cell.comment = Comment(text, "gridops")
        reason = page.cell(int(row), column)
        reason.value, reason.data_type = mark["reason"], "s"
        reason.font = REASON
    book.save(out)


if __name__ == "__main__":
    main(*sys.argv[1:4])
