"""Every page of a role can be read by everyone: WCAG AA by axe, on a light phone and a dark desk, none too wide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page

from desk.demo import facts, fill, rosters
from gridops.accounts.models import User
from tests import test_links
from tests.browser.conftest import DESK, PHONE, SignIn, fits
from tests.factories import client_of

TODAY = date(2026, 11, 24)
SCHEMES: tuple[tuple[Literal["light", "dark"], dict[str, int]], ...] = (("light", PHONE), ("dark", DESK))
STANDARD = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


def pages_of(client: Client, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """One page of each view that the role's links lead to, by the view, downloads apart."""
    monkeypatch.setattr(test_links, "PAGES_PER_VIEW", 1)
    seen: dict[str, str] = {}
    answered = client.get

    def get(address: str, **extra: Any) -> Any:
        answer = answered(address, **extra)
        html = answer.headers.get("Content-Type", "").startswith("text/html") and b"<html" in answer.content
        if html:
            seen.setdefault(test_links.view_of(address), address)
        return answer

    monkeypatch.setattr(client, "get", get)
    test_links.walk(client)
    return seen


# An admin's pages are those that nobody else has; what a supervisor sees is the same for an admin.
@pytest.mark.parametrize(
    ("employee_no", "without"),
    [(rosters.ADMIN_NO, rosters.SUPERVISOR_NO), (rosters.SUPERVISOR_NO, ""), (rosters.MANAGER_NOS[2], "")],
)
def test_every_page_of_a_role_can_be_read_by_everyone(
    employee_no: str,
    without: str,
    open_page: Callable[..., Page],
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    tmp_path: Any,
) -> None:
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(facts, "SUBSCRIBERS", 300)
    fill.run(say=lambda _text: None, today=TODAY)
    user = User.objects.get(employee_no=employee_no)
    pages = pages_of(client_of(user), monkeypatch)
    others = pages_of(client_of(User.objects.get(employee_no=without)), monkeypatch) if without else {}
    addresses = [address for view, address in pages.items() if view not in others]
    assert len(addresses) > 8

    faults = []
    for scheme, viewport in SCHEMES:
        page = open_page(viewport)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        sign_in(page, user)
        for address in addresses:
            page.goto(address)
            if not fits(page):
                faults.append(f"{address} ({scheme}): wider than the window")
            found = Axe().run(page, options=STANDARD).response["violations"]
            faults += [f"{address} ({scheme}): {one['id']} at {one['nodes'][0]['target']}" for one in found]
    assert not faults, "\n".join(faults)
