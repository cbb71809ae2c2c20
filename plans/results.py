"""What a month has brought so far, per grid and per project, with where each figure was read and of which day (S1).

Everything is asked for a set of grids at once: the number of queries does not depend on how many grids there are.
A figure that nobody has reported is missing, never 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Subquery, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.models import Outlet
from gridops.common.months import Month
from plans.carry_over import Grids
from projects.models import DailyResult, MonthlyIndicator, Project, ProspectTalk
from renewals.models import Subscriber, Tally

DAILY_FIELDS = ("installs", "net_adds", "renewals", "ports_used")
OF_PROJECTS = ("installs", "net_adds", "renewals", "port_utilisation")
_LEDGER = {"net_adds": "net_adds", "renewals": "renewals_done", "ports_used": "ports_used"}


class Source(models.TextChoices):
    """Where a figure was read."""

    DAILY = "daily", _("daily report")
    LEDGER = "ledger", _("month indicators")
    JOINED = "joined", _("subscribers who joined")
    WARNINGS = "warnings", _("warning lists")
    TALKS = "talks", _("talks held")
    OUTLETS = "outlets", _("outlets won")
    SEVERAL = "several", _("several sources")


@dataclass(frozen=True, slots=True)
class Result:
    """What a goal has come to. ``value`` counts from the month's first day; utilisation is a number from 0 to 100.

    ``as_of`` is the newest day that it includes. ``pace`` is what each day brought, each project by the day of its own
    figure (None for utilisation). ``reported`` of ``projects`` projects are in it; both are 0 where a goal is not
    counted by projects. ``parts`` are what utilisation is made of: ports in use, ports.
    """

    value: float
    as_of: date
    source: str
    pace: float | None = None
    reported: int = 0
    projects: int = 0
    parts: tuple[int, int] | None = None

    @property
    def whole(self) -> bool:
        """Whether every project has reported."""
        return self.reported >= self.projects

    @property
    def source_title(self) -> str:
        """Where it was read, in words."""
        return source_title(self.source)


def source_title(source: str) -> str:
    """Where a figure was read, in words; empty for none."""
    return str(Source(source).label) if source in Source.values else ""


@dataclass(slots=True)
class _Known:
    """What the tables say of one project."""

    grid: int
    unit: int
    is_active: bool
    ports: int | None
    daily: dict[str, tuple[int, date]] = field(default_factory=dict)
    ledger: dict[str, tuple[int, date]] = field(default_factory=dict)
    joined: tuple[int, date] | None = None
    renewed: tuple[int, date] | None = None


def results_of(grids: Grids, month: Month, today: date) -> dict[int, dict[str, Result]]:
    """Grid -> goal -> what ``month`` has brought by ``today``: the sum over its projects that report.

    A figure of the ledger (P2) is of the day on which it was written, at most the month's last: the newer of ledger and
    daily report counts, so that the ledger of a closed month goes before every report of its days.
    """
    found: dict[int, dict[str, Result]] = {pk: {} for pk in grids.order_by().values_list("pk", flat=True)}
    if month.first > today:
        return found
    known = _known(grids, month, today)
    of_grid: dict[int, list[int]] = defaultdict(list)
    for pk, project in known.items():
        of_grid[project.grid].append(pk)
    by_project = _by_project(known, month, today)
    for grid, projects in of_grid.items():
        in_service = sum(1 for pk in projects if known[pk].is_active or by_project[pk])
        for goal in OF_PROJECTS:
            parts = [by_project[pk][goal] for pk in projects if goal in by_project[pk]]
            if parts:
                found[grid][goal] = _sum(goal, parts, in_service)
    for goal, source, counted in _counted(grids, month, today):
        day = min(today, month.last)
        for grid, results in found.items():
            value = counted.get(grid, 0)
            results[goal] = Result(value, day, source, value / day.day)
    return found


def results_of_projects(grids: Grids, month: Month, today: date) -> dict[int, dict[str, Result]]:
    """Project -> goal -> what ``month`` has brought there by ``today``, of all projects of ``grids``."""
    return _by_project(_known(grids, month, today), month, today) if month.first <= today else {}


# --- Reading ---


def _known(grids: Grids, month: Month, today: date) -> dict[int, _Known]:
    until = min(today, month.last)
    rows = DailyResult.objects.filter(project=OuterRef("pk"), day__range=(month.first, until)).order_by("-day")
    latest: dict[str, Any] = {}
    for name in DAILY_FIELDS:
        newest = rows.filter(**{f"{name}__isnull": False})
        latest[f"daily_{name}"] = Subquery(newest.values(name)[:1])
        latest[f"day_{name}"] = Subquery(newest.values("day")[:1])
    ledger = MonthlyIndicator.objects.filter(project=OuterRef("pk"), month__lte=month.first, ports__isnull=False)
    latest["last_ports"] = Subquery(ledger.order_by("-month").values("ports")[:1])
    latest["has_subscribers"] = Exists(Subscriber.objects.filter(project=OuterRef("pk")))
    projects = Project.objects.filter(grid__in=grids).order_by("pk").annotate(**latest)
    found: dict[int, _Known] = {}
    countable = set()
    for row in projects.values("pk", "grid_id", "grid__unit_id", "is_active", "ports", *latest):
        ports = row["last_ports"] if row["last_ports"] is not None else row["ports"]
        one = found[row["pk"]] = _Known(row["grid_id"], row["grid__unit_id"], row["is_active"], ports)
        for name in DAILY_FIELDS:
            if row[f"day_{name}"] is not None:
                one.daily[name] = (row[f"daily_{name}"], row[f"day_{name}"])
        if row["has_subscribers"]:
            countable.add(row["pk"])
    _read_ledger(found, grids, month, today)
    _read_joined(found, grids, month, until, countable)
    _read_renewed(found, grids, month, until)
    return found


def _read_ledger(found: dict[int, _Known], grids: Grids, month: Month, today: date) -> None:
    rows = MonthlyIndicator.objects.filter(project__grid__in=grids, month=month.first).with_net_adds([month]).order_by()
    for project, at, adds, *values in rows.values_list("project", "updated_at", "adds", *_LEDGER.values()):
        day = min(timezone.localdate(at), month.last, today)
        if day < month.first or project not in found:
            continue
        one = found[project]
        one.ledger |= {name: (value, day) for name, value in zip(_LEDGER, values, strict=True) if value is not None}
        if adds is not None and "net_adds" not in one.daily:  # nothing reported: what the users grew by
            one.ledger["net_adds"] = (adds, day)


def _read_joined(found: dict[int, _Known], grids: Grids, month: Month, until: date, countable: set[int]) -> None:
    """How many joined, by the day of the unit's roster of subscribers; one older than the month tells nothing.

    Whose roster it was is told by whom it brought; people written down by hand are known as of now.
    """
    if not countable:
        return
    joining = {"started_on__range": (month.first, until)}
    of_units = Subscriber.objects.filter(project__grid__unit__in=grids.order_by().values("unit")).order_by()
    brought = of_units.filter(created_batch__applied_at__date__gte=month.first)
    rosters = brought.values_list("project__grid__unit").annotate(Max("created_batch__applied_at"))
    known = {unit: min(timezone.localdate(at), until) for unit, at in rosters if at}
    by_hand = of_units.filter(created_batch=None, **joining).values_list("project__grid__unit", flat=True)
    known |= dict.fromkeys(by_hand.distinct(), until)
    joined = Subscriber.objects.filter(project__grid__in=grids, **joining).order_by()
    counts = dict(joined.values_list("project").annotate(Count("pk")))
    for project in countable:
        if day := known.get(found[project].unit):
            found[project].joined = (counts.get(project, 0), day)


def _read_renewed(found: dict[int, _Known], grids: Grids, month: Month, until: date) -> None:
    """How many of the month's warning lists renewed, as they were counted last.

    A list that nobody has spoken to, and on which nobody was seen to renew, tells nothing: it is not worked with.
    """
    rows = Tally.objects.filter(project__grid__in=grids, warning_list__month=month.first).order_by()
    summed = rows.values_list("warning_list", "warning_list__tallied_on", "project")
    counts = list(summed.annotate(renewed=Sum("renewed"), contacted=Sum("contacted")))
    worked = {pk for pk, _day, _project, renewed, contacted in counts if renewed or contacted}
    for pk, day, project, renewed, _contacted in counts:
        if pk in worked and day and day >= month.first and project in found:
            before = found[project].renewed or (0, until)
            found[project].renewed = (before[0] + renewed, min(day, until))


def _counted(grids: Grids, month: Month, today: date) -> Iterable[tuple[str, str, dict[int, int]]]:
    """(goal, source, grid -> how many) of what is counted one by one."""
    until = min(today, month.last)
    talks = ProspectTalk.objects.filter(prospect__grid__in=grids, held_on__lte=until).per_grid(month)
    yield "talks", Source.TALKS, talks
    yield "new_outlets", Source.OUTLETS, _per_grid(won_outlets(grids, month, until))


def won_outlets(grids: Grids, month: Month, until: date) -> QuerySet[Outlet, Outlet]:
    """Outlets won in ``month`` up to and with ``until`` that still sell (C10), not those on the way."""
    return Outlet.objects.selling().filter(grid__in=grids, opened_on__range=(month.first, until))


def _per_grid(outlets: QuerySet[Outlet, Outlet]) -> dict[int, int]:
    return dict(outlets.order_by().values_list("grid").annotate(many=Count("pk")))


# --- Putting together ---


def _by_project(known: dict[int, _Known], month: Month, today: date) -> dict[int, dict[str, Result]]:
    return {pk: _of_project(project, over=today > month.last) for pk, project in known.items()}


def _of_project(project: _Known, *, over: bool) -> dict[str, Result]:
    found: dict[str, Result] = {}
    for name in DAILY_FIELDS:
        if (chosen := _chosen(project.daily.get(name), project.ledger.get(name), over)) is None:
            continue
        value, day, source = chosen
        if name != "ports_used":
            found[name] = Result(value, day, source, value / day.day, 1, 1)
        elif project.ports:
            share = 100 * value / project.ports
            found["port_utilisation"] = Result(share, day, source, None, 1, 1, (value, project.ports))
    if "installs" not in found and project.joined is not None:
        value, day = project.joined
        found["installs"] = Result(value, day, Source.JOINED, value / day.day, 1, 1)
    if "renewals" not in found and project.renewed is not None:
        value, day = project.renewed
        found["renewals"] = Result(value, day, Source.WARNINGS, value / day.day, 1, 1)
    return found


def _chosen(
    daily: tuple[int, date] | None, ledger: tuple[int, date] | None, over: bool
) -> tuple[int, date, str] | None:
    if ledger and (daily is None or ledger[1] > daily[1] or (over and ledger[1] == daily[1])):
        return (*ledger, Source.LEDGER)
    return (*daily, Source.DAILY) if daily else None


def _sum(goal: str, parts: list[Result], projects: int) -> Result:
    sources = {part.source for part in parts}
    source = sources.pop() if len(sources) == 1 else Source.SEVERAL
    as_of, reported = max(part.as_of for part in parts), len(parts)
    if goal != "port_utilisation":
        pace = sum(part.pace or 0 for part in parts)
        return Result(sum(part.value for part in parts), as_of, source, pace, reported, projects)
    used = sum(part.parts[0] for part in parts if part.parts)
    ports = sum(part.parts[1] for part in parts if part.parts)
    return Result(100 * used / ports, as_of, source, None, reported, projects, (used, ports))
