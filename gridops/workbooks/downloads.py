"""A list as a workbook: exactly its rows, and a record of it before the first byte."""

from __future__ import annotations

import tempfile
from typing import Any

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from gridops.accounts.models import AccessRecord
from gridops.accounts.services import record_access
from gridops.common.lists import Listing


def write_sheet(title: str, header: list[str], rows: Any) -> Any:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)

    def cell(value: Any) -> Any:
        if value is None or isinstance(value, int | float):
            return value
        made = WriteOnlyCell(sheet, str(value))
        made.data_type = "s"
        return made

    sheet.append([cell(v) for v in header])
    for row in rows:
        sheet.append([cell(v) for v in row])
    out = tempfile.TemporaryFile()
    book.save(out)
    out.seek(0)
    return out


def download(request: HttpRequest, listing: Listing[Any]) -> FileResponse:
    """The list's rows as a file to download."""
    record_access(request, AccessRecord.Kind.EXPORT, listing.spec.name, listing.queryset.count())
    file = write_sheet(str(listing.title), listing.export_header(), listing.export_rows())
    name = f"{listing.title}-{timezone.localdate():%Y%m%d}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)
