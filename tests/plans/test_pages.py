"""The pages of plans: who sees and does what, two people at one plan, the inbox, targets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gridops.accounts.models import Grid, Unit, User
from plans import services
from plans.models import ActionStep, Plan, Target
from projects.models import Project
from promotions.models import Session
from tests import factories
from tests.plans.conftest import DECEMBER
from tests.plans.moments import ON_TIME, TOO_LATE

pytestmark = [pytest.mark.django_db]
ClientOf = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _moment() -> Any:
    with time_machine.travel(ON_TIME, tick=False):
        yield


@pytest.fixture
def page(plan: Plan) -> str:
    return reverse("plans:plan", args=[plan.pk])


def fields(response: Any) -> dict[str, str]:
    """What a browser would send back from the plan's page unchanged."""
    forms = response.context["forms"]
    found: dict[str, Any] = {}
    for formset in (forms.split, forms.steps):
        for form in (formset.management_form, *formset.forms):
            found |= {form.add_prefix(name): form[name].value() for name in form.fields}
    found |= {name: forms.goals[name].value() for name in forms.goals.fields}
    return {name: "on" if value is True else str(value) for name, value in found.items() if value not in (None, False)}


def test_the_manager_saves_the_plan_unchanged(client_of: ClientOf, manager: User, plan: Plan, page: str) -> None:
    client = client_of(manager)
    before = [(s.project_id, s.net_adds) for s in plan.project_shares.all()]
    response = client.post(page, fields(client.get(page)))
    assert response.status_code == 302
    assert [(s.project_id, s.net_adds) for s in plan.project_shares.all()] == before


def test_a_figure_set_by_hand_stays_and_the_rest_is_split_again(
    client_of: ClientOf, manager: User, plan: Plan, page: str, projects: list[Project]
) -> None:
    client = client_of(manager)
    data = fields(client.get(page)) | {"shares-0-manual": "3", "shares-0-remark": "装修"}
    client.post(page, data)
    shares = list(plan.project_shares.select_related("project"))
    assert (shares[0].net_adds, shares[0].is_manual) == (3, True)
    assert shares[0].remark == "装修"
    assert sum(s.net_adds for s in shares) == 30


def test_a_goal_changed_is_split_again_over_projects_and_agents(
    client_of: ClientOf, manager: User, plan: Plan, page: str
) -> None:
    client = client_of(manager)
    client.post(page, fields(client.get(page)) | {"net_adds": "300", "renewals": "10"})
    assert sum(s.net_adds for s in plan.project_shares.all()) == 300
    assert sorted(s.renewals for s in plan.agent_shares.all()) == [2, 8]


def test_the_managers_pool_comes_after_the_agents(client_of: ClientOf, manager: User, page: str) -> None:
    shares = client_of(manager).get(page).context["agent_shares"]
    assert [share.agent is None for share in shares] == [False, True]


def test_what_no_project_can_hold_is_said_on_the_page(
    client_of: ClientOf, manager: User, plan: Plan, page: str
) -> None:
    client = client_of(manager)
    client.post(page, fields(client.get(page)) | {"net_adds": "1000"})
    plan.refresh_from_db()
    assert plan.shortfall == 100
    assert client.get(page).context["total"] == 900


def test_steps_are_added_changed_ticked_and_removed(client_of: ClientOf, manager: User, plan: Plan, page: str) -> None:
    client = client_of(manager)
    data = fields(client.get(page))
    number = int(data["steps-INITIAL_FORMS"])
    data |= {"steps-0-what": "改过的步骤", "steps-1-done": "on", "steps-2-remove": "on"}
    data |= {f"steps-{number}-what": "新的步骤", f"steps-{number}-due_on": "2026-12-20"}
    client.post(page, data)
    steps = {step.what: step for step in plan.steps.all()}
    assert len(steps) == number
    assert "改过的步骤" in steps
    assert steps["新的步骤"].due_on == date(2026, 12, 20)
    assert [step.done_on for step in steps.values() if step.done_on] == [ON_TIME.date()]


