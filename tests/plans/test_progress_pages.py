"""A plan in its month: each goal and project against what was done, steps ticked off, the outcome (S1, S2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from plans import services, services_follow
from plans.models import ActionStep, Plan, ProjectShare
from plans.progress import Standing, progress_of
from plans.progress_days import days_of
from plans.rules_progress import AMBER, EARLY, GOOD, RED, UNKNOWN
from plans.services import Refused
from projects.models import DailyResult, MonthlyIndicator, Project, ProspectTalk
from tests import factories

NOVEMBER = Month(2026, 11)
THE_15TH = date(2026, 11, 15)
pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture(autouse=True)
def _today(time_machine: Any) -> None:
    time_machine.move_to("2026-11-15 04:00:00+00:00", tick=False)


def report(project: Project, day: int, **figures: int) -> None:
    DailyResult.objects.create(project=project, day=date(2026, 11, day), **figures)


def make_plan(grid: Grid, **fields: Any) -> Plan:
    plan = Plan.objects.create(
        grid=grid, month=NOVEMBER.first, **{"state": Plan.State.APPROVED, "net_adds": 100, **fields}
    )
    for project in Project.objects.filter(grid=grid):
        ProjectShare.objects.create(plan=plan, project=project, net_adds=50)
    return plan


@pytest.fixture
def approved(grid: Grid, project: Project) -> Plan:
    """The approved plan of November: 100 net adds, 30 renewals, 70 % of the ports, 2 talks."""
    return make_plan(grid, renewals=30, port_utilisation=70, talks=2)


@pytest.fixture
def page(manager: User, client_of: Callable[[User], Client]) -> Callable[..., Any]:
    """``page(name, *args)``: what the manager is shown, in English."""
    manager.language = "en"
    manager.save()
    browser = client_of(manager)
    return lambda name, *args, query="": browser.get(reverse(name, args=args) + query)


def standing(grid: Grid, goal: str, today: date = THE_15TH) -> Standing:
    found = progress_of(Grid.objects.filter(pk=grid.pk), NOVEMBER, today)[0]
    return next(one for one in found.goals if one.name == goal)


def test_each_goal_says_its_state_with_the_number_behind_it(
    page: Callable[..., Any], approved: Plan, project: Project
) -> None:
    report(project, 14, net_adds=42, renewals=14, ports_used=200)
    text = page("plans:progress", approved.pk).content.decode()
    assert "forecast 90, 90 % of the target" in text
    assert "falling short" in text
    net_adds, renewals = standing(approved.grid, "net_adds"), standing(approved.grid, "renewals")
    assert (net_adds.progress.state, renewals.progress.state) == (AMBER, GOOD)
    assert net_adds.progress.expected == pytest.approx(100 * 14 / 30), "by the day of the figures"
    assert standing(approved.grid, "talks").progress.state == RED
    assert standing(approved.grid, "installs").words == ""
    assert f"{reverse('projects:daily')}?day=2026-11-14" in text, "a figure leads to where it comes from"


def test_without_figures_nothing_is_red(approved: Plan) -> None:
    assert standing(approved.grid, "net_adds").progress.state == UNKNOWN
    assert standing(approved.grid, "talks", date(2026, 11, 3)).progress.state == EARLY
    assert standing(approved.grid, "talks", date(2026, 10, 30)).progress.state == EARLY


def test_utilisation_starts_from_last_month_s_level(approved: Plan, project: Project) -> None:
    factories.make_indicator(project, NOVEMBER.plus(-1), ports=400, ports_used=240)
    report(project, 15, ports_used=260)
    found = standing(approved.grid, "port_utilisation").progress
    assert (found.expected, found.done, found.forecast, found.state) == (65, 65, 70, GOOD)


def test_once_the_month_is_over_the_result_is_said_not_a_forecast(approved: Plan, project: Project) -> None:
    factories.make_indicator(project, NOVEMBER, net_adds=91)
    assert standing(approved.grid, "net_adds", date(2026, 12, 3)).words == "91, 91 % of the target"


def test_what_is_just_short_is_never_said_to_be_the_whole(approved: Plan, project: Project) -> None:
    Plan.objects.filter(pk=approved.pk).update(net_adds=1_000)
    factories.make_indicator(project, NOVEMBER, net_adds=997)
    assert standing(approved.grid, "net_adds", date(2026, 12, 3)).words == "997, 99 % of the target"


def test_losses_are_said_beside_the_target_not_as_a_part_of_it(approved: Plan, project: Project) -> None:
    report(approved.project_shares.get().project, 14, net_adds=-7)
    words = standing(approved.grid, "net_adds", date(2026, 11, 14)).words
    assert "% of" not in words
    assert "less than the target" in words


def test_projects_that_have_not_reported_are_said(page: Callable[..., Any], grid: Grid, approved: Plan) -> None:
    report(approved.project_shares.get().project, 14, net_adds=50)
    factories.make_project(grid)
    assert "1 of 2 projects have reported" in page("plans:progress", approved.pk).content.decode()


def test_projects_stand_worst_first_against_their_shares(
    page: Callable[..., Any], grid: Grid, project: Project
) -> None:
    second, third = factories.make_project(grid), factories.make_project(grid)
    plan = make_plan(grid)
    MonthlyIndicator.objects.create(project=project, month=NOVEMBER.first, target_renewals=10)
    report(project, 15, net_adds=30, renewals=2)
    report(second, 15, net_adds=5)
    report(third, 15, net_adds=24)
    rows = page("plans:progress", plan.pk).context["rows"]
    assert [row.project for row in rows] == [second, project, third], "red at 20 %, then at 40 % of the renewals"
    assert rows[1].standings[1].progress.target == 10


def test_the_approved_revision_counts_and_a_share_is_judged_from_the_new_target(
    page: Callable[..., Any], grid: Grid, project: Project, manager: User, supervisor: User
) -> None:
    first = make_plan(grid, net_adds=50)
    revision = services.revise(first, first.version, manager, reason="a tower was handed over", now=timezone.now())
    text = page("plans:progress", first.pk).content.decode()
    assert "Revision 2 is in work" in text
    Plan.objects.filter(pk=revision.pk).update(net_adds=80)
    revision.project_shares.update(net_adds=80)
    revision.refresh_from_db()
    services.submit(revision, revision.version, manager, now=timezone.now())
    services.approve(revision, revision.version, supervisor, now=timezone.now())
    report(project, 15, net_adds=25)
    assert page("plans:progress", first.pk).url == reverse("plans:progress", args=[revision.pk])
    answer = page("plans:progress", revision.pk)
    assert "Revision 2 holds since 2026-11-15 12:00." in answer.content.decode()
    assert answer.context["rows"][0].standings[0].progress.target == 80
    assert answer.context["rows"][0].standings[0].progress.state == RED


def test_a_plan_not_approved_yet_says_so(page: Callable[..., Any], grid: Grid) -> None:
    plan = make_plan(grid, state=Plan.State.DRAFT)
    assert "no approved plan" in page("plans:progress", plan.pk).content.decode()


def test_the_line_of_days_keeps_what_a_project_reported_last(
    grid: Grid, project: Project, manager: User, approved: Plan
) -> None:
    second = factories.make_project(grid)
    report(project, 2, net_adds=5)
    report(second, 4, net_adds=3)
    report(project, 5, net_adds=9)
    prospect = factories.make_prospect(grid)
    ProspectTalk.objects.create(prospect=prospect, held_on=date(2026, 11, 3), text="-", by=manager)
    found = days_of(grid, NOVEMBER, THE_15TH)
    assert found["net_adds"][:6] == [None, 5, 5, 8, 12, 12]
    assert found["talks"][:4] == [0, 0, 1, 1]
    assert found["net_adds"][15:] == [None] * 15, "days to come"


# --- Steps ---


def test_a_step_is_ticked_off_with_a_note_by_whom_and_undone(
    page: Callable[..., Any], approved: Plan, manager: User, client_of: Callable[[User], Client]
) -> None:
    step = ActionStep.objects.create(plan=approved, what="Talk to the property company", due_on=date(2026, 11, 10))
    assert page("plans:progress", approved.pk).context["steps"][0].overdue
    browser = client_of(manager)
    answer = browser.post(
        reverse("plans:tick", args=[step.pk]), {"done": "on", "note": "signed \n today", "back": "progress"}
    )
    assert answer.url == reverse("plans:progress", args=[approved.pk]) + f"#step-{step.pk}"  # type: ignore[attr-defined]
    step.refresh_from_db()
    assert (step.done_on, step.done_by, step.done_note) == (THE_15TH, manager, "signed today")
    browser.post(reverse("plans:tick", args=[step.pk]), {})
    step.refresh_from_db()
    assert (step.done_on, step.done_by, step.done_note) == (None, None, "")
    browser.post(reverse("plans:tick", args=[step.pk]), {"done": "on", "note": "x" * 201})
    step.refresh_from_db()
    assert step.done_on is None


def test_the_plan_that_holds_no_more_is_not_ticked(approved: Plan, manager: User) -> None:
    step = ActionStep.objects.create(plan=approved, what="A")
    Plan.objects.filter(pk=approved.pk).update(state=Plan.State.SUPERSEDED)
    step.plan.refresh_from_db()
    with pytest.raises(Refused, match="later revision"):
        services_follow.tick(step, True, THE_15TH, manager)


def test_a_step_done_in_the_next_plan_says_so_here(page: Callable[..., Any], approved: Plan, grid: Grid) -> None:
    step = ActionStep.objects.create(plan=approved, what="A")
    later = Plan.objects.create(grid=grid, month=date(2026, 12, 1))
    copy = ActionStep.objects.create(plan=later, what="A", carried_from=step)
    assert "carried into the plan of December 2026" in page("plans:progress", approved.pk).content.decode()
    services_follow.tick(copy, True, THE_15TH)
    assert "done in the plan of December 2026" in page("plans:progress", approved.pk).content.decode()


# --- Over all grids ---


def test_the_worst_grid_comes_first(
    client_of: Callable[[User], Client], supervisor: User, approved: Plan, project: Project, other_project: Project
) -> None:
    good = make_plan(other_project.grid)
    report(project, 15, net_adds=10)
    report(other_project, 15, net_adds=60)
    answer = client_of(supervisor).get(reverse("plans:progress-list"))
    assert [row.plan for row in answer.context["rows"]] == [approved, good]


def test_the_number_of_queries_depends_neither_on_grids_nor_on_projects(
    client_of: Callable[[User], Client], supervisor: User, manager: User, unit: Unit, grid: Grid, project: Project
) -> None:
    plan = make_plan(grid, renewals=3, talks=1)

    def fill(one: Grid, projects: int) -> None:
        for row in factories.make_projects(one, projects):
            report(row, 14, net_adds=1, renewals=1, ports_used=10, installs=2)
            factories.make_subscriber(row)

    def queries(user: User, name: str, *args: int) -> int:
        browser = client_of(user)
        browser.get(reverse(name, args=args))
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(reverse(name, args=args)).status_code == 200
        return len(seen)

    def measured() -> tuple[int, int]:
        return queries(supervisor, "plans:progress-list"), queries(manager, "plans:progress", plan.pk)

    factories.make_subscriber(project)
    ActionStep.objects.create(plan=plan, what="A")
    before = measured()
    for row in factories.make_projects(grid, 8):
        ProjectShare.objects.create(plan=plan, project=row, net_adds=1)
        ActionStep.objects.create(plan=plan, what="A", project=row)
    for _ in range(9):
        one = factories.make_grid(unit)
        fill(one, 2)
        make_plan(one)
    fill(grid, 3)
    assert measured() == before
