"""Matters: raised, passed on, answered, answered back; nothing is closed unanswered (C1, C5)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from channels import services_matters as services
from channels.models import Agent, Matter, Outlet
from channels.services_matters import ChangedMeanwhile, raise_matter
from gridops.accounts.models import Grid, User
from gridops.notices.models import Notice
from tests.factories_channels import make_matter

NOW = timezone.now()
TODAY = timezone.localdate(NOW)


def test_what_a_manager_raises_is_theirs_to_deal_with(grid: Grid, manager: User, outlet: Outlet) -> None:
    matter = raise_matter(grid, "  缺少   宣传单页 ", manager, kind="support", outlet=outlet, now=NOW)
    step = matter.steps.get()
    assert (matter.owner, matter.what, matter.state, step.what) == (manager, "缺少 宣传单页", "open", "raised")
    assert matter.due_on > TODAY
    assert not Notice.objects.exists()


def test_what_agent_staff_raise_is_the_managers_to_deal_with(
    grid: Grid, manager: User, agent: Agent, agent_staff_user: User
) -> None:
    matter = raise_matter(grid, "端口不足", agent_staff_user, agent=agent, now=NOW)
    assert (matter.owner, Notice.objects.get().user) == (manager, manager)


@pytest.mark.parametrize(("field", "said"), [("what", {"what": " "}), ("due_on", {"due_on": date(2020, 1, 1)})])
def test_a_matter_without_words_or_of_a_past_day_is_refused(
    grid: Grid, manager: User, field: str, said: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError) as refused:
        raise_matter(grid, now=NOW, by=manager, **({"what": "端口不足"} | said))
    assert list(refused.value.message_dict) == [field]


def test_a_matter_is_about_an_outlet_of_its_own_grid(other_grid: Grid, manager: User, outlet: Outlet) -> None:
    with pytest.raises(ValidationError):
        raise_matter(other_grid, "端口不足", manager, owner=manager, outlet=outlet, now=NOW)


def test_nothing_is_closed_before_an_answer_was_given_back(grid: Grid, manager: User, agent: Agent) -> None:
    matter = make_matter(grid, manager, agent=agent)
    with pytest.raises(ValidationError):
        services.told_back(matter, manager, now=NOW)
    services.answer(matter, "已扩容", manager, now=NOW)
    assert Matter.objects.untold().get() == matter
    services.told_back(matter, manager, now=NOW)
    matter.refresh_from_db()
    assert (matter.state, matter.told_at, matter.answer) == ("closed", NOW, "已扩容")
    with pytest.raises(ValidationError):
        services.note(matter, "再说一句", manager, now=NOW)


def test_an_answer_that_settled_nothing_opens_the_matter_again_and_stays_among_its_steps(
    grid: Grid, manager: User, agent: Agent, agent_staff_user: User
) -> None:
    matter = make_matter(grid, manager, agent=agent, due_on=TODAY - timedelta(days=9))
    services.answer(matter, "已扩容", manager, now=NOW)
    services.reopen(matter, "仍然没有端口", agent_staff_user, now=NOW)
    matter.refresh_from_db()
    assert (matter.state, matter.answer) == ("open", "")
    assert matter.due_on >= TODAY
    assert [step.text for step in matter.steps.all()] == ["已扩容", "仍然没有端口"]
    assert Notice.objects.get().user == manager


def test_who_gets_a_matter_is_told(grid: Grid, manager: User, specialist: User) -> None:
    matter = make_matter(grid, manager)
    services.pass_on(matter, specialist, TODAY + timedelta(days=5), manager, text="请协助", now=NOW)
    assert Matter.objects.owned_by(specialist, TODAY).get().due_on == TODAY + timedelta(days=5)
    assert Notice.objects.get().user == specialist


def test_a_matter_goes_to_nobody_who_does_not_work_for_its_grid(
    grid: Grid, manager: User, colleague: User, stranger: User
) -> None:
    for person in (colleague, stranger):
        with pytest.raises(ValidationError):
            services.pass_on(make_matter(grid, manager), person, TODAY + timedelta(days=5), manager, now=NOW)


def test_who_asked_hears_of_the_answer_without_its_words(
    grid: Grid, manager: User, supervisor: User, agent: Agent, agent_staff_user: User
) -> None:
    matter = raise_matter(grid, "张三13912345678报装失败", agent_staff_user, agent=agent, now=NOW)
    services.answer(matter, "已联系13912345678", supervisor, now=NOW)
    assert set(Notice.objects.values_list("user", flat=True)) == {manager.pk, agent_staff_user.pk}
    assert not any("139" in notice.title + notice.body for notice in Notice.objects.all())


def test_agent_staff_confirm_an_answer_but_give_none(
    grid: Grid, manager: User, agent: Agent, agent_staff_user: User
) -> None:
    matter = make_matter(grid, manager, agent=agent)
    with pytest.raises(PermissionDenied):
        services.answer(matter, "好了", agent_staff_user, now=NOW)
    services.answer(matter, "已扩容", manager, now=NOW)
    services.told_back(matter, agent_staff_user, now=NOW)
    assert Matter.objects.get().state == "closed"


def test_who_comes_second_is_told_that_somebody_was_there(grid: Grid, manager: User) -> None:
    matter = make_matter(grid, manager)
    services.note(matter, "已派单", manager, now=NOW, version=1)
    with pytest.raises(ChangedMeanwhile):
        services.answer(matter, "已扩容", manager, now=NOW, version=1)
    assert matter.steps.count() == 1
