"""Saving cells of the three ledgers: how each is read, what becomes of it, and what it leaves behind (P1, P2, P3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gridops.accounts.models import User
from gridops.workbooks.trail import trail
from projects.models import (
    CounterMeasure,
    Ledger,
    LedgerTouch,
    MonthlyIndicator,
    Operator,
    Project,
    RivalOffer,
)
from tests import factories
from tests.projects.cells import put, rows_of, send, this_month

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(manager: User) -> Client:
    return factories.client_of(manager)


# --- How cells are read ---


@pytest.mark.parametrize(
    ("field", "typed", "kept", "wire"),
    [
        ("households", "1,200", 1200, 1200),
        ("households", "１２００", 1200, 1200),
        ("ports", "640.0", 640, 640),
        ("occupancy", "85%", Decimal("85.00"), 85.0),
        ("occupancy", "0.85", Decimal("85.00"), 85.0),
        ("occupancy", "0.5%", Decimal("0.50"), 0.5),
        ("market_share", "32", Decimal("32.00"), 32.0),
        ("built_on", "2016.5.1", date(2016, 5, 1), "2016-05-01"),
        ("built_on", "2016年5月1日", date(2016, 5, 1), "2016-05-01"),
        ("built_on", "20160501", date(2016, 5, 1), "2016-05-01"),
        ("built_on", "42491", date(2016, 5, 1), "2016-05-01"),
        ("nature", "商住楼", "mixed", "mixed"),
        ("nature", "office", "office", "office"),
        ("access", "ftth", "FTTH", "FTTH"),
        ("address", "  锦江区\n春熙路１号 ", "锦江区 春熙路1号", "锦江区 春熙路1号"),
    ],
)
def test_what_is_typed_is_read_as_a_roster_is(
    client: Client, project: Project, field: str, typed: str, kept: object, wire: object
) -> None:
    seen = rows_of(client, "basics")[project.pk][field]
    (cell,) = put(client, "basics", (project, field, typed, seen))
    assert (cell["state"], cell["value"]) == ("saved", wire)
    project.refresh_from_db()
    assert getattr(project, field) == kept


@pytest.mark.parametrize(
    ("field", "typed", "text"),
    [
        ("households", "很多", "“很多”不是整数"),
        ("households", "-1", "-1 小于 0"),
        ("market_share", "132", "“132”不是 0 到 100 的百分比"),
        ("built_on", "去年", "“去年”不是日期"),
        ("address", "长" * 201, "有 201 个字符，最多允许 200 个"),
    ],
)
def test_a_fault_is_said_in_words_at_its_cell_and_nothing_is_kept(
    client: Client, project: Project, field: str, typed: str, text: str
) -> None:
    seen = rows_of(client, "basics")[project.pk][field]
    (cell,) = put(client, "basics", (project, field, typed, seen))
    assert (cell["state"], cell["value"]) == ("fault", seen)
    assert cell["text"] == text
    assert rows_of(client, "basics")[project.pk][field] == seen


def test_an_emptied_cell_is_empty(client: Client, project: Project) -> None:
    assert [cell["state"] for cell in put(client, "basics", (project, "households", None, 500))] == ["saved"]
    assert [cell["state"] for cell in put(client, "basics", (project, "ports", " ", 400))] == ["saved"]
    project.refresh_from_db()
    assert (project.households, project.ports) == (None, None)


def test_good_cells_are_saved_beside_faults(client: Client, project: Project) -> None:
    cells = put(client, "basics", (project, "households", "?", 500), (project, "ports", "640", 400))
    assert [cell["state"] for cell in cells] == ["fault", "saved"]


# --- What was seen ---


def test_a_newer_value_is_never_overwritten(client: Client, project: Project, supervisor: User) -> None:
    other = factories.client_of(supervisor)
    put(other, "basics", (project, "ports", "700", 400))
    (cell,) = put(client, "basics", (project, "ports", "640", 400))
    assert (cell["state"], cell["value"], cell["by"]) == ("conflict", 700, supervisor.name)
    assert cell["at"]
    assert cell["text"]
    project.refresh_from_db()
    assert project.ports == 700
    assert [one["state"] for one in put(client, "basics", (project, "ports", "640", 700))] == ["saved"]


def test_cells_of_one_row_do_not_clash(client: Client, project: Project, supervisor: User) -> None:
    put(factories.client_of(supervisor), "basics", (project, "households", "600", 500))
    assert [cell["state"] for cell in put(client, "basics", (project, "ports", "640", 400))] == ["saved"]


def test_typing_what_stands_there_already_is_no_change(client: Client, project: Project) -> None:
    version = project.version
    (cell,) = put(client, "basics", (project, "ports", "400", 123))
    assert (cell["state"], cell["value"]) == ("same", 400)
    project.refresh_from_db()
    assert project.version == version
    assert not LedgerTouch.objects.exists()


@pytest.mark.parametrize("was", [True, [400], {"ports": 400}, "400", 400.5])
def test_what_was_seen_must_be_what_is_stored(client: Client, project: Project, was: object) -> None:
    assert [cell["state"] for cell in put(client, "basics", (project, "ports", "1", was))] == ["conflict"]


def test_of_a_cell_that_comes_twice_the_last_counts(client: Client, project: Project) -> None:
    cells = put(client, "basics", (project, "ports", "1", 400), (project, "ports", "2", 400))
    assert [(cell["state"], cell["value"]) for cell in cells] == [("saved", 2)]


# --- What a change leaves behind ---


def test_a_change_raises_the_version_is_in_the_history_and_touches_the_ledger(
    client: Client, manager: User, project: Project
) -> None:
    put(client, "basics", (project, "ports", "640", 400), (project, "market_share", "32%", None))
    version, updated = project.version, project.updated_at
    project.refresh_from_db()
    assert project.version == version + 1
    assert project.updated_at > updated
    step = trail(project)[0]
    assert step.who == manager.name
    assert {(one.field, one.old, one.new) for one in step.changes} == {
        ("ports", "400", "640"),
        ("market_share", "", "32.00"),
    }
    touch = LedgerTouch.objects.get()
    assert (touch.project, touch.ledger, touch.month) == (project, Ledger.BASICS, this_month().first)
    assert (touch.by, touch.how) == (manager, LedgerTouch.How.EDITED)


def test_the_history_reads_as_one_that_a_form_wrote(client: Client, manager: User, project: Project) -> None:
    put(client, "basics", (project, "built_on", "2016-05-01", None))
    bulk = trail(project)[0]
    project.refresh_from_db()
    project.built_on = date(2017, 6, 2)
    project.save()
    single = trail(project)[0]
    assert [(one.field, one.label) for one in bulk.changes] == [(one.field, one.label) for one in single.changes]
    assert (single.changes[0].old, bulk.changes[0].new) == ("2016-05-01", "2016-05-01")


def test_the_first_cell_makes_the_month_s_row(client: Client, project: Project) -> None:
    (cell,) = put(client, "indicators", (project, "billing_users", "412", None))
    assert (cell["state"], cell["value"]) == ("saved", 412)
    row = MonthlyIndicator.objects.get(project=project)
    assert (row.month, row.billing_users) == (this_month().first, 412)
    made = trail(row)[0]
    assert {one.field for one in made.changes} >= {"billing_users"}


def test_a_fault_makes_no_row(client: Client, project: Project) -> None:
    assert [cell["state"] for cell in put(client, "indicators", (project, "ports", "x", None))] == ["fault"]
    assert [cell["state"] for cell in put(client, "indicators", (project, "ports", None, None))] == ["same"]
    assert [cell["state"] for cell in put(client, "indicators", (project, "ports", "1", 2))] == ["conflict"]
    assert not MonthlyIndicator.objects.exists()


def test_targets_stay_when_figures_are_typed(client: Client, project: Project) -> None:
    factories.make_indicator(project, this_month(), billing_users=None, ports=None, ports_used=None, target_net_adds=9)
    put(client, "indicators", (project, "billing_users", "412", None), (project, "billing_revenue", "1,234.5", None))
    row = MonthlyIndicator.objects.get(project=project)
    assert (row.target_net_adds, row.billing_users, row.billing_revenue) == (9, 412, Decimal("1234.50"))


def test_past_months_take_corrections_and_those_after_the_next_take_none(client: Client, project: Project) -> None:
    now = this_month()
    for month in (now.plus(-7), now.plus(1)):
        assert send(client, "indicators", (project, "ports", "1", None), month=month).status_code == 200
    assert send(client, "indicators", (project, "ports", "1", None), month=now.plus(2)).status_code == 400
    assert LedgerTouch.objects.get().month == now.first


# --- Rivals ---


def test_a_typed_offer_is_one_seen_today(client: Client, manager: User, project: Project) -> None:
    operator = Operator.objects.earliest("position")
    factories.make_offer(project, operator, "500M 59元", date(2026, 1, 5))
    field = f"o{operator.pk}"
    (cell,) = put(client, "rivals", (project, field, "1000M 79元", "500M 59元"))
    assert (cell["state"], cell["value"]) == ("saved", "1000M 79元")
    newest = RivalOffer.objects.latest(timezone.localdate()).get()
    assert (newest.text, newest.by, newest.seen_on) == ("1000M 79元", manager, timezone.localdate())
    assert RivalOffer.objects.count() == 2
    put(client, "rivals", (project, field, "1000M 89元", "1000M 79元"))
    assert RivalOffer.objects.count() == 2
    put(client, "rivals", (project, field, "", "1000M 89元"))
    assert rows_of(client, "rivals")[project.pk][field] is None
    assert LedgerTouch.objects.get().ledger == Ledger.RIVALS


def test_a_measure_is_noted_and_an_offer_changed_meanwhile_is_a_conflict(
    client: Client, project: Project, supervisor: User
) -> None:
    field = f"o{Operator.objects.earliest('position').pk}"
    put(factories.client_of(supervisor), "rivals", (project, field, "促销", None))
    cells = put(client, "rivals", (project, field, "无", None), (project, "measure", "上门", None))
    assert [(cell["state"], cell["value"], cell["by"]) for cell in cells] == [
        ("conflict", "促销", supervisor.name),
        ("saved", "上门", ""),
    ]
    assert CounterMeasure.objects.get().text == "上门"


# --- Who and what ---


def test_own_and_foreign_rows_together_are_refused_as_a_whole(
    client: Client, project: Project, other_project: Project, foreign_project: Project
) -> None:
    for foreign in (other_project, foreign_project):
        for ledger, field, was in (
            ("basics", "ports", 400),
            ("indicators", "ports", None),
            ("rivals", "measure", None),
        ):
            answer = send(client, ledger, (project, field, "1", was), (foreign, field, "1", was))
            assert answer.status_code == 404
    assert set(Project.objects.values_list("ports", flat=True)) == {400}
    assert not MonthlyIndicator.objects.exists()
    assert not CounterMeasure.objects.exists()


def test_specialists_look_only(specialist: User, project: Project) -> None:
    client = factories.client_of(specialist)
    assert send(client, "basics", (project, "ports", "1", 400)).status_code == 403
    assert client.post(f"/projects/ledgers/basics/{project.pk}/", {}).status_code == 403
    assert not rows_of(client, "basics")[project.pk]["e"]
    assert client.get("/projects/ledgers/basics/").context["setup"]["readonly"]


def test_supervisors_and_admins_fill_too(supervisor: User, admin_user: User, project: Project) -> None:
    for person, typed, was in ((supervisor, "1", 400), (admin_user, "2", 1)):
        cells = put(factories.client_of(person), "basics", (project, "ports", typed, was))
        assert [cell["state"] for cell in cells] == ["saved"]


@pytest.mark.parametrize(
    ("ledger", "field"),
    [
        ("basics", "code"),
        ("basics", "name"),
        ("basics", "grid_id"),
        ("basics", "version"),
        ("basics", "port_utilisation"),
        ("indicators", "target_net_adds"),
        ("indicators", "last_billing_users"),
        ("indicators", "month"),
        ("rivals", "o999999"),
        ("rivals", "text"),
    ],
)
def test_what_is_not_typed_into_is_refused(admin_user: User, project: Project, ledger: str, field: str) -> None:
    client = factories.client_of(admin_user)
    assert send(client, ledger, (project, "ports" if ledger == "basics" else "measure", "1", None)).status_code in (
        200,
        400,
    )
    assert send(client, ledger, (project, field, "1", None)).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        '"x"',
        "{}",
        '{"month": "2026-13", "cells": []}',
        '{"month": "1900-01", "cells": []}',
        '{"month": "2200-12", "cells": []}',
        '{"month": "THIS", "cells": {}}',
        '{"month": "THIS", "cells": [1]}',
        '{"month": "THIS", "cells": [{"row": "1", "field": "ports", "value": "1", "was": null}]}',
        '{"month": "THIS", "cells": [{"row": 99999999999999999999, "field": "ports", "value": "1"}]}',
        '{"month": "THIS", "cells": [{"row": 1, "field": ["ports"], "value": "1"}]}',
        '{"month": "THIS", "cells": [{"row": 1, "field": "ports", "value": {"a": 1}}]}',
    ],
)
def test_what_is_no_list_of_cells_is_refused(client: Client, body: str) -> None:
    body = body.replace("THIS", str(this_month()))
    answer = client.post("/projects/ledgers/basics/save/", body, content_type="application/json")
    assert answer.status_code == 400


def test_more_than_ten_thousand_cells_are_too_many(client: Client, project: Project) -> None:
    cells: list[Any] = [(project, "ports", "1", 400)] * 10_001
    assert send(client, "basics", *cells).status_code == 413
    project.refresh_from_db()
    assert project.ports == 400


@pytest.mark.parametrize("typed", ["a\0b", "\ufeff锦江区", "'; DROP TABLE x; --", "100%s", "{0}", '"', "\\"])
def test_any_text_is_just_text(client: Client, project: Project, typed: str) -> None:
    (cell,) = put(client, "basics", (project, "address", typed, None))
    assert cell["state"] == "saved"
    project.refresh_from_db()
    assert project.address == typed.replace("\0", "").replace("\ufeff", "")
