"""What is done first, why, and how people walk: pure rules of the work list, and chances."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from renewals import rules_chance
from renewals.rules_chance import Counted
from renewals.rules_work import Facts, Group, building_order, group_of, next_words, promise_days, why

TODAY = date(2026, 11, 24)  # a Tuesday
pytestmark = pytest.mark.usefixtures("english")


def facts(step: str, next_on: int, expires_on: int = 30, **more: Any) -> Facts:
    return Facts(step, date(2026, 11, next_on), date(2026, 11, expires_on), **more)


@pytest.mark.parametrize(
    ("given", "text", "late"),
    [
        (facts("promise", 24), "promised to renew today", False),
        (facts("promise", 22), "promised for 2 days ago, not kept", True),
        (facts("promise", 25), "promised to renew tomorrow", False),
        (facts("visit", 22), "second visit overdue by 2 days", True),
        (facts("visit", 24), "second visit due today", False),
        (facts("call", 15, 25), "expires tomorrow", False),
        (facts("call", 15, 24), "expires today", False),
        (facts("call", 23, 17), "expired 7 days ago", True),
        (facts("number", 24), "nobody was met: find the right number", False),
    ],
)
def test_the_first_reason_says_what_is_due(given: Facts, text: str, late: bool) -> None:
    first = why(given, TODAY)[0]
    assert (first.text, first.late) == (text, late)


def test_what_ranks_a_row_is_said_too() -> None:
    said = [one.text for one in why(facts("call", 15, chance=78, alike=412, fee=Decimal("159.00")), TODAY)]
    assert said[1:] == ["not contacted yet", "159 yuan a month", "of the like of them 78% renewed (412 people)"]


def test_expired_ones_are_won_back_after_those_still_to_expire() -> None:
    assert group_of("call", TODAY, TODAY) == Group.CALLS
    assert group_of("call", date(2026, 11, 23), TODAY) == Group.WINBACK
    assert list(Group) == [Group.PROMISES, Group.VISITS, Group.CALLS, Group.WINBACK, Group.NUMBERS]


@pytest.mark.parametrize(
    ("expires_on", "days"),
    [
        (date(2026, 11, 30), [25, 28, 30]),
        (date(2026, 11, 28), [25, 28]),
        (date(2026, 11, 20), [25, 28]),
        (date(2026, 11, 24), [25, 28]),
    ],
)
def test_days_to_promise_for_are_to_come_and_offered_once(expires_on: date, days: list[int]) -> None:
    assert [day.day for _, day in promise_days(TODAY, expires_on)] == days


def test_doors_follow_each_other_as_one_walks() -> None:
    mixed = ["", "10栋1单元101", "2栋1单元1002", "2栋1单元902"]
    assert sorted(mixed, key=building_order) == mixed[::-1]


def test_what_is_closed_has_nothing_next() -> None:
    assert next_words("renewed", "", None) == "Closed; the roster will confirm it."
    assert next_words("lost", "", None) == "Nothing more to do."
    assert next_words("second_visit", "visit", date(2026, 11, 26)).startswith("Next: second visit at the door by ")


def test_a_thin_band_gives_way_to_the_wider_one() -> None:
    counted = rules_chance.widened(
        {
            ("100", True): Counted(19, 19),
            ("100", False): Counted(20, 5),
            ("60", True): Counted(30, 15),
            ("60", False): Counted(3, 0),
        }
    )
    assert rules_chance.chosen("100", False, counted) == Counted(20, 5)
    assert rules_chance.chosen("100", True, counted) == Counted(49, 34)  # all that stayed
    assert rules_chance.chosen("more", False, counted) == Counted(23, 5)
    assert rules_chance.chosen("100", True, rules_chance.widened({("100", True): Counted(19, 1)})) is None
