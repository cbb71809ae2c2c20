"""The arithmetic of the efficiency analysis: changes, quadrants, ranking, what stands out (P4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.rules_analysis import (
    EXPAND,
    FILL,
    FINDINGS,
    LEAD,
    RANKED,
    WIN,
    Lines,
    MonthFigures,
    Standing,
    Thresholds,
    change,
    findings,
    lines_at,
    place,
    quadrant,
    ranking,
)

counts = st.none() | st.integers(0, 2_000)
shares = st.none() | st.floats(0, 100)
money = st.none() | st.floats(0, 1e6)
months = st.builds(
    MonthFigures, users=counts, revenue=money, net_adds=st.none() | st.integers(-500, 500), due=counts, done=counts,
    ports=counts, used=counts, commission=money,
)  # fmt: skip
standings = st.builds(
    Standing, id=st.integers(1, 10**6), code=st.text("P0123456789", min_size=1, max_size=6), name=st.just("x"),
    grid=st.just(1), unit=st.integers(1, 2), now=months, before=months, year_ago=months,
    net_adds=st.lists(st.none() | st.integers(-5, 5), max_size=4).map(tuple), households=counts, occupancy=shares,
    share=shares, share_before=shares, has_new_offer=st.booleans(),
)  # fmt: skip
territories = st.lists(standings, max_size=12, unique_by=lambda row: row.id)


def one(**fields: Any) -> Standing:
    """A project in which nothing stands out, but for ``fields``."""
    now = MonthFigures(users=100, revenue=5000, due=10, done=9, ports=200, used=120)
    plain = Standing(1, "P1", "锦绣花园", 1, 1, now, now, now, (1, 2, 3), 200, 80, 40, 40)
    return replace(plain, **fields)


def found(row: Standing, limits: Thresholds | None = None, rate: float | None = 90) -> list[str]:
    return [one.code for one in findings([row], {1: limits or Thresholds()}, {1: rate})]


# --- Changes ---


def test_a_change_is_the_difference_and_its_percentage() -> None:
    assert (change(110, 100).difference, change(110, 100).percent) == (10, 10)
    assert change(-5, -10).percent == 50
    assert (change(5, 0).difference, change(5, 0).percent) == (5, None)
    assert change(None, 5) == change(5, None)


@given(st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_a_change_and_its_reverse_cancel_out(a: int, b: int) -> None:
    assert (change(a, b).difference or 0) + (change(b, a).difference or 0) == 0


# --- Quadrants ---


@pytest.mark.parametrize(
    ("used", "share", "expected"),
    [(60, 40, LEAD), (59, 40, FILL), (59, 39, WIN), (60, 39, EXPAND)],
)
def test_the_quadrants_part_at_the_lines_and_on_a_line_is_above_it(used: int, share: int, expected: int) -> None:
    row = one(now=MonthFigures(ports=100, used=used), share=share)
    assert quadrant(row, Lines(60, 40)) == expected


def test_penetration_stands_in_for_an_unknown_market_share() -> None:
    row = one(share=None, households=200, occupancy=50)
    assert row.position == row.penetration == 100
    assert quadrant(replace(row, households=None), Lines(50, 50)) is None


def test_the_lines_are_as_set_or_at_the_median() -> None:
    assert lines_at(55, 0, [10], [10, None, 30]) == Lines(55, 20, (False, True))
    assert lines_at(0, 0, [], [None]) == Lines(50, 50, (True, True))


@given(territories)
def test_at_the_median_no_more_than_half_lie_below(rows: list[Standing]) -> None:
    known = [row for row in rows if row.utilisation is not None and row.position is not None]
    lines = lines_at(0, 0, [row.utilisation for row in known], [row.position for row in known])
    below = [row for row in known if quadrant(row, lines) in (FILL, WIN)]
    assert 2 * len(below) <= len(known)


# --- Ranking ---


@given(territories, st.sampled_from(RANKED), st.booleans())
def test_a_ranking_loses_nobody_is_in_order_and_ends_with_the_unknown(
    rows: list[Standing], by: str, descending: bool
) -> None:
    ordered = ranking(rows, by, descending=descending)
    assert sorted(row.id for row in ordered) == sorted(row.id for row in rows)
    values = [getattr(row, by) for row in ordered]
    known = [value for value in values if value is not None]
    assert values[: len(known)] == sorted(known, reverse=descending)
    assert ranking(list(reversed(rows)), by, descending=descending) == ordered or len({r.code for r in rows}) < len(
        rows
    )


@given(territories, st.sampled_from(RANKED))
def test_a_place_is_between_the_first_and_the_last(rows: list[Standing], by: str) -> None:
    for row in rows:
        at = place(rows, row, by)
        assert at is None or 1 <= at[0] <= at[1] <= len(rows)


def test_equal_ones_share_a_place() -> None:
    rows = [one(id=n, now=MonthFigures(users=users)) for n, users in enumerate([5, 7, 7, 3])]
    assert [place(rows, row, "users") for row in rows] == [(3, 4), (1, 4), (1, 4), (4, 4)]


# --- What stands out ---


def test_nothing_stands_out_of_a_plain_project() -> None:
    assert found(one()) == []


NOW = one().now


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"now": replace(NOW, used=80), "has_new_offer": True}, "free_ports_rivals"),
        ({"now": replace(NOW, used=80), "share_before": 40.5}, "free_ports_rivals"),
        ({"share_before": 42}, "share_lost"),
        ({"net_adds": (-1, -2, -1)}, "net_adds_negative"),
        ({"before": replace(NOW, done=10, due=10), "now": replace(NOW, done=19, due=20)}, "renewal_fallen"),
        ({"year_ago": replace(NOW, done=10, due=10), "now": replace(NOW, done=19, due=20)}, "renewal_fallen"),
        ({"households": 500, "share": 40}, "low_penetration"),
        ({"now": replace(NOW, used=180)}, "nearly_full"),
        ({"before": replace(NOW, revenue=5300)}, "arpu_falling"),
        ({"now": replace(NOW, used=None)}, "figures_missing"),
        ({"now": MonthFigures()}, "figures_missing"),
    ],
)
def test_each_finding_has_its_case(fields: dict[str, Any], code: str) -> None:
    assert found(one(**fields)) == [code]


@pytest.mark.parametrize(
    "fields",
    [
        {"now": replace(NOW, used=81), "has_new_offer": True},
        {"now": replace(NOW, used=80)},
        {"share_before": 41.9},
        {"share_before": 38},
        {"net_adds": (-1, 0, -1)},
        {"net_adds": (-1, None, -1)},
        {"net_adds": (-1, -1)},
        {"before": replace(NOW, done=93, due=100), "now": replace(NOW, done=89, due=100)},
        {"occupancy": None, "households": 500},
        {"occupancy": 69, "households": 600},
        {"before": replace(NOW, revenue=5100)},
        {"before": MonthFigures(), "year_ago": MonthFigures(), "share_before": None},
    ],
)
def test_just_short_of_a_threshold_nothing_stands_out(fields: dict[str, Any]) -> None:
    assert found(one(**fields)) == []


def test_a_renewal_rate_is_low_against_the_unit_s() -> None:
    assert found(one(), rate=95) == ["renewal_low"]
    assert found(one(), rate=94.9) == []
    assert found(one(), rate=None) == []


def test_each_project_is_held_against_its_own_unit_s_thresholds() -> None:
    rows = [one(id=1, unit=1), one(id=2, unit=2)]
    limits = {1: Thresholds(), 2: Thresholds(nearly_full=60)}
    assert [(f.code, f.projects) for f in findings(rows, limits, {})] == [("nearly_full", (2,))]


@given(territories)
def test_findings_name_projects_that_are_there_each_once(rows: list[Standing]) -> None:
    made = findings(rows, {1: Thresholds(), 2: Thresholds()}, {1: 50.0, 2: None})
    ids = {row.id for row in rows}
    for finding in made:
        assert finding.projects
        assert len(set(finding.projects)) == len(finding.projects)
        assert set(finding.projects) <= ids
    order = [FINDINGS.index(finding.code) for finding in made]
    assert order == sorted(set(order))
