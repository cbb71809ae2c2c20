"""The page of a split: who reads and works in it, what is saved as it is typed, and what it says (S6)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gridops.accounts.models import Grid, User
from plans import services
from plans.models import Plan, ProjectShare
from projects.models import Project
from tests import factories
from tests.plans.conftest import NOVEMBER
from tests.plans.moments import ON_TIME

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_time")]
ClientOf = Callable[[User], Client]
Send = Callable[..., Any]


@pytest.fixture
def page(plan: Plan) -> str:
    return reverse("plans:split", args=[plan.pk])


@pytest.fixture
def send(client_of: ClientOf, manager: User, plan: Plan) -> Send:
    """``send((project, field, value, was), …)``: what the page's script sends as it is typed in."""

    def post(*cells: tuple[Project, str, str, str], by: User = manager) -> Any:
        told = [{"line": f"share:{p.pk}", "field": name, "value": new, "was": was} for p, name, new, was in cells]
        url = reverse("plans:split-cells", args=[plan.pk])
        return client_of(by).post(url, json.dumps({"cells": told}), content_type="application/json")

    return post


def shares(plan: Plan) -> dict[int, ProjectShare]:
    return {share.project_id: share for share in plan.project_shares.all()}


def fields(response: Any) -> dict[str, str]:
    """What a browser would send back from the page unchanged."""
    found = {"base": response.context["base"], "version": str(response.context["plan"].version)}
    for row in response.context["page"].rows:
        found |= {made.name: made.value for made in row.inputs.values()}
    return found


# --- Saved as it is typed ---


def test_a_figure_typed_is_saved_and_the_rest_split_again_at_once(
    send: Send, plan: Plan, projects: list[Project]
) -> None:
    told = send((projects[0], "manual", "3", "")).json()
    assert [(cell["state"], cell["value"]) for cell in told["cells"]] == [("saved", "3")]
    now = shares(plan)
    assert (now[projects[0].pk].net_adds, now[projects[0].pk].is_manual) == (3, True)
    assert sum(share.net_adds for share in now.values()) == 30
    plan.refresh_from_db()
    assert told["version"] == plan.version == 2
    assert set(told["html"]) == {
        "split-summary", "split-total",
        *(f"split-{part}-{project.pk}" for part in ("share", "hint") for project in projects),
    }  # fmt: skip
    assert [f"share:{projects[0].pk}", "locked", "True"] in told["stored"]


def test_a_lock_keeps_the_share_as_it_is_and_opening_it_forgets_the_figure(
    send: Send, plan: Plan, projects: list[Project]
) -> None:
    before = shares(plan)[projects[1].pk].net_adds
    send((projects[1], "locked", "True", "False"))
    send((projects[0], "manual", "0", ""))
    assert shares(plan)[projects[1].pk].net_adds == before
    send((projects[1], "locked", "False", "True"), (projects[0], "manual", "", "0"))
    assert not any(share.is_manual for share in shares(plan).values())
    assert shares(plan)[projects[1].pk].net_adds == before


def test_a_lock_on_a_project_new_since_the_split_keeps_what_it_is_given_now(
    send: Send, plan: Plan, grid: Grid, projects: list[Project]
) -> None:
    new = factories.make_project(grid, "P000009")
    factories.make_indicator(new, NOVEMBER, billing_users=300, ports=700, ports_used=300)
    send((new, "locked", "True", "False"))
    share = shares(plan)[new.pk]
    assert share.is_manual
    assert share.net_adds > 0
    assert sum(one.net_adds for one in shares(plan).values()) == 30


def test_points_and_a_remark_are_saved(send: Send, plan: Plan, projects: list[Project]) -> None:
    before = shares(plan)[projects[2].pk].net_adds
    send((projects[2], "adjustment", "50", "0"), (projects[2], "remark", " 新楼入住 ", ""))
    share = shares(plan)[projects[2].pk]
    assert (share.adjustment, share.remark) == (50, "新楼入住")
    assert share.net_adds > before
    assert sum(one.net_adds for one in shares(plan).values()) == 30


def test_what_stands_already_is_the_same_and_moves_nothing(send: Send, plan: Plan, projects: list[Project]) -> None:
    told = send((projects[0], "adjustment", "", "0"), (projects[0], "remark", "", "")).json()
    assert [cell["state"] for cell in told["cells"]] == ["same", "same"]
    plan.refresh_from_db()
    assert plan.version == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("manual", "x"), ("manual", "1.5"), ("manual", "9999999"), ("adjustment", "101"), ("remark", "长" * 201)],
)
def test_what_cannot_be_read_is_said_and_the_others_are_saved(
    send: Send, plan: Plan, projects: list[Project], name: str, value: str
) -> None:
    was = "0" if name == "adjustment" else ""
    told = send((projects[0], name, value, was), (projects[1], "remark", "好", "")).json()
    assert [cell["state"] for cell in told["cells"]] == ["fault", "saved"]
    assert told["cells"][0]["text"]
    assert shares(plan)[projects[1].pk].remark == "好"


