"""What people write is shown as they wrote it: no page takes it for markup."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from projects.models import Operator
from tests import factories
from tests.browser.conftest import SignIn
from tests.projects.cells import this_month

MARKUP = '<b id="pwn">x</b>'  # no longer than an operator's name
PAGES = (
    "/projects/ledgers/basics/",
    "/projects/ledgers/indicators/",
    "/projects/ledgers/rivals/",
    "/projects/ledgers/rivals/{}/",
    "/projects/{}/rivals/",
    "/projects/rivals/",
    "/projects/map/",
    "/projects/analysis/",
    "/projects/{}/analysis/",
    "/projects/freshness/",
    "/projects/prospects/",
)


@pytest.mark.browser
def test_markup_in_names_and_texts_stays_text(page: Page, sign_in: SignIn, grid: Grid, manager: User) -> None:
    project = factories.make_project(
        grid, "P300001", name=MARKUP, property_rebate=MARKUP, longitude="104.066541", latitude="30.572269"
    )
    Operator.objects.filter(pk=Operator.objects.earliest("position").pk).update(name=MARKUP)
    factories.make_offer(project, Operator.objects.get(name=MARKUP), MARKUP)
    factories.make_prospect(grid, MARKUP, next_step=MARKUP)
    months: list[Month] = [this_month().plus(-back) for back in range(3)]
    factories.make_indicators([project], *months, ports=400, ports_used=80, billing_users=100)
    sign_in(page, manager)
    for address in PAGES:
        page.goto(address.format(project.pk), wait_until="load")
        if "/ledgers/" in address and "{}" not in address:
            expect(page.locator("#ledger-screen[data-ready=yes]")).to_be_visible()
        assert page.locator("#pwn").count() == 0, address
        assert MARKUP in page.locator("body").inner_text() or "map" in address or "analysis" in address, address
