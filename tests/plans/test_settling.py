"""The end of a month: outcomes, what fell short, and how it is carried on from plan to plan (S1, S2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from gridops.jobs.models import Job
from gridops.jobs.registry import KINDS
from gridops.jobs.run import Run
from gridops.jobs.services import claim, start
from plans import services, services_follow, services_settling
from plans.carry_over import unfinished_steps
from plans.checks import problems
from plans.drafting import draft_plans
from plans.models import ActionStep, Outcome, Plan, PlanEvent, ProjectShare
from plans.results import results_of
from plans.services import Refused
from projects.models import MonthlyIndicator, Project
from tests import factories
from tests.workbooks.conftest import Import

pytestmark = pytest.mark.usefixtures("english")
SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (Month(2026, number) for number in (9, 10, 11, 12))
NOW = datetime(2026, 12, 1, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _the_1st() -> Iterator[None]:
    """The day on which November is settled."""
    with time_machine.travel(NOW, tick=False):
        yield


def make_plan(grid: Grid, month: Month, state: str = Plan.State.APPROVED, **goals: Any) -> Plan:
    """A plan as it stands, with a share of its net adds for each project."""
    plan = Plan.objects.create(grid=grid, month=month.first, state=state, **{"net_adds": 100, **goals})
    for project in Project.objects.filter(grid=grid):
        ProjectShare.objects.create(plan=plan, project=project, net_adds=50)
    return plan


def owes(plan: Plan) -> bool:
    """Whether a line of the plan owes an improvement measure."""
    return any("improvement measure" in problem.text for problem in problems(plan))


def settle(grid: Grid, month: Month = NOVEMBER, now: datetime = NOW) -> int:
    return services_settling.settle(Grid.objects.filter(pk=grid.pk), month, now)


@pytest.fixture
def make_job(unit: Unit) -> Callable[..., Run]:
    """``make_job(kind, month)``: a claimed job of the unit."""

    def make(kind: str, month: Month, of: Unit | None = None) -> Run:
        ended = {"state": Job.State.DONE, "finished_at": timezone.now(), "lease_until": None}
        Job.objects.filter(state=Job.State.RUNNING).update(**ended)
        run = claim(start(kind, month=month, unit=of or unit).pk)
        assert run is not None
        return run

    return make


# --- Outcomes ---


def test_settling_writes_what_was_planned_and_done_and_where_it_was_read(grid: Grid, project: Project) -> None:
    plan = make_plan(grid, NOVEMBER, renewals=10, talks=2)
    factories.make_indicator(project, NOVEMBER, net_adds=80, renewals_done=12)

    assert settle(grid) == 1

    found = {one.goal: one for one in plan.outcomes.all()}
    assert set(found) == {"net_adds", "renewals", "talks"}, "what was not planned has no outcome"
    net_adds = found["net_adds"]
    assert (net_adds.planned, net_adds.done) == (Decimal(100), Decimal(80))
    assert (net_adds.source, net_adds.as_of) == ("ledger", NOVEMBER.last)
    assert found["talks"].done == 0
    assert not found["talks"].is_provisional
    assert plan.project_shares.get().done == 80
    plan.refresh_from_db()
    assert plan.settled_at == NOW
    assert plan.events.get().action == PlanEvent.Action.SETTLED


def test_what_fell_short_is_a_line_that_the_plan_keeps(grid: Grid, project: Project) -> None:
    plan = make_plan(grid, NOVEMBER, renewals=10, port_utilisation="60.50")
    factories.make_indicator(project, NOVEMBER, net_adds=80, renewals_done=12, ports=400, ports_used=200)
    settle(grid)
    lines = {line.goal: line.what for line in plan.steps.all()}
    assert lines == {
        "net_adds": "November 2026: net adds 80 of 100, 20 short",
        "port_utilisation": "November 2026: port utilisation (%) 50 of 60.5, 10.5 short",
    }


def test_negative_targets_fall_short_below_them_only(grid: Grid, project: Project) -> None:
    plan = make_plan(grid, NOVEMBER, net_adds=-5)
    factories.make_indicator(project, NOVEMBER, net_adds=-3)
    settle(grid)
    assert not plan.steps.exists()


def test_settling_again_adds_nothing_and_follows_late_figures(grid: Grid, project: Project, supervisor: User) -> None:
    plan = make_plan(grid, NOVEMBER)
    settle(grid)
    outcome = plan.outcomes.get()
    assert (outcome.done, outcome.is_provisional) == (None, True)
    assert not plan.steps.exists(), "nothing is known to have fallen short"

    row = factories.make_indicator(project, NOVEMBER, net_adds=80)
    settle(grid)
    settle(grid)
    line = plan.steps.get()
    assert plan.outcomes.get().done == 80
    assert plan.events.count() == 1

    MonthlyIndicator.objects.filter(pk=row.pk).update(net_adds=90)
    with time_machine.travel(datetime(2026, 12, 3, 2, tzinfo=UTC), tick=False):
        services_settling.settle_again(plan, supervisor, now=timezone.now())
        line.refresh_from_db()
        assert "90" in line.what
        assert plan.events.filter(by=supervisor).count() == 1

        MonthlyIndicator.objects.filter(pk=row.pk).update(net_adds=100)
        services_settling.settle_again(plan, supervisor, now=timezone.now())
        line.refresh_from_db()
        assert line.done_on == date(2026, 12, 3)
        assert line.done_note

        MonthlyIndicator.objects.filter(pk=row.pk).update(net_adds=99)
        services_settling.settle_again(plan, supervisor, now=timezone.now())
        line.refresh_from_db()
        assert not line.done_on
        assert not line.done_note


def test_projects_that_have_not_reported_make_it_provisional(grid: Grid, project: Project) -> None:
    factories.make_project(grid)
    plan = make_plan(grid, NOVEMBER)
    factories.make_indicator(project, NOVEMBER, net_adds=100)
    settle(grid)
    outcome = plan.outcomes.get()
    assert (outcome.missing, outcome.is_provisional) == (1, True)
    assert set(plan.project_shares.values_list("done", flat=True)) == {100, None}


def test_only_approved_plans_are_settled_and_only_until_the_next_month_is(
    grid: Grid, project: Project, supervisor: User
) -> None:
    draft = make_plan(grid, NOVEMBER, Plan.State.DRAFT)
    assert settle(grid) == 0
    draft.delete()
    plan = make_plan(grid, NOVEMBER)
    make_plan(grid, DECEMBER)
    assert settle(grid) == 1
    assert settle(grid, DECEMBER, datetime(2027, 1, 1, 2, tzinfo=UTC)) == 1
    assert settle(grid) == 0
    with pytest.raises(Refused, match="settled already"):
        services_settling.settle_again(plan, supervisor, now=datetime(2027, 1, 2, tzinfo=UTC))


def test_a_running_month_is_not_settled_and_a_manager_does_not_settle(
    grid: Grid, manager: User, supervisor: User
) -> None:
    plan = make_plan(grid, NOVEMBER)
    with pytest.raises(Refused, match="month is over"):
        services_settling.settle_again(plan, supervisor, now=datetime(2026, 11, 30, 15, tzinfo=UTC))
    with pytest.raises(Refused, match="supervisor"):
        services_settling.settle_again(plan, manager, now=NOW)


def test_the_number_of_queries_does_not_depend_on_the_grids(unit: Unit, grid: Grid) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            services_settling.settle(Grid.objects.filter(unit=unit), NOVEMBER, NOW)
        return len(seen)

    def fill(one: Grid) -> None:
        projects = factories.make_projects(one, 3)
        factories.make_indicators(projects, NOVEMBER, net_adds=10)
        make_plan(one, NOVEMBER, renewals=9, talks=1)
        make_plan(one, DECEMBER, Plan.State.DRAFT)

    fill(grid)
    before = queries()
    Outcome.objects.all().delete()
    ActionStep.objects.all().delete()
    Plan.objects.update(settled_at=None)
    for _ in range(9):
        fill(factories.make_grid(unit))
    assert queries() == before
    assert ActionStep.objects.filter(plan__month=DECEMBER.first, carried_from__isnull=False).count() == 20


# --- The job ---


def test_the_job_isolates_a_grid_that_fails(
    unit: Unit, grid: Grid, other_grid: Grid, make_job: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in (grid, other_grid):
        factories.make_indicator(factories.make_project(one), NOVEMBER, net_adds=1)
        make_plan(one, NOVEMBER)
    real = results_of

    def breaks(grids: Any, *args: Any) -> Any:
        if grids.filter(pk=other_grid.pk).exists():
            raise ValueError("bad figures")
        return real(grids, *args)

    monkeypatch.setattr(services_settling, "results_of", breaks)
    run = make_job(services_settling.KIND, NOVEMBER)
    KINDS[services_settling.KIND].handle(run)

    assert Plan.objects.filter(settled_at__isnull=False).get().grid == grid
    assert run.job.faults.get().subject == other_grid.name


def test_a_ledger_that_comes_late_settles_again_by_itself(
    grid: Grid, project: Project, imported: Import, admin_user: User
) -> None:
    make_plan(grid, NOVEMBER)
    settle(grid)
    imported([["月份", "项目编码", "净增用户"], ["2026-11", project.code, 70]])
    imported([["日期", "项目编码", "净增"], [date(2026, 11, 30), project.code, 69]])
    imported([["日期", "项目编码", "净增"], [date(2026, 12, 1), project.code, 1]])
    jobs = Job.objects.filter(kind=services_settling.KIND)
    assert set(jobs.values_list("month", "unit")) == {(NOVEMBER.first, grid.unit_id)}
    assert jobs.count() == 2


def test_an_import_for_plans_not_settled_yet_starts_nothing(
    grid: Grid, project: Project, imported: Import, admin_user: User
) -> None:
    make_plan(grid, NOVEMBER)
    imported([["月份", "项目编码", "净增用户"], ["2026-11", project.code, 70]])
    assert not Job.objects.filter(kind=services_settling.KIND).exists()


# --- Carrying over ---


def test_a_step_is_carried_once_however_many_plans_come_after(grid: Grid) -> None:
    grids = Grid.objects.filter(pk=grid.pk)
    old = ActionStep.objects.create(plan=make_plan(grid, SEPTEMBER), what="A")
    assert [one.step for one in unfinished_steps(grids, DECEMBER)[grid.pk]] == [old.pk], "two months without a plan"
    again = ActionStep.objects.create(plan=make_plan(grid, NOVEMBER), what="A", carried_from=old)
    assert [one.step for one in unfinished_steps(grids, DECEMBER)[grid.pk]] == [again.pk]
    again.done_on = date(2026, 11, 20)
    again.save()
    assert unfinished_steps(grids, DECEMBER) == {}
    assert unfinished_steps(grids, Month(2027, 1)) == {}


def test_a_step_is_the_same_in_every_revision(grid: Grid, manager: User) -> None:
    grids = Grid.objects.filter(pk=grid.pk)
    first = make_plan(grid, NOVEMBER)
    step = ActionStep.objects.create(plan=first, what="A")
    december = make_plan(grid, DECEMBER, Plan.State.DRAFT)
    ActionStep.objects.create(plan=december, what="A", carried_from=step)
    Plan.objects.filter(pk=first.pk).update(state=Plan.State.SUPERSEDED)
    second = Plan.objects.create(
        grid=grid, month=NOVEMBER.first, revision=2, revision_reason="x", state=Plan.State.APPROVED
    )
    copy = ActionStep.objects.create(plan=second, what="A")

    assert unfinished_steps(grids, DECEMBER, {grid.pk: december.pk}) == {}
    assert owes(december)
    services_follow.tick(copy, True, date(2026, 11, 28), manager, "signed")
    assert not owes(december), "ticked in the old plan, it owes nothing"


def test_a_plan_handed_in_is_left_alone_and_the_next_draft_takes_the_line(grid: Grid, project: Project) -> None:
    make_plan(grid, NOVEMBER)
    december = make_plan(grid, DECEMBER, Plan.State.SUBMITTED)
    factories.make_indicator(project, NOVEMBER, net_adds=80)
    settle(grid)
    assert not december.steps.exists()
    left = unfinished_steps(Grid.objects.filter(pk=grid.pk), Month(2027, 1))[grid.pk]
    assert [one.goal for one in left] == ["net_adds"]


def test_the_plan_in_the_making_gets_the_line_its_version_rises_and_it_owes_a_measure(
    grid: Grid, project: Project, manager: User
) -> None:
    make_plan(grid, NOVEMBER)
    december = make_plan(grid, DECEMBER, Plan.State.DRAFT)
    row = factories.make_indicator(project, NOVEMBER, net_adds=80)
    settle(grid)
    settle(grid)

    line = december.steps.get()
    assert (line.goal, line.who, line.carried_from is not None) == ("net_adds", manager.name, True)
    december.refresh_from_db()
    assert december.version == 2, "raised once: the second time there was nothing to add"
    assert owes(december)

    MonthlyIndicator.objects.filter(pk=row.pk).update(net_adds=85)
    settle(grid)
    line.refresh_from_db()
    assert line.what.endswith("85 of 100, 15 short"), "the line in the making says what the old plan says"
    MonthlyIndicator.objects.filter(pk=row.pk).update(net_adds=100)
    settle(grid)
    assert not owes(december)


def test_a_line_of_a_goal_is_not_ticked_by_hand_but_its_copy_is(grid: Grid, project: Project, manager: User) -> None:
    november, december = make_plan(grid, NOVEMBER), make_plan(grid, DECEMBER, Plan.State.DRAFT)
    factories.make_indicator(project, NOVEMBER, net_adds=80)
    settle(grid)
    with pytest.raises(Refused, match="figures"):
        services_follow.tick(november.steps.get(), True, date(2026, 12, 2), manager)
    services_follow.tick(december.steps.get(), True, date(2026, 12, 20), manager)
    assert unfinished_steps(Grid.objects.filter(pk=grid.pk), Month(2027, 1)) == {}


def _draft(make_job: Callable[..., Run], unit: Unit, month: Month, day: date) -> None:
    with time_machine.travel(datetime(day.year, day.month, day.day, 2, tzinfo=UTC), tick=False):
        draft_plans(month, unit, make_job("plans.drafts", month))


def _settle(make_job: Callable[..., Run], month: Month) -> None:
    first = month.plus(1).first
    with time_machine.travel(datetime(first.year, first.month, 1, 2, tzinfo=UTC), tick=False):
        KINDS[services_settling.KIND].handle(make_job(services_settling.KIND, month))


def _approve(plan: Plan, manager: User, supervisor: User) -> None:
    plan.steps.filter(carried_from__isnull=False).update(improvement="one more weekend session")
    with time_machine.travel(datetime(plan.month.year, plan.month.month, 1, 1, tzinfo=UTC), tick=False):
        services.submit(plan, plan.version, manager, now=timezone.now())
        services.approve(plan, plan.version, supervisor, now=timezone.now())


def test_the_chain_over_four_months(
    unit: Unit, grid: Grid, project: Project, manager: User, supervisor: User, make_job: Callable[..., Run]
) -> None:
    goals = {SEPTEMBER: 100, OCTOBER: 10, NOVEMBER: 10, DECEMBER: 10}
    results = {SEPTEMBER: 80, OCTOBER: 12, NOVEMBER: 7}
    plans: dict[Month, Plan] = {}
    for month, wanted in goals.items():
        factories.make_target(grid, month, net_adds=wanted)
        before = month.plus(-1)
        _draft(make_job, unit, month, before.day(23))
        plan = plans[month] = Plan.objects.get(grid=grid, month=month.first)
        if before in results:
            MonthlyIndicator.objects.update_or_create(
                project=project, month=before.first, defaults={"net_adds": results[before]}
            )
            if before == SEPTEMBER:  # settled while the next plan is in the making: it is added there
                _settle(make_job, before)
                plan.refresh_from_db()
                with pytest.raises(Refused, match="improvement measure"):
                    services.submit(plan, plan.version, manager, now=timezone.now())
        plan.steps.filter(carried_from=None, goal="").update(done_on=month.first)
        _approve(plan, manager, supervisor)
        if before in results and before != SEPTEMBER:  # approved already: too late for this one
            _settle(make_job, before)

    own = [step.what for step in plans[SEPTEMBER].steps.exclude(goal="")]
    assert len(own) == 1
    assert "80" in own[0]
    for month in (OCTOBER, NOVEMBER, DECEMBER):
        carried = plans[month].steps.exclude(carried_from=None)
        assert [step.what for step in carried] == own, "carried on until somebody ticks it off, and nothing twice"
    chain = plans[DECEMBER].steps.get(goal="net_adds")
    assert [chain.carried_from.plan_id, chain.carried_from.carried_from.plan_id] == [  # type: ignore[union-attr]
        plans[NOVEMBER].pk, plans[OCTOBER].pk
    ]  # fmt: skip

    services_follow.tick(chain, True, date(2026, 12, 20), manager, "made good")
    _draft(make_job, unit, Month(2027, 1), date(2026, 12, 23))
    january = Plan.objects.get(grid=grid, month=date(2027, 1, 1))
    lines = list(january.steps.exclude(carried_from=None))
    assert [line.carried_from and line.carried_from.plan_id for line in lines] == [plans[NOVEMBER].pk]
