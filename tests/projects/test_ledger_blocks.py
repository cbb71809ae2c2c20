"""A pasted block is one request: a constant number of queries, every fault said, the rest saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from projects.models import (
    MonthlyIndicator,
    Operator,
    Project,
)
from tests import factories
from tests.projects.cells import put, this_month

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(manager: User) -> Client:
    return factories.client_of(manager)


FIELDS: dict[str, list[tuple[str, str, object]]] = {
    "basics": [
        ("address", "路{n}号", None),
        ("households", "9{n}", 500),
        ("ports", "7{n}", 400),
        ("property_company", "物业{n}", None),
        ("property_rebate", "{n}元", None),
        ("occupancy", "55%", 80),
        ("rivals", "电信{n}", None),
        ("market_share", "0.3", None),
        ("built_on", "2016-05-01", None),
        ("access", "FTTH", None),
    ],
    "indicators": [
        ("billing_users", "900{n}", None),
        ("billing_revenue", "{n}.50", None),
        ("net_adds", "-{n}", None),
        ("renewals_due", "{n}", None),
        ("renewals_done", "{n}", None),
        ("ports", "{n}", None),
        ("ports_used", "{n}", None),
        ("commission", "{n}", None),
    ],
    "rivals": [("measure", "上门{n}", None)],
}


def pasted(client: Client, ledger: str, projects: list[Project]) -> tuple[int, list[dict[str, Any]]]:
    fields = list(FIELDS[ledger])
    if ledger == "rivals":
        fields += [(f"o{operator.pk}", "{n}元", None) for operator in Operator.objects.all()]
    cells: list[Any] = [
        (project, field, typed.format(n=at + 1), was)
        for at, project in enumerate(projects)
        for field, typed, was in fields
    ]
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = put(client, ledger, *cells)
    return len(captured), answer


@pytest.mark.parametrize("ledger", ["basics", "indicators", "rivals"])
def test_a_block_of_500_rows_costs_as_many_queries_as_one_of_5(client: Client, grid: Grid, ledger: str) -> None:
    few, many = factories.make_projects(grid, 5), factories.make_projects(grid, 500)
    pasted(client, ledger, factories.make_projects(grid, 1))
    queries, cells = pasted(client, ledger, few)
    assert {cell["state"] for cell in cells} == {"saved"}
    more, cells = pasted(client, ledger, many)
    assert {cell["state"] for cell in cells} == {"saved"}
    assert more == queries


def test_every_fault_of_a_block_is_said_and_the_rest_is_saved(client: Client, grid: Grid) -> None:
    projects = factories.make_projects(grid, 50)
    cells: list[Any] = [(project, "ports", "?" if at % 2 else "640", 400) for at, project in enumerate(projects)]
    states = [cell["state"] for cell in put(client, "basics", *cells)]
    assert (states.count("fault"), states.count("saved")) == (25, 25)
    assert Project.objects.filter(ports=640).count() == 25


def test_figures_of_another_month_stay_as_they_are(client: Client, project: Project) -> None:
    before = this_month().plus(-1)
    factories.make_indicator(project, before, billing_users=400)
    put(client, "indicators", (project, "billing_users", "412", None))
    kept = MonthlyIndicator.objects.get(project=project, month=before.first)
    assert (kept.billing_users, kept.version) == (400, 1)
    assert Month.of(kept.month) == before
