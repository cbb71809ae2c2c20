"""What is sent to the ledgers by mistake or on purpose: read or refused, never a fault of ours, and no edit is lost."""

from __future__ import annotations

import itertools
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridops.accounts.models import Grid, Membership, Preference, Role, User
from gridops.workbooks import services
from gridops.workbooks.models import Batch
from projects.grids_rows import Book
from projects.models import Ledger, LedgerTouch, Operator, Project, RivalOffer
from projects.services_cells import Cell, save
from projects.services_ledgers import touch
from tests import factories
from tests.projects.cells import put, rows_of, send, this_month
from tests.projects.test_ledger_pages import keep
from tests.workbooks.books import book as workbook
from tests.workbooks.books import upload

pytestmark = pytest.mark.django_db
LAYOUT = "/projects/ledgers/basics/layout/"


@pytest.fixture
def client(manager: User) -> Client:
    return factories.client_of(manager)


# --- Cells ---


BEYOND = ["1e999999999", "-1e999999999", "1e-999999999", "1e400", 1e308, "9" * 3_999]


@pytest.mark.parametrize(
    ("ledger", "field", "typed"),
    [
        *itertools.product(["basics"], ["ports", "occupancy"], [*BEYOND, 2**31]),
        *itertools.product(["indicators"], ["commission"], BEYOND),  # money may be 2**31
    ],
)
def test_a_number_beyond_all_measure_is_a_fault_of_its_cell(
    client: Client, project: Project, ledger: str, field: str, typed: object
) -> None:
    (cell,) = put(client, ledger, (project, field, typed, rows_of(client, ledger)[project.pk][field]))
    assert cell["state"] == "fault"
    assert len(cell["text"]) < 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2026-11"),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.sampled_from(["row", "field", "value", "was"]), some),
    max_leaves=8,
)
FIELDS = st.sampled_from(["ports", "occupancy", "built_on", "property_phone", "code", "grid_id", "version", "o1", ""])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cell=st.fixed_dictionaries({"field": FIELDS | JSON, "value": JSON, "was": JSON}), whole=JSON)
def test_whatever_is_sent_as_a_cell_is_answered(client: Client, project: Project, cell: Any, whole: Any) -> None:
    for cells in ([{"row": project.pk, **cell}], [{"row": whole, **cell}], whole):
        body = {"month": str(this_month()), "cells": cells}
        answer = client.post("/projects/ledgers/basics/save/", body, content_type="application/json")
        assert answer.status_code in (200, 400, 404)


def test_own_and_foreign_rows_together_change_nothing(client: Client, project: Project, other_project: Project) -> None:
    assert send(client, "basics", (project, "ports", "1", 400), (other_project, "ports", "1", 400)).status_code == 404
    assert (
        send(client, "basics", (project, "ports", "1", 400), query=f"?grid={other_project.grid_id}").status_code == 404
    )
    assert set(Project.objects.values_list("ports", flat=True)) == {400}


@pytest.mark.parametrize("moves", [False, True])
def test_whose_charge_of_a_grid_has_ended_neither_sees_nor_writes_it_in_the_session_that_is_open(
    client: Client, manager: User, project: Project, foreign_grid: Grid, moves: bool
) -> None:
    address = f"/projects/ledgers/basics/{project.pk}/"
    assert client.get(address).status_code == 200
    Membership.objects.filter(user=manager).update(ends_on=timezone.localdate() - timedelta(days=1))
    if moves:
        factories.make_project(foreign_grid, "P000099")
        Membership.objects.create(user=manager, role=Role.GRID_MANAGER, grid=foreign_grid, starts_on=factories.LONG_AGO)
    assert send(client, "basics", (project, "ports", "1", 400)).status_code in (403, 404)
    for sent in (address, "/projects/freshness/confirm/", f"/projects/{project.pk}/place/"):
        told = {"ledger": "basics", "project": project.pk, "longitude": "1", "latitude": "1"}
        assert client.post(sent, told).status_code in (403, 404)
    assert client.get(address).status_code in (403, 404)
    rows = client.get("/projects/ledgers/basics/rows/")
    assert project.code not in rows.content.decode()
    assert not LedgerTouch.objects.exists()
    assert Project.objects.filter(pk=project.pk, ports=400, longitude=None).exists()


# --- The layout ---


