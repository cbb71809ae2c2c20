"""Agents' lists as workbooks, to be taken along and filled; each is written down before a byte leaves (C4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from channels.models import Agent, AgentStaff
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import AccessRecord, Role
from gridops.accounts.services import record_access
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from gridops.workbooks.export import XLSX
from gridops.workbooks.package import fit_for_file, zipped
from renewals.models import ExpiryWarning, WarningList
from renewals.querysets import WarningQuerySet
from renewals.services_out import Share, rows_of, write_share
from renewals.views import READERS

POOL = "pool"


@require_GET
@for_roles(*READERS)
def list_sheets(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What is open on a list: ``?agent=`` an agent's or the pool's sheet; without it all of them in one zip.

    ``?all=1``: those that are closed, too.
    """
    user = signed_in(request)
    found = get_object_or_404(WarningList.objects.for_user(user).select_related("grid"), pk=pk)
    rows = _wanted(request, ExpiryWarning.objects.for_user(user).filter(warning_list=found))
    page, month, asked = reverse("renewals:list", args=[pk]), Month.of(found.month), request.GET.get("agent", "")
    if asked:
        agent = None if asked == POOL else _agent(rows, asked)
        share = Share(month, agent, found.grid.name)
        return _one(request, share, rows.filter(agent=agent), f"renewals.list:{pk}:{asked}", page)
    counts = list(rows.order_by().values_list("agent", flat=True))
    if not counts:
        return _nothing(request, page)
    agents = Agent.objects.in_bulk({one for one in counts if one})
    shares = [Share(month, agents.get(one) if one else None, found.grid.name) for one in sorted(set(counts), key=_last)]
    record_access(request, AccessRecord.Kind.EXPORT, f"renewals.list:{pk}:sheets", len(counts))
    response = StreamingHttpResponse(zipped(_files(shares, rows)), content_type="application/zip")
    name = f"{fit_for_file(f'续费回访清单-{month}-{found.grid.name}')}.zip"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@require_GET
@for_roles(Role.AGENT_STAFF)
def own_sheet(request: HttpRequest) -> HttpResponseBase:
    """What is open for the person's own agent, of ``?month=`` or of all lists, as one sheet."""
    user = signed_in(request)
    staff = AgentStaff.objects.filter(user=user).select_related("agent").first()
    if staff is None:
        raise Http404
    rows = ExpiryWarning.objects.for_user(user).filter(agent=staff.agent)
    month = chosen_month(request, Month.of(timezone.localdate())).month if "month" in request.GET else None
    if month:
        rows = rows.filter(month=month.first)
    subject = f"renewals.own-sheet:{month or 'open'}"
    return _one(request, Share(month, staff.agent), _wanted(request, rows), subject, reverse("renewals:work"))


def _wanted(request: HttpRequest, rows: WarningQuerySet) -> WarningQuerySet:
    return rows.live() if request.GET.get("all") == "1" else rows.worked()


def _one(request: HttpRequest, share: Share, rows: WarningQuerySet, subject: str, page: str) -> HttpResponseBase:
    number = rows.count()
    if not number:
        return _nothing(request, page)
    record_access(request, AccessRecord.Kind.EXPORT, subject, number)
    file = write_share(share, rows_of(rows))
    return FileResponse(file, as_attachment=True, filename=share.file_name, content_type=XLSX)


def _files(shares: list[Share], rows: WarningQuerySet) -> Iterator[tuple[str, IO[bytes]]]:
    return ((share.file_name, write_share(share, rows_of(rows.filter(agent=share.agent)))) for share in shares)


def _agent(rows: WarningQuerySet, asked: str) -> Agent:
    known = Agent.objects.filter(pk__in=rows.order_by().values("agent"))
    return get_object_or_404(known, pk=int(asked) if asked.isdecimal() and len(asked) < 19 else 0)


def _last(agent: Any) -> tuple[bool, int]:
    """The pool comes last."""
    return agent is None, agent or 0


def _nothing(request: HttpRequest, page: str) -> HttpResponseBase:
    messages.info(request, _("Nothing is open on this list, so there is no sheet to fill."))
    return redirect(page)
