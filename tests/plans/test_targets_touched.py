"""A target that moves after plans were made: which plans it touches, asking first, and what follows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gridops.accounts.models import Grid, Membership, Role, Unit, User
from gridops.jobs.run import Run
from gridops.notices.models import Notice
from gridops.workbooks import services as workbooks
from gridops.workbooks.export import write_sheet
from gridops.workbooks.models import Batch
from plans import services
from plans.drafting import draft_plans
from plans.models import Plan, Target
from plans.services import Refused
from plans.services_handdown import Wanted, hand_down, would_touch
from plans.services_targets import moved_of, take_over, touched
from plans.services_targets_import import touched_by
from projects.models import Project
from tests import factories
from tests.plans.conftest import DECEMBER
from tests.plans.moments import ON_TIME
from tests.workbooks.books import upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_time")]
ClientOf = Callable[[User], Client]
TABLE = "/plans/targets/?month=2026-12"
TOUCHED = "/plans/targets/touched/?month=2026-12"
HEADER = ["月份", "网格", "净增"]


@pytest.fixture
def moved(plan: Plan, target: Target) -> Plan:
    """The plan, and its target moved from 30 net adds to 60."""
    Target.objects.filter(pk=target.pk).update(net_adds=60)
    return plan


def shares(plan: Plan) -> dict[str, int]:
    return dict(plan.project_shares.values_list("project__code", "net_adds"))


def goals(plan: Plan) -> list[str]:
    plan.refresh_from_db()
    return [one.goal for one in moved_of(plan)]


# --- Taking over ---


def test_a_goal_left_at_the_old_target_follows_and_is_split_again(moved: Plan) -> None:
    before = sum(shares(moved).values())
    take_over(moved, moved.version)
    assert (before, moved.net_adds, sum(shares(moved).values())) == (30, 60, 60)
    assert moved.handed_down["net_adds"] == "60"
    assert goals(moved) == []


def test_what_the_manager_set_stays_goal_share_adjustment_and_remark(
    moved: Plan, target: Target, projects: list[Project]
) -> None:
    Target.objects.filter(pk=target.pk).update(talks=4)
    moved.project_shares.filter(project=projects[0]).update(net_adds=25, is_manual=True, remark="新装现场")
    moved.project_shares.filter(project=projects[1]).update(adjustment=7)
    Plan.objects.filter(pk=moved.pk).update(talks=9)
    found = {one.goal: one.follows for one in take_over(moved, moved.version)}
    assert found == {"net_adds": True, "talks": False}
    assert (moved.net_adds, moved.talks) == (60, 9)
    kept = moved.project_shares.get(project=projects[0])
    assert (kept.net_adds, kept.is_manual, kept.remark) == (25, True, "新装现场")
    assert moved.project_shares.get(project=projects[1]).adjustment == 7
    assert sum(shares(moved).values()) == 60


def test_a_draft_made_before_any_target_is_filled_and_split(unit: Unit, projects: list[Project], run: Run) -> None:
    draft_plans(DECEMBER, unit, run)
    plan = Plan.objects.get(month=DECEMBER.first)
    assert (plan.handed_down, plan.net_adds) == ({}, None)
    factories.make_target(plan.grid, DECEMBER, net_adds=30, renewals=None)
    assert goals(plan) == ["net_adds"]
    take_over(plan, plan.version)
    assert (plan.net_adds, sum(shares(plan).values()), plan.renewals) == (30, 30, None)


def test_a_target_that_is_withdrawn_leaves_the_plan_as_it_is(plan: Plan, target: Target) -> None:
    Target.objects.filter(pk=target.pk).update(net_adds=None)
    assert [(one.new, one.follows) for one in moved_of(plan)] == [("", False)]
    take_over(plan, plan.version)
    assert (plan.net_adds, goals(plan)) == (30, [])


def test_a_plan_that_moved_on_or_was_handed_in_is_not_overwritten(moved: Plan, manager: User) -> None:
    stale = moved.version
    Plan.objects.filter(pk=moved.pk).update(version=stale + 1)
    with pytest.raises(Refused):
        take_over(moved, stale)
    moved.refresh_from_db()
    services.submit(moved, moved.version, manager, now=ON_TIME)
    with pytest.raises(Refused):
        take_over(moved, moved.version)
    assert moved.net_adds == 30


def test_the_manager_takes_over_by_a_button_and_nobody_else_does(
    client_of: ClientOf, moved: Plan, manager: User, supervisor: User, colleague: User
) -> None:
    url, data = reverse("plans:take-over", args=[moved.pk]), {"version": moved.version}
    assert client_of(supervisor).post(url, data).status_code == 403
    assert client_of(colleague).post(url, data).status_code == 404
    assert 'id="target-changed"' in client_of(manager).get(reverse("plans:plan", args=[moved.pk])).content.decode()
    assert client_of(manager).post(url, data).status_code == 302
    moved.refresh_from_db()
    assert moved.net_adds == 60
    assert 'id="target-changed"' not in client_of(manager).get(reverse("plans:plan", args=[moved.pk])).content.decode()


def test_a_revision_remembers_the_target_of_the_plan_it_revises(approved: Plan, manager: User, target: Target) -> None:
    Target.objects.filter(pk=target.pk).update(net_adds=60)
    assert [one.plan for one in touched(Grid.objects.all(), DECEMBER)] == [approved]
    made = services.revise(approved, approved.version, manager, reason="任务调整", now=ON_TIME)
    assert [one.plan for one in touched(Grid.objects.all(), DECEMBER)] == [made]
    take_over(made, made.version)
    assert made.net_adds == 60


def test_a_plan_that_does_not_remember_its_target_learns_it_when_that_moves(
    plan: Plan, target: Target, supervisor: User, admin_user: User
) -> None:
    for move in ("by hand", "roster"):
        Plan.objects.filter(pk=plan.pk).update(handed_down={}, net_adds=30, renewals=9)
        Target.objects.filter(pk=target.pk).update(net_adds=30, renewals=5)
        if move == "roster":
            batch = roster(admin_user, ["2026-12", plan.grid.name, 60])
            assert touched_by(batch)[DECEMBER][0].moved[0].follows
            workbooks.finish(workbooks.apply(batch, valid_only=True))
        else:
            wanted = Wanted(plan.grid.unit_id, "2026-12", {f"{plan.grid_id}-net_adds": ("60", "30")})
            assert {one.goal: one.follows for one in would_touch(wanted)[0].moved}["net_adds"]
            hand_down(wanted, supervisor)
        plan.refresh_from_db()
        assert {one.goal: one.follows for one in moved_of(plan)} == {"net_adds": True, "renewals": False}


# --- Asking before writing ---


def fields(response: Any) -> dict[str, str]:
    form = response.context["form"]
    return {name: "" if (value := form[name].value()) is None else str(value) for name in form.fields}


def ask(client: Client, grid: Grid, figure: str) -> Any:
    return client.post(TABLE, fields(client.get(TABLE)) | {f"{grid.pk}-net_adds": figure})


def test_a_target_of_a_grid_with_a_plan_is_asked_about_before_it_is_written(
    client_of: ClientOf, supervisor: User, plan: Plan, target: Target
) -> None:
    client = client_of(supervisor)
    page = ask(client, plan.grid, "60")
    assert [(one.plan, one.moved[0].old, one.moved[0].new) for one in page.context["plans"]] == [(plan, "30", "60")]
    target.refresh_from_db()
    assert target.net_adds == 30
    response = client.post(reverse("plans:targets-write"), {"packed": page.context["packed"], "follow": "yes"})
    assert response["Location"].startswith(reverse("plans:targets"))
    target.refresh_from_db()
    plan.refresh_from_db()
    assert (target.net_adds, plan.net_adds, goals(plan)) == (60, 60, [])


def test_without_the_choice_drafts_are_left_and_listed(
    client_of: ClientOf, supervisor: User, plan: Plan, manager: User
) -> None:
    client = client_of(supervisor)
    page = ask(client, plan.grid, "60")
    response = client.post(reverse("plans:targets-write"), {"packed": page.context["packed"]})
    assert response["Location"] == reverse("plans:touched") + "?month=2026-12"
    assert goals(plan) == ["net_adds"]
    assert Notice.objects.get(user=manager, kind="plans.target").url == reverse("plans:plan", args=[plan.pk])


def test_a_single_target_is_asked_about_too(client_of: ClientOf, supervisor: User, plan: Plan, target: Target) -> None:
    client, url = client_of(supervisor), reverse("plans:target", args=[plan.grid_id, "2026-12"])
    page = client.post(url, fields(client.get(url)) | {"net_adds": "60"})
    assert [one.plan for one in page.context["plans"]] == [plan]
    target.refresh_from_db()
    assert target.net_adds == 30


def test_what_somebody_writes_while_the_question_stands_is_shown(
    client_of: ClientOf, supervisor: User, admin_user: User, plan: Plan, target: Target
) -> None:
    client = client_of(supervisor)
    page = ask(client, plan.grid, "60")
    hand_down(Wanted(plan.grid.unit_id, "2026-12", {f"{plan.grid_id}-net_adds": ("50", "30")}), admin_user)
    response = client.post(reverse("plans:targets-write"), {"packed": page.context["packed"]})
    assert response.status_code == 409
    assert fields(response)[f"{plan.grid_id}-net_adds"] == "60"
    target.refresh_from_db()
    assert target.net_adds == 50


# --- The list of touched plans ---


def test_drafts_are_brought_up_to_date_from_the_list(client_of: ClientOf, supervisor: User, moved: Plan) -> None:
    client = client_of(supervisor)
    assert [one.plan for one in client.get(TOUCHED).context["open"]] == [moved]
    data = {"plan": [moved.pk], f"version-{moved.pk}": moved.version, "act": "follow"}
    assert client.post(TOUCHED, data).status_code == 302
    moved.refresh_from_db()
    assert moved.net_adds == 60
    assert client.get(TOUCHED).context["number"] == 0


def test_submitted_plans_are_returned_with_a_reason(
    client_of: ClientOf, supervisor: User, submitted: Plan, target: Target
) -> None:
    Target.objects.filter(pk=target.pk).update(net_adds=60)
    client = client_of(supervisor)
    data = {"plan": [submitted.pk], f"version-{submitted.pk}": submitted.version, "act": "return"}
    assert client.post(TOUCHED, data).status_code == 422
    assert client.post(TOUCHED, data | {"reason": "任务调整"}).status_code == 302
    submitted.refresh_from_db()
    assert (submitted.state, submitted.net_adds) == (Plan.State.RETURNED, 30)


def test_nobody_returns_their_own_plan_from_the_list(
    client_of: ClientOf, manager: User, unit: Unit, submitted: Plan, target: Target
) -> None:
    Membership.objects.create(user=manager, role=Role.SUPERVISOR, unit=unit, starts_on=factories.LONG_AGO)
    Target.objects.filter(pk=target.pk).update(net_adds=60)
    data = {"plan": [submitted.pk], f"version-{submitted.pk}": submitted.version, "act": "return", "reason": "?"}
    assert client_of(manager).post(TOUCHED, data).status_code == 302
    submitted.refresh_from_db()
    assert submitted.state == Plan.State.SUBMITTED


def test_own_and_foreign_plans_mixed_are_refused_as_a_whole(
    client_of: ClientOf, supervisor: User, moved: Plan, foreign_grid: Grid
) -> None:
    factories.make_target(foreign_grid, DECEMBER)
    foreign = Plan.objects.create(grid=foreign_grid, month=DECEMBER.first)
    client = client_of(supervisor)
    assert [one.plan for one in client.get(TOUCHED).context["open"]] == [moved]
    data = {"plan": [moved.pk, foreign.pk], f"version-{moved.pk}": moved.version, "act": "follow"}
    assert client.post(TOUCHED, data).status_code == 404
    moved.refresh_from_db()
    assert moved.net_adds == 30


def test_an_approved_plan_stays_and_its_manager_is_told_to_revise(
    client_of: ClientOf, supervisor: User, approved: Plan, manager: User, english: None
) -> None:
    manager.language = "en"
    manager.save()
    client = client_of(supervisor)
    page = ask(client, approved.grid, "60")
    client.post(reverse("plans:targets-write"), {"packed": page.context["packed"], "follow": "yes"})
    approved.refresh_from_db()
    assert (approved.net_adds, approved.state) == (30, Plan.State.APPROVED)
    assert "revision" in Notice.objects.get(user=manager, kind="plans.target").body
    assert [one.plan for one in client.get(TOUCHED).context["approved"]] == [approved]


def test_the_list_costs_the_same_for_any_number_of_plans(client_of: ClientOf, supervisor: User, moved: Plan) -> None:
    def cost() -> int:
        client = client_of(supervisor)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(TOUCHED).status_code == 200
        return len(queries)

    before = cost()
    for _ in range(5):
        grid = factories.make_grid(moved.grid.unit)
        factories.make_target(grid, DECEMBER)
        Plan.objects.create(grid=grid, month=DECEMBER.first)
    assert cost() == before


# --- A roster ---


def roster(user: User, *rows: list[object]) -> Batch:
    """A roster of targets, checked and waiting for its preview."""
    content = write_sheet("任务下达", HEADER, rows).read()
    batch = workbooks.finish(workbooks.receive(upload(content), user, "targets"))
    return workbooks.finish(workbooks.confirm_columns(batch, None, batch.month))


def test_a_rosters_preview_says_which_plans_it_touches_and_then_leads_to_them(
    client_of: ClientOf, admin_user: User, manager: User, plan: Plan, other_grid: Grid, bell: list[int]
) -> None:
    batch = roster(admin_user, ["2026-12", plan.grid.name, 60], ["2026-12", other_grid.name, 5])
    client = client_of(admin_user)
    url = reverse("workbooks:batch", args=[batch.pk])
    [said] = client.get(url).context["consequences"]
    assert (" 1 " in said.text, said.url) == (True, "")
    assert goals(plan) == []
    workbooks.finish(workbooks.apply(batch, valid_only=True))
    [said] = client.get(url).context["consequences"]
    assert said.url == reverse("plans:touched") + "?month=2026-12"
    assert goals(plan) == ["net_adds"]
    [notice] = Notice.objects.filter(kind="plans.target")
    assert (notice.user, "30 → 60" in notice.body) == (manager, True)
    assert Target.objects.get(grid=plan.grid).renewals == 5  # no column of the file


def test_a_roster_that_changes_nothing_has_no_consequence(client_of: ClientOf, admin_user: User, plan: Plan) -> None:
    batch = roster(admin_user, ["2026-12", plan.grid.name, 30])
    page = client_of(admin_user).get(reverse("workbooks:batch", args=[batch.pk]))
    assert page.context["consequences"] == []


def test_a_roster_of_months_gone_by_is_quiet(admin_user: User, manager: User, plan: Plan) -> None:
    assert manager
    batch = roster(admin_user, ["2026-08", plan.grid.name, 30])
    workbooks.finish(workbooks.apply(batch, valid_only=True))
    assert Target.objects.filter(month="2026-08-01").exists()
    assert not Notice.objects.filter(kind="plans.target").exists()
