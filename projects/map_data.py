"""What the map shows of a month: the figures of each project, their classes, the grids' outlines, in few queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import User
from gridops.common.months import Month
from projects.models import LedgerTouch, MonthlyIndicator, ProjectSnapshot, Prospect
from projects.querysets import ProjectQuerySet
from projects.rules import net_adds
from projects.rules_map import Figures, bounds, class_of, hull, spread, values


@dataclass(frozen=True, slots=True)
class Measure:
    """Something to colour by: its title, what follows the number, its decimals; ``grows``: as the month goes on."""

    name: str
    title: Promise | str
    suffix: Promise | str = ""
    digits: int = 0
    grows: bool = False

    def words(self, value: float | None) -> str:
        """The value as people read it."""
        return "—" if value is None else f"{value:,.{self.digits}f}{self.suffix}"


MEASURES = {
    measure.name: measure
    for measure in (
        Measure("port_utilisation", _("port utilisation"), " %", 1),
        Measure("market_share", _("market share"), " %", 1),
        Measure("penetration", _("penetration"), " %", 1),
        Measure("net_adds", _("net adds"), grows=True),
        Measure("renewal_rate", _("renewal rate"), " %", 1, grows=True),
        Measure("arpu", _("revenue a user and month"), _(" yuan"), 1, grows=True),
        Measure("freshness", _("ledgers seen to"), _(" of 3")),
    )
}


@dataclass(frozen=True, slots=True)
class Class:
    """A line of the legend: the step of the scale (None: not known), in words, and how many dots it has."""

    step: int | None
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Dot:
    """A project on the map or in its table."""

    pk: int
    name: str
    code: str
    grid_id: int
    longitude: float | None
    latitude: float | None
    figures: dict[str, float | None]


def newest_month(user: User, until: Month) -> Month:
    """The newest month with figures of the person's projects, at most ``until``."""
    rows = MonthlyIndicator.objects.for_user(user).filter(month__lte=until.first, billing_users__isnull=False)
    newest = rows.aggregate(newest=Max("month"))["newest"]
    return Month.of(newest) if newest else until


def dots(rows: ProjectQuerySet, month: Month, today: Month) -> list[Dot]:
    """Every project of ``rows`` with its figures of ``month``; five queries for any number.

    Households, occupancy and market share of a month that is over are those kept when it ended: without a record they
    are not known.
    """
    basics = ("households", "occupancy", "market_share")
    plain = ("pk", "name", "code", "grid_id", "longitude", "latitude", *basics)
    projects = list(rows.order_by("code").values_list(*plain))
    ids = rows.order_by().values("pk")
    figures = _monthly(ids, month)
    touches = LedgerTouch.objects.filter(month=month.first, project__in=ids).order_by()
    seen = dict(touches.values_list("project").annotate(Count("pk")))
    then = None
    if month < today:
        kept = ProjectSnapshot.objects.of_month(month.first).filter(project__in=ids)
        then = {row[0]: row[1:] for row in kept.values_list("project", *basics)}
    return [_dot(row, figures.get(row[0]), seen.get(row[0], 0), then) for row in projects]


def _monthly(ids: Any, month: Month) -> dict[int, tuple[Any, ...]]:
    """The figures of ``month`` by project; net adds that were not reported are what its users grew by."""
    fields = ("ports", "ports_used", "billing_users", "billing_revenue", "net_adds", "renewals_due", "renewals_done")
    rows = MonthlyIndicator.objects.filter(month__in=(month.first, month.plus(-1).first), project__in=ids).order_by()
    found, before = {}, {}
    for project, day, *figures in rows.values_list("project", "month", *fields):
        if day == month.first:
            found[project] = figures
        else:
            before[project] = figures[2]
    for project, figures in found.items():
        figures[4] = net_adds(figures[4], figures[2], before.get(project))
    return {project: tuple(figures) for project, figures in found.items()}


def _dot(row: Any, monthly: Any, seen: int, then: dict[int, Any] | None) -> Dot:
    pk, name, code, grid_id, longitude, latitude = row[:6]
    basics = row[6:] if then is None else then.get(pk, (None, None, None))
    known: tuple[Any, ...] = (*(monthly or (None,) * 7), *basics, seen)
    placed = longitude is not None and latitude is not None
    return Dot(
        pk,
        name,
        code,
        grid_id,
        float(longitude) if placed else None,
        float(latitude) if placed else None,
        values(Figures(*known)),
    )


def legend(found: list[Dot], measure: Measure) -> tuple[list[Class], dict[int, int | None]]:
    """The classes of ``measure`` in words with how many projects each has, and each project's step of the scale."""
    name = measure.name
    known = [value for dot in found if (value := dot.figures[name]) is not None]
    tops = bounds(known)
    numbers = {dot.pk: class_of(dot.figures[name], tops) for dot in found}
    held: list[list[float]] = [[] for _top in tops]
    for value in known:
        held[class_of(value, tops) or 0].append(value)
    lines = [Class(spread(n, len(tops)), _words(measure, held[n]), len(held[n])) for n in range(len(tops))]
    if unknown := len(found) - len(known):
        lines.append(Class(None, str(_("not known")), unknown))
    return lines, {pk: None if n is None else spread(n, len(tops)) for pk, n in numbers.items()}


def _words(measure: Measure, held: list[float]) -> str:
    """What a class holds: one value, or from the lowest to the highest."""
    low, top = measure.words(min(held)), measure.words(max(held))
    return top if low == top else _("%(low)s to %(top)s") % {"low": low, "top": top}


def outlines(found: Iterable[Dot], names: dict[int, str]) -> list[dict[str, Any]]:
    """Each grid's name and the outline around its projects."""
    points: dict[int, list[tuple[float, float]]] = {}
    for dot in found:
        if dot.longitude is not None and dot.latitude is not None:
            points.setdefault(dot.grid_id, []).append((dot.longitude, dot.latitude))
    return [{"name": names[grid], "hull": hull(points[grid])} for grid in sorted(points)]


def prospects(user: User, grid_id: int | None) -> list[Prospect]:
    """The new projects under way that have a place."""
    rows = Prospect.objects.for_user(user).under_way().filter(longitude__isnull=False, latitude__isnull=False)
    return list(rows.filter(grid=grid_id) if grid_id else rows)