def test_two_windows_on_one_share_see_each_other(
    send: Send, plan: Plan, projects: list[Project], manager: User
) -> None:
    send((projects[0], "manual", "3", ""), (projects[1], "remark", "甲", ""))
    told = send((projects[0], "manual", "5", ""), (projects[1], "remark", "乙", ""), (projects[2], "remark", "丙", ""))
    cells = told.json()["cells"]
    assert [(cell["state"], cell["value"]) for cell in cells] == [
        ("conflict", "3"), ("conflict", "甲"), ("saved", "丙"),
    ]  # fmt: skip
    assert all(cell["by"] == manager.name and cell["value"] in cell["text"] for cell in cells[:2])
    assert shares(plan)[projects[0].pk].net_adds == 3


def test_a_plan_handed_in_meanwhile_is_locked(send: Send, plan: Plan, projects: list[Project], manager: User) -> None:
    services.submit(plan, plan.version, manager, now=ON_TIME)
    told = send((projects[0], "manual", "3", "")).json()
    assert [cell["state"] for cell in told["cells"]] == ["locked"]
    assert not shares(plan)[projects[0].pk].is_manual


def test_a_foreign_or_unknown_project_refuses_everything(
    send: Send, plan: Plan, projects: list[Project], other_project: Project, foreign_project: Project
) -> None:
    nobody = Project(pk=10**12)
    for wrong in (other_project, foreign_project, nobody):
        assert send((projects[0], "manual", "3", ""), (wrong, "manual", "9", "")).status_code == 404
    assert not any(share.is_manual for share in shares(plan).values())
    assert not ProjectShare.objects.filter(project=foreign_project).exists()


def test_a_project_taken_out_of_service_meanwhile_is_said_to_be_gone(
    send: Send, plan: Plan, projects: list[Project]
) -> None:
    Project.objects.filter(pk=projects[0].pk).update(is_active=False)
    told = send((projects[0], "manual", "3", ""), (projects[1], "remark", "好", "")).json()
    assert [cell["state"] for cell in told["cells"]] == ["gone", "saved"]
    assert set(shares(plan)) == {projects[1].pk, projects[2].pk}


def test_goals_and_steps_are_not_written_here(send: Send, client_of: ClientOf, manager: User, plan: Plan) -> None:
    cells = [{"line": "goal", "field": "net_adds", "value": "5", "was": "30"}]
    url = reverse("plans:split-cells", args=[plan.pk])
    answer = client_of(manager).post(url, json.dumps({"cells": cells}), content_type="application/json")
    assert answer.status_code == 400
    assert Plan.objects.get(pk=plan.pk).net_adds == 30


# --- Sent whole, without scripts ---


def test_the_form_sent_whole_saves_what_was_changed(
    client_of: ClientOf, manager: User, plan: Plan, page: str, projects: list[Project]
) -> None:
    client = client_of(manager)
    typed = {f"share:{projects[0].pk}|manual": "3", f"share:{projects[0].pk}|remark": "装修"}
    assert client.post(page, fields(client.get(page)) | typed).status_code == 302
    share = shares(plan)[projects[0].pk]
    assert (share.net_adds, share.is_manual, share.remark) == (3, True, "装修")
    assert sum(one.net_adds for one in shares(plan).values()) == 30


def test_the_second_form_keeps_what_was_typed_and_shows_both_values(
    client_of: ClientOf, manager: User, plan: Plan, page: str, projects: list[Project]
) -> None:
    client, name = client_of(manager), f"share:{projects[0].pk}|manual"
    data = fields(client.get(page))
    client.post(page, data | {name: "3"})
    response = client.post(page, data | {name: "5", f"share:{projects[1].pk}|remark": "好"})
    assert response.status_code == 409
    row = next(row for row in response.context["page"].rows if row.project.id == projects[0].pk)
    assert (row.inputs["manual"].value, row.inputs["manual"].was) == ("5", "3")
    assert shares(plan)[projects[1].pk].remark == "好"
    assert client.post(page, fields(response)).status_code == 302
    assert shares(plan)[projects[0].pk].net_adds == 5


def test_text_for_a_number_is_said_at_its_field(
    client_of: ClientOf, manager: User, page: str, projects: list[Project]
) -> None:
    client = client_of(manager)
    response = client.post(page, fields(client.get(page)) | {f"share:{projects[0].pk}|manual": "viel"})
    assert response.status_code == 422
    assert 'value="viel"' in response.text
    assert "is-invalid" in response.text


def test_unlocking_forgets_figures_and_a_reset_everything(
    send: Send, client_of: ClientOf, manager: User, plan: Plan, page: str, projects: list[Project]
) -> None:
    send((projects[0], "manual", "3", ""), (projects[1], "adjustment", "20", "0"), (projects[1], "remark", "好", ""))
    client = client_of(manager)
    client.post(page, fields(client.get(page)) | {"then": "unlock"})
    now = shares(plan)
    assert (now[projects[0].pk].is_manual, now[projects[1].pk].adjustment) == (False, 20)
    client.post(page, fields(client.get(page)) | {"then": "reset"})
    assert [(share.adjustment, share.remark) for share in shares(plan).values()] == [(0, "")] * 3


