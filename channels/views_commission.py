"""Commission paid: the sums of a month and their trend, every row of the roster, both as workbooks (P5)."""

from __future__ import annotations

from django.db.models import Max
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from channels.commission_figures import SHOWN, Figures, charts_of
from channels.filters_commission import PaidFilter, SumsFilter
from channels.ledger_commission import PAID, set_apiece
from channels.models import Paid
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import AccessRecord, Role
from gridops.accounts.services import record_access
from gridops.common.lists import Listing
from gridops.common.month_choice import MonthChoice, chosen_month
from gridops.common.months import Month
from gridops.workbooks.downloads import download
from gridops.workbooks.export import write_sheet

PAID_READERS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.ADMIN, Role.AGENT_STAFF)


def _asked(request: HttpRequest) -> tuple[SumsFilter, MonthChoice]:
    """What is shown: the person's rows that pass the filters, and the month; else the newest that has some."""
    user = signed_in(request)
    filters = SumsFilter(request.GET, queryset=Paid.objects.for_user(user), user=user)
    newest = Paid.objects.for_user(user).aggregate(newest=Max("month"))["newest"]
    default = Month.of(newest or timezone.localdate())
    choice = chosen_month(request, default)
    if "month" not in request.GET and choice.month > default:  # another page's month to come
        choice = MonthChoice(default)
    return filters, choice


def _figures(filters: SumsFilter, choice: MonthChoice) -> Figures:
    rows = filters.qs if filters.form.is_valid() else filters.queryset.none()
    return Figures(rows, choice.month)


@require_GET
@for_roles(*PAID_READERS)
def commission(request: HttpRequest) -> HttpResponse:
    """What was paid in a month: per agent, project and kind, with twelve months before it."""
    filters, choice = _asked(request)
    figures = _figures(filters, choice)
    context = {
        "choice": choice,
        "form": filters.form,
        "figures": figures,
        "charts": charts_of(figures),
        "agents": figures.agents[:SHOWN],
        "projects": figures.projects[:SHOWN],
        "more_agents": max(0, len(figures.agents) - SHOWN),
        "more_projects": max(0, len(figures.projects) - SHOWN),
        "may_import": signed_in(request).scope.has(Role.ADMIN, Role.SUPERVISOR),
    }
    return render(request, "channels/commission.html", context)


@require_GET
@for_roles(*PAID_READERS)
def commission_chart(request: HttpRequest) -> HttpResponseBase:
    """The figures of ``?chart=`` as a workbook; written down before a byte leaves."""
    charts = {chart.name: chart for chart in charts_of(_figures(*_asked(request)))}
    chart = charts.get(request.GET.get("chart", "paid"))
    if chart is None:
        raise Http404
    file = write_sheet(str(chart.title), chart.header, chart.rows)
    record_access(request, AccessRecord.Kind.EXPORT, f"channels:commission:{chart.name}", len(chart.rows))
    return FileResponse(file, as_attachment=True, filename=f"{chart.title}.xlsx")


def _listing(request: HttpRequest) -> Listing[Paid]:
    user = signed_in(request)
    rows = PaidFilter(request.GET, queryset=Paid.objects.for_user(user).shown(), user=user)
    return Listing(request, PAID, rows, decorate=set_apiece)


@require_GET
@for_roles(*PAID_READERS)
def commission_rows(request: HttpRequest) -> HttpResponse:
    """Every row of the roster in the person's scope."""
    return _listing(request).answer("channels/commission_rows.html")


@require_GET
@for_roles(*PAID_READERS)
def commission_export(request: HttpRequest) -> HttpResponseBase:
    """The list's rows as a workbook."""
    return download(request, _listing(request), "channels:commission-rows")
