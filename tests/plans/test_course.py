"""The course of a plan: submitted, returned, approved, revised; who may, what it must say, what is kept (S1, S2)."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from gridops.accounts.models import Grid, Membership, Role, Unit, User
from plans import services, services_cells, services_edit, services_follow
from plans.cells import LOCKED, Cell
from plans.checks import problems
from plans.models import ActionStep, Plan, PlanEvent
from plans.services import Refused
from projects.models import MonthlyIndicator, Project
from promotions.models import Session
from tests import factories
from tests.plans.conftest import DECEMBER, NOVEMBER
from tests.plans.moments import LAST_SECOND, ON_TIME, TOO_LATE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def carry_over(plan: Plan, **fields: object) -> ActionStep:
    before = Plan.objects.create(grid=plan.grid, month=NOVEMBER.first, state=Plan.State.APPROVED)
    left = ActionStep.objects.create(plan=before, what="Talk to the property company")
    return ActionStep.objects.create(plan=plan, what=left.what, carried_from=left, **fields)


def test_submitting_waits_for_the_supervisor_and_keeps_who_and_when(plan: Plan, manager: User) -> None:
    services.submit(plan, plan.version, manager, now=ON_TIME)
    event = plan.events.get(action=PlanEvent.Action.SUBMITTED)
    assert plan.state == Plan.State.SUBMITTED
    assert (event.by, event.at, event.late) == (manager, ON_TIME, False)


def test_the_last_second_of_the_28th_is_on_time(plan: Plan, manager: User) -> None:
    services.submit(plan, plan.version, manager, now=LAST_SECOND)
    assert not plan.events.get(action=PlanEvent.Action.SUBMITTED).late


def test_a_plan_submitted_after_the_28th_is_accepted_and_marked_late(plan: Plan, manager: User) -> None:
    services.submit(plan, plan.version, manager, now=TOO_LATE)
    assert plan.state == Plan.State.SUBMITTED
    assert plan.events.get(action=PlanEvent.Action.SUBMITTED).late


def test_what_was_handed_in_on_time_and_returned_is_not_late_the_second_time(
    submitted: Plan, supervisor: User, manager: User
) -> None:
    services.send_back(submitted, submitted.version, supervisor, reason="Name the people", now=LAST_SECOND)
    services.submit(submitted, submitted.version, manager, now=TOO_LATE)
    assert not submitted.events.filter(late=True).exists()


def test_a_carry_over_without_an_improvement_measure_keeps_the_plan_back(plan: Plan, manager: User) -> None:
    carry_over(plan)
    with pytest.raises(Refused, match="improvement measure"):
        services.submit(plan, plan.version, manager, now=ON_TIME)
    assert Plan.objects.get(pk=plan.pk).state == Plan.State.DRAFT


def test_a_carry_over_with_an_improvement_measure_may_be_submitted(plan: Plan, manager: User) -> None:
    carry_over(plan, improvement="Take the supervisor along")
    services.submit(plan, plan.version, manager, now=ON_TIME)
    assert plan.state == Plan.State.SUBMITTED


def test_a_carry_over_that_was_finished_since_owes_no_improvement(plan: Plan, manager: User) -> None:
    step = carry_over(plan)
    assert step.carried_from_id
    ActionStep.objects.filter(pk=step.carried_from_id).update(done_on=date(2026, 11, 27))
    services.submit(plan, plan.version, manager, now=ON_TIME)
    assert plan.state == Plan.State.SUBMITTED


def test_only_the_grid_s_manager_submits(plan: Plan, colleague: User, supervisor: User) -> None:
    for other in (colleague, supervisor):
        with pytest.raises(Refused):
            services.submit(plan, plan.version, other, now=ON_TIME)


def test_submitting_twice_happens_once(submitted: Plan, manager: User) -> None:
    for version in (submitted.version, submitted.version - 1):
        with pytest.raises(Refused):
            services.submit(submitted, version, manager, now=ON_TIME)
    assert submitted.events.filter(action=PlanEvent.Action.SUBMITTED).count() == 1


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_return_needs_a_reason(submitted: Plan, supervisor: User, reason: str) -> None:
    with pytest.raises(Refused, match="reason"):
        services.send_back(submitted, submitted.version, supervisor, reason=reason, now=ON_TIME)
    assert Plan.objects.get(pk=submitted.pk).state == Plan.State.SUBMITTED


def test_the_database_too_demands_a_reason_of_a_return(submitted: Plan, supervisor: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanEvent.objects.create(plan=submitted, action=PlanEvent.Action.RETURNED, by=supervisor)


def test_a_returned_plan_is_mended_and_submitted_again(submitted: Plan, supervisor: User, manager: User) -> None:
    services.send_back(submitted, submitted.version, supervisor, reason="Too few sessions", now=ON_TIME)
    assert (submitted.state, submitted.is_editable) == (Plan.State.RETURNED, True)
    services.submit(submitted, submitted.version, manager, now=ON_TIME)
    assert (submitted.state, submitted.reviewed_by) == (Plan.State.SUBMITTED, None)
    assert [e.reason for e in submitted.events.filter(action=PlanEvent.Action.RETURNED)] == ["Too few sessions"]


def test_nobody_reviews_their_own_plan(submitted: Plan, manager: User, unit: Unit) -> None:
    Membership.objects.create(user=manager, role=Role.SUPERVISOR, unit=unit, starts_on=date(2020, 1, 1))
    both = User.objects.get(pk=manager.pk)
    with pytest.raises(Refused, match="own plan"):
        services.approve(submitted, submitted.version, both, now=ON_TIME)
    with pytest.raises(Refused, match="own plan"):
        services.send_back(submitted, submitted.version, both, reason="x", now=ON_TIME)


def test_the_database_too_refuses_a_review_of_one_s_own_plan(submitted: Plan, manager: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(pk=submitted.pk).update(reviewed_by=manager)


def test_a_supervisor_of_another_unit_reviews_nothing_here(submitted: Plan, foreign_supervisor: User) -> None:
    with pytest.raises(Refused):
        services.approve(submitted, submitted.version, foreign_supervisor, now=ON_TIME)


def test_of_two_supervisors_only_the_first_acts(submitted: Plan, supervisor: User, unit: Unit) -> None:
    second, seen = factories.make_user(role=Role.SUPERVISOR, unit=unit), submitted.version
    other = Plan.objects.get(pk=submitted.pk)
    services.approve(submitted, seen, supervisor, now=ON_TIME)
    with pytest.raises(Refused, match="changed in the meantime"):
        services.send_back(other, seen, second, reason="late idea", now=ON_TIME)
    assert Plan.objects.get(pk=submitted.pk).state == Plan.State.APPROVED


def test_an_approved_plan_is_locked(approved: Plan, manager: User) -> None:
    assert not approved.is_editable
    [result] = services_cells.save_cells(approved, [Cell("note", "note", "x", "")], manager)
    assert result.state == LOCKED
    assert Plan.objects.get(pk=approved.pk).note == ""


def test_approval_writes_the_shares_as_targets_of_each_project_s_month(approved: Plan, projects: list[Project]) -> None:
    rows = {row.project_id: row for row in MonthlyIndicator.objects.filter(month=DECEMBER.first)}
    assert [rows[p.pk].target_net_adds for p in projects] == [12, 10, 8]
    assert [rows[p.pk].target_renewals for p in projects] == [4, 1, 0]


def test_approval_keeps_the_figures_of_a_month_that_has_some_and_raises_its_version(
    submitted: Plan, supervisor: User, projects: list[Project]
) -> None:
    row = factories.make_indicator(projects[0], DECEMBER, billing_users=7)
    services.approve(submitted, submitted.version, supervisor, now=ON_TIME)
    row.refresh_from_db()
    assert (row.billing_users, row.target_net_adds, row.version) == (7, 12, 2)


def test_a_revision_needs_a_reason(approved: Plan, manager: User) -> None:
    with pytest.raises(Refused, match="reason"):
        services.revise(approved, approved.version, manager, reason="", now=ON_TIME)


def test_a_revision_copies_the_plan_and_the_approved_one_holds_meanwhile(approved: Plan, manager: User) -> None:
    made = services.revise(approved, approved.version, manager, reason="A new building", now=TOO_LATE)
    assert (made.revision, made.state, made.revision_reason) == (2, Plan.State.DRAFT, "A new building")
    assert made.project_shares.count() == approved.project_shares.count()
    assert made.agent_shares.count() == approved.agent_shares.count()
    assert made.steps.count() == approved.steps.count()
    assert made.events.get().reason == "A new building"
    approved.refresh_from_db()
    assert approved.state == Plan.State.APPROVED


def test_a_plan_has_one_revision_in_work(approved: Plan, manager: User) -> None:
    services.revise(approved, approved.version, manager, reason="one", now=ON_TIME)
    approved.refresh_from_db()
    with pytest.raises(Refused, match="already in work"):
        services.revise(approved, approved.version, manager, reason="two", now=ON_TIME)


def test_an_approved_revision_supersedes_the_one_before_and_is_not_late(
    approved: Plan, manager: User, supervisor: User
) -> None:
    made = services.revise(approved, approved.version, manager, reason="why", now=TOO_LATE)
    services.submit(made, made.version, manager, now=TOO_LATE)
    assert not made.events.get(action=PlanEvent.Action.SUBMITTED).late
    services.approve(made, made.version, supervisor, now=TOO_LATE)
    approved.refresh_from_db()
    assert (made.state, approved.state) == (Plan.State.APPROVED, Plan.State.SUPERSEDED)


def test_a_project_that_a_revision_leaves_out_loses_its_targets(
    approved: Plan, manager: User, supervisor: User
) -> None:
    made = services.revise(approved, approved.version, manager, reason="sold", now=ON_TIME)
    gone = made.project_shares.filter(net_adds__gt=0).order_by("project__code")[0]
    other = made.project_shares.exclude(pk=gone.pk)[0]
    made.project_shares.filter(pk=other.pk).update(net_adds=other.net_adds + gone.net_adds)
    gone.delete()
    services.submit(made, made.version, manager, now=ON_TIME)
    services.approve(made, made.version, supervisor, now=ON_TIME)
    row = MonthlyIndicator.objects.get(project=gone.project, month=made.month)
    assert (row.target_net_adds, row.target_renewals, row.target_port_utilisation) == (None, None, None)
    assert MonthlyIndicator.objects.filter(month=made.month, target_net_adds__isnull=False).exists()


def test_a_step_ticked_during_the_month_is_done_in_its_copy_of_a_revision_too(approved: Plan, manager: User) -> None:
    made = services.revise(approved, approved.version, manager, reason="why", now=ON_TIME)
    step = approved.steps.first()
    assert step is not None
    services_follow.tick(step, True, date(2026, 12, 4))
    assert made.steps.get(what=step.what, project=step.project).done_on == date(2026, 12, 4)
    services_follow.tick(step, False, date(2026, 12, 5))
    assert approved.steps.get(pk=step.pk).done_on is None


def test_what_is_worth_a_look_does_not_keep_a_plan_back(plan: Plan, manager: User, grid: Grid) -> None:
    Session.objects.filter(grid=grid, day=date(2026, 12, 3)).delete()
    ActionStep.objects.create(plan=plan, what="Nobody's step")
    plan.project_shares.filter(project__code="P000005").update(net_adds=0)
    plan.project_shares.filter(project__code="P000004").update(net_adds=18)
    found = [problem.text for problem in problems(plan)]
    assert any("1 day has fewer than 2 promotion sessions" in text for text in found)
    assert any("Nobody's step" in text and "person responsible" in text for text in found)
    assert any("1 project has no share" in text for text in found)
    assert not any(problem.error for problem in problems(plan))


def test_shares_that_do_not_add_up_keep_a_plan_back(plan: Plan, manager: User) -> None:
    plan.project_shares.update(net_adds=1)
    with pytest.raises(Refused, match="add up"):
        services.submit(plan, plan.version, manager, now=ON_TIME)


def test_a_share_by_hand_above_the_free_ports_is_named(plan: Plan, projects: list[Project]) -> None:
    services_edit.split_again(plan, {projects[1].pk: services_edit.ShareEdit(manual=301)})
    assert f"more set by hand than it has free ports: {projects[1].name}" in str(problems(plan))
    services_edit.split_again(plan, {projects[1].pk: services_edit.ShareEdit(manual=300)})
    assert "more set by hand" not in str(problems(plan))


def test_lines_of_a_long_reason_are_not_taken_for_a_changed_plan(
    client: Client, submitted: Plan, supervisor: User
) -> None:
    client.force_login(supervisor)
    reason = "x\r\n" * 200  # 400 characters where it was typed
    client.post(f"/plans/{submitted.pk}/return/", {"version": submitted.version, "reason": reason})
    submitted.refresh_from_db()
    assert submitted.state == Plan.State.RETURNED
