"""The first draft of the timetable: a fair rotation (S4)."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gridops.common.months import Month
from promotions.rules import SLOTS, Planned, fair_rotation

DECEMBER = Month(2026, 12)
PROJECTS = st.lists(st.integers(1, 10_000), min_size=1, max_size=25, unique=True)
PER_DAY = st.integers(0, 6)


@given(PROJECTS, PER_DAY)
def test_every_day_gets_its_sessions_as_far_as_there_are_slots(projects: list[int], per_day: int) -> None:
    planned = fair_rotation(projects, DECEMBER.days, per_day)
    counts = Counter(session.day for session in planned)
    assert all(counts[day] == min(per_day, len(projects) * len(SLOTS)) for day in DECEMBER.days)


@given(PROJECTS, PER_DAY)
def test_no_project_has_two_sessions_more_than_another(projects: list[int], per_day: int) -> None:
    counts = Counter(session.project for session in fair_rotation(projects, DECEMBER.days, per_day))
    held = [counts[project] for project in projects]
    assert max(held) - min(held) <= 1


@given(PROJECTS, PER_DAY)
def test_no_project_comes_twice_on_a_day_while_another_has_not_come(projects: list[int], per_day: int) -> None:
    by_day: dict[date, Counter[int]] = defaultdict(Counter)
    for session in fair_rotation(projects, DECEMBER.days, per_day):
        by_day[session.day][session.project] += 1
    for counts in by_day.values():
        assert max(counts.values()) == 1 or len(counts) == len(projects)


@given(PROJECTS, PER_DAY)
def test_a_slot_of_a_project_is_taken_once(projects: list[int], per_day: int) -> None:
    planned = fair_rotation(projects, DECEMBER.days, per_day)
    assert len({(s.project, s.day, s.slot) for s in planned}) == len(planned)


@given(st.lists(st.integers(1, 100), min_size=2, max_size=25, unique=True))
def test_the_two_sessions_of_a_day_are_in_different_slots_and_projects(projects: list[int]) -> None:
    planned = fair_rotation(projects, DECEMBER.days, 2)
    for one, two in zip(planned[::2], planned[1::2], strict=True):
        assert one.day == two.day
        assert one.slot != two.slot
        assert one.project != two.project


def test_a_project_s_slots_take_turns() -> None:
    slots = [s.slot for s in fair_rotation([1, 2, 3, 4], DECEMBER.days, 2) if s.project == 1]
    assert all(one != other for one, other in pairwise(slots))


@given(PROJECTS, PER_DAY, st.data())
def test_sessions_that_exist_stay_and_count(projects: list[int], per_day: int, data: st.DataObject) -> None:
    chosen = st.builds(Planned, st.sampled_from(projects), st.sampled_from(DECEMBER.days[:5]), st.sampled_from(SLOTS))
    kept = data.draw(st.lists(chosen, max_size=8, unique=True))
    planned = fair_rotation(projects, DECEMBER.days, per_day, kept)
    assert not set(planned) & set(kept)
    counts = Counter(session.day for session in [*planned, *kept])
    room = min(per_day, len(projects) * len(SLOTS))
    already = Counter(session.day for session in kept)
    assert all(counts[day] == max(room, already[day]) for day in DECEMBER.days)


def test_without_projects_there_is_nothing_to_plan() -> None:
    assert fair_rotation([], DECEMBER.days, 2) == []


def test_a_single_project_takes_every_session_in_different_slots() -> None:
    planned = fair_rotation([7], DECEMBER.days[:1], 2)
    assert [session.slot for session in planned] == ["morning", "afternoon"]
