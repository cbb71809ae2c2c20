"""The form by which a project passes to another agent: said beforehand, done, said afterwards, taken back (S7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels.models import Agent, OwnerChange, Ownership
from channels.services_ownership import change_owner
from gridops.accounts.models import User
from projects.models import Project
from tests import factories

Browser = Callable[[User], Client]


@pytest.fixture
def other(project: Project) -> Agent:
    return factories.make_agent("D0002", name="翠湖通信", owns=[factories.make_project(project.grid)])


@pytest.fixture
def client(supervisor: User, client_of: Browser) -> Client:
    return client_of(supervisor)


def address(project: Project) -> str:
    return reverse("channels:owner", args=[project.pk])


def owner(project: Project) -> Agent | None:
    row = Ownership.objects.on(timezone.localdate()).filter(project=project).select_related("agent").first()
    return row.agent if row else None


def test_what_moves_is_said_before_and_after(client: Client, project: Project, agent: Agent, other: Agent) -> None:
    day = timezone.localdate() + timedelta(days=20)
    factories.make_warning(factories.make_subscriber(project, expires_on=day), agent=agent)
    data = {"agent": other.pk, "on": timezone.localdate().isoformat(), "why": "人手"}
    asked = client.post(address(project), data)
    assert asked.context["found"].owner == agent
    assert len(asked.context["found"].along) == 1
    assert owner(project) == agent
    done = client.post(address(project), {**data, "seen": asked.context["seen"], "do": "yes"})
    assert done.status_code == 302
    assert owner(project) == other
    change = OwnerChange.objects.get()
    assert (change.why, change.moved) == ("人手", {"renewals.warnings": 1})
    part = client.get(reverse("channels:around", args=[project.pk])).context
    assert [row for row, _moved in part["changes"]] == [change]


def test_who_decided_on_what_is_no_longer_so_looks_again(
    client: Client, project: Project, agent: Agent, other: Agent, supervisor: User
) -> None:
    third = factories.make_agent("D0003", owns=[factories.make_project(project.grid)])
    data = {"agent": third.pk, "on": timezone.localdate().isoformat()}
    seen = client.post(address(project), data).context["seen"]
    change_owner(project, other, timezone.localdate(), supervisor)
    late = client.post(address(project), {**data, "seen": seen, "do": "yes"})
    assert (late.status_code, late.context["overtaken"]) == (409, True)
    assert owner(project) == other


def test_a_day_to_come_waits_and_can_be_taken_back(client: Client, project: Project, agent: Agent) -> None:
    day = timezone.localdate() + timedelta(days=7)
    data = {"agent": "nobody", "on": day.isoformat()}
    asked = client.post(address(project), data)
    assert asked.context["found"].waits
    client.post(address(project), {**data, "seen": asked.context["seen"], "do": "yes"})
    change = OwnerChange.objects.waiting().get()
    assert (owner(project), change.to_agent) == (agent, None)
    assert list(client.get(reverse("channels:agent", args=[agent.pk])).context["waiting"]) == [change]
    client.post(reverse("channels:owner-withdraw", args=[change.pk]))
    assert not OwnerChange.objects.exists()


def test_only_agents_and_projects_of_the_unit_are_offered(
    client: Client, project: Project, agent: Agent, other: Agent, foreign_project: Project
) -> None:
    foreign = factories.make_agent("D0099", owns=[foreign_project])
    data = {"agent": foreign.pk, "on": timezone.localdate().isoformat()}
    assert "agent" in client.post(address(project), data).context["form"].errors
    give = reverse("channels:agent-give", args=[agent.pk])
    assert "code" in client.post(give, {"code": foreign_project.code}).context["form"].errors
    answer = client.post(give, {"code": project.code})
    assert answer["Location"] == f"{address(project)}?agent={agent.pk}"
    assert client.get(address(foreign_project)).status_code == 404


def test_a_day_that_is_settled_is_refused_at_its_field(
    client: Client, project: Project, agent: Agent, other: Agent
) -> None:
    answer = client.post(address(project), {"agent": other.pk, "on": date(2019, 1, 1).isoformat()})
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"on"})
