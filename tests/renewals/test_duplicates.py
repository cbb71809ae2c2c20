"""Records that may be one household twice: found within a project, settled several at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gridops.accounts.models import Grid, Unit, User
from projects.models import Project
from renewals.models import ExpiryWarning, Subscriber, SubscriberNote, Tally
from renewals.querysets import ALIKE_MOST
from renewals.services_records import settle_household
from tests import factories

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
PHONE = "19900007777"


def page() -> str:
    return reverse("renewals:duplicates")


@pytest.fixture
def client(manager: User, client_of: Browser) -> Client:
    return client_of(manager)


def pair(project: Project, phone: str = PHONE, number: int = 2, **fields: Any) -> list[Subscriber]:
    """Records alike; the last has the latest expiry."""
    return [
        factories.make_subscriber(project, phone=phone, expires_on=date(2026, 12, 1 + n), **fields)
        for n in range(number)
    ]


def shown(response: Any) -> list[list[str]]:
    return [[row.account for row in rows] for rows in response.context["groups"]]


def chosen(rows: list[Subscriber], stays: Subscriber) -> dict[str, Any]:
    first = str(rows[0].pk)
    return {"take": [first], f"members-{first}": [row.pk for row in rows], f"stays-{first}": stays.pk}


def test_same_phones_in_a_project_are_found_the_longest_contract_first(
    client: Client, project: Project, grid: Grid, other_project: Project
) -> None:
    first, second = pair(project)
    factories.make_subscriber(factories.make_project(grid), phone=PHONE)
    factories.make_subscriber(other_project, phone=PHONE)
    pair(project, phone="")
    pair(project, phone="19900008888", status="closed")
    assert shown(client.get(page())) == [[second.account, first.account]]


def test_same_addresses_are_asked_for_apart(client: Client, project: Project) -> None:
    one = factories.make_subscriber(project, phone="19900000001", address="3栋2单元501", expires_on=date(2027, 1, 1))
    two = factories.make_subscriber(project, phone="19900000002", address="3栋2单元501")
    assert shown(client.get(page())) == []
    assert shown(client.get(page(), {"by": "address"})) == [[one.account, two.account]]
    assert client.get(page(), {"by": "name"}).status_code == 404


def test_what_too_many_share_is_left_out(client: Client, project: Project) -> None:
    pair(project, number=ALIKE_MOST + 1)
    assert shown(client.get(page())) == []


def test_numbers_are_masked(client: Client, project: Project) -> None:
    pair(project)
    assert PHONE not in client.get(page()).content.decode()


def test_ticked_groups_are_settled_with_the_record_that_stays(client: Client, project: Project, manager: User) -> None:
    one, two = pair(project)
    others = pair(project, phone="19900008888")
    response = client.post(page(), {**chosen([one, two], one), "note": "同一户"}, follow=True)
    two.refresh_from_db()
    assert (two.household, two.duplicate_of) == ("duplicate", one)
    assert list(SubscriberNote.objects.values_list("subscriber", "text", "by")) == [(two.pk, "同一户", manager.pk)]
    assert shown(response) == [[row.account for row in reversed(others)]]


def test_a_duplicate_leaves_its_list_at_once_and_comes_back_when_it_is_none(
    client: Client, project: Project, manager: User, django_capture_on_commit_callbacks: Any
) -> None:
    days = [timezone.localdate() + timedelta(days=n) for n in (0, -31)]  # this month's list, and one to win back on
    one, two, three = (factories.make_subscriber(project, phone=PHONE, expires_on=day) for day in (days[0], *days))
    other, second, expired = (factories.make_warning(row, next_step="call") for row in (one, two, three))

    def states() -> list[str]:
        return [ExpiryWarning.objects.get(pk=row.pk).state for row in (other, second, expired)]

    with django_capture_on_commit_callbacks(execute=True):
        client.post(page(), chosen([one, two, three], one))
    assert states() == ["listed", "withdrawn", "withdrawn"]
    assert sum(row.expiring for row in Tally.objects.all()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        settle_household(two, "", manager, timezone.now())
    assert states() == ["listed", "listed", "withdrawn"]
    assert sum(row.expiring for row in Tally.objects.all()) == 2


def test_own_and_foreign_records_mixed_are_refused_altogether(
    client: Client, project: Project, foreign_project: Project
) -> None:
    own, foreign = pair(project), pair(foreign_project)
    data = chosen(own, own[0])
    first = str(foreign[0].pk)
    data["take"].append(first)
    data |= {f"members-{first}": [row.pk for row in foreign], f"stays-{first}": foreign[0].pk}
    assert client.post(page(), data).status_code == 404
    assert client.post(page(), chosen([own[0], foreign[0]], own[0])).status_code == 404
    assert not Subscriber.objects.exclude(household="").exists()


@pytest.mark.parametrize("broken", [{"take": ["1"]}, {"take": ["x"], "members-x": ["1", "2"], "stays-x": "3"}])
def test_what_no_page_sends_is_refused(client: Client, project: Project, broken: dict[str, Any]) -> None:
    pair(project)
    assert client.post(page(), broken).status_code == 404


def test_nothing_ticked_changes_nothing_and_says_so(client: Client, project: Project) -> None:
    pair(project)
    assert len(client.post(page(), {}, follow=True).context["messages"]) == 1
    assert not Subscriber.objects.exclude(household="").exists()


def test_a_specialist_looks_through_the_unit_or_one_grid(
    client_of: Browser, specialist: User, unit: Unit, project: Project, other_project: Project, foreign_grid: Grid
) -> None:
    here, there = pair(project), pair(other_project, phone="19900008888")
    client = client_of(specialist)
    assert len(shown(client.get(page()))) == 2
    assert len(shown(client.get(page(), {"place": f"unit-{unit.pk}"}))) == 2
    in_grid = shown(client.get(page(), {"place": f"grid-{other_project.grid_id}"}))
    assert in_grid == [[there[1].account, there[0].account]]
    assert here
    for foreign in (f"grid-{foreign_grid.pk}", f"unit-{foreign_grid.unit_id}", "grid-x"):
        assert client.get(page(), {"place": foreign}).status_code == 404


def test_pages_follow_each_other_and_cost_the_same(
    client: Client, project: Project, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for start, number in ((0, 3), (3, 22)):
        for n in range(start, start + number):
            pair(project, phone=f"199000{n:05d}")
        with django_assert_max_num_queries(20) as captured:
            response = client.get(page())
        counts.append(len(captured))
    assert counts[0] == counts[1]
    second = client.get(page(), {"after": response.context["next"]})
    assert [len(shown(response)), len(shown(second))] == [20, 5]
    assert not {tuple(rows) for rows in shown(response)} & {tuple(rows) for rows in shown(second)}
