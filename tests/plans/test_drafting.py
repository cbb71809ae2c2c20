"""Drafts of next month's plans: what is in them, running again, a grid that breaks (S1, S2, S4, S6, S7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels.models import Agent
from gridops.accounts.models import Grid, Unit, User
from gridops.jobs.run import LeaseLost, Run
from plans import drafting
from plans.drafting import draft_plans
from plans.models import ActionStep, Plan, PlanEvent, ProjectShare, Target
from plans.tasks import drafts
from projects.models import Project
from promotions.models import Session
from tests import factories
from tests.plans.conftest import DECEMBER, NOVEMBER

pytestmark = pytest.mark.django_db


def written() -> list[int]:
    return [model.objects.count() for model in (Plan, ProjectShare, ActionStep, PlanEvent, Session)]


def test_the_draft_takes_the_goals_from_the_target(plan: Plan, target: Target) -> None:
    assert (plan.state, plan.revision) == (Plan.State.DRAFT, 1)
    assert (plan.net_adds, plan.renewals, plan.talks, plan.installs) == (30, 5, 2, None)
    assert plan.events.get().action == PlanEvent.Action.DRAFTED


def test_the_draft_splits_net_adds_over_the_projects_by_their_last_known_figures(
    plan: Plan, projects: list[Project]
) -> None:
    shares = {share.project.code: share for share in plan.project_shares.select_related("project")}
    assert sum(share.net_adds for share in shares.values()) == 30
    # existing 200, 100, 0 of 300; free ports 200, 300, 400 of 900; unserved 200, 300, 400 of 900
    assert [shares[p.code].net_adds for p in projects] == [12, 10, 8]
    assert sum(shares[projects[0].code].why.values()) == pytest.approx(12)


def test_the_draft_splits_renewals_over_the_agents_that_own_the_expiring(plan: Plan, agent: Agent) -> None:
    shares = [(s.agent_id, s.expiring, s.renewals) for s in plan.agent_shares.order_by("-expiring")]
    assert shares == [(agent.pk, 4, 4), (None, 1, 1)]


def test_the_draft_s_timetable_has_two_sessions_a_day_spread_fairly(plan: Plan, grid: Grid) -> None:
    days = Counter(Session.objects.filter(grid=grid).values_list("day", flat=True))
    assert days == dict.fromkeys(DECEMBER.days, 2)
    held = Counter(Session.objects.filter(grid=grid).values_list("project", flat=True))
    assert max(held.values()) - min(held.values()) <= 1


def test_sessions_that_exist_stay_when_the_plan_is_drafted(
    unit: Unit, grid: Grid, project: Project, target: Target, run: Run
) -> None:
    kept = Session.objects.create(grid=grid, project=project, day=date(2026, 12, 5), slot="evening", people="张经理")
    draft_plans(DECEMBER, unit, run)
    kept.refresh_from_db()
    assert kept.people == "张经理"
    assert Session.objects.filter(grid=grid, day=date(2026, 12, 5)).count() == 2


def test_the_draft_proposes_first_steps_from_the_figures(plan: Plan, manager: User) -> None:
    assert plan.steps.exists()
    assert all(step.due_on is not None for step in plan.steps.all())


def test_proposed_steps_name_the_grid_s_manager(
    manager: User, unit: Unit, grid: Grid, projects: list[Project], target: Target, run: Run
) -> None:
    draft_plans(DECEMBER, unit, run)
    assert set(ActionStep.objects.values_list("who", flat=True)) == {manager.name}


def test_last_month_s_unfinished_steps_are_carried_over(
    unit: Unit, grid: Grid, projects: list[Project], run: Run
) -> None:
    before = Plan.objects.create(grid=grid, month=NOVEMBER.first, state=Plan.State.APPROVED)
    left = ActionStep.objects.create(plan=before, what="与物业谈进场", project=projects[0])
    ActionStep.objects.create(plan=before, what="已完成", done_on=date(2026, 11, 5))
    draft_plans(DECEMBER, unit, run)
    carried = ActionStep.objects.get(plan__month=DECEMBER.first, carried_from__isnull=False)
    assert (carried.carried_from, carried.what, carried.project, carried.improvement) == (
        left,
        "与物业谈进场",
        projects[0],
        "",
    )


def test_steps_are_carried_over_from_the_approved_plan_rather_than_a_revision_in_work(
    unit: Unit, grid: Grid, run: Run
) -> None:
    approved = Plan.objects.create(grid=grid, month=NOVEMBER.first, state=Plan.State.APPROVED)
    revision = Plan.objects.create(grid=grid, month=NOVEMBER.first, revision=2, revision_reason="改")
    step = ActionStep.objects.create(plan=approved, what="一")
    ActionStep.objects.create(plan=revision, what="一")
    draft_plans(DECEMBER, unit, run)
    assert ActionStep.objects.get(carried_from__isnull=False).carried_from == step


def test_a_grid_without_a_target_still_gets_a_draft_without_goals(
    unit: Unit, grid: Grid, projects: list[Project], run: Run
) -> None:
    draft_plans(DECEMBER, unit, run)
    plan = Plan.objects.get(grid=grid)
    assert plan.net_adds is None
    assert [share.net_adds for share in plan.project_shares.all()] == [0, 0, 0]


def test_a_grid_without_projects_gets_a_draft_that_says_the_shortfall(
    unit: Unit, grid: Grid, target: Target, run: Run
) -> None:
    draft_plans(DECEMBER, unit, run)
    assert Plan.objects.get(grid=grid).shortfall == 30


def test_drafting_again_changes_nothing(plan: Plan, unit: Unit, make_run: Callable[..., Run], manager: User) -> None:
    Plan.objects.filter(pk=plan.pk).update(note="我的话", state=Plan.State.SUBMITTED)
    before = written()
    draft_plans(DECEMBER, unit, make_run(key="again"))
    assert written() == before
    assert Plan.objects.get(pk=plan.pk).note == "我的话"


def test_drafting_again_drafts_what_is_missing(
    plan: Plan, unit: Unit, other_grid: Grid, make_run: Callable[..., Run]
) -> None:
    draft_plans(DECEMBER, unit, make_run(key="again"))
    assert set(Plan.objects.values_list("grid", flat=True)) == {plan.grid_id, other_grid.pk}


def test_a_grid_whose_figures_break_the_run_is_isolated(
    unit: Unit, grid: Grid, other_grid: Grid, projects: list[Project], other_project: Project, run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    compute = drafting.compute

    def breaks(material: Any, *rest: Any) -> Any:
        if material.grid == grid.pk:
            raise ValueError("no such figure")
        return compute(material, *rest)

    monkeypatch.setattr(drafting, "compute", breaks)
    draft_plans(DECEMBER, unit, run)
    assert list(Plan.objects.values_list("grid", flat=True)) == [other_grid.pk]
    fault = run.job.faults.get()
    assert (fault.subject, fault.error) == (grid.name, "ValueError: no such figure")


def test_a_grid_that_the_database_refuses_is_isolated(
    unit: Unit, grid: Grid, other_grid: Grid, projects: list[Project], run: Run
) -> None:
    # A project of this grid whose session slot is no slot: the rotation can't count it.
    Session.objects.create(grid=grid, project=projects[0], day=date(2026, 12, 1), slot="midnight")
    draft_plans(DECEMBER, unit, run)
    assert list(Plan.objects.values_list("grid", flat=True)) == [other_grid.pk]
    assert [fault.subject for fault in run.job.faults.all()] == [grid.name]


def test_a_run_that_lost_its_lease_writes_nothing(unit: Unit, grid: Grid, projects: list[Project], run: Run) -> None:
    run.job.token += 1
    run.job.save()
    with pytest.raises(LeaseLost):
        draft_plans(DECEMBER, unit, run)
    assert written() == [0, 0, 0, 0, 0]


def test_another_unit_s_grids_are_left_alone(unit: Unit, grid: Grid, foreign_grid: Grid, run: Run) -> None:
    draft_plans(DECEMBER, unit, run)
    assert list(Plan.objects.values_list("grid", flat=True)) == [grid.pk]


def test_the_number_of_queries_does_not_depend_on_the_number_of_grids(unit: Unit, make_run: Callable[..., Run]) -> None:
    counts = []
    for key, number in (("one", 1), ("more", 6)):
        for _ in range(number):
            place = factories.make_grid(unit)
            factories.make_target(place, DECEMBER)
            owned = [factories.make_project(place) for _ in range(3)]
            factories.make_agent(owns=owned[:1])
            factories.make_subscriber(owned[0], expires_on=date(2026, 12, 3))
        run = make_run(key=key)
        with CaptureQueriesContext(connection) as queries:
            draft_plans(DECEMBER, unit, run)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_calendar_s_handler_drafts_for_the_run_s_month_and_unit(unit: Unit, grid: Grid, run: Run) -> None:
    drafts(run)
    assert Plan.objects.get().month == DECEMBER.first
