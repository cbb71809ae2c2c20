"""Whatever happens in whatever order: no contact is lost, nobody is listed twice, each failed call is followed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from renewals.choices import Outcome
from renewals.rules_course import BY_CONTACT
from tests.renewals.world import ROSTERS, World

pytestmark = [pytest.mark.django_db]

WHICH = st.integers(0, 2)
SAYABLE = sorted({said for step in BY_CONTACT for said in step.said})

contacts = st.tuples(
    st.just("contact"), st.integers(0, 3), st.sampled_from(SAYABLE), st.sampled_from([0, 0, 0, 30]), st.integers(0, 1)
)
acts = st.one_of(
    contacts,
    contacts,
    contacts,
    st.tuples(st.just("correction"), st.integers(0, 9), st.sampled_from(Outcome)),
    st.tuples(st.just("roster"), WHICH, st.sampled_from(list(ROSTERS))),
    st.tuples(st.just("undo")),
    st.tuples(st.just("make lists")),
    st.tuples(st.just("hand"), WHICH, WHICH),
    st.tuples(st.just("take up"), WHICH),
    st.tuples(st.just("number"), WHICH),
    st.tuples(st.just("wait"), st.sampled_from([1, 4, 25])),
    st.tuples(st.just("night")),
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
@given(st.lists(acts, min_size=4, max_size=14))
def test_whatever_is_done_in_whatever_order_everything_holds(db: None, bell: list[int], done: list[Any]) -> None:
    with transaction.atomic():
        world = World()
        for what, *values in done:
            world.do(what, *values)
        transaction.set_rollback(True)
