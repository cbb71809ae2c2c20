"""Working days and weeks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gridops.common.weeks import Week
from gridops.common.workdays import Calendar

FRIDAY = date(2026, 11, 27)


def test_without_holidays_monday_to_friday_are_worked() -> None:
    days = Calendar()
    assert days.after(FRIDAY, 3) == date(2026, 12, 2)
    assert days.after(FRIDAY + timedelta(days=1), 0) == date(2026, 11, 30)
    assert days.after(FRIDAY, 0) == FRIDAY


def test_a_holiday_is_passed_over_and_a_make_up_day_is_worked() -> None:
    days = Calendar({date(2026, 11, 28): True, date(2026, 11, 30): False})
    assert days.after(FRIDAY, 1) == date(2026, 11, 28)
    assert days.after(FRIDAY, 2) == date(2026, 12, 1)
    assert days.days(date(2026, 11, 27), date(2026, 12, 1)) == [FRIDAY, date(2026, 11, 28), date(2026, 12, 1)]


@pytest.mark.parametrize(
    ("day", "text"),
    [(date(2026, 11, 24), "2026-W48"), (date(2027, 1, 3), "2026-W53"), (date(2024, 12, 30), "2025-W01")],
)
def test_a_week_belongs_to_the_year_of_its_thursday(day: date, text: str) -> None:
    week = Week.of(day)
    assert str(week) == text
    assert Week.parse(text) == week
    assert week.first <= day <= week.last


def test_weeks_are_counted_over_the_end_of_the_year() -> None:
    assert Week.parse("2026-W53").plus(1) == Week(2027, 1)
    assert Week(2027, 1).plus(-1) == Week(2026, 53)


@pytest.mark.parametrize("text", ["2025-W53", "2026-W00", "2026-W7", "2026-48", "W48", "", "３026-W01", "9999-W01"])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"week|Week"):
        Week.parse(text)
