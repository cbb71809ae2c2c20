"""Many people at one ledger at once: no edit is lost, and of two at one cell exactly one wins (P1, P2, P3)."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from gridops.accounts.models import Grid, Role, User
from projects.grids_rows import Book
from projects.models import CounterMeasure, Ledger, MonthlyIndicator, Project
from projects.services_cells import Cell, save
from tests import factories
from tests.projects.cells import this_month

PEOPLE, ROWS = 20, 30


@pytest.fixture
def people(grid: Grid) -> list[User]:
    """Twenty who may fill the grid."""
    return [factories.make_user(role=Role.GRID_MANAGER, grid=grid, name=f"经理{n}") for n in range(PEOPLE)]


def book(user: User, ledger: Ledger) -> Book:
    return Book(ledger, user, this_month(), this_month())


def all_at_once(works: list[Callable[[], None]]) -> None:
    """Each in a thread and a transaction of its own; what one of them raises is raised here."""
    barrier, raised = threading.Barrier(len(works)), list[BaseException]()

    def run(work: Callable[[], None]) -> None:
        try:
            barrier.wait(30)
            work()
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not raised, raised[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ledger", [Ledger.BASICS, Ledger.INDICATORS, Ledger.RIVALS])
def test_twenty_people_who_fill_one_grid_lose_no_edit(grid: Grid, people: list[User], ledger: Ledger) -> None:
    projects = factories.make_projects(grid, ROWS, ports=None, households=None)
    field = {"basics": "property_rebate", "indicators": "billing_users", "rivals": "measure"}[ledger]
    states: list[str] = []

    def fill(at: int) -> Callable[[], None]:
        mine = projects[at::PEOPLE]

        def work() -> None:
            for project in mine:
                saved = save(book(people[at], ledger), [Cell(project.pk, field, f"{at + 1}", None)])
                states.extend(outcome.state for outcome in saved.outcomes)

        return work

    all_at_once([fill(at) for at in range(PEOPLE)])
    assert states == ["saved"] * ROWS
    kept = {
        "basics": Project.objects.values_list("pk", "property_rebate"),
        "indicators": MonthlyIndicator.objects.values_list("project", "billing_users"),
        "rivals": CounterMeasure.objects.values_list("project", "text"),
    }[ledger]
    expected = {project.pk: str(at % PEOPLE + 1) for at, project in enumerate(projects)}
    assert {pk: str(value) for pk, value in kept} == expected


@pytest.mark.django_db(transaction=True)
def test_different_cells_of_the_same_rows_are_all_kept(grid: Grid, people: list[User]) -> None:
    projects = factories.make_projects(grid, ROWS)
    fields = ["billing_users", "net_adds", "renewals_due", "renewals_done", "ports", "ports_used", "commission"]

    def fill(at: int) -> Callable[[], None]:
        order = projects if at % 2 else projects[::-1]
        cells = [Cell(project.pk, fields[at], "7", None) for project in order]

        def work() -> None:
            save(book(people[at], Ledger.INDICATORS), cells)

        return work

    all_at_once([fill(at) for at in range(len(fields))])
    rows = MonthlyIndicator.objects.values_list(*fields)
    assert [tuple(map(int, row)) for row in rows] == [(7,) * len(fields)] * ROWS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ledger", [Ledger.BASICS, Ledger.INDICATORS, Ledger.RIVALS])
def test_of_two_at_one_cell_one_is_saved_and_one_in_conflict(grid: Grid, people: list[User], ledger: Ledger) -> None:
    project = factories.make_project(grid)
    field = {"basics": "property_rebate", "indicators": "billing_users", "rivals": "measure"}[ledger]
    states: list[tuple[str, object]] = []

    def fill(at: int) -> Callable[[], None]:
        def work() -> None:
            saved = save(book(people[at], ledger), [Cell(project.pk, field, f"{at + 1}", None)])
            states.extend((outcome.state, outcome.value) for outcome in saved.outcomes)

        return work

    all_at_once([fill(0), fill(1)])
    assert sorted(state for state, _value in states) == ["conflict", "saved"]
    assert len({value for _state, value in states}) == 1
