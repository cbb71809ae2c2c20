"""The plan's page sent whole, as a form does without scripts: merged, refused, and what else its buttons do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from gridops.accounts.models import Grid, User
from plans import services
from plans.models import ActionStep, Plan
from projects.models import Project
from tests.plans.conftest import DECEMBER
from tests.plans.moments import ON_TIME
from tests.plans.pages import fields

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_time")]
ClientOf = Callable[[User], Client]


@pytest.fixture
def page(plan: Plan) -> str:
    return reverse("plans:plan", args=[plan.pk])


@pytest.fixture
def step(plan: Plan) -> ActionStep:
    found = plan.steps.first()
    assert found is not None
    return found


@pytest.fixture
def carried(plan: Plan) -> ActionStep:
    before = Plan.objects.create(grid=plan.grid, month=date(2026, 11, 1), state=Plan.State.APPROVED)
    left = ActionStep.objects.create(plan=before, what="旧")
    return ActionStep.objects.create(plan=plan, what="旧", carried_from=left)


def test_the_manager_saves_the_plan_unchanged(client_of: ClientOf, manager: User, plan: Plan, page: str) -> None:
    client, before = client_of(manager), plan.version
    response = client.post(page, fields(client.get(page)))
    plan.refresh_from_db()
    assert (response.status_code, plan.version) == (302, before)


def test_a_goal_changed_is_split_again_over_projects_and_agents(
    client_of: ClientOf, manager: User, plan: Plan, page: str
) -> None:
    client = client_of(manager)
    client.post(page, fields(client.get(page)) | {"goal|net_adds": "300", "goal|renewals": "10"})
    assert sum(s.net_adds for s in plan.project_shares.all()) == 300
    assert sorted(s.renewals for s in plan.agent_shares.all()) == [2, 8]


def test_a_figure_set_by_hand_stays_when_a_goal_changes(
    client_of: ClientOf, manager: User, plan: Plan, page: str
) -> None:
    plan.project_shares.filter(pk=plan.project_shares.all()[0].pk).update(net_adds=3, is_manual=True, remark="装修")
    client = client_of(manager)
    client.post(page, fields(client.get(page)) | {"goal|net_adds": "60"})
    shares = list(plan.project_shares.all())
    assert (shares[0].net_adds, shares[0].is_manual, shares[0].remark) == (3, True, "装修")
    assert sum(s.net_adds for s in shares) == 60


def test_what_no_project_can_hold_is_said_on_the_page(
    client_of: ClientOf, manager: User, plan: Plan, page: str
) -> None:
    client = client_of(manager)
    client.post(page, fields(client.get(page)) | {"goal|net_adds": "1000"})
    plan.refresh_from_db()
    assert plan.shortfall == 100
    assert client.get(page).context["total"] == 900


def test_the_split_is_made_again_by_today_s_figures_when_asked(
    client_of: ClientOf, manager: User, plan: Plan, page: str, projects: list[Project]
) -> None:
    projects[2].is_active = False
    projects[2].save()
    client = client_of(manager)
    client.post(page, fields(client.get(page)) | {"then": "split"})
    assert [share.project for share in plan.project_shares.all()] == projects[:2]
    assert sum(share.net_adds for share in plan.project_shares.all()) == 30


def test_a_step_is_changed(client_of: ClientOf, manager: User, plan: Plan, page: str, step: ActionStep) -> None:
    client = client_of(manager)
    typed = {f"step:{step.pk}|what": "改过的步骤", f"step:{step.pk}|due_on": "2026-12-20"}
    client.post(page, fields(client.get(page)) | typed)
    step.refresh_from_db()
    assert (step.what, step.due_on) == ("改过的步骤", date(2026, 12, 20))


def test_a_step_is_added_empty_with_the_rest_saved(client_of: ClientOf, manager: User, plan: Plan, page: str) -> None:
    client, before = client_of(manager), plan.steps.count()
    response = client.post(page, fields(client.get(page)) | {"note|note": "写了", "then": "step"})
    plan.refresh_from_db()
    made = plan.steps.get(what="")
    assert (plan.note, plan.steps.count(), made.who) == ("写了", before + 1, manager.name)
    assert response["Location"] == f"{page}#step-{made.pk}"


def test_a_step_is_removed_and_put_back_as_it_was(
    client_of: ClientOf, manager: User, plan: Plan, page: str, step: ActionStep
) -> None:
    client = client_of(manager)
    before = ActionStep.objects.filter(pk=step.pk).values().get()
    client.post(page, fields(client.get(page)) | {"note|note": "写了", "then": f"remove:{step.pk}"})
    assert not plan.steps.filter(pk=step.pk).exists()
    assert Plan.objects.get(pk=plan.pk).note == "写了"
    assert client.get(page).context["removed"]["what"] == step.what
    client.post(reverse("plans:step-restore", args=[plan.pk]))
    assert ActionStep.objects.filter(pk=step.pk).values().get() == before
    assert client.get(page).context["removed"] is None


def test_a_carry_over_is_not_removed(
    client_of: ClientOf, manager: User, plan: Plan, page: str, carried: ActionStep
) -> None:
    client = client_of(manager)
    client.post(page, fields(client.get(page)) | {"then": f"remove:{carried.pk}"})
    client.post(reverse("plans:step-remove", args=[carried.pk]))
    assert ActionStep.objects.filter(pk=carried.pk).exists()


def test_a_step_that_was_emptied_is_said_at_its_field_and_the_rest_is_saved(
    client_of: ClientOf, manager: User, plan: Plan, page: str, carried: ActionStep
) -> None:
    client = client_of(manager)
    typed = {f"step:{carried.pk}|what": "", f"step:{carried.pk}|improvement": "一起去"}
    response = client.post(page, fields(client.get(page)) | typed)
    carried.refresh_from_db()
    assert response.status_code == 422
    assert (carried.what, carried.improvement) == ("旧", "一起去")
    [row] = [row for row in response.context["form"].carried() if row.step == carried]
    assert row.inputs["what"].said


def test_a_carry_over_ticked_done_says_who_and_when(
    client_of: ClientOf, manager: User, page: str, carried: ActionStep
) -> None:
    client = client_of(manager)
    typed = {f"step:{carried.pk}|done": ["False", "True"], f"step:{carried.pk}|done_note": "12 户已签"}
    client.post(page, fields(client.get(page)) | typed)
    carried.refresh_from_db()
    assert (carried.done_on, carried.done_by, carried.done_note) == (ON_TIME.date(), manager, "12 户已签")
    client.post(page, fields(client.get(page)) | {f"step:{carried.pk}|done": "False"})
    carried.refresh_from_db()
    assert (carried.done_on, carried.done_by) == (None, None)


def test_the_second_editor_is_shown_what_changed_and_keeps_what_they_typed(
    client_of: ClientOf, manager: User, plan: Plan, page: str
) -> None:
    client = client_of(manager)
    began = fields(client.get(page))
    client.post(page, began | {"goal|net_adds": "40", "goal|talks": "9", "then": "step"})
    response = client.post(page, began | {"goal|net_adds": "50", "note|note": "我的备注"})
    plan.refresh_from_db()
    assert (response.status_code, plan.net_adds, plan.talks, plan.note) == (409, 40, 9, "我的备注")
    shown = response.context["form"].goals()["net_adds"]
    assert (shown.value, shown.was, shown.in_conflict) == ("50", "40", True)
    assert [
        (typed, manager.name in why and "40" in why) for _label, typed, why in response.context["form"].unsaved()
    ] == [("50", True)]
    # sent again it is written on top, knowing theirs
    assert client.post(page, fields(response)).status_code == 302
    plan.refresh_from_db()
    assert (plan.net_adds, plan.talks, plan.note, plan.steps.filter(what="").count()) == (50, 9, "我的备注", 1)


def test_what_was_typed_in_a_step_that_someone_removed_is_shown_to_be_copied(
    client_of: ClientOf, manager: User, plan: Plan, page: str, step: ActionStep
) -> None:
    client = client_of(manager)
    began = fields(client.get(page))
    client.post(reverse("plans:step-remove", args=[step.pk]))
    response = client.post(page, began | {f"step:{step.pk}|measure": "每栋三户", "note|note": "写了"})
    assert (response.status_code, Plan.objects.get(pk=plan.pk).note) == (422, "写了")
    assert "每栋三户" in response.text


def test_a_plan_submitted_meanwhile_is_not_changed_and_the_typed_text_is_shown(
    client_of: ClientOf, manager: User, plan: Plan, page: str
) -> None:
    client = client_of(manager)
    data = fields(client.get(page)) | {"note|note": "还没存的话"}
    services.submit(plan, plan.version, manager, now=ON_TIME)
    response = client.post(page, data)
    assert (response.status_code, Plan.objects.get(pk=plan.pk).note) == (409, "")
    assert "还没存的话" in response.text


def test_text_for_a_number_is_refused_at_its_field(client_of: ClientOf, manager: User, page: str) -> None:
    client = client_of(manager)
    response = client.post(page, fields(client.get(page)) | {"goal|net_adds": "many"})
    assert response.status_code == 422
    assert "is-invalid" in response.text
    assert 'value="many"' in response.text


def test_a_base_that_is_not_ours_makes_every_difference_theirs(
    client_of: ClientOf, manager: User, plan: Plan, page: str
) -> None:
    client = client_of(manager)
    response = client.post(page, fields(client.get(page)) | {"base": "x", "goal|net_adds": "50"})
    assert (response.status_code, Plan.objects.get(pk=plan.pk).net_adds) == (409, 30)


@pytest.mark.parametrize("field", ["what", "project"])
def test_a_foreign_step_or_project_refuses_the_whole_form(
    client_of: ClientOf, manager: User, plan: Plan, page: str, foreign_grid: Grid, foreign_project: Project, field: str,
    step: ActionStep,
) -> None:  # fmt: skip
    other = Plan.objects.create(grid=foreign_grid, month=DECEMBER.first)
    theirs = ActionStep.objects.create(plan=other, what="别处的步骤")
    line, value = (theirs.pk, "改") if field == "what" else (step.pk, str(foreign_project.pk))
    client = client_of(manager)
    response = client.post(page, fields(client.get(page)) | {"note|note": "x", f"step:{line}|{field}": value})
    theirs.refresh_from_db()
    assert (response.status_code, theirs.what, Plan.objects.get(pk=plan.pk).note) == (404, "别处的步骤", "")


def test_fields_that_are_not_the_page_s_are_ignored(client_of: ClientOf, manager: User, plan: Plan, page: str) -> None:
    client = client_of(manager)
    more = {"state": "approved", "grid": "9", "goal|version": "7", "plan|state": "approved", "share:1|manual": "9"}
    assert client.post(page, fields(client.get(page)) | more).status_code == 302
    assert Plan.objects.filter(pk=plan.pk, state="draft", version=plan.version).exists()


def test_save_and_submit_hands_in_what_was_typed(client_of: ClientOf, manager: User, plan: Plan, page: str) -> None:
    client = client_of(manager)
    client.post(page, fields(client.get(page)) | {"note|note": "交了", "then": "submit"})
    plan.refresh_from_db()
    assert (plan.state, plan.note) == (Plan.State.SUBMITTED, "交了")


def test_save_and_submit_with_an_error_keeps_what_was_typed_and_says_what_is_missing(
    client_of: ClientOf, manager: User, plan: Plan, page: str, carried: ActionStep
) -> None:
    client = client_of(manager)
    answer = client.post(page, fields(client.get(page)) | {"note|note": "写了", "then": "submit"}, follow=True)
    plan.refresh_from_db()
    assert (plan.state, plan.note) == (Plan.State.DRAFT, "写了")
    assert "已保存，但尚未提交" in answer.text
    assert answer.context["errors"] == 1


def test_what_someone_else_wrote_meanwhile_is_not_submitted_unseen(
    client_of: ClientOf, manager: User, plan: Plan, page: str
) -> None:
    client = client_of(manager)
    began = fields(client.get(page))
    client.post(page, began | {"goal|talks": "9"})
    client.post(page, began | {"note|note": "写了", "then": "submit"})
    plan.refresh_from_db()
    assert (plan.state, plan.note, plan.talks) == (Plan.State.DRAFT, "写了", 9)
