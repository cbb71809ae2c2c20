"""Suggested steps go into the next plan once: into the one in work, or into the draft to come (P4, S1)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from auditlog.models import LogEntry
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from gridops.accounts.models import Grid, Unit, User
from gridops.jobs.run import Run
from plans import drafting, services
from plans.drafting import draft_plans
from plans.models import ActionStep, Plan, ProposedStep
from plans.services_steps import Suggestion, propose, withdraw
from projects.models import Project
from tests.plans.conftest import DECEMBER
from tests.plans.moments import ON_TIME
from tests.plans.pages import fields

pytestmark = pytest.mark.django_db

SUGGESTED = Suggestion("加场促销", "场次", finding="free_ports_rivals")


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(ON_TIME, tick=False):
        yield


def put(grid: Grid, by: User, suggestion: Suggestion = SUGGESTED, now: datetime = ON_TIME) -> ProposedStep:
    return propose(grid, DECEMBER, suggestion, by, now)


# --- Into the plan in work ---


def test_a_step_goes_into_the_draft_with_the_manager_and_a_day(plan: Plan, grid: Grid, manager: User) -> None:
    proposal = put(grid, manager)
    step = plan.steps.get(what="加场促销")
    assert proposal.step == step
    assert (step.who, str(step.due_on), step.measure) == (manager.name, "2026-12-20", "场次")
    assert LogEntry.objects.get_for_object(step).exists()


def test_twice_is_once_also_when_the_figures_in_the_words_have_changed(
    plan: Plan, grid: Grid, manager: User, supervisor: User
) -> None:
    first = put(grid, manager)
    version = Plan.objects.get(pk=plan.pk).version
    assert put(grid, supervisor) == first
    assert put(grid, manager, Suggestion("加场促销: 别的项目", finding="free_ports_rivals")) == first
    assert plan.steps.filter(what__startswith="加场促销").count() == 1
    assert Plan.objects.get(pk=plan.pk).version == version


def test_each_project_has_its_own_steps(plan: Plan, grid: Grid, projects: list[Project], manager: User) -> None:
    for row in (None, projects[0], projects[1]):
        put(grid, manager, Suggestion("申请扩容", project=row, finding="nearly_full"))
    assert plan.steps.filter(what="申请扩容").count() == 3


def test_a_step_that_the_plan_says_already_is_not_said_twice(plan: Plan, grid: Grid, manager: User) -> None:
    mine = ActionStep.objects.create(plan=plan, what="加场促销")
    assert put(grid, manager).step == mine


def test_who_has_the_plan_open_is_shown_the_new_step_and_loses_nothing(
    plan: Plan, grid: Grid, manager: User, client_of: Callable[[User], Client]
) -> None:
    client, address = client_of(manager), reverse("plans:plan", args=[plan.pk])
    sent = fields(client.get(address)) | {"note|note": "我正在写"}
    put(grid, manager)
    response: Any = client.post(address, sent, follow=True)
    assert "我正在写" in response.text
    assert "加场促销" in response.text


# --- Before there is a plan ---


def test_a_step_waits_for_the_draft_which_takes_it_over_once(
    unit: Unit, grid: Grid, projects: list[Project], manager: User, make_run: Callable[..., Run]
) -> None:
    proposal = put(grid, manager, Suggestion("申请扩容", "已申请", projects[0], "nearly_full"))
    general = put(grid, manager)
    assert (proposal.step, proposal.taken_at) == (None, None)
    draft_plans(DECEMBER, unit, make_run())
    draft_plans(DECEMBER, unit, make_run(key="again"))
    step = ActionStep.objects.get(what="申请扩容")
    assert (step.project, step.measure, step.who) == (projects[0], "已申请", manager.name)
    for row in (proposal, general):
        row.refresh_from_db()
        assert row.taken_at is not None
    assert proposal.step == step
    assert general.step == ActionStep.objects.get(what="加场促销")


def test_a_draft_that_fails_leaves_the_step_waiting(
    unit: Unit, grid: Grid, projects: list[Project], manager: User, make_run: Callable[..., Run],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    proposal = put(grid, manager)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(drafting, "store_drafts", killed)
        with pytest.raises(KeyboardInterrupt):
            draft_plans(DECEMBER, unit, make_run())
    proposal.refresh_from_db()
    assert proposal.taken_at is None
    draft_plans(DECEMBER, unit, make_run(key="again"))
    assert ActionStep.objects.filter(what="加场促销").count() == 1


def test_other_grids_and_months_do_not_take_it(
    unit: Unit, grid: Grid, other_grid: Grid, manager: User, make_run: Callable[..., Run]
) -> None:
    propose(grid, DECEMBER.plus(1), SUGGESTED, manager, ON_TIME)
    put(other_grid, manager)
    draft_plans(DECEMBER, unit, make_run())
    assert ActionStep.objects.get(what="加场促销").plan.grid == other_grid


def test_the_database_keeps_it_from_being_there_twice(grid: Grid, manager: User) -> None:
    put(grid, manager)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProposedStep.objects.create(grid=grid, month=DECEMBER.first, what="加场促销")
    with pytest.raises(IntegrityError), transaction.atomic():
        ProposedStep.objects.create(grid=grid, month=DECEMBER.first, what="x", finding="free_ports_rivals")


@pytest.mark.django_db(transaction=True)
def test_two_who_click_at_once_make_one_step(grid: Grid, manager: User) -> None:
    plan, faults = Plan.objects.create(grid=grid, month=DECEMBER.first), []

    def click() -> None:
        try:
            put(grid, manager)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert plan.steps.count() == ProposedStep.objects.count() == 1


# --- A plan that may not be changed ---


def test_a_plan_that_was_handed_in_or_approved_takes_none(
    english: None, submitted: Plan, grid: Grid, manager: User, supervisor: User
) -> None:
    with pytest.raises(services.Refused, match="handed in"):
        put(grid, manager)
    services.approve(submitted, submitted.version, supervisor, now=ON_TIME)
    with pytest.raises(services.Refused, match="begin a revision"):
        put(grid, manager)
    assert not ProposedStep.objects.exists()


def test_a_revision_in_work_takes_it(approved: Plan, grid: Grid, manager: User) -> None:
    made = services.revise(approved, approved.version, manager, reason="改", now=ON_TIME)
    step = put(grid, manager).step
    assert step is not None
    assert step.plan == made


# --- Undo ---


def test_undo_takes_it_out_of_the_plan(plan: Plan, grid: Grid, manager: User) -> None:
    proposal = put(grid, manager)
    withdraw(proposal)
    withdraw(proposal)
    assert not plan.steps.filter(what="加场促销").exists()
    assert put(grid, manager).step is not None


def test_undo_leaves_a_step_that_was_reworded_and_a_plan_that_was_handed_in(
    plan: Plan, grid: Grid, manager: User
) -> None:
    proposal = put(grid, manager)
    ActionStep.objects.filter(proposals=proposal).update(what="我改过")
    with pytest.raises(services.Refused):
        withdraw(proposal)
    ActionStep.objects.filter(proposals=proposal).update(what="加场促销")
    Plan.objects.filter(pk=plan.pk).update(state=Plan.State.SUBMITTED)
    with pytest.raises(services.Refused):
        withdraw(proposal)
    assert plan.steps.filter(what="加场促销").exists()


def test_what_was_removed_in_the_plan_may_be_put_in_again(plan: Plan, grid: Grid, manager: User) -> None:
    proposal = put(grid, manager)
    plan.steps.get(proposals=proposal).delete()
    again = put(grid, manager)
    assert again.pk == proposal.pk
    assert plan.steps.filter(what="加场促销").count() == 1


# --- By a click ---


def sent(grid: Grid, **more: Any) -> dict[str, Any]:
    return {"grid": grid.pk, "what": "加场促销", "measure": "场次", "finding": "nearly_full", **more}


def test_the_manager_and_the_unit_s_supervisor_may_others_not(
    grid: Grid, project: Project, manager: User, colleague: User, supervisor: User, stranger: User, specialist: User,
    foreign_supervisor: User, client_of: Callable[[User], Client],
) -> None:  # fmt: skip
    address = reverse("plans:propose-step")
    for user, status in [
        (specialist, 403), (colleague, 404), (stranger, 404), (foreign_supervisor, 404), (manager, 302),
        (supervisor, 302),
    ]:  # fmt: skip
        assert client_of(user).post(address, sent(grid)).status_code == status, user
    assert ProposedStep.objects.get().by == manager


def test_a_project_of_another_grid_is_not_found(
    grid: Grid, supervisor: User, other_project: Project, client_of: Callable[[User], Client]
) -> None:
    response = client_of(supervisor).post(reverse("plans:propose-step"), sent(grid, project=other_project.pk))
    assert response.status_code == 404


def test_the_answer_to_a_click_is_where_it_stands_now_with_undo(
    plan: Plan, grid: Grid, manager: User, client_of: Callable[[User], Client]
) -> None:
    client, htmx = client_of(manager), {"HX-Request": "true"}
    answer = client.post(reverse("plans:propose-step"), sent(grid), headers=htmx).content.decode()
    proposal = ProposedStep.objects.get()
    assert 'id="step-nearly_full-0"' in answer
    assert f'value="{proposal.pk}"' in answer
    asked = {"grid": str(grid.pk), "shown": "nearly_full-0"}
    shown = client.get(reverse("plans:proposed-steps"), asked).content.decode()
    assert 'hx-swap-oob="true"' in shown
    back = client.post(reverse("plans:withdraw-step"), {"proposal": proposal.pk}, headers=htmx).content.decode()
    assert 'name="what" value="加场促销"' in back
    assert not ProposedStep.objects.exists()


def test_a_refusal_says_what_to_do(
    submitted: Plan, grid: Grid, manager: User, client_of: Callable[[User], Client]
) -> None:
    answer = client_of(manager).post(reverse("plans:propose-step"), sent(grid), headers={"HX-Request": "true"})
    assert reverse("plans:plan", args=[submitted.pk]) in answer.content.decode()


def test_the_way_back_leads_to_our_own_pages_only(
    grid: Grid, manager: User, client_of: Callable[[User], Client]
) -> None:
    address = reverse("plans:propose-step")
    for back, goes in [("/projects/analysis/?grid=1", "/projects/analysis/?grid=1"), ("https://x.org/", "/plans/")]:
        response: Any = client_of(manager).post(address, sent(grid, back=back))
        assert response["Location"] == goes
    assert client_of(manager).post(address, {"grid": "x"}).status_code == 400
    assert client_of(manager).post(reverse("plans:withdraw-step"), {"proposal": "x"}).status_code == 400
