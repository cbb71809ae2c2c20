"""What outlets are assessed by in a period, outlet by outlet, added up by grid and in all (C10); constant queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from channels.assessment import Business, Figures, judged, last_checks, months_of, unit_rules, within
from channels.models import Outlet, Visit, VisitCampaign
from channels.rules_assessment import VISITS, Period, Rate
from channels.week import Covered, coverage_of
from gridops.common.months import Month
from gridops.common.weeks import Week

TREND_MONTHS = 12
Asked = dict[int, tuple[Rate, Rate]]


@dataclass(slots=True)
class Line:
    """The figures of one outlet, or of several added up. Rates are counts: so many of so many."""

    outlets: int = 0
    visits: Rate = field(default_factory=Rate)
    calls: Rate = field(default_factory=Rate)
    five: Rate = field(default_factory=Rate)  # of those looked at: whole at the last look
    manager: Rate = field(default_factory=Rate)
    projects: Rate = field(default_factory=Rate)
    owner: Rate = field(default_factory=Rate)
    staff: Rate = field(default_factory=Rate)
    reported: Rate = field(default_factory=Rate)  # months whose orders are known, of all
    from_visits: int = 0  # of these, how many are only what visits added up to
    orders: Decimal = field(default_factory=Decimal)
    commission: Decimal = field(default_factory=Decimal)
    grades: Counter[str] = field(default_factory=Counter)
    fading: int = 0

    def add(self, other: Line) -> None:
        """Count ``other`` in."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    @property
    def grade(self) -> str:
        """The grade of a single outlet."""
        return next(iter(self.grades), "")


@dataclass(frozen=True, slots=True)
class OutletLine:
    """An outlet and its figures."""

    pk: int
    code: str
    name: str
    grid: int
    grid_name: str
    line: Line
    business: Business


@dataclass(slots=True)
class Assessment:
    """All outlets of a period: line by line, week by week, month by month."""

    outlets: list[OutletLine]
    weeks: dict[Week, Line]
    months: dict[Month, Line]

    @property
    def total(self) -> Line:
        """All of them added up."""
        return summed(row.line for row in self.outlets)

    @property
    def by_grid(self) -> dict[tuple[int, str], Line]:
        """Grid (id, name) -> its outlets added up."""
        found: dict[tuple[int, str], Line] = {}
        for row in self.outlets:
            found.setdefault((row.grid, row.grid_name), Line()).add(row.line)
        return found

    @property
    def fading(self) -> list[OutletLine]:
        """Those whose orders fell as far as the rule says, the deepest fall first."""
        rows = [row for row in self.outlets if row.business.fades]
        return sorted(rows, key=lambda row: (-(row.business.fade.fall if row.business.fade else 0), row.code))


def summed(lines: Iterable[Line]) -> Line:
    """Several lines as one."""
    found = Line()
    for line in lines:
        found.add(line)
    return found


def assess(outlets: QuerySet[Outlet], period: Period, today: date) -> Assessment:
    """Outlets that sell, in ``period`` as seen on ``today``; a constant number of queries, however many there are."""
    outlets = outlets.filter(stage="selling", is_active=True)
    begun, over = period.weeks(today), set(period.weeks_over(today))
    covered = coverage_of(outlets, begun, today) if begun else {}
    first = min(period.first, period.last.plus(1 - TREND_MONTHS), period.judged(today).plus(-3))
    figures = months_of(outlets, first, period.last)
    checks = last_checks(outlets, min(period.last.last, today))
    asked, campaigns = _asked(outlets, period), _campaigns(outlets, period)
    units, rules = unit_rules(outlets)
    rows = []
    values = outlets.order_by("code").values_list("pk", "code", "name", "grid", "grid__name", "opened_on")
    for pk, code, name, grid, grid_name, opened_on in values:
        own = figures.get(pk, Figures())
        business = judged(own, period.judged(today), rules[units[pk]])
        line = _line(own, period, today, opened_on)
        line.grades[business.grade], line.fading = 1, int(business.fades)
        line.visits, line.calls = _covered(covered.get(pk, {}), over)
        if check := checks.get(pk):
            line.five = Rate(int(check.whole), 1)
        line.manager, line.projects = asked.get(pk, (Rate(), Rate()))
        line.owner, line.staff = campaigns.get(pk, (Rate(), Rate()))
        rows.append(OutletLine(pk, code, name, grid, grid_name, line, business))
    return Assessment(rows, _by_week(covered, begun), _by_month(figures, period))


