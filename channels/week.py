"""Where outlets stand in a week: visits and calls owed and done (C5), in a constant number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import takewhile
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from channels.choices import Stage
from channels.models import Call, Outlet, Visit
from channels.rules_week import owed, owes
from gridops.accounts.models import Grid
from gridops.accounts.rulebook import rules_by_unit
from gridops.accounts.services_calendar import calendar, manned
from gridops.common.weeks import Week

LOOK_BACK = 8  # weeks in which missed visits are looked for
RULES = ("outlet_visits", "outlet_calls")


@dataclass(frozen=True, slots=True)
class Standing:
    """An outlet in a week. ``weeks_missed``: weeks running before it, of the last eight, without the visit owed."""

    outlet: int
    grid: int
    visits_owed: int
    visits_done: int
    calls_owed: int
    calls_done: int
    last_visit_on: date | None
    last_call_on: date | None
    weeks_missed: int
    overdue: bool

    @property
    def visits_due(self) -> int:
        """Visits still owed."""
        return max(0, self.visits_owed - self.visits_done)

    @property
    def calls_due(self) -> int:
        """Calls still owed."""
        return max(0, self.calls_owed - self.calls_done)

    @property
    def due(self) -> bool:
        """Whether anything is still owed."""
        return bool(self.visits_due or self.calls_due)

    @property
    def urgency(self) -> tuple[int, int, date, int, int]:
        """For sorting: overdue first, then what is still owed; by weeks missed, the longest not visited first."""
        return (
            2 - self.due - self.overdue,
            -self.weeks_missed if self.visits_due else 0,
            (self.last_visit_on or date.min) if self.visits_due else date.max,
            -self.calls_due,
            self.outlet,
        )


@dataclass(frozen=True, slots=True)
class Covered:
    """A week of several outlets: what was owed, and how much of that was done (beyond what is owed nothing counts)."""

    week: Week
    outlets: int
    visited: int
    visits_owed: int
    visits_met: int
    calls_owed: int
    calls_met: int


@dataclass(slots=True)
class Quotas:
    """What each grid owes to each of its outlets, by week: (visits, calls). Five queries for all grids and weeks."""

    first: Week
    last: Week
    today: date
    grids: QuerySet[Grid]
    found: dict[int, dict[Week, tuple[int, int]]] = field(init=False)
    worked: dict[Week, list[date]] = field(init=False)
    present: dict[int, set[date]] = field(init=False)

    def __post_init__(self) -> None:
        grids = list(self.grids.select_related("unit"))
        rules = rules_by_unit(RULES, {grid.unit_id: grid.unit for grid in grids}.values())
        first, last = self.first.first, self.last.last
        worked = calendar(first, last)
        weeks = weeks_between(self.first, self.last)
        self.worked = days = {week: worked.days(week.first, week.last) for week in weeks}
        self.present = manned([grid.pk for grid in grids], first, last, self.today)
        self.found = {}
        for grid in grids:
            there = self.present.setdefault(grid.pk, set())
            visits, calls = (rules[grid.unit_id][key] for key in RULES)
            self.found[grid.pk] = {
                week: (owed(visits, days[week], there), owed(calls, days[week], there)) for week in weeks
            }

    def days(self, grid: int, week: Week) -> list[date]:
        """The days of ``week`` that are worked and on which somebody looks after ``grid``."""
        return [day for day in self.worked[week] if day in self.present[grid]]

    def is_over(self, grid: int) -> bool:
        """Whether no day is left of the last week on which anything could be done for ``grid``."""
        return all(day < self.today for day in self.days(grid, self.last))

    def of(self, grid: int, week: Week) -> tuple[int, int]:
        """Visits and calls owed to an outlet of ``grid`` in ``week``."""
        return self.found[grid][week]


def weeks_between(first: Week, last: Week) -> list[Week]:
    """The weeks from ``first`` to ``last``, both included."""
    return [first.plus(n) for n in range((last.first - first.first).days // 7 + 1)]


def midnight(day: date) -> datetime:
    """When ``day`` begins in the product's time zone."""
    return timezone.make_aware(datetime.combine(day, time()))


def span(first: Week, last: Week | None = None) -> Q:
    """When something was done in a week, or from one to another."""
    return Q(at__gte=midnight(first.first), at__lt=midnight((last or first).plus(1).first))


def quotas_of(outlets: QuerySet[Outlet], week: Week, today: date) -> Quotas:
    """What the grids of ``outlets`` owe in ``week`` and in those before it that are looked back at."""
    grids = Grid.objects.filter(pk__in=outlets.order_by().values("grid"))
    return Quotas(week.plus(-LOOK_BACK), week, today, grids)


def standings(outlets: QuerySet[Outlet], week: Week, today: date, quotas: Quotas | None = None) -> dict[int, Standing]:
    """Outlet -> where it stands in ``week`` as seen on ``today``; a constant number of queries.

    Outlets that don't sell, or are not active, owe nothing.
    """
    quotas = quotas or quotas_of(outlets, week, today)
    ids = outlets.order_by().values("pk")
    visits = _count(Visit.objects.effective().filter(span(week), outlet__in=ids))
    calls = _count(Call.objects.effective().filter(span(week), outlet__in=ids, reached=True))
    return {row["pk"]: _standing(row, week, quotas, (visits, calls)) for row in _rows(outlets, week)}


