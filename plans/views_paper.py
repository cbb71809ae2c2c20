"""The plan on paper: as a workbook, as a page to print, and all approved ones of a month in one package."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import AccessRecord
from gridops.accounts.services import record_access
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from gridops.workbooks.export import XLSX
from plans.layouts import pages_of
from plans.models import Plan
from plans.paper import Paper, papers_of
from plans.services_exports import file_name, package, write_plan
from plans.views import READERS, REVIEWERS, plan_of


@require_GET
@for_roles(*READERS)
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan as it is filed, on pages of A4."""
    found = _paper_of(request, pk)
    return render(request, "plans/paper.html", {"plan": found.plan, "pages": pages_of(found)})


@require_GET
@for_roles(*READERS)
def workbook(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The plan as a workbook; written down before a byte leaves."""
    found = _paper_of(request, pk)
    file = write_plan(found)
    record_access(request, AccessRecord.Kind.EXPORT, f"plans:plan:{found.plan.pk}")
    return FileResponse(file, as_attachment=True, filename=file_name(found.plan), content_type=XLSX)


@require_GET
@for_roles(*REVIEWERS)
def workbooks(request: HttpRequest) -> HttpResponseBase:
    """The approved plans of ``?month=`` of all the person's grids, in one zip; written down before a byte leaves."""
    today = timezone.localdate()
    month = chosen_month(request, Month.of(today).plus(1)).month
    plans = Plan.objects.for_user(signed_in(request)).filter(month=month.first, state=Plan.State.APPROVED)
    number = plans.count()
    if not number:
        messages.info(request, _("No plan of this month is approved yet."))
        return redirect(f"{reverse('plans:inbox')}?month={month}")
    body = package(plans, month, today)
    record_access(request, AccessRecord.Kind.EXPORT, f"plans:approved:{month}", number)
    response = StreamingHttpResponse(body, content_type="application/zip")
    name = content_disposition_header(True, f"{capfirst(_('monthly plan'))}-{month}.zip")
    response["Content-Disposition"] = name or "attachment"
    return response


def _paper_of(request: HttpRequest, pk: int) -> Paper:
    plan = plan_of(request, pk)
    return papers_of(Plan.objects.filter(pk=plan.pk), Month.of(plan.month), timezone.localdate())[0]
