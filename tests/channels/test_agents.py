"""An agent's file: record, contracts, staff and their sign-ins; its page; what its own staff see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels.models import Agent, AgentStaff, Contract, Ownership
from channels.pages_agents import goals
from channels.rules_agents import Cover, covered
from channels.services_agents import end_sign_ins_of_those_who_left, may_sign_in
from gridops.accounts.models import AccessRecord, Grid, Membership, Role, Unit, User
from gridops.common.months import Month
from projects.models import MonthlyIndicator, Project
from projects.models_daily import DailyResult
from renewals.forms_assign import HandOutForm
from tests import factories
from tests.factories_channels import make_contract, make_matter
from tests.projects.test_edit import values

Browser = Callable[[User], Client]
PDF = b"%PDF-1.4\n"


@pytest.fixture
def client(supervisor: User, client_of: Browser) -> Client:
    return client_of(supervisor)


def page(client: Client, agent: Agent) -> Any:
    return client.get(reverse("channels:agent", args=[agent.pk]))


# --- The record ---


def test_a_supervisor_adds_an_agent_sees_it_and_completes_its_record(client: Client, foreign_supervisor: User) -> None:
    made = client.post(reverse("channels:agent-new"), {"code": " D0100 ", "name": "新代理商", "phone": "199 0000 7777"})
    agent = Agent.objects.get(code="D0100")
    assert (made.status_code, agent.phone) == (302, "19900007777")
    address = reverse("channels:agent-edit", args=[agent.pk])
    data = {**values(client.get(address)), "contact": "林志强", "address": "东大街12号", "is_active": "on"}
    assert client.post(address, data).status_code == 302
    body = page(client, agent).content.decode()
    assert "林志强" in body
    assert "19900007777" not in body
    shown = client.post(reverse("channels:reveal-agent", args=[agent.pk]), follow=True)
    assert "19900007777" in shown.content.decode()
    assert AccessRecord.objects.get().kind == AccessRecord.Kind.REVEAL


def test_who_works_for_another_unit_is_not_this_supervisors(client: Client, other_unit: Unit) -> None:
    agent = factories.make_agent()
    assert page(client, agent).status_code == 200
    make_contract(agent, other_unit)
    assert page(client, agent).status_code == 404


# --- Contracts ---


@pytest.mark.parametrize(
    ("spans", "cover", "on"),
    [
        ([], Cover.NONE, None),
        ([(-10, 31)], Cover.RUNNING, 31),
        ([(-10, 30)], Cover.ENDING, 30),
        ([(-10, 0)], Cover.ENDING, 0),
        ([(-10, 5), (6, 300)], Cover.RUNNING, 300),
        ([(-10, 5), (7, 300)], Cover.ENDING, 5),
        ([(-300, -40), (-39, -1)], Cover.OVER, -1),
        ([(-300, -40), (3, 300)], Cover.COMING, 3),
    ],
)
def test_a_contract_ends_soon_unless_the_next_one_follows(
    spans: list[tuple[int, int]], cover: Cover, on: int | None
) -> None:
    today = date(2026, 11, 24)
    held = [(today + timedelta(days=first), today + timedelta(days=last)) for first, last in spans]
    found = covered(held, today, 30)
    assert (found.cover, found.on) == (cover, None if on is None else today + timedelta(days=on))


def test_a_contract_is_kept_with_its_paper_which_only_those_concerned_get(
    client: Client,
    client_of: Browser,
    agent: Agent,
    unit: Unit,
    agent_staff_user: User,
    manager: User,
    stranger: User,
    django_capture_on_commit_callbacks: Any,
) -> None:
    capture = django_capture_on_commit_callbacks
    end = timezone.localdate() + timedelta(days=9)
    data = {"unit": unit.pk, "number": "HT-1", "starts_on": "2026-01-01", "ends_on": end.isoformat(), "version": 1}
    address = reverse("channels:contract-new", args=[agent.pk])
    sent = client.post(address, {**data, "paper": SimpleUploadedFile("合同.pdf", PDF)})
    assert sent.status_code == 302
    row = Contract.objects.get()
    assert client.post(address, data).context["form"].errors.keys() == {"number"}
    paper = reverse("channels:contract-paper", args=[row.pk])
    for reader in (manager, agent_staff_user):
        answer = client_of(reader).get(paper)
        assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert client_of(stranger).get(paper).status_code == 404
    with capture(execute=True):
        again = {**data, "version": row.version, "paper": SimpleUploadedFile("续.pdf", PDF)}
        assert client.post(reverse("channels:contract", args=[row.pk]), again).status_code == 302
    assert not row.file.storage.exists(str(row.file.name))
    assert Contract.objects.get().file_name == "续.pdf"
    context = page(client, agent).context
    assert [(found, cover.cover) for found, cover in context["contracts"]["care"]] == [(unit, Cover.ENDING)]
    (listed,) = client.get(reverse("channels:agents")).context["listing"].page.rows
    assert (listed.cover.cover, listed.cover.on) == (Cover.ENDING, end)


def test_a_contract_of_another_unit_is_not_written_here(client: Client, agent: Agent, other_unit: Unit) -> None:
    data = {"unit": other_unit.pk, "number": "1", "starts_on": "2026-01-01", "ends_on": "2025-01-01", "version": 1}
    answer = client.post(reverse("channels:contract-new", args=[agent.pk]), data)
    assert set(answer.context["form"].errors) == {"unit", "ends_on"}


# --- Staff and their sign-ins ---


@pytest.fixture
def person(agent: Agent) -> AgentStaff:
    return factories.make_agent_staff(agent, "林业务")


def given(client: Client, person: AgentStaff, number: str = "Y9001") -> User:
    client.post(reverse("channels:staff-sign-in", args=[person.pk]), {"employee_no": number})
    user = AgentStaff.objects.get(pk=person.pk).user
    assert user
    return user


def test_a_sign_in_is_given_by_a_link_and_opens_the_agents_own_alone(
    client: Client, person: AgentStaff, agent: Agent
) -> None:
    answer = client.post(reverse("channels:staff-sign-in", args=[person.pk]), {"employee_no": "Y9001"})
    visitor = Client()
    step = visitor.get(answer.context["link"], follow=True)
    data = {"new_password1": factories.PASSWORD, "new_password2": factories.PASSWORD}
    assert visitor.post(step.request["PATH_INFO"], data).status_code == 302
    user = User.objects.get(employee_no="Y9001")
    assert user.check_password(factories.PASSWORD)
    assert user.scope.roles == {"agent_staff"}
    assert factories.client_of(user).get(reverse("channels:my-agent")).context["agent"] == agent


def test_taken_away_it_ends_at_once_and_may_be_given_back(client: Client, person: AgentStaff) -> None:
    user = given(client, person)
    theirs = factories.client_of(User.objects.get(pk=user.pk))
    assert theirs.get(reverse("channels:my-agent")).status_code == 200
    client.post(reverse("channels:staff-sign-in-end", args=[person.pk]))
    assert theirs.get(reverse("channels:my-agent")).status_code == 302
    person.refresh_from_db()
    assert (person.user, may_sign_in(person)) == (user, False)
    assert given(client, person, "other") == user
    assert may_sign_in(AgentStaff.objects.get(pk=person.pk))


def test_a_number_in_use_is_refused(client: Client, person: AgentStaff, manager: User) -> None:
    address = reverse("channels:staff-sign-in", args=[person.pk])
    answer = client.post(address, {"employee_no": manager.employee_no})
    assert "employee_no" in answer.context["form"].errors


def test_who_holds_other_roles_keeps_them_and_gets_no_link_here(
    client: Client, person: AgentStaff, agent: Agent, grid: Grid
) -> None:
    user = given(client, person)
    Membership.objects.create(user=user, role=Role.GRID_MANAGER, grid=grid, starts_on=factories.LONG_AGO)
    answer = client.post(reverse("channels:staff-sign-in-link", args=[person.pk]))
    assert answer.status_code == 302
    client.post(reverse("channels:staff-sign-in-end", args=[person.pk]))
    user = User.objects.get(pk=user.pk)
    assert (user.is_active, user.scope.roles) == (True, {"grid_manager"})


def test_who_leaves_is_kept_no_longer_offered_and_signed_out(
    client: Client, person: AgentStaff, agent: Agent, project: Project
) -> None:
    user = given(client, person)
    address = reverse("channels:staff", args=[person.pk])
    today = timezone.localdate()
    data = {**values(client.get(address)), "left_on": (today + timedelta(days=1)).isoformat()}
    assert client.post(address, data).status_code == 302
    assert may_sign_in(AgentStaff.objects.get(pk=person.pk))
    assert end_sign_ins_of_those_who_left(today + timedelta(days=1)) == 1
    staff = page(client, agent).context["staff"]
    assert ([one for one, _ in staff["working"]], staff["left"]) == ([person], [])
    client.post(address, {**values(client.get(address)), "left_on": today.isoformat()})
    assert [one for one, _ in page(client, agent).context["staff"]["left"]] == [person]
    assert person.pk not in HandOutForm(unit=project.grid.unit, day=today).people
    assert person.pk in HandOutForm(unit=project.grid.unit, day=today - timedelta(days=1)).people
    assert not User.objects.get(pk=user.pk).is_active
    assert client.post(reverse("channels:staff-sign-in", args=[person.pk]), {}).status_code == 302
    assert not User.objects.get(pk=user.pk).is_active


# --- Pages ---


def test_the_page_says_what_the_month_brought_beside_its_goals(
    client: Client, agent: Agent, project: Project, grid: Grid, supervisor: User
) -> None:
    second = factories.make_project(grid)
    factories.make_ownership(second, agent)
    month = Month.of(timezone.localdate())
    factories.make_indicator(project, month, net_adds=5, target_net_adds=4, renewals_done=3, target_renewals=9)
    factories.make_indicator(second, month, net_adds=-1, target_net_adds=None, billing_users=None)
    make_matter(grid, supervisor, agent=agent)
    context = page(client, agent).context
    assert (context["net_adds"].done, context["net_adds"].target) == (4, 4)
    assert (context["renewed"].done, context["renewed"].target) == (3, 9)
    assert context["matter_counts"] == {"open": 1, "late": 0}


def test_of_ledger_and_daily_report_the_newer_says_what_the_month_brought(agent: Agent, project: Project) -> None:
    month = Month(2026, 11)
    factories.make_indicator(project, month, net_adds=5, renewals_done=3)
    DailyResult.objects.create(project=project, day=date(2026, 11, 20), net_adds=9, renewals=None)
    for written, adds in ((date(2026, 11, 10), 9), (date(2026, 11, 20), 5)):
        MonthlyIndicator.objects.update(updated_at=datetime(written.year, written.month, written.day, 4, tzinfo=UTC))
        (goal,) = goals(Ownership.objects.filter(agent=agent), date(2026, 11, 24))
        assert [goal.net_adds, goal.renewals] == [adds, 3]


def test_both_pages_ask_as_often_for_many_projects_as_for_one(
    client: Client,
    client_of: Browser,
    agent: Agent,
    agent_staff_user: User,
    grid: Grid,
    unit: Unit,
    supervisor: User,
    django_assert_max_num_queries: Any,
) -> None:
    ways = [(client, reverse("channels:agent", args=[agent.pk]))]
    ways.append((client_of(agent_staff_user), reverse("channels:my-agent")))
    counts: list[list[int]] = []
    for _ in range(2):
        for number in range(6):
            project = factories.make_project(grid)
            factories.make_ownership(project, agent)
            make_contract(agent, unit)
            factories.make_agent_staff(agent)
            make_matter(grid, supervisor, agent=agent, project=project, what=f"事{number}")
        found = []
        for browser, address in ways:
            with django_assert_max_num_queries(60) as captured:
                assert browser.get(address).status_code == 200
            found.append(len(captured))
        counts.append(found)
    assert counts[0] == counts[1]


def test_agent_staff_see_their_agents_projects_and_nobody_elses(
    client_of: Browser, agent: Agent, agent_staff_user: User, project: Project, foreign_project: Project
) -> None:
    other = factories.make_agent("D0200", owns=[foreign_project])
    browser = client_of(agent_staff_user)
    body = browser.get(reverse("channels:my-agent")).content.decode()
    assert project.name in body
    assert foreign_project.name not in body
    for name in ("renewals:agent", "promotions:agent"):
        assert browser.get(reverse(name, args=[agent.pk])).status_code == 200
        assert browser.get(reverse(name, args=[other.pk])).status_code == 404


def test_the_parts_of_renewals_and_sessions_stay_in_scope(
    client: Client, client_of: Browser, agent: Agent, project: Project, foreign_project: Project, admin_user: User
) -> None:
    factories.make_ownership(foreign_project, agent)
    day = timezone.localdate().replace(day=28)
    for place in (project, foreign_project):
        factories.make_warning(factories.make_subscriber(place, expires_on=day), agent=agent)
        place.sessions.create(grid=place.grid, day=day, slot="evening", place=f"{place.name}门口")
    address = reverse("promotions:agent", args=[agent.pk])
    own, every = client.get(address).content.decode(), client_of(admin_user).get(address).content.decode()
    assert f"{project.name}门口" in own
    assert f"{foreign_project.name}门口" not in own
    assert f"{foreign_project.name}门口" in every
    address = reverse("renewals:agent", args=[agent.pk])
    rows = client.get(address).context["rows"]
    assert [(grid, counts.expiring) for _list, _month, grid, counts in rows] == [(project.grid.name, 1)]
