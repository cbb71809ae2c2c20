"""Agents and outlets: whose, counts, editing, numbers masked and revealed, what lies around a project."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from channels.models import Agent, AgentStaff, Outlet
from gridops.accounts.models import AccessRecord, Grid, Membership, Role, User
from projects.models import Project
from tests import factories
from tests.projects.test_edit import values
from tests.sheets import exported

Browser = Callable[[User], Client]


def names(response: Any) -> list[str]:
    return [row.name for row in response.context["listing"].page.rows]


@pytest.fixture
def client(manager: User, client_of: Browser) -> Client:
    return client_of(manager)


def test_a_manager_sees_agents_who_own_or_owned_a_project_there(
    client: Client, agent: Agent, project: Project, foreign_project: Project
) -> None:
    former = factories.make_agent("D0009")
    factories.make_ownership(project, former, date(2019, 1, 1), date(2019, 12, 31))
    factories.make_agent("D0010", owns=[foreign_project])
    assert names(client.get(reverse("channels:agents"))) == [agent.name, former.name]


def test_an_agent_is_listed_once_with_its_projects_and_staff(
    client: Client, agent: Agent, grid: Grid, foreign_project: Project
) -> None:
    for _ in range(2):
        factories.make_ownership(factories.make_project(grid), agent)
        factories.make_agent_staff(agent)
    factories.make_ownership(foreign_project, agent)
    (row,) = client.get(reverse("channels:agents")).context["listing"].page.rows
    assert (row.project_count, row.staff_count) == (3, 2)


def test_the_grid_filter_finds_who_owns_a_project_there_today(
    supervisor: User, client_of: Browser, agent: Agent, other_project: Project, grid: Grid
) -> None:
    other = factories.make_agent("D0020", owns=[other_project])
    response = client_of(supervisor).get(reverse("channels:agents"), {"grid": str(other_project.grid_id)})
    assert names(response) == [other.name]


@pytest.mark.parametrize("name", ["channels:agents", "channels:outlets"])
def test_the_lists_ask_as_often_for_500_rows_as_for_50(
    client: Client, grid: Grid, project: Project, name: str, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for number in (50, 450):
        for _ in range(number):
            agent = factories.make_agent()
            factories.make_ownership(project, agent, date(2019, 1, 1), date(2019, 2, 1))
        Outlet.objects.bulk_create(Outlet(grid=grid, code=f"W{number}-{n}", name="店") for n in range(number))
        with django_assert_max_num_queries(30) as captured:
            client.get(reverse(name))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_numbers_are_masked_until_revealed_one_by_one(
    client: Client, agent: Agent, outlet: Outlet, manager: User
) -> None:
    person = factories.make_agent_staff(agent, phone="19912340001")
    pages = {
        reverse("channels:agent", args=[agent.pk]): (person.phone, reverse("channels:reveal-staff", args=[person.pk])),
        reverse("channels:outlet", args=[outlet.pk]): (
            outlet.phone,
            reverse("channels:reveal-outlet", args=[outlet.pk]),
        ),
    }
    for page, (phone, reveal) in pages.items():
        assert phone not in client.get(page).content.decode()
        assert phone in client.post(reveal, follow=True).content.decode()
        assert phone not in client.get(page).content.decode()
    assert AccessRecord.objects.filter(user=manager, kind="reveal").count() == 2
    assert outlet.phone not in client.get(reverse("channels:outlets")).content.decode()


def test_the_property_phone_is_masked_until_revealed(client: Client, project: Project) -> None:
    Project.objects.update(property_phone="19955556666")
    page = reverse("projects:detail", args=[project.pk])
    assert "19955556666" not in client.get(page).content.decode()
    assert "19955556666" in client.post(reverse("projects:reveal", args=[project.pk]), follow=True).content.decode()


def test_the_part_around_a_project_shows_owners_then_and_now_and_outlets(
    client: Client, agent: Agent, outlet: Outlet, project: Project
) -> None:
    former = factories.make_agent("D0030", name="从前的代理商")
    factories.make_ownership(project, former, date(2019, 1, 1), date(2019, 12, 31))
    address = reverse("channels:around", args=[project.pk])
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    for name in (agent.name, former.name, outlet.name):
        assert name in part
        assert name in client.get(address).content.decode()


def test_a_shared_agents_page_shows_only_the_projects_one_may_see(
    client: Client, agent: Agent, foreign_project: Project
) -> None:
    factories.make_ownership(foreign_project, agent)
    page = client.get(reverse("channels:agent", args=[agent.pk])).content.decode()
    assert foreign_project.name not in page


def test_an_outlets_page_shows_only_projects_one_may_see(
    client: Client, outlet: Outlet, foreign_project: Project
) -> None:
    outlet.nearby_projects.add(foreign_project)
    assert foreign_project.name not in client.get(reverse("channels:outlet", args=[outlet.pk])).content.decode()


def test_editing_an_outlet_keeps_projects_around_that_the_editor_cannot_see(
    client: Client, outlet: Outlet, project: Project, other_project: Project
) -> None:
    outlet.nearby_projects.add(other_project)
    address = reverse("channels:outlet-edit", args=[outlet.pk])
    opened = client.get(address)
    assert list(opened.context["form"].fields["nearby_projects"].queryset) == [project]
    data = {**values(opened), "nearby_projects": [], "name": "新店名"}
    assert client.post(address, data).status_code == 302
    outlet.refresh_from_db()
    assert outlet.name == "新店名"
    assert set(outlet.nearby_projects.all()) == {other_project}


def test_a_foreign_project_cannot_be_put_around_an_outlet(
    client: Client, outlet: Outlet, foreign_project: Project
) -> None:
    address = reverse("channels:outlet-edit", args=[outlet.pk])
    data = {**values(client.get(address)), "nearby_projects": [str(foreign_project.pk)]}
    response = client.post(address, data)
    assert "nearby_projects" in response.context["form"].errors


def test_two_people_who_edit_an_outlet_are_told(
    client: Client, supervisor: User, client_of: Browser, outlet: Outlet, project: Project
) -> None:
    address = reverse("channels:outlet-edit", args=[outlet.pk])
    mine = {**values(client.get(address)), "nearby_projects": [str(project.pk)], "name": "甲店"}
    other = client_of(supervisor)
    other.post(address, {**values(other.get(address)), "nearby_projects": [], "name": "乙店"})
    response = client.post(address, mine)
    assert response.status_code == 409
    found = response.context["conflict"]
    assert [row.name for row in found.clashing] == ["name"]
    assert [(row.name, row.theirs) for row in found.taken] == [("nearby_projects", "—")]
    again = {**values(response), "nearby_projects": response.context["form"]["nearby_projects"].value()}
    assert again["nearby_projects"] == []
    assert client.post(address, again).status_code == 302
    outlet.refresh_from_db()
    assert outlet.name == "甲店"
    assert not outlet.nearby_projects.exists()


def test_an_agent_is_edited_by_the_unit_not_by_one_of_its_managers(
    client: Client, supervisor: User, client_of: Browser, agent: Agent
) -> None:
    address = reverse("channels:agent-edit", args=[agent.pk])
    assert client.get(address).status_code == 403
    other = client_of(supervisor)
    assert other.post(address, {**values(other.get(address)), "name": "新名", "code": "X"}).status_code == 302
    agent.refresh_from_db()
    assert (agent.name, agent.code, agent.version) == ("新名", "D0001", 2)
    history = client.get(reverse("channels:agent-history", args=[agent.pk])).content.decode()
    assert "新名" in history
    assert supervisor.name in history


def test_an_agent_is_edited_by_a_supervisor_of_the_unit_it_works_for_now_and_by_no_other(
    client_of: Browser, supervisor: User, foreign_supervisor: User, project: Project, foreign_project: Project
) -> None:
    mover = factories.make_agent("D0009", name="搬迁服务部", owns=[foreign_project])
    factories.make_ownership(project, mover, date(2019, 1, 1), date(2019, 12, 31))
    address = reverse("channels:agent-edit", args=[mover.pk])
    # Also reading the other unit, as its specialist, gives no right to write there.
    Membership.objects.create(
        user=supervisor, role=Role.RENEWAL_SPECIALIST, unit=foreign_project.grid.unit, starts_on=date(2026, 1, 1)
    )
    theirs = client_of(User.objects.get(pk=supervisor.pk))
    assert theirs.post(address, {"name": "x", "version": 1}).status_code == 403
    assert not theirs.get(reverse("channels:agent", args=[mover.pk])).context["may_edit"]
    assert client_of(foreign_supervisor).get(address).status_code == 200
    mover.ownerships.filter(project=foreign_project).delete()
    assert theirs.get(address).status_code == 200


@pytest.mark.parametrize("name", ["channels:agents-export", "channels:outlets-export"])
def test_exports_hold_the_scope(
    client: Client, agent: Agent, outlet: Outlet, foreign_project: Project, name: str
) -> None:
    factories.make_agent("D0099", owns=[foreign_project])
    factories.make_outlet(foreign_project.grid)
    _header, *rows = exported(client.get(reverse(name)))
    assert [row[0] for row in rows] == [agent.code if "agents" in name else outlet.code]
    assert AccessRecord.objects.get().rows == 1


def test_agent_staff_keep_their_number_out_of_the_history(client: Client, agent: Agent) -> None:
    person = factories.make_agent_staff(agent)
    assert isinstance(person, AgentStaff)
    page = client.get(reverse("channels:agent-history", args=[agent.pk])).content.decode()
    assert person.phone not in page