def test_a_carry_over_is_not_removed(client_of: ClientOf, manager: User, plan: Plan, page: str) -> None:
    before = Plan.objects.create(grid=plan.grid, month=date(2026, 11, 1), state=Plan.State.APPROVED)
    left = ActionStep.objects.create(plan=before, what="旧")
    carried = ActionStep.objects.create(plan=plan, what="旧", carried_from=left)
    client = client_of(manager)
    data = fields(client.get(page))
    [row] = [name for name, value in data.items() if name.endswith("-id") and value == str(carried.pk)]
    client.post(page, data | {row.replace("-id", "-remove"): "on"})
    assert ActionStep.objects.filter(pk=carried.pk).exists()


def test_a_carry_over_that_was_emptied_is_said_at_its_field(
    client_of: ClientOf, manager: User, plan: Plan, page: str
) -> None:
    before = Plan.objects.create(grid=plan.grid, month=date(2026, 11, 1), state=Plan.State.APPROVED)
    left = ActionStep.objects.create(plan=before, what="旧")
    carried = ActionStep.objects.create(plan=plan, what="旧", carried_from=left)
    client = client_of(manager)
    data = fields(client.get(page))
    [row] = [name for name, value in data.items() if name.endswith("-id") and value == str(carried.pk)]
    typed = {row.replace("-id", "-what"): "", row.replace("-id", "-improvement"): "Go there together"}
    response = client.post(page, data | typed)
    assert (response.status_code, "Go there together" in response.text) == (422, True)
    assert [list(errors) for errors in response.context["forms"].steps.errors if errors] == [["what"]]


def test_the_second_editor_is_shown_what_changed_and_keeps_what_they_typed(
    client_of: ClientOf, manager: User, plan: Plan, page: str
) -> None:
    client = client_of(manager)
    mine = theirs = fields(client.get(page))
    number = int(mine["steps-INITIAL_FORMS"])
    added = {f"steps-{number}-what": "别人的新步骤"}
    client.post(page, theirs | {"net_adds": "40", "talks": "9", "shares-1-remark": "别人的话", **added})
    response = client.post(page, mine | {"net_adds": "50", "note": "我的备注"})
    assert response.status_code == 409
    conflict, forms = response.context["conflict"], response.context["forms"]
    assert [(c.theirs, c.typed) for c in conflict.clashing] == [("40", "50")]
    assert {c.theirs for c in conflict.taken} == {"9", "别人的话"}
    assert forms.goals["note"].value() == "我的备注"
    assert "别人的新步骤" in [form["what"].value() for form in forms.steps]
    assert client.post(page, fields(response)).status_code == 302
    plan.refresh_from_db()
    assert (plan.net_adds, plan.talks, plan.note) == (50, 9, "我的备注")
    assert plan.steps.filter(what="别人的新步骤").count() == 1


def test_a_plan_submitted_meanwhile_is_not_changed_and_the_typed_text_is_shown(
    client_of: ClientOf, manager: User, plan: Plan, page: str
) -> None:
    client = client_of(manager)
    data = fields(client.get(page)) | {"note": "还没存的话"}
    services.submit(plan, plan.version, manager, now=ON_TIME)
    response = client.post(page, data)
    assert response.status_code == 409
    assert "还没存的话" in response.content.decode()
    assert Plan.objects.get(pk=plan.pk).note == ""


def test_text_for_a_number_is_refused_at_its_field(client_of: ClientOf, manager: User, page: str) -> None:
    client = client_of(manager)
    response = client.post(page, fields(client.get(page)) | {"net_adds": "many", "shares-0-manual": "x"})
    assert response.status_code == 422
    assert "is-invalid" in response.content.decode()


def test_a_project_of_another_grid_gets_no_share(
    client_of: ClientOf, manager: User, plan: Plan, page: str, foreign_project: Project
) -> None:
    client = client_of(manager)
    client.post(page, fields(client.get(page)) | {"shares-0-project": str(foreign_project.pk), "shares-0-manual": "9"})
    assert not plan.project_shares.filter(project=foreign_project).exists()


