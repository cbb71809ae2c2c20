"""What the first page says of plans beside handing them in: goals behind, targets that moved, comments, deputies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from desk.agenda import agenda
from desk.items import Item
from gridops.accounts.models import Grid, Membership, Role, User
from gridops.common.months import Month
from plans.models import Plan, PlanComment, Target
from projects.models import Project
from tests import factories

ClientOf = Callable[[User], Client]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

THE_24TH = date(2026, 11, 24)
NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)


def items(user: User, begins: str) -> list[Item]:
    return [item for item in agenda(User.objects.get(pk=user.pk), THE_24TH) if item.title.startswith(begins)]


def test_goals_far_behind_are_named_with_their_number(
    manager: User, supervisor: User, grid: Grid, project: Project
) -> None:
    plan = Plan.objects.create(grid=grid, month=NOVEMBER.first, state=Plan.State.APPROVED, net_adds=100)
    factories.make_indicator(project, NOVEMBER, net_adds=3)
    [mine], [units] = items(manager, "Goals far behind"), items(supervisor, "Goals far behind")
    assert mine.url == f"/plans/{plan.pk}/progress/"
    assert "net adds" in mine.detail
    assert units.detail == "1 grid: 锦江01网格"
    Plan.objects.update(net_adds=1)
    assert not items(manager, "Goals far behind")


def test_a_target_that_moved_is_said_while_the_plan_can_follow(manager: User, grid: Grid) -> None:
    plan = Plan.objects.create(grid=grid, month=DECEMBER.first, net_adds=30, handed_down={"net_adds": "30"})
    factories.make_target(grid, DECEMBER, net_adds=30, renewals=None)
    assert not items(manager, "The target has changed")
    Target.objects.update(net_adds=50)
    [found] = items(manager, "The target has changed")
    assert (found.detail, found.url) == ("net adds", f"/plans/{plan.pk}/")
    Plan.objects.update(state=Plan.State.SUBMITTED)
    assert not items(manager, "The target has changed")


def test_open_comments_are_for_the_other_side(manager: User, supervisor: User, grid: Grid) -> None:
    plan = Plan.objects.create(grid=grid, month=DECEMBER.first, state=Plan.State.RETURNED)
    PlanComment.objects.create(plan=plan, line="note", text="why?", by=supervisor)
    assert [found.detail for found in items(manager, "Comments")] == ["1 comment is open"]
    assert not items(supervisor, "Comments")
    PlanComment.objects.create(plan=plan, line="note", text="because", by=manager)
    assert [found.detail for found in items(supervisor, "Comments")] == ["1 comment is open"]
    PlanComment.objects.update(settled_at=timezone.now())
    assert not items(manager, "Comments")
    assert not items(supervisor, "Comments")


def test_both_see_that_one_stands_in_for_the_other(
    client_of: ClientOf, manager: User, colleague: User, grid: Grid
) -> None:
    today = timezone.localdate()
    Membership.objects.create(
        user=colleague,
        role=Role.GRID_MANAGER,
        grid=grid,
        stands_in_for=manager,
        starts_on=today,
        ends_on=today + timedelta(days=3),
    )
    User.objects.update(language="en")
    assert "You stand in for 张经理" in client_of(colleague).get("/").content.decode()
    assert "李经理 stands in for you" in client_of(manager).get("/").content.decode()
    titles = [item.title for item in agenda(User.objects.get(pk=colleague.pk), today)]
    assert any("Monthly plan" in title and "锦江01网格" in title for title in titles)