@pytest.mark.parametrize(
    "told",
    [
        {"columns": [{"field": [], "width": 1, "visible": True}], "sort": [{"column": {}, "dir": []}]},
        {"columns": [{"field": {"a": 1}, "width": 1, "visible": True}]},
        {"columns": [{"field": "code", "width": "1", "visible": 1}], "sort": 7},
        {"columns": {"field": "ports"}, "sort": "ports"},
    ],
)
def test_a_layout_that_makes_no_sense_is_left_out(client: Client, told: dict[str, Any]) -> None:
    assert client.post(LAYOUT, told, content_type="application/json").status_code == 204
    assert Preference.objects.get().value == {"columns": [], "sort": []}


def test_a_layout_stays_as_small_as_its_ledger(client: Client) -> None:
    columns = [{"field": "ports", "width": width, "visible": True} for width in (1e308, *range(20_000))]
    assert client.post(LAYOUT, {"columns": columns}, content_type="application/json").status_code == 204
    assert Preference.objects.get().value["columns"] == [{"field": "ports", "width": 1_000, "visible": True}]


# --- Found right ---


@pytest.mark.parametrize("sent", ["9" * 5_000, "9" * 25, str(2**63), "-1", "²", "abc", ""])
def test_what_is_no_project_is_not_found_right_nor_is_anything_beside_it(
    client: Client, project: Project, sent: str
) -> None:
    told = {"ledger": "basics", "project": [project.pk, sent]}
    assert client.post("/projects/freshness/confirm/", told).status_code == 404
    assert not LedgerTouch.objects.exists()


# --- Cards ---


