"""The calendar shows on which day what is due, for whom, and where it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from desk.calendar import Day, calendar
from desk.items import DONE, DUE, LATE, OPEN, Item
from gridops.accounts.models import Grid, Membership, Role, RuleValue, Unit, User
from gridops.common.months import Month
from gridops.jobs.calendar import DUE as DUE_ROUND
from gridops.jobs.calendar import key_of
from gridops.jobs.models import Job
from plans.models import Plan
from projects.models import Preparation, Project
from promotions.models import Session, Slot
from renewals.models import RenewalTask, WarningList
from tests import factories

ClientOf = Callable[[User], Client]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)
THE_24TH, THE_29TH = date(2026, 11, 24), date(2026, 11, 29)


def month_of(user: User, today: date = THE_24TH, month: Month = NOVEMBER) -> dict[int, Day]:
    return {day.day.day: day for day in calendar(user, month, today)}


def one(days: dict[int, Day], number: int, begins: str) -> Item:
    [found] = [item for item in days[number].items if item.title.startswith(begins)]
    return found


def titles(days: dict[int, Day]) -> set[str]:
    return {item.title for day in days.values() for item in day.items}


def test_a_manager_sees_the_25th_and_the_28th_with_their_state(manager: User, grid: Grid) -> None:
    days = month_of(manager)
    assert (one(days, 25, "Renewal split for December").state, one(days, 28, "Plans for December").state) == (DUE, DUE)
    days = month_of(manager, THE_29TH)
    assert (one(days, 25, "Renewal split").state, one(days, 28, "Plans for").state) == (LATE, LATE)
    plan = Plan.objects.create(grid=grid, month=DECEMBER.first, state=Plan.State.SUBMITTED)
    WarningList.objects.create(grid=grid, month=DECEMBER.first)
    days = month_of(manager, THE_29TH)
    assert (one(days, 25, "Renewal split").state, one(days, 28, "Plans for").state) == (DONE, DONE)
    assert one(days, 28, "Plans for").url == f"/plans/{plan.pk}/"


def test_a_plan_that_came_back_is_to_be_mended_not_late(manager: User, supervisor: User, grid: Grid) -> None:
    Plan.objects.create(grid=grid, month=DECEMBER.first, state=Plan.State.RETURNED)
    mine, units = (one(month_of(user, THE_29TH), 28, "Plans for") for user in (manager, supervisor))
    assert (mine.state, mine.detail, units.state) == (DUE, "returned", DONE)


def test_the_days_are_those_of_the_unit(manager: User, unit: Unit) -> None:
    RuleValue.objects.create(unit=unit, key="plan_due_day", value=26)
    assert one(month_of(manager), 26, "Plans for December")


def test_a_supervisor_sees_targets_and_how_many_grids_are_done(
    supervisor: User, grid: Grid, other_grid: Grid, foreign_grid: Grid
) -> None:
    Plan.objects.create(grid=grid, month=DECEMBER.first, state=Plan.State.APPROVED)
    Plan.objects.create(grid=foreign_grid, month=DECEMBER.first, state=Plan.State.APPROVED)
    factories.make_target(grid, DECEMBER)
    days = month_of(supervisor)
    assert one(days, 28, "Plans for December").detail == "1 of 2 grids"
    assert one(days, 28, "Targets for December").detail == "1 of 2 grids"


def test_a_specialist_sees_the_renewal_split_and_no_plans(specialist: User, grid: Grid) -> None:
    days = month_of(specialist)
    assert one(days, 25, "Renewal split")
    assert not [title for title in titles(days) if title.startswith(("Plans for", "Targets", "Draft"))]
    assert one(days, 20, "Warning lists for December")


def test_an_admin_sees_all_units_together_and_apart_where_their_days_differ(
    admin_user: User, grid: Grid, foreign_grid: Grid, other_unit: Unit
) -> None:
    assert one(month_of(admin_user), 28, "Plans for December").detail == "0 of 2 grids"
    RuleValue.objects.create(unit=other_unit, key="plan_due_day", value=26)
    days = month_of(admin_user)
    assert one(days, 28, "Plans for December").detail == "0 of 1 grids"
    assert one(days, 26, "Plans for December").title.endswith(other_unit.name)


def test_steps_stand_on_their_day(manager: User, grid: Grid) -> None:
    plan = Plan.objects.create(grid=grid, month=NOVEMBER.first, state=Plan.State.APPROVED)
    for day, done in ((10, None), (26, None), (26, date(2026, 11, 20)), (27, date(2026, 11, 20))):
        plan.steps.create(what="call", due_on=date(2026, 11, day), done_on=done)
    days = month_of(manager)
    assert one(days, 10, "1 step").state == LATE
    assert (one(days, 26, "2 steps").state, one(days, 26, "2 steps").detail) == (DUE, "1 of 2 done")
    assert one(days, 27, "1 step").state == DONE
    assert one(days, 27, "1 step").url == f"/plans/{plan.pk}/progress/#steps-now"


def test_new_projects_stand_on_the_day_of_their_next_step_and_preparation(manager: User, grid: Grid) -> None:
    prospect = factories.make_prospect(grid, next_step="call", next_step_on=date(2026, 11, 12))
    Preparation.objects.create(prospect=prospect, stage="approval", title="count", due_on=date(2026, 11, 25))
    days = month_of(manager)
    assert one(days, 12, "1 next step").state == LATE
    assert one(days, 25, "1 preparation step").state == DUE


def test_sessions_are_counted_a_day_beside_what_is_owed(manager: User, supervisor: User, project: Project) -> None:
    for slot in (Slot.MORNING, Slot.EVENING):
        Session.objects.create(grid=project.grid, project=project, day=date(2026, 11, 26), slot=slot)
    for user in (manager, supervisor):
        days = month_of(user)
        assert (days[26].sessions, days[26].owed, days[26].short) == (2, 2, False)
        assert (days[27].sessions, days[27].owed, days[27].short) == (0, 2, True)


def test_ledgers_end_with_the_month(manager: User, project: Project) -> None:
    days = month_of(manager)
    assert (one(days, 30, "Ledgers").detail, one(days, 30, "Ledgers").state) == ("3 ledgers not seen to", DUE)
    assert one(month_of(manager, date(2026, 11, 2)), 30, "Ledgers").state == OPEN
    assert one(month_of(manager, date(2026, 12, 2)), 30, "Ledgers").state == LATE


def test_what_the_product_does_by_itself_stands_there_too(
    manager: User, admin_user: User, grid: Grid, unit: Unit
) -> None:
    found = one(month_of(manager), 23, "Draft plans for December")
    assert (found.state, found.url) == (OPEN, "/plans/?month=2026-12")
    assert one(month_of(admin_user), 23, "Draft plans").state == LATE
    Job.objects.create(
        kind="plans.drafts",
        key=key_of("plans.drafts", DECEMBER, unit.pk, DUE_ROUND),
        month=DECEMBER.first,
        unit=unit,
        state=Job.State.DONE,
        finished_at=timezone.now(),
    )
    assert one(month_of(admin_user), 23, "Draft plans").state == DONE


def test_tasks_about_renewals_stand_on_their_day(manager: User, colleague: User, grid: Grid) -> None:
    values = {"month": date(2026, 11, 1), "kind": "other", "made_by": manager, "due_on": date(2026, 11, 18)}
    RenewalTask.objects.create(grid=grid, what="a", **values)
    RenewalTask.objects.create(grid=grid, what="b", **values, done_on=date(2026, 11, 17), done_by=manager)

    def titles(user: User) -> list[tuple[str, str]]:
        items = calendar(user, Month(2026, 11), date(2026, 11, 17))[17].items
        return [(item.title, item.detail) for item in items if "renewals" in item.title]

    assert titles(manager) == [("2 tasks about renewals", "1 of 2 done")]
    assert not titles(colleague)


def test_a_deputy_has_the_days_of_whom_they_stand_in_for(manager: User, colleague: User, grid: Grid) -> None:
    Membership.objects.create(
        user=colleague,
        role=Role.GRID_MANAGER,
        grid=grid,
        stands_in_for=manager,
        starts_on=THE_24TH,
        ends_on=THE_24TH + timedelta(days=5),
    )
    shown = {item.title for item in month_of(User.objects.get(pk=colleague.pk))[28].items}
    assert {f"Plans for December 2026 · {name}" for name in ("锦江01网格", "锦江02网格")} <= shown


def test_nothing_of_other_units_is_counted(manager: User, foreign_project: Project) -> None:
    plan = Plan.objects.create(grid=foreign_project.grid, month=NOVEMBER.first, state=Plan.State.APPROVED)
    plan.steps.create(what="call", due_on=date(2026, 11, 10))
    assert not month_of(manager)[10].items


@pytest.mark.parametrize("who", ["manager", "supervisor", "specialist", "admin_user"])
def test_the_page_shows_the_chosen_month_and_marks_today(
    who: str, client_of: ClientOf, request: pytest.FixtureRequest, project: Project
) -> None:
    client = client_of(request.getfixturevalue(who))
    page = client.get("/calendar/?month=2026-12").content.decode()
    assert page.count('<li class="cal-day') == 31
    assert 'aria-current="date"' in client.get(f"/calendar/?month={Month.of(timezone.localdate())}").content.decode()


def test_the_calendar_opens_with_today_and_leaves_the_month_of_other_pages(
    client_of: ClientOf, supervisor: User, grid: Grid
) -> None:
    client = client_of(supervisor)
    client.get("/plans/?month=2027-03")
    assert client.get("/calendar/").context["choice"].month == Month.of(timezone.localdate())
    client.get("/calendar/?month=2026-05")
    assert client.get("/plans/").context["choice"].month == Month(2027, 3)


def test_agent_staff_have_no_calendar(client_of: ClientOf, agent_staff_user: User) -> None:
    assert client_of(agent_staff_user).get("/calendar/").status_code == 403
    assert "/calendar/" not in client_of(agent_staff_user).get("/").content.decode()


def test_more_grids_cost_no_more_queries(
    unit: Unit,
    supervisor: User,
    admin_user: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    both = factories.make_user(role=Role.SUPERVISOR, unit=unit)

    def more(count: int) -> None:
        for _ in range(count):
            grid = factories.make_grid(unit)
            both.memberships.create(role=Role.GRID_MANAGER, grid=grid, starts_on=factories.LONG_AGO)
            plan = Plan.objects.create(grid=grid, month=NOVEMBER.first, state=Plan.State.APPROVED)
            plan.steps.create(what="call", due_on=date(2026, 11, 10))
            factories.make_project(grid)

    def fresh(user: User) -> User:
        found: User = User.objects.get(pk=user.pk)
        return found

    more(2)
    with django_assert_max_num_queries(64) as few:
        for user in (both, supervisor, admin_user):
            assert month_of(fresh(user))
    more(20)
    with django_assert_num_queries(len(few)):
        for user in (both, supervisor, admin_user):
            assert month_of(fresh(user))
