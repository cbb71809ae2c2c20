"""What the week's page shows: outlets by what they are still owed, totals per manager; a constant number of queries."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q
from django.http import Http404, QueryDict

from channels.models import Outlet
from channels.querysets import OutletQuerySet
from channels.week import Quotas, Standing, quotas_of, standings
from gridops.accounts.models import Grid, Membership, User
from gridops.common.ids import read_id
from gridops.common.weeks import Week
from projects.models import Project

PAGE = 50
OWED, OVERDUE = "owed", "overdue"


@dataclass(frozen=True, slots=True)
class Row:
    """An outlet with its week. ``mine``: the person may record visits and calls; ``key`` is what a call is sent by."""

    outlet: Outlet
    standing: Standing
    mine: bool
    key: str


@dataclass(slots=True)
class Total:
    """What outlets were owed and how much of it was done; beyond what one is owed nothing counts."""

    outlets: int = 0
    visits_owed: int = 0
    visits_met: int = 0
    calls_owed: int = 0
    calls_met: int = 0
    overdue: int = 0

    def add(self, one: Standing) -> None:
        """One more outlet."""
        self.outlets += 1
        self.visits_owed += one.visits_owed
        self.visits_met += min(one.visits_owed, one.visits_done)
        self.calls_owed += one.calls_owed
        self.calls_met += min(one.calls_owed, one.calls_done)
        self.overdue += one.overdue


def total(rows: Iterable[Standing]) -> Total:
    """The sum of ``rows``."""
    made = Total()
    for row in rows:
        made.add(row)
    return made


@dataclass(frozen=True, slots=True)
class Managed:
    """A grid's week: who manages it, on how many of the working days somebody was there, what was done."""

    grid: Grid
    manager: str
    days: int
    total: Total


@dataclass(slots=True)
class WeekPage:
    """The week that the address asks for, narrowed to what the person may see and wants to."""

    user: User
    today: date
    asked: QueryDict
    week: Week = field(init=False)
    grids: list[Grid] = field(init=False)
    grid: Grid | None = field(init=False)
    outlets: OutletQuerySet = field(init=False)
    quotas: Quotas = field(init=False)
    standings: dict[int, Standing] = field(init=False)
    found: list[Standing] = field(init=False)

    def __post_init__(self) -> None:
        self.week = chosen_week(self.asked.get("week", ""), self.today)
        self.grids = list(Grid.objects.for_user(self.user).select_related("unit").order_by("unit__name", "name"))
        wanted = self.asked.get("grid", "")
        self.grid = next((grid for grid in self.grids if grid.pk == read_id(wanted)), None)
        if wanted and self.grid is None:
            raise Http404
        self.outlets = self._narrowed()
        self.quotas = quotas_of(self.outlets, self.week, self.today)
        self.standings = standings(self.outlets, self.week, self.today, self.quotas)
        rows = sorted(self.standings.values(), key=lambda one: one.urgency)
        self.found = [one for one in rows if self.only == "" or (one.overdue if self.only == OVERDUE else one.due)]

    def _narrowed(self) -> OutletQuerySet:
        rows = Outlet.objects.for_user(self.user).selling()
        if self.grid:
            rows = rows.filter(grid=self.grid)
        if self.project:
            near = Outlet.nearby_projects.through.objects.filter(project=self.project).values("outlet")
            rows = rows.filter(pk__in=near)
        if self.words:
            rows = rows.filter(Q(name__icontains=self.words) | Q(address__icontains=self.words) | Q(code=self.words))
        return rows

    # --- Asked for ---

    @property
    def project(self) -> int:
        """A project's id, or 0."""
        return read_id(self.asked.get("project", "") or "0")

    @property
    def words(self) -> str:
        """A shop's name or code, or a part of its address."""
        return self.asked.get("q", "").strip()[:80]

    @property
    def only(self) -> str:
        """What is shown: all, what is still owed, or what is overdue."""
        asked = self.asked.get("only", "")
        return asked if asked in (OWED, OVERDUE) else ""

    @property
    def start(self) -> int:
        """How many rows lie before this page."""
        return min(read_id(self.asked.get("start", "") or "0"), max(0, len(self.found) - 1)) // PAGE * PAGE

    @property
    def end(self) -> int:
        """How many rows lie before the next page; 0 on the last one."""
        end = self.start + PAGE
        return end if end < len(self.found) else 0

    # --- Shown ---

    def projects(self) -> list[Project]:
        """The projects around the outlets in the person's scope, to choose from."""
        rows = Outlet.objects.for_user(self.user).selling()
        if self.grid:
            rows = rows.filter(grid=self.grid)
        near = Outlet.nearby_projects.through.objects.filter(outlet__in=rows.order_by().values("pk"))
        return list(Project.objects.for_user(self.user).filter(pk__in=near.values("project")).order_by("name")[:500])

    def rows(self) -> list[Row]:
        """The outlets of one page."""
        shown = self.found[self.start : self.start + PAGE]
        outlets = Outlet.objects.select_related("grid").in_bulk([one.outlet for one in shown])
        managed = managed_grids(self.user, self.today)
        return [Row(outlets[one.outlet], one, one.grid in managed, str(uuid.uuid4())) for one in shown]

    def total(self) -> Total:
        """All outlets that the filters let through, whether owed or not."""
        return total(self.standings.values())

    def managers(self) -> list[Managed]:
        """Each grid's sum, the least done first."""
        names = Membership.objects.manager_names([grid.pk for grid in self.grids], min(self.today, self.week.last))
        by_grid: dict[int, list[Standing]] = {}
        for one in self.standings.values():
            by_grid.setdefault(one.grid, []).append(one)
        made = [
            Managed(grid, names.get(grid.pk, ""), len(self.quotas.days(grid.pk, self.week)), total(by_grid[grid.pk]))
            for grid in self.grids
            if grid.pk in by_grid
        ]
        return sorted(made, key=lambda one: (-one.total.overdue, one.grid.name))

    @property
    def workdays(self) -> int:
        """How many days of the week are worked."""
        return len(self.quotas.worked[self.week])


def chosen_week(text: str, today: date) -> Week:
    """The week that an address asks for; without one the running one; one that is none is not there."""
    if not text:
        return Week.of(today)
    try:
        week = Week.parse(text)
        week.plus(-60), week.plus(60)  # what is looked back at and gone to from here exists, too
    except ValueError as fault:
        raise Http404 from fault
    return week


def managed_grids(user: User, today: date) -> frozenset[int]:
    """The grids for which the person does the work, as a deputy too."""
    return frozenset(Grid.objects.managed_by(user, today).values_list("pk", flat=True))
