"""What is checked before a plan is submitted: each rule of the handbook, errors apart, each with its place."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gridops.accounts.models import Grid, RuleValue, Unit, User
from plans import services_edit
from plans.checks import Problem, problems, problems_of
from plans.models import ActionStep, Plan, PlanComment, Target
from projects.models import Project
from promotions.models import Session
from renewals.models import WarningList
from tests import factories
from tests.plans.conftest import DECEMBER
from tests.plans.moments import ON_TIME

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "on_time")]


def found(plan: Plan, part: str) -> Problem | None:
    return next((problem for problem in problems(plan) if part in problem.text), None)


@pytest.fixture
def carried(plan: Plan) -> ActionStep:
    before = Plan.objects.create(grid=plan.grid, month=date(2026, 11, 1), state=Plan.State.APPROVED)
    left = ActionStep.objects.create(plan=before, what="旧")
    return ActionStep.objects.create(plan=plan, what="旧", carried_from=left)


@pytest.fixture
def step(plan: Plan) -> ActionStep:
    plan.steps.all().delete()
    return ActionStep.objects.create(plan=plan, what="新", who="王五", due_on=date(2026, 12, 9), measure="十户")


# --- Goals ---


def test_a_goal_that_the_unit_asks_for_must_be_there(plan: Plan) -> None:
    plan.talks = None
    problem = found(plan, "new-project talks")
    assert problem
    assert (problem.error, problem.rule, problem.anchor) == (True, "S1", "goal-talks")


@pytest.mark.parametrize("name", ["installs", "port_utilisation", "new_outlets"])
def test_a_goal_that_the_unit_does_not_ask_for_is_missed_all_the_same(plan: Plan, name: str) -> None:
    [problem] = [one for one in problems(plan) if one.anchor == f"goal-{name}"]
    assert not problem.error
    setattr(plan, name, 3)
    assert not [one for one in problems(plan) if one.anchor == f"goal-{name}"]


def test_a_goal_below_the_target_is_given_a_reason_in_the_notes(plan: Plan) -> None:
    plan.talks = 1
    problem = found(plan, "Below the target")
    assert problem
    assert (problem.error, problem.anchor) == (False, "plan-note")
    plan.note = "两个楼盘停工"
    assert found(plan, "Below the target") is None


def test_a_month_without_a_target_is_said(plan: Plan) -> None:
    assert found(plan, "not handed down") is None
    Target.objects.all().delete()
    assert found(plan, "not handed down")


def test_a_target_changed_since_the_draft_is_said(plan: Plan) -> None:
    Target.objects.update(net_adds=44)
    problem = found(plan, "changed the target")
    assert problem
    assert problem.anchor == "target-changed"


# --- Steps ---


def test_a_carry_over_needs_an_improvement_measure_or_is_done_with_a_word_about_it(carried: ActionStep) -> None:
    plan = carried.plan
    problem = found(plan, "improvement measure")
    assert problem
    assert (problem.error, problem.rule, problem.anchor) == (True, "S2", f"step-{carried.pk}")
    carried.done_on = ON_TIME.date()
    carried.save()
    done = found(plan, "what came of it")
    assert done
    assert (done.error, found(plan, "improvement measure")) == (True, None)
    carried.done_note = "12 户"
    carried.save()
    assert not [one for one in problems(plan) if one.error]


def test_a_carry_over_that_was_finished_since_owes_nothing(carried: ActionStep) -> None:
    assert carried.carried_from
    carried.carried_from.done_on = ON_TIME.date()
    carried.carried_from.save()
    assert not [one for one in problems(carried.plan) if one.error]


def test_a_step_that_says_nothing_is_an_error(step: ActionStep) -> None:
    step.what = ""
    step.save()
    problem = found(step.plan, "says nothing")
    assert problem
    assert (problem.error, problem.anchor) == (True, f"step-{step.pk}")


@pytest.mark.parametrize(
    ("name", "empty", "word"),
    [("who", "", "person responsible"), ("due_on", None, "by when"), ("measure", "", "how it is measured")],
)
def test_a_step_says_who_by_when_and_how_it_is_measured(step: ActionStep, name: str, empty: Any, word: str) -> None:
    assert found(step.plan, "does not say") is None
    setattr(step, name, empty)
    step.save()
    problem = found(step.plan, "does not say")
    assert problem
    assert (problem.error, problem.anchor, word in problem.text) == (False, f"step-{step.pk}", True)


def test_a_step_due_outside_the_month_is_said(step: ActionStep) -> None:
    step.due_on = date(2027, 1, 1)
    step.save()
    assert found(step.plan, "outside the month")


def test_a_plan_without_steps_is_said(plan: Plan) -> None:
    plan.steps.all().delete()
    assert found(plan, "no action step")


# --- The split ---


def test_shares_that_do_not_add_up_are_an_error(plan: Plan) -> None:
    plan.project_shares.update(net_adds=1)
    problem = found(plan, "add up to 3")
    assert problem
    assert (problem.error, problem.rule, problem.page) == (True, "S6", "split")


def test_net_adds_that_no_project_can_hold_are_said(plan: Plan) -> None:
    plan.net_adds = 1000
    services_edit.split_again(plan, {})
    assert found(plan, "100 net adds find no free port")


def test_projects_without_a_share_are_named(plan: Plan, projects: list[Project]) -> None:
    plan.project_shares.filter(project=projects[2]).update(net_adds=0)
    problem = found(plan, "no share")
    assert problem
    assert projects[2].name in problem.text


def test_a_figure_by_hand_stays_within_the_free_ports_and_says_why(plan: Plan, projects: list[Project]) -> None:
    shares = plan.project_shares.filter(project=projects[1])
    shares.update(is_manual=True, net_adds=301)
    assert found(plan, "more set by hand")
    assert found(plan, "without a remark")
    shares.update(net_adds=300, remark="新楼交付")
    assert found(plan, "more set by hand") is None
    assert found(plan, "without a remark") is None


def test_without_a_net_add_goal_nothing_is_split(plan: Plan) -> None:
    plan.net_adds = None
    assert found(plan, "nothing is split")


# --- Renewals ---


def test_renewals_that_do_not_add_up_to_the_goal_are_said(plan: Plan) -> None:
    plan.agent_shares.update(renewals=0)
    problem = found(plan, "add up to 0, but the goal is 5")
    assert problem
    assert (problem.rule, problem.anchor) == ("S7", "plan-agents")


def test_contracts_that_changed_since_the_split_are_said(plan: Plan, projects: list[Project]) -> None:
    assert found(plan, "have changed since") is None
    factories.make_subscriber(projects[0], expires_on=date(2026, 12, 11))
    assert found(plan, "have changed since")


def test_a_month_without_its_warning_list_and_a_pool_without_an_agent_are_said(plan: Plan) -> None:
    problem = found(plan, "warning list")
    assert problem
    assert problem.page == "warnings"
    assert found(plan, "1 contract expiring in the manager's pool")
    WarningList.objects.create(grid=plan.grid, month=DECEMBER.first)
    assert found(plan, "warning list") is None


# --- The timetable ---


def test_days_short_of_two_sessions_are_named_by_the_unit_s_rule(plan: Plan, unit: Unit) -> None:
    assert found(plan, "fewer than") is None
    Session.objects.filter(grid=plan.grid, day=date(2026, 12, 3)).delete()
    problem = found(plan, "fewer than 2")
    assert problem
    assert (problem.rule, problem.anchor) == ("S4", "day-3")
    RuleValue.objects.create(unit=unit, key="sessions_per_day", value=0)
    assert found(plan, "fewer than") is None


def test_sessions_that_lack_agreement_people_place_or_materials_are_counted(plan: Plan) -> None:
    sessions = Session.objects.filter(grid=plan.grid)
    problem = found(plan, "still lack")
    assert problem
    assert problem.text.count("(62)") == 4
    sessions.update(property_agreed=True, people="王五", place="北门", materials="海报")
    assert found(plan, "still lack") is None


# --- The review ---


def test_open_comments_of_the_reviewer_are_said(plan: Plan, supervisor: User) -> None:
    comment = PlanComment.objects.create(plan=plan, line="note", text="?", by=supervisor)
    assert found(plan, "1 comment")
    comment.settled_at = ON_TIME
    comment.save()
    assert found(plan, "1 comment") is None


def test_errors_come_first(carried: ActionStep) -> None:
    errors = [problem.error for problem in problems(carried.plan)]
    assert errors == sorted(errors, reverse=True)
    assert any(errors)
    assert not all(errors)


def test_every_problem_names_its_rule_and_place(carried: ActionStep) -> None:
    assert all(one.rule and (one.anchor or one.page) for one in problems(carried.plan))


def test_many_plans_are_checked_in_the_same_number_of_queries(plan: Plan, unit: Unit) -> None:
    def count(plans: list[Plan]) -> int:
        with CaptureQueriesContext(connection) as queries:
            problems_of(plans)
        return len(queries)

    def make(grid: Grid) -> Plan:
        made = Plan.objects.create(grid=grid, month=DECEMBER.first, net_adds=3)
        ActionStep.objects.bulk_create([ActionStep(plan=made, what=f"{n}") for n in range(5)])
        services_edit.split_again(made, {})
        return made

    assert plan.grid.unit  # read once
    few = count([plan, make(factories.make_grid(unit))])
    assert count([plan, *(make(factories.make_grid(unit)) for _ in range(6))]) == few
