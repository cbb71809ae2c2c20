"""What is to be told: seen and ticked off by those who answer for it, reminded of once a day (C6, C7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from channels import notices_news
from channels.models import Agent, Briefing, Outlet
from channels.parts_briefings import agent_part, outlet_part
from gridops.accounts.models import Grid, User
from gridops.notices.services import notify_each
from projects.models import Project
from tests import factories
from tests import factories_channels as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

SignIn = Callable[[User], Client]
PAGE, TELL = "/channels/briefings/", "/channels/briefings/tell/"


@pytest.fixture
def briefing(outlet: Outlet, project: Project) -> Briefing:
    return make.make_briefing(
        outlet=outlet, about={"project": project}, due_on=timezone.localdate() - timedelta(days=2)
    )


@pytest.fixture
def foreign(foreign_grid: Grid, foreign_project: Project) -> Briefing:
    return make.make_briefing(outlet=factories.make_outlet(foreign_grid), about={"project": foreign_project})


def test_a_shop_is_one_card_with_all_it_is_to_be_told_what_is_due_first_on_top(
    briefing: Briefing, outlet: Outlet, agent: Agent, project: Project, manager: User, client_of: SignIn
) -> None:
    make.make_briefing(outlet=outlet, about={"project": project})
    make.make_briefing(agent=agent, about={"project": project})
    page = client_of(manager).get(PAGE)
    assert [(card.key, len(card.rows)) for card in page.context["cards"]] == [(f"o{outlet.pk}", 2), (f"a{agent.pk}", 1)]
    assert page.context["counts"] == {"open": 3, "late": 1, "told": 0}
    by_news = client_of(manager).get(PAGE + "?by=news").context["cards"]
    assert [len(card.rows) for card in by_news] == [3]


def test_what_is_picked_of_one_card_is_ticked_off_in_one_way(
    briefing: Briefing, outlet: Outlet, other_project: Project, project: Project, manager: User, client_of: SignIn
) -> None:
    second = make.make_briefing(outlet=outlet, about={"project": project})
    elsewhere = make.make_briefing(outlet=factories.make_outlet(outlet.grid), about={"project": project})
    picked = {"pick": [briefing.pk, elsewhere.pk], "told": f"o{outlet.pk}.call"}
    client_of(manager).post(TELL, picked)
    briefing.refresh_from_db()
    assert (briefing.way, briefing.told_by) == ("call", manager)
    assert set(Briefing.objects.open()) == {second, elsewhere}


def test_an_id_that_is_not_ones_own_refuses_all_and_who_only_reads_ticks_nothing(
    briefing: Briefing, foreign: Briefing, outlet: Outlet, manager: User, specialist: User, client_of: SignIn
) -> None:
    both = {"pick": [briefing.pk, foreign.pk], "told": f"o{outlet.pk}.call"}
    assert client_of(manager).post(TELL, both).status_code == 404
    assert client_of(specialist).post(TELL, both).status_code == 403
    client_of(manager).post(TELL, {"pick": [briefing.pk], "told": f"o{outlet.pk}.shouting"})
    assert Briefing.objects.open().count() == 2


def test_it_is_taken_back_within_a_day_by_whoever_told_it_or_a_supervisor(
    briefing: Briefing, outlet: Outlet, manager: User, supervisor: User, client_of: SignIn
) -> None:
    tick = {"pick": [briefing.pk], "told": f"o{outlet.pk}.call"}
    for person in (manager, supervisor):
        client_of(manager).post(TELL, tick)
        assert not Briefing.objects.open().exists()
        client_of(person).post(f"/channels/briefings/{briefing.pk}/untell/")
        assert Briefing.objects.open().exists()
    client_of(manager).post(TELL, tick)
    Briefing.objects.update(told_at=timezone.now() - timedelta(days=2))
    client_of(manager).post(f"/channels/briefings/{briefing.pk}/untell/")
    assert not Briefing.objects.open().exists()


def test_news_of_a_project_elsewhere_is_not_shown_though_its_agent_works_here_too(
    agent: Agent, other_project: Project, colleague: User, manager: User
) -> None:
    factories.make_ownership(other_project, agent)
    make.make_briefing(agent=agent, about={"project": other_project})
    assert Briefing.objects.for_user(colleague).count() == 1
    assert not Briefing.objects.for_user(manager).exists()


def test_parts_of_pages_show_what_is_open_and_what_was_told(
    briefing: Briefing, outlet: Outlet, agent: Agent, manager: User, specialist: User
) -> None:
    part = outlet_part(manager, outlet, timezone.localdate())
    assert [row.pk for row in part["open"]] == [briefing.pk]
    assert part["may_tell"]
    assert not outlet_part(specialist, outlet, timezone.localdate())["may_tell"]
    assert agent_part(manager, agent, timezone.localdate())["open"] == []


def test_the_page_costs_the_same_however_much_is_to_be_told(
    grid: Grid,
    project: Project,
    manager: User,
    client_of: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_of(manager)

    def asked() -> int:
        client.get(PAGE)
        with django_assert_max_num_queries(60) as counted:
            client.get(PAGE)
        return len(counted)

    def more(number: int) -> None:
        for outlet in [factories.make_outlet(grid) for _number in range(number)]:
            make.make_briefing(outlet=outlet, about={"project": project})

    more(2)
    few = asked()
    more(8)
    assert asked() == few


def test_managers_hear_of_their_grid_and_supervisors_of_what_is_late_once_a_day(
    briefing: Briefing, manager: User, colleague: User, supervisor: User, foreign_supervisor: User
) -> None:
    for _twice in range(2):
        notify_each(notices_news.due_messages(timezone.localdate()))
    assert [person.notices.count() for person in (manager, supervisor)] == [1, 1]
    assert not colleague.notices.exists()
    assert not foreign_supervisor.notices.exists()


def test_coverage_counts_what_was_told_in_time_by_grid(
    briefing: Briefing, outlet: Outlet, manager: User, supervisor: User, project: Project, client_of: SignIn
) -> None:
    client_of(manager).post(TELL, {"pick": [briefing.pk], "told": f"o{outlet.pk}.call"})
    late = make.make_briefing(
        outlet=outlet, about={"project": project}, due_on=timezone.localdate() - timedelta(days=1)
    )
    (place,) = client_of(supervisor).get("/channels/briefings/coverage/").context["places"]
    assert (place.open, place.late, place.told, place.in_time) == (1, 1, 1, 0)
    assert place.manager == manager.name
    assert late.told_at is None
