"""What no page of ours sends: crooked ids, strange fields, signs that no database takes. Refused, never a failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gridops.accounts.models import User
from gridops.notices.models import Notice
from plans.cells import Cell
from plans.models import ActionStep, Plan, PlanComment, PlanEvent, ProjectShare, Target
from plans.services_cells import save_cells, split_now
from plans.services_handdown import Wanted
from projects.models import Project
from tests import factories
from tests.plans.pages import cell, fields, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "on_time")]
ClientOf = Callable[[User], Client]
DIGITS = "9" * 5_000


@pytest.fixture
def client(client_of: ClientOf, manager: User) -> Client:
    return client_of(manager)


@pytest.mark.parametrize("pk", ["0{}", "00{}"])
def test_a_row_has_one_name(client: Client, plan: Plan, projects: list[Project], pk: str) -> None:
    step = plan.steps.first() or ActionStep.objects.create(plan=plan, what="x")
    named, share = pk.format(step.pk), pk.format(projects[0].pk)
    cells, split = reverse("plans:cells", args=[plan.pk]), reverse("plans:split-cells", args=[plan.pk])
    assert send(client, cells, cell(f"step:{named}", "who", "x", step.who)).status_code == 400
    assert send(client, split, cell(f"share:{share}", "remark", "x", "")).status_code == 400
    page = client.get(reverse("plans:plan", args=[plan.pk]))
    assert client.post(page.request["PATH_INFO"], {**fields(page), f"step:{named}|who": "x"}).status_code == 404
    assert client.post(reverse("plans:split", args=[plan.pk]), {f"share:{share}|remark": "x"}).status_code == 404
    assert not ActionStep.objects.filter(who="x").exists()
    assert not ProjectShare.objects.filter(remark="x").exists()


def test_a_project_out_of_service_meanwhile_is_a_fault_of_its_cell_alone(client: Client, plan: Plan) -> None:
    closed = factories.make_project(plan.grid, is_active=False)
    step = plan.steps.create(what="x")
    line = f"step:{step.pk}"
    url = reverse("plans:cells", args=[plan.pk])
    answer = send(client, url, cell(line, "project", str(closed.pk), ""), cell(line, "who", "王五", ""))
    assert [one["state"] for one in answer.json()["cells"]] == ["fault", "saved"]
    step.refresh_from_db()
    assert (step.project, step.who) == (None, "王五")


@pytest.mark.parametrize("plans", [[DIGITS], ["9" * 30], ["9" * 19], ["x"], [""], ["-1"], ["１"]])
def test_touched_plans_that_are_none_are_not_found(
    client_of: ClientOf, supervisor: User, plan: Plan, plans: list[str]
) -> None:
    Target.objects.update(net_adds=60)
    answer = client_of(supervisor).post(reverse("plans:touched") + "?month=2026-12", {"plan": [plan.pk, *plans]})
    assert answer.status_code == 404
    plan.refresh_from_db()
    assert plan.net_adds == 30


@pytest.mark.parametrize("owner", [DIGITS, "0{}", "lock-0{}", "split-9"])
@pytest.mark.parametrize("name", ["plans:targets", "plans:target-split", "plans:target-split-preview"])
def test_a_grid_of_the_table_has_one_name(
    client_of: ClientOf, supervisor: User, target: Target, owner: str, name: str
) -> None:
    field = f"{owner.format(target.grid_id)}-net_adds"
    kind = "application/x-www-form-urlencoded"
    answer = client_of(supervisor).post(f"{reverse(name)}?month=2026-12", f"{field}=5&u-net_adds=7", content_type=kind)
    assert answer.status_code == 404


def test_a_grid_that_left_the_unit_since_the_question_is_nobody_s_there(
    client_of: ClientOf, supervisor: User, target: Target, other_grid: Any
) -> None:
    wanted = Wanted(target.grid.unit_id, "2026-12", {f"{target.grid_id}-installs": ("5", "")})
    target.grid.unit = factories.make_unit()
    target.grid.save()
    answer = client_of(supervisor).post(reverse("plans:targets-write"), {"packed": wanted.packed(supervisor)})
    assert answer.status_code in (404, 409)
    target.refresh_from_db()
    assert target.installs is None


def test_a_sign_that_no_database_takes_is_left_out_of_what_is_said(
    client: Client, client_of: ClientOf, supervisor: User, submitted: Plan
) -> None:
    asked = {"line": "note", "text-note": "wh\0y"}
    assert client.post(reverse("plans:comment", args=[submitted.pk]), asked).status_code == 302
    assert PlanComment.objects.get().text == "why"
    chosen = {"plan": f"{submitted.pk}:{submitted.version}", "decision": "return", "reason": "mo\0re"}
    assert client_of(supervisor).post(reverse("plans:decide"), chosen).status_code == 200
    assert PlanEvent.objects.get(action=PlanEvent.Action.RETURNED).reason == "more"


def test_notices_of_a_kind_that_is_none_are_not_marked(client: Client, manager: User) -> None:
    Notice.objects.create(user=manager, kind="", key="1", title="x")
    assert client.post(reverse("notices:read-all"), {"kind": "a\0b"}).status_code == 302
    assert Notice.objects.unread().count() == 1


def test_splitting_again_takes_the_goal_as_it_stands(plan: Plan, manager: User) -> None:
    late = Plan.objects.select_related("grid__unit").get(pk=plan.pk)
    save_cells(plan, [Cell("goal", "net_adds", "45", "30")], manager)
    assert split_now(late)
    assert sum(plan.project_shares.values_list("net_adds", flat=True)) == 45
