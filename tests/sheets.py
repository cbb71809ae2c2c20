"""Reading what an export answered."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from openpyxl import load_workbook


def exported(response: Any) -> list[tuple[object, ...]]:
    """The rows of the workbook in ``response``, its header first; no cell of it is a formula."""
    assert response.status_code == 200
    sheet = load_workbook(BytesIO(b"".join(response.streaming_content if response.streaming else [response.content])))
    cells = [list(row) for row in sheet.worksheets[0].iter_rows()]
    assert all(cell.data_type != "f" for row in cells for cell in row)
    return [tuple(cell.value for cell in row) for row in cells]