def test_contacts_typed_on_a_card_after_they_were_hidden_again_are_said_not_to_be_saved(
    client: Client, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    Project.objects.update(property_phone="19900001234")
    address = f"/projects/ledgers/basics/{project.pk}/"
    client.post("/projects/ledgers/basics/reveal/")
    page: Any = client.get(address)
    typed = {bound.name: bound.value() or "" for bound in page.context["form"]}
    later = time.time() + 16 * 60
    monkeypatch.setattr("projects.ledger_pages.time.time", lambda: later)
    answer: Any = client.post(address, typed | {"property_phone": "19900009999", "ports": "640"})
    (error,) = answer.context["form"].non_field_errors()
    assert "19900009999" in error
    assert "19900001234" not in answer.content.decode()
    project.refresh_from_db()
    assert (project.ports, project.property_phone) == (640, "19900001234")
    assert client.post(address, typed | {"ports": "650"}).status_code == 409  # the grid's number is newer


def test_a_card_of_a_month_that_is_over_says_that_nothing_was_saved(client: Client, project: Project) -> None:
    keep(project, this_month().plus(-1))
    answer = client.post(f"/projects/ledgers/basics/{project.pk}/?month={this_month().plus(-1)}", {"ports": "1"})
    assert "不能在这里修改" in answer.content.decode()
    project.refresh_from_db()
    assert project.ports == 400


def test_a_card_of_the_longest_texts_is_saved(client: Client, project: Project) -> None:
    for n in range(12):
        Operator.objects.create(name=f"运营商{n}")
    for at, operator in enumerate(Operator.objects.all()):
        factories.make_offer(project, operator, "".join(chr(0x4E00 + at * 500 + n) for n in range(500)))
    address = f"/projects/ledgers/rivals/{project.pk}/"
    page: Any = client.get(address)
    typed = {bound.name: bound.value() or "" for bound in page.context["form"]}
    assert client.post(address, typed | {"measure": "驻点"}).status_code == 302
    assert rows_of(client, "rivals")[project.pk]["measure"] == "驻点"


# --- At the same time ---


@pytest.mark.django_db(transaction=True)
def test_a_save_that_a_deadlock_sent_back_comes_again(
    manager: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Deadlock(Exception):
        sqlstate = "40P01"

    sent_back = list[int]()

    def once(*told: Any) -> None:
        if len(sent_back) < 2:
            sent_back.append(1)
            raise OperationalError("deadlock detected") from Deadlock()
        touch(*told)

    monkeypatch.setattr("projects.services_cells.touch", once)
    book = Book(Ledger.BASICS, manager, this_month(), this_month())
    assert [one.state for one in save(book, [Cell(project.pk, "ports", "640", 400)]).outcomes] == ["saved"]
    project.refresh_from_db()
    assert (project.ports, project.version) == (640, 2)


@pytest.mark.django_db(transaction=True)
def test_an_import_of_rivals_that_waited_for_a_save_looks_again_and_writes_nothing_over_it(
    manager: User, admin_user: User, project: Project
) -> None:
    operator = Operator.objects.earliest("position")
    rows = [["项目编码", "项目名称", operator.name, "建议应对措施"], [project.code, project.name, "导入的", "导入的"]]
    batch = services.finish(services.receive(upload(workbook(rows)), admin_user, "rivals"))
    batch = services.finish(services.confirm_columns(batch))
    assert batch.state == Batch.State.CHECKED
    batch = services.apply(batch, valid_only=True)
    found: list[Batch] = []

    def apply() -> None:
        try:
            found.append(services.finish(batch))
        finally:
            connection.close()

    thread = threading.Thread(target=apply)
    with transaction.atomic():
        save(
            Book(Ledger.RIVALS, manager, this_month(), this_month()),
            [Cell(project.pk, f"o{operator.pk}", "手填", None)],
        )
        thread.start()
        time.sleep(1)
    thread.join(60)
    assert (found[0].state, (found[0].fault or {}).get("code")) == (Batch.State.CHECKED, "stale")
    assert [offer.text for offer in RivalOffer.objects.all()] == ["手填"]


@pytest.mark.django_db(transaction=True)
def test_an_undo_that_waited_for_a_save_keeps_what_was_typed_and_says_so(
    manager: User, admin_user: User, project: Project
) -> None:
    rows = [["项目编码", "网格", "项目名称", "端口数"], [project.code, project.grid.name, project.name, "500"]]
    batch = services.import_now(upload(workbook(rows)), admin_user, "projects")
    assert batch.state == Batch.State.APPLIED
    batch = services.undo(batch)
    found: list[Batch] = []

    def undo() -> None:
        try:
            found.append(services.finish(batch))
        finally:
            connection.close()

    thread = threading.Thread(target=undo)
    with transaction.atomic():
        save(Book(Ledger.BASICS, manager, this_month(), this_month()), [Cell(project.pk, "ports", "640", 500)])
        thread.start()
        time.sleep(1)
    thread.join(60)
    project.refresh_from_db()
    assert (found[0].state, found[0].rows_kept, project.ports) == (Batch.State.UNDONE, 1, 640)


def _file(ledger: str, projects: list[Project], operator: Operator, n: int) -> list[list[str]]:
    """A roster that changes every project's row, in an order of its own."""
    heads = {
        "basics": ["项目编码", "网格", "项目名称", "物业返利情况"],
        "indicators": ["月份", "项目编码", "净增用户"],
        "rivals": ["项目编码", "项目名称", operator.name],
    }
    first = {"basics": lambda p: [p.code, p.grid.name, p.name], "indicators": lambda p: [str(this_month()), p.code]}
    told: Any = first.get(ledger, lambda p: [p.code, p.name])
    return [heads[ledger], *([*told(project), f"{n}"] for project in projects[::-1])]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ledger", ["basics", "indicators", "rivals"])
def test_saves_beside_an_import_of_the_same_rows_all_come_through(grid: Grid, admin_user: User, ledger: str) -> None:
    people = [factories.make_user(role=Role.GRID_MANAGER, grid=grid, name=f"经理{n}") for n in range(3)]
    projects = factories.make_projects(grid, 60)
    operator, month = Operator.objects.earliest("position"), this_month()
    factories.make_indicators(projects, month)
    name = {"basics": "ports", "indicators": "billing_users", "rivals": f"o{operator.pk}"}[ledger]
    done, states, raised = threading.Event(), set[str](), list[BaseException]()

    def imports() -> None:
        for n in range(1, 4):
            kind = "projects" if ledger == "basics" else ledger
            services.import_now(upload(workbook(_file(ledger, projects, operator, n))), admin_user, kind)

    def saves(by: User, at: int) -> None:
        while not done.is_set():
            rows = {row["id"]: row[name] for row in Book(Ledger(ledger), by, month, month).rows()}
            cells = [Cell(pk, name, f"{at}", was) for pk, was in rows.items()]
            states.update(one.state for one in save(Book(Ledger(ledger), by, month, month), cells).outcomes)
            time.sleep(0.05)

    def run(work: Any, *told: Any) -> None:
        try:
            work(*told)
        except BaseException as error:
            raised.append(error)
        finally:
            if work is imports:
                done.set()
            connection.close()

    threads = [threading.Thread(target=run, args=(saves, by, at)) for at, by in enumerate(people, 70)]
    threads.append(threading.Thread(target=run, args=(imports,)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not raised, raised[0]
    assert "saved" in states
