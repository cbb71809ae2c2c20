"""Who lags behind the unit, and by which test."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renewals.rules_anomaly import Counts, compare, firm, lower_tail


def slow_tail(done: int, of: int, pace: Fraction) -> Fraction:
    """The same by exact fractions."""
    return sum(
        (math.comb(of, n) * pace**n * (1 - pace) ** (of - n) for n in range(min(done, of) + 1)), start=Fraction(0)
    )


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 60), st.integers(-1, 60), st.integers(0, 64))
def test_the_tail_is_the_exact_one(of: int, done: int, parts: int) -> None:
    exact = slow_tail(done, of, Fraction(parts, 64))
    assert lower_tail(done, of, parts / 64) == pytest.approx(float(exact), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("done", "pace"), [(70_700, 0.71), (71_000, 0.71), (71_300, 0.71), (50, 0.001), (99_990, 0.9999)]
)
def test_the_tail_holds_for_a_hundred_thousand(done: int, pace: float) -> None:
    terms = [
        math.lgamma(100_001) - math.lgamma(n + 1) - math.lgamma(100_001 - n) + n * math.log(pace)
        + (100_000 - n) * math.log1p(-pace)
        for n in range(done + 1)
    ]  # fmt: skip
    assert lower_tail(done, 100_000, pace) == pytest.approx(math.fsum(map(math.exp, terms)), rel=1e-6)


def test_what_can_hardly_be_is_a_tiny_number_not_an_error() -> None:
    assert 0 <= lower_tail(0, 100_000, 0.9) < 1e-300
    assert lower_tail(100_000, 100_000, 0.9) == 1
    assert lower_tail(3, 10, 0.0) == 1
    assert lower_tail(9, 10, 1.0) == 0


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3_000), st.floats(0.01, 0.99), st.data())
def test_more_done_is_never_less_probable(of: int, pace: float, data: st.DataObject) -> None:
    done = data.draw(st.integers(0, of - 1))
    assert lower_tail(done, of, pace) <= lower_tail(done + 1, of, pace) + 1e-12


def test_an_agent_far_behind_the_others_lags() -> None:
    found = compare(Counts(21, 48), Counts(71, 100), 10)
    assert found
    assert found.chance == pytest.approx(float(slow_tail(21, 48, Fraction(71, 100))))
    assert found.missing == pytest.approx(13.08)
    assert found.lags(5)
    ahead = compare(Counts(40, 48), Counts(71, 100), 10)
    assert ahead
    assert not ahead.lags(5)


def test_too_few_on_either_side_are_not_compare() -> None:
    assert compare(Counts(0, 9), Counts(100, 100), 10) is None
    assert compare(Counts(0, 100), Counts(9, 9), 10) is None
    assert compare(Counts(0, 0), Counts(0, 0), 0) is None


def test_one_miss_is_no_anomaly_where_all_others_are_done() -> None:
    found = compare(Counts(19, 20), Counts(30, 30), 10)
    assert found
    assert not found.lags(5)
    behind = compare(Counts(10, 20), Counts(30, 30), 10)
    assert behind
    assert behind.lags(5)


def test_of_many_tests_those_hold_that_hold_together() -> None:
    assert firm([0.04, 0.2, 0.5, 0.9], 5) == [False, False, False, False]
    assert firm([0.5, 0.001, 0.02, 0.9], 5) == [False, True, True, False]
    # a weak one is carried by a weaker one that holds
    assert firm([0.030, 0.04, 0.01], 5) == [True, True, True]
    assert firm([], 5) == []
