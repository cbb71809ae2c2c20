"""The charts of the efficiency analysis, from its figures (P4)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridops.common.charts import Chart, ChartColumn, Kind, Line, Series
from gridops.common.months import Month
from projects.rules_analysis import Lines, Standing, quadrant
from projects.rules_totals import OF_A_WHOLE_MONTH, MonthSums
from projects.views_analysis_words import QUADRANTS, shown

Trend = Mapping[Month, MonthSums]
MONTHS_NAMED = 3


# --- Quadrants ---


def quadrant_chart(rows: Sequence[Standing], lines: Lines) -> Chart:
    """Port utilisation against market share, a dot a project, as large as its billing users."""
    placed = [(row, found) for row in rows if (found := quadrant(row, lines)) is not None]
    columns = [
        ChartColumn(_("project code")),
        ChartColumn(_("project name")),
        ChartColumn(_("port utilisation"), 1, "%"),
        ChartColumn(_("market share"), 1, "%"),
        ChartColumn(_("billing users"), 0),
        ChartColumn(_("where the share is from")),
        ChartColumn(_("quadrant")),
    ]
    surveyed, guessed = _("surveyed"), _("penetration")
    names = [str(title) for title, _advice in QUADRANTS.values()]
    return Chart(
        name="quadrant",
        title=_("Port utilisation against market share"),
        says=_says_quadrants(placed, len(rows)),
        kind="scatter",
        columns=columns,
        rows=[
            [
                row.code, row.name, _round(row.utilisation), _round(row.position), row.users,
                surveyed if row.share is not None else guessed, names[found],
            ]
            for row, found in placed
        ],
        x=2, y=3, size=4, label=1,
        groups=names,
        group_of=[found for _row, found in placed],
        link=reverse("projects:project-analysis", args=[0]),
        keys=[row.id for row, _found in placed],
        lines=[
            Line(_line_title(lines.utilisation, lines.is_median[0]), round(lines.utilisation, 1), "x"),
            Line(_line_title(lines.position, lines.is_median[1]), round(lines.position, 1), "y"),
        ],
    )  # fmt: skip


def _line_title(value: float, is_median: bool) -> str:
    text = _("median %(value)s %%") if is_median else _("line %(value)s %%")
    return text % {"value": shown(value)}


def _says_quadrants(placed: Sequence[tuple[Standing, int]], total: int) -> str:
    counts = [sum(found == number for _row, found in placed) for number in QUADRANTS]
    parts = "；".join(
        _("%(title)s: %(n)s") % {"title": title, "n": f"{count:,}"}
        for (title, _advice), count in zip(QUADRANTS.values(), counts, strict=True)
    )
    text = ngettext("%(n)s project. %(parts)s.", "%(n)s projects. %(parts)s.", len(placed))
    said = [text % {"n": f"{len(placed):,}", "parts": parts}]
    if guessed := sum(row.share is None for row, _found in placed):
        text = ngettext(
            "Of %(n)s the market share is not known: penetration stands in for it.",
            "Of %(n)s the market share is not known: penetration stands in for it.",
            guessed,
        )
        said.append(text % {"n": f"{guessed:,}"})
    if left_out := total - len(placed):
        text = ngettext(
            "%(n)s is not drawn: figures are missing.", "%(n)s are not drawn: figures are missing.", left_out
        )
        said.append(text % {"n": f"{left_out:,}"})
    return " ".join(said)


# --- 24 months ---


def trend_charts(trend: Trend, running: Month, shares: Mapping[Month, float] | None = None) -> list[Chart]:
    """The lines of 24 months with what was aimed at; ``shares``: market share by month, where it is kept.

    Months that not all projects have reported, and the ``running`` one where a figure needs a whole month, are drawn
    hollow and count for nothing that is said of the others.
    """
    yuan = _("yuan")
    over_time = partial(_over_time, trend, running)
    charts = [
        over_time("users", _("Billing users"), Drawn(_("billing users"), lambda f: f.users)),
        over_time(
            "net_adds", _("Net adds"),
            Drawn(_("net adds"), lambda f: f.net_adds, how="bar"),
            Drawn(_("target"), lambda f: f.target_net_adds, how="target"),
        ),
        over_time(
            "renewal_rate", _("Renewal rate"),
            Drawn(_("renewal rate"), lambda f: f.renewal_rate, 1, "%"),
            Drawn(_("target"), lambda f: f.target_renewal_rate, 1, "%", "target"),
        ),
        over_time(
            "utilisation", _("Port utilisation"),
            Drawn(_("port utilisation"), lambda f: f.utilisation, 1, "%"),
            Drawn(_("target"), lambda f: _round(f.target_utilisation), 1, "%", "target"),
        ),
        over_time(
            "revenue", _("Billing revenue"), Drawn(_("billing revenue"), lambda f: f.revenue, 0, yuan, "bar")
        ),
        over_time("arpu", _("Revenue per user"), Drawn(_("revenue per user"), lambda f: f.arpu, 2, yuan)),
        over_time(
            "commission", _("Commission in percent of revenue: input against output"),
            Drawn(_("commission share"), lambda f: f.commission_share, 1, "%"),
            Drawn(_("commission"), lambda f: f.commission, 0, yuan, ""),
        ),
    ]  # fmt: skip
    if shares is not None:
        rows = [[str(month), shares.get(month)] for month in trend]
        column = ChartColumn(_("market share"), 1, "%")
        title = _("Market share")
        columns = [ChartColumn(_("month")), column]
        charts.append(Chart("share", title, says(columns, rows), "line", columns, rows, [Series(1)]))
    return charts


@dataclass(frozen=True, slots=True)
class Drawn:
    """A column over months: ``how`` it is drawn (``line``, ``bar``, ``target``), or "": it stands in the table only."""

    title: str
    read: Callable[[MonthSums], Any]
    decimals: int = 0
    unit: str = ""
    how: str = "line"


# The charts whose figure has another name in ``rules_totals.PARTS``.
_FIGURE = {"net_adds": "adds", "commission": "commission_share"}


def _over_time(trend: Trend, running: Month, name: str, title: str, *drawn: Drawn) -> Chart:
    """A chart of months, which says how many projects reported its figure where there are several."""
    figure = _FIGURE.get(name, name)
    columns = [ChartColumn(_("month")), *(ChartColumn(one.title, one.decimals, one.unit) for one in drawn)]
    rows: list[list[Any]] = [[str(month), *(one.read(sums) for one in drawn)] for month, sums in trend.items()]
    series = [
        Series(index, "bar" if one.how == "bar" else "line", target=one.how == "target")
        for index, one in enumerate(drawn, start=1)
        if one.how and (one.how != "target" or any(row[index] is not None for row in rows))
    ]
    incomplete = [number for number, sums in enumerate(trend.values()) if sums.is_partial(figure)]
    unfinished = [n for n, month in enumerate(trend) if month >= running and figure in OF_A_WHOLE_MONTH]
    hollow = sorted({n for n in (*incomplete, *unfinished) if rows[n][1] is not None})
    said = says(columns, rows, hollow, [rows[n][0] for n in incomplete], [rows[n][0] for n in unfinished])
    if any(sums.expected > 1 for sums in trend.values()):
        columns.append(ChartColumn(_("projects that reported")))
        for row, sums in zip(rows, trend.values(), strict=True):
            row.append(f"{sums.reported.get(figure, 0)}/{sums.expected}" if sums.expected else None)
    kind: Kind = "bar" if drawn[0].how == "bar" else "line"
    return Chart(name, title, said, kind, columns, rows, series, partial=hollow)


def says(
    columns: Sequence[ChartColumn],
    rows: Sequence[Sequence[Any]],
    hollow: Collection[int] = (),
    incomplete: Sequence[str] = (),
    unfinished: Sequence[str] = (),
) -> str:
    """What a chart shows: the newest whole figure, its target, the lowest and highest; which months are not whole."""
    known = [row for number, row in enumerate(rows) if row[1] is not None and number not in hollow]
    said = [_says_whole(columns, known)] if known else [] if hollow else [_("No figures yet.")]
    if incomplete:
        months = "、".join(incomplete[-MONTHS_NAMED:]) + ("…" if len(incomplete) > MONTHS_NAMED else "")
        said.append(_("Hollow: not all projects reported in %(months)s.") % {"months": months})
    if drawn := [month for month in unfinished if any(rows[n][0] == month for n in hollow)]:
        said.append(_("Hollow: %(month)s is not over.") % {"month": drawn[0]})
    return " ".join(said)


def _says_whole(columns: Sequence[ChartColumn], known: Sequence[Sequence[Any]]) -> str:
    column, last = columns[1], known[-1]
    low, high = min(known, key=lambda row: row[1]), max(known, key=lambda row: row[1])

    def told(value: Any) -> str:
        return f"{column.shown(value)} {column.unit}".strip()

    text = _("%(month)s: %(value)s; lowest %(low)s (%(low_month)s), highest %(high)s (%(high_month)s).") % {
        "month": last[0],
        "value": told(last[1]),
        "low": told(low[1]),
        "low_month": low[0],
        "high": told(high[1]),
        "high_month": high[0],
    }
    if len(columns) > 2 and columns[2].title == _("target") and last[2] is not None:
        text += " " + _("Target: %(value)s.") % {"value": told(last[2])}
    return text


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


# --- The ranking, as a download ---


def ranking_table(rows: Sequence[Standing], grids: Mapping[int, str]) -> Chart:
    """The ranking with changes against last month and last year; a table only."""
    columns = [ChartColumn(_("project code")), ChartColumn(_("project name")), ChartColumn(_("grid"))]
    figures: list[tuple[str, int, str, Any]] = [
        (_("billing users"), 0, "", lambda f: f.users),
        (_("renewal rate"), 1, "%", lambda f: f.renewal_rate),
        (_("port utilisation"), 1, "%", lambda f: f.utilisation),
        (_("revenue per user"), 2, _("yuan"), lambda f: f.arpu),
    ]
    last_month, year_ago = _("last month"), _("a year ago")
    for title, decimals, unit, _read in figures:
        columns += [
            ChartColumn(title, decimals, unit),
            ChartColumn(f"{title} · {last_month}", decimals, unit),
            ChartColumn(f"{title} · {year_ago}", decimals, unit),
        ]
    columns += [
        ChartColumn(_("net adds"), 0),
        ChartColumn(_("net adds, target"), 0),
        ChartColumn(_("market share"), 1, "%"),
    ]
    columns.append(ChartColumn(_("penetration"), 1, "%"))
    table = [
        [
            row.code, row.name, grids.get(row.grid, ""),
            *(read(at) for *_head, read in figures for at in (row.now, row.before, row.year_ago)),
            row.adds, row.now.target_net_adds, row.share, row.penetration,
        ]
        for row in rows
    ]  # fmt: skip
    return Chart("ranking", _("Ranking"), "", "bar", columns, table)
