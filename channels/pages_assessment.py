"""What the pages of the assessment show: figures, charts, rankings, and the columns of its export (C10)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels.assessment_lines import Assessment, Line, OutletLine
from channels.rules_assessment import GRADES, Period, Rate, ranks
from gridops.common.charts import Chart, ChartColumn, Series
from gridops.common.months import Month
from gridops.common.weeks import Week


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure that lines are shown and ranked by: a rate with its counts, or a sum."""

    name: str
    title: Promise
    read: Callable[[Line], Any]
    money: bool = False

    def value(self, line: Line) -> Decimal | None:
        """What is compared: percent of a rate, or the sum."""
        found = self.read(line)
        return found.percent if isinstance(found, Rate) else found


MEASURES = (
    Measure("visits", gettext_lazy("visits met"), lambda line: line.visits),
    Measure("calls", gettext_lazy("calls met"), lambda line: line.calls),
    Measure("five", gettext_lazy("five ones complete"), lambda line: line.five),
    Measure("manager", gettext_lazy("manager known"), lambda line: line.manager),
    Measure("projects", gettext_lazy("projects known"), lambda line: line.projects),
    Measure("owner", gettext_lazy("campaigns known by owners"), lambda line: line.owner),
    Measure("staff", gettext_lazy("campaigns known by staff"), lambda line: line.staff),
    Measure("orders", gettext_lazy("orders"), lambda line: line.orders if line.reported.done else None),
    Measure("commission", gettext_lazy("commission (yuan)"), lambda line: line.commission, money=True),
)
BY_NAME = {measure.name: measure for measure in MEASURES}


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as a page shows it."""

    measure: Measure
    value: Any

    @property
    def is_rate(self) -> bool:
        """Whether it has counts."""
        return isinstance(self.value, Rate)


def cells(line: Line) -> list[Cell]:
    """All figures of a line."""
    return [Cell(measure, measure.read(line)) for measure in MEASURES]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A grid or an outlet with its figures, and its rank by the measure chosen."""

    rank: int | None
    pk: int
    name: str
    code: str
    line: Line
    business: Any = None

    @property
    def cells(self) -> list[Cell]:
        """All its figures."""
        return cells(self.line)


def ranked(rows: Sequence[tuple[int, str, str, Line, Any]], measure: Measure) -> list[Ranked]:
    """Rows (id, name, code, line, business) by the measure, the best first; what is not known comes last."""
    places = ranks([measure.value(row[3]) for row in rows])
    made = [Ranked(place, *row) for place, row in zip(places, rows, strict=True)]
    return sorted(made, key=lambda one: (one.rank is None, one.rank or 0, one.code, one.name))


def grids_ranked(found: Assessment, measure: Measure) -> list[Ranked]:
    """The grids."""
    return ranked([(pk, name, "", line, None) for (pk, name), line in found.by_grid.items()], measure)


def outlets_ranked(found: Assessment, measure: Measure) -> list[Ranked]:
    """The outlets."""
    return ranked([(row.pk, row.name, row.code, row.line, row.business) for row in found.outlets], measure)


def grade_counts(line: Line) -> list[tuple[str, int]]:
    """How many outlets have each grade; the last: not known."""
    return [(grade, line.grades[grade]) for grade in (*GRADES, "")]


# --- Charts ---


def _percent(rate: Rate) -> float | None:
    return None if rate.percent is None else round(float(rate.percent), 1)


def charts(found: Assessment, period: Period, today: date) -> list[Chart]:
    """Coverage by week, orders and commission by month."""
    return [_coverage_chart(found.weeks, period, today), *_month_charts(found.months, today)]