def _line(figures: Figures, period: Period, today: date, opened_on: date | None) -> Line:
    line = Line(outlets=1)
    for n in range(period.months):
        month = period.first.plus(n)
        if month > Month.of(today) or (opened_on and opened_on > month.last):
            continue
        orders, paid = figures.orders.get(month), figures.commission.get(month)
        line.reported += Rate(int(orders is not None), 1)
        if orders:
            line.orders += orders.value
            line.from_visits += orders.source == VISITS
        if paid:
            line.commission += paid.value
    return line


def _covered(weeks: Mapping[Week, Covered], over: set[Week]) -> tuple[Rate, Rate]:
    """Visits and calls met of those owed, in the weeks that are over."""
    visits, calls = Rate(), Rate()
    for week, one in weeks.items():
        if week in over:
            visits += Rate(one.visits_met, one.visits_owed)
            calls += Rate(one.calls_met, one.calls_owed)
    return visits, calls


def _by_week(covered: Mapping[int, Mapping[Week, Covered]], weeks: Iterable[Week]) -> dict[Week, Line]:
    found = {week: Line() for week in weeks}
    for of_outlet in covered.values():
        for week, one in of_outlet.items():
            line = found[week]
            line.outlets += 1
            line.visits += Rate(one.visits_met, one.visits_owed)
            line.calls += Rate(one.calls_met, one.calls_owed)
    return found


def _by_month(figures: Mapping[int, Figures], period: Period) -> dict[Month, Line]:
    found = {period.last.plus(n + 1 - TREND_MONTHS): Line() for n in range(TREND_MONTHS)}
    for own in figures.values():
        for month, orders in own.orders.items():
            if line := found.get(month):
                line.outlets += 1
                line.orders += orders.value
                line.from_visits += orders.source == VISITS
        for month, paid in own.commission.items():
            if line := found.get(month):
                line.commission += paid.value
    return found


def _count(**yes: bool) -> Count:
    return Count("pk", filter=Q(**yes))


def _asked(outlets: QuerySet[Outlet], period: Period) -> Asked:
    """Outlet -> how often the manager, and the projects around, were known, of the times that was asked."""
    rows = Visit.objects.effective().filter(
        within(period.first, period.last), outlet__in=outlets.order_by().values("pk")
    )
    counts = {
        "a": _count(knows_manager=True),
        "b": _count(knows_manager__isnull=False),
        "c": _count(knows_projects=True),
        "d": _count(knows_projects__isnull=False),
    }
    return _rates(rows.order_by().values("outlet").annotate(**counts).values_list("outlet", *counts))


def _campaigns(outlets: QuerySet[Outlet], period: Period) -> Asked:
    """Outlet -> how often the owner, and the staff, knew a campaign, of the times one was asked for."""
    when = within(period.first, period.last, "visit__")
    standing = Q(visit__corrected_by__isnull=True, visit__void=False)
    rows = VisitCampaign.objects.filter(when, standing, visit__outlet__in=outlets.order_by().values("pk"))
    counts = {
        "a": _count(owner_knows=True),
        "b": _count(owner_knows__isnull=False),
        "c": _count(staff_know=True),
        "d": _count(staff_know__isnull=False),
    }
    return _rates(rows.order_by().values("visit__outlet").annotate(**counts).values_list("visit__outlet", *counts))


def _rates(rows: Iterable[Any]) -> Asked:
    return {outlet: (Rate(a, b), Rate(c, d)) for outlet, a, b, c, d in rows}
