"""The pages of the reconciled lists: figures, filters, deciding in two steps, who may, the export (S7, N1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gridops.accounts.models import AccessRecord, Grid, Unit, User
from projects.models import Project
from renewals.models import Difference, ExpiryWarning, SpecialistLine, Subscriber
from renewals.services import bring_up_to_date
from renewals.services_reconcile import reconcile
from renewals.services_records import set_right
from tests import factories
from tests.renewals.test_reconcile import DECEMBER, IN_MONTH, line
from tests.sheets import exported

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]


@pytest.fixture
def differing(unit: Unit, project: Project, other_project: Project) -> None:
    """One on both, one only ours in each grid, one only theirs, one on another day."""
    for account, place in (("028001", project), ("028002", project), ("028003", other_project), ("028004", project)):
        factories.make_subscriber(place, account, expires_on=IN_MONTH, name="王小明")
    line("028001", project)
    line("028004", project, date(2026, 12, 20))
    line("A-unknown", other_project, name="李晓红", phone="19912345678")
    bring_up_to_date(unit, DECEMBER, timezone.now())


def page(client: Client, unit: Unit, **query: Any) -> Any:
    return client.get(reverse("renewals:reconcile-unit", args=[unit.pk]), {"month": "2026-12", **query})


def accounts(answer: Any) -> list[str]:
    return [row.account for row in answer.context["listing"].page.rows]


def send(client: Client, unit: Unit, **data: Any) -> Any:
    return client.post(reverse("renewals:reconcile-decide", args=[unit.pk]), {"month": "2026-12", **data}, follow=True)


def pk_of(account: str) -> int:
    return Difference.objects.get(account=account).pk


@pytest.mark.usefixtures("differing")
def test_the_figures_add_up_and_the_table_filters(unit: Unit, specialist: User, client_of: ClientOf) -> None:
    client = client_of(specialist)
    start = client.get(reverse("renewals:reconcile"), {"month": "2026-12"})
    assert start["Location"] == reverse("renewals:reconcile-unit", args=[unit.pk]) + "?month=2026-12"
    answer = page(client, unit)
    figures = answer.context["figures"]
    assert (figures.both, figures.ours, figures.theirs, figures.open) == (1, 4, 3, 4)
    assert {side.kind: side.number for side in figures.sides} == {"theirs": 1, "ours": 2, "expiry": 1}
    assert accounts(answer) == ["028002", "028003", "028004", "A-unknown"]
    assert accounts(page(client, unit, kind="ours")) == ["028002", "028003"]
    assert accounts(page(client, unit, reason="unknown")) == ["A-unknown"]
    text = answer.content.decode()
    assert "19912345678" not in text
    assert "李晓红" not in text
    assert "王小明" not in text


@pytest.mark.usefixtures("differing")
def test_a_manager_reads_what_is_about_own_grids(
    unit: Unit, manager: User, grid: Grid, client_of: ClientOf, foreign_supervisor: User
) -> None:
    answer = page(client_of(manager), unit)
    assert accounts(answer) == ["028002", "028004"]
    assert answer.context["figures"].both == 1
    assert 'name="pick"' not in answer.content.decode()
    assert send(client_of(manager), unit, pick=pk_of("028002"), decision="ours").status_code == 403
    assert page(client_of(foreign_supervisor), unit).status_code == 404


@pytest.mark.usefixtures("differing")
def test_deciding_shows_what_it_will_do_first_then_does_it_and_can_be_taken_back(
    unit: Unit, specialist: User, client_of: ClientOf
) -> None:
    client = client_of(specialist)
    asked = send(client, unit, pick=pk_of("A-unknown"), decision="theirs")
    assert not Subscriber.objects.filter(account="A-unknown").exists()
    assert len(asked.context["deeds"]) == 1
    seen = re.search(r'name="seen" value="([^"]+)"', asked.content.decode())
    assert seen
    done = send(client, unit, pick=pk_of("A-unknown"), decision="theirs", seen=seen[1], note="已核实")
    assert Subscriber.objects.filter(account="A-unknown").exists()
    undo = reverse("renewals:reconcile-undo", args=[pk_of("A-unknown")])
    assert undo in done.content.decode()
    assert accounts(page(client, unit, state="settled")) == ["A-unknown"]
    client.post(undo)
    assert not Subscriber.objects.filter(account="A-unknown").exists()
    assert Difference.objects.get(account="A-unknown").decision == ""


@pytest.mark.usefixtures("differing")
def test_all_that_the_filters_find_are_decided_but_not_what_came_since(
    unit: Unit, project: Project, supervisor: User, client_of: ClientOf
) -> None:
    client, seen = client_of(supervisor), timezone.now().isoformat()
    factories.make_subscriber(project, "028009", expires_on=IN_MONTH)
    bring_up_to_date(unit, DECEMBER, timezone.now())
    send(client, unit, every="1", query="?kind=ours", decision="theirs", seen=seen)
    off = ExpiryWarning.objects.filter(state="withdrawn").values_list("subscriber__account", flat=True)
    assert sorted(off) == ["028002", "028003"]
    assert accounts(page(client, unit, kind="ours")) == ["028009"]


@pytest.mark.usefixtures("differing")
def test_own_and_foreign_ones_together_are_refused_as_a_whole(
    unit: Unit, foreign_project: Project, specialist: User, client_of: ClientOf
) -> None:
    factories.make_subscriber(foreign_project, "F-1", expires_on=IN_MONTH)
    line("F-2", foreign_project)
    bring_up_to_date(foreign_project.grid.unit, DECEMBER, timezone.now())
    picks = [pk_of("028002"), pk_of("F-1")]
    answer = send(client_of(specialist), unit, pick=picks, decision="ours", seen=timezone.now().isoformat())
    assert answer.status_code == 404
    assert not Difference.objects.exclude(decision="").exists()
    assert client_of(specialist).post(reverse("renewals:reconcile-undo", args=[pk_of("F-1")])).status_code == 404


@pytest.mark.usefixtures("differing")
def test_what_changed_or_was_decided_since_it_was_seen_is_left_and_said(
    unit: Unit, specialist: User, supervisor: User, client_of: ClientOf
) -> None:
    seen = timezone.now().isoformat()
    SpecialistLine.objects.filter(account="028004").update(expires_on=date(2026, 12, 21))
    reconcile(unit, DECEMBER, timezone.now())
    later = timezone.now().isoformat()
    send(client_of(supervisor), unit, pick=pk_of("028002"), decision="ours", seen=later)
    picks = [pk_of("028002"), pk_of("028003"), pk_of("028004")]
    answer = send(client_of(specialist), unit, pick=picks, decision="theirs", seen=seen)
    assert supervisor.name in answer.content.decode()
    decided = dict(Difference.objects.exclude(decision="").values_list("account", "decision"))
    assert decided == {"028002": "ours", "028003": "theirs"}
    assert Subscriber.objects.get(account="028004").expires_on == IN_MONTH


@pytest.mark.usefixtures("differing")
def test_the_export_is_written_down_and_holds_what_the_list_holds(
    unit: Unit, specialist: User, client_of: ClientOf
) -> None:
    address = reverse("renewals:reconcile-export", args=[unit.pk])
    rows = exported(client_of(specialist).get(address, {"month": "2026-12", "kind": "theirs"}))
    assert len(rows) == 2
    assert {"A-unknown", "李晓红", "19912345678"} <= set(rows[1])
    assert AccessRecord.objects.get().rows == 1


@pytest.mark.usefixtures("differing")
def test_the_page_costs_as_many_queries_for_many_as_for_few(
    unit: Unit, project: Project, specialist: User, client_of: ClientOf
) -> None:
    client = client_of(specialist)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert page(client, unit).status_code == 200
        return len(queries)

    cost()
    few = cost()
    for number in range(20):
        line(f"D-{number}", project)
        factories.make_subscriber(project, f"E-{number}", expires_on=IN_MONTH)
    bring_up_to_date(unit, DECEMBER, timezone.now())
    assert cost() == few


def test_without_either_list_the_page_says_what_is_missing(
    unit: Unit, project: Project, specialist: User, client_of: ClientOf
) -> None:
    client = client_of(specialist)
    assert not page(client, unit).context["figures"].has_lists
    bring_up_to_date(unit, DECEMBER, timezone.now())
    answer = page(client, unit)
    assert reverse("workbooks:upload") in answer.content.decode()


@pytest.mark.usefixtures("differing")
def test_the_number_to_call_is_shown(unit: Unit, manager: User, specialist: User, client_of: ClientOf) -> None:
    row = Subscriber.objects.get(account="028002")
    set_right(row, "19956781234", manager, timezone.now())
    numbers = {one.account: one.phone for one in page(client_of(specialist), unit).context["listing"].page.rows}
    assert (numbers["028002"], numbers["A-unknown"]) == ("19956781234", "19912345678")


@pytest.mark.usefixtures("differing")
def test_who_decides_for_another_unit_and_manages_a_grid_here_does_not_decide_here(
    unit: Unit, manager: User, client_of: ClientOf
) -> None:
    elsewhere = factories.make_unit()
    manager.memberships.create(role="supervisor", unit=elsewhere, starts_on=factories.LONG_AGO)
    client, pk = client_of(manager), pk_of("028002")
    answer = page(client, unit)
    assert answer.status_code == 200
    assert not answer.context["can_decide"]
    assert send(client, unit, decision="ours", pick=pk, seen=timezone.now().isoformat()).status_code == 403
    assert client.post(reverse("renewals:reconcile-undo", args=[pk])).status_code == 403
    assert not Difference.objects.exclude(decision="").exists()
