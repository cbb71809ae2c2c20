"""The course of a new project as arithmetic: plans that follow, days in order, moves (F1, F2)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects import rules_prospects as rules
from projects.models import Stage
from projects.rules_prospects import MoveFault, Plan

TODAY = date(2026, 11, 24)
DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))
EMPTY = dict.fromkeys(rules.STAGES)


def test_the_stages_are_those_that_rows_keep_in_their_order() -> None:
    assert list(rules.STAGES) == Stage.values


def test_a_step_is_due_so_many_days_from_the_planned_day_and_not_at_all_without_one() -> None:
    assert rules.due_day(date(2026, 12, 1), -15) == date(2026, 11, 16)
    assert rules.due_day(date(2026, 12, 1), 0) == date(2026, 12, 1)
    assert rules.due_day(None, -15) is None


def test_days_under_construction_run_until_acceptance_or_today() -> None:
    begun = date(2026, 1, 1)
    assert rules.days_under_construction(None, None, TODAY) is None
    assert rules.days_under_construction(begun, None, TODAY) == 327
    assert rules.days_under_construction(begun, date(2026, 3, 2), TODAY) == 60
    assert rules.months_taken(begun, date(2027, 1, 1)) == 12.0
    assert rules.months_taken(begun, None) is None


@pytest.mark.parametrize(
    ("day", "months", "wanted"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 24), 18, date(2028, 5, 24)),
        (date(2026, 11, 24), None, None),
        (None, 5, None),
        (date(2026, 11, 24), 32_000, None),
    ],
)
def test_months_are_added_to_a_day(day: date | None, months: int | None, wanted: date | None) -> None:
    assert rules.plus_months(day, months) == wanted


def test_acceptance_and_service_are_worked_out_from_the_start_of_construction() -> None:
    found = rules.proposed(Plan(), Plan(date(2026, 12, 1), 6))
    assert (found.accepted, found.live) == (date(2027, 6, 1), date(2027, 6, 15))


def test_days_that_follow_move_with_what_they_follow() -> None:
    before = rules.proposed(Plan(), Plan(date(2026, 12, 1), 6))
    after = rules.proposed(before, Plan(date(2027, 1, 1), 6, before.accepted, before.live))
    assert (after.accepted, after.live) == (date(2027, 7, 1), date(2027, 7, 15))


@given(st.builds(Plan, *[st.none() | DAYS, st.none() | st.integers(0, 60), st.none() | DAYS, st.none() | DAYS]), DAYS)
def test_a_typed_day_is_never_written_over(before: Plan, typed: date) -> None:
    after = Plan(before.building, before.months, before.accepted, typed)
    if typed != before.live:
        assert rules.proposed(before, after).live == typed
    own = date(2031, 5, 5)
    kept = Plan(before.building, before.months, own, before.live)
    moved = Plan(typed, 7, own, before.live)
    assert rules.proposed(kept, moved).accepted == own


def test_a_day_that_was_emptied_stays_empty_until_what_it_follows_changes() -> None:
    full = rules.proposed(Plan(), Plan(date(2026, 12, 1), 6))
    emptied = Plan(full.building, full.months, None, full.live)
    assert rules.proposed(full, emptied).accepted is None
    assert rules.proposed(emptied, emptied).accepted is None
    assert rules.proposed(emptied, Plan(date(2027, 1, 1), 6, None, full.live)).accepted == date(2027, 7, 1)


def test_days_the_wrong_way_round_are_named() -> None:
    days = [("approval", date(2026, 3, 1)), ("agreement", None), ("building", date(2026, 2, 1))]
    assert rules.out_of_order(days) == ("building", "approval")
    assert rules.out_of_order(days[:2]) is None


@pytest.mark.parametrize(
    ("given_days", "code", "stage"),
    [
        ({"building": TODAY}, "missing", "approval"),
        ({"approval": TODAY + timedelta(days=1)}, "future", "approval"),
        ({"approval": date(2026, 3, 1), "agreement": date(2026, 2, 1), "building": TODAY}, "order", "agreement"),
    ],
)
def test_a_move_names_the_day_that_can_not_be(given_days: dict[str, date], code: str, stage: str) -> None:
    with pytest.raises(MoveFault) as fault:
        rules.moved("found", "building", {**EMPTY, "found": date(2026, 1, 1)}, given_days, TODAY)
    assert (fault.value.code, fault.value.stage) == (code, stage)


@given(st.lists(st.tuples(st.sampled_from(rules.STAGES), st.lists(DAYS, min_size=5, max_size=5)), max_size=12))
def test_whatever_moves_are_made_days_stand_in_order_for_reached_stages_only(
    moves: list[tuple[str, list[date]]],
) -> None:
    stage, actual = "found", {**EMPTY, "found": date(2025, 1, 1)}
    for to, days in moves:
        try:
            actual = rules.moved(stage, to, actual, dict(zip(rules.STAGES[1:], days, strict=True)), TODAY)
        except MoveFault:
            continue
        stage = to
        assert rules.out_of_order(actual.items()) is None
        known = [name for name, day in actual.items() if day]
        assert known == list(rules.STAGES[: rules.rank(stage) + 1])
        assert all(day <= TODAY for day in actual.values() if day)
