"""Subscribers found by account, name, phone, address or project, in whatever scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gridops.accounts.models import Grid, User
from projects.models import Project
from renewals import filters_search
from renewals.models import Subscriber
from renewals.services_records import mark_wrong, set_right, settle_household
from tests import factories

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
LIST = "renewals:subscribers"
WHO = ["manager", "specialist", "supervisor", "admin_user"]


def accounts(response: Any) -> list[str]:
    return sorted(row.account for row in response.context["listing"].page.rows)


@pytest.fixture
def find(manager: User, client_of: Browser) -> Callable[..., list[str]]:
    client = client_of(manager)

    def run(words: str, browser: Client | None = None, **filters: str) -> list[str]:
        return accounts((browser or client).post(reverse(LIST), {"q": words, **filters}, follow=True))

    return run


@pytest.fixture
def rows(grid: Grid, foreign_project: Project) -> list[Subscriber]:
    here = factories.make_project(grid, "P000001", name="锦绣花园")
    phase = factories.make_project(grid, "P000002", name="锦绣花园二期")
    there = factories.make_project(grid, "P000009", name="翠湖雅苑")
    make = factories.make_subscriber
    return [
        make(here, "0281", name="赵一", phone="19900000001", address="锦绣花园3栋2单元501"),
        make(here, "0282", name="赵一山", phone="19900000002", address="锦绣花园13栋2单元501"),
        make(phase, "0283", name="钱二", phone="19900001234", address="锦绣花园二期 3幢 2单元 502室"),
        make(there, "0284", name="孙三", phone="02885550001", address="翠湖雅苑3栋2单元501"),
        make(foreign_project, "0285", name="赵一", phone="19900000003", address="金沙新城3栋2单元501"),
    ]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("0281", ["0281"]),
        ("028", ["0281", "0282", "0283", "0284"]),
        ("赵一", ["0281", "0282"]),
        ("赵一山", ["0282"]),
        ("一", []),
        ("19900000001", ["0281"]),
        ("199 0000 0001", ["0281"]),
        ("1990000000", ["0281", "0282"]),
        ("028-85550001", ["0284"]),
        ("P000009", ["0284"]),
        ("翠湖", ["0284"]),
        ("锦绣花园", ["0281", "0282", "0283"]),
        ("锦绣花园二期", ["0283"]),
        ("锦绣花园 3栋2单元", ["0281", "0283"]),
        ("锦绣花园3栋2单元501", ["0281"]),
        ("锦绣花园二期3栋", ["0283"]),
        ("P000001 13栋", ["0282"]),
        ("锦绣花园 3-2-501", ["0281"]),
        ("锦绣花园 赵一", ["0281", "0282"]),
        ("翠湖雅苑9栋", []),
        ("没有的", []),
    ],
)
def test_whoever_looks_finds_the_same_in_own_scope(
    request: pytest.FixtureRequest,
    find: Callable[..., list[str]],
    client_of: Browser,
    rows: list[Subscriber],
    who: str,
    words: str,
    expected: list[str],
) -> None:
    found = find(words, client_of(request.getfixturevalue(who)))
    foreign = who == "admin_user" and words in ("028", "赵一", "1990000000")
    assert found == sorted([*expected, *(["0285"] if foreign else [])])


def test_an_address_alone_is_looked_for_in_own_grids(find: Callable[..., list[str]], rows: list[Subscriber]) -> None:
    assert find("3栋2单元501") == ["0281", "0284"]
    assert find("13栋") == ["0282"]


def test_an_admin_is_told_what_an_address_needs(
    find: Callable[..., list[str]], rows: list[Subscriber], admin_user: User, client_of: Browser, grid: Grid
) -> None:
    client = client_of(admin_user)
    response = client.post(reverse(LIST), {"q": "3栋2单元501"}, follow=True)
    assert accounts(response) == []
    assert response.context["listing"].hint
    assert find("3栋2单元501", client, grid=str(grid.pk)) == ["0281", "0284"]


def test_the_last_four_digits_of_a_number_do_in_own_grids(
    find: Callable[..., list[str]], rows: list[Subscriber], admin_user: User, client_of: Browser
) -> None:
    assert find("1234") == ["0283"]
    assert find("1234", client_of(admin_user)) == []


def test_a_number_that_people_tried_finds_its_subscriber(
    find: Callable[..., list[str]], rows: list[Subscriber], manager: User
) -> None:
    set_right(rows[0], "18800000001", manager, timezone.now())
    mark_wrong(rows[1], "18800000002", manager, timezone.now())
    assert find("18800000001") == ["0281"]
    assert find("1880000000") == ["0281", "0282"]


def test_a_project_chosen_narrows_what_is_found(find: Callable[..., list[str]], rows: list[Subscriber]) -> None:
    project = rows[2].project_id
    assert find("028", project=str(project)) == ["0283"]
    assert find("3栋2单元", project=str(project)) == ["0283"]
    assert find("翠湖", project=str(project)) == []


def test_marks_of_patterns_are_letters(find: Callable[..., list[str]], rows: list[Subscriber]) -> None:
    for words in ("%", "_", "赵%", "锦绣花园 %栋1", "\\", "'", "锦绣花园 (3"):
        assert isinstance(find(words), list)
    assert find("赵%") == find("0_8") == []


@pytest.mark.parametrize("who", ["manager", "admin_user"])
def test_more_than_a_few_are_found_all_the_same(
    request: pytest.FixtureRequest,
    find: Callable[..., list[str]],
    client_of: Browser,
    rows: list[Subscriber],
    monkeypatch: pytest.MonkeyPatch,
    who: str,
) -> None:
    monkeypatch.setattr(filters_search, "FEW", 1)
    browser = client_of(request.getfixturevalue(who))
    assert {"0281", "0282"} <= set(find("赵一", browser))
    assert {"0281", "0282", "0283", "0284"} <= set(find("028", browser))
    assert {"0281", "0282"} <= set(find("1990000000", browser))
    assert find("锦绣花园 2单元5", browser) == ["0281", "0282", "0283"]


def test_households_and_numbers_are_filters(
    find: Callable[..., list[str]], rows: list[Subscriber], manager: User
) -> None:
    settle_household(rows[0], "moved", manager, timezone.now())
    mark_wrong(rows[1], rows[1].phone, manager, timezone.now())
    mark_wrong(rows[2], "19912121212", manager, timezone.now())
    Subscriber.objects.filter(pk=rows[3].pk).update(phone="")
    assert find("", household="moved") == ["0281"]
    assert find("", household="vacant") == []
    assert find("", number="wrong") == ["0282"]
    assert find("", number="none") == ["0284"]
    assert find("028", number="none") == ["0284"]


def test_a_search_asks_as_often_in_a_large_scope_as_in_a_small_one(
    client_of: Browser, grid: Grid, rows: list[Subscriber], admin_user: User, django_assert_max_num_queries: Any
) -> None:
    client, counts = client_of(admin_user), []
    for _ in range(2):
        with django_assert_max_num_queries(30) as captured:
            client.post(reverse(LIST), {"q": "锦绣花园 3栋2单元"}, follow=True)
        counts.append(len(captured))
        for _more in range(10):
            factories.make_subscriber(factories.make_project(grid, name="锦绣花园"), address="锦绣花园3栋2单元501")
    assert counts[0] == counts[1]
