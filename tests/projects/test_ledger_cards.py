"""The cards of a ledger: its list and forms, where there is no room or no script for a grid."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gridops.accounts.models import Grid, User
from projects.models import ConfirmedFigure, LedgerTouch, MonthlyIndicator, Project
from tests import factories
from tests.projects.cells import put, this_month

pytestmark = pytest.mark.django_db
LEDGERS = ["basics", "indicators", "rivals"]
NOW = this_month()


@pytest.fixture
def client(manager: User) -> Client:
    return factories.client_of(manager)


def card(client: Client, project: Project, ledger: str = "basics", query: str = "") -> Any:
    return client.get(f"/projects/ledgers/{ledger}/{project.pk}/{query}")


def filled(page: Any, **typed: str) -> dict[str, str]:
    """What the card's form sends when some of it is typed over."""
    form = page.context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    return values | typed


def test_the_list_says_how_much_is_filled_and_asked(client: Client, project: Project, grid: Grid) -> None:
    factories.make_indicator(project, NOW, ports=100, ports_used=120, billing_users=None)
    (row,) = client.get("/projects/ledgers/indicators/").context["listing"].page.rows
    assert (row.filled, row.fillable, row.asked) == (2, 8, 1)
    assert client.get("/projects/ledgers/indicators/?q=nothing").context["listing"].page.rows == []
    assert f"/projects/ledgers/indicators/{project.pk}/?month={NOW}" in row.card


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_card_saves_the_same_way(client: Client, project: Project, ledger: str) -> None:
    field, typed, shown = {
        "basics": ("occupancy", "0.5%", "0.5%"),
        "indicators": ("billing_revenue", "1,234.5", "1234.5"),
        "rivals": ("measure", "上门", "上门"),
    }[ledger]
    page = card(client, project, ledger)
    answer = client.post(f"/projects/ledgers/{ledger}/{project.pk}/", filled(page, **{field: typed}))
    assert answer.status_code == 302
    again = card(client, project, ledger).context["form"]
    assert again[field].value() == shown
    versions = Project.objects.values_list("version", flat=True).get(pk=project.pk)
    client.post(f"/projects/ledgers/{ledger}/{project.pk}/", filled(card(client, project, ledger)))
    assert Project.objects.values_list("version", flat=True).get(pk=project.pk) == versions


def test_a_card_shows_both_values_of_a_conflict_and_saves_on_top_when_sent_again(
    client: Client, supervisor: User, project: Project
) -> None:
    page = card(client, project)
    typed = filled(page, ports="640", households="600")
    put(factories.client_of(supervisor), "basics", (project, "ports", "700", 400))
    answer: Any = client.post(f"/projects/ledgers/basics/{project.pk}/", typed)
    assert answer.status_code == 409
    (error,) = answer.context["form"].errors["ports"]
    assert "700" in error
    assert "640" in error
    assert supervisor.name in error
    project.refresh_from_db()
    assert (project.ports, project.households) == (700, 600)
    assert client.post(f"/projects/ledgers/basics/{project.pk}/", filled(answer)).status_code == 302
    project.refresh_from_db()
    assert project.ports == 640


def test_a_card_says_faults_at_the_fields_and_keeps_what_was_typed(client: Client, project: Project) -> None:
    answer: Any = client.post(f"/projects/ledgers/basics/{project.pk}/", filled(card(client, project), ports="许多"))
    form = answer.context["form"]
    assert form.errors.keys() == {"ports"}
    assert form["ports"].value() == "许多"


@pytest.mark.parametrize("base", ["", "x", "1:2:3"])
def test_a_card_whose_beginning_is_not_ours_saves_nothing(client: Client, project: Project, base: str) -> None:
    typed = filled(card(client, project), ports="1", base=base)
    assert client.post(f"/projects/ledgers/basics/{project.pk}/", typed).status_code == 200
    project.refresh_from_db()
    assert project.ports == 400


def test_a_card_says_how_many_fields_were_saved_and_shows_the_first_that_was_not(
    client: Client, project: Project
) -> None:
    typed = filled(card(client, project), ports="许多", households="300")
    answer: Any = client.post(f"/projects/ledgers/basics/{project.pk}/", typed)
    assert "已保存 1 项" in answer.content.decode() or "Saved: 1. Not saved: 1" in answer.content.decode()
    assert answer.content.decode().count("autofocus") == 1
    assert Project.objects.get(pk=project.pk).households == 300


def test_a_card_leads_back_to_the_list_as_it_was(client: Client, grid: Grid) -> None:
    first, second = factories.make_projects(grid, 2)
    page: Any = client.get("/projects/ledgers/basics/", {"q": first.code[:4]})
    [listed, _other] = page.context["listing"].page.rows
    context: Any = client.get(listed.card).context
    assert context["back"] == f"/projects/ledgers/basics/?q={first.code[:4]}#p{first.pk}"
    answer: Any = client.post(listed.card, filled(client.get(listed.card), ports="9") | {"next": "1"})
    assert f"/{second.pk}/" in answer["Location"]
    assert (
        client.get(answer["Location"]).context["back"] == f"/projects/ledgers/basics/?q={first.code[:4]}#p{second.pk}"
    )


def test_one_card_s_beginning_does_not_fit_another(client: Client, project: Project, grid: Grid) -> None:
    other = factories.make_project(grid)
    typed = filled(card(client, project), ports="1")
    client.post(f"/projects/ledgers/basics/{other.pk}/", typed)
    other.refresh_from_db()
    assert other.ports == 400


def test_cards_lead_to_their_neighbours_in_the_ledger(client: Client, grid: Grid) -> None:
    first, second, third = (factories.make_project(grid, f"P{n}") for n in range(3))
    context = card(client, second).context
    assert re.search(rf"/{first.pk}/", context["previous"])
    assert re.search(rf"/{third.pk}/", context["next"])
    assert card(client, first).context["previous"] == ""
    answer = client.post(f"/projects/ledgers/basics/{first.pk}/", filled(card(client, first)) | {"next": "1"})
    assert f"/{second.pk}/" in answer["Location"]


def test_a_card_s_question_is_confirmed_without_a_script(client: Client, project: Project) -> None:
    factories.make_indicator(project, NOW, ports=100, ports_used=120, billing_users=None)
    assert "used_over_ports" in card(client, project, "indicators").content.decode()
    told = {"month": str(NOW), "row": project.pk, "code": "used_over_ports", "numbers": "120/100", "note": "扩容中"}
    answer = client.post("/projects/ledgers/indicators/confirm/", told)
    assert answer.status_code == 302
    assert f"/projects/ledgers/indicators/{project.pk}/" in answer["Location"]
    assert ConfirmedFigure.objects.get().note == "扩容中"


def test_cards_of_others_are_not_there(client: Client, other_project: Project, foreign_project: Project) -> None:
    for project in (other_project, foreign_project):
        assert card(client, project).status_code == 404
        assert client.post(f"/projects/ledgers/basics/{project.pk}/", {"ports": "1"}).status_code == 404
        assert client.get(f"/projects/ledgers/basics/{project.pk}/ports/history/").status_code == 404


def test_editing_a_project_s_page_touches_the_basic_ledger(client: Client, manager: User, project: Project) -> None:
    page: Any = client.get(f"/projects/{project.pk}/edit/")
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    assert client.post(f"/projects/{project.pk}/edit/", values | {"ports": 500}).status_code == 302
    touch = LedgerTouch.objects.get()
    assert (touch.project, touch.ledger, touch.by) == (project, "basics", manager)
    assert timezone.localdate(touch.at) == timezone.localdate()
    assert not MonthlyIndicator.objects.exists()
