"""The week and the round in a browser: a call kept in a tap, a stop dragged to its place."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from channels.models import Call, RoundStop
from gridops.accounts.models import Grid, User
from tests import factories
from tests.browser.conftest import SignIn, fits


def test_a_call_is_recorded_from_its_row_and_a_stop_is_dragged(
    page: Page, grid: Grid, manager: User, sign_in: SignIn
) -> None:
    shops = [factories.make_outlet(grid, f"W{n}", phone="19900001111") for n in range(3)]
    sign_in(page, manager)
    page.goto("/channels/week/")
    row = page.locator(f"#outlet-{shops[0].pk}")
    row.locator("[data-week-call] button").click()
    expect(row.locator("[data-number]")).to_have_attribute("href", "tel:19900001111")
    row.locator("[name=reached][value=yes]").click()
    expect(row.locator("[data-calls-count]")).to_have_text("1")
    assert list(Call.objects.values_list("outlet", "reached")) == [(shops[0].pk, True)]

    page.goto("/channels/round/")
    for shop in shops:
        page.locator(f"[name=add][value='{shop.pk}']").click()
        expect(page.locator(f"li[data-outlet='{shop.pk}']")).to_be_visible()
    assert fits(page)
    grips = page.locator("[data-grip]")
    grips.nth(2).hover()
    page.mouse.down()
    grips.nth(0).hover(force=True)
    page.mouse.up()
    expect(page.locator("li[data-outlet]").first).to_have_attribute("data-outlet", str(shops[2].pk))
    page.wait_for_load_state("networkidle")
    kept = RoundStop.objects.order_by("position").values_list("outlet", flat=True)
    assert list(kept) == [shops[2].pk, shops[0].pk, shops[1].pk]
