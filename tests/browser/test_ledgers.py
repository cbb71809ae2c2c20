"""A ledger filled like a sheet: typing, blocks from Excel, undo, and nothing typed is ever lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from projects.models import ConfirmedFigure, Project
from tests import factories
from tests.browser.conftest import DESK, PHONE, SignIn, fits
from tests.browser.test_accessibility import STANDARD

Wait = Callable[[Callable[[], object]], None]
BASICS = "/projects/ledgers/basics/"
SAVED = re.compile("saved")
# What a browser does when Ctrl+V is pressed, with a text that another program put on the clipboard.
PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  document.querySelector("[data-editor]").dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def rows(grid: Grid) -> list[Project]:
    """Six projects, in the order of their codes."""
    return [
        factories.make_project(grid, f"P30000{n}", name=f"锦绣花园{n}期", ports=100 * n, households=None)
        for n in range(1, 7)
    ]


def open_ledger(page: Page, address: str = BASICS) -> None:
    page.goto(address)
    expect(page.locator("#ledger-screen[data-ready=yes]")).to_be_visible()


def cell(page: Page, project: Project, field: str) -> Locator:
    return page.locator(f'.tabulator-row[data-row="{project.pk}"] [tabulator-field="{field}"]')


def state(page: Page) -> Locator:
    return page.locator(".ledger-state")


def all_saved(page: Page) -> None:
    expect(state(page)).to_have_attribute("data-state", "saved")


def stored(project: Project, field: str) -> Any:
    return Project.objects.values_list(field, flat=True).get(pk=project.pk)


def type_into(page: Page, project: Project, field: str, text: str) -> None:
    cell(page, project, field).click()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_what_is_typed_into_a_chosen_cell_is_in_the_database(
    page: Page, sign_in: SignIn, manager: User, rows: list[Project]
) -> None:
    sign_in(page, manager)
    open_ledger(page)

    type_into(page, rows[0], "households", "1,200")
    page.keyboard.type("900")  # Enter went down
    page.keyboard.press("Tab")  # and Tab takes it
    all_saved(page)

    expect(cell(page, rows[0], "households").locator(".cell-text")).to_have_text("1,200")
    assert [stored(row, "households") for row in rows[:3]] == [1200, 900, None]
    cell(page, rows[0], "households").dblclick()
    expect(page.locator("[data-editor]")).to_have_value("1200")
    page.keyboard.type("9")
    page.keyboard.press("Escape")
    expect(cell(page, rows[0], "households").locator(".cell-text")).to_have_text("1,200")
    assert fits(page)


def test_a_block_from_excel_is_pasted_in_one_request_and_taken_back_by_undo(
    page: Page, sign_in: SignIn, manager: User, rows: list[Project]
) -> None:
    sign_in(page, manager)
    open_ledger(page)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if request.url.endswith("/save/") else None)

    cell(page, rows[0], "property_company").click()
    page.evaluate(PASTE, "甲物业\n乙物业\n丙物业\n")
    all_saved(page)
    assert [stored(row, "property_company") for row in rows[:4]] == ["甲物业", "乙物业", "丙物业", ""]
    assert len(requests) == 1

    page.keyboard.press("Control+z")
    expect(cell(page, rows[2], "property_company").locator(".cell-text")).to_have_text("")
    all_saved(page)
    assert [stored(row, "property_company") for row in rows[:3]] == ["", "", ""]
    page.keyboard.press("Control+y")
    expect(cell(page, rows[2], "property_company").locator(".cell-text")).to_have_text("丙物业")
    all_saved(page)
    assert stored(rows[2], "property_company") == "丙物业"


def test_a_block_too_large_is_cut_and_said_and_a_quoted_cell_of_two_lines_is_one_cell(
    page: Page, sign_in: SignIn, manager: User, rows: list[Project]
) -> None:
    sign_in(page, manager)
    open_ledger(page)

    cell(page, rows[4], "address").click()
    page.evaluate(PASTE, '"东大街\n1号"\n东大街2号\n东大街3号\n')
    all_saved(page)

    assert [stored(row, "address") for row in rows[3:]] == ["", "东大街 1号", "东大街2号"]
    expect(page.locator("[data-notice]")).to_have_class(re.compile("is-warning"))


def test_one_value_fills_the_selection_and_the_first_row_fills_down(
    page: Page, sign_in: SignIn, manager: User, rows: list[Project]
) -> None:
    sign_in(page, manager)
    open_ledger(page)

    cell(page, rows[0], "households").click()
    page.keyboard.press("Shift+ArrowDown")
    page.evaluate(PASTE, "300")
    all_saved(page)
    assert [stored(row, "households") for row in rows[:3]] == [300, 300, None]

    cell(page, rows[0], "ports").click()
    cell(page, rows[3], "ports").click(modifiers=["Shift"])
    page.keyboard.press("Control+d")
    expect(cell(page, rows[3], "ports").locator(".cell-text")).to_have_text("100")
    all_saved(page)
    assert [stored(row, "ports") for row in rows[:5]] == [100, 100, 100, 100, 500]


def test_a_fault_is_said_at_the_cell_and_what_was_typed_stays(
    page: Page, sign_in: SignIn, manager: User, rows: list[Project]
) -> None:
    sign_in(page, manager)
    open_ledger(page)

    type_into(page, rows[0], "ports", "许多")
    expect(state(page)).to_have_attribute("data-state", "fault")
    wrong = cell(page, rows[0], "ports")
    expect(wrong).to_have_class(re.compile("is-fault"))
    expect(wrong.locator(".cell-text")).to_have_text("许多")
    assert stored(rows[0], "ports") == 100

    page.locator("[data-faults]").click()
    expect(page.locator("[data-note]")).to_be_visible()
    page.keyboard.type("130")
    page.keyboard.press("Enter")
    all_saved(page)
    assert stored(rows[0], "ports") == 130


def test_two_people_in_one_cell_lose_nothing(
    open_page: Callable[..., Page], sign_in: SignIn, manager: User, supervisor: User, rows: list[Project]
) -> None:
    mine, theirs = open_page(DESK), open_page(DESK)
    sign_in(mine, manager)
    sign_in(theirs, supervisor)
    open_ledger(mine)
    open_ledger(theirs)

    type_into(theirs, rows[0], "ports", "111")
    all_saved(theirs)
    type_into(mine, rows[0], "ports", "222")
    clash = cell(mine, rows[0], "ports")
    expect(clash).to_have_class(re.compile("is-conflict"))
    expect(clash).to_contain_text("222")
    expect(clash).to_contain_text("111")
    assert stored(rows[0], "ports") == 111

    clash.click()
    expect(mine.locator("[data-note]")).to_contain_text(supervisor.name)
    mine.locator("[data-act=keep_mine]").click()
    all_saved(mine)
    assert stored(rows[0], "ports") == 222

    # an undo of the other window meets the newer value, and does not write over it
    theirs.keyboard.press("Control+z")
    expect(cell(theirs, rows[0], "ports")).to_have_class(re.compile("is-conflict"))
    assert stored(rows[0], "ports") == 222
    cell(theirs, rows[0], "ports").click()
    theirs.locator("[data-act=take_theirs]").click()
    expect(cell(theirs, rows[0], "ports").locator(".cell-text")).to_have_text("222")


def test_what_is_typed_without_a_connection_is_kept_and_sent_later(
    page: Page, sign_in: SignIn, manager: User, rows: list[Project]
) -> None:
    sign_in(page, manager)
    open_ledger(page)

    page.context.set_offline(True)
    type_into(page, rows[0], "ports", "150")
    expect(state(page)).to_have_attribute("data-state", "failed")
    type_into(page, rows[1], "ports", "250")
    assert stored(rows[0], "ports") == 100
    page.context.set_offline(False)

    all_saved(page)
    assert [stored(row, "ports") for row in rows[:2]] == [150, 250]


def test_signed_out_meanwhile_nothing_is_lost(
    open_page: Callable[..., Page], sign_in: SignIn, manager: User, rows: list[Project]
) -> None:
    page = open_page(DESK)
    sign_in(page, manager)
    open_ledger(page)

    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    type_into(page, rows[0], "ports", "160")
    expect(page.locator("[data-sign-in]")).to_be_visible()
    sign_in(page, manager)
    page.evaluate("window.dispatchEvent(new Event('focus'))")

    all_saved(page)
    assert stored(rows[0], "ports") == 160


def test_totals_follow_what_is_saved_and_what_is_filtered(
    page: Page, sign_in: SignIn, manager: User, rows: list[Project]
) -> None:
    sign_in(page, manager)
    open_ledger(page)
    total = page.locator('.tabulator-calcs-bottom [tabulator-field="ports"]')
    expect(total).to_have_text("2,100")

    type_into(page, rows[0], "ports", "1100")
    all_saved(page)
    expect(total).to_have_text("3,100")
    page.locator("[data-search]").fill("花园2期")
    expect(total).to_have_text("200")


def test_hidden_columns_stay_hidden_in_a_new_window(
    open_page: Callable[..., Page], sign_in: SignIn, manager: User, rows: list[Project]
) -> None:
    first, second = open_page(DESK), open_page(DESK)
    sign_in(first, manager)
    sign_in(second, manager)
    open_ledger(first)
    expect(cell(first, rows[0], "address")).to_be_visible()

    first.locator("[data-layout-menu] > button").click()
    first.locator("[data-columns] input").first.uncheck()
    expect(first.locator("[data-grid]")).to_have_attribute("data-layout", "kept")

    open_ledger(second)
    expect(cell(second, rows[0], "ports")).to_be_visible()
    expect(cell(second, rows[0], "address")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_grid_and_card_can_be_read_by_everyone(
    open_page: Callable[..., Page], sign_in: SignIn, manager: User, rows: list[Project], scheme: Any
) -> None:
    desk, phone = open_page(DESK), open_page(PHONE)
    for page in (desk, phone):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        sign_in(page, manager)
    open_ledger(desk)
    type_into(desk, rows[0], "ports", "许多")
    type_into(desk, rows[1], "ports", "250")
    expect(state(desk)).to_have_attribute("data-state", "fault")
    cell(desk, rows[0], "ports").click()
    phone.goto(f"{BASICS}{rows[0].pk}/")

    faults = []
    for page in (desk, phone):
        assert fits(page)
        found = Axe().run(page, options=STANDARD).response["violations"]
        faults += [f"{one['id']} at {one['nodes'][0]['target']}: {one['nodes'][0]['failureSummary']}" for one in found]
    assert not faults, "\n".join(faults)


def test_on_a_phone_a_project_is_filled_on_its_card(
    phone: Page, sign_in: SignIn, manager: User, rows: list[Project]
) -> None:
    sign_in(phone, manager)
    phone.goto(BASICS)
    expect(phone.locator("#ledger-screen")).to_be_hidden()
    assert fits(phone)

    phone.get_by_role("link", name="锦绣花园1期").click()
    phone.locator("[name=ports]").fill("135")
    assert fits(phone)
    phone.locator("[name=save]").click()

    expect(phone.get_by_text("已保存")).to_be_visible()
    assert stored(rows[0], "ports") == 135
    assert phone.evaluate("typeof Tabulator") == "undefined"


def test_figures_that_contradict_each_other_are_asked_and_confirmed(
    page: Page, sign_in: SignIn, manager: User, rows: list[Project]
) -> None:
    factories.make_indicators(rows, Month.of(timezone.localdate()), ports=400, ports_used=200)
    sign_in(page, manager)
    open_ledger(page, "/projects/ledgers/indicators/")
    questions = page.locator("[data-questions]")
    expect(questions).to_be_hidden()

    type_into(page, rows[1], "ports_used", "500")
    expect(questions).to_contain_text("1")
    questions.click()
    page.locator("[data-note] [data-act=confirm]").click()
    page.locator("#ledger-confirm-note").fill("分光器扩容，已到现场核对")
    page.locator("#ledger-confirm button[value=confirm]").click()

    expect(questions).to_be_hidden()
    assert ConfirmedFigure.objects.get().project == rows[1]


def test_a_renewal_specialist_reads_a_ledger_and_types_nothing_into_it(
    page: Page, sign_in: SignIn, specialist: User, rows: list[Project]
) -> None:
    sign_in(page, specialist)
    open_ledger(page)

    cell(page, rows[0], "ports").click()
    page.keyboard.type("7")
    expect(page.locator("[data-notice]")).not_to_be_empty()
    expect(page.locator(".is-editing")).to_have_count(0)
    expect(page.locator("[data-fill]")).to_have_count(0)
    page.keyboard.press("Delete")
    expect(cell(page, rows[0], "ports").locator(".cell-text")).to_have_text("100")


def test_without_scripts_the_cards_are_the_ledger_on_every_screen(
    browser: Browser, live_server: LiveServer, sign_in: SignIn, manager: User, rows: list[Project]
) -> None:
    context = browser.new_context(base_url=live_server.url, viewport=DESK, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, manager)
    page.goto(BASICS)

    page.get_by_role("link", name="锦绣花园1期").click()
    page.locator("[name=ports]").fill("145")
    page.locator("[name=save]").click()
    expect(page.locator("[name=ports]")).to_have_value("145")
    context.close()
    assert stored(rows[0], "ports") == 145


def test_filters_and_sorting_order_what_the_keys_walk_through(
    page: Page, sign_in: SignIn, manager: User, rows: list[Project]
) -> None:
    sign_in(page, manager)
    open_ledger(page)

    page.locator('[tabulator-field="ports"] .tabulator-header-filter input').press_sequentially(">= 400")
    expect(page.locator(".tabulator-row[data-row]")).to_have_count(3)
    title = page.locator('.tabulator-col[tabulator-field="ports"] .column-title')
    title.press("Enter")
    title.press("Enter")
    expect(page.locator(".tabulator-row[data-row]").first).to_contain_text("600")
    cell(page, rows[5], "households").click()
    page.keyboard.type("66")
    page.keyboard.press("Enter")
    page.keyboard.type("55")
    page.keyboard.press("Enter")
    all_saved(page)
    assert [stored(row, "households") for row in rows[3:]] == [None, 55, 66]
