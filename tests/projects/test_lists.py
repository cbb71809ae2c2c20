"""The list of projects: whose rows, search, filters, order, count, export."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gridops.accounts.models import AccessRecord, Grid, User
from gridops.common.months import Month
from projects.models import Project
from tests import factories
from tests.sheets import exported

Browser = Callable[[User], Client]
HTMX = {"HX-Request": "true", "HX-Target": "list"}


def codes(response: Any) -> list[str]:
    return [row.code for row in response.context["listing"].page.rows]


def listed(client: Client, **params: str) -> Any:
    return client.get(reverse("projects:list"), params)


@pytest.fixture
def client(manager: User, client_of: Browser) -> Client:
    return client_of(manager)


def test_a_manager_sees_the_projects_of_own_grids_only(
    client: Client, project: Project, other_project: Project, foreign_project: Project
) -> None:
    assert codes(listed(client)) == [project.code]


def test_a_supervisor_sees_the_unit_and_can_filter_by_grid(
    supervisor: User, client_of: Browser, project: Project, other_project: Project, foreign_project: Project
) -> None:
    client = client_of(supervisor)
    response = listed(client)
    assert codes(response) == [project.code, other_project.code]
    assert set(response.context["listing"].filterset.form.fields["grid"].queryset) == {project.grid, other_project.grid}
    assert codes(listed(client, grid=str(other_project.grid_id))) == [other_project.code]


def test_a_filter_by_a_foreign_grid_shows_nothing_rather_than_everything(
    supervisor: User, client_of: Browser, project: Project, other_project: Project, foreign_grid: Grid
) -> None:
    response = listed(client_of(supervisor), grid=str(foreign_grid.pk))
    assert codes(response) == []
    assert response.context["listing"].count.number == 0


def test_someone_with_one_grid_gets_no_grid_filter(client: Client, project: Project) -> None:
    assert "grid" not in listed(client).context["listing"].filterset.form.fields


def test_search_finds_code_name_and_address(client: Client, grid: Grid, project: Project) -> None:
    there = factories.make_project(grid, "P000009", name="云上", address="人民南路四段")
    assert codes(listed(client, q="P000009")) == [there.code]
    assert codes(listed(client, q="锦绣")) == [project.code]
    assert codes(listed(client, q="人民南路")) == [there.code]


def test_filters_stay_in_the_address_and_each_can_be_taken_off(client: Client, grid: Grid) -> None:
    factories.make_project(grid, "P1", nature=Project.Nature.OFFICE, access=Project.Access.FTTH)
    factories.make_project(grid, "P2", nature=Project.Nature.OFFICE, access=Project.Access.LAN)
    response = listed(client, nature="office", access="LAN")
    assert codes(response) == ["P2"]
    chips = {chip.href for chip in response.context["listing"].chips}
    assert chips == {"?nature=office", "?access=LAN"}


def test_sorting_turns_round_and_says_so(client: Client, grid: Grid) -> None:
    for code, households in (("P1", 300), ("P2", 900), ("P3", None)):
        factories.make_project(grid, code, households=households)
    response = listed(client, sort="-households")
    assert codes(response) == ["P2", "P1", "P3"]
    heads = {str(head.title): head for head in response.context["listing"].heads}
    assert b'aria-sort="descending"' in response.content
    assert any(head.href == "?sort=households" for head in heads.values())


def test_an_order_that_is_not_offered_is_ignored(client: Client, project: Project) -> None:
    assert codes(listed(client, sort="property_phone")) == [project.code]
    assert codes(listed(client, sort="grid__unit__name")) == [project.code]


def test_the_newest_month_with_ports_shows_the_utilisation(client: Client, project: Project) -> None:
    factories.make_indicator(project, Month(2026, 9), ports=400, ports_used=100)
    factories.make_indicator(project, Month(2026, 10), ports=400, ports_used=200)
    factories.make_indicator(project, Month(2026, 11), ports=None, ports_used=None)
    assert "50.0 %" in listed(client).content.decode()


def test_htmx_gets_the_list_alone(client: Client, project: Project) -> None:
    part = client.get(reverse("projects:list"), headers=HTMX).content.decode()
    assert part.strip().startswith('<div id="list">')
    assert "<html" not in part
    back = client.get(reverse("projects:list"), headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert "<html" in back.content.decode()


def test_an_empty_list_says_what_will_be_here(client: Client) -> None:
    assert "empty-title" in listed(client).content.decode()


def test_the_list_asks_as_often_for_500_rows_as_for_50(
    client: Client, grid: Grid, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for more in (50, 450):
        for _ in range(more):
            factories.make_project(grid)
        with django_assert_max_num_queries(20) as captured:
            listed(client)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 8


def test_an_export_holds_exactly_the_filtered_rows_of_the_scope_and_is_written_down(
    client: Client, grid: Grid, foreign_project: Project, manager: User
) -> None:
    factories.make_project(grid, "P1", nature=Project.Nature.OFFICE, name="=1+1")
    factories.make_project(grid, "P2", nature=Project.Nature.MIXED)
    response = client.get(reverse("projects:export"), {"nature": "office"})
    _header, *rows = exported(response)
    assert [row[0] for row in rows] == ["P1"]
    assert rows[0][1] == "=1+1"
    record = AccessRecord.objects.get()
    assert (record.kind, record.user, record.subject, record.rows) == ("export", manager, "projects", 1)


def test_an_export_with_a_filter_that_cannot_be_read_holds_nothing(client: Client, project: Project) -> None:
    assert len(exported(client.get(reverse("projects:export"), {"nature": "castle"}))) == 1
