"""Input against output: the list, a new one, the table with its cases, on paper and as a workbook (P5)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from channels.forms_weighing import NewForm, Sheet, WhatIf, read_sheet, read_what_if, rearrange
from channels.models import Agent, Weighing
from channels.pages_weighing import Table, differences, script_setup, what_if_rows
from channels.rules_weighing import MOST_CASES, Case, from_json
from channels.services_commission import units_seen
from channels.services_weighing import WEIGHERS, Changed, begin, copy_weighing, save_weighing
from channels.views_commission import PAID_READERS
from channels.weighing_book import write_weighing
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import AccessRecord, Role
from gridops.accounts.services import record_access
from gridops.common.ids import read_id
from gridops.common.months import Month
from gridops.workbooks.export import XLSX

SHOWN = 200


def _weighing(request: HttpRequest, pk: int) -> Weighing:
    rows = Weighing.objects.for_user(signed_in(request)).select_related("agent", "unit", "made_by")
    return get_object_or_404(rows.distinct(), pk=pk)


def _stored(weighing: Weighing) -> list[Case]:
    return [from_json(told) for told in weighing.cases][:MOST_CASES] or [Case()]


def _as_stored(weighing: Weighing) -> Sheet:
    return Sheet(weighing.title, _stored(weighing))


@require_GET
@for_roles(*PAID_READERS)
def weighings(request: HttpRequest) -> HttpResponse:
    """The newest ones in the person's scope; of one agent when asked."""
    user = signed_in(request)
    rows = Weighing.objects.for_user(user).select_related("agent", "unit", "made_by").distinct()
    agent = Agent.objects.for_user(user).filter(pk=read_id(request.GET.get("agent", "") or "0")).first()
    if agent:
        rows = rows.filter(agent=agent)
    found: list[Any] = list(rows[:SHOWN])
    for row in found:
        row.first = Table(Sheet(row.title, _stored(row)[:1])).results[0]
    context = {"rows": found, "agent": agent, "may_write": user.scope.has(*WEIGHERS)}
    return render(request, "channels/weighings.html", context)


@require_http_methods(["GET", "POST"])
@for_roles(*WEIGHERS)
def weighing_new(request: HttpRequest) -> HttpResponse:
    """Choose whose, where and for which month; the first case is filled with what is known."""
    user, today = signed_in(request), timezone.localdate()
    asked = Agent.objects.for_user(user).filter(pk=read_id(request.GET.get("agent", "") or "0")).first()
    unit = units_seen(user).filter(grids__projects__ownerships__agent=asked).first() if asked else None
    initial = {"agent": asked, "unit": unit, "month": str(Month.of(today))}
    form = NewForm(request.POST or None, user=user, initial=initial)
    if request.method == "POST" and form.is_valid():
        agent, where, month, title = form.told
        return redirect("channels:weighing", begin(user, agent, where, month, title, today).pk)
    return render(request, "channels/weighing_new.html", {"form": form})


@require_http_methods(["GET", "POST"])
@for_roles(*PAID_READERS)
def weighing(request: HttpRequest, pk: int) -> HttpResponse:
    """The table; saved, or reckoned without saving."""
    found = _weighing(request, pk)
    if request.method == "GET":
        return _page(request, found, _as_stored(found))
    if not signed_in(request).scope.has(*WEIGHERS):
        raise PermissionDenied
    sheet, deed = read_sheet(request.POST, _stored(found)), request.POST.get("do", "save")
    what = read_what_if(request.POST, sheet.cases)
    if deed != "save":
        return _page(request, found, rearrange(sheet, deed), what, unsaved=True)
    if sheet.faults:
        return _page(request, found, sheet, what, unsaved=True)
    version = request.POST.get("version", "")
    try:
        save_weighing(found, read_id(version or "0"), sheet.title, sheet.cases)
    except Changed:
        found.refresh_from_db()
        theirs = differences(_as_stored(found), sheet)
        return _page(request, found, sheet, what, unsaved=True, theirs=theirs, status=409)
    messages.success(request, _("Saved."))
    return redirect("channels:weighing", pk)


def _page(
    request: HttpRequest,
    found: Weighing,
    sheet: Sheet,
    what: WhatIf | None = None,
    *,
    unsaved: bool = False,
    theirs: Any = None,
    status: int = 200,
) -> HttpResponse:
    table = Table(sheet)
    what = what or WhatIf()
    context = {
        "weighing": found,
        "sheet": sheet,
        "table": table,
        "rows": list(table.rows),
        "what": what,
        "what_figures": table.figures,
        "what_rows": what_if_rows(sheet, what),
        "setup": script_setup(sheet.cases[0]),
        "unsaved": unsaved,
        "theirs": theirs,
        "room": len(sheet.cases) < MOST_CASES,
        "may_write": signed_in(request).scope.has(*WEIGHERS),
    }
    return render(request, "channels/weighing.html", context, status=status)


@require_POST
@for_roles(*WEIGHERS)
def weighing_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Another one with the figures that are stored."""
    found = _weighing(request, pk)
    fresh = copy_weighing(found, signed_in(request), _("%(title)s (copy)") % {"title": found.title[:70]})
    messages.success(request, _("This is the copy."))
    return redirect("channels:weighing", fresh.pk)


@require_POST
@for_roles(*WEIGHERS)
def weighing_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one: whoever made it, supervisors and admins."""
    found, user = _weighing(request, pk), signed_in(request)
    if found.made_by_id != user.pk and not user.scope.has(Role.SUPERVISOR, Role.ADMIN):
        messages.error(request, _("Only who made it, supervisors and admins delete it."))
        return redirect("channels:weighing", pk)
    found.delete()
    messages.success(request, _("Deleted."))
    return redirect("channels:weighings")


@require_GET
@for_roles(*PAID_READERS)
def weighing_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The stored figures on a page to print."""
    found = _weighing(request, pk)
    table = Table(_as_stored(found), printed=True)
    return render(
        request, "channels/weighing_paper.html", {"weighing": found, "table": table, "rows": list(table.rows)}
    )


@require_GET
@for_roles(*PAID_READERS)
def weighing_workbook(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The stored figures as a workbook that reckons anew; written down before a byte leaves."""
    found = _weighing(request, pk)
    file = write_weighing(found, _stored(found))
    record_access(request, AccessRecord.Kind.EXPORT, f"channels:weighing:{found.pk}")
    name = "".join("_" if sign in '/\\:*?"<>|' else sign for sign in found.title)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