# --- Who, and what it says ---


def test_others_read_the_split_and_do_not_write_it(
    send: Send, client_of: ClientOf, supervisor: User, specialist: User, page: str, projects: list[Project]
) -> None:
    for reader in (supervisor, specialist):
        response = client_of(reader).get(page)
        assert response.status_code == 200
        assert 'id="split-form"' not in response.text
        assert client_of(reader).post(page, {}).status_code == 403
        assert send((projects[0], "manual", "3", ""), by=reader).status_code == 403


def test_a_foreign_manager_finds_no_split(
    client_of: ClientOf, stranger: User, colleague: User, page: str, plan: Plan
) -> None:
    for user in (stranger, colleague):
        assert client_of(user).get(page).status_code == 404
        assert client_of(user).post(reverse("plans:split-cells", args=[plan.pk])).status_code == 404


def test_a_plan_handed_in_is_read_only(client_of: ClientOf, manager: User, submitted: Plan, page: str) -> None:
    response = client_of(manager).get(page)
    assert 'id="split-form"' not in response.text
    posted = client_of(manager).post(page, {"base": "", "then": "reset"})
    assert posted.status_code == 409


def test_a_figure_above_the_free_ports_and_one_without_a_remark_are_said(
    send: Send, client_of: ClientOf, manager: User, page: str, projects: list[Project]
) -> None:
    send((projects[0], "manual", "250", ""))
    found = client_of(manager).get(page).context["page"]
    assert [row.project.id for row in found.over] == [projects[0].pk]
    assert found.rows[0].over == 50
    assert [row.project.id for row in found.lacking_remark] == [projects[0].pk]
    assert found.excess == 220  # the others are below 0


def test_what_the_rule_would_give_stands_beside_a_figure_set_by_hand(
    send: Send, client_of: ClientOf, manager: User, page: str, plan: Plan, projects: list[Project]
) -> None:
    before = shares(plan)[projects[0].pk].net_adds
    send((projects[0], "manual", "3", ""))
    assert client_of(manager).get(page).context["page"].rows[0].proposal == before


def test_figures_that_moved_since_the_split_are_said_and_split_again_when_asked(
    client_of: ClientOf, manager: User, page: str, plan: Plan, projects: list[Project]
) -> None:
    client = client_of(manager)
    assert not client.get(page).context["page"].stale
    projects[2].indicators.update(ports_used=395)
    response = client.get(page)
    assert response.context["page"].stale
    client.post(page, fields(response) | {"then": "split"})
    assert not client.get(page).context["page"].stale
    assert shares(plan)[projects[2].pk].net_adds <= 5


def test_a_plan_without_a_net_add_goal_and_a_grid_without_projects_say_so(
    client_of: ClientOf, manager: User, plan: Plan, page: str
) -> None:
    User.objects.filter(pk=manager.pk).update(language="en")
    Plan.objects.filter(pk=plan.pk).update(net_adds=None)
    assert "There is no net-add goal" in client_of(manager).get(page).text
    Project.objects.filter(grid=plan.grid).update(is_active=False)
    assert "no project in service" in client_of(manager).get(page).text


def test_the_last_three_months_are_shown_oldest_first(
    client_of: ClientOf, manager: User, page: str, projects: list[Project]
) -> None:
    for back, value in ((1, -4), (2, 7)):
        factories.make_indicator(projects[1], NOVEMBER.plus(-back), net_adds=value)
    projects[1].indicators.filter(month=NOVEMBER.first).update(net_adds=3)
    row = client_of(manager).get(page).context["page"].rows[1]
    assert [past.value for past in row.past] == [7, -4, 3]
    assert row.last == 3


def test_the_table_is_put_in_order_as_asked(client_of: ClientOf, manager: User, page: str) -> None:
    client = client_of(manager)
    for order, key in (("existing", "existing"), ("free_ports", "free_ports")):
        rows = client.get(page, {"order": order}).context["page"].rows
        values = [getattr(row.figures, key) for row in rows]
        assert values == sorted(values, reverse=True)
    assert client.get(page, {"order": "'; drop"}).status_code == 200


def test_the_page_takes_the_same_number_of_queries_for_any_number_of_projects(
    client_of: ClientOf, manager: User, grid: Grid, plan: Plan, page: str, projects: list[Project]
) -> None:
    client = client_of(manager)
    client.get(page)
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    for number in range(12):
        project = factories.make_project(grid, f"P1000{number:02d}")
        factories.make_indicator(project, NOVEMBER, billing_users=50, ports=100, ports_used=50)
    client.post(page, fields(client.get(page)) | {"then": "split"})
    client.get(page)
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(page).context["page"].rows) == 15
    assert len(many) == len(few)
