"""Every page of a role can be read by everyone: WCAG AA by axe, on a light phone and a dark desk, none too wide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page

from desk.demo import channels_visits, facts, fill, rosters
from gridops.accounts.models import User
from tests import test_links
from tests.browser.conftest import DESK, PHONE, SignIn, fits
from tests.factories import client_of

TODAY = date(2026, 11, 24)
# Each sees what the others don't; the renewal specialist's pages are the supervisor's, and most of those the admin's.
ROLES = (rosters.ADMIN_NO, rosters.MANAGER_NOS[2], rosters.STAFF_NO, rosters.SUPERVISOR_NO)
AT_A_DESK = (rosters.SUPERVISOR_NO,)
STANDARD = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
INJECT = f"() => {{ if (!window.axe) {{ {Axe().axe_script} }} }}"
RUN = "async options => (await axe.run(options)).violations.map(one => [one.id, one.nodes[0].target])"


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


def faults_of(page: Page, where: str, options: dict[str, Any]) -> list[str]:
    """What is wrong with ``page`` as it is shown now."""
    page.evaluate(INJECT)
    faults = [f"{where}: {rule} at {target}" for rule, target in page.evaluate(RUN, options)]
    return faults if fits(page) else [*faults, f"{where}: wider than the window"]


def test_every_page_of_a_role_can_be_read_by_everyone(
    open_page: Callable[..., Page], sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    """On a light phone by who works with one; all the rest once for each view, whoever is first to see it."""
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(facts, "SUBSCRIBERS", 300)
    monkeypatch.setattr(channels_visits, "BACK", 2)
    fill.run(say=lambda _text: None, today=TODAY)
    faults, dark = [], set()
    for employee_no in ROLES:
        user = User.objects.get(employee_no=employee_no)
        pages = pages_of(client_of(user), monkeypatch)
        assert len(pages) > 4
        page = open_page(PHONE)
        sign_in(page, user)
        for view, address in pages.items():
            if employee_no in AT_A_DESK and view in dark:
                continue
            page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            page.emulate_media(color_scheme="light", reduced_motion="reduce")
            page.goto(address)
            faults += faults_of(page, f"{employee_no} {address} (light phone)", STANDARD)
            if view not in dark:
                dark.add(view)
                page.set_viewport_size(DESK)  # type: ignore[arg-type]
                page.emulate_media(color_scheme="dark")
                faults += faults_of(page, f"{employee_no} {address} (dark desk)", COLOURS)
    assert not faults, "\n".join(faults)
