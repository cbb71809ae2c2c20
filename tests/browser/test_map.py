"""The map in a real browser: dots drawn, found under the pointer, placed by a click; on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from projects.models import Project, Prospect
from projects.services_ledgers import touch
from tests import factories
from tests.browser.conftest import SignIn, fits

COLOURED = """() => {
  const canvas = document.getElementById("map-canvas");
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let found = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    const [red, green, blue] = pixels.slice(at, at + 3);
    found += Math.max(red, green, blue) - Math.min(red, green, blue) > 60 && pixels[at + 3] > 200;
  }
  return found;
}"""


@pytest.fixture
def placed(grid: Grid) -> list[Project]:
    """Twelve projects in a lattice, 200 m apart, with figures of this month; the first has none."""
    rows = factories.make_projects(grid, 12)
    for number, row in enumerate(rows):
        row.longitude = Decimal("104.080000") + (number % 4) * Decimal("0.002")
        row.latitude = Decimal("30.650000") + (number // 4) * Decimal("0.002")
        row.save()
    this = Month.of(timezone.localdate())
    for number, row in enumerate(rows[1:]):
        factories.make_indicator(row, this, ports_used=20 + 30 * number)
    return rows


@pytest.fixture
def open_map(manager: User, sign_in: SignIn) -> Callable[..., None]:
    """``open_map(page)``: as the grid's manager, with everything drawn."""

    def go(page: Page, query: str = "") -> None:
        sign_in(page, manager)
        page.goto(f"/projects/map/{query}")
        drawn(page)

    return go


def drawn(page: Page) -> None:
    expect(page.locator("#map-canvas[data-ready][data-drawn]")).to_be_visible()


def centre(page: Page) -> tuple[float, float]:
    box = page.locator("#map-canvas").bounding_box()
    assert box
    return box["width"] / 2, box["height"] / 2


def test_every_dot_is_drawn_in_colour(page: Page, open_map: Callable[..., None], placed: list[Project]) -> None:
    open_map(page)
    expect(page.locator("#map-canvas")).to_have_attribute("data-drawn", "12")
    assert page.evaluate(COLOURED) > 500
    expect(page.locator(".map-legend-line")).to_have_count(6)


