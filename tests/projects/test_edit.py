"""Editing a project: by whom, what is ignored, and what happens when two people edit it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gridops.accounts.models import Grid, Membership, Role, Unit, User
from projects.models import Project
from tests import factories

Browser = Callable[[User], Client]


def edit_url(project: Project) -> str:
    return reverse("projects:edit", args=[project.pk])


def opened(client: Client, project: Project) -> dict[str, str]:
    """What the form holds when it is opened."""
    return values(client.get(edit_url(project)))


def values(response: Any) -> dict[str, Any]:
    form = response.context["form"]
    data: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if isinstance(value, bool):
            if value:
                data[bound.name] = "on"
        elif isinstance(value, list):
            data[bound.name] = [str(getattr(one, "pk", one)) for one in value]
        else:
            data[bound.name] = "" if value is None else str(value)
    return data


@pytest.fixture
def client(manager: User, client_of: Browser) -> Client:
    return client_of(manager)


@pytest.mark.parametrize(("who", "status"), [("manager", 200), ("supervisor", 200), ("admin_user", 200)])
def test_manager_supervisor_and_admin_edit(
    who: str, status: int, project: Project, request: pytest.FixtureRequest, client_of: Browser
) -> None:
    assert client_of(request.getfixturevalue(who)).get(edit_url(project)).status_code == status


def test_a_renewal_specialist_only_reads(specialist: User, project: Project, client_of: Browser) -> None:
    client = client_of(specialist)
    assert client.get(edit_url(project)).status_code == 403
    page = client.get(reverse("projects:detail", args=[project.pk]))
    assert edit_url(project) not in page.content.decode()


def test_a_manager_who_is_also_a_specialist_edits_own_grids_only(
    manager: User, unit: Unit, project: Project, other_project: Project, client_of: Browser
) -> None:
    Membership.objects.create(user=manager, role=Role.RENEWAL_SPECIALIST, unit=unit, starts_on=factories.LONG_AGO)
    client = client_of(manager)
    assert client.get(edit_url(project)).status_code == 200
    assert client.get(edit_url(other_project)).status_code == 403


def test_a_foreign_project_does_not_exist(client: Client, foreign_project: Project) -> None:
    assert client.get(edit_url(foreign_project)).status_code == 404
    assert client.post(edit_url(foreign_project), {"name": "x", "version": "1"}).status_code == 404


def test_saving_writes_raises_the_version_and_leaves_a_trail(client: Client, project: Project, manager: User) -> None:
    data = {**opened(client, project), "name": "锦绣花园二期", "households": "620"}
    response = client.post(edit_url(project), data)
    assert response.status_code == 302
    project.refresh_from_db()
    assert (project.name, project.households, project.version) == ("锦绣花园二期", 620, 2)
    page = client.get(reverse("projects:history", args=[project.pk])).content.decode()
    assert "锦绣花园二期" in page
    assert manager.name in page


def test_code_grid_and_anything_else_that_a_manager_posts_is_ignored(
    client: Client, project: Project, other_grid: Grid
) -> None:
    extra = {"code": "P999", "grid": str(other_grid.pk), "created_batch": "1", "agent_name": "x", "id": "77"}
    assert client.post(edit_url(project), {**opened(client, project), **extra}).status_code == 302
    project.refresh_from_db()
    assert project.code == "P000001"
    assert project.grid_id != other_grid.pk
    assert project.agent_name == ""
    assert Project.objects.count() == 1


def test_an_admin_may_move_a_project_to_another_grid(
    admin_user: User, client_of: Browser, project: Project, other_grid: Grid
) -> None:
    client = client_of(admin_user)
    client.post(edit_url(project), {**opened(client, project), "grid": str(other_grid.pk)})
    project.refresh_from_db()
    assert project.grid == other_grid


def test_faults_are_shown_beside_their_field_and_nothing_is_saved(client: Client, project: Project) -> None:
    response = client.post(edit_url(project), {**opened(client, project), "occupancy": "140", "name": ""})
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {"occupancy", "name"}
    project.refresh_from_db()
    assert project.version == 1


def test_the_second_of_two_editors_is_shown_both_values_and_loses_nothing_typed(
    client: Client, supervisor: User, client_of: Browser, project: Project
) -> None:
    mine = {**opened(client, project), "name": "我的名字", "address": "我的地址"}
    other = client_of(supervisor)
    other.post(edit_url(project), {**opened(other, project), "name": "主管的名字", "households": "888"})

    response = client.post(edit_url(project), mine)
    assert response.status_code == 409
    found = response.context["conflict"]
    assert [(row.name, row.theirs, row.typed, row.by.who) for row in found.clashing] == [
        ("name", "主管的名字", "我的名字", supervisor.name)
    ]
    assert [(row.name, row.typed, row.theirs) for row in found.taken] == [("households", "500", "888")]
    project.refresh_from_db()
    assert (project.name, project.address) == ("主管的名字", "")

    # the form holds all that was typed, theirs where nothing was, and is ready to be saved on top
    again = values(response)
    assert (again["name"], again["address"], again["households"]) == ("我的名字", "我的地址", "888")
    assert client.post(edit_url(project), again).status_code == 302
    project.refresh_from_db()
    assert (project.name, project.address, project.households, project.version) == ("我的名字", "我的地址", 888, 3)


def test_a_third_edit_in_between_is_a_conflict_again(
    client: Client, supervisor: User, client_of: Browser, project: Project
) -> None:
    other = client_of(supervisor)
    mine = {**opened(client, project), "name": "甲"}
    for name in ("乙", "丙"):
        other.post(edit_url(project), {**opened(other, project), "name": name})
        response = client.post(edit_url(project), mine)
        assert response.status_code == 409
        assert response.context["conflict"].clashing[0].theirs == name
        mine = values(response)


def test_a_forged_start_shows_every_difference_and_saves_nothing(
    client: Client, supervisor: User, client_of: Browser, project: Project
) -> None:
    mine = {**opened(client, project), "name": "甲", "base": "forged"}
    other = client_of(supervisor)
    other.post(edit_url(project), {**opened(other, project), "households": "7"})
    response = client.post(edit_url(project), mine)
    assert response.status_code == 409
    assert {row.name for row in response.context["conflict"].clashing} == {"name", "households"}


def test_the_conflict_page_is_a_page_that_can_be_sent_without_javascript(
    client: Client, supervisor: User, client_of: Browser, project: Project
) -> None:
    mine = {**opened(client, project), "name": "甲"}
    other = client_of(supervisor)
    other.post(edit_url(project), {**opened(other, project), "name": "乙"})
    page = client.post(edit_url(project), mine).content.decode()
    sent = {name: unescape(value) for name, value in re.findall(r'name="(version|base)" value="([^"]*)"', page)}
    assert sent["version"] == "2"
    assert client.post(edit_url(project), {**mine, **sent}).status_code == 302


def test_a_new_telephone_number_is_taken_as_the_roster_takes_it(project: Project, client: Client) -> None:
    Project.objects.update(property_phone="见物业处")
    sent = {**opened(client, project), "address": "东大街2号"}
    assert client.post(edit_url(project), sent).status_code == 302  # what stands there already is no obstacle
    sent = opened(client, project)
    assert client.post(edit_url(project), {**sent, "property_phone": "问老李"}).context["form"].errors
    client.post(edit_url(project), {**sent, "property_phone": "028-8666 8888"})
    project.refresh_from_db()
    assert (project.address, project.property_phone) == ("东大街2号", "02886668888")


@pytest.mark.parametrize(
    ("field", "typed"),
    [("longitude", "180.5"), ("latitude", "-91"), ("households", "1000001"), ("ports", "-1"), ("ports", "2147483648")],
)
def test_what_no_roster_would_take_is_said_at_its_field(
    client: Client, project: Project, field: str, typed: str
) -> None:
    form = client.post(edit_url(project), opened(client, project) | {field: typed}).context["form"]
    assert form.errors.keys() == {field}
