"""Small worlds whose figures were worked out by hand: what comes late, what is one thing, what is not known (S1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from channels.models import Agent
from gridops.accounts.models import Grid, RuleValue, Unit, User
from gridops.common.months import Month
from gridops.jobs import calendar
from gridops.jobs.models import Job
from gridops.jobs.services import work
from gridops.notices.models import Notice
from gridops.workbooks.models import Batch
from gridops.workbooks.printed_pages import Table
from plans import inbox, services, services_follow, services_settling
from plans.carry_over import Grids, unfinished_steps
from plans.layouts import pages_of, why_of
from plans.material import figures_of
from plans.material_steps import load_hints
from plans.material_targets import grid_figures
from plans.models import ActionStep, AgentShare, Plan, ProjectShare
from plans.notices_due import remind
from plans.pages import overview
from plans.pages_review import review
from plans.pages_split import past_of
from plans.paper import papers_of
from plans.progress import progress_of
from plans.results import Source, results_of
from plans.services_edit import split_over_projects
from plans.targets import write_targets
from projects.models import DailyResult, MonthlyIndicator, Project
from tests import factories
from tests.plans.moments import SHANGHAI

pytestmark = pytest.mark.usefixtures("english")
OCTOBER, NOVEMBER, DECEMBER, JANUARY = Month(2026, 10), Month(2026, 11), Month(2026, 12), Month(2027, 1)
THE_3RD = datetime(2026, 12, 3, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _the_3rd() -> Iterator[None]:
    with time_machine.travel(THE_3RD, tick=False):
        yield


def only(grid: Grid) -> Grids:
    return Grid.objects.filter(pk=grid.pk)


def make_plan(grid: Grid, month: Month, state: str = Plan.State.APPROVED, **goals: object) -> Plan:
    plan = Plan.objects.create(grid=grid, month=month.first, state=state, **{"net_adds": 100, **goals})
    for project in Project.objects.filter(grid=grid):
        ProjectShare.objects.create(plan=plan, project=project, net_adds=50)
    return plan


# --- Figures of a month that is over, corrected late, whichever way ---


def hour() -> None:
    """What happens once an hour: the calendar starts what is owed, workers do it."""
    calendar.ensure_month(date(2026, 12, 3))
    for job in Job.objects.filter(kind=services_settling.KIND, state=Job.State.WAITING).order_by("pk"):
        work(job.pk)


def outcome(plan: Plan, goal: str = "net_adds") -> object:
    return plan.outcomes.get(goal=goal).done


def test_a_figure_corrected_by_hand_settles_the_month_again_within_the_hour(grid: Grid, project: Project) -> None:
    plan = make_plan(grid, NOVEMBER, talks=1)
    row = factories.make_indicator(project, NOVEMBER, net_adds=80)
    hour()
    assert outcome(plan) == 80
    jobs = Job.objects.filter(kind=services_settling.KIND).count()

    hour()
    plan.refresh_from_db()
    assert plan.settled_at == THE_3RD
    with time_machine.travel(THE_3RD.replace(hour=5), tick=False):
        hour()
        plan.refresh_from_db()
        assert plan.settled_at == THE_3RD, "nothing came: nothing is done"
        row.net_adds = 104
        row.save()
        hour()
        assert outcome(plan) == 104
        assert Job.objects.filter(kind=services_settling.KIND).count() == jobs, "the same run again"
    assert plan.steps.get(goal="net_adds").done_on == date(2026, 12, 3), "what fell short is made good"


def test_a_revision_approved_after_the_month_was_settled_is_settled_too(
    grid: Grid, project: Project, manager: User, supervisor: User
) -> None:
    plan = make_plan(grid, NOVEMBER)
    factories.make_indicator(project, NOVEMBER, net_adds=80)
    hour()
    plan.refresh_from_db()
    second = services.revise(plan, plan.version, manager, reason="80 were agreed", now=THE_3RD)
    Plan.objects.filter(pk=plan.pk).update(state=Plan.State.SUPERSEDED)
    Plan.objects.filter(pk=second.pk).update(state=Plan.State.APPROVED, net_adds=80)
    hour()
    assert outcome(second) == 80
    assert second.steps.get(goal="net_adds").done_on


# --- A step ticked off after the next plan took it over ---


def test_a_step_ticked_off_after_the_next_plan_took_it_up_is_not_carried_on(grid: Grid, manager: User) -> None:
    november = make_plan(grid, NOVEMBER)
    step = ActionStep.objects.create(plan=november, what="A")
    december = make_plan(grid, DECEMBER)
    copy = ActionStep.objects.create(plan=december, what="A", carried_from=step)
    assert [one.step for one in unfinished_steps(only(grid), JANUARY)[grid.pk]] == [copy.pk]
    services_follow.tick(step, True, date(2026, 11, 28), manager, "signed")
    assert unfinished_steps(only(grid), JANUARY) == {}
    january = make_plan(grid, JANUARY, Plan.State.DRAFT)
    assert unfinished_steps(only(grid), Month(2027, 2), {}) == {}
    assert january


def test_on_paper_a_step_finished_since_says_so(grid: Grid, manager: User) -> None:
    step = ActionStep.objects.create(plan=make_plan(grid, NOVEMBER), what="A")
    december = make_plan(grid, DECEMBER)
    ActionStep.objects.create(plan=december, what="A", carried_from=step)
    services_follow.tick(step, True, date(2026, 11, 28), manager, "signed")
    [paper] = papers_of(Plan.objects.filter(pk=december.pk), DECEMBER, THE_3RD.date())
    tables = [block for block in pages_of(paper)[0].blocks if isinstance(block, Table)]
    rows = [row for table in tables for row in table.rows if row[1] == "A"]
    assert rows[0][-1] == "finished since Sat 28 Nov."


def test_only_what_was_taken_up_counts_as_carried_over_not_what_sounds_the_same(grid: Grid) -> None:
    november, december = make_plan(grid, NOVEMBER), make_plan(grid, DECEMBER, Plan.State.SUBMITTED)
    taken, left = (ActionStep.objects.create(plan=november, what=what) for what in ("A", "Develop 2 new outlets"))
    ActionStep.objects.create(plan=december, what="A, with a stand", carried_from=taken)
    ActionStep.objects.create(plan=december, what="Develop 2 new outlets")
    found = {row.key: row.now["carried"] for row in review(december).last_steps if row.now}
    assert found == {taken.line: True, left.line: False}


# --- What is known of whom ---


def test_the_roster_of_one_unit_tells_nothing_of_who_joined_in_another(
    grid: Grid, project: Project, foreign_project: Project, admin_user: User
) -> None:
    def roster(day: datetime) -> Batch:
        return Batch.objects.create(
            kind="subscribers", state=Batch.State.APPLIED, sha256="0" * 64, uploaded_by=admin_user, applied_at=day
        )

    old, new = roster(datetime(2026, 10, 25, tzinfo=UTC)), roster(datetime(2026, 11, 25, tzinfo=UTC))
    factories.make_subscriber(project, started_on=date(2026, 10, 3), created_batch=old)
    factories.make_subscriber(foreign_project, started_on=date(2026, 11, 3), created_batch=new)
    grids = Grid.objects.all()
    found = results_of(grids, NOVEMBER, date(2026, 12, 3))
    assert found[foreign_project.grid_id]["installs"].value == 1
    assert "installs" not in found[grid.pk], "nobody has reported"


def test_utilisation_starts_from_what_last_month_came_to_also_by_daily_reports(grid: Grid, project: Project) -> None:
    make_plan(grid, DECEMBER, port_utilisation=70)
    DailyResult.objects.create(project=project, day=NOVEMBER.last, ports_used=240)  # of 400: 60 %
    DailyResult.objects.create(project=project, day=date(2026, 12, 10), ports_used=248)  # 62 %
    found = progress_of(only(grid), DECEMBER, date(2026, 12, 10))[0]
    level = next(one.progress for one in found.goals if one.name == "port_utilisation")
    assert level.expected == pytest.approx(60 + 10 * 10 / 31)
    assert level.forecast == pytest.approx(60 + 2 * 31 / 10)


def test_a_project_of_which_nothing_is_known_is_not_called_empty(grid: Grid, project: Project) -> None:
    factories.make_project(grid, "P000009")
    factories.make_indicator(project, NOVEMBER, ports=400, ports_used=300, billing_users=280)
    known, unknown = figures_of(only(grid), DECEMBER)[grid.pk]
    assert (known.utilisation, unknown.utilisation) == (75, None)
    figures = grid_figures(only(grid), DECEMBER, date(2026, 11, 20))[grid.pk]
    assert (figures.used, figures.ports) == (300, 400), "a ratio of sums counts projects that have both"


def test_net_adds_that_nobody_reported_are_what_the_users_grew_by_as_everywhere_else(
    grid: Grid, project: Project
) -> None:
    second = factories.make_project(grid, "P000009")
    for one, users in ((project, (100, 112)), (second, (50, 45))):
        for month, number in zip((OCTOBER, NOVEMBER), users, strict=True):
            factories.make_indicator(one, month, billing_users=number)
    DailyResult.objects.create(project=second, day=date(2026, 11, 29), net_adds=-4)
    found = results_of(only(grid), NOVEMBER, THE_3RD.date())[grid.pk]["net_adds"]
    assert (found.value, found.reported, found.source) == (12 - 4, 2, Source.SEVERAL), "what was reported goes first"
    past = past_of(grid.pk, [OCTOBER, NOVEMBER, DECEMBER], THE_3RD.date())
    assert (past[project.pk], past[second.pk]) == ({NOVEMBER.first: 12}, {NOVEMBER.first: -5})
    hints = load_hints(only(grid), JANUARY, THE_3RD.date(), 85)
    assert hints[grid.pk].losing == {second.pk: (1, 5)}


# --- What an approved plan writes into the ledger (P2) ---


def test_the_renewal_targets_of_the_projects_add_up_to_the_plan_s(
    grid: Grid, project: Project, agent: Agent, unit: Unit
) -> None:
    second = factories.make_project(grid, "P000009")
    gone = factories.make_project(grid, "P000010", is_active=False)
    plan = make_plan(grid, DECEMBER, renewals=12)
    plan.project_shares.filter(project=gone).delete()
    AgentShare.objects.create(plan=plan, agent=agent, expiring=8, renewals=8)
    AgentShare.objects.create(plan=plan, agent=None, expiring=4, renewals=4)
    for _ in range(3):
        factories.make_subscriber(second, expires_on=date(2026, 12, 9))  # the agent's own have moved away since
    factories.make_subscriber(gone, expires_on=date(2026, 12, 9))
    write_targets(plan, THE_3RD)
    found = dict(MonthlyIndicator.objects.values_list("project", "target_renewals"))
    assert found == {project.pk: 0, second.pk: 12}


def test_without_a_contract_on_record_the_renewals_are_split_evenly(grid: Grid, project: Project) -> None:
    second = factories.make_project(grid, "P000009")
    plan = make_plan(grid, DECEMBER, renewals=5)
    AgentShare.objects.create(plan=plan, agent=None, expiring=0, renewals=5)
    write_targets(plan, THE_3RD)
    found = dict(MonthlyIndicator.objects.values_list("project", "target_renewals"))
    assert sorted(found.values(), key=str) == [2, 3]
    assert set(found) == {project.pk, second.pk}


# --- Why ---


def test_paper_and_page_give_the_true_reason_of_a_share(
    grid: Grid, project: Project, manager: User, client_of: Callable[[User], Client]
) -> None:
    User.objects.update(language="en")
    weightless = factories.make_project(grid, "P000009", households=0, ports=7)
    factories.make_indicator(project, NOVEMBER, billing_users=400, ports=400, ports_used=400)  # full
    factories.make_indicator(weightless, NOVEMBER, billing_users=0, ports=7, ports_used=0)
    unit = grid.unit
    for key, value in (("existing", 100), ("free_ports", 0), ("unserved", 0)):
        RuleValue.objects.create(unit=unit, key=f"split_weight_{key}", value=value)
    plan = Plan.objects.create(grid=grid, month=DECEMBER.first, net_adds=5)
    split_over_projects(plan, {})
    plan.save()
    shares = {share.project_id: share for share in plan.project_shares.all()}
    assert {pk: share.net_adds for pk, share in shares.items()} == {project.pk: 0, weightless.pk: 5}
    full, even = why_of(shares[project.pk]), why_of(shares[weightless.pk])
    assert (full.partition(":")[0], "or those that have are full" in even) == ("nothing falls to it", True)
    page = client_of(manager).get(reverse("plans:split", args=[plan.pk])).content.decode()
    translation.activate("en")
    assert full in page
    assert even in page


# --- Never late, never a forecast ---


def test_a_revision_of_a_plan_handed_in_late_is_not_late(
    grid: Grid, manager: User, supervisor: User, project: Project
) -> None:
    plan = make_plan(grid, DECEMBER, Plan.State.DRAFT)
    plan.project_shares.update(net_adds=100)
    ActionStep.objects.create(plan=plan, what="A")
    services.submit(plan, plan.version, manager, now=THE_3RD)
    services.approve(plan, plan.version, supervisor, now=THE_3RD)
    assert overview(supervisor, DECEMBER, THE_3RD.date())[0].late
    services.revise(plan, plan.version, manager, reason="more free ports", now=THE_3RD)
    [state] = overview(supervisor, DECEMBER, THE_3RD.date())
    assert (state.plan and state.plan.revision, state.late) == (2, False)
    assert [row.tab for row in inbox.rows(supervisor, DECEMBER, THE_3RD.date())] == ["missing"]


def test_a_level_of_a_month_that_is_over_is_the_one_that_was_reached(grid: Grid) -> None:
    project = factories.make_project(grid, ports=377)
    make_plan(grid, NOVEMBER, port_utilisation=70)
    DailyResult.objects.create(project=project, day=OCTOBER.last, ports_used=100)
    DailyResult.objects.create(project=project, day=NOVEMBER.last, ports_used=174)
    [found] = progress_of(only(grid), NOVEMBER, THE_3RD.date())
    assert next(one for one in found.goals if one.name == "port_utilisation").is_final, "no hair of a forecast is left"


# --- The turn of the year ---


def test_january_s_plans_are_asked_for_in_december_and_late_in_january(grid: Grid, manager: User) -> None:
    User.objects.update(language="en")
    told: dict[str, str] = {}
    for day in (date(2026, 12, 20) + timedelta(days=n) for n in range(20)):
        with time_machine.travel(datetime(day.year, day.month, day.day, 8, tzinfo=SHANGHAI), tick=False):
            remind(timezone.now())
        for title in Notice.objects.filter(user=manager).values_list("title", flat=True):
            told.setdefault(title, f"{day:%m-%d}")
    plans = {day: title for title, day in told.items() if title.startswith("Plan for January 2027")}
    assert {day: title.partition(": ")[2] for day, title in plans.items()} == {
        "12-25": "3 days left",
        "12-27": "1 day left",
        "12-28": "today is the last day",
        "12-29": "late since Mon 28 Dec.",
    }