def test_zooming_shows_fewer_and_show_all_brings_them_back(
    page: Page, open_map: Callable[..., None], placed: list[Project]
) -> None:
    open_map(page)
    canvas = page.locator("#map-canvas")
    for _ in range(4):
        page.locator("[data-map=in]").click()
    expect(canvas).not_to_have_attribute("data-drawn", "12")
    page.locator("[data-map=fit]").click()
    expect(canvas).to_have_attribute("data-drawn", "12")
    canvas.focus()
    for key in ("+", "+", "+", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    expect(canvas).not_to_have_attribute("data-drawn", "12")
    page.keyboard.press("0")
    expect(canvas).to_have_attribute("data-drawn", "12")
    canvas.hover()
    page.mouse.wheel(0, -2_000)
    expect(canvas).not_to_have_attribute("data-drawn", "12")


def test_a_dot_says_its_name_and_figures_and_leads_to_its_project(
    page: Page, open_map: Callable[..., None], placed: list[Project]
) -> None:
    open_map(page)
    canvas, shown = page.locator("#map-canvas"), page.locator("#map-chosen")
    page.locator(f"[data-map-show='{placed[5].pk}']").click()
    expect(shown).to_contain_text(placed[5].name)
    shown.locator("[data-map=close]").click()
    expect(shown).to_be_hidden()
    x, y = centre(page)
    canvas.hover(position={"x": x, "y": y})
    expect(page.locator("#map-tip")).to_contain_text(placed[5].name)
    canvas.click(position={"x": x, "y": y})
    expect(shown.get_by_role("link", name=placed[5].name)).to_have_attribute("href", f"/projects/{placed[5].pk}/")
    expect(shown.locator("dt")).to_have_count(7)


def test_dots_that_lie_over_each_other_are_listed(
    page: Page, open_map: Callable[..., None], placed: list[Project], grid: Grid
) -> None:
    Project.objects.filter(pk=placed[6].pk).update(longitude=placed[5].longitude, latitude=placed[5].latitude)
    Prospect.objects.create(grid=grid, name="滨江二期", longitude=placed[5].longitude, latitude=placed[5].latitude)
    open_map(page)
    page.locator(f"[data-map-show='{placed[5].pk}']").click()
    x, y = centre(page)
    page.locator("#map-canvas").click(position={"x": x, "y": y})
    for name in (placed[5].name, placed[6].name, "滨江二期"):
        expect(page.locator("#map-chosen")).to_contain_text(name)


def test_a_project_is_placed_by_a_click_and_put_back(
    page: Page, open_map: Callable[..., None], placed: list[Project], project: Project
) -> None:
    open_map(page)
    page.locator(".map-unplaced").get_by_role("link", name=project.name).click()
    expect(page.locator("#map-place")).to_be_visible()
    drawn(page)
    x, y = centre(page)
    page.locator("#map-canvas").click(position={"x": x, "y": y})
    expect(page.locator("#id_longitude")).to_have_value("104.083000")
    page.locator("#map-place .btn-primary").click()
    expect(page.locator(".map-undo")).to_be_visible()
    project.refresh_from_db()
    assert project.longitude is not None
    assert abs(project.longitude - Decimal("104.083")) < Decimal("0.00002")
    expect(page.locator("#map-canvas")).to_have_attribute("data-dots", "13")
    page.locator(".map-undo button").click()
    expect(page.locator("#map-canvas")).to_have_attribute("data-dots", "12")
    project.refresh_from_db()
    assert project.longitude is None


def test_on_a_phone_the_map_is_as_wide_as_the_page_and_a_tap_finds(
    phone: Page, open_map: Callable[..., None], placed: list[Project]
) -> None:
    open_map(phone)
    assert fits(phone)
    box = phone.locator("#map-canvas").bounding_box()
    assert box
    assert box["width"] > 350
    assert 0.5 < box["height"] / 844 < 0.65
    expect(phone.locator("#map-canvas")).to_have_attribute("data-drawn", "12")
    phone.locator(f"[data-map-show='{placed[5].pk}']").click()
    phone.locator("[data-map=close]").click()
    x, y = centre(phone)
    phone.locator("#map-canvas").tap(position={"x": x + 8, "y": y})
    expect(phone.locator("#map-chosen")).to_contain_text(placed[5].name)


def test_five_thousand_dots_are_drawn_smoothly(page: Page, open_map: Callable[..., None], grid: Grid) -> None:
    rows = factories.make_projects(grid, 5_000)
    for number, row in enumerate(rows):
        row.longitude = Decimal("104.0") + (number % 71) * Decimal("0.002")
        row.latitude = Decimal("30.6") + (number // 71) * Decimal("0.002")
    Project.objects.bulk_update(rows, ["longitude", "latitude"], batch_size=500)
    factories.make_indicators(rows, Month.of(timezone.localdate()))
    open_map(page)
    expect(page.locator("#map-canvas")).to_have_attribute("data-drawn", "5000")
    frames = page.evaluate(
        """() => new Promise((done) => {
          const canvas = document.getElementById("map-canvas");
          const began = performance.now();
          let count = 0;
          const next = () => {
            if (count === 20) {
              done((performance.now() - began) / count);
              return;
            }
            count += 1;
            canvas.dispatchEvent(new KeyboardEvent("keydown", { key: count % 2 ? "ArrowLeft" : "ArrowRight" }));
            requestAnimationFrame(next);
          };
          requestAnimationFrame(next);
        })"""
    )
    assert frames < 150  # on a machine without a graphics card that does other work besides


def test_ledgers_are_found_right_from_the_page(
    page: Page, sign_in: SignIn, manager: User, placed: list[Project]
) -> None:
    touch([placed[0].pk], "basics", manager, "imported", timezone.now() - timedelta(days=45))
    sign_in(page, manager)
    page.goto("/projects/freshness/")
    first = page.locator("#list tbody tr").first
    first.locator("td").nth(2).get_by_role("button").click()
    expect(page.locator(".alert-success")).to_be_visible()
    expect(first.locator("td").nth(2).get_by_role("button")).to_have_count(0)
    page.locator("[data-tick-all]").check()
    page.locator("#bulk-ledger").select_option("rivals")
    page.locator(".freshness-bulk button").click()
    expect(page.locator(".alert-success")).to_contain_text("12")
    expect(page.locator("#list tbody tr td:nth-child(5) button")).to_have_count(0)
