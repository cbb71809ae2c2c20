"""Every link that a page shows leads somewhere: walked from the first page through the demo, in every role."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve

from desk.demo import channels_visits, facts, fill, rosters
from gridops.accounts.models import User
from tests.factories import client_of

TODAY = date(2026, 11, 24)
PAGES_PER_VIEW = 2
EVERYBODY = {
    "admin": rosters.ADMIN_NO,
    "supervisor": rosters.SUPERVISOR_NO,
    "renewal specialist": rosters.SPECIALIST_NO,
    "grid manager": rosters.MANAGER_NOS[0],
    "another grid manager": rosters.MANAGER_NOS[1],
    "agent staff": rosters.STAFF_NO,
}


class Links(HTMLParser):
    """The addresses that a page leads to or fetches by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and ((tag == "a" and name == "href") or name == "hx-get"):
                self.found.append(value)


def links_of(page: str, at: str) -> Iterator[str]:
    """Addresses of this site on ``page``."""
    parser = Links()
    parser.feed(page)
    for link in parser.found:
        address = urldefrag(urljoin(at, link)).url
        if (
            not urlsplit(address).netloc
            and address.startswith("/")
            and not address.startswith(f"/{settings.STATIC_URL}")
        ):
            yield address


def view_of(address: str) -> str:
    """What answers there; an address that nothing answers is its own."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return address


def walk(client: Client) -> tuple[dict[str, str], Counter[str]]:
    """Follow links from the first page. Bad answers with where the link stood, and how often each view was seen."""
    todo, seen, bad = [("/", "")], {"/"}, {}
    visits: Counter[str] = Counter()
    while todo:
        address, came_from = todo.pop(0)
        view = view_of(address)
        if visits[view] >= PAGES_PER_VIEW:
            continue
        visits[view] += 1
        answer: Any = client.get(address, follow=True)
        if answer.status_code != 200:
            bad[address] = f"{answer.status_code}, linked from {came_from}"
        if answer.status_code == 200 and answer.headers.get("Content-Type", "").startswith("text/html"):
            for link in links_of(answer.content.decode(), address):
                if link not in seen:
                    seen.add(link)
                    todo.append((link, address))
    return bad, visits


@pytest.mark.django_db(transaction=True)
def test_every_link_that_a_role_is_shown_leads_somewhere(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(facts, "SUBSCRIBERS", 600)
    monkeypatch.setattr(channels_visits, "BACK", 2)
    fill.run(say=lambda _text: None, today=TODAY)
    bad: dict[str, dict[str, str]] = {}
    for role, employee_no in EVERYBODY.items():
        wrong, visits = walk(client_of(User.objects.get(employee_no=employee_no)))
        assert len(visits) > 3, f"{role} is shown next to nothing"
        if wrong:
            bad[role] = wrong
    assert not bad
