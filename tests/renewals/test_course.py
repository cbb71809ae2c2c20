"""The course of a warning: as drawn, as data, and whatever is said in whatever order (C4, N4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as thorough
from hypothesis import strategies as st

from gridops.accounts.rulebook import RULES
from renewals.choices import OPEN, Loss, Medium, Outcome, State, Step
from renewals.rules_course import (
    BY_CONTACT,
    EVENTS,
    FAILED_CALL,
    LADDER_RULES,
    TRANSITIONS,
    Said,
    after_promise,
    first_step,
    ladder_of,
    refusal,
)
from renewals.rules_replay import Course, Entry, Impossible, Reopened, replay
from tests.renewals.course_drawing import drawing

EXPIRES = date(2026, 12, 5)
START = datetime(2026, 11, 20, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
LADDER = ladder_of({key: RULES[key].default for key in LADDER_RULES})
SAYABLE = sorted({said for step in BY_CONTACT for said in step.said})
ALL_SAYABLE = [(medium, outcome) for medium in Medium for outcome in Outcome]


def test_the_drawing_in_the_docs_is_the_data() -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "renewals.md").read_text()
    drawn = text.split("<!-- course -->")[1].split("<!-- /course -->")[0]
    assert drawn.strip() == drawing(), "python -m tests.renewals.course_drawing prints what belongs there"


def test_each_step_is_named_once_and_each_contact_leads_from_each_open_state() -> None:
    assert len(EVENTS) == len(TRANSITIONS)
    for state in State:
        for medium, outcome in ALL_SAYABLE:
            possible = state in OPEN and (medium, outcome) in SAYABLE
            assert bool(refusal(state, medium, outcome)) is not possible, (state, medium, outcome)
    left_out = {(Medium.VISIT, Outcome.WRONG_NUMBER), (Medium.CALL, Outcome.VOID), (Medium.VISIT, Outcome.VOID)}
    assert set(ALL_SAYABLE) - set(SAYABLE) == left_out


def test_every_state_is_reached_and_none_is_a_dead_end_but_by_design() -> None:
    assert {target for step in TRANSITIONS for target in step.targets} == set(State)
    assert {source for step in TRANSITIONS for source in step.sources} == set(State)


def test_a_ladder_is_in_order_whatever_the_rules_are() -> None:
    assert LADDER.calls == (-15, -5, 0, 7, 30)
    crossed = {key: RULES[key].default for key in LADDER_RULES} | {"renewal_call_second": 20, "renewal_call_day": 20}
    assert ladder_of(crossed).calls == (-20, -15, 7, 30)
    assert first_step(EXPIRES, LADDER) == (Step.CALL, date(2026, 11, 20))
    assert LADDER.next_call(EXPIRES, date(2026, 12, 6)) == date(2026, 12, 12)
    assert LADDER.next_call(EXPIRES, date(2027, 1, 5)) is None


@pytest.mark.parametrize(
    ("promised", "said", "expected"),
    [
        (date(2026, 11, 29), date(2026, 11, 21), (Step.PROMISE, date(2026, 11, 29))),
        (date(2026, 11, 30), date(2026, 11, 21), (Step.PROMISE, date(2026, 11, 30))),
        (date(2026, 12, 4), date(2026, 11, 21), (Step.CALL, date(2026, 11, 30))),
        (date(2026, 12, 4), date(2026, 11, 30), (Step.PROMISE, date(2026, 12, 4))),
        (date(2027, 1, 30), date(2027, 1, 10), (Step.PROMISE, date(2027, 1, 30))),
    ],
)
def test_a_promise_is_asked_about_on_its_day_or_reminded_of_before(
    promised: date, said: date, expected: tuple[Step, date]
) -> None:
    assert after_promise(promised, said, EXPIRES, LADDER) == expected


# --- Whatever is said ---


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    """Contacts at random hours, in the order in which they were recorded."""
    told = draw(st.lists(st.tuples(st.sampled_from(SAYABLE), st.integers(0, 60)), max_size=8))
    rows = []
    for pk, ((medium, outcome), hours) in enumerate(told, 1):
        promised = (START + timedelta(hours=hours, days=3)).date() if outcome == Outcome.PROMISED else None
        loss = Loss.PRICE.value if outcome in (Outcome.REFUSED, Outcome.MOVED) else ""
        said = Said(medium, outcome, START + timedelta(hours=hours), promised_on=promised, loss=loss)
        rows.append(Entry(said, pk, pk))
    return rows


def played(rows: list[Entry], reopened: list[Reopened], has_agent: bool = True) -> Course:
    return replay(rows, reopened, expires_on=EXPIRES, has_agent=has_agent, ladder=LADDER)


def kept(rows: list[Entry], reopened: list[Reopened]) -> list[Entry]:
    """Of ``rows``, one after the other as they are recorded, those that are not refused."""
    done: list[Entry] = []
    for row in rows:
        try:
            played([*done, row], reopened)
        except Impossible:
            continue
        done.append(row)
    return done


reopenings = st.lists(
    st.builds(
        lambda hours, number: Reopened(START + timedelta(hours=hours), number), st.integers(0, 60), st.booleans()
    ),
    max_size=2,
)


@thorough(max_examples=400, deadline=None)
@given(entries(), reopenings, st.booleans())
def test_whatever_is_said_the_course_holds(rows: list[Entry], reopened: list[Reopened], has_agent: bool) -> None:
    done = kept(rows, reopened)
    course = played(done, reopened, has_agent)
    standing = course.standing
    assert standing.contacts_made == len(done) == len(course.steps)
    assert (standing.next_on is not None) is standing.is_open is bool(standing.next_step)
    assert bool(standing.renewed_on) is (standing.state == State.RENEWED)
    assert bool(standing.lost_on and standing.loss) is (standing.state == State.LOST)
    for entry, before, after in course.steps:
        ways = [step for step in BY_CONTACT if (entry.said.medium, entry.said.outcome) in step.said]
        assert any(before in step.sources and after in step.targets for step in ways)


@thorough(max_examples=400, deadline=None)
@given(entries(), reopenings)
def test_each_failed_call_has_a_visit_or_an_outcome(rows: list[Entry], reopened: list[Reopened]) -> None:
    course = played(kept(rows, reopened), reopened)
    waiting = [visit for visit in course.visits if visit.settled_by is None]
    assert len(waiting) <= 1
    assert bool(waiting) is (course.standing.state == State.SECOND_VISIT)
    assert all(visit.settled_by.said.at >= visit.opened_by.said.at for visit in course.visits if visit.settled_by)
    order = [entry for entry, _before, _after in course.steps]
    for entry in order:
        if (entry.said.medium, entry.said.outcome) in FAILED_CALL:
            assert any(covers(order, visit.opened_by, visit.settled_by, entry) for visit in course.visits)


def covers(order: list[Entry], opened: Entry, settled: Entry | None, entry: Entry) -> bool:
    """Whether a visit was owed right after ``entry``."""
    last = order.index(settled) if settled else len(order)
    return order.index(opened) <= order.index(entry) < last


@thorough(max_examples=400, deadline=None)
@given(entries(), reopenings, st.data())
def test_what_is_taken_back_leaves_no_trace_and_can_always_be(
    rows: list[Entry], reopened: list[Reopened], data: st.DataObject
) -> None:
    done = kept(rows, reopened)
    if not done:
        return
    gone = data.draw(st.sampled_from(done))
    rest = [entry for entry in done if entry is not gone]
    without = played(rest, reopened)
    assert gone not in [visit.opened_by for visit in without.visits]
    assert without.standing.contacts_made == len(rest)


@thorough(max_examples=200, deadline=None)
@given(entries(), st.data())
def test_the_order_in_which_contacts_are_read_does_not_matter(rows: list[Entry], data: st.DataObject) -> None:
    done = kept(rows, [])
    assert played(data.draw(st.permutations(done)), []).standing == played(done, []).standing


@thorough(max_examples=200, deadline=None)
@given(entries())
def test_said_again_with_another_remark_it_leads_to_the_same(rows: list[Entry]) -> None:
    done = kept(rows, [])
    said_better = [replace(entry, pk=100 + (entry.pk or 0), said=replace(entry.said, note="x")) for entry in done]
    assert played(said_better, []).standing == played(done, []).standing
