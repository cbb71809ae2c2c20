"""Signing in and out, as a person does it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from gridops.accounts.models import User
from tests.browser.conftest import SignIn, fits
from tests.factories import PASSWORD


def test_a_person_signs_in_by_employee_number_and_out_again(page: Page, manager: User) -> None:
    manager.set_password(PASSWORD)
    manager.save()
    page.goto("/")
    page.locator("input[name=username]").fill(manager.employee_no)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    expect(page.locator("body")).to_contain_text(manager.name)


def test_the_first_page_fits_a_phone(phone: Page, manager: User, sign_in: SignIn) -> None:
    sign_in(phone, manager)
    phone.goto("/")
    expect(phone.locator("h1, h2").first).to_be_visible()
    assert fits(phone)