def test_a_step_of_another_plan_is_not_touched(
    client_of: ClientOf, manager: User, plan: Plan, page: str, foreign_grid: Grid
) -> None:
    other = Plan.objects.create(grid=foreign_grid, month=DECEMBER.first)
    step = ActionStep.objects.create(plan=other, what="别处的步骤")
    client = client_of(manager)
    client.post(page, fields(client.get(page)) | {"steps-0-id": str(step.pk), "steps-0-what": "改"})
    step.refresh_from_db()
    assert (step.what, step.plan) == ("别处的步骤", other)


def test_save_and_submit_hands_in_what_was_typed(client_of: ClientOf, manager: User, plan: Plan, page: str) -> None:
    client = client_of(manager)
    client.post(page, fields(client.get(page)) | {"note": "交了", "then": "submit"})
    plan.refresh_from_db()
    assert (plan.state, plan.note) == (Plan.State.SUBMITTED, "交了")


def test_save_and_submit_with_an_error_keeps_what_was_typed_and_says_what_is_missing(
    client_of: ClientOf, manager: User, plan: Plan, page: str
) -> None:
    before = Plan.objects.create(grid=plan.grid, month=date(2026, 11, 1), state=Plan.State.APPROVED)
    left = ActionStep.objects.create(plan=before, what="旧")
    ActionStep.objects.create(plan=plan, what="旧", carried_from=left)
    client = client_of(manager)
    answer = client.post(page, fields(client.get(page)) | {"note": "写了", "then": "submit"}, follow=True)
    plan.refresh_from_db()
    assert (plan.state, plan.note) == (Plan.State.DRAFT, "写了")
    assert "已保存，但尚未提交" in answer.text
    assert answer.text.count("必须修改") == 2  # in the list of what must be mended, and at the field


def test_a_foreign_manager_finds_no_plan(client_of: ClientOf, stranger: User, colleague: User, page: str) -> None:
    assert client_of(stranger).get(page).status_code == 404
    assert client_of(colleague).get(page).status_code == 404


def test_the_supervisor_reads_but_does_not_write(client_of: ClientOf, supervisor: User, page: str) -> None:
    client = client_of(supervisor)
    assert client.get(page).status_code == 200
    assert client.post(page, {"net_adds": "1"}).status_code == 403


def test_the_supervisor_returns_and_approves_on_the_review_page(
    client_of: ClientOf, supervisor: User, manager: User, submitted: Plan
) -> None:
    client = client_of(supervisor)
    assert client.get(reverse("plans:review", args=[submitted.pk])).status_code == 200
    back = reverse("plans:return", args=[submitted.pk])
    client.post(back, {"version": submitted.version, "reason": ""})
    assert Plan.objects.get(pk=submitted.pk).state == Plan.State.SUBMITTED
    client.post(back, {"version": submitted.version, "reason": "请补充措施"})
    submitted.refresh_from_db()
    assert submitted.state == Plan.State.RETURNED
    assert "请补充措施" in client_of(manager).get(reverse("plans:plan", args=[submitted.pk])).content.decode()
    services.submit(submitted, submitted.version, manager, now=ON_TIME)
    client.post(reverse("plans:approve", args=[submitted.pk]), {"version": submitted.version})
    submitted.refresh_from_db()
    assert submitted.state == Plan.State.APPROVED


def test_the_review_shows_last_month_s_plan_beside(client_of: ClientOf, supervisor: User, submitted: Plan) -> None:
    last = Plan.objects.create(grid=submitted.grid, month=date(2026, 11, 1), state=Plan.State.APPROVED, net_adds=77)
    response = client_of(supervisor).get(reverse("plans:review", args=[submitted.pk]))
    assert response.context["last"] == last


def test_a_manager_may_not_approve(client_of: ClientOf, manager: User, submitted: Plan) -> None:
    posted = client_of(manager).post(reverse("plans:approve", args=[submitted.pk]), {"version": submitted.version})
    assert posted.status_code == 403


