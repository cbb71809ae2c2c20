"""A chart's drawing, table and download come from the same rows."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy

from gridops.common.charts import ROWS_ON_THE_PAGE, Chart, ChartColumn, Line, Series

COLUMNS = [ChartColumn("month"), ChartColumn("rate", 1, "%"), ChartColumn("target", 0)]


def lines(rows: list[list[Any]]) -> Chart:
    return Chart("rate", "Rate", "It rises.", "line", COLUMNS, rows, [Series(1), Series(2, target=True)])


def dots(number: int) -> Chart:
    rows = [[f"P{n}", n % 100, n % 70, n] for n in range(number)]
    columns = [ChartColumn("name"), ChartColumn("x", 0), ChartColumn("y", 0), ChartColumn("users", 0)]
    return Chart(
        "dots", "Dots", "Many.", "scatter", columns, rows, x=1, y=2, size=3, groups=["a", gettext_lazy("grid")],
        group_of=[n % 2 for n in range(number)], link="/projects/0/", keys=list(range(number)),
        lines=[Line("m", 5, "x")],
    )  # fmt: skip


def test_lines_draw_the_columns_they_name_over_the_text_of_the_first() -> None:
    drawn = lines([["2026-09", Decimal("1.5"), 3], ["2026-10", None, 4]]).script
    assert drawn["categories"] == ["2026-09", "2026-10"]
    assert [series["values"] for series in drawn["series"]] == [[1.5, None], [3, 4]]
    assert [series["target"] for series in drawn["series"]] == [False, True]


def test_the_script_s_data_are_plain_json() -> None:
    for chart in (lines([["2026-09", Decimal("1.5"), 3]]), dots(3)):
        assert json.loads(json.dumps(chart.script))["kind"] == chart.kind


def test_the_table_writes_numbers_with_their_decimals_and_a_dash_for_none() -> None:
    chart = lines([["2026-09", 1234.56, None]])
    assert [text for _column, text in chart.table[0]] == ["2026-09", "1,234.6", "—"]
    assert chart.header == ["month", "rate（%）", "target"]


def test_a_long_table_leaves_the_rest_to_the_download() -> None:
    chart = dots(ROWS_ON_THE_PAGE + 7)
    assert (len(chart.table), chart.hidden_rows) == (ROWS_ON_THE_PAGE, 7)
    assert len(chart.script["points"]) == ROWS_ON_THE_PAGE + 7


@pytest.mark.parametrize(
    ("chart", "empty"),
    [
        (lines([]), True),
        (lines([["2026-09", None, None]]), True),
        (lines([["2026-09", None, 3]]), False),
        (dots(0), True),
    ],
)
def test_a_chart_without_figures_says_so_instead_of_drawing(chart: Chart, empty: bool) -> None:
    assert chart.is_empty is empty
    text = render_to_string("common/_chart.html", {"chart": chart, "chart_export": "/x"})
    assert ("data-canvas" in text) is not empty


def test_the_page_has_sentence_table_and_data_without_any_script() -> None:
    text = render_to_string(
        "common/_chart.html", {"chart": lines([["2026-09", 1.5, 3]]), "chart_export": "/x?chart=rate"}
    )
    for part in ("It rises.", "<details", "open", "2026-09", "application/json", "/x?chart=rate", 'role="img"'):
        assert part in text


def test_names_of_people_s_making_can_t_break_out_of_the_data() -> None:
    text = render_to_string("common/_chart.html", {"chart": lines([["</script><b>", 1.5, 3]])})
    assert "</script><b>" not in text
