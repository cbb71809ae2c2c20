"""The ledgers as files."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import AccessRecord, Grid
from gridops.accounts.services import record_access
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from gridops.workbooks.export import XLSX
from projects.models import Ledger
from projects.services_exports import write_ledger
from projects.views import READERS


@require_GET
@for_roles(*READERS)
def ledger_export(request: HttpRequest, ledger: str) -> HttpResponseBase:
    """A ledger of ``?month=``, of ``?grid=`` or all the person's grids; written down before a byte leaves (P1-P3)."""
    if ledger not in Ledger.values:
        raise Http404
    user = signed_in(request)
    month = chosen_month(request, Month.of(timezone.localdate())).month
    file = write_ledger(user, ledger, month, _grid(request))
    record_access(request, AccessRecord.Kind.EXPORT, f"projects:ledger:{ledger}:{month}", file.rows)
    return FileResponse(file.content, as_attachment=True, filename=file.name, content_type=XLSX)


def _grid(request: HttpRequest) -> Grid | None:
    asked = request.GET.get("grid", "")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit()) or len(asked) > 9:
        raise Http404
    return get_object_or_404(Grid.objects.for_user(signed_in(request)).select_related("unit"), pk=int(asked))
