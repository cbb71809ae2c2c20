"""The plan printed by a real Chromium: A4, nothing beyond the paper's width, no navigation."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gridops.accounts.models import Grid, User
from plans.models import Plan
from tests.browser.conftest import SignIn, fits
from tests.plans.papers import filled_plan

A4_POINTS = (595, 842)
PRINTABLE_PX = 703  # A4 less twice 12 mm, at 96 dots an inch
UNBROKEN = "https://example.org/" + "x" * 300


@pytest.fixture
def plan(grid: Grid, manager: User) -> Plan:
    """As large as they come, with a text that has no place to break."""
    return filled_plan(grid, manager, projects=60, steps=25, note=UNBROKEN)


def test_a_large_plan_is_printed_on_a4_without_losing_anything_at_the_side(
    page: Page, sign_in: SignIn, manager: User, plan: Plan
) -> None:
    sign_in(page, manager)
    page.goto(f"/plans/{plan.pk}/paper/")
    expect(page.locator("[data-print]")).to_be_visible()

    page.emulate_media(media="print")
    page.set_viewport_size({"width": PRINTABLE_PX, "height": 1000})
    assert fits(page)
    wide = "e => e.filter(x => x.getBoundingClientRect().right > innerWidth + 1 || x.scrollWidth > x.clientWidth + 1)"
    assert page.locator(".paper *:not(tr, tbody, thead, br, span)").evaluate_all(f"{wide}.map(x => x.outerHTML)") == []
    for gone in (".sidebar", ".topbar", ".page-head", ".section-tabs", "[data-print]"):
        expect(page.locator(gone).first).to_be_hidden()

    pdf = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", pdf)
    assert {(round(float(width)), round(float(height))) for width, height in boxes} == {A4_POINTS}
    # four parts, each on a page of its own; so many rows can't take more
    assert 6 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 14


def test_rows_stay_whole_and_headers_come_again(page: Page, sign_in: SignIn, manager: User, plan: Plan) -> None:
    sign_in(page, manager)
    page.goto(f"/plans/{plan.pk}/paper/")
    page.emulate_media(media="print")
    styles = "e => [...new Set(e.map(x => getComputedStyle(x)[%r]))]"
    assert page.locator(".paper tr").evaluate_all(styles % "breakInside") == ["avoid"]
    assert page.locator(".paper thead").evaluate_all(styles % "display") == ["table-header-group"]
    assert page.locator(".paper-part + .paper-part").evaluate_all(styles % "breakBefore") == ["page"]


def test_it_is_printed_black_on_white_from_a_dark_screen_too(
    page: Page, sign_in: SignIn, manager: User, plan: Plan
) -> None:
    page.emulate_media(color_scheme="dark", media="print")
    sign_in(page, manager)
    page.goto(f"/plans/{plan.pk}/paper/")
    found = page.locator(".paper").evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]")
    assert found == ["rgb(17, 17, 17)", "rgb(255, 255, 255)"]
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_the_paper_can_be_read_on_a_phone(phone: Page, sign_in: SignIn, manager: User, plan: Plan) -> None:
    sign_in(phone, manager)
    phone.goto(f"/plans/{plan.pk}/paper/")
    expect(phone.locator(".paper-title").first).to_be_visible()
    assert fits(phone)


@pytest.fixture
def press(page: Page) -> Callable[[], int]:
    """Presses the button; how often the browser was asked to print."""

    def pressed() -> int:
        page.evaluate("() => { window.asked = 0; window.print = () => { window.asked += 1; }; }")
        page.locator("[data-print]").click()
        return int(page.evaluate("window.asked"))

    return pressed


def test_the_button_prints(page: Page, sign_in: SignIn, manager: User, plan: Plan, press: Callable[[], int]) -> None:
    sign_in(page, manager)
    page.goto(f"/plans/{plan.pk}/paper/")
    assert press() == 1
