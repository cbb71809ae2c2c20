"""The pages of plans: who sees and does what, two people at one plan, the inbox, targets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
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
from tests.plans.moments import ON_TIME

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_time")]
ClientOf = Callable[[User], Client]


@pytest.fixture
def page(plan: Plan) -> str:
    return reverse("plans:plan", args=[plan.pk])


def test_the_managers_pool_comes_after_the_agents(client_of: ClientOf, manager: User, page: str) -> None:
    shares = client_of(manager).get(page).context["agent_shares"]
    assert [share.agent is None for share in shares] == [False, True]


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


def test_the_plan_list_holds_own_grids_only(client_of: ClientOf, manager: User, plan: Plan, other_grid: Grid) -> None:
    states = client_of(manager).get(reverse("plans:list")).context["states"]
    assert [(state.grid, state.plan) for state in states] == [(plan.grid, plan)]


def test_the_plan_list_says_what_is_missing_and_shows_the_months_before(
    client_of: ClientOf, manager: User, plan: Plan
) -> None:
    before = Plan.objects.create(grid=plan.grid, month=date(2026, 11, 1), state=Plan.State.APPROVED)
    left = ActionStep.objects.create(plan=before, what="旧")
    ActionStep.objects.create(plan=plan, what="旧", carried_from=left)
    [state] = client_of(manager).get(reverse("plans:list")).context["states"]
    assert (state.errors, state.hints > 0) == (1, True)
    assert [made for _month, made in state.before] == [before, None, None]


def test_the_plan_list_takes_the_same_number_of_queries_for_any_number_of_grids(
    client_of: ClientOf, supervisor: User, unit: Unit, plan: Plan
) -> None:
    client, url = client_of(supervisor), reverse("plans:list")
    Plan.objects.create(grid=factories.make_grid(unit), month=DECEMBER.first)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _ in range(8):
        Plan.objects.create(grid=factories.make_grid(unit), month=DECEMBER.first)
    with CaptureQueriesContext(connection) as many:
        assert client.get(url).status_code == 200
    assert len(many) == len(few)


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
