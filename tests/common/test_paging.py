"""Keyset paging: any order, both ways, with and without values, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.http import QueryDict

from gridops.common.paging import Order, Page, Token, paginate
from projects.models import Project
from renewals.models import Subscriber
from tests import factories

SIZE = 7
ORDERS = [Order("account"), Order("account", True), Order("expires_on"), Order("expires_on", True)]


@pytest.fixture
def rows(project: Project) -> list[Subscriber]:
    """Thirty, with equal dates and with none."""
    start = date(2026, 12, 1)
    days = [start + timedelta(days=n // 3) if n % 5 else None for n in range(30)]
    return [factories.make_subscriber(project, f"028{n:08d}", expires_on=day) for n, day in enumerate(days)]


def page(order: Order, **params: str) -> Page[Subscriber]:
    return paginate(Subscriber.objects.all(), order, params, size=SIZE)


def expected(rows: list[Subscriber], order: Order) -> list[int]:
    valued = [row for row in rows if getattr(row, order.column) is not None]
    empty = [row for row in rows if getattr(row, order.column) is None]
    valued.sort(key=lambda row: (getattr(row, order.column), row.pk), reverse=order.descending)
    empty.sort(key=lambda row: row.pk, reverse=order.descending)
    return [row.pk for row in valued + empty]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.text)
def test_walking_forward_shows_every_row_once_in_order_and_rows_without_a_value_last(
    rows: list[Subscriber], order: Order
) -> None:
    seen, now = [], page(order)
    while True:
        seen += [row.pk for row in now.rows]
        if not now.next:
            break
        now = page(order, after=now.next)
    assert seen == expected(rows, order)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.text)
def test_walking_back_shows_the_same_pages(rows: list[Subscriber], order: Order) -> None:
    forward = [page(order)]
    while forward[-1].next:
        forward.append(page(order, after=forward[-1].next))
    now = forward[-1]
    for earlier in reversed(forward[:-1]):
        assert now.previous
        now = page(order, before=now.previous)
        assert [row.pk for row in now.rows] == [row.pk for row in earlier.rows]
    assert not now.previous


@pytest.mark.parametrize(
    "bad",
    [
        "x",
        "1:",
        "1:2026-13-40",
        "1:yesterday",
        "1;2026-12-01",
        "9999999999999999999999",
        "1:2026-12-01\x00",
        "-1",
        " 1",
    ],
)
def test_a_token_that_is_none_shows_the_first_page(rows: list[Subscriber], bad: str) -> None:
    order = Order("expires_on")
    assert page(order, after=bad).rows == page(order).rows
    assert page(order, before=bad).rows == page(order).rows


def test_a_token_survives_its_row(rows: list[Subscriber]) -> None:
    order = Order("account")
    first = page(order)
    first.rows[-1].delete()
    assert [row.account for row in page(order, after=first.next).rows] == [f"028{n:08d}" for n in range(7, 14)]


def test_a_token_travels_through_an_address() -> None:
    token = Token(12, date(2026, 12, 1))
    sent = QueryDict(mutable=True)
    sent["after"] = str(token)
    assert Token.read(QueryDict(sent.urlencode())["after"], Order("expires_on"), Subscriber) == token
    assert Token.read("12", Order("account"), Subscriber) is None
