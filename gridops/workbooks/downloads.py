"""A list as a workbook: exactly its rows, and a record of it before the first byte."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from gridops.accounts.models import AccessRecord
from gridops.accounts.services import record_access
from gridops.common.lists import EXPORT_LIMIT, Listing
from gridops.workbooks.export import write_sheet


class _Counted:
    """Passes rows on and counts them."""

    def __init__(self, rows: Iterator[list[object]]) -> None:
        self.rows, self.number = rows, 0

    def __iter__(self) -> Iterator[list[object]]:
        for number, row in enumerate(self.rows, start=1):
            self.number = number
            yield row


def download(request: HttpRequest, listing: Listing[Any], page: str) -> HttpResponseBase:
    """The list's rows as a file. The record says how many rows the file holds, and is written before any leaves.

    A list that is too long for one file sends the person back to its ``page`` and says so.
    """
    if listing.too_long_to_export:
        text = _("An export holds at most %(limit)s rows. Narrow the list by filters first.")
        messages.warning(request, text % {"limit": f"{EXPORT_LIMIT:,}"})
        return redirect(reverse(page) + listing.query)
    rows = _Counted(listing.export_rows())
    file = write_sheet(str(listing.title), listing.export_header(), rows)
    record_access(request, AccessRecord.Kind.EXPORT, listing.spec.name, rows.number)
    name = f"{listing.title}-{timezone.localdate():%Y%m%d}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)
