"""Reading what an export answered."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook


def exported(response: Any) -> list[tuple[object, ...]]:
    """The rows of the workbook in ``response``, its header first; no cell of it is a formula."""
    assert response.status_code == 200
    return _rows(b"".join(response.streaming_content if response.streaming else [response.content]))


def told(response: Any, *, reckons: bool = False) -> str:
    """Everything that the file in ``response`` says: a workbook's cells, a zip of several, or another's bytes as text.

    ``reckons``: the workbook is one with formulas of ours.
    """
    content = b"".join(response.streaming_content)
    if not content.startswith(b"PK"):
        return content.decode(errors="replace")
    with ZipFile(BytesIO(content)) as packed:
        books = [packed.read(name) for name in packed.namelist() if name.endswith(".xlsx")]
        names = packed.namelist() if books else []
    return str([names, *(_rows(book, reckons) for book in books or [content])])


def _rows(content: bytes, reckons: bool = False) -> list[tuple[object, ...]]:
    cells = [list(row) for row in load_workbook(BytesIO(content)).worksheets[0].iter_rows()]
    assert reckons or all(cell.data_type != "f" for row in cells for cell in row)
    return [tuple(cell.value for cell in row) for row in cells]
