"""Input against output is reckoned as it is typed, to the same cent as the server reckons it (P5)."""

from __future__ import annotations

from decimal import Decimal

from playwright.sync_api import Page, expect

from channels.models import Agent, Weighing
from channels.rules_weighing import Case, Line, as_json
from gridops.accounts.models import Unit, User
from gridops.common.months import Month
from tests.browser.conftest import SignIn, fits
from tests.factories_channels import make_weighing

LINES = (Line("new_install", 0, 500, Decimal("49.95"), 7), Line("renewal", rate=Decimal("15.5"), count=3))


def shown(page: Page) -> list[str]:
    """Every result on the page."""
    return page.locator("[data-result], [data-what-now], [data-what-then]").all_inner_texts()


def test_the_script_reckons_as_the_server_does(
    phone: Page, sign_in: SignIn, agent_staff_user: User, agent: Agent, unit: Unit
) -> None:
    cases = [as_json(Case("现状", people=Decimal("1.5"), lines=LINES)), as_json(Case("多卖", lines=LINES))]
    weighing = make_weighing(agent, unit, agent_staff_user, month=Month(2026, 11).first, cases=cases)
    sign_in(phone, agent_staff_user)
    phone.goto(f"/channels/weighings/{weighing.pk}/")
    typed = {
        "c0-wage": "3,333.33",
        "c0-rent": "１２００",
        "c1-count-0": "1000",
        "c1-spent": "0.05",
        "what_value": "0.5",
    }
    for name, text in typed.items():
        phone.locator(f"[name={name}]").fill(text)
    expect(phone.locator("[data-result='c0:wages']")).to_have_text("5,000.00")
    by_script = shown(phone)
    phone.locator("button[value=reckon]").first.evaluate("button => button.click()")
    expect(phone.get_by_role("status").first).to_be_visible()
    assert shown(phone) == by_script
    assert fits(phone)
    phone.locator("[name=c0-rent]").fill("x")
    expect(phone.locator("[data-result='c0:cost']")).to_have_text("—")
    phone.locator("[name=c0-rent]").fill("1200")
    phone.locator("button[value=save]").first.click()
    expect(phone.locator(".weighing-table")).to_be_visible()
    weighing = Weighing.objects.get(version=2)
    assert [weighing.cases[0]["wage"], weighing.cases[1]["lines"][0]["count"]] == ["3333.33", 1000]
