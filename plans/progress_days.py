"""A month day by day: what was done, what was expected, where it leads; as charts. Four queries for a grid (S1)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from gridops.accounts.models import Grid
from gridops.common.charts import Chart, ChartColumn, Series
from gridops.common.months import Month
from plans import rules_progress as rules
from plans.models import goal_label
from plans.progress import LEVEL, Standing, shown
from plans.results import Source, results_of_projects, won_outlets
from projects.models import DailyResult, ProspectTalk
from renewals.models import Subscriber

Line = list[float | None]
REPORTED = {"installs": "installs", "net_adds": "net_adds", "renewals": "renewals", LEVEL: "ports_used"}


def days_of(grid: Grid, month: Month, today: date) -> dict[str, Line]:
    """Goal -> what there was by each day of the month; None before the first report and after ``today``.

    A project that did not report on a day counts with what it reported last.
    """
    until = min(today, month.last)
    found = _reported(grid, month, until, today)
    talks = ProspectTalk.objects.filter(prospect__grid=grid, held_on__lte=until).of_month(month)
    found["talks"] = _counted(talks.values_list("held_on", flat=True), month, until)
    outlets = won_outlets(Grid.objects.filter(pk=grid.pk), month, until)
    found["new_outlets"] = _counted((day for day in outlets.values_list("opened_on", flat=True) if day), month, until)
    return found


def _reported(grid: Grid, month: Month, until: date, today: date) -> dict[str, Line]:
    results = results_of_projects(Grid.objects.filter(pk=grid.pk), month, today)
    ports = {pk: parts[1] for pk, one in results.items() if LEVEL in one and (parts := one[LEVEL].parts)}
    joining = [pk for pk, one in results.items() if "installs" in one and one["installs"].source == Source.JOINED]
    rows = DailyResult.objects.filter(project__grid=grid, day__range=(month.first, until)).order_by("day")
    by_day: dict[date, list[tuple[int | None, ...]]] = defaultdict(list)
    for day, *values in rows.values_list("day", "project", *REPORTED.values()):
        by_day[day].append(tuple(values))
    joined = Subscriber.objects.filter(project__in=joining, started_on__range=(month.first, until))
    joined_by = _counted((day for day in joined.values_list("started_on", flat=True) if day), month, until)
    lines: dict[str, Line] = {goal: [] for goal in REPORTED}
    latest: dict[str, dict[int, int]] = {goal: {} for goal in REPORTED}
    for at, day in enumerate(month.days):
        for project, *values in by_day[day]:
            for goal, value in zip(REPORTED, values, strict=True):
                if value is not None and project is not None:
                    latest[goal][project] = value
        for goal, line in lines.items():
            more = joined_by[at] if goal == "installs" and joining else None
            line.append(_sum(latest[goal], ports if goal == LEVEL else None, more) if day <= until else None)
    return lines


def _sum(latest: dict[int, int], ports: dict[int, int] | None, more: float | None) -> float | None:
    if ports is None:
        return sum(latest.values()) + (more or 0) if latest or more is not None else None
    known = [pk for pk in latest if ports.get(pk)]
    return 100 * sum(latest[pk] for pk in known) / sum(ports[pk] for pk in known) if known else None


def _counted(days: Iterable[date], month: Month, until: date) -> Line:
    counts, total, line = Counter(days), 0, []
    for day in month.days:
        total += counts[day]
        line.append(float(total) if day <= until else None)
    return line


def chart_of(one: Standing, line: Line, month: Month, start: float | None) -> Chart:
    """A goal's month as a chart: the expected line, what was done, and where it leads."""
    decimals, unit = (1, "%") if one.is_level else (0, "")
    days = [date_format(day, "n-j") for day in month.days]
    done = list(line)
    if one.result:  # what the ledger says, and what came by other ways than day by day
        done[one.result.as_of.day - 1] = one.result.value
        done[one.result.as_of.day :] = [None] * (month.length - one.result.as_of.day)
    return Chart(
        name=one.name,
        title=_("%(goal)s day by day") % {"goal": goal_label(one.name)},
        says=_says(one),
        kind="line",
        columns=[
            ChartColumn(_("day")),
            ChartColumn(_("expected"), decimals, unit),
            ChartColumn(_("done"), decimals, unit),
            ChartColumn(_("forecast"), decimals, unit),
        ],
        rows=list(zip(days, _expected(one, month, start), done, _forecast(one, month), strict=True)),
        series=[Series(2), Series(3), Series(1, target=True)],
    )


def _expected(one: Standing, month: Month, start: float | None) -> Sequence[float | None]:
    target = one.progress.target
    if target is None:
        return [None] * month.length
    expected = rules.expected_level if one.is_level else None
    return [
        expected(target, day, month.length, start) if expected else rules.expected_count(target, day, month.length)
        for day in range(1, month.length + 1)
    ]


def _forecast(one: Standing, month: Month) -> Sequence[float | None]:
    """A straight line from the last figure to the forecast."""
    done, forecast, first = one.progress.done, one.progress.forecast, one.progress.day
    if done is None or forecast is None or one.progress.state == rules.EARLY:
        return [None] * month.length
    left = max(month.length - first, 1)
    return [
        None if day < first else done + (forecast - done) * (day - first) / left for day in range(1, month.length + 1)
    ]


def _says(one: Standing) -> str:
    found = one.progress
    if one.result is None:
        return _("Nothing is reported yet.")
    values = {"done": shown(found.done, one.name), "day": date_format(one.result.as_of, "n-j")}
    if found.target is None:
        return _("%(done)s by %(day)s; the plan has no target for it.") % values
    values |= {"expected": shown(found.expected, one.name), "target": shown(found.target, one.name)}
    return _("%(done)s by %(day)s, %(expected)s were expected; the target is %(target)s.") % values
