"""Meetings: planned with those asked, moved, cancelled, held with all that came of it (C1, C9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels.models import Agent, Attendee, Briefing, Matter, Meeting, OrderTraining, Outlet, OutletStaff
from channels.notices import remind
from channels.services_meetings import Said, cancel, hold, plan, plan_again
from gridops.accounts.models import Grid, User
from gridops.notices.models import Notice
from projects.models import Project
from tests.factories import make_agent, make_agent_staff, make_outlet
from tests.factories_channels import make_briefing, make_matter

NOW = timezone.now()
TODAY = timezone.localdate(NOW)
NOON = timezone.localtime(NOW).replace(hour=12)


def planned(grid: Grid, by: User, agents: list[Agent], outlets: list[Outlet], **fields: Any) -> Meeting:
    values = {"title": "例会", "starts_at": NOW - timedelta(minutes=1), "month": date(2026, 12, 1)}
    return plan(Meeting(grid=grid, **(values | fields)), agents, outlets, by, NOW)


@pytest.fixture
def meeting(grid: Grid, manager: User, agent: Agent, outlet: Outlet, agent_staff_user: User) -> Meeting:
    OutletStaff.objects.create(outlet=outlet, name="王一")
    return planned(grid, manager, [agent], [outlet])


def test_all_people_on_record_are_asked_and_agent_staff_are_told(meeting: Meeting, agent_staff_user: User) -> None:
    assert set(meeting.attendees.values_list("name", flat=True)) == {"王一", agent_staff_user.name}
    notice = Notice.objects.get()
    assert (notice.user, notice.url) == (agent_staff_user, f"/channels/meetings/{meeting.pk}/")


def form_data(meeting: Meeting, **changes: Any) -> dict[str, Any]:
    asked = {
        name: list(meeting.attendees.exclude(**{name: None}).values_list(name, flat=True))
        for name in ("agent", "outlet")
    }
    return {
        "title": meeting.title,
        "starts_at": f"{timezone.localtime(meeting.starts_at):%Y-%m-%dT%H:%M}",
        "month": "2026-12",
        "together": "True",
        "agents": asked["agent"],
        "outlets": asked["outlet"],
        "version": meeting.version,
    } | changes


def test_a_moved_meeting_is_told_anew_and_one_asked_no_more_is_taken_off(
    meeting: Meeting, manager: User, client_of: Callable[[User], Client]
) -> None:
    moved = f"{NOW + timedelta(days=2):%Y-%m-%dT%H:%M}"
    client, address = client_of(manager), reverse("channels:meeting-edit", args=[meeting.pk])
    client.post(address, form_data(meeting, starts_at=moved, outlets=[]))
    assert Notice.objects.count() == 2
    assert not meeting.attendees.filter(outlet__isnull=False).exists()
    answer = client.post(
        reverse("channels:meeting-edit", args=[meeting.pk]), form_data(meeting, title="第二次", version=1)
    )
    assert answer.status_code == 409


@pytest.mark.parametrize("changes", [{"agents": [], "outlets": []}, {"together": "False"}])
def test_somebody_is_asked_and_one_to_one_is_with_one(
    meeting: Meeting, manager: User, client_of: Callable[[User], Client], changes: dict[str, Any]
) -> None:
    answer = client_of(manager).post(reverse("channels:meeting-edit", args=[meeting.pk]), form_data(meeting, **changes))
    assert answer.status_code == 422


def test_a_cancelled_meeting_is_not_held_before_it_is_planned_again(meeting: Meeting, manager: User) -> None:
    with pytest.raises(ValidationError):
        cancel(meeting, " ", manager, meeting.version)
    meeting.refresh_from_db()
    cancel(meeting, "下雨", manager, meeting.version)
    with pytest.raises(ValidationError):
        hold(meeting, Said(), manager, NOW, meeting.version)
    meeting.refresh_from_db()
    plan_again(meeting, manager, meeting.version)
    meeting.refresh_from_db()
    assert (meeting.state, "下雨" in meeting.note, Notice.objects.count()) == ("planned", True, 3)


def test_a_meeting_that_lies_ahead_was_not_held(grid: Grid, manager: User, agent: Agent) -> None:
    ahead = planned(grid, manager, [agent], [], starts_at=NOW + timedelta(days=3))
    with pytest.raises(ValidationError):
        hold(ahead, Said(), manager, NOW, ahead.version)
    ahead.refresh_from_db()
    assert (ahead.state, ahead.version) == ("planned", 1)


def test_all_that_came_of_a_meeting_is_written_down_at_once(
    meeting: Meeting, manager: User, agent: Agent, outlet: Outlet, project: Project, client_of: Callable[[User], Client]
) -> None:
    told = make_matter(meeting.grid, manager, agent=agent, state="answered", answer="已扩容", answered_at=NOW)
    briefing = make_briefing(outlet=outlet, about={"project": project})
    was_there, item = meeting.attendees.get(name="王一"), meeting.agenda.first()
    assert item is not None
    data = {
        "version": meeting.version,
        "present": [was_there.pk],
        "came_1_name": "新来的人",
        "came_1_of": f"agent-{agent.pk}",
        "explained": [item.pk],
        "answer": [told.pk],
        "briefing": [briefing.pk],
        "trained": [f"{outlet.pk}|王一"],
        "matter_1_what": "端口不足",
        "matter_1_kind": "problem",
        "matter_1_about": f"project-{project.pk}",
        "matter_3_what": "缺海报",
        "matter_3_kind": "support",
        "matter_3_about": f"outlet-{outlet.pk}",
        "note": "一切顺利",
    }
    client_of(manager).post(reverse("channels:meeting-hold", args=[meeting.pk]), data)
    meeting.refresh_from_db()
    assert (meeting.state, meeting.note) == ("held", "一切顺利")
    assert set(meeting.attendees.filter(present=True).values_list("name", flat=True)) == {"王一", "新来的人"}
    assert set(meeting.agenda.filter(explained=True)) == {item}
    assert list(meeting.matters.order_by("pk").values_list("what", "kind")) == [
        ("端口不足", "problem"),
        ("缺海报", "support"),
    ]
    assert Matter.objects.get(pk=told.pk).state == "closed"
    assert Briefing.objects.get().meeting == meeting
    assert OrderTraining.objects.get().meeting == meeting


@pytest.mark.parametrize("name", ["present", "explained", "answer", "briefing", "trained"])
def test_what_is_not_the_meetings_own_refuses_the_whole(
    meeting: Meeting, manager: User, grid: Grid, client_of: Callable[[User], Client], name: str
) -> None:
    other = make_outlet(grid, "W9")
    elsewhere = planned(grid, manager, [], [other], title="另一次")
    strange = {
        "present": elsewhere.attendees.get().pk,
        "explained": 999_999,
        "answer": make_matter(grid, manager, outlet=other, state="answered", answer="好", answered_at=NOW).pk,
        "briefing": 999_999,
        "trained": f"{other.pk}|{other.name}",
    }
    data = {"version": meeting.version, "present": [meeting.attendees.all()[0].pk], "note": "?"}
    data[name] = [*data.get(name, []), strange[name]]  # type: ignore[misc]
    answer = client_of(manager).post(reverse("channels:meeting-hold", args=[meeting.pk]), data)
    meeting.refresh_from_db()
    assert (answer.status_code, meeting.state) == (404, "planned")


def test_a_refused_meeting_keeps_what_was_typed_and_writes_nothing(
    meeting: Meeting, manager: User, agent: Agent, client_of: Callable[[User], Client]
) -> None:
    data = {
        "version": meeting.version,
        "present": [meeting.attendees.all()[0].pk],
        "matter_2_what": "端口不足",
        "matter_2_kind": "problem",
        "matter_2_about": f"agent-{agent.pk}",
        "matter_2_due": "2020-01-01",
        "note": "我写的纪要",
    }
    answer: Any = client_of(manager).post(reverse("channels:meeting-hold", args=[meeting.pk]), data)
    assert answer.status_code == 422
    assert all(word in answer.content.decode() for word in ("端口不足", "我写的纪要"))
    assert [bool(row["errors"]) for row in answer.context["rows"]] == [False, True, False]
    assert not Matter.objects.exists()
    assert Meeting.objects.get().version == meeting.version


def test_agent_staff_see_what_is_for_all_and_their_own_agents(
    meeting: Meeting, manager: User, grid: Grid, agent_staff_user: User, client_of: Callable[[User], Client]
) -> None:
    other = make_agent("D9", name="别家代理商")
    make_agent_staff(other, "别家的人")
    Attendee.objects.create(meeting=meeting, agent=other, name="别家的人")
    make_matter(grid, manager, what="别家的问题", agent=other)
    meeting.agenda.create(position=99, kind="goal", text="尚未下达：别家的项目", proposed="尚未下达：别家的项目")
    page = client_of(agent_staff_user).get(reverse("channels:meeting", args=[meeting.pk])).content.decode()
    assert agent_staff_user.name in page
    assert not any(word in page for word in ("别家", "王一"))


def test_who_holds_a_meeting_is_reminded_the_day_before_and_until_it_is_written_down(
    grid: Grid, manager: User, agent: Agent
) -> None:
    planned(grid, manager, [agent], [], starts_at=NOON + timedelta(days=1))
    planned(grid, manager, [agent], [], starts_at=NOON - timedelta(days=1))
    for _again in range(2):
        remind(NOON)
    keys = set(Notice.objects.filter(user=manager).values_list("key", flat=True))
    assert {key.split(":")[2] for key in keys} == {"tomorrow", "unwritten"}


def test_the_lists_and_pages_cost_the_same_however_many(
    meeting: Meeting,
    manager: User,
    grid: Grid,
    agent: Agent,
    client_of: Callable[[User], Client],
    django_assert_max_num_queries: Any,
) -> None:
    client = client_of(manager)
    addresses = [
        reverse("channels:meetings"),
        reverse("channels:matters"),
        reverse("channels:trainings"),
        reverse("channels:meeting", args=[meeting.pk]),
        reverse("channels:meeting-hold", args=[meeting.pk]),
    ]
    counts = []
    for _size in range(2):
        found = []
        for address in addresses:
            with django_assert_max_num_queries(60) as asked:
                client.get(address)
            found.append(len(asked))
        counts.append(found)
        for n in range(3):
            shop = make_outlet(grid, f"W1{n}{_size}")
            OutletStaff.objects.create(outlet=shop, name="赵")
            meeting.attendees.create(outlet=shop, name="赵")
            make_matter(grid, manager, outlet=shop, state="answered", answer="好", answered_at=NOW)
            meeting.matters.create(grid=grid, what="?", agent=agent, raised_by=manager, owner=manager, due_on=TODAY)
            planned(grid, manager, [agent], [shop])
    assert counts[0] == counts[1]