def _coverage_chart(weeks: dict[Week, Line], period: Period, today: date) -> Chart:
    columns = [
        ChartColumn(_("week")),
        ChartColumn(_("visits met"), 1, "%"),
        ChartColumn(_("calls met"), 1, "%"),
        ChartColumn(_("visits met"), 0),
        ChartColumn(_("visits owed"), 0),
        ChartColumn(_("calls met"), 0),
        ChartColumn(_("calls owed"), 0),
        ChartColumn(_("outlets"), 0),
    ]
    rows = [
        [
            str(week), _percent(line.visits), _percent(line.calls), line.visits.done, line.visits.of,
            line.calls.done, line.calls.of, line.outlets,
        ]
        for week, line in weeks.items()
    ]  # fmt: skip
    over = set(period.weeks_over(today))
    return Chart(
        name="coverage",
        title=_("Visits and calls by week"),
        says=_says_coverage([line for week, line in weeks.items() if week in over]),
        kind="line",
        columns=columns,
        rows=rows,
        series=[Series(1), Series(2)],
        partial=[at for at, week in enumerate(weeks) if week not in over],
    )


def _says_coverage(lines: Sequence[Line]) -> str:
    if not lines:
        return _("No week of this period is over yet.")
    visits, calls = sum((line.visits for line in lines), Rate()), sum((line.calls for line in lines), Rate())
    text = ngettext(
        "In %(n)s whole week %(visits)s of %(visits_of)s visits and %(calls)s of %(calls_of)s calls owed were made.",
        "In %(n)s whole weeks %(visits)s of %(visits_of)s visits and %(calls)s of %(calls_of)s calls owed were made.",
        len(lines),
    )
    counts = {"visits": visits.done, "visits_of": visits.of, "calls": calls.done, "calls_of": calls.of}
    return text % {"n": len(lines), **{name: f"{value:,}" for name, value in counts.items()}}


def _month_charts(months: dict[Month, Line], today: date) -> list[Chart]:
    running = [at for at, month in enumerate(months) if month >= Month.of(today)]
    orders = [
        [str(month), line.orders if line.outlets else None, line.outlets, line.from_visits]
        for month, line in months.items()
    ]
    paid = [
        [str(month), line.commission if line.outlets or line.commission else None] for month, line in months.items()
    ]
    columns = [
        ChartColumn(_("month")),
        ChartColumn(_("orders"), 0),
        ChartColumn(_("outlets with orders known"), 0),
        ChartColumn(_("of these from visits"), 0),
    ]
    made: list[tuple[str, str, list[ChartColumn], list[list[Any]]]] = [
        ("orders", _("Orders by month"), columns, orders),
        ("commission", _("Commission by month"), [columns[0], ChartColumn(_("commission"), 2, _("yuan"))], paid),
    ]
    return [
        Chart(name, title, _says_months(rows), "bar", heads, rows, [Series(1, "bar")], partial=running)
        for name, title, heads, rows in made
    ]


def _says_months(rows: Sequence[Sequence[Any]]) -> str:
    known = [row for row in rows if row[1] is not None]
    if not known:
        return _("There are no figures for these months.")
    best = max(known, key=lambda row: row[1])
    text = ngettext("%(n)s month is known; most in %(best)s.", "%(n)s months are known; most in %(best)s.", len(known))
    return text % {"n": len(known), "best": best[0]}


# --- Export ---


def export_header() -> list[str]:
    """The header: of each rate its counts and the percentage."""
    head = [_("outlet code"), _("outlet name"), _("grid"), _("grade"), _("orders a month"), _("fading")]
    head += [_("orders of the last whole month"), _("orders a month, three months before")]
    for measure in MEASURES:
        title = str(measure.title)
        if measure.name in ("orders", "commission"):
            head.append(title)
        else:
            head += [title, _("%(title)s: of") % {"title": title}, _("%(title)s (%%)") % {"title": title}]
    return [*head, _("months with orders known"), _("of these from visits")]


def export_rows(rows: Iterable[OutletLine]) -> Iterable[list[object]]:
    """A row an outlet."""
    for row in rows:
        fade = row.business.fade
        mean = row.business.mean
        cells_: list[object] = [row.code, row.name, row.grid_name, row.business.grade]
        cells_ += [None if mean is None else round(mean, 1), _("yes") if row.business.fades else ""]
        cells_ += [fade.orders if fade else None, round(fade.before, 1) if fade else None]
        for measure in MEASURES:
            value = measure.read(row.line)
            if isinstance(value, Rate):
                percent = value.percent
                cells_ += [value.done, value.of, None if percent is None else round(percent, 1)]
            else:
                cells_.append(value)
        yield [*cells_, row.line.reported.done, row.line.from_visits]
