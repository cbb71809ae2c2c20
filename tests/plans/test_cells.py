"""A plan saved field by field as it is typed: what each cell comes to, who may send, what a bad body is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gridops.accounts.models import Grid, User
from plans import services, services_cells
from plans.cells import Cell, CellResult
from plans.models import ActionStep, Plan
from projects.models import Project
from tests.plans.conftest import DECEMBER
from tests.plans.moments import ON_TIME
from tests.plans.pages import cell, fields, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_time")]
ClientOf = Callable[[User], Client]


@pytest.fixture
def url(plan: Plan) -> str:
    return reverse("plans:cells", args=[plan.pk])


@pytest.fixture
def client(client_of: ClientOf, manager: User) -> Client:
    return client_of(manager)


@pytest.fixture
def step(plan: Plan) -> ActionStep:
    found = plan.steps.first()
    assert found is not None
    return found


def states(answer: Any) -> list[str]:
    return [one["state"] for one in answer.json()["cells"]]


def test_a_cell_is_saved_and_raises_the_version_once(client: Client, plan: Plan, url: str, step: ActionStep) -> None:
    answer = send(
        client, url,
        cell("goal", "talks", "5", "2"), cell("note", "note", " 第一行\r\n第二行 "),
        cell(f"step:{step.pk}", "who", "王五", step.who),
        cell(f"step:{step.pk}", "due_on", "2026-12-24", str(step.due_on)),
    )  # fmt: skip
    before = plan.version
    plan.refresh_from_db()
    step.refresh_from_db()
    assert states(answer) == ["saved"] * 4
    assert (answer.json()["version"], plan.version) == (before + 1, before + 1)
    assert (plan.talks, plan.note, step.who, str(step.due_on)) == (5, "第一行\n第二行", "王五", "2026-12-24")


def test_a_value_that_stands_there_already_is_the_same_and_moves_nothing(client: Client, plan: Plan, url: str) -> None:
    answer = send(client, url, cell("goal", "talks", "02", "7"))
    assert (states(answer), answer.json()["version"]) == (["same"], plan.version)


def test_a_fault_is_said_in_words_and_keeps_what_is_stored(
    client: Client, plan: Plan, url: str, step: ActionStep
) -> None:
    answer = send(
        client, url, cell("goal", "net_adds", "many", "30"), cell("goal", "port_utilisation", "101"),
        cell(f"step:{step.pk}", "what", "", step.what),
        cell(f"step:{step.pk}", "due_on", "32.13.2026", str(step.due_on)),
        cell("goal", "talks", "3", "2"),
    )  # fmt: skip
    assert states(answer) == ["fault"] * 4 + ["saved"]
    assert all(one["text"] for one in answer.json()["cells"][:4])
    plan.refresh_from_db()
    assert (plan.net_adds, plan.talks) == (30, 3)


def test_of_two_tabs_the_second_sees_both_values_and_who_wrote(
    client: Client, plan: Plan, url: str, manager: User
) -> None:
    send(client, url, cell("goal", "talks", "5", "2"))
    [told] = send(client, url, cell("goal", "talks", "9", "2")).json()["cells"]
    assert (told["state"], told["value"], told["by"]) == ("conflict", "5", manager.name)
    assert "5" in told["text"]
    assert Plan.objects.get(pk=plan.pk).talks == 5
    # kept on top, knowing theirs
    assert states(send(client, url, cell("goal", "talks", "9", "5"))) == ["saved"]


def test_two_tabs_in_different_fields_lose_nothing(client: Client, plan: Plan, url: str, step: ActionStep) -> None:
    line = f"step:{step.pk}"
    send(client, url, cell(line, "who", "王五", step.who))
    send(client, url, cell(line, "measure", "十户", step.measure))
    step.refresh_from_db()
    assert (step.who, step.measure) == ("王五", "十户")


def test_what_is_typed_back_gives_way_to_what_others_wrote(client: Client, plan: Plan, url: str) -> None:
    send(client, url, cell("goal", "talks", "5", "2"))
    [told] = send(client, url, cell("goal", "talks", "2", "2")).json()["cells"]
    assert (told["state"], told["value"]) == ("same", "5")


def test_a_conflict_in_a_step_speaks_as_people_read(
    client: Client, plan: Plan, url: str, projects: list[Project], step: ActionStep, manager: User
) -> None:
    line, now = f"step:{step.pk}", str(step.project_id or "")
    send(
        client,
        url,
        cell(line, "project", str(projects[2].pk), now),
        cell(line, "due_on", "2026-12-24", f"{step.due_on}"),
    )
    answer = send(client, url, cell(line, "project", str(projects[1].pk), "0"), cell(line, "due_on", "2026-12-25", "x"))
    texts = [one["text"] for one in answer.json()["cells"]]
    assert projects[2].name in texts[0]
    assert "12月24日" in texts[1]


def test_a_page_that_does_not_know_of_a_change_is_told_all_that_is_stored(client: Client, plan: Plan, url: str) -> None:
    seen = plan.version
    assert send(client, url, cell("goal", "talks", "5", "2"), version=seen).json()["stored"] == []
    answer = send(client, url, cell("note", "note", "x"), version=seen).json()
    assert ["goal", "talks", "5"] in answer["stored"]
    assert "plan-steps" in answer["html"]


def test_the_list_of_what_is_missing_comes_with_each_answer(client: Client, plan: Plan, url: str) -> None:
    html = send(client, url, cell("goal", "net_adds", "", "30")).json()["html"]
    assert 'id="plan-problems"' in html["plan-problems"]
    assert "#goal-net_adds" in html["plan-problems"]
    assert 'id="submit-count"' in html["submit-count"]
    assert {"plan-split", "plan-agents", "plan-goals"} <= html.keys()


def test_a_goal_is_split_again_and_the_hand_made_share_stays(client: Client, plan: Plan, url: str) -> None:
    plan.project_shares.filter(project__code="P000004").update(net_adds=3, is_manual=True)
    send(client, url, cell("goal", "net_adds", "60", "30"), cell("goal", "renewals", "10", "5"))
    shares = {share.project.code: share.net_adds for share in plan.project_shares.select_related("project")}
    assert (sum(shares.values()), shares["P000004"]) == (60, 3)
    assert sum(share.renewals for share in plan.agent_shares.all()) == 10


def test_a_step_that_was_removed_meanwhile_is_gone_and_the_rest_is_saved(
    client: Client, plan: Plan, url: str, step: ActionStep
) -> None:
    pk = step.pk
    client.post(reverse("plans:step-remove", args=[pk]))
    answer = send(client, url, cell(f"step:{pk}", "who", "王五", step.who), cell("goal", "talks", "5", "2"))
    assert states(answer) == ["gone", "saved"]


def test_a_plan_that_was_handed_in_is_locked_and_says_so(client: Client, plan: Plan, url: str, manager: User) -> None:
    services.submit(plan, plan.version, manager, now=ON_TIME)
    answer = send(client, url, cell("note", "note", "还没存的话"))
    assert (answer.status_code, states(answer)) == (200, ["locked"])
    assert Plan.objects.get(pk=plan.pk).note == ""


def test_a_foreign_or_unknown_row_refuses_the_whole_post(
    client: Client, plan: Plan, url: str, foreign_grid: Grid, foreign_project: Project, step: ActionStep
) -> None:
    other = Plan.objects.create(grid=foreign_grid, month=DECEMBER.first)
    theirs = ActionStep.objects.create(plan=other, what="别处")
    for bad in (
        cell(f"step:{theirs.pk}", "what", "改", "别处"),
        cell("step:987654", "what", "改"),
        cell(f"step:{step.pk}", "project", str(foreign_project.pk), ""),
    ):
        assert send(client, url, cell("note", "note", "x"), bad).status_code == 404
    pk = theirs.pk
    theirs.delete()  # the history knows that it was another plan's
    assert send(client, url, cell("note", "note", "x"), cell(f"step:{pk}", "what", "改")).status_code == 404
    assert Plan.objects.get(pk=plan.pk).note == ""


@pytest.mark.parametrize("body", [
    "", "[]", "{", '{"cells": 3}', '{"cells": ["x"]}', '{"cells": [{"line": "goal", "field": "state", "value": "x"}]}',
    '{"cells": [{"line": "share:1", "field": "manual", "value": "1"}]}',
    '{"cells": [{"line": "step", "field": "what"}]}',
    '{"cells": [{"line": "step:x", "field": "what"}]}', '{"cells": [{"line": "goal", "field": "talks", "value": 3}]}',
    '{"cells": [{"line": "goal:1", "field": "talks", "value": "3"}]}', '{"cells": [{"line": 5, "field": ["a"]}]}',
])  # fmt: skip
def test_a_body_that_can_t_be_read_is_a_bad_request(client: Client, url: str, body: str) -> None:
    assert client.post(url, body, content_type="application/json").status_code == 400


def test_more_cells_than_a_page_holds_are_too_many(client: Client, url: str) -> None:
    assert send(client, url, *[cell("goal", "talks", "1")] * 2001).status_code == 413


def test_what_one_typed_is_not_saved_as_another_s_at_the_same_desk(client: Client, plan: Plan, url: str) -> None:
    assert send(client, url, cell("note", "note", "x"), person=999_999).status_code == 403
    assert Plan.objects.get(pk=plan.pk).note == ""


def test_only_the_grid_s_manager_saves(
    client_of: ClientOf, supervisor: User, stranger: User, colleague: User, plan: Plan, url: str, step: ActionStep
) -> None:
    for user, code in ((supervisor, 403), (stranger, 404), (colleague, 404)):
        assert send(client_of(user), url, cell("note", "note", "x")).status_code == code
        assert client_of(user).post(reverse("plans:step-remove", args=[step.pk])).status_code == code
        for name in ("step-new", "step-restore"):
            assert client_of(user).post(reverse(f"plans:{name}", args=[plan.pk])).status_code == code
    assert plan.steps.filter(pk=step.pk).exists()


def test_steps_come_and_go_as_parts_of_the_page(client: Client, plan: Plan, step: ActionStep) -> None:
    part = {"HX-Request": "true"}
    added = client.post(reverse("plans:step-new", args=[plan.pk]), headers=part)
    made = plan.steps.get(what="")
    assert f'id="step-{made.pk}"' in added.text
    assert "autofocus" in added.text
    removed = client.post(reverse("plans:step-remove", args=[step.pk]), headers=part)
    assert f'id="step-{step.pk}"' not in removed.text
    assert "plan-undo" in removed.text
    restored = client.post(reverse("plans:step-restore", args=[plan.pk]), headers=part)
    assert f'id="step-{step.pk}"' in restored.text
    assert "hx-swap-oob" in restored.text


def test_of_a_locked_plan_no_step_is_added_removed_or_put_back(
    client: Client, plan: Plan, step: ActionStep, manager: User
) -> None:
    other = plan.steps.last()
    assert other is not None
    client.post(reverse("plans:step-remove", args=[other.pk]))
    plan.refresh_from_db()
    services.submit(plan, plan.version, manager, now=ON_TIME)
    before = plan.steps.count()
    client.post(reverse("plans:step-new", args=[plan.pk]))
    client.post(reverse("plans:step-remove", args=[step.pk]))
    client.post(reverse("plans:step-restore", args=[plan.pk]))
    assert plan.steps.count() == before


def test_saving_and_showing_take_the_same_number_of_queries_for_any_number_of_steps_and_projects(
    client: Client, plan: Plan, url: str, grid: Grid, projects: list[Project]
) -> None:
    def count(number: str, was: str) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as saving:
            assert states(send(client, url, cell("goal", "talks", number, was))) == ["saved"]
        with CaptureQueriesContext(connection) as showing:
            assert client.get(reverse("plans:plan", args=[plan.pk])).status_code == 200
        return len(saving), len(showing)

    count("3", "2")
    few = count("4", "3")
    ActionStep.objects.bulk_create([ActionStep(plan=plan, what=f"步骤{n}", project=projects[n % 3]) for n in range(20)])
    assert count("5", "4") == few


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch, manager: User) -> None:
    """Whatever is saved: in the instant before it, someone else has written a note."""
    save = services_cells.save_cells

    def late(plan: Plan, cells: list[Cell], by: User) -> list[CellResult]:
        save(Plan.objects.get(pk=plan.pk), [Cell("note", "note", "theirs", "")], manager)
        return save(plan, cells, by)

    monkeypatch.setattr(services_cells, "save_cells", late)


@pytest.mark.usefixtures("meanwhile")
def test_what_comes_in_the_instant_of_saving_is_told_too(client: Client, plan: Plan, url: str) -> None:
    answer = send(client, url, cell("goal", "talks", "5", "2"), version=plan.version)
    assert ["note", "note", "theirs"] in answer.json()["stored"]


@pytest.mark.usefixtures("meanwhile")
def test_what_comes_in_the_instant_of_handing_in_is_looked_at_first(client: Client, plan: Plan) -> None:
    page = client.get(reverse("plans:plan", args=[plan.pk]))
    sent = {**fields(page), "goal|talks": "5", "then": "submit"}
    client.post(page.request["PATH_INFO"], sent)
    plan.refresh_from_db()
    assert (plan.state, plan.talks, plan.note) == (Plan.State.DRAFT, 5, "theirs")
