"""Files that are none, or mean harm: one sentence, nothing written, the worker alive."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from gridops.accounts.models import User
from gridops.workbooks import services
from gridops.workbooks.models import Batch
from projects.models import Project
from renewals.models import Subscriber
from tests.workbooks.books import AGENTS, PEOPLE, SUBSCRIBERS, book, rewritten, sheet_xml, subscriber, upload
from tests.workbooks.conftest import faults

pytestmark = pytest.mark.django_db

GOOD = book([SUBSCRIBERS, subscriber("028001")])
_sheet = GOOD.index(b"xl/worksheets/sheet1.xml") + 60
DAMAGED = GOOD[:_sheet] + b"\xff" * 50 + GOOD[_sheet + 50 :]
EMPTY_ROWS = b"".join(b'<row r="%d"/>' % n for n in range(1, 1_048_577))
LONE = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>'


def refused(content: bytes, user: User, kind: str = "", name: str = "名册.xlsx") -> str:
    """The code with which the file is refused."""
    batch = services.finish(services.receive(upload(content, name), user, kind))
    if batch.state == Batch.State.MATCHED:
        batch = services.finish(services.confirm_columns(batch))
    assert batch.state == Batch.State.REFUSED, batch.state
    assert batch.fault_text
    assert not batch.rows.exists()
    return str((batch.fault or {})["code"])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_xlsx"),
        ("工号,姓名\n1,王".encode(), "not_xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "encrypted"),
        (GOOD[: len(GOOD) // 2], "truncated"),
        (DAMAGED, "truncated"),
        (sheet_xml(EMPTY_ROWS), "no_header"),
        (sheet_xml(LONE), "too_wide"),
        (book([["一", "二"], [1, 2]]), "no_header"),
        (book([SUBSCRIBERS]), "no_rows"),
        (rewritten(GOOD, lambda n, d: DOCTYPE + d if n == "xl/workbook.xml" else d), "truncated"),
        (rewritten(GOOD, lambda _n, d: d, {"../evil.xml": b"x"}), "not_xlsx"),
        (rewritten(GOOD, lambda _n, d: d, {"xl/media/bomb.bin": b"\0" * 30_000_000}), "bomb"),
    ],
    ids=[
        "empty",
        "csv",
        "encrypted",
        "truncated",
        "damaged",
        "million-empty-rows",
        "lone-far-cell",
        "no-header",
        "no-rows",
        "doctype",
        "path",
        "bomb",
    ],
)
def test_it_is_refused_with_a_sentence(admin_user: User, content: bytes, code: str) -> None:
    assert refused(content, admin_user) == code


def test_a_lone_far_cell_below_the_first_rows_ends_the_reader_not_the_worker(admin_user: User) -> None:
    cells = "".join(
        f'<c r="{"ABCDEFGHIJKL"[i]}1" t="inlineStr"><is><t>{h}</t></is></c>' for i, h in enumerate(SUBSCRIBERS)
    )
    rows = f'<row r="1">{cells}</row>'.encode() + b"".join(b'<row r="%d"></row>' % n for n in range(2, 100))
    assert refused(sheet_xml(rows + LONE[LONE.index(b'<row r="1048576"') :]), admin_user) in {"too_big", "too_wide"}


def test_the_wrong_kind_is_named(admin_user: User) -> None:
    assert refused(book([PEOPLE, ["1"] * 6]), admin_user, kind="subscribers") == "wrong_kind"
    batch = Batch.objects.latest("pk")
    assert "组织人员" in batch.fault_text
    assert "用户名册" in batch.fault_text


@pytest.mark.parametrize(("kind", "columns"), [("subscribers", slice(8)), ("renewal_details", slice(1, 12))])
def test_the_specialists_list_of_a_month_and_the_roster_are_not_taken_for_each_other(
    admin_user: User, kind: str, columns: slice
) -> None:
    header = ["月份", "用户账号", "用户姓名", "联系电话", "项目编码", "到期日期", "产品", "月费", "装机地址", "状态"]
    row = ["2026-12", "02800000001", "王芳", "", "P000001", "2026-12-03", "", 99, "春熙路1号", "在用"]
    assert refused(book([header[columns], row[columns]]), admin_user, kind=kind) == "wrong_kind"


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ({"rows": 3}, "too_many_rows"),
        ({"columns": 5}, "too_wide"),
        ({"file_bytes": 100}, "too_large"),
        ({"members": 2}, "bomb"),
        ({"unpacked_bytes": 1000}, "bomb"),
    ],
)
def test_limits_are_kept(admin_user: User, limit: dict[str, Any], code: str) -> None:
    content = book(
        [AGENTS, *(["D1", "甲", f"员{n}", "", ""] for n in range(10))]
        if "rows" in limit
        else [SUBSCRIBERS, subscriber("1")]
    )
    with override_settings(WORKBOOK_LIMITS={**settings.WORKBOOK_LIMITS, **limit}):
        assert refused(content, admin_user) == code


def test_a_million_formatted_cells_below_the_table_do_no_harm(admin_user: User, project: Any) -> None:
    empty = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (n, n) for n in range(3, 300_000))
    content = rewritten(
        GOOD,
        lambda name, data: (
            data.replace(b"</sheetData>", empty + b"</sheetData>") if name.endswith("sheet1.xml") else data
        ),
    )
    batch = services.import_now(upload(content), admin_user)
    assert (batch.state, batch.rows_new) == (Batch.State.APPLIED, 1)


def test_the_name_of_a_file_is_only_shown(admin_user: User) -> None:
    batch = services.receive(upload(GOOD, "../../etc/=cmd.xlsx"), admin_user)
    assert batch.file_name == "=cmd.xlsx"
    assert "etc" not in str(batch.file.name)
    assert "cmd" not in str(batch.file.name)


@pytest.mark.parametrize("value", ["1e309", "-1e309", "NaN"])
def test_numbers_beyond_all_bounds_are_refused_by_their_cell(admin_user: User, project: Project, value: str) -> None:
    content = sheet_xml(
        f"""<row r="1">{_text("A1", "用户账号")}{_text("B1", "项目编码")}{_text("C1", "月费")}</row>
        <row r="2">{_text("A2", "028001")}{_text("B2", "P000001")}<c r="C2"><v>{value}</v></c></row>""".encode()
    )
    batch = services.import_now(upload(content), admin_user, "subscribers")
    assert (batch.state, faults(batch)) == (Batch.State.CHECKED, {"C2": "not_number"})


def test_nul_characters_reach_no_database(admin_user: User, project: Project) -> None:
    content = sheet_xml(
        f"""<row r="1">{_text("A1", "用户_x0000_账号")}{_text("B1", "项目编码")}{_text("C1", "用户姓名")}</row>
        <row r="2">{_text("A2", "028_x0000_001")}{_text("B2", "P000001")}{_text("C2", "王_x0000_芳")}</row>
        <row r="3">{_text("A3", "028002")}{_text("B3", "P_x0000_9")}<c r="C3"><v>7</v></c></row>""".encode()
    )
    batch = services.import_now(upload(content), admin_user, "subscribers")
    assert (batch.state, faults(batch)) == (Batch.State.APPLIED, {"B3": "unknown"})
    assert list(Subscriber.objects.values_list("account", "name")) == [("028001", "王芳")]


def _text(cell: str, text: str) -> str:
    return f'<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>'
