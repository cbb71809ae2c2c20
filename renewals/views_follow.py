"""Following a month's renewals: how it stands, its curve, by whom, what was lost; an agent's own figures (S7)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import IO, Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import AccessRecord, Grid, Role, Unit
from gridops.accounts.services import record_access
from gridops.common.month_choice import MonthChoice, chosen_month
from gridops.common.months import Month
from gridops.workbooks.export import write_sheet
from renewals.follow import Followed
from renewals.own_figures import own_figures
from renewals.rules_follow import share
from renewals.views import READERS
from renewals.views_follow_charts import curve
from renewals.views_follow_figures import figures_of, sentence_of
from renewals.views_follow_tables import AGENT, DAY, DAY_TITLES, GRID, TABLES, Table, day_rows, days_table

LOSSES, COURSE = "losses", "course"


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


class Page:
    """One request's view of a month."""

    def __init__(self, request: HttpRequest) -> None:
        self.request, self.today = request, timezone.localdate()
        self.choice: MonthChoice = chosen_month(request, Month.of(self.today))

    @cached_property
    def every_grid(self) -> dict[int, Grid]:
        """The person's grids."""
        rows = Grid.objects.for_user(signed_in(self.request)).select_related("unit").order_by("unit__name", "name")
        return {grid.pk: grid for grid in rows}

    @cached_property
    def units(self) -> dict[int, Unit]:
        """The units they lie in."""
        return {grid.unit_id: grid.unit for grid in self.every_grid.values()}

    @cached_property
    def grid(self) -> Grid | None:
        """The grid asked for; one who has a single grid sees that."""
        asked, unit = _number(self.request, "grid"), _number(self.request, "unit")
        if (asked and asked not in self.every_grid) or (unit and unit not in self.units):
            raise Http404
        if not asked and len(self.every_grid) == 1:
            return next(iter(self.every_grid.values()))
        found = self.every_grid[asked] if asked else None
        return found if found and (not unit or found.unit_id == unit) else None  # another unit was chosen since

    @cached_property
    def unit(self) -> Unit:
        """The unit shown: always one, since its pace is what a month is measured by."""
        asked = self.grid.unit_id if self.grid else _number(self.request, "unit")
        return self.units[asked] if asked else next(iter(self.units.values()))

    @cached_property
    def followed(self) -> Followed:
        """Its lists."""
        grids = [self.grid] if self.grid else [one for one in self.every_grid.values() if one.unit_id == self.unit.pk]
        return Followed(self.unit, grids, self.choice.month, self.today)

    @property
    def by(self) -> str:
        """What the table is by: of several grids by grid, unless something else is asked for."""
        offered, asked = self.tables, self.request.GET.get("by", "")
        return asked if asked in offered else next(iter(offered))

    @property
    def tables(self) -> dict[str, Any]:
        """The tables to choose from."""
        several = len(self.followed.grids) > 1
        order = [GRID, *(by for by in TABLES if by != GRID)] if several else [by for by in TABLES if by != GRID]
        return {by: TABLES[by][0] for by in order}

    @cached_property
    def table(self) -> Table:
        """The table shown, if it is not the one by day."""
        return Table(self.followed, self.by, self.request.GET)


@require_GET
@for_roles(*READERS)
def follow(request: HttpRequest) -> HttpResponse:
    """How the renewals of a month stand, in a grid or a unit."""
    page = Page(request)
    if not page.every_grid:
        return render(request, "renewals/follow.html", {"choice": page.choice, "today": page.today})
    found = page.followed
    context: dict[str, Any] = {"choice": page.choice, "today": page.today, "page": page, "followed": found}
    if found.is_made:
        counts = found.counts
        context |= {
            "figures": figures_of(found),
            "sentence": sentence_of(found),
            "chart": curve(found),
            "counts": counts,
            "losses": [(label, lost, share(lost, counts.lost)) for label, lost in found.losses],
            "by": page.by,
            "table": None if page.by == DAY else page.table,
            "days": day_rows(found) if page.by == DAY else None,
            "day_titles": DAY_TITLES,
            "only_list": found.own(found.month)[0] if len(found.grids) == 1 else None,
        }
    return render(request, "renewals/follow.html", context)


@require_GET
@for_roles(*READERS)
def follow_export(request: HttpRequest) -> HttpResponseBase:
    """A table of the page as a workbook; written down first."""
    page, asked = Page(request), request.GET.get("table", AGENT)
    if not page.every_grid or asked not in (*TABLES, LOSSES, COURSE):
        raise Http404
    found = page.followed
    if asked == COURSE:
        chart = curve(found)
        title, header, rows = str(chart.title), chart.header, [list[object](row) for row in chart.rows]
    elif asked == LOSSES:
        title, header = _("Reasons of loss"), [_("reason"), pgettext("count", "number"), _("share of the lost (%)")]
        rows = [[label, lost, round(share(lost, found.counts.lost) or 0, 1)] for label, lost in found.losses]
    elif asked == DAY:
        title, (header, rows) = _("Renewals by day"), days_table(found)
    else:
        table = Table(found, asked, request.GET)
        title, header, rows = _("Renewals by %(what)s") % {"what": table.title}, table.header(), table.export_rows()
    record_access(request, AccessRecord.Kind.EXPORT, f"follow.{asked}", len(rows))
    where = page.grid or page.unit
    return _download(write_sheet(title, header, rows), (title, where, page.choice.month))


def _download(file: IO[bytes], parts: Iterable[object]) -> HttpResponseBase:
    return FileResponse(file, as_attachment=True, filename="-".join(str(part) for part in parts) + ".xlsx")


@require_GET
@for_roles(Role.AGENT_STAFF)
def my_figures(request: HttpRequest) -> HttpResponse:
    """An agent's own figures, those of the person who reads, and the agent's place among the unit's agents."""
    today = timezone.localdate()
    choice = chosen_month(request, Month.of(today))
    found = own_figures(signed_in(request), choice.month, today)
    return render(request, "renewals/my_figures.html", {"choice": choice, "today": today, "found": found})