def test_the_manager_begins_a_revision_with_a_reason(client_of: ClientOf, manager: User, approved: Plan) -> None:
    client, url = client_of(manager), reverse("plans:revise", args=[approved.pk])
    client.post(url, {"version": approved.version, "reason": ""})
    assert Plan.objects.filter(grid=approved.grid, month=approved.month).count() == 1
    response = client.post(url, {"version": approved.version, "reason": "新楼盘"}, follow=True)
    assert response.context["plan"].revision == 2
    assert "plans/edit.html" in [template.name for template in response.templates]


def test_the_manager_ticks_a_step_of_the_approved_plan(client_of: ClientOf, manager: User, approved: Plan) -> None:
    step = approved.steps.first()
    assert step is not None
    client_of(manager).post(reverse("plans:tick", args=[step.pk]), {"done": "on"})
    step.refresh_from_db()
    assert step.done_on == ON_TIME.date()


def test_the_inbox_groups_plans_by_what_they_wait_for(
    client_of: ClientOf, supervisor: User, submitted: Plan, other_grid: Grid
) -> None:
    with time_machine.travel(TOO_LATE, tick=False):
        sections = client_of(supervisor).get(reverse("plans:inbox")).context["sections"]
    assert [[state.grid for state in section.states] for section in sections] == [[submitted.grid], [other_grid]]
    assert [section.states[0].late for section in sections] == [False, True]


def test_a_plan_first_submitted_late_is_late_in_the_inbox(
    client_of: ClientOf, supervisor: User, manager: User, plan: Plan
) -> None:
    services.submit(plan, plan.version, manager, now=TOO_LATE)
    [section] = client_of(supervisor).get(reverse("plans:inbox")).context["sections"]
    assert section.states[0].late


def test_a_plan_in_time_stays_in_time_when_it_is_returned_and_submitted_after_the_due_day(
    client_of: ClientOf, supervisor: User, manager: User, submitted: Plan
) -> None:
    services.send_back(submitted, submitted.version, supervisor, reason="x", now=ON_TIME)
    services.submit(submitted, submitted.version, manager, now=TOO_LATE)
    [section] = client_of(supervisor).get(reverse("plans:inbox")).context["sections"]
    assert not section.states[0].late


def test_the_inbox_takes_the_same_number_of_queries_for_any_number_of_grids(
    client_of: ClientOf, supervisor: User, unit: Unit, plan: Plan
) -> None:
    client, url = client_of(supervisor), reverse("plans:inbox")
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _ in range(8):
        Plan.objects.create(grid=factories.make_grid(unit), month=DECEMBER.first)
    with CaptureQueriesContext(connection) as many:
        assert client.get(url).status_code == 200
    assert len(many) == len(few)


def test_the_plan_list_holds_own_grids_only(client_of: ClientOf, manager: User, plan: Plan, other_grid: Grid) -> None:
    states = client_of(manager).get(reverse("plans:list")).context["states"]
    assert [(state.grid, state.plan) for state in states] == [(plan.grid, plan)]


def test_the_month_chosen_stays_chosen_from_page_to_page(client_of: ClientOf, supervisor: User, plan: Plan) -> None:
    client = client_of(supervisor)
    assert str(client.get(reverse("plans:list")).context["choice"].month) == "2026-12"
    client.get(reverse("plans:list") + "?month=2026-10")
    assert str(client.get(reverse("plans:targets")).context["choice"].month) == "2026-10"
    assert str(client.get(reverse("plans:list") + "?month=soon").context["choice"].month) == "2026-12"


def test_a_supervisor_hands_down_and_changes_a_target(client_of: ClientOf, supervisor: User, grid: Grid) -> None:
    client, url = client_of(supervisor), reverse("plans:target", args=[grid.pk, "2026-12"])
    client.post(url, {"version": "1", "net_adds": "44", "renewals": "9"})
    target = Target.objects.get(grid=grid)
    assert (target.net_adds, target.month) == (44, DECEMBER.first)
    base = client.get(url).context["form"]["base"].value()
    client.post(url, {"version": "1", "base": base, "net_adds": "45"})
    target.refresh_from_db()
    assert (target.net_adds, target.version) == (45, 2)


