"""The bell and what a person chooses about being reached, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from gridops.accounts.models import User
from gridops.notices.models import Notice, Reach
from gridops.notices.registry import notice_kind
from gridops.notices.services import notify
from tests.browser.conftest import DESK, PHONE, SignIn, fits
from tests.browser.test_accessibility import STANDARD

KIND = notice_kind("tests.browser", "Kind of a test")


@pytest.fixture(params=[(DESK, "dark"), (PHONE, "light")], ids=["dark desk", "light phone"])
def page(request: pytest.FixtureRequest, open_page: Callable[..., Page]) -> Page:
    viewport, scheme = request.param
    page = open_page(viewport)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    return page


@pytest.fixture
def person(manager: User) -> User:
    User.objects.filter(pk=manager.pk).update(language="en", email="g0001@example.cn")
    manager.refresh_from_db()
    return manager


def readable(page: Page) -> None:
    """Narrow enough, and nothing that axe objects to."""
    assert fits(page)
    assert not [fault["id"] for fault in Axe().run(page, options=STANDARD).response["violations"]]


def test_the_bell_leads_to_what_is_unread_and_is_silent_afterwards(page: Page, sign_in: SignIn, person: User) -> None:
    for key in ("1", "2", "3"):
        notify([person], KIND, key, lambda: ("Something happened", "What, and why.\nAnd what to do."), "/projects/")
    sign_in(page, person)
    page.goto("/")
    bell = page.get_by_role("link", name="3 unread notices")
    expect(bell).to_be_visible()
    box = bell.bounding_box()
    assert box
    assert box["height"] >= 24
    bell.click()
    expect(page.get_by_role("heading", name="Notices")).to_be_visible()
    readable(page)
    page.get_by_role("link", name="Something happened").first.click()
    expect(page).to_have_url("/projects/")
    expect(page.get_by_role("link", name="2 unread notices")).to_be_visible()
    page.goto("/notices/")
    page.get_by_role("button", name="Mark as read: Something happened").first.click()
    expect(page.get_by_role("link", name="1 unread notice")).to_be_visible()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("link", name="Notices, none unread")).to_be_visible()
    expect(page.get_by_text("unread", exact=True)).to_have_count(0)
    assert not Notice.objects.unread().exists()


def test_a_person_chooses_what_reaches_them(page: Page, sign_in: SignIn, person: User) -> None:
    sign_in(page, person)
    page.goto("/profile/")
    page.get_by_role("link", name="What reaches me, and how").click()
    readable(page)
    page.get_by_label("Kind of a test: e-mail").uncheck()
    page.get_by_label("address of the webhook").fill("file:///etc/passwd")
    page.get_by_label("Quiet from").fill("22:00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("can be told.")).to_be_visible()
    readable(page)
    page.get_by_label("address of the webhook").fill("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abcd-1234")
    page.get_by_label("By webhook").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("WeCom robot …1234")).to_be_visible()
    expect(page.get_by_label("address of the webhook")).to_have_value("")
    expect(page.get_by_label("Kind of a test: e-mail")).not_to_be_checked()
    reach = Reach.objects.get()
    assert (reach.webhook, reach.webhook_on, reach.muted) == ("wecombot://abcd-1234", True, {KIND: ["email"]})
    assert str(reach.quiet_from) == "22:00:00"
