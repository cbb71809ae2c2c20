"""What a ledger keeps when its filters change, when others write meanwhile and when the window is left."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, expect

from gridops.accounts.models import Grid, User
from projects.models import Project
from tests import factories
from tests.browser.conftest import DESK, SignIn
from tests.browser.test_ledgers import BASICS, PASTE, all_saved, cell, open_ledger, state, stored, type_into


@pytest.fixture
def projects(grid: Grid) -> list[Project]:
    """Three projects with 100, 1,200 and 3,000 ports."""
    return [
        factories.make_project(grid, f"P30000{n}", name=f"锦绣花园{n}期", ports=ports, households=None)
        for n, ports in ((1, 100), (2, 1200), (3, 3000))
    ]


def staying(page: Page) -> list[str]:
    """Whoever is asked whether to leave stays; what was asked is in the list."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    return asked


def filter_of(page: Page, field: str, text: str, rows: int) -> None:
    box = page.locator(f'.tabulator-col[tabulator-field="{field}"] .tabulator-header-filter input')
    box.fill("")
    box.press_sequentially(text)
    expect(page.locator(".tabulator-row[data-row]")).to_have_count(rows)


def test_an_undo_of_a_row_that_a_filter_covers_says_so_and_the_next_key_goes_into_a_row_in_sight(
    page: Page, sign_in: SignIn, manager: User, projects: list[Project]
) -> None:
    sign_in(page, manager)
    open_ledger(page)
    type_into(page, projects[0], "households", "80")
    all_saved(page)
    filter_of(page, "ports", "≥ 1,000", 2)

    page.locator("[data-undo]").click()
    expect(page.locator("[data-notice]")).to_have_class(re.compile("is-warning"))
    page.keyboard.type("77")
    page.keyboard.press("Enter")
    all_saved(page)

    assert stored(projects[0], "households") is None
    assert [stored(projects[0], name) for name in ("ports", "address")] == [100, projects[0].address]


def test_a_cell_is_chosen_again_when_rows_come_back(
    page: Page, sign_in: SignIn, manager: User, projects: list[Project]
) -> None:
    sign_in(page, manager)
    open_ledger(page)

    filter_of(page, "name", "没有", 0)
    expect(page.locator(".is-active")).to_have_count(0)
    filter_of(page, "name", "花园", 3)
    expect(page.locator(".is-active")).to_have_count(1)


def test_whoever_leaves_while_a_cell_is_open_is_asked_and_it_is_saved(
    page: Page, sign_in: SignIn, manager: User, projects: list[Project]
) -> None:
    sign_in(page, manager)
    open_ledger(page)
    asked = staying(page)

    cell(page, projects[0], "ports").click()
    page.keyboard.type("444")
    page.locator("#month-shown").evaluate("input => { input.value = '2020-01'; location.href = '/'; }")

    all_saved(page)
    assert asked == ["beforeunload"]
    assert page.url.endswith(BASICS)
    expect(page.locator("#month-shown")).not_to_have_value("2020-01")
    assert stored(projects[0], "ports") == 444


def test_an_undo_after_taking_theirs_does_not_write_over_theirs(
    open_page: Callable[..., Page], sign_in: SignIn, manager: User, supervisor: User, projects: list[Project]
) -> None:
    mine, theirs = open_page(DESK), open_page(DESK)
    sign_in(mine, manager)
    sign_in(theirs, supervisor)
    open_ledger(mine)
    open_ledger(theirs)
    type_into(theirs, projects[0], "ports", "111")
    all_saved(theirs)
    type_into(mine, projects[0], "ports", "222")
    expect(state(mine)).to_have_attribute("data-state", "fault")
    cell(mine, projects[0], "ports").click()
    mine.locator("[data-act=take_theirs]").click()
    expect(cell(mine, projects[0], "ports").locator(".cell-text")).to_have_text("111")

    mine.keyboard.press("Control+z")
    expect(cell(mine, projects[0], "ports")).to_have_class(re.compile("is-conflict"))
    assert stored(projects[0], "ports") == 111


def test_how_a_figure_of_two_meanings_was_read_is_said(
    page: Page, sign_in: SignIn, manager: User, projects: list[Project]
) -> None:
    sign_in(page, manager)
    open_ledger(page)

    cell(page, projects[0], "occupancy").click()
    page.evaluate(PASTE, "0.5\n0.5%")
    all_saved(page)

    expect(page.locator("[data-notice]")).to_contain_text("50 %")
    assert [str(stored(row, "occupancy")) for row in projects[:2]] == ["50.00", "0.50"]


def test_one_text_too_long_does_not_keep_the_others_from_being_saved(
    page: Page, sign_in: SignIn, manager: User, projects: list[Project]
) -> None:
    sign_in(page, manager)
    open_ledger(page)

    cell(page, projects[0], "address").click()
    page.evaluate(PASTE, f"东大街1号\n{'长' * 5000}\n东大街3号")
    expect(state(page)).to_have_attribute("data-state", "fault")

    expect(cell(page, projects[1], "address")).to_have_class(re.compile("is-fault"))
    assert [stored(row, "address") for row in projects] == ["东大街1号", projects[1].address, "东大街3号"]


def test_a_card_with_something_typed_is_not_left_without_a_question(
    phone: Page, sign_in: SignIn, manager: User, projects: list[Project]
) -> None:
    sign_in(phone, manager)
    asked = staying(phone)
    phone.goto(f"{BASICS}{projects[0].pk}/")

    phone.locator("[name=ports]").fill("321")
    phone.locator("a[rel=next]").click()
    expect(phone.locator("[name=ports]")).to_have_value("321")
    assert asked == ["beforeunload"]
    phone.locator("[name=save]").click()
    expect(phone.get_by_text("已保存")).to_be_visible()
    assert stored(projects[0], "ports") == 321
    assert asked == ["beforeunload"]


def test_what_one_person_typed_is_not_saved_as_another_s_who_signs_in_at_the_same_desk(
    page: Page, sign_in: SignIn, manager: User, supervisor: User, projects: list[Project]
) -> None:
    sign_in(page, manager)
    open_ledger(page)

    sign_in(page, supervisor)
    type_into(page, projects[0], "ports", "161")
    expect(page.locator("[data-sign-in]")).to_be_visible()
    assert stored(projects[0], "ports") == 100
    sign_in(page, manager)
    page.evaluate("window.dispatchEvent(new Event('focus'))")

    all_saved(page)
    assert stored(projects[0], "ports") == 161
