"""Each ledger of each project is seen to at least once a month: changed, imported, or found right (P)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from gridops.accounts.models import Grid, Membership, Role, RuleValue, User
from gridops.common.months import Month
from projects.models import Ledger, LedgerTouch, Project, Prospect
from projects.rules_freshness import DONE, LATE, OPEN, URGENT, standing
from projects.services_ledgers import touch
from tests import factories

ClientOf = Callable[[User], Client]
NOVEMBER = Month(2026, 11)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
IMPORTED, CONFIRMED = LedgerTouch.How.IMPORTED, LedgerTouch.How.CONFIRMED

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_20th() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def page(client: Client, query: str = "") -> Any:
    response = client.get(reverse("projects:freshness") + query)
    assert response.status_code == 200
    return response


def confirm(client: Client, **data: Any) -> Any:
    return client.post(reverse("projects:freshness-confirm"), data)


def shown(response: Any) -> list[str]:
    return [row.name for row in response.context["listing"].page.rows]


def touched(project: Project, ledger: str = "basics") -> list[tuple[date, str]]:
    return list(LedgerTouch.objects.filter(project=project, ledger=ledger).values_list("month", "how"))


@pytest.mark.parametrize(
    ("unseen", "today", "state"),
    [
        (0, date(2026, 12, 9), DONE),
        (1, date(2026, 11, 1), OPEN),
        (1, date(2026, 11, 23), OPEN),
        (1, date(2026, 11, 24), URGENT),
        (1, date(2026, 11, 30), URGENT),
        (1, date(2026, 12, 1), LATE),
    ],
)
def test_it_is_urgent_in_the_last_week_and_late_after_the_last_day(unseen: int, today: date, state: str) -> None:
    assert standing(unseen, NOVEMBER, today, 7) == state


def test_per_manager_the_page_counts_what_was_seen_to_and_what_never(
    client_of: ClientOf, manager: User, grid: Grid
) -> None:
    [one, two, three, gone] = factories.make_projects(grid, 4)
    Project.objects.filter(pk=gone.pk).update(is_active=False)
    touch([one.pk], "basics", manager)
    touch([two.pk], "basics", manager, IMPORTED, NOON.replace(month=8))
    touch([two.pk], "basics", manager, IMPORTED, NOON.replace(month=9))
    [row] = page(client_of(manager)).context["grids"]
    assert (row.grid, row.managers, row.projects) == (grid, [manager.name], 3)
    basics, indicators, _rivals = row.ledgers
    assert (basics.seen, basics.unseen, basics.never, basics.oldest) == (1, 2, 1, date(2026, 9, 1))
    assert (indicators.seen, indicators.never, indicators.oldest, indicators.state) == (0, 3, None, OPEN)
    assert three.name in shown(page(client_of(manager)))
    assert gone.name not in shown(page(client_of(manager)))


def test_when_it_becomes_urgent_is_the_units_own_rule(client_of: ClientOf, manager: User, project: Project) -> None:
    RuleValue.objects.create(unit=project.grid.unit, key="ledger_urgent_days", value=11)
    assert page(client_of(manager)).context["grids"][0].ledgers[0].state == URGENT


def test_a_past_month_is_shown_as_it_was(client_of: ClientOf, manager: User, project: Project) -> None:
    touch([project.pk], "rivals", manager)
    client = client_of(manager)
    rivals = page(client, "?month=2026-10").context["grids"][0].ledgers[2]
    assert (rivals.seen, rivals.state) == (0, LATE)
    assert b'name="one"' not in page(client, "?month=2026-10").content
    assert page(client, "?month=2026-11").context["grids"][0].ledgers[2].seen == 1


def test_who_answered_for_a_past_month_is_who_held_the_grid_at_its_end(
    client_of: ClientOf, supervisor: User, grid: Grid, project: Project
) -> None:
    Membership.objects.filter(grid=grid).delete()
    assert page(client_of(supervisor)).context["grids"][0].managers == []
    left = factories.make_user(name="前任", role=Role.GRID_MANAGER, grid=grid, ends_on=date(2026, 11, 9))
    factories.make_user(name="现任", role=Role.GRID_MANAGER, grid=grid, starts_on=date(2026, 11, 10))
    User.objects.filter(pk=left.pk).update(is_active=False)
    client = client_of(supervisor)
    assert page(client, "?month=2026-10").context["grids"][0].managers == ["前任"]
    assert page(client, "?month=2026-11").context["grids"][0].managers == ["现任"]


def test_a_project_that_came_later_owes_nothing_of_a_past_month(
    client_of: ClientOf, manager: User, grid: Grid, project: Project
) -> None:
    came = factories.make_project(grid, "P000010")
    Prospect.objects.create(name="新盘", grid=grid, project=came, live_on=date(2026, 11, 3))
    client = client_of(manager)
    assert shown(page(client, "?month=2026-10")) == [project.name]
    assert page(client, "?month=2026-10").context["grids"][0].projects == 1
    assert page(client, "?month=2026-11").context["grids"][0].projects == 2
    assert page(client, "?month=2026-12").context["grids"][0].ledgers[0].state == OPEN


def test_each_project_says_when_by_whom_and_how(client_of: ClientOf, manager: User, project: Project) -> None:
    touch([project.pk], "indicators", manager, IMPORTED, NOON.replace(month=9, hour=8))
    [row] = page(client_of(manager)).context["listing"].page.rows
    seen = {cell["ledger"]: cell for cell in row.cells}
    assert seen["basics"]["touch"] is None
    assert (seen["indicators"]["touch"].by, seen["indicators"]["seen"]) == (manager, False)
    assert "2026-09-20 08:00" in page(client_of(manager)).content.decode()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["A", "B", "C"]),
        ("?untouched=any", ["B", "C"]),
        ("?untouched=basics", ["C"]),
        ("?untouched=rivals", ["B", "C"]),
        ("?q=b", ["B"]),
        ("?untouched=nonsense", []),
    ],
)
def test_the_list_is_filtered(client_of: ClientOf, manager: User, grid: Grid, query: str, names: list[str]) -> None:
    rows = {name: factories.make_project(grid, f"P{name}", name=name) for name in "ABC"}
    for ledger in Ledger.values:
        touch([rows["A"].pk], ledger, manager)
    touch([rows["B"].pk], "basics", manager)
    assert shown(page(client_of(manager), query)) == names


def test_a_supervisor_filters_by_grid(
    client_of: ClientOf, supervisor: User, project: Project, other_project: Project, foreign_project: Project
) -> None:
    client = client_of(supervisor)
    assert shown(page(client)) == [project.name, other_project.name]
    assert shown(page(client, f"?grid={other_project.grid_id}")) == [other_project.name]


def test_found_right_in_one_click(client_of: ClientOf, manager: User, project: Project) -> None:
    answer = confirm(client_of(manager), one=f"{project.pk}:basics", project=["999"], ledger="rivals", back="grid=&q=a")
    assert answer.status_code == 302
    assert answer.url == reverse("projects:freshness") + "?grid=&q=a"
    assert touched(project) == [(NOVEMBER.first, CONFIRMED)]
    touch_ = LedgerTouch.objects.get()
    assert (touch_.by, touch_.at, touch_.ledger) == (manager, NOON, "basics")


def test_several_are_found_right_at_once(client_of: ClientOf, manager: User, grid: Grid) -> None:
    rows = factories.make_projects(grid, 3)
    confirm(client_of(manager), project=[row.pk for row in rows[:2]], ledger="rivals")
    assert [len(touched(row, "rivals")) for row in rows] == [1, 1, 0]


def test_one_project_out_of_scope_refuses_all(
    client_of: ClientOf, manager: User, project: Project, foreign_project: Project
) -> None:
    answer = confirm(client_of(manager), project=[project.pk, foreign_project.pk], ledger="basics")
    assert answer.status_code == 404
    assert not LedgerTouch.objects.exists()


def test_a_specialist_who_also_manages_another_grid_confirms_nothing_here(
    client_of: ClientOf, specialist: User, project: Project, other_project: Project
) -> None:
    specialist.memberships.create(role="grid_manager", grid=other_project.grid, starts_on=date(2026, 1, 1))
    client = client_of(specialist)
    assert confirm(client, project=[project.pk, other_project.pk], ledger="basics").status_code == 403
    assert not LedgerTouch.objects.exists()
    assert confirm(client, project=[other_project.pk], ledger="basics").status_code == 302


@pytest.mark.parametrize("data", [{"project": ["1"], "ledger": "none"}, {"one": "x:basics:1"}, {"one": "1:"}, {}])
def test_what_makes_no_sense_is_refused(client_of: ClientOf, manager: User, data: dict[str, Any]) -> None:
    assert confirm(client_of(manager), **data).status_code in (400, 404)


def test_nothing_ticked_is_said(client_of: ClientOf, manager: User) -> None:
    answer = client_of(manager).post(reverse("projects:freshness-confirm"), {"ledger": "basics"}, follow=True)
    assert "没有选择项目" in str(next(iter(answer.context["messages"])))


def test_the_page_costs_the_same_queries_for_any_number(
    client_of: ClientOf,
    supervisor: User,
    grid: Grid,
    other_grid: Grid,
    manager: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_of(supervisor)

    def add(many: int) -> None:
        for place in (grid, other_grid):
            rows = factories.make_projects(place, many)
            for ledger in Ledger.values:
                touch([row.pk for row in rows[::2]], ledger, manager, IMPORTED, NOON.replace(month=10))
                touch([row.pk for row in rows[::3]], ledger, manager)

    add(30)
    page(client)
    with django_assert_max_num_queries(25) as few:
        page(client)
    add(300)
    with django_assert_num_queries(len(few)):
        page(client)
