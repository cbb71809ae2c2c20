"""The ledgers as files."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import AccessRecord
from gridops.accounts.services import record_access
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from gridops.workbooks.export import XLSX
from projects.ledger_pages import asked_grid, ledger_named
from projects.services_exports import write_ledger
from projects.views import READERS


@require_GET
@for_roles(*READERS)
def ledger_export(request: HttpRequest, ledger: str) -> HttpResponseBase:
    """A ledger of ``?month=``, of ``?grid=`` or all the person's grids; written down before a byte leaves (P1-P3)."""
    user, named = signed_in(request), ledger_named(ledger)
    month = chosen_month(request, Month.of(timezone.localdate())).month
    file = write_ledger(user, named, month, asked_grid(request))
    record_access(request, AccessRecord.Kind.EXPORT, f"projects:ledger:{ledger}:{month}", file.rows)
    return FileResponse(file.content, as_attachment=True, filename=file.name, content_type=XLSX)
