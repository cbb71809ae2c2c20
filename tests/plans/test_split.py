"""The split of net adds over projects and of renewals over agents: what ``plans.rules`` promises (S6, S7)."""

from __future__ import annotations

import doctest
import random
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plans import rules
from plans.rules import Figures, Weights, free_ports, largest_remainder, split_net_adds, split_renewals, unserved

ROOT = Path(rules.__file__).parent.parent
# Small numbers make ties, equal caps and full projects likely; large ones are whole grids.
NUMBERS = st.integers(0, 6) | st.integers(0, 3_000) | st.integers(0, 10**7)
TARGETS = st.integers(-30, 60) | st.integers(-500, 20_000)
WEIGHTS = st.builds(Weights, *[st.sampled_from([0, 1, 20, 40, 100])] * 3)
ADJUSTMENTS = st.sampled_from([0, 0, 0, 5, -5, 100, -100]) | st.integers(-100, 100)


@st.composite
def grids(draw: st.DrawFn, manual: bool = True) -> list[Figures]:
    number = draw(st.integers(0, 12))
    by_hand = st.none() | st.none() | st.integers(-50, 200) if manual else st.none()
    return [
        Figures(f"P{index:03d}", draw(NUMBERS), draw(NUMBERS), draw(NUMBERS), draw(ADJUSTMENTS), draw(by_hand))
        for index in range(number)
    ]


def weights_of(rows: list[Figures], weights: Weights) -> dict[str, Fraction]:
    """The weight of each project that is not set by hand, as the handbook's rule says it, exactly."""
    rows = [row for row in rows if row.manual is None]
    found = dict.fromkeys((row.code for row in rows), Fraction(0))
    for name in ("existing", "free_ports", "unserved"):
        if whole := sum(getattr(row, name) for row in rows):
            for row in rows:
                found[row.code] += Fraction(getattr(weights, name) * getattr(row, name), whole)
    point = sum(found.values(), Fraction(0)) / 100 or Fraction(1)
    return {row.code: max(found[row.code] + point * row.adjustment, Fraction(0)) for row in rows}


# --- Standing alone ---


def test_the_library_needs_no_django_and_no_other_module_of_the_product() -> None:
    code = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("django", "gridops", "projects", "channels") or name == "plans.models":
            raise ImportError(name)

