"""Sums compare like with like, and say when not all have reported (P4)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridops.common.months import Month
from projects.rules_analysis import MonthFigures, Standing, Thresholds, findings
from projects.rules_totals import PARTS, MonthSums, expected_reports, like_for_like

OCTOBER = Month(2026, 10)
ONE = MonthFigures(users=100, revenue=5000, net_adds=3, due=10, done=8, ports=200, used=120, commission=250)
counts = st.none() | st.integers(0, 500)
figures = st.builds(MonthFigures, users=counts, net_adds=counts, due=counts, done=counts, ports=counts, used=counts)
months = st.dictionaries(st.integers(1, 8), figures)


def test_only_projects_with_the_figure_in_both_months_are_compared() -> None:
    now = {1: replace(ONE, users=110), 2: MonthFigures(), 4: replace(ONE, users=900)}
    before = {1: ONE, 2: ONE, 3: ONE, 4: MonthFigures()}
    found = like_for_like(now, before, "users")
    assert (found.now, found.before, found.projects, found.is_all) == (110, 100, 1, False)


def test_a_ratio_is_made_of_sums_of_the_projects_with_both_its_figures() -> None:
    now = {1: ONE, 2: replace(ONE, due=90, done=9), 3: replace(ONE, done=None)}
    found = like_for_like(now, dict.fromkeys((1, 2, 3), ONE), "renewal_rate")
    assert (found.now, found.before, found.projects) == (17, 80, 2)
    assert like_for_like(now, now, "arpu").now == 50


def test_where_all_have_the_figure_none_is_left_out() -> None:
    assert like_for_like({1: ONE}, {1: ONE}, "users").is_all
    assert like_for_like({}, {1: ONE}, "users").now is None


@pytest.mark.parametrize("name", PARTS)
@given(now=months, before=months)
def test_a_project_that_did_not_report_changes_nothing_of_the_comparison(
    name: str, now: dict[int, MonthFigures], before: dict[int, MonthFigures]
) -> None:
    found = like_for_like(now, before, name)
    more = like_for_like({**now, 9: MonthFigures()}, {**before, 9: replace(ONE)}, name)
    assert (more.now, more.before, more.projects) == (found.now, found.before, found.projects)


def test_who_is_in_service_owes_every_month_since_the_first_and_who_left_those_up_to_the_last() -> None:
    months = [OCTOBER.plus(-back) for back in (3, 2, 1, 0)]
    stays, left = (months[0], months[1], True), (months[0], months[1], False)
    came = (months[2], months[3], True)
    assert list(expected_reports([stays, left, came], months).values()) == [2, 2, 2, 2]
    assert list(expected_reports([left], months).values()) == [1, 1, 0, 0]


def test_a_month_is_partial_when_fewer_reported_than_should() -> None:
    sums = MonthSums(expected=3, reported={"users": 2, "revenue": 3, "arpu": 0})
    assert [sums.is_partial(name) for name in ("users", "revenue", "arpu")] == [True, False, False]


def test_a_month_that_is_running_is_not_held_against_whole_ones() -> None:
    so_far = replace(ONE, done=1, revenue=900)
    row = Standing(1, "P1", "锦绣花园", 1, 1, so_far, ONE, ONE, (-1, -2, -3, 4), 200, 80, 40, 40)
    limits = {1: Thresholds()}
    over = [one.code for one in findings([row], limits, {1: 80})]
    assert over == ["net_adds_negative", "renewal_fallen", "renewal_low", "arpu_falling"]
    assert findings([row], limits, {1: 80}, is_running=True) == []
    fallen = replace(row, net_adds=(5, -1, -2, -3))
    assert [one.code for one in findings([fallen], limits, {1: 80}, is_running=True)] == ["net_adds_negative"]
