"""Efficiency analysis: of a grid, a unit or all, and of one project (P4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Max, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import AccessRecord, Grid, Unit
from gridops.accounts.services import record_access
from gridops.common.charts import Chart
from gridops.common.month_choice import MonthChoice, chosen_month
from gridops.common.months import Month
from gridops.workbooks.export import write_sheet
from projects.models import MonthlyIndicator, Project
from projects.querysets_analysis import Analysis, Territory
from projects.querysets_trend import Indicators, shares_of, trend
from projects.rules_analysis import FINDINGS, RANKED, Finding, Standing, Thresholds, findings, place, ranking
from projects.services import may_edit
from projects.views import EDITORS, READERS, project_of
from projects.views_analysis_charts import quadrant_chart, ranking_table, trend_charts
from projects.views_analysis_figures import KINDS, Compared, key_figures, ranked_row
from projects.views_analysis_words import QUADRANTS, Told, tell, tell_one

PER_PAGE = 20
OLDEST = Month(1905, 1)  # the calendar reaches two years further back
GRIDS_NAMED = 6


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _past_month(request: HttpRequest, newest: Month | None) -> MonthChoice:
    """The month shown: the newest that is over, unless one is asked for.

    A later one that another page chose (the running one of a ledger, a plan's to come) is not kept.
    """
    newest = newest or Month.of(timezone.localdate())
    choice = chosen_month(request, newest)
    is_kept = "month" in request.GET or choice.month <= newest
    return choice if is_kept and choice.month >= OLDEST else MonthChoice(newest)


def _newest(rows: Indicators) -> Month | None:
    """The newest month with figures that is over; the running one where there is no other."""
    this = Month.of(timezone.localdate()).first
    known = rows.filter(billing_users__isnull=False, month__lte=this)
    over = Max("month", filter=Q(month__lt=this))
    found = known.aggregate(over=over, newest=Max("month"))
    day = found["over"] or found["newest"]
    return Month.of(day) if day else None


@dataclass
class Page:
    """One request's view of the analysis."""

    request: HttpRequest

    @cached_property
    def grids(self) -> dict[int, Grid]:
        """The grids to choose from."""
        rows = Grid.objects.for_user(signed_in(self.request)).select_related("unit").order_by("unit__name", "name")
        return {grid.pk: grid for grid in rows}

    @cached_property
    def units(self) -> dict[int, Unit]:
        """The units they lie in."""
        return {grid.unit_id: grid.unit for grid in self.grids.values()}

    @cached_property
    def territory(self) -> Territory:
        """What is shown: as the address says; one who has a single grid sees that."""
        user, asked, unit = signed_in(self.request), _number(self.request, "grid"), _number(self.request, "unit")
        if (asked and asked not in self.grids) or (unit and unit not in self.units):
            raise Http404
        if not asked and len(self.grids) == 1:
            asked = next(iter(self.grids))
        if asked:
            return Territory(user, grid=self.grids[asked])
        return Territory(user, unit=self.units[unit] if unit else None)

    @cached_property
    def newest(self) -> Month | None:
        """The newest month with figures that is over."""
        return _newest(self.territory.indicators)

    @cached_property
    def choice(self) -> MonthChoice:
        """The month shown."""
        return _past_month(self.request, self.newest)

    @cached_property
    def analysis(self) -> Analysis:
        """Its material."""
        return Analysis(self.territory, self.choice.month, timezone.localdate())

    @cached_property
    def found(self) -> list[Finding]:
        """What stands out; nothing does in a month to come."""
        if self.choice.month > Month.of(timezone.localdate()):
            return []
        of = self.analysis
        return findings(of.standings, of.limits, of.unit_rates, is_running=of.is_running)

    @property
    def limits(self) -> Thresholds:
        """The thresholds that the sentences name: the unit's where one is shown."""
        one = self.territory.grid.unit_id if self.territory.grid else getattr(self.territory.unit, "pk", None)
        if one is None and len(self.units) == 1:
            one = next(iter(self.units))
        values = self.analysis.limits
        return values.get(one, Thresholds()) if one else Thresholds.of(self.analysis.rules[None])

    def told(self) -> list[Told]:
        """What stands out, in words."""
        by_id = {row.id: row for row in self.analysis.standings}
        said = []
        for finding in self.found:
            largest = sorted((by_id[pk] for pk in finding.projects), key=lambda row: (-row.free_ports, row.code))
            told = tell(finding, self.limits, {row.id: row.name for row in largest})
            told.grids = self._grids_of(finding, by_id) if self.territory.grid is None else []
            said.append(told)
        return said

    def _grids_of(self, finding: Finding, by_id: Mapping[int, Standing]) -> list[tuple[int, str, int]]:
        """The grids with the most of its projects: (grid, name, how many)."""
        counts: dict[int, int] = {}
        for pk in finding.projects:
            counts[by_id[pk].grid] = counts.get(by_id[pk].grid, 0) + 1
        most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:GRIDS_NAMED]
        return [(grid, self.grids[grid].name, count) for grid, count in most if grid in self.grids]

    # --- The ranking ---

    @cached_property
    def marked(self) -> str:
        """The finding whose projects alone the ranking holds, or nothing."""
        asked = self.request.GET.get("finding", "")
        return asked if asked in FINDINGS else ""

    @cached_property
    def sort(self) -> tuple[str, bool]:
        """What the ranking is sorted by, and whether the highest come first."""
        asked = self.request.GET.get("sort", "")
        name = asked.removeprefix("-")
        return (name, asked.startswith("-")) if name in RANKED else ("users", True)

    @cached_property
    def ranked(self) -> list[Standing]:
        """The rows of the ranking."""
        rows = self.analysis.standings
        if self.marked:
            chosen = {pk for finding in self.found if finding.code == self.marked for pk in finding.projects}
            rows = [row for row in rows if row.id in chosen]
        return ranking(rows, self.sort[0], descending=self.sort[1])

    def ranking(self) -> dict[str, Any]:
        """A page of the ranking, for the template."""
        pages = max(1, -(-len(self.ranked) // PER_PAGE))
        number = min(max(_number(self.request, "page"), 1), pages)
        first = (number - 1) * PER_PAGE
        names = {pk: grid.name for pk, grid in self.grids.items()}
        rows = self.ranked[first : first + PER_PAGE]
        by, descending = self.sort
        return {
            "rows": [
                ranked_row(first + n, row, names.get(row.grid, ""), is_running=self.analysis.is_running)
                for n, row in enumerate(rows, start=1)
            ],
            "count": len(self.ranked),
            "pages": pages,
            "page": number,
            "heads": [
                (name, KINDS[name].title, f"-{name}" if name != by or not descending else name,
                 "none" if name != by else "descending" if descending else "ascending")
                for name in RANKED
            ],
        }  # fmt: skip

    # --- Charts ---

    def charts(self) -> list[Chart]:
        """The quadrant first, then the 24 months."""
        return [
            quadrant_chart(self.analysis.standings, self.analysis.lines),
            *trend_charts(self.analysis.trend, Month.of(timezone.localdate())),
        ]


@for_roles(*READERS)
def analysis(request: HttpRequest) -> HttpResponse:
    """How the projects of a grid, a unit or the whole scope run, and what stands out (P4)."""
    page = Page(request)
    territory = page.territory
    quadrant, *over_time = page.charts()
    said = page.told()
    context = {
        "choice": page.choice,
        "newest": page.newest,
        "territory": territory,
        "grids": page.grids.values() if len(page.grids) > 1 else [],
        "units": page.units.values() if len(page.units) > 1 else [],
        "figures": key_figures(
            page.analysis.trend[page.choice.month], Compared(*page.analysis.compared, page.analysis.is_running)
        ),
        "is_running": page.analysis.is_running,
        "is_asked": page.choice.month != page.newest,
        "has_figures": page.analysis.trend[page.choice.month].users is not None,
        "told": said,
        "marked": next((one for one in said if one.code == page.marked), None),
        "may_propose": territory.grid is not None and may_edit(signed_in(request), territory.grid.pk),
        "may_elsewhere": territory.grid is None and signed_in(request).scope.has(*EDITORS),
        "unreported": sum(row.users is None for row in page.analysis.standings),
        "quadrant": quadrant,
        "quadrants": QUADRANTS.values(),
        "trends": over_time,
        "ranking": page.ranking(),
        "as_recorded": bool(page.analysis.basics),
    }
    return render(request, "projects/analysis.html", context)


@for_roles(*READERS)
def export(request: HttpRequest) -> HttpResponseBase:
    """A chart's rows, or the ranking, as a workbook; written down first."""
    page, asked = Page(request), request.GET.get("chart", "ranking")
    if asked == "ranking":
        names = {pk: grid.name for pk, grid in page.grids.items()}
        return _download(request, ranking_table(page.ranked, names))
    charts = {chart.name: chart for chart in page.charts()}
    if asked not in charts:
        raise Http404
    return _download(request, charts[asked])


def _download(request: HttpRequest, chart: Chart) -> HttpResponseBase:
    file = write_sheet(str(chart.title), chart.header, chart.rows)
    record_access(request, AccessRecord.Kind.EXPORT, f"analysis.{chart.name}", len(chart.rows))
    name = f"{chart.title}-{timezone.localdate():%Y%m%d}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)


# --- One project ---


def _project_charts(project: Project, month: Month) -> tuple[Any, list[Chart]]:
    figures = trend(MonthlyIndicator.objects.filter(project=project), month)
    today = timezone.localdate()
    return figures, trend_charts(figures, Month.of(today), shares_of(project, month, today))


def _project_month(request: HttpRequest, project: Project) -> MonthChoice:
    return _past_month(request, _newest(MonthlyIndicator.objects.filter(project=project)))


@for_roles(*READERS)
def project_analysis(request: HttpRequest, pk: int) -> HttpResponse:
    """How one project has run for 24 months, its place in the grid, and what stands out (P4)."""
    project, user = project_of(request, pk), signed_in(request)
    choice = _project_month(request, project)
    of_grid = Analysis(Territory(user, grid=project.grid), choice.month, timezone.localdate())
    figures, charts = _project_charts(project, choice.month)
    row = next((one for one in of_grid.standings if one.id == pk), None)
    limits = of_grid.limits.get(project.grid.unit_id, Thresholds())
    is_running = of_grid.is_running
    is_known = choice.month <= Month.of(timezone.localdate())
    found = findings([row], of_grid.limits, of_grid.unit_rates, is_running=is_running) if row and is_known else []
    told_of = row.until_last_month if row and is_running else row
    now, before, year_ago = ({pk: of[pk]} if pk in of else {} for of in of_grid.compared)
    compared = Compared(now, before, year_ago, is_running)
    places = {name: place(of_grid.standings, row, name) for name in RANKED} if row else {}
    context = {
        "project": project,
        "choice": choice,
        "figures": key_figures(figures[choice.month], compared),
        "is_running": is_running,
        "row": row,
        "places": [(KINDS[name], KINDS[name].shown(getattr(row, name)), at) for name, at in places.items()],
        "told": [tell_one(finding, limits, told_of) for finding in found if told_of],
        "may_propose": may_edit(user, project.grid_id),
        "trends": charts,
    }
    return render(request, "projects/project_analysis.html", context)


@for_roles(*READERS)
def project_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A chart of a project as a workbook; written down first."""
    project = project_of(request, pk)
    _figures, charts = _project_charts(project, _project_month(request, project).month)
    chart = next((one for one in charts if one.name == request.GET.get("chart", "users")), None)
    if chart is None:
        raise Http404
    return _download(request, chart)
