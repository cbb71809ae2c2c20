"""Quiet hours, one message a day, and how long to wait after a failure: pure rules."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridops.notices import rules

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
MAYBE = st.none() | MINUTES
MOMENTS = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - strategies add the zone
    max_value=datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.just(SHANGHAI),
)
DAY = timedelta(days=1)


@given(MOMENTS, MAYBE, MAYBE, MAYBE)
def test_what_may_be_sent_is_never_sent_early_nor_in_quiet_hours_and_within_two_days(
    now: datetime, start: time | None, end: time | None, digest: time | None
) -> None:
    found = rules.earliest(now, start, end, digest)
    assert now <= found <= now + 2 * DAY
    assert not rules.is_quiet(found.time(), start, end)
    if digest is None and not rules.is_quiet(now.time(), start, end):
        assert found == now
    if digest is not None and not rules.is_quiet(digest, start, end):
        assert found.time() == digest
        assert found - now < DAY


@given(MINUTES, MINUTES, MINUTES)
def test_a_window_and_its_other_side_cover_the_day(at: time, start: time, end: time) -> None:
    if start != end:
        assert rules.is_quiet(at, start, end) != rules.is_quiet(at, end, start)
    else:
        assert not rules.is_quiet(at, start, end)


@given(MOMENTS, MINUTES, MINUTES)
def test_after_the_quiet_hours_comes_their_end(now: datetime, start: time, end: time) -> None:
    found = rules.after_quiet(now, start, end)
    assert found == now or (found.time() == end and found - now < DAY)
    assert rules.after_quiet(found, start, end) == found


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        ("2026-11-24 12:00", "2026-11-24 12:00"),
        ("2026-11-24 21:29", "2026-11-24 21:29"),
        ("2026-11-24 21:30", "2026-11-25 07:30"),
        ("2026-11-24 23:59", "2026-11-25 07:30"),
        ("2026-11-25 00:00", "2026-11-25 07:30"),
        ("2026-11-25 07:29", "2026-11-25 07:30"),
        ("2026-11-25 07:30", "2026-11-25 07:30"),
    ],
)
def test_quiet_hours_over_midnight(now: str, sent: str) -> None:
    at = [datetime.fromisoformat(text).replace(tzinfo=SHANGHAI) for text in (now, sent)]
    assert rules.earliest(at[0], time(21, 30), time(7, 30), None) == at[1]


def test_after_each_failure_the_wait_grows_and_the_fifth_ends_it() -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=SHANGHAI)
    waits = [rules.next_try(attempts, now) for attempts in range(1, 6)]
    assert [found and (found - now) // timedelta(minutes=1) for found in waits] == [1, 5, 30, 120, None]
