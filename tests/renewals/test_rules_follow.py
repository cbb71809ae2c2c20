"""What a day should show, which day of another month is the same, who stands where."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gridops.common.months import Month
from renewals.rules_follow import Basis, Counts, Course, days_shown, expected, rank, running, same_day, share

NOV, OCT, SEP, FEB = Month(2026, 11), Month(2026, 10), Month(2026, 9), Month(2026, 2)
TODAY = date(2026, 11, 24)


def course(month: Month, size: int, **renewed: int) -> Course:
    """A month in which ``size`` contracts expire on the 10th, and so many renewed on each day (``d5=3``)."""
    days = {month.day(int(name[1:])): number for name, number in renewed.items()}
    return Course(month, {month.day(10): size}, days, {})


@pytest.mark.parametrize(
    ("day", "other", "same"),
    [
        (date(2026, 11, 24), OCT, date(2026, 10, 24)),
        (date(2026, 11, 30), FEB, date(2026, 2, 28)),  # a shorter month: its last day
        (date(2026, 10, 20), OCT, date(2026, 9, 19)),  # twelve days before it begins
        (date(2026, 12, 5), OCT, date(2026, 11, 5)),  # five days after it ended
    ],
)
def test_the_same_day_of_another_month(day: date, other: Month, same: date) -> None:
    assert same_day(NOV, day, other) == same


def test_a_share_of_nothing_is_unknown() -> None:
    assert share(0, 0) is None
    assert Counts().rate is None
    assert Counts(expiring=4, renewed=1, confirmed=1).rate == 25
    assert Counts(renewed=3, confirmed=1).claimed == 2


def test_what_is_expected_is_how_far_earlier_months_were_on_the_day() -> None:
    past = [course(OCT, 100, d5=20, d20=40), course(SEP, 100, d20=60)]
    found = expected(course(NOV, 10), past, [], NOV.days, TODAY, 100)
    assert (found.basis, found.months, found.contracts) == (Basis.OWN, 2, 200)
    assert [found.shares[NOV.day(number)] for number in (4, 5, 19, 20, 30)] == [0, 10, 10, 60, 60]


def test_a_month_that_is_not_past_the_last_day_shown_says_nothing() -> None:
    december = Month(2026, 12)
    past = [course(NOV, 500, d1=500), course(OCT, 500, d1=250)]
    found = expected(course(december, 10), past, [], december.days, TODAY, 100)
    assert (found.months, found.shares[december.last]) == (1, 50)


def test_too_few_contracts_here_the_whole_unit_is_asked_then_the_days_of_expiry() -> None:
    few, many = [course(OCT, 99, d5=99)], [course(OCT, 100, d5=50)]
    this = course(NOV, 10)
    assert expected(this, few, many, NOV.days, TODAY, 100).basis == Basis.UNIT
    found = expected(this, few, few, NOV.days, TODAY, 100)
    assert (found.basis, found.shares[NOV.day(9)], found.shares[NOV.day(10)]) == (Basis.EXPIRY, 0, 100)


def test_what_renewed_before_the_first_day_shown_is_counted() -> None:
    days = {date(2026, 10, 1): 4, NOV.day(2): 1}
    assert running(days, NOV.days[:3]) == [4, 5, 5]


def test_the_curve_begins_with_the_first_calls_and_ends_with_the_win_back_window() -> None:
    running_month = days_shown(NOV, TODAY, 15, 60)
    assert (running_month[0], running_month[-1]) == (date(2026, 10, 17), NOV.last)
    assert days_shown(OCT, TODAY, 15, 60)[-1] == TODAY
    assert days_shown(FEB, TODAY, 15, 60)[-1] == FEB.last + timedelta(days=60)


def test_equal_rates_share_a_place_and_too_few_contracts_have_none() -> None:
    counts = {
        1: Counts(expiring=10, renewed=5),
        2: Counts(expiring=100, renewed=50),
        3: Counts(expiring=10, renewed=9),
        4: Counts(expiring=10, renewed=1),
        5: Counts(expiring=4, renewed=4),
    }
    assert [(one.place, one.of, one.tied) for one in (rank(counts, key, 5) for key in (3, 1, 4, 5))] == [
        (1, 4, 0), (2, 4, 1), (4, 4, 0), (None, 4, 0),
    ]  # fmt: skip
