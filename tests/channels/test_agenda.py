"""A meeting's agenda: proposed from the month's figures, edited and ordered, proposed anew without loss (C1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels.models import Agent, Meeting, Outlet, OutletStaff
from channels.rules_agenda import Item, Line, in_order, moved, propose_anew
from channels.services_agenda import ChangedMeanwhile, Typed, keep_agenda
from channels.services_meetings import plan
from gridops.accounts.models import Grid, User
from projects.models import MonthlyIndicator, Project
from tests.factories import make_ownership, make_project
from tests.factories_channels import make_campaign, make_matter

NOW = timezone.now()
DECEMBER = date(2026, 12, 1)


def item(kind: str, text: str, proposed: str = "", pk: int | None = None, **about: int) -> Item:
    return Item(Line(kind, text, **about), proposed, pk=pk)


# --- Pure ---


def test_what_was_typed_stays_and_the_rest_says_what_holds_now() -> None:
    standing = [
        item("goal", "净增 5", "净增 5", 1, project=1),
        item("goal", "净增 9, 务必完成", "净增 9", 2, project=2),
        item("other", "茶歇", "", 3),
        item("campaign", "旧方案", "旧方案", 4, campaign=7),
    ]
    lines = [Line("figures", "合计"), Line("goal", "净增 6", project=1), Line("goal", "净增 8", project=2)]
    made = propose_anew(standing, lines)
    assert [(one.line.text, one.pk) for one in made] == [
        ("合计", None),
        ("净增 6", 1),
        ("净增 9, 务必完成", 2),
        ("茶歇", 3),
    ]


def test_a_new_line_stands_behind_those_of_its_kind_wherever_they_were_moved() -> None:
    standing = [item("goal", "一", "一", 1, project=1), item("figures", "合计", "合计", 2)]
    lines = [Line("figures", "合计"), Line("goal", "一", project=1), Line("goal", "二", project=2)]
    assert [one.line.text for one in propose_anew(standing, lines)] == ["一", "二", "合计"]


@pytest.mark.parametrize(
    ("places", "order"), [({}, [1, 2, 3]), ({1: 9}, [2, 3, 1]), ({3: 1, 1: 2, 2: 3}, [3, 1, 2]), ({3: 1}, [1, 3, 2])]
)
def test_items_stand_in_the_order_of_the_numbers_beside_them(places: dict[int, int], order: list[int]) -> None:
    assert in_order(places, [1, 2, 3]) == order


@pytest.mark.parametrize(("pk", "by", "order"), [(2, -1, [2, 1, 3]), (1, -1, [1, 2, 3]), (3, 1, [1, 2, 3])])
def test_an_item_is_moved_and_stays_at_an_end(pk: int, by: int, order: list[int]) -> None:
    assert moved([1, 2, 3], pk, by) == order


# --- From the month's figures ---


@pytest.fixture
def meeting(grid: Grid, manager: User, agent: Agent, outlet: Outlet, project: Project, english: None) -> Meeting:
    MonthlyIndicator.objects.create(
        project=project,
        month=date(2026, 11, 1),
        billing_users=320,
        net_adds=5,
        renewals_due=50,
        renewals_done=40,
        ports=400,
        ports_used=300,
    )
    MonthlyIndicator.objects.create(project=project, month=DECEMBER, target_net_adds=12, target_renewals=30)
    OutletStaff.objects.create(outlet=outlet, name="王一")
    make_campaign(manager, grid.unit, "迎新方案")
    make_campaign(manager, None, "过期方案", ends_on=date(2026, 1, 1))
    make_matter(grid, manager, what="端口不足", agent=agent)
    made = Meeting(grid=grid, title="例会", starts_at=datetime(2026, 11, 24, 2, tzinfo=UTC), month=DECEMBER)
    return plan(made, [agent], [outlet], manager, NOW)


def texts(meeting: Meeting) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in meeting.agenda.all():
        found.setdefault(one.kind, []).append(one.text)
    return found


def test_an_agenda_is_proposed_from_figures_goals_campaigns_matters_and_trainings(meeting: Meeting) -> None:
    said = texts(meeting)
    assert list(said) == ["figures", "campaign", "goal", "matter", "training"]
    assert all(word in said["figures"][0] for word in ("320", "5", "80.0 %", "75.0 %"))
    assert all(word in said["goal"][0] for word in ("锦绣花园", "12", "30"))
    assert ["迎新方案" in text for text in said["campaign"]] == [True]
    assert "端口不足" in said["matter"][0]
    assert "王一" in said["training"][0]


def test_figures_of_several_projects_say_how_many_were_reported(
    meeting: Meeting, grid: Grid, agent: Agent, manager: User
) -> None:
    make_ownership(make_project(grid), agent)
    keep_agenda(meeting, Typed(propose=True), meeting.version)
    assert any(text.startswith("1 of 2 projects together") for text in texts(meeting)["figures"])


def test_proposed_anew_it_follows_the_figures_and_keeps_what_was_typed(meeting: Meeting) -> None:
    goal, matter = meeting.agenda.get(kind="goal"), meeting.agenda.get(kind="matter")
    keep_agenda(meeting, Typed(texts={matter.pk: "请当面说明"}, new="春节值班"), meeting.version)
    MonthlyIndicator.objects.filter(month=DECEMBER).update(target_net_adds=99)
    keep_agenda(meeting, Typed(propose=True), meeting.version)
    said = texts(meeting)
    assert "99" in meeting.agenda.get(pk=goal.pk).text
    assert (said["matter"], said["other"]) == (["请当面说明"], ["春节值班"])


def test_who_saves_an_agenda_second_is_told_and_keeps_what_they_typed(
    meeting: Meeting, manager: User, client_of: Callable[[User], Client]
) -> None:
    first = meeting.agenda.first()
    assert first is not None
    keep_agenda(meeting, Typed(new="另一件事"), meeting.version)
    data = {"version": "1", f"text_{first.pk}": "我写的话", "go": "save"}
    answer: Any = client_of(manager).post(reverse("channels:meeting-agenda", args=[meeting.pk]), data)
    assert answer.status_code == 409
    assert "我写的话" in answer.content.decode()
    with pytest.raises(ChangedMeanwhile):
        keep_agenda(meeting, Typed(), 1)


def test_an_agenda_is_ordered_without_script(
    meeting: Meeting, manager: User, client_of: Callable[[User], Client]
) -> None:
    before = list(meeting.agenda.values_list("pk", flat=True))
    data = {"version": "1", "go": f"up:{before[1]}", f"place_{before[-1]}": "1", f"drop_{before[2]}": "on"}
    client_of(manager).post(reverse("channels:meeting-agenda", args=[meeting.pk]), data)
    after = list(meeting.agenda.values_list("pk", flat=True))
    assert after == [before[1], before[0], before[-1], before[3]] or set(after) == set(before) - {before[2]}
    assert before[2] not in after


def test_an_item_of_another_meeting_is_refused(
    meeting: Meeting, manager: User, client_of: Callable[[User], Client]
) -> None:
    data = {"version": "1", "text_999999": "?", "new": "不应写入"}
    answer = client_of(manager).post(reverse("channels:meeting-agenda", args=[meeting.pk]), data)
    assert (answer.status_code, meeting.agenda.filter(text="不应写入").exists()) == (404, False)
