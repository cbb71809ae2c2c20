"""Every address of plans, notices and deputies is sent what no page of ours sends: never a failure."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from gridops.accounts.models import User
from tests import factories
from tests.access import TABLE, Rule
from tests.access_world import Side, make_world

FORM = "application/x-www-form-urlencoded"
PARTS = ("plans:", "notices:", "accounts:deputies", "accounts:end-deputy", "projects:daily", "desk:calendar")
NAMES = [name for name in TABLE if name.startswith(PARTS)]
VALUES = {
    "nothing": "", "null": "\0", "signs": "\ud7ff\u202e<b>'\"\\\r\n", "negative": "-1", "fraction": "1.5",
    "word": "true", "wide": "１２", "zeros": "007", "big": "9" * 19, "huge": "9" * 5_000, "long": "x" * 3_000,
    "day": "9999-12-31",
}  # fmt: skip
ASKED = (
    "month", "unit", "order", "existing", "free_ports", "unserved", "q", "tab", "found", "sort", "only", "old", "new",
    "page", "person", "grid", "day", "kind",
)  # fmt: skip
SENT = (
    "version", "reason", "back", "next", "only", "line", "text-note", "packed", "follow", "act", "base", "then",
    "decision", "unit", "known", "existing", "free_ports", "unserved", "held", "deputy", "starts_on", "ends_on", "kind",
    "last", "way", "webhook", "secret", "quiet_from", "digest_at", "done", "note", "day", "u-net_adds", "lock-u-talks",
    "goal|net_adds", "note|note", "user", "status", "state", "is_manual", "stands_in_for",
)  # fmt: skip


@pytest.fixture
def world(db: None) -> Side:
    return make_world()


def address_of(name: str, rule: Rule, world: Side) -> str:
    return reverse(name, args=rule.address(world.own) if rule.address else [])


def browser(person: User) -> Client:
    """A browser that shows failures instead of stopping at them."""
    client = factories.client_of(person)
    client.raise_request_exception = False
    return client


def send(client: Client, method: str, address: str, data: Any, kind: str = FORM) -> int:
    with transaction.atomic():
        response: Any = client.get(address, data) if method == "GET" else client.post(address, data, content_type=kind)
        transaction.set_rollback(True)
    status: int = response.status_code
    return status


@pytest.mark.parametrize("value", VALUES)
def test_crooked_questions_and_forms_are_answered(world: Side, value: str) -> None:
    text, failed = VALUES[value], []
    for name in NAMES:
        rule = TABLE[name]
        client = browser(world.people[(rule.sent_by or rule.roles)[0]])
        own = {"plan": f"{world.own.plan.pk}:{text}", f"version-{world.own.plan.pk}": text, f"plan{text}": text}
        names = [f"{world.own.project.pk}-installs", f"{world.own.grid.pk}-talks", f"step:{world.own.step.pk}|due_on"]
        data = dict.fromkeys([*SENT, *names], text) | own
        for method in rule.methods.split():
            asked = dict.fromkeys(ASKED, text)
            status = send(client, method, address_of(name, rule, world), asked if method == "GET" else urlencode(data))
            if status >= 500:
                failed.append(f"{method} {name}: {status}")
    assert not failed


@pytest.mark.parametrize(
    "cell",
    [None, 5, "x", [], {}, {"line": 5}, {"line": "note", "field": []}, {"line": "note", "field": "note", "value": 1.5},
     {"line": "step:", "field": "who", "value": "", "was": True}, {"line": "goal", "field": "version", "value": "1"},
     {"line": "share:1e3", "field": "manual", "value": "1"}, {"line": "note:1", "field": "note", "value": "1"}],
)  # fmt: skip
def test_cells_of_another_shape_are_bad_requests(world: Side, cell: Any) -> None:
    client = browser(world.own.manager)
    for name in ("plans:cells", "plans:split-cells"):
        url = reverse(name, args=[world.own.plan.pk])
        assert send(client, "POST", url, {"cells": [cell]}, "application/json") == 400
