"""What is computed of a project's figures, and where they contradict each other (P1, P2)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridops.workbooks.cleaning import CellFault, Noted
from projects import rules
from projects.grids import BASICS, INDICATORS, GridColumn, plain, wired
from projects.models import MonthlyIndicator, Project
from projects.rules import Figures, basic_contradictions, contradictions

TYPED = [column for column in (*BASICS, *INDICATORS) if column.reader is not None]
some = st.none() | st.integers(0, 100_000)
signed = st.none() | st.integers(-100_000, 100_000)
percent = st.none() | st.decimals(0, 100, places=2)
figures = st.builds(
    Figures,
    billing_users=some,
    users_before=some,
    net_adds=signed,
    renewals_due=some,
    renewals_done=some,
    ports=some,
    ports_used=some,
    households=some,
    occupancy=percent,
)


def codes(told: Figures) -> set[str]:
    return {one.code for one in contradictions(told)}


@given(figures)
def test_only_figures_that_are_known_contradict_each_other(told: Figures) -> None:
    for one in contradictions(told) + basic_contradictions(told):
        assert one.one is not None
        assert one.other is not None
        assert one.one != one.other
        assert len(one.numbers) <= 120


@given(figures)
def test_each_contradiction_is_asked_once(told: Figures) -> None:
    for found in (contradictions(told), basic_contradictions(told)):
        assert len({one.code for one in found}) == len(found)


@given(figures)
def test_the_same_figures_give_the_same_numbers_and_others_give_others(told: Figures) -> None:
    assert [one.numbers for one in contradictions(told)] == [one.numbers for one in contradictions(told)]
    if told.billing_users is not None and "users_over_ports" in codes(told):
        more = Figures(billing_users=told.billing_users + 1, ports=told.ports)
        before = {one.code: one.numbers for one in contradictions(told)}
        after = {one.code: one.numbers for one in contradictions(more)}
        assert before["users_over_ports"] != after["users_over_ports"]


@given(users=st.integers(0, 10_000), before=st.integers(0, 10_000))
def test_net_adds_that_are_what_users_grew_by_are_not_asked(users: int, before: int) -> None:
    told = Figures(billing_users=users, users_before=before, net_adds=users - before)
    assert "net_adds_differ" not in codes(told)
    assert rules.net_adds(None, users, before) == users - before
    assert rules.net_adds(5, users, before) == 5


@given(part=st.integers(0, 10_000), whole=st.integers(1, 10_000))
def test_a_share_is_over_100_exactly_when_the_part_is_over_the_whole(part: int, whole: int) -> None:
    told = Figures(ports_used=part, ports=whole)
    assert ("used_over_ports" in codes(told)) == (part > whole)
    share = rules.share(part, whole)
    assert share is not None
    assert share >= 0
    if part <= whole:
        assert share <= 100


@pytest.mark.parametrize(
    ("told", "code", "numbers"),
    [
        (Figures(ports_used=410, ports=400), "used_over_ports", "410/400"),
        (Figures(billing_users=410, ports=400), "users_over_ports", "410/400"),
        (Figures(billing_users=410, households=500, occupancy=80), "users_over_homes", "410/400.0"),
        (Figures(net_adds=5, billing_users=410, users_before=400), "net_adds_differ", "5/10"),
        (Figures(renewals_done=36, renewals_due=35), "renewed_over_due", "36/35"),
    ],
)
def test_what_is_asked(told: Figures, code: str, numbers: str) -> None:
    assert [(one.code, one.numbers) for one in contradictions(told)] == [(code, numbers)]


@given(column=st.sampled_from(TYPED), text=st.text(max_size=40) | st.from_regex(r"-?[0-9,.]{1,12}%?", fullmatch=True))
def test_any_text_is_read_or_refused_and_what_is_read_is_what_is_stored(column: GridColumn, text: str) -> None:
    assert column.reader is not None
    try:
        read = column.reader.read(text)
    except CellFault:
        return
    value = read.value if isinstance(read, Noted) else read
    model: Any = Project if column in BASICS else MonthlyIndicator
    stored = model._meta.get_field(column.field).to_python(value)
    assert plain(stored) == value
    assert wired(stored) is None or isinstance(wired(stored), int | float | str)


def test_nothing_is_computed_of_what_is_not_there() -> None:
    assert rules.share(1, None) is None
    assert rules.share(1, 0) is None
    assert rules.share(None, 5) is None
    assert rules.penetration(80, 100, None) == 80.0
    assert rules.penetration(80, None, 50) is None
    assert rules.penetration(40, 100, 80) == 50.0
    assert rules.average_revenue(None, 5) is None
    assert rules.average_revenue(100, 0) is None
    assert rules.average_revenue(100, 3) == 33.33
    assert rules.difference(None, 3) is None
