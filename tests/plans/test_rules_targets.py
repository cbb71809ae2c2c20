"""How a unit's figures are split over its grids, and what a changed target does to a plan: the arithmetic."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from plans.rules import EVEN, MANUAL, Weights
from plans.rules_targets import (
    IN_PROPORTION,
    GridFigures,
    Moved,
    mean_utilisation,
    moves,
    raise_utilisation,
    split_goal,
)

WEIGHTS = Weights()
COUNTS = st.integers(0, 5_000)


def grid(number: int, **figures: int) -> GridFigures:
    return GridFigures(number, **figures)


@st.composite
def grids(draw: st.DrawFn) -> list[GridFigures]:
    """One to twelve grids, with ports in use that are never more than there are."""
    found = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        ports = draw(COUNTS)
        used = draw(st.integers(0, ports))
        found.append(
            GridFigures(
                number, draw(COUNTS), ports - used, draw(COUNTS), ports, used, *(draw(COUNTS) for _ in range(3))
            )
        )
    return found


@given(grids(), st.integers(-2_000, 60_000), st.sampled_from(["installs", "net_adds"]))
def test_the_sum_over_grids_is_the_units_figure_and_a_shortfall_is_said(
    rows: list[GridFigures], figure: int, goal: str
) -> None:
    split = split_goal(goal, figure, rows, {}, WEIGHTS)
    assert sum(split.shares.values()) + split.missing == figure
    assert split.missing == max(figure - sum(row.free_ports for row in rows), 0)
    assert all(share <= row.free_ports for row in rows if (share := split.shares[row.id]) > 0)


@given(grids(), st.integers(0, 60_000), st.sampled_from(sorted(IN_PROPORTION)))
def test_what_has_no_cap_always_adds_up(rows: list[GridFigures], figure: int, goal: str) -> None:
    split = split_goal(goal, figure, rows, {}, WEIGHTS)
    assert sum(split.shares.values()) == figure
    assert split.missing == 0
    assert min(split.shares.values()) >= 0


@given(grids(), st.integers(0, 60_000), st.sampled_from(["net_adds", *sorted(IN_PROPORTION)]), st.integers(0, 9_000))
def test_figures_set_by_hand_stay_and_the_rest_is_split_again(
    rows: list[GridFigures], figure: int, goal: str, hand: int
) -> None:
    split = split_goal(goal, figure, rows, {rows[0].id: hand}, WEIGHTS)
    assert split.shares[rows[0].id] == hand
    assert split.why[rows[0].id] == {MANUAL: float(hand)}
    assert sum(split.shares.values()) + split.missing == figure


@given(grids(), st.integers(0, 60_000), st.randoms(use_true_random=False))
def test_the_order_of_grids_does_not_matter(rows: list[GridFigures], figure: int, random: object) -> None:
    mixed = list(rows)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    for goal in ("net_adds", *IN_PROPORTION, "port_utilisation"):
        value = figure % 101 if goal == "port_utilisation" else figure
        assert dict(split_goal(goal, value, rows, {}, WEIGHTS).shares) == dict(
            split_goal(goal, value, mixed, {}, WEIGHTS).shares
        )


@given(grids(), st.integers(0, 1_000))
def test_utilisation_rises_by_the_same_points_and_the_unit_reaches_its_figure(
    rows: list[GridFigures], tenths: int
) -> None:
    figure = Decimal(tenths) / 10
    split = raise_utilisation(figure, rows)
    assert all(0 <= share <= 100 for share in split.shares.values())
    mean = mean_utilisation(split.shares, rows)
    assert mean is None or abs(mean - figure) <= Decimal("0.1")
    assert all(split.shares[row.id] == figure for row in rows if not row.ports)


def test_a_full_grid_leaves_the_rise_to_the_others() -> None:
    rows = [grid(1, ports=100, used=98), grid(2, ports=100, used=40)]
    assert raise_utilisation(Decimal(75), rows).shares == {1: Decimal(100), 2: Decimal("50.0")}


def test_utilisation_set_by_hand_is_made_up_for_by_the_others() -> None:
    rows = [grid(1, ports=100, used=50), grid(2, ports=100, used=50), grid(3, ports=100, used=50)]
    split = raise_utilisation(Decimal(60), rows, {1: Decimal(50)})
    assert split.shares == {1: Decimal(50), 2: Decimal("65.0"), 3: Decimal("65.0")}
    assert split.missing == 0


def test_talks_are_shared_evenly_where_no_new_project_is_under_way() -> None:
    split = split_goal("talks", 5, [grid(1), grid(2)], {}, WEIGHTS)
    assert split.shares == {1: 3, 2: 2}
    assert split.why[1] == {EVEN: 3.0}


def test_hand_set_figures_above_the_units_are_said_and_nobody_gets_less_than_none() -> None:
    split = split_goal("renewals", 10, [grid(1, expiring=5), grid(2, expiring=5)], {1: 14}, WEIGHTS)
    assert split.shares == {1: 14, 2: 0}
    assert split.missing == -4


def test_a_goal_left_at_the_old_target_follows_and_one_set_otherwise_stays() -> None:
    found = moves(
        {"net_adds": "90", "renewals": "10", "talks": "", "installs": "5", "new_outlets": "1"},
        {"net_adds": "120", "renewals": "12", "talks": "2", "installs": "", "new_outlets": "3"},
        {"net_adds": "90", "renewals": "11", "talks": "", "installs": "5", "new_outlets": "3"},
    )
    assert found == [
        Moved("net_adds", "90", "120", "90"),
        Moved("renewals", "10", "12", "11"),
        Moved("talks", "", "2", ""),
        Moved("installs", "5", "", "5"),
    ]
    assert [one.follows for one in found] == [True, False, True, False]


def test_a_plan_made_before_any_target_follows_where_it_is_empty() -> None:
    assert [one.follows for one in moves({}, {"net_adds": "9"}, {"net_adds": ""})] == [True]
    assert moves({}, {"net_adds": "9"}, {"net_adds": "9"}) == []