def test_two_supervisors_who_hand_down_the_same_target_see_each_other(
    client_of: ClientOf, supervisor: User, grid: Grid
) -> None:
    client, url = client_of(supervisor), reverse("plans:target", args=[grid.pk, "2026-12"])
    client.post(url, {"version": "1", "net_adds": "44"})
    client.post(url, {"version": "1", "net_adds": "45"})
    response = client.post(url, {"version": "1", "net_adds": "46"})
    assert response.status_code == 409
    assert Target.objects.get(grid=grid).net_adds == 45


def test_a_target_of_a_foreign_grid_is_not_found(
    client_of: ClientOf, supervisor: User, foreign_grid: Grid, manager: User, grid: Grid
) -> None:
    assert client_of(supervisor).get(reverse("plans:target", args=[foreign_grid.pk, "2026-12"])).status_code == 404
    assert client_of(supervisor).get(reverse("plans:target", args=[grid.pk, "2026-13"])).status_code == 404
    assert client_of(manager).get(reverse("plans:target", args=[grid.pk, "2026-12"])).status_code == 403


def test_the_manager_moves_a_session_and_it_counts_as_fixed(client_of: ClientOf, manager: User, plan: Plan) -> None:
    session = Session.objects.filter(grid=plan.grid, day=date(2026, 12, 1)).first()
    assert session is not None
    client, url = client_of(manager), reverse("promotions:session", args=[session.pk])
    form = client.get(url).context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    client.post(url, {**data, "day": "2026-12-02", "slot": "evening", "place": "北门"})
    moved = Session.objects.get(pk=session.pk)
    assert (moved.day, moved.place, moved.fixed) == (date(2026, 12, 2), "北门", True)
    days = {row.day: row.short for row in client.get(reverse("plans:plan", args=[plan.pk])).context["days"]}
    assert days[date(2026, 12, 1)]
    assert not days[date(2026, 12, 2)]


def test_sessions_belong_to_the_grid_s_manager(
    client_of: ClientOf, stranger: User, supervisor: User, plan: Plan
) -> None:
    session = Session.objects.filter(grid=plan.grid).first()
    assert session is not None
    assert client_of(stranger).get(reverse("promotions:session", args=[session.pk])).status_code == 404
    assert client_of(supervisor).get(reverse("promotions:session", args=[session.pk])).status_code == 403


def test_a_session_is_added_and_taken_off(client_of: ClientOf, manager: User, plan: Plan, project: Project) -> None:
    client = client_of(manager)
    new = reverse("promotions:session-new", args=[plan.grid_id])
    Session.objects.filter(day=date(2026, 12, 9)).delete()
    client.post(new, {"version": "1", "project": project.pk, "day": "2026-12-09", "slot": "morning"})
    session = Session.objects.get(grid=plan.grid, day=date(2026, 12, 9))
    response = client.post(reverse("promotions:session-remove", args=[session.pk]), {"back": "https://evil.example/"})
    assert response["Location"].startswith("/plans/")
    assert not Session.objects.filter(pk=session.pk).exists()


def test_a_slot_that_is_taken_and_a_slip_of_the_year_are_said_at_their_fields(
    client_of: ClientOf, manager: User, plan: Plan
) -> None:
    taken = Session.objects.filter(grid=plan.grid).first()
    assert taken is not None
    data = {"version": "1", "project": taken.project_id, "day": f"{taken.day}", "slot": taken.slot}
    client, new = client_of(manager), reverse("promotions:session-new", args=[plan.grid_id])
    assert list(client.post(new, data).context["form"].errors) == ["slot"]
    assert list(client.post(new, data | {"day": "0206-12-01"}).context["form"].errors) == ["day"]
