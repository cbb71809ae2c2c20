"""The first page says what is due and what waits, per role."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.db.models import NOT_PROVIDED
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from channels.models import Agent
from desk.agenda import agenda
from desk.items import DONE, DUE, LATE, OPEN, WAITING, Item
from gridops.accounts.models import Grid, Role, Unit, User
from gridops.common.months import Month
from plans.models import Plan, PlanEvent
from projects.models import MonthlyIndicator, Preparation, Project, Prospect
from projects.services_ledgers import touch
from renewals.models import Difference, ExpiryWarning, RenewalTask, Tally, WarningList
from renewals.services_tally import retally
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

DECEMBER = Month(2026, 12)
THE_24TH, THE_29TH = date(2026, 11, 24), date(2026, 11, 29)


def item(user: User, today: date, title: str) -> Item:
    """The one item of the person's agenda whose title begins with ``title``."""
    [found] = [item for item in agenda(user, today) if item.title.startswith(title)]
    return found


def at(day: date) -> datetime:
    """Noon of that day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=timezone.get_current_timezone())


def see_to(project: Project, *ledgers: str) -> None:
    """Ledgers of ``project`` were looked at in November."""
    for ledger in ledgers:
        touch([project.pk], ledger, None, at=at(THE_24TH))


def make_plan(grid: Grid, **fields: Any) -> Plan:
    return Plan.objects.create(grid=grid, month=DECEMBER.first, **fields)


def test_next_months_plan_is_due_until_the_28th_and_late_after(manager: User) -> None:
    assert item(manager, THE_24TH, "Monthly plan").state == DUE
    assert item(manager, THE_24TH, "Monthly plan").due == date(2026, 11, 28)
    assert item(manager, THE_29TH, "Monthly plan").state == LATE


@pytest.mark.parametrize(
    ("plan_state", "state"),
    [
        (Plan.State.DRAFT, DUE),
        (Plan.State.RETURNED, DUE),
        (Plan.State.SUBMITTED, WAITING),
        (Plan.State.APPROVED, DONE),
    ],
)
def test_the_managers_item_follows_the_plans_state(manager: User, grid: Grid, plan_state: str, state: str) -> None:
    plan = make_plan(grid, state=plan_state)
    found = item(manager, THE_24TH, "Monthly plan")
    assert (found.state, str(plan.pk) in found.url) == (state, True)


def test_a_warning_list_with_unowned_subscribers_is_not_done(manager: User, grid: Grid, project: Project) -> None:
    warning = factories.make_warning(factories.make_subscriber(project, expires_on=date(2026, 12, 9)))
    found = item(manager, THE_24TH, "Warning list")
    assert (found.state, found.detail) == (DUE, "1 contract expires · 1 without an agent")
    warning.agent = factories.make_agent()
    warning.state = ExpiryWarning.State.ASSIGNED
    warning.save()
    assert item(manager, THE_24TH, "Warning list").state == DONE


def test_projects_without_last_months_figures_are_named(manager: User, project: Project) -> None:
    assert item(manager, THE_24TH, "Month indicators").detail == "1 project has no figures for last month"
    factories.make_indicator(project, Month(2026, 10))
    assert not [found for found in agenda(manager, THE_24TH) if found.title.startswith("Month indicators")]


def test_targets_that_a_plan_wrote_are_no_figures(manager: User, project: Project) -> None:
    MonthlyIndicator.objects.create(project=project, month=date(2026, 10, 1), target_net_adds=5)
    assert item(manager, THE_24TH, "Month indicators").detail == "1 project has no figures for last month"


def test_ledgers_not_seen_to_are_open_then_due_in_the_last_week_then_done(
    manager: User, project: Project, other_project: Project
) -> None:
    found = item(manager, date(2026, 11, 23), "Ledgers")
    assert (found.state, found.due) == (OPEN, date(2026, 11, 30))
    assert found.detail == "not seen to this month: basic ledger 1 · month indicators 1 · rivals 1"
    assert item(manager, THE_24TH, "Ledgers").state == DUE
    see_to(project, "basics", "rivals")
    found = item(manager, THE_24TH, "Ledgers")
    assert found.detail == "not seen to this month: month indicators 1"
    assert found.url.endswith(f"?month=2026-11&untouched=indicators&grid={project.grid_id}")
    see_to(project, "indicators")
    assert item(manager, THE_24TH, "Ledgers").state == DONE


def test_a_supervisor_sees_the_ledgers_of_the_whole_unit(
    supervisor: User, project: Project, other_project: Project, foreign_project: Project
) -> None:
    see_to(project, "basics")
    assert item(supervisor, THE_24TH, "Ledgers").detail.endswith("basic ledger 1 · month indicators 2 · rivals 2")
    assert item(supervisor, THE_24TH, "Month indicators").detail.startswith("2 projects")


def test_new_projects_are_named_when_a_step_is_late_or_due_or_nobody_looked(manager: User, grid: Grid) -> None:
    assert not [found for found in agenda(manager, THE_24TH) if found.title.startswith("New projects")]
    prospect = Prospect.objects.create(grid=grid, name="滨江二期", looked_at=at(date(2026, 10, 31)))
    found = item(manager, THE_24TH, "New projects")
    assert (found.state, found.detail) == (OPEN, "1 was not looked at this month")
    Prospect.objects.update(next_step="call", next_step_on=date(2026, 11, 30), looked_at=at(THE_24TH))
    found = item(manager, THE_24TH, "New projects")
    assert (found.state, found.detail) == (DUE, "1 step is due within a week")
    Preparation.objects.create(prospect=prospect, stage="approval", title="count", due_on=date(2026, 11, 23))
    found = item(manager, THE_24TH, "New projects")
    assert (found.state, found.detail) == (LATE, "1 step is late · 1 step is due within a week")


def test_a_plan_not_handed_in_stays_on_the_list_when_its_month_has_begun(manager: User, grid: Grid) -> None:
    plan = make_plan(grid)
    found = item(manager, date(2026, 12, 1), "Monthly plan for December 2026")
    assert (found.state, str(plan.pk) in found.url) == (LATE, True)
    Plan.objects.update(state=Plan.State.APPROVED)
    titles = [found.title for found in agenda(manager, date(2026, 12, 1))]
    assert not [title for title in titles if "December" in title and title.startswith("Monthly plan")]


def test_the_supervisor_still_sees_it_then_too(supervisor: User, grid: Grid, other_grid: Grid) -> None:
    make_plan(grid, state=Plan.State.SUBMITTED)
    make_plan(other_grid)
    on_the_1st = date(2026, 12, 1)
    assert item(supervisor, on_the_1st, "Plans to review for December").detail == "1 plan waits for you"
    late = item(supervisor, on_the_1st, "Plans handed in for December")
    assert (late.state, late.detail) == (LATE, "1 of 2 grids")


def test_what_was_handed_in_on_time_and_came_back_is_not_late(manager: User, supervisor: User, grid: Grid) -> None:
    plan = make_plan(grid, state=Plan.State.RETURNED)
    event = plan.events.create(action=PlanEvent.Action.SUBMITTED, at=at(THE_24TH))
    assert item(manager, THE_29TH, "Monthly plan").state == DUE
    assert item(supervisor, THE_29TH, "Plans handed in").state == DONE
    PlanEvent.objects.filter(pk=event.pk).update(late=True)
    assert item(manager, THE_29TH, "Monthly plan").state == LATE


def test_a_revision_in_work_is_never_late(manager: User, grid: Grid) -> None:
    make_plan(grid, state=Plan.State.APPROVED)
    make_plan(grid, revision=2, revision_reason="tower moved")
    assert item(manager, THE_29TH, "Monthly plan").state == DUE


def test_todays_sessions_and_this_months_steps_lead_to_the_plan_itself(manager: User, grid: Grid) -> None:
    plan = Plan.objects.create(grid=grid, month=date(2026, 11, 1), state=Plan.State.APPROVED)
    plan.steps.create(what="Visit the property company")
    assert item(manager, THE_24TH, "This month's plan").url == f"/plans/{plan.pk}/progress/#steps-now"
    assert item(manager, THE_24TH, "Promotion sessions").url == f"/plans/{plan.pk}/#timetable"


def test_a_supervisor_sees_what_waits_and_what_is_missing(supervisor: User, grid: Grid, other_grid: Grid) -> None:
    make_plan(grid, state=Plan.State.SUBMITTED)
    make_plan(other_grid)
    factories.make_target(grid, DECEMBER)
    assert item(supervisor, THE_24TH, "Plans to review").detail == "1 plan waits for you"
    assert item(supervisor, THE_24TH, "Plans handed in").detail == "1 of 2 grids"
    assert item(supervisor, THE_29TH, "Plans handed in").state == LATE
    assert item(supervisor, THE_24TH, "Targets handed down").detail == "1 of 2 grids"


def test_a_specialist_sees_the_lists_of_the_own_unit_only(specialist: User, grid: Grid, foreign_grid: Grid) -> None:
    for place in (grid, foreign_grid):
        WarningList.objects.create(grid=place, month=DECEMBER.first)
    assert item(specialist, THE_24TH, "Warning lists").detail.startswith("1 of 1 grids have their list")


def test_of_two_units_each_asks_for_the_work_of_its_role(
    specialist: User, unit: Unit, grid: Grid, foreign_grid: Grid
) -> None:
    specialist.memberships.create(role=Role.SUPERVISOR, unit=foreign_grid.unit, starts_on=factories.LONG_AGO)
    found = [item.title for item in agenda(User.objects.get(pk=specialist.pk), THE_24TH)]
    assert not [title for title in found if title.startswith("Targets") and unit.name in title]
    assert [title for title in found if title.startswith("Targets") and foreign_grid.unit.name in title]
    assert not [title for title in found if title.startswith("Warning lists") and foreign_grid.unit.name in title]


def test_agent_staff_see_only_their_own_work_and_month(
    agent_staff_user: User, agent: Agent, project: Project, unit: Unit
) -> None:
    assert [found.detail for found in agenda(agent_staff_user, THE_24TH)] == ["nothing is due"]
    other = factories.make_agent()
    for owner, day in ((agent, 24), (agent, 20), (other, 24)):
        factories.make_warning(factories.make_subscriber(project, expires_on=date(2026, 11, day)), agent=owner)
    visit = {"state": "second_visit", "next_step": "visit", "next_on": THE_24TH}
    factories.make_warning(factories.make_subscriber(project, expires_on=date(2026, 11, 9)), agent=agent, **visit)
    lists = list(WarningList.objects.values_list("pk", flat=True))
    retally(lists, THE_24TH)
    today, month = agenda(agent_staff_user, THE_24TH)
    assert (today.state, today.detail) == (DUE, "1 second visit · 2 calls · 2 overdue")
    assert month.detail == "0 of 3 renewed (0.0 %) · 3 due and not contacted"
    assert month.url.startswith(reverse("renewals:my-figures"))


def test_a_managers_renewals_are_late_once_a_visit_or_a_promise_is(
    manager: User, colleague: User, grid: Grid, project: Project, agent: Agent
) -> None:
    late = {"state": "contacted", "next_step": "promise", "next_on": date(2026, 11, 23)}
    factories.make_warning(factories.make_subscriber(project, expires_on=THE_24TH), agent=agent, **late)
    found = item(manager, THE_24TH, "Renewals today")
    assert (found.state, found.detail) == (LATE, "1 promise · 1 overdue")
    assert found.url == reverse("renewals:work") + f"?grid={grid.pk}"
    assert not [one for one in agenda(colleague, THE_24TH) if one.title.startswith("Renewals today")]


def test_anomalies_stand_on_the_first_page_until_they_are_tasks(
    manager: User, specialist: User, supervisor: User, unit: Unit, grid: Grid, project: Project, agent: Agent,
    other_project: Project,
) -> None:  # fmt: skip
    other = factories.make_agent(owns=[other_project])
    for place, owner, done in ((project, agent, 5), (other_project, other, 70)):
        listed = WarningList.objects.create(grid=place.grid, month=date(2026, 11, 1))
        names = [one.name for one in Tally._meta.fields if one.default is NOT_PROVIDED and not one.is_relation]
        zero = dict.fromkeys([name for name in names if name != "id"], 0)
        values = zero | {"expiring": 100, "due": 100, "due_contacted": done}
        Tally.objects.create(warning_list=listed, project=place, agent=owner, **values)
    for user in (manager, specialist, supervisor):
        assert item(user, THE_24TH, "Anomalies").detail == "1 of agents · 1 of projects"
    common: dict[str, Any] = {"grid": grid, "month": date(2026, 11, 1), "kind": "contacts", "made_by": specialist}
    RenewalTask.objects.create(agent=agent, due_on=date(2026, 11, 23), **common)
    RenewalTask.objects.create(project=project, due_on=date(2026, 11, 26), **common)
    assert not [one for one in agenda(manager, THE_24TH) if one.title.startswith("Anomalies")]
    for user in (manager, specialist):
        assert item(user, THE_24TH, "Tasks").detail == "2 tasks are open · 1 overdue"
    assert item(specialist, THE_24TH, "Renewals of").detail.startswith("0 of 200 renewed (0.0 %)")


def test_differences_wait_for_the_specialist(specialist: User, supervisor: User, unit: Unit, project: Project) -> None:
    Difference.objects.create(unit=unit, project=project, month=DECEMBER.first, kind="theirs", account="1")
    found = item(specialist, THE_24TH, "The specialist's list")
    assert (found.state, found.detail) == (DUE, "1 difference to decide")
    assert not [one for one in agenda(supervisor, THE_24TH) if one.title.startswith("The specialist's list")]


def test_an_admin_sees_people_without_a_password(admin_user: User) -> None:
    factories.make_user("N1")
    assert item(admin_user, THE_24TH, "People").state == WAITING


def test_someone_without_a_role_sees_nothing() -> None:
    assert agenda(factories.make_user("N2"), THE_24TH) == []


def test_more_grids_cost_no_more_queries(
    unit: Unit, django_assert_num_queries: DjangoAssertNumQueries, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    def manager_of(count: int) -> User:
        user = factories.make_user()
        for _ in range(count):
            grid = factories.make_grid(unit)
            user.memberships.create(role=Role.GRID_MANAGER, grid=grid, starts_on=timezone.localdate())
            make_plan(grid)
        return user

    one, nine = manager_of(1), manager_of(9)
    with django_assert_max_num_queries(48) as few:
        agenda(one, timezone.localdate())
    with django_assert_num_queries(len(few)):
        agenda(nine, timezone.localdate())
