"""The rivals that have a column of their own are data; admins edit them, and nothing on record is lost (P3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.urls import reverse

from gridops.accounts.models import User
from projects.models import Operator, Project
from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS = "projects:operators"


@pytest.fixture
def client(admin_user: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(admin_user)


def as_shown(client: Client) -> dict[str, Any]:
    """What an admin sends who opened the page and changed nothing."""
    page = client.get(reverse(ADDRESS))
    formset = page.context["formset"]
    sent = {"state": page.context["state"]}
    for form in [formset.management_form, *formset.forms]:
        for name in form.fields:
            value = form[name].value()
            if value not in (None, False):
                sent[form.add_prefix(name)] = value
    return sent


def row_of(sent: dict[str, Any], name: str) -> str:
    """The prefix of an operator's row."""
    return next(key.removesuffix("-name") for key, value in sent.items() if key.endswith("-name") and value == name)


def test_the_handbooks_operators_are_there_from_the_start() -> None:
    assert list(Operator.objects.in_use().values_list("name", flat=True)) == ["电信", "移动", "长宽", "艾普", "其他"]


def test_names_order_and_use_are_edited_and_their_history_is_kept(client: Client, admin_user: User) -> None:
    sent = as_shown(client)
    sent |= {f"{row_of(sent, '艾普')}-position": 0, "form-5-name": "广电", "form-5-position": ""}
    del sent[f"{row_of(sent, '长宽')}-is_active"]
    assert client.post(reverse(ADDRESS), sent).status_code == 302
    assert list(Operator.objects.in_use().values_list("name", flat=True)) == ["艾普", "电信", "移动", "其他", "广电"]
    assert LogEntry.objects.get_for_object(Operator.objects.get(name="长宽")).filter(actor=admin_user).count() == 1


def test_one_with_offers_is_switched_off_but_never_deleted(client: Client, project: Project) -> None:
    factories.make_offer(project, Operator.objects.get(name="艾普"))
    sent = as_shown(client)
    response = client.post(reverse(ADDRESS), {**sent, f"{row_of(sent, '艾普')}-DELETE": "on"})
    assert response.status_code == 422
    assert Operator.objects.filter(name="艾普").exists()
    del sent[f"{row_of(sent, '艾普')}-is_active"]
    client.post(reverse(ADDRESS), sent)
    assert not Operator.objects.get(name="艾普").is_active
    sent = as_shown(client)
    assert client.post(reverse(ADDRESS), {**sent, f"{row_of(sent, '其他')}-DELETE": "on"}).status_code == 302
    assert not Operator.objects.filter(name="其他").exists()


def test_two_admins_at_once_lose_nothing(client: Client) -> None:
    mine = as_shown(client)
    theirs = as_shown(client)
    client.post(reverse(ADDRESS), {**theirs, f"{row_of(theirs, '其他')}-name": "其它"})
    mine[f"{row_of(mine, '电信')}-name"] = "中国电信"
    response = client.post(reverse(ADDRESS), mine)
    assert response.status_code == 409
    assert "其它" in response.content.decode()
    assert "中国电信" in response.content.decode()
    assert not Operator.objects.filter(name="中国电信").exists()
    assert client.post(reverse(ADDRESS), {**mine, "state": response.context["state"]}).status_code == 302
    assert Operator.objects.filter(name="中国电信").exists()


@pytest.mark.parametrize("state", ["", "x", "WyJ4Il0:1:2"])
def test_a_list_that_does_not_say_where_it_began_is_not_saved(client: Client, state: str) -> None:
    assert client.post(reverse(ADDRESS), {**as_shown(client), "state": state}).status_code == 409


def test_names_are_unique_and_one_at_least_stays_in_use(client: Client) -> None:
    sent = as_shown(client)
    doubled = client.post(reverse(ADDRESS), {**sent, f"{row_of(sent, '移动')}-name": "电信"})
    assert doubled.status_code == 422
    none = {key: value for key, value in sent.items() if not key.endswith("-is_active")}
    assert client.post(reverse(ADDRESS), none).status_code == 422
    assert Operator.objects.in_use().count() == 5


def test_an_operator_out_of_use_is_offered_no_more_but_shown_where_it_has_offers(
    project: Project, manager: User, client_of: Callable[[User], Client]
) -> None:
    gone = Operator.objects.get(name="艾普")
    offer = factories.make_offer(project, gone, "老套餐")
    Operator.objects.filter(pk=gone.pk).update(is_active=False)
    client = client_of(manager)
    new = client.get(reverse("projects:rival-new", args=[project.pk])).context["form"]
    assert gone not in new.fields["operator"].queryset
    correct = client.get(reverse("projects:rival-edit", args=[offer.pk])).context["form"]
    assert gone in correct.fields["operator"].queryset
    shown = client.get(reverse("projects:rivals", args=[project.pk])).context["operators"]
    assert [offers for operator, offers in shown if operator == gone] == [[offer]]


@pytest.mark.parametrize("name", ["项目编码", "项目 名称:", "网格", "应对措施", "电 信", "*"])
def test_none_is_called_like_another_column_of_the_ledger(client: Client, name: str) -> None:
    sent = {**as_shown(client), "form-5-name": name}
    response = client.post(reverse(ADDRESS), sent)
    assert response.status_code == 422
    assert response.context["formset"].forms[5].has_error("name")
    assert Operator.objects.count() == 5
