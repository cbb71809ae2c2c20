"""Two supervisors hand down at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from gridops.accounts.models import Grid, User
from plans.models import Target, UnitTarget
from plans.services_handdown import Wanted, hand_down

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("places", [("net_adds", "net_adds"), ("net_adds", "talks")], ids=["same", "other"])
def test_the_same_figure_clashes_and_different_ones_are_both_kept(
    supervisor: User, admin_user: User, grid: Grid, other_grid: Grid, places: tuple[str, str]
) -> None:
    start = Barrier(2)

    def act(person: User, goal: str, figure: str) -> bool:
        cells = {f"{pk}-{goal}": (figure, "") for pk in (grid.pk, other_grid.pk, "u")}
        try:
            start.wait(10)
            return not hand_down(Wanted(grid.unit_id, "2026-12", cells), person).clashes
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        acts = [
            pool.submit(act, person, goal, figure)
            for person, goal, figure in ((supervisor, places[0], "5"), (admin_user, places[1], "7"))
        ]
        done = [one.result() for one in acts]
    rows = list(Target.objects.values_list("net_adds", "talks")) + list(
        UnitTarget.objects.values_list("net_adds", "talks")
    )
    assert len(rows) == 3
    assert len(set(rows)) == 1
    if places[0] == places[1]:
        assert sorted(done) == [False, True]
        assert rows[0] == ((5, None) if done[0] else (7, None))
    else:
        assert done == [True, True]
        assert rows[0] == (5, 7)
