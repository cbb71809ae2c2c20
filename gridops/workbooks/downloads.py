"""A list as a workbook: exactly its rows, and a record of it before the first byte."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest
from django.utils import timezone

from gridops.accounts.models import AccessRecord
from gridops.accounts.services import record_access
from gridops.common.lists import Listing
from gridops.workbooks.export import write_sheet


def download(request: HttpRequest, listing: Listing[Any]) -> FileResponse:
    """The list's rows as a file to download."""
    record_access(request, AccessRecord.Kind.EXPORT, listing.spec.name, listing.queryset.count())
    file = write_sheet(str(listing.title), listing.export_header(), listing.export_rows())
    name = f"{listing.title}-{timezone.localdate():%Y%m%d}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)
