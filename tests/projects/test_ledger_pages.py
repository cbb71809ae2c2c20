"""The ledgers' pages: rows, past months, contacts, questions, histories, layouts, cards (P1, P2, P3)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gridops.accounts.models import AccessRecord, Grid, Preference, User
from gridops.common.months import Month
from projects.models import Basics, ConfirmedFigure, LedgerTouch, Operator, Project, ProjectSnapshot
from tests import factories
from tests.projects.cells import put, rows_of, send, this_month

pytestmark = pytest.mark.django_db
LEDGERS = ["basics", "indicators", "rivals"]
NOW = this_month()


@pytest.fixture
def client(manager: User) -> Client:
    return factories.client_of(manager)


def setup(client: Client, ledger: str, query: str = "") -> dict[str, Any]:
    told: dict[str, Any] = client.get(f"/projects/ledgers/{ledger}/{query}").context["setup"]
    return told


def column(told: dict[str, Any], field: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in told["columns"] if one["field"] == field)
    return found


def keep(project: Project, month: Month, **fields: Any) -> ProjectSnapshot:
    """The basic ledger of ``month`` as it was kept when it ended."""
    kept = {field.attname: getattr(project, field.attname) for field in Basics._meta.fields}
    return ProjectSnapshot.objects.create(project=project, month=month.first, **kept | fields)


# --- Rows ---


def test_basics_show_what_is_computed_of_the_newest_figures(client: Client, project: Project) -> None:
    factories.make_indicator(project, NOW.plus(-2), billing_users=100, ports=400, ports_used=100)
    factories.make_indicator(project, NOW.plus(-1), billing_users=200, ports=None, ports_used=None)
    factories.make_indicator(project, NOW.plus(1), billing_users=999, ports=1, ports_used=1)
    row = rows_of(client, "basics")[project.pk]
    assert (row["port_utilisation"], row["free_ports"], row["penetration"]) == (25.0, 300, 50.0)
    (cell,) = put(client, "basics", (project, "occupancy", "40%", 80))
    assert cell["state"] == "saved"
    saved = send(client, "basics", (project, "address", "x", None)).json()["rows"]
    assert saved == [rows_of(client, "basics")[project.pk]]


def test_indicators_show_last_month_the_targets_and_what_is_computed(client: Client, project: Project) -> None:
    factories.make_indicator(project, NOW.plus(-2), billing_users=180)
    factories.make_indicator(
        project, NOW.plus(-1), billing_users=200, renewals_due=10, renewals_done=8, billing_revenue=2000
    )
    factories.make_indicator(
        project, NOW, billing_users=210, billing_revenue=4200, target_net_adds=12, renewals_due=20, renewals_done=15
    )
    row = rows_of(client, "indicators")[project.pk]
    told = {name: row[name] for name in ("last_billing_users", "last_net_adds", "net_adds", "net_adds_computed")}
    assert told == {"last_billing_users": 200, "last_net_adds": 20, "net_adds": None, "net_adds_computed": 10}
    assert (row["last_renewal_rate"], row["renewal_rate"], row["target_net_adds"]) == (80.0, 75.0, 12)
    assert (row["average_revenue"], row["penetration"], row["port_utilisation"]) == (20.0, 52.5, 50.0)
    saved = send(client, "indicators", (project, "commission", "1", None)).json()["rows"]
    assert saved == [rows_of(client, "indicators")[project.pk]]


def test_rivals_have_a_column_of_each_operator_in_use(client: Client, project: Project) -> None:
    first, second = Operator.objects.order_by("position")[:2]
    factories.make_offer(project, first)
    second.is_active = False
    second.save()
    fields = [one["field"] for one in setup(client, "rivals")["columns"]]
    assert f"o{first.pk}" in fields
    assert f"o{second.pk}" not in fields
    assert fields[-1] == "measure"
    row = rows_of(client, "rivals")[project.pk]
    assert row[f"o{first.pk}"] == "500M 59元/月"
    saved = send(client, "rivals", (project, "measure", "x", None)).json()["rows"]
    assert saved == [rows_of(client, "rivals")[project.pk]]


@pytest.mark.parametrize("ledger", LEDGERS)
def test_rows_are_the_own_ones_in_service(
    client: Client, ledger: str, project: Project, grid: Grid, other_project: Project, foreign_project: Project
) -> None:
    factories.make_project(grid, is_active=False)
    assert list(rows_of(client, ledger)) == [project.pk]


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_grid_narrows_the_rows_and_a_foreign_one_is_not_there(
    supervisor: User, ledger: str, project: Project, other_project: Project, foreign_grid: Grid
) -> None:
    client = factories.client_of(supervisor)
    assert rows_of(client, ledger).keys() == {project.pk, other_project.pk}
    assert rows_of(client, ledger)[project.pk]["grid"] == project.grid.name
    assert list(rows_of(client, ledger, f"?grid={project.grid_id}")) == [project.pk]
    assert client.get(f"/projects/ledgers/{ledger}/rows/?grid={foreign_grid.pk}").status_code == 404
    assert client.get(f"/projects/ledgers/{ledger}/?grid=x").status_code == 404
    narrowed = f"?grid={project.grid_id}"
    field, was = ("ports", 400) if ledger == "basics" else ("measure", None) if ledger == "rivals" else ("ports", None)
    assert send(client, ledger, (other_project, field, "1", was), query=narrowed).status_code == 404


@pytest.mark.parametrize("ledger", LEDGERS)
@pytest.mark.parametrize("part", ["", "rows/"])
def test_600_projects_cost_as_many_queries_as_50(
    supervisor: User, grid: Grid, other_grid: Grid, ledger: str, part: str
) -> None:
    client = factories.client_of(supervisor)

    def queries(projects: list[Project]) -> int:
        factories.make_indicators(projects, NOW, NOW.plus(-1))
        client.get(f"/projects/ledgers/{ledger}/{part}")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/projects/ledgers/{ledger}/{part}").status_code == 200
        return len(captured)

    few = queries(factories.make_projects(grid, 50, ports=300))
    assert queries(factories.make_projects(other_grid, 550)) == few


def test_there_is_no_fourth_ledger(client: Client) -> None:
    assert client.get("/projects/ledgers/prospects/").status_code == 404


# --- Months ---


def test_basics_of_a_past_month_are_those_that_were_kept(client: Client, project: Project) -> None:
    month = NOW.plus(-1)
    keep(project, month, ports=123, name="旧名")
    told = setup(client, "basics", f"?month={month}")
    assert told["readonly"]
    assert not any(one["editable"] for one in told["columns"])
    row = rows_of(client, "basics", f"?month={month}")[project.pk]
    assert (row["ports"], row["name"], row["e"], row["code"]) == (123, "旧名", False, project.code)
    assert send(client, "basics", (project, "ports", "1", 123), month=month).status_code == 400


def test_a_month_that_was_not_kept_says_so(client: Client, project: Project) -> None:
    month = NOW.plus(-3)
    page = client.get(f"/projects/ledgers/basics/?month={month}")
    assert rows_of(client, "basics", f"?month={month}") == {}
    assert str(page.context["listing"].spec.empty) in page.content.decode()
    assert client.get(f"/projects/ledgers/basics/{project.pk}/?month={month}").status_code == 200


def test_rivals_of_a_past_month_are_what_was_known_when_it_ended(client: Client, project: Project) -> None:
    month = NOW.plus(-1)
    factories.make_offer(project, text="旧", seen_on=month.last)
    factories.make_offer(project, text="新", seen_on=NOW.first)
    field = f"o{Operator.objects.earliest('position').pk}"
    assert rows_of(client, "rivals", f"?month={month}")[project.pk][field] == "旧"
    assert rows_of(client, "rivals", f"?month={NOW}")[project.pk][field] == "新"
    assert send(client, "rivals", (project, field, "1", "旧"), month=month).status_code == 400


def test_basics_and_rivals_of_a_month_to_come_are_those_of_today(client: Client, project: Project) -> None:
    assert setup(client, "basics", f"?month={NOW.plus(2)}")["month"] == str(NOW)
    assert setup(client, "indicators", f"?month={NOW.plus(2)}")["readonly"]
    assert not setup(client, "indicators", f"?month={NOW.plus(1)}")["readonly"]


# --- Contacts ---


@pytest.fixture
def contact(project: Project) -> Project:
    project.property_contact, project.property_phone = "李伟强", "19900001234"
    project.save()
    return project


def test_contacts_are_masked_and_locked_until_they_are_asked_for(client: Client, contact: Project) -> None:
    row = rows_of(client, "basics")[contact.pk]
    assert (row["property_contact"], row["property_phone"]) == ("李**", "199****34")
    assert not column(setup(client, "basics"), "property_phone")["editable"]
    (cell,) = put(client, "basics", (contact, "property_phone", "19900009999", "199****34"))
    assert cell["state"] == "fault"
    assert "19900001234" not in str(cell)
    for address in ("/projects/ledgers/basics/", f"/projects/ledgers/basics/{contact.pk}/"):
        text = client.get(address).content.decode()
        assert "19900001234" not in text
        assert "李伟强" not in text


def test_asking_for_contacts_is_written_down_and_holds_for_a_while(
    client: Client, manager: User, contact: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.post("/projects/ledgers/basics/reveal/").status_code == 302
    record = AccessRecord.objects.get()
    assert (record.user, record.kind, record.rows) == (manager, AccessRecord.Kind.REVEAL, 1)
    assert rows_of(client, "basics")[contact.pk]["property_phone"] == "19900001234"
    assert column(setup(client, "basics"), "property_phone")["editable"]
    (cell,) = put(client, "basics", (contact, "property_phone", "199-0000-9999", "19900001234"))
    assert (cell["state"], cell["value"]) == ("saved", "19900009999")
    history = client.get(f"/projects/ledgers/basics/{contact.pk}/property_phone/history/").content.decode()
    assert "199****99" in history
    assert "19900009999" not in history
    import time

    later = time.time() + 16 * 60
    monkeypatch.setattr("projects.ledger_pages.time.time", lambda: later)
    assert rows_of(client, "basics")[contact.pk]["property_phone"] == "199****99"


def test_contacts_shown_in_one_month_or_grid_are_hidden_in_another(
    supervisor: User, contact: Project, other_project: Project
) -> None:
    client = factories.client_of(supervisor)
    other_project.property_phone = "19900005678"
    other_project.save()
    keep(contact, NOW.plus(-1))
    client.post(f"/projects/ledgers/basics/reveal/?grid={contact.grid_id}")
    narrowed = rows_of(client, "basics", f"?grid={contact.grid_id}")
    assert narrowed[contact.pk]["property_phone"] == "19900001234"
    assert rows_of(client, "basics")[other_project.pk]["property_phone"] == "199****78"
    past = rows_of(client, "basics", f"?grid={contact.grid_id}&month={NOW.plus(-1)}")
    assert past[contact.pk]["property_phone"] == "199****34"
    client.get(f"/projects/ledgers/basics/?month={NOW}")
    assert client.post("/projects/ledgers/rivals/reveal/").status_code == 404


# --- Questions ---


def test_contradictions_are_asked_at_their_cells_and_kept_all_the_same(client: Client, project: Project) -> None:
    answer = send(client, "indicators", (project, "ports", "100", None), (project, "ports_used", "120", None)).json()
    assert [cell["state"] for cell in answer["cells"]] == ["saved", "saved"]
    (question,) = answer["rows"][0]["_q"]["ports_used"]
    assert question["code"] == "used_over_ports"
    assert "120" in question["text"]
    assert "100" in question["text"]
    assert rows_of(client, "indicators")[project.pk]["_q"] == answer["rows"][0]["_q"]


def confirm(
    client: Client, project: Project, code: str, note: str, ledger: str = "indicators", numbers: str = "120/100"
) -> Any:
    told = {"month": str(NOW), "row": project.pk, "code": code, "numbers": numbers, "note": note}
    return client.post(f"/projects/ledgers/{ledger}/confirm/", told, content_type="application/json")


def test_figures_found_right_are_asked_again_only_when_they_change(
    client: Client, manager: User, project: Project
) -> None:
    factories.make_indicator(project, NOW, ports=100, ports_used=120, billing_users=None)
    answer = confirm(client, project, "used_over_ports", "扩容中")
    assert "_q" not in answer.json()["row"]
    kept = ConfirmedFigure.objects.get()
    assert (kept.numbers, kept.note, kept.by) == ("120/100", "扩容中", manager)
    assert LedgerTouch.objects.get().how == LedgerTouch.How.CONFIRMED
    history = client.get(f"/projects/ledgers/indicators/{project.pk}/ports_used/history/").content.decode()
    assert "扩容中" in history
    assert "_q" in send(client, "indicators", (project, "ports_used", "121", 120)).json()["rows"][0]
    assert "_q" not in send(client, "indicators", (project, "ports_used", "120", 121)).json()["rows"][0]


def test_a_confirmation_needs_a_remark_and_a_question(
    client: Client, project: Project, foreign_project: Project
) -> None:
    factories.make_indicator(project, NOW, ports=100, ports_used=120, billing_users=None)
    for note in ("", "  ", "长" * 201):
        answer = confirm(client, project, "used_over_ports", note)
        assert answer.status_code == 400
        assert answer.json()["error"]
    assert confirm(client, project, "renewed_over_due", "对").status_code == 400
    assert confirm(client, foreign_project, "used_over_ports", "对").status_code == 404
    assert not ConfirmedFigure.objects.exists()


def test_confirmations_of_basics_and_of_a_month_are_apart(client: Client, project: Project) -> None:
    factories.make_indicator(project, NOW, ports=100, ports_used=500, billing_users=None)
    assert confirm(client, project, "used_over_ports", "对", "basics", "500/400").status_code == 200
    assert "_q" not in rows_of(client, "basics")[project.pk]
    assert "_q" in rows_of(client, "indicators")[project.pk]
    assert confirm(client, project, "used_over_ports", "对", numbers="500/100").status_code == 200
    assert ConfirmedFigure.objects.count() == 2


def test_only_the_figures_that_were_seen_are_found_right(client: Client, supervisor: User, project: Project) -> None:
    factories.make_indicator(project, NOW, ports=100, ports_used=120, billing_users=None)
    put(factories.client_of(supervisor), "indicators", (project, "ports_used", "900", 120))
    answer = confirm(client, project, "used_over_ports", "扩容中")
    assert answer.status_code == 400
    assert answer.json()["row"]["_q"]["ports_used"][0]["numbers"] == "900/100"
    assert not ConfirmedFigure.objects.exists()
    assert confirm(client, project, "used_over_ports", "扩容中", numbers="").status_code == 400


# --- History and layout of a cell ---


def test_a_cell_s_history_names_who_changed_it_from_what_to_what(
    client: Client, manager: User, project: Project
) -> None:
    put(client, "indicators", (project, "billing_users", "410", None))
    put(client, "indicators", (project, "billing_users", "412", 410), (project, "ports", "9", None))
    text = client.get(f"/projects/ledgers/indicators/{project.pk}/billing_users/history/").content.decode()
    assert text.index("412") < text.index("410</strong>")
    assert manager.name in text
    assert "9</strong>" not in text
    assert client.get(f"/projects/ledgers/indicators/{project.pk}/month/history/").status_code == 404
    assert client.get(f"/projects/ledgers/indicators/{project.pk}/created_batch/history/").status_code == 404


def test_a_rival_s_history_is_its_offers(client: Client, project: Project) -> None:
    factories.make_offer(project, text="旧套餐")
    field = f"o{Operator.objects.earliest('position').pk}"
    put(client, "rivals", (project, field, "新套餐", "旧套餐"))
    text = client.get(f"/projects/ledgers/rivals/{project.pk}/{field}/history/").content.decode()
    assert text.index("新套餐") < text.rindex("旧套餐")


@pytest.mark.parametrize("ledger", LEDGERS)
def test_every_cell_has_a_history_though_nothing_was_written_in_it(
    client: Client, project: Project, ledger: str
) -> None:
    for told in setup(client, ledger)["columns"]:
        answer = client.get(f"/projects/ledgers/{ledger}/{project.pk}/{told['field']}/history/")
        assert answer.status_code == (200 if told["editable"] or told["masked"] else 404)


def test_a_layout_is_kept_per_person_and_ledger(client: Client, manager: User, supervisor: User) -> None:
    wanted: dict[str, list[Any]] = {
        "columns": [{"field": "ports", "width": 99.6, "visible": False}],
        "sort": [{"column": "ports", "dir": "desc"}],
    }
    told: dict[str, Any] = {
        "columns": [*wanted["columns"], {"field": "evil", "width": 1, "visible": True}, 7, {"field": "name"}],
        "sort": [*wanted["sort"], {"column": "ports", "dir": "up"}],
    }
    answer = client.post("/projects/ledgers/basics/layout/", told, content_type="application/json")
    assert answer.status_code == 204
    kept = setup(client, "basics")["layout"]
    assert kept == {"columns": [{"field": "ports", "width": 99, "visible": False}], "sort": wanted["sort"]}
    assert setup(client, "indicators")["layout"] == {}
    assert setup(factories.client_of(supervisor), "basics")["layout"] == {}
    assert Preference.objects.get().user == manager
    assert client.post("/projects/ledgers/basics/layout/", "x", content_type="application/json").status_code == 400
