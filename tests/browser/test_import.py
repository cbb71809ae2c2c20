"""An admin brings a roster in: upload, columns, preview, apply, undo, all with a mouse and a keyboard."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Page, expect

from gridops.accounts.models import Grid, User
from projects.models import Project
from tests.browser.conftest import SignIn, fits

HEADER = ["项目编码", "网格", "小区叫法", "项目性质", "覆盖户数", "端口数", "入住情况", "建成时间"]


@pytest.fixture
def roster(tmp_path: Path, grid: Grid, project: Project) -> Path:
    """As people type it: a title, a header of their own, one changed row, two new ones, one bad one, a total."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["项目基础信息台账(填报单位:________)"])
    sheet.append(HEADER)
    sheet.append([project.code, grid.name, project.name, "住宅", 888, 400, "85%", date(2011, 3, 1)])
    sheet.append(["P100001", grid.name, "望江家园", "商住", 620, 512, 0.7, "2012年6月1日"])
    sheet.append(["P100002", grid.name, "东湖公馆", "住宅", "1２00", 640, 92, "2015.9.1"])
    sheet.append(["P100003", grid.name, "阳光小区", "住宅", 300, -3, 55, "2010-01-01"])
    sheet.append(["合计", 4])
    path = tmp_path / "锦江项目.xlsx"
    book.save(path)
    return path


def upload(page: Page, file: Path) -> None:
    page.goto("/imports/")
    page.get_by_role("link", name="导入工作簿").first.click()
    page.locator("input[type=file]").set_input_files(file)
    page.locator("form[enctype] [type=submit]").click()


def test_a_roster_is_matched_previewed_applied_and_undone(
    page: Page, admin_user: User, sign_in: SignIn, roster: Path, project: Project
) -> None:
    sign_in(page, admin_user)
    upload(page, roster)

    # the header that nobody knows is mended by hand
    column = page.get_by_label("小区叫法")
    expect(column).to_have_value("")
    column.select_option("name")
    page.get_by_role("button", name="校验各行").click()

    # the preview: what is new, what changes cell by cell, what is refused and where
    expect(page.get_by_text("F6", exact=True)).to_be_visible()
    assert "-3" in page.locator("main").inner_text()
    page.get_by_role("link", name="变更").click()
    expect(page.locator("main")).to_contain_text("888")
    assert Project.objects.count() == 1
    expect(page.get_by_role("button", name="全部写入")).to_be_disabled()

    # the refused rows come back as the same workbook, marked
    with page.expect_download() as download:
        page.get_by_role("link", name="标注的工作簿").click()
    marked = load_workbook(download.value.path().open("rb")).worksheets[0]
    assert any(isinstance(cell.value, str) and "-3" in cell.value for cell in marked[6])

    page.get_by_role("button", name="仅写入有效行").click()
    expect(page.get_by_role("link", name="撤销")).to_be_visible()
    project.refresh_from_db()
    assert (project.households, Project.objects.count()) == (888, 3)

    page.get_by_role("link", name="撤销").click()
    page.get_by_role("button", name="撤销导入").click()
    expect(page.locator("main")).to_contain_text("已撤销")
    project.refresh_from_db()
    assert (project.households, Project.objects.count()) == (500, 1)


def test_the_mended_header_matches_itself_the_next_time(
    page: Page, admin_user: User, sign_in: SignIn, roster: Path
) -> None:
    sign_in(page, admin_user)
    for expected in ("", "name"):
        upload(page, roster)
        column = page.get_by_label("小区叫法")
        expect(column).to_have_value(expected)
        column.select_option("name")
        page.get_by_role("button", name="校验各行").click()
        expect(page.get_by_text("F6", exact=True)).to_be_visible()


def test_progress_is_still_there_after_a_reload_and_fits_a_phone(
    phone: Page, admin_user: User, sign_in: SignIn, roster: Path, let_work: threading.Event
) -> None:
    sign_in(phone, admin_user)
    upload(phone, roster)
    expect(phone.get_by_label("小区叫法")).to_be_visible()
    assert fits(phone)
    phone.get_by_label("小区叫法").select_option("name")
    let_work.clear()
    phone.get_by_role("button", name="校验各行").click()
    expect(phone.get_by_role("progressbar")).to_be_visible()
    phone.reload()
    expect(phone.get_by_role("progressbar")).to_be_visible()
    assert fits(phone)
    let_work.set()
    expect(phone.get_by_text("F6", exact=True)).to_be_visible()
    assert fits(phone)


def test_a_file_that_is_no_workbook_is_refused_in_one_sentence(
    page: Page, admin_user: User, sign_in: SignIn, tmp_path: Path
) -> None:
    sign_in(page, admin_user)
    fake = tmp_path / "名册.xlsx"
    fake.write_bytes(b"not a workbook at all" * 50)
    upload(page, fake)
    expect(page.get_by_text("这不是 Excel 工作簿（.xlsx）。请另存为 .xlsx 后重新上传。")).to_be_visible()