def coverage(outlets: QuerySet[Outlet], weeks: Sequence[Week], today: date) -> list[Covered]:
    """Each of ``weeks``: what all ``outlets`` were owed and how much of it was done; a constant number of queries."""
    if not weeks:
        return []
    per_outlet = coverage_of(outlets, weeks, today)
    return [_sum(week, [weeks_of[week] for weeks_of in per_outlet.values() if week in weeks_of]) for week in weeks]


def coverage_of(outlets: QuerySet[Outlet], weeks: Sequence[Week], today: date) -> dict[int, dict[Week, Covered]]:
    """Outlet -> each of ``weeks`` in which it was owed something; a constant number of queries."""
    grids = Grid.objects.filter(pk__in=outlets.order_by().values("grid"))
    quotas = Quotas(min(weeks), max(weeks), today, grids)
    ids = outlets.order_by().values("pk")
    visits = _count_weeks(Visit.objects.effective().filter(outlet__in=ids), weeks)
    calls = _count_weeks(Call.objects.effective().filter(outlet__in=ids, reached=True), weeks)
    found: dict[int, dict[Week, Covered]] = {}
    selling = outlets.order_by().filter(stage=Stage.SELLING, is_active=True)
    for pk, grid, opened_on in selling.values_list("pk", "grid", "opened_on"):
        for week in weeks:
            due = quotas.of(grid, week)
            if not owes(opened_on, week) or not any(due):
                continue
            done = visits.get((pk, week), 0), calls.get((pk, week), 0)
            found.setdefault(pk, {})[week] = Covered(
                week, 1, int(done[0] > 0), due[0], min(due[0], done[0]), due[1], min(due[1], done[1])
            )
    return found


def _sum(week: Week, rows: Sequence[Covered]) -> Covered:
    names = ("outlets", "visited", "visits_owed", "visits_met", "calls_owed", "calls_met")
    return Covered(week, *(sum(getattr(row, name) for row in rows) for name in names))


def _rows(outlets: QuerySet[Outlet], week: Week) -> Iterable[Mapping[str, Any]]:
    """What an outlet's standing is made of: also its newest visit and call up to the end of ``week``."""
    before = Q(at__lt=midnight(week.plus(1).first))
    here = {"outlet": OuterRef("pk")}
    visited = Visit.objects.effective().filter(before, **here).order_by("-at").values("at")[:1]
    called = Call.objects.effective().filter(before, reached=True, **here).order_by("-at").values("at")[:1]
    rows = outlets.annotate(newest_visit=Subquery(visited), newest_call=Subquery(called))
    return rows.values("pk", "grid", "stage", "is_active", "opened_on", "newest_visit", "newest_call")


def _count(rows: QuerySet[Any]) -> dict[int, int]:
    return dict(rows.order_by().values_list("outlet").annotate(Count("pk")))


def _count_weeks(rows: QuerySet[Any], weeks: Sequence[Week]) -> Mapping[tuple[int, Week], int]:
    first, last = min(weeks), max(weeks)
    within = rows.filter(span(first, last)).order_by()
    found: Counter[tuple[int, Week]] = Counter()
    counts = {f"week_{n}": Count("pk", filter=span(week)) for n, week in enumerate(weeks)}
    for outlet, *numbers in within.values("outlet").annotate(**counts).values_list("outlet", *counts):
        found.update({(outlet, week): number for week, number in zip(weeks, numbers, strict=True) if number})
    return found


def _local(at: datetime | None) -> date | None:
    return timezone.localdate(at) if at else None


def _standing(
    row: Mapping[str, Any], week: Week, quotas: Quotas, done: tuple[dict[int, int], dict[int, int]]
) -> Standing:
    pk, grid, seen = row["pk"], row["grid"], _local(row["newest_visit"])
    selling = row["stage"] == Stage.SELLING and row["is_active"]
    visits, calls = quotas.of(grid, week) if selling and owes(row["opened_on"], week) else (0, 0)
    missed = _missed(row["opened_on"], seen, week, quotas, grid) if selling else 0
    visits_done, calls_done = (of.get(pk, 0) for of in done)
    open_visits, open_calls = visits > visits_done, calls > calls_done
    over = quotas.is_over(grid)
    overdue = (open_visits and missed > 0) or ((open_visits or open_calls) and over)
    last_call = _local(row["newest_call"])
    return Standing(pk, grid, visits, visits_done, calls, calls_done, seen, last_call, missed, overdue)


def _missed(opened_on: date | None, seen: date | None, week: Week, quotas: Quotas, grid: int) -> int:
    """Weeks before ``week`` since the last visit in which one was owed; one that is not over yet is not missed."""
    if seen and seen >= week.first:
        return 0
    weeks = (week.plus(-n) for n in range(1, LOOK_BACK + 1))
    unseen = takewhile(lambda one: seen is None or one > Week.of(seen), weeks)
    over = (one for one in unseen if one.last < quotas.today)
    return sum(owes(opened_on, one) and quotas.of(grid, one)[0] > 0 for one in over)
