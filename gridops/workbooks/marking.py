"""The refused rows for the person who mends them: the original workbook, marked, with a column of reasons."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from gridops.workbooks import reading
from gridops.workbooks.export import write_sheet
from gridops.workbooks.models import Batch, Row
from gridops.workbooks.presenting import finding
from gridops.workbooks.reading import SheetInfo
from gridops.workbooks.sheet import sheet_of

MARKER = Path(__file__).with_name("marker.py")
# Beyond these the rows are written to a sheet of their own: openpyxl takes a hundred bytes of memory for one of file.
FILE_BYTES, ROWS = 3 * 1024 * 1024, 30_000
LIMITS = {"memory_bytes": 1024 * 1024 * 1024, "seconds": 60}


def marked_workbook(batch: Batch) -> IO[bytes]:
    """A file at its start; of an original too large for openpyxl a sheet of the refused rows only."""
    rows = list(Row.objects.filter(batch=batch).refused())
    if batch.file.size <= FILE_BYTES and batch.rows_read <= ROWS:
        marked = _original(batch, rows)
        if marked is not None:
            return marked
    return _refused_only(batch, rows)


def _reason(row: Row) -> str:
    found = [finding(fault) for fault in row.faults or []]
    return ";".join(f"{one.cell} {one.column}: {one.text}" for one in found)


def _original(batch: Batch, rows: list[Row]) -> IO[bytes] | None:
    request = {
        "limits": LIMITS,
        "sheet": batch.sheet_name,
        "header_row": batch.header_row,
        "reasons": _("Reasons for refusal"),
        "marks": {
            row.number: {
                "cells": {one.cell: one.text for one in map(finding, row.faults or [])},
                "reason": _reason(row),
            }
            for row in rows
        },
    }
    with tempfile.TemporaryDirectory() as folder, reading.local_path(batch.file) as path:
        asked, out = Path(folder) / "request.json", Path(folder) / "marked.xlsx"
        asked.write_text(json.dumps(request, ensure_ascii=False))
        command = [sys.executable, "-I", str(MARKER), path, str(out), str(asked)]
        try:
            subprocess.run(command, check=True, timeout=2 * LIMITS["seconds"], capture_output=True)  # noqa: S603
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return None
        return out.open("rb")  # stays readable when the folder is gone


def _refused_only(batch: Batch, rows: list[Row]) -> IO[bytes]:
    reasons = {row.number: _reason(row) for row in rows}
    header = [_("Row"), *batch.headers, _("Reasons for refusal")]
    return write_sheet(batch.sheet_name, header, _cells(batch, reasons))


def _cells(batch: Batch, reasons: dict[int, str]) -> Iterator[list[Any]]:
    every = list(range(len(batch.headers)))
    key_at = sheet_of(batch.kind).lead({int(index): name for index, name in batch.columns.items()})
    for chunk in reading.rows(batch, every, key_at, SheetInfo(), lambda: None):
        for at, number in enumerate(chunk.numbers):
            if number in reasons:
                yield [number, *(column[at] for column in chunk.columns), reasons[number]]
