"""What stands on the first page and in the calendar about agents and outlets (C1, C5 to C7)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from channels.filters_matters import MatterFilter
from channels.models import Outlet
from desk.agenda import agenda
from desk.calendar import calendar
from desk.items import DONE, DUE, LATE, OPEN, Item
from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from projects.models import Project
from tests import factories
from tests import factories_channels as make

TUESDAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _tuesday(english: None) -> object:
    with time_machine.travel(NOON, tick=False):
        yield


def item(user: User, begins: str) -> Item | None:
    """The one whose title begins so."""
    return next((one for one in agenda(user, TUESDAY) if one.title.startswith(begins)), None)


def test_the_week_says_what_is_left_until_all_is_done(grid: Grid, manager: User) -> None:
    assert item(manager, "Outlets this week") is None
    outlet = factories.make_outlet(grid)
    make.make_visit(outlet, manager, at=NOON - timedelta(days=7))
    found = item(manager, "Outlets this week")
    assert found
    assert (found.state, found.detail) == (DUE, "1 visit left · 2 calls left")
    make.make_visit(outlet, manager)
    make.make_call(outlet, manager)
    make.make_call(outlet, manager, reached=False)
    found = item(manager, "Outlets this week")
    assert found
    assert (found.state, found.detail) == (DUE, "0 visits left · 1 call left")
    make.make_call(outlet, manager)
    found = item(manager, "Outlets this week")
    assert found
    assert found.state == DONE


def test_an_outlet_that_was_missed_last_week_is_late_for_manager_and_supervisor(
    grid: Grid, manager: User, supervisor: User
) -> None:
    outlet = factories.make_outlet(grid, opened_on=date(2026, 1, 5))
    make.make_visit(outlet, manager, at=NOON - timedelta(days=15))
    for user in (manager, supervisor):
        found = item(user, "Outlets this week")
        assert found
        assert found.state == LATE
        assert found.detail.endswith("1 outlet overdue")


def test_matters_wait_for_their_owner_and_late_ones_for_the_supervisor(
    grid: Grid, manager: User, colleague: User, supervisor: User
) -> None:
    matter = make.make_matter(grid, manager, due_on=TUESDAY)
    found = item(manager, "Matters of agents")
    assert found
    assert (found.state, found.detail) == (DUE, "1 matter waits for you")
    assert item(colleague, "Matters of agents") is None
    assert item(supervisor, "Matters of agents") is None
    type(matter).objects.filter(pk=matter.pk).update(due_on=TUESDAY - timedelta(days=1))
    late = [item(user, "Matters of agents") for user in (manager, supervisor)]
    assert [one.state for one in late if one] == [LATE, LATE]
    asked = [parse_qs(urlsplit(one.url).query) for one in late if one]
    assert asked == [{"whose": ["mine"]}, {"when": ["late"]}]
    assert all(set(query) <= set(MatterFilter.base_filters) for query in asked)  # the list knows what it is asked for


def test_news_to_tell_stand_there_until_they_are_told(grid: Grid, manager: User, project: Project) -> None:
    outlet = factories.make_outlet(grid, near=[project])
    briefing = make.make_briefing(outlet=outlet, about={"project": project}, due_on=TUESDAY)
    make.make_briefing(outlet=outlet, about={"project": project}, due_on=TUESDAY)
    found = item(manager, "To be told")
    assert found
    assert (found.state, found.detail) == (DUE, "1 outlet has to hear of news")
    type(briefing).objects.update(told_at=timezone.now(), way="call", told_by=manager)
    assert item(manager, "To be told") is None


def test_agents_that_have_to_hear_of_news_stand_on_the_first_page(grid: Grid, manager: User, project: Project) -> None:
    agent = factories.make_agent(owns=[project])
    for due in (TUESDAY, TUESDAY - timedelta(days=1)):
        make.make_briefing(agent=agent, about={"project": project}, due_on=due)
    found = item(manager, "To be told to agents")
    assert found
    assert (found.state, found.detail) == (LATE, "1 agent has to hear of news · 1 overdue")


def test_a_meeting_is_announced_and_asks_for_what_came_of_it(grid: Grid, manager: User) -> None:
    make.make_meeting(grid, manager, title="例会", starts_at=NOON + timedelta(days=2))
    late = make.make_meeting(grid, manager, title="培训", starts_at=NOON - timedelta(days=2))
    make.make_meeting(grid, manager, title="下月", starts_at=NOON + timedelta(days=20))
    states = {one.title: one.state for one in agenda(manager, TUESDAY) if one.title.startswith("Meeting")}
    assert states == {"Meeting “例会”": OPEN, f"Meeting “{late.title}”": LATE}


def test_a_contract_that_ends_soon_is_the_supervisors(unit: Unit, grid: Grid, supervisor: User) -> None:
    agent = factories.make_agent()
    contract = make.make_contract(agent, unit, ends_on=TUESDAY + timedelta(days=31))
    assert item(supervisor, "Contracts with agents") is None
    contract.ends_on = TUESDAY + timedelta(days=30)
    contract.save()
    found = item(supervisor, "Contracts with agents")
    assert found
    assert found.detail == "1 contract with an agent ends soon"
    make.make_contract(agent, unit, starts_on=TUESDAY + timedelta(days=20), ends_on=TUESDAY + timedelta(days=400))
    assert item(supervisor, "Contracts with agents") is None  # it was renewed: no gap


def test_agent_staff_see_what_became_of_what_they_asked_for(
    grid: Grid, manager: User, outlet: Outlet, agent_staff_user: User
) -> None:
    agent = agent_staff_user.agent_staff.agent
    make.make_matter(grid, manager, agent=agent)
    make.make_matter(grid, manager, agent=agent, state="answered", answer="好", answered_at=NOON)
    make.make_matter(grid, manager, outlet=outlet)
    found = item(agent_staff_user, "What we asked for")
    assert found
    assert found.detail == "1 answered · 1 waiting for an answer"


def test_an_admin_is_reminded_in_december_that_next_years_holidays_are_missing(admin_user: User) -> None:
    assert not any("holidays" in one.title for one in agenda(admin_user, TUESDAY))
    found = [one for one in agenda(admin_user, date(2026, 12, 1)) if "holidays" in one.title]
    assert [(one.title, one.state) for one in found] == [("Public holidays of 2027", DUE)]


def test_the_calendar_holds_meetings_and_matters_on_their_days(grid: Grid, manager: User) -> None:
    make.make_matter(grid, manager, due_on=date(2026, 11, 27))
    make.make_meeting(grid, manager, starts_at=datetime(2026, 11, 25, 17, tzinfo=UTC))  # the 26th in Shanghai
    days = {day.day: [one.title for one in day.items] for day in calendar(manager, Month.of(TUESDAY), TUESDAY)}
    assert "1 matter to deal with" in days[date(2026, 11, 27)]
    assert "1 meeting" in days[date(2026, 11, 26)]


def test_an_item_of_the_calendar_leads_to_what_is_on_its_day(client: Client, grid: Grid, manager: User) -> None:
    due = [make.make_matter(grid, manager, due_on=date(2026, 11, day)) for day in (26, 27)]
    held = [make.make_meeting(grid, manager, starts_at=datetime(2026, 11, day, 17, tzinfo=UTC)) for day in (25, 26)]
    days = {day.day: [one.url for one in day.items] for day in calendar(manager, Month.of(TUESDAY), TUESDAY)}
    client.force_login(manager)
    found = [client.get(url).context["listing"].page.rows for url in days[date(2026, 11, 27)] if "/channels/" in url]
    assert [list(rows) for rows in found] == [[held[1]], [due[1]]]
