"""A unit's figures are split over its grids while they are typed, and handed down, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from plans.models import Plan, Target, UnitTarget
from tests import factories
from tests.browser.conftest import DESK, PHONE, SignIn, fits


@pytest.fixture
def month() -> Month:
    return Month.of(timezone.localdate()).plus(1)


@pytest.fixture
def two(grid: Grid, other_grid: Grid, month: Month) -> list[Grid]:
    """Two grids with figures; the second has a plan that was drafted for 5 net adds."""
    for place, users in ((grid, 300), (other_grid, 100)):
        project = factories.make_project(place, f"P3{place.pk:05d}")
        factories.make_indicator(project, month.plus(-1), billing_users=users, ports=600, ports_used=users)
    factories.make_target(other_grid, month, net_adds=5, renewals=None)
    Plan.objects.create(grid=other_grid, month=month.first, net_adds=5, handed_down={"net_adds": "5"})
    return [grid, other_grid]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_figures_are_split_as_they_are_typed_and_handed_down(
    open_page: Callable[..., Page], sign_in: SignIn, supervisor: User, two: list[Grid], month: Month,
    viewport: dict[str, int],
) -> None:  # fmt: skip
    page, (one, other) = open_page(viewport), two
    sign_in(page, supervisor)
    page.goto(f"/plans/targets/split/?month={month}")
    first, second = page.locator(f"#id_{one.pk}-net_adds"), page.locator(f"#id_{other.pk}-net_adds")
    expect(first).to_have_js_property("readOnly", True)
    page.locator("#id_u-net_adds").fill("90")
    expect(first).not_to_have_value("")
    expect(second).not_to_have_value("5")
    assert int(first.input_value()) + int(second.input_value()) == 90

    # a figure typed by hand stays, the rest is split again at once
    first.fill("60")
    expect(page.locator(f"#lock-{one.pk}-net_adds")).to_be_checked()
    expect(second).to_have_value("30")
    page.locator("#id_u-net_adds").fill("100")
    expect(second).to_have_value("40")
    expect(first).to_have_value("60")
    # emptied it is split again
    first.fill("")
    expect(page.locator(f"#lock-{one.pk}-net_adds")).not_to_be_checked()
    second.focus()
    expect(first).not_to_have_value("")
    first.fill("60")
    expect(second).to_have_value("40")
    assert fits(page)
    assert Target.objects.filter(grid=one).count() == 0

    # the plan that was drafted for another figure is shown first; its draft follows when that is asked for
    page.locator("#split-form button[value=hand-down]").last.click()
    expect(page.locator("input[name=packed]")).to_be_attached()
    assert fits(page)
    page.locator("input[name=follow]").check()
    page.locator(".card-footer button").click()
    expect(page.locator("#targets-form")).to_be_visible()
    assert fits(page)
    assert UnitTarget.objects.get().net_adds == 100
    rows = {row.grid_id: row for row in Target.objects.all()}
    assert [(rows[grid.pk].net_adds, rows[grid.pk].by_hand) for grid in two] == [(60, ["net_adds"]), (40, [])]
    assert Plan.objects.get(grid=other).net_adds == 40


def test_the_table_adds_up_as_one_types_and_the_keys_go_down_its_columns(
    page: Page, sign_in: SignIn, supervisor: User, two: list[Grid], month: Month
) -> None:
    one, other = two
    sign_in(page, supervisor)
    page.goto(f"/plans/targets/?month={month}")
    page.locator("#id_u-talks").fill("5")
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"#id_{one.pk}-talks")).to_be_focused()
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.locator(f"#id_{other.pk}-talks")).to_be_focused()
    page.keyboard.type("1")
    expect(page.locator("[data-total=talks]")).to_have_text("3")
    expect(page.locator("[data-gap=talks]")).to_be_visible()
    page.keyboard.type("2")
    expect(page.locator("[data-gap=talks]")).to_be_visible()
    page.locator(f"#id_{other.pk}-talks").fill("3")
    expect(page.locator("[data-gap=talks]")).to_be_hidden()
    expect(page.locator("[data-even=talks]")).to_be_visible()