sys.meta_path.insert(0, Refuse())
from plans.rules import Figures, split_net_adds
print(split_net_adds(30, [Figures("A", 200, 50), Figures("B", 100, 9)]).net_adds)
print([name for name in sys.modules if name.startswith("django")])
"""
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.split("\n")[:2], done.stderr) == (["{'A': 23, 'B': 7}", "[]"], "")


def test_what_the_library_shows_of_itself_is_so() -> None:
    assert doctest.testmod(rules).failed == 0
    assert doctest.testmod(rules).attempted


# --- Properties ---


@given(TARGETS, grids(), WEIGHTS)
def test_shares_and_what_is_missing_add_up_to_the_target(target: int, rows: list[Figures], weights: Weights) -> None:
    split = split_net_adds(target, rows, weights)
    assert sum(split.net_adds.values()) + split.missing == target
    assert set(split.net_adds) == {row.code for row in rows}
    assert all(type(share) is int for share in split.net_adds.values())


@given(TARGETS, grids(), WEIGHTS)
def test_missing_is_what_the_free_ports_cannot_hold_and_nothing_else(
    target: int, rows: list[Figures], weights: Weights
) -> None:
    automatic = [row for row in rows if row.manual is None]
    rest = target - sum(row.manual for row in rows if row.manual is not None)
    split = split_net_adds(target, rows, weights)
    room = sum(row.free_ports for row in automatic)
    assert split.missing == (max(rest - room, 0) if automatic else rest)


@given(TARGETS, grids(), WEIGHTS)
@example(10, [Figures("A", 5, 0, 0), Figures("B", 0, 9, 0, adjustment=-100)], Weights(40, 0, 0))
def test_a_project_without_weight_gets_nothing_unless_it_is_forced(
    target: int, rows: list[Figures], weights: Weights
) -> None:
    split, weighs = split_net_adds(target, rows, weights), weights_of(rows, weights)
    caps = {row.code: row.free_ports for row in rows}
    full = all(split.net_adds[code] == caps[code] for code, weight in weighs.items() if weight)
    for code, weight in weighs.items():
        if not weight and split.net_adds[code]:
            assert full  # none has weight, or all that have are at their cap
            assert split.net_adds[code] > 0 or not any(weighs.values())


@given(TARGETS, grids(), WEIGHTS)
def test_of_two_with_the_same_cap_the_heavier_never_gets_less(
    target: int, rows: list[Figures], weights: Weights
) -> None:
    split, weighs = split_net_adds(target, rows, weights), weights_of(rows, weights)
    caps = {row.code: row.free_ports for row in rows}
    rest = target - sum(row.manual for row in rows if row.manual is not None)
    for one in weighs:
        for other in weighs:
            same_cap = caps[one] == caps[other] or rest < 0
            if same_cap and (weighs[one], other) > (weighs[other], one):
                # below 0 the heavier carries no less
                assert abs(split.net_adds[one]) >= abs(split.net_adds[other])


@given(TARGETS, grids(manual=False), WEIGHTS, st.integers(0, 11), st.integers(1, 50))
def test_more_points_by_remark_never_make_a_share_smaller(
    target: int, rows: list[Figures], weights: Weights, chosen: int, more: int
) -> None:
    if chosen < len(rows):
        row = rows[chosen]
        raised = [*rows[:chosen], row._replace(adjustment=row.adjustment + more), *rows[chosen + 1 :]]
        before, after = split_net_adds(target, rows, weights), split_net_adds(target, raised, weights)
        none = not any(weights_of(rows, weights).values())
        assert none or abs(after.net_adds[row.code]) >= abs(before.net_adds[row.code])


@given(st.integers(0, 20_000), grids(manual=False), WEIGHTS)
def test_without_a_cap_in_the_way_no_share_is_a_whole_unit_off(
    target: int, rows: list[Figures], weights: Weights
) -> None:
    split, weighs = split_net_adds(target, rows, weights), weights_of(rows, weights)
    whole = sum(weighs.values())
    if whole and all(target * weighs[row.code] / whole <= row.free_ports for row in rows):
        assert all(abs(split.net_adds[code] - target * weight / whole) < 1 for code, weight in weighs.items())


@given(TARGETS, grids(), WEIGHTS, st.integers(1, 7))
def test_only_the_proportion_of_the_weights_matters(
    target: int, rows: list[Figures], weights: Weights, times: int
) -> None:
    more = Weights(weights.existing * times, weights.free_ports * times, weights.unserved * times)
    assert split_net_adds(target, rows, weights).net_adds == split_net_adds(target, rows, more).net_adds


@given(TARGETS, grids(), WEIGHTS)
def test_no_automatic_share_is_above_the_free_ports(target: int, rows: list[Figures], weights: Weights) -> None:
    split = split_net_adds(target, rows, weights)
    assert all(split.net_adds[row.code] <= row.free_ports for row in rows if row.manual is None)


@given(TARGETS, grids(), WEIGHTS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    target: int, rows: list[Figures], weights: Weights, dice: random.Random
) -> None:
    shuffled = list(rows)
    dice.shuffle(shuffled)
    one, other = split_net_adds(target, rows, weights), split_net_adds(target, shuffled, weights)
    assert (one.net_adds, one.missing) == (other.net_adds, other.missing)


@given(TARGETS, grids(), WEIGHTS)
def test_figures_set_by_hand_stay(target: int, rows: list[Figures], weights: Weights) -> None:
    split = split_net_adds(target, rows, weights)
    assert all(split.net_adds[row.code] == row.manual for row in rows if row.manual is not None)


@given(st.integers(-20_000, -1), grids(manual=False), WEIGHTS)
def test_a_negative_target_is_split_too_and_needs_no_free_port(
    target: int, rows: list[Figures], weights: Weights
) -> None:
    split = split_net_adds(target, rows, weights)
    assert split.missing == (0 if rows else target)
    assert all(share <= 0 for share in split.net_adds.values())


@given(grids(manual=False), WEIGHTS)
def test_a_target_of_zero_gives_everyone_zero(rows: list[Figures], weights: Weights) -> None:
    assert set(split_net_adds(0, rows, weights).net_adds.values()) <= {0}


@given(TARGETS, grids(), WEIGHTS)
def test_what_the_factors_contributed_adds_up_to_the_share(target: int, rows: list[Figures], weights: Weights) -> None:
    split = split_net_adds(target, rows, weights)
    for code, share in split.net_adds.items():
        assert sum(split.why(code).values()) == pytest.approx(share)


def test_a_project_s_weight_is_its_share_of_each_factor() -> None:
    rows = [
        Figures("A", existing=300, free_ports=100, unserved=0),
        Figures("B", existing=100, free_ports=100, unserved=50),
    ]
    # A: 40 × 300/400 + 40 × 1/2 + 20 × 0 = 50 points of 100, B the rest.
    split = split_net_adds(60, rows)
    assert split.net_adds == {"A": 30, "B": 30}
    assert split.why("A") == {"existing": 18.0, "free_ports": 12.0, "unserved": 0.0, "adjustment": 0.0}
    assert split.why("B") == {"existing": 6.0, "free_ports": 12.0, "unserved": 12.0, "adjustment": 0.0}


def test_a_remark_s_adjustment_adds_points_to_the_weight() -> None:
    rows = [Figures("A", 100, 100, 100, adjustment=50), Figures("B", 100, 100, 100)]
    assert split_net_adds(60, rows).net_adds == {"A": 40, "B": 20}


def test_what_a_cap_cuts_off_goes_to_the_others() -> None:
    rows = [Figures("A", existing=900, free_ports=5), Figures("B", existing=100, free_ports=500)]
    assert split_net_adds(100, rows).net_adds == {"A": 5, "B": 95}


def test_what_no_project_can_hold_is_the_shortfall() -> None:
    split = split_net_adds(100, [Figures("A", free_ports=5), Figures("B", free_ports=7)])
    assert (split.net_adds, split.shortfall) == ({"A": 5, "B": 7}, 88)


def test_a_tie_goes_to_the_first_project_code() -> None:
    rows = [Figures("B", 10, 10, 10), Figures("A", 10, 10, 10), Figures("C", 10, 10, 10)]
    assert split_net_adds(4, rows).net_adds == {"A": 2, "B": 1, "C": 1}


def test_projects_without_any_figure_share_evenly() -> None:
    split = split_net_adds(-4, [Figures("A"), Figures("B"), Figures("C")])
    assert split.net_adds == {"A": -2, "B": -1, "C": -1}
    assert split.why("A") == {"even": -2.0}


def test_a_project_whose_remark_takes_its_weight_away_gets_nothing_and_is_not_said_to_share_evenly() -> None:
    split = split_net_adds(10, [Figures("A", 10, 10, 10, adjustment=-100), Figures("B", 10, 10, 10)])
    assert split.net_adds["A"] == 0
    assert split.why("A") == {"existing": 0.0, "free_ports": 0.0, "unserved": 0.0, "adjustment": 0.0}


def test_a_figure_by_hand_above_the_target_is_made_up_for_by_the_others() -> None:
    rows = [Figures("A", 10, 10, 10, manual=25), Figures("B", 10, 10, 10)]
    assert split_net_adds(20, rows).net_adds == {"A": 25, "B": -5}


def test_a_grid_without_projects_misses_all_of_its_target() -> None:
    assert (split_net_adds(7, []).net_adds, split_net_adds(7, []).missing) == ({}, 7)


def test_what_is_left_when_all_that_weigh_are_full_goes_to_the_others() -> None:
    rows = [Figures("A", 100, 5, 0), Figures("B", 0, 4, 0), Figures("C", 0, 9, 0)]
    split = split_net_adds(14, rows, Weights(40, 0, 0))
    assert split.net_adds == {"A": 5, "B": 4, "C": 5}
    assert split.why("B") == {"even": 4.0}


def test_points_are_hundredths_of_all_weight_whatever_the_weights_add_up_to() -> None:
    rows = [Figures("A", 100, 100, 100, adjustment=50), Figures("B", 100, 100, 100)]
    assert split_net_adds(60, rows, Weights(3, 2, 1)).net_adds == {"A": 40, "B": 20}
    alone = [Figures("A", 0, 100, 0, adjustment=10), Figures("B", 0, 100, 0, adjustment=30)]
    assert split_net_adds(40, alone, Weights(0, 0, 0)).net_adds == {"A": 10, "B": 30}


def test_two_projects_of_one_code_are_refused() -> None:
    with pytest.raises(ValueError, match="same code"):
        split_net_adds(5, [Figures("A", 1, 9), Figures("A", 2, 9)])


def test_figures_by_hand_alone_that_do_not_add_up_are_said_to_be_missing() -> None:
    split = split_net_adds(20, [Figures("A", manual=25)])
    assert (split.missing, split.shortfall) == (-5, 0)


@given(st.integers(0, 5_000), st.dictionaries(st.text(max_size=4), st.integers(0, 500), max_size=10))
def test_renewals_by_agent_add_up_to_the_target(target: int, expiring: dict[str, int]) -> None:
    shares = split_renewals(target, expiring)
    assert sum(shares.values()) == (target if expiring else 0)
    assert set(shares) == set(expiring)


def test_renewals_follow_the_contracts_expiring_with_each_agent() -> None:
    assert split_renewals(10, {"D1": 30, "D2": 10, "": 10}) == {"D1": 6, "D2": 2, "": 2}


def test_the_pool_comes_last_in_a_tie() -> None:
    assert split_renewals(1, {"": 5, "D1": 5}) == {"D1": 1, "": 0}


@given(st.integers(0, 10_000), st.lists(st.integers(0, 100), min_size=1, max_size=30).filter(any))
def test_largest_remainder_is_never_a_whole_unit_off(total: int, weights: list[int]) -> None:
    shares = largest_remainder(total, weights)
    assert sum(shares) == total
    assert all(abs(share - total * w / sum(weights)) < 1 for share, w in zip(shares, weights, strict=True))


def test_free_ports_are_never_negative_and_fall_back_to_billing_users() -> None:
    assert (free_ports(100, 130, 90), free_ports(100, None, 90), free_ports(None, None, 5)) == (0, 10, 0)


def test_unserved_households_are_the_occupied_ones_that_are_not_users() -> None:
    assert (unserved(500, 80, 150), unserved(500, None, 150), unserved(None, 80, 3)) == (250, 350, 0)
