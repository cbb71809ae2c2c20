"""Lists as a person uses them: search while typing, filters, a number revealed, two editors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from gridops.accounts.models import AccessRecord, User
from projects.models import Project
from renewals.models import Subscriber
from tests import factories
from tests.browser.conftest import PHONE, SignIn, fits


@pytest.fixture
def subscribers(project: Project) -> list[Subscriber]:
    """Sixty who expire one after the other, the first tomorrow."""
    day = timezone.localdate()
    return [
        factories.make_subscriber(project, f"0280{n:04d}", phone=f"199000{n:05d}", expires_on=day + timedelta(days=n))
        for n in range(1, 61)
    ]


def test_search_filter_sort_page_and_back_keep_the_list_and_its_address_together(
    page: Page, manager: User, sign_in: SignIn, subscribers: list[Subscriber]
) -> None:
    Subscriber.objects.filter(account__in=["02800007", "02800008"]).update(status="suspended")
    sign_in(page, manager)
    page.goto("/renewals/subscribers/")
    rows = page.locator("#list tbody tr")
    expect(rows).to_have_count(50)
    expect(rows.first).to_contain_text("02800001")

    page.locator("input[name=q]").press_sequentially(subscribers[41].phone)
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("02800042")
    assert subscribers[41].phone not in page.url
    page.locator(".list-chip").click()
    expect(rows).to_have_count(50)

    page.locator("select[name=status]").select_option("suspended")
    expect(rows).to_have_count(2)
    assert "status=suspended" in page.url
    page.locator("select[name=status]").select_option("")
    expect(rows).to_have_count(50)
    page.locator("th a.list-sort").last.click()
    expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    expect(rows.first).to_contain_text("02800060")
    page.locator("a[rel=next]").click()
    expect(rows).to_have_count(10)
    page.go_back()
    expect(rows).to_have_count(50)
    expect(page.locator("h1")).to_have_count(1)


def test_a_number_is_shown_in_place_and_the_look_is_recorded(
    page: Page, manager: User, sign_in: SignIn, subscribers: list[Subscriber]
) -> None:
    sign_in(page, manager)
    page.goto("/renewals/subscribers/")
    first = page.locator("#list .phone").first
    expect(first).not_to_contain_text(subscribers[0].phone)
    first.locator("button").click()
    expect(first.locator("a")).to_have_attribute("href", f"tel:{subscribers[0].phone}")
    assert AccessRecord.objects.get().subject == f"renewals.subscriber:{subscribers[0].pk}"


def test_the_second_of_two_editors_saves_on_top_and_loses_nothing(
    open_page: Callable[..., Page], manager: User, supervisor: User, sign_in: SignIn, project: Project
) -> None:
    mine, theirs = open_page(), open_page()
    for window, user in ((mine, manager), (theirs, supervisor)):
        sign_in(window, user)
        window.goto(f"/projects/{project.pk}/edit/")
    theirs.locator("[name=address]").fill("主管写的地址")
    theirs.locator("[name=save]").click()
    expect(theirs.locator("h1")).to_have_text(project.name)

    mine.locator("[name=address]").fill("经理写的地址")
    mine.locator("[name=save]").click()
    conflict = mine.get_by_role("alert")
    for text in ("主管写的地址", "经理写的地址", supervisor.name):
        expect(conflict).to_contain_text(text)
    expect(mine.locator("[name=address]")).to_have_value("经理写的地址")
    mine.locator("[name=save]").click()
    expect(mine.locator("h1")).to_have_text(project.name)
    project.refresh_from_db()
    assert (project.address, project.version) == ("经理写的地址", 3)


def test_without_scripts_lists_searches_and_reveals_work_all_the_same(
    page: Page, manager: User, sign_in: SignIn, subscribers: list[Subscriber]
) -> None:
    page.route("**/*.js*", lambda route: route.abort())
    sign_in(page, manager)
    page.goto("/renewals/subscribers/")
    page.locator("input[name=q]").fill("02800033")
    page.locator("form[role=search] button").click()
    expect(page.locator("#list tbody tr")).to_have_count(1)
    page.locator("#list .phone button").click()
    expect(page.locator("dl .phone a")).to_have_attribute("href", f"tel:{subscribers[32].phone}")


@pytest.mark.parametrize("path", ["/projects/", "/renewals/subscribers/", "/channels/agents/", "/channels/outlets/"])
def test_lists_fit_a_phone(
    open_page: Callable[..., Page],
    admin_user: User,
    sign_in: SignIn,
    subscribers: list[Subscriber],
    path: str,
) -> None:
    window = open_page(PHONE)
    sign_in(window, admin_user)
    window.goto(path)
    expect(window.locator("#list")).to_be_visible()
    assert fits(window)
