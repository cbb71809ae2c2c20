"""The first steps that figures propose for a plan: what is proposed from what, and what is read for it (S1)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gridops.accounts.models import Grid, Unit
from gridops.common.months import Month
from plans.material_steps import load_hints
from plans.rules import Figures
from plans.rules_steps import MOST, Behind, Ground, Hints, Limits, Place, Step, propose
from projects.models import MonthlyIndicator, Project, Prospect
from tests import factories
from tests.plans.conftest import DECEMBER, NOVEMBER

pytestmark = pytest.mark.usefixtures("english")
NOTHING: dict[str, object] = {"talks": None, "new_outlets": None}
THE_23RD = date(2026, 11, 23)


def place(number: int, share: int = 0, utilisation: float | None = 70, unserved: int = 0) -> Place:
    figures = Figures(f"P{number}", existing=0, free_ports=10, unserved=unserved)
    return Place(number, f"Compound {number}", figures, utilisation, share)


def steps(*places: Place, hints: Hints | None = None, expiring: int = 0, pool: int = 0, **goals: object) -> list[Step]:
    ground = Ground(places, NOTHING | goals, expiring, pool, hints or Hints())
    return propose(ground, DECEMBER, "Wang", Limits())


def test_the_three_largest_shares_are_promoted() -> None:
    found = steps(place(1, 3), place(2, 9), place(3), place(4, 5), place(5, 4))
    assert [step.project for step in found] == [2, 4, 5]
    assert "9 net adds" in found[0].what
    assert (found[0].who, found[0].due_on, found[0].measure) == ("Wang", date(2026, 12, 28), "net adds: 9")


def test_full_ports_with_households_that_could_join_are_added_to() -> None:
    found = steps(place(1, utilisation=95, unserved=40), place(2, utilisation=95), place(3, utilisation=89, unserved=9))
    assert [step.project for step in found] == [1]
    assert "40 households" in found[0].what


def test_the_weakest_utilisation_is_asked_about_if_it_is_weak() -> None:
    assert [step.project for step in steps(place(1, utilisation=49), place(2, utilisation=30))] == [2]
    assert steps(place(1, utilisation=50), place(2, utilisation=None)) == []


def test_losses_of_several_months_running_are_to_be_stopped() -> None:
    hints = Hints(losing={1: (3, 12), 2: (2, 90), 9: (5, 5)})
    [step] = steps(place(1), place(2), hints=hints)
    assert (step.project, "12 users" in step.what) == (1, True)


def test_a_goal_behind_expiring_contracts_talks_and_outlets_each_have_a_step() -> None:
    hints = Hints(behind=[Behind("net_adds", 5, 30, THE_23RD)], prospects=["East", "West", "North", "South"])
    found = steps(hints=hints, expiring=8, pool=2, talks=3, new_outlets=1)
    assert ["5 of 30" in found[0].what, "8" in found[1].what, "2" in found[2].what] == [True] * 3
    assert "East、West、North" in found[3].what
    assert len(found) == 5


def test_there_are_never_too_many_and_none_is_too_long() -> None:
    hints = Hints(losing=dict.fromkeys(range(9), (6, 9)), behind=[Behind("installs", 1, 9, THE_23RD)] * 9)
    long = Place(1, "名" * 300, Figures("P", 0, 10, 9), 95, 4)
    found = steps(
        long, *(place(n, 9, 95, 9) for n in range(9)), hints=hints, expiring=9, pool=9, talks=9, new_outlets=9
    )
    assert len(found) <= MOST
    assert max(len(step.what) for step in found) <= 200


# --- What is read ---


@pytest.fixture
def losses(project: Project) -> list[MonthlyIndicator]:
    return [
        factories.make_indicator(project, Month(2026, month), billing_users=100, net_adds=net_adds)
        for month, net_adds in ((7, -9), (8, 2), (9, -1), (10, -3))
    ]


def hints_of(grid: Grid) -> Hints:
    return load_hints(Grid.objects.filter(pk=grid.pk), DECEMBER, THE_23RD, 85).get(grid.pk, Hints())


@pytest.mark.django_db
def test_losses_are_counted_back_from_the_last_month_reported(grid: Grid, project: Project, losses: list[Any]) -> None:
    assert hints_of(grid).losing == {project.pk: (2, 4)}
    november = factories.make_indicator(project, NOVEMBER, billing_users=100, net_adds=-2)
    assert hints_of(grid).losing == {project.pk: (3, 6)}
    november.net_adds = 0
    november.save()
    assert hints_of(grid).losing == {}


@pytest.mark.django_db
def test_the_goal_that_lags_most_is_behind(grid: Grid, project: Project) -> None:
    factories.make_target(grid, NOVEMBER, net_adds=30, renewals=30)
    factories.make_indicator(project, NOVEMBER, billing_users=100, net_adds=20, renewals_done=10)
    [behind] = hints_of(grid).behind
    assert (behind.goal, behind.value, behind.target) == ("renewals", 10, 30)


@pytest.mark.django_db
def test_new_projects_under_way_are_named_those_without_a_talk_first(grid: Grid, manager: Any) -> None:
    talked, fresh = (Prospect.objects.create(grid=grid, name=name) for name in ("A", "B"))
    talked.talks.create(held_on=date(2026, 11, 2), text="x", by=manager)
    Prospect.objects.create(grid=grid, name="C", closed_on=THE_23RD, closed_reason="x")
    assert hints_of(grid).prospects == [fresh.name, talked.name]


@pytest.mark.django_db
def test_what_is_read_takes_the_same_number_of_queries_for_any_number_of_grids(unit: Unit, losses: list[Any]) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            load_hints(Grid.objects.filter(unit=unit), DECEMBER, THE_23RD, 85)
        return len(queries)

    few = count()
    for _ in range(5):
        factories.make_indicator(factories.make_project(factories.make_grid(unit)), NOVEMBER, net_adds=-3)
    assert count() == few
