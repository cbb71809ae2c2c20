"""Forms as people fill them in: two header rows, the month in the title alone, signatures and notes below."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from gridops.accounts.models import Grid, User
from gridops.workbooks import headers, services
from gridops.workbooks.marking import marked_workbook
from gridops.workbooks.models import Batch, HeaderMatch
from plans.models import Target
from projects.models import MonthlyIndicator, Project
from tests.workbooks.books import TARGETS
from tests.workbooks.conftest import Import, counts, faults

pytestmark = pytest.mark.django_db

TITLE: list[Any] = ["项目经营指标台账(2026年11月)"]
# as the handbook prints it, typed by people
GROUPS = ["项目 编码", "项目名称", "出账\n用户数", "出账收入(元)", " 净增用户 ", "", "续费指标", ""]
GROUPS += ["端口资源利用率", "", "佣金返利"]
HEADERS = ["", "", "", "", "上 月", "本月任务*", "上月", "本月\n任务", "上月", "本月任务", "上月:"]
ROW = ["P000001", "锦绣花园", 120, 9000.5, 3, 10, 5, 8, 0.5, 0.6, 77]
OURS: list[list[Any]] = [
    ["项目编码", "净增用户", "", "", "续费指标", "", "", "端口资源利用率", "", "", "佣金返利", ""],
    ["", "上月", "本月任务", "本月", "本月任务", "到期数", "完成数", "端口数", "占用端口数", "本月", "上月", "本月"],
    ["P000001", 1, 2, 3, 4, 5, 4, 400, 200, 0.5, 8, 9.5],
]


def test_the_handbooks_own_form_is_read(imported: Import, project: Project) -> None:
    batch = imported([TITLE, GROUPS, HEADERS, ROW])
    assert (batch.kind, batch.header_row, batch.month) == ("indicators", 3, date(2026, 11, 1))
    assert batch.headers[4:6] == ["净增用户 / 上 月", "净增用户 / 本月任务*"]
    assert counts(batch) == (1, 0, 0, 0)
    row = MonthlyIndicator.objects.get()
    assert (row.month, row.billing_users, row.billing_revenue) == (date(2026, 11, 1), 120, Decimal("9000.50"))


def test_last_month_and_the_task_are_known_and_not_imported(imported: Import, project: Project) -> None:
    imported([TITLE, GROUPS, HEADERS, ROW])
    row = MonthlyIndicator.objects.get()
    assert (row.net_adds, row.commission, row.target_net_adds, row.target_renewals) == (None, None, None, None)


def test_columns_of_our_own_in_the_groups_are_imported(imported: Import, project: Project) -> None:
    batch = imported([["2026-11"], *OURS])
    row = MonthlyIndicator.objects.get(month="2026-11-01")
    assert (row.net_adds, row.renewals_due, row.renewals_done) == (3, 5, 4)
    assert (row.ports, row.ports_used, row.commission) == (400, 200, Decimal("9.50"))
    assert "month" in batch.fields


def test_groups_may_be_repeated_instead_of_merged_and_single_headers_stand_below(
    imported: Import, project: Project
) -> None:
    groups = ["", "净增用户", "净增用户", "净增用户", "佣金", "佣金"]
    below = ["项目编码", "上月", "任务", "本月完成", "上月", "本月"]
    imported([["2026年11月"], groups, below, ["P000001", 1, 2, 3, 4, 5]])
    row = MonthlyIndicator.objects.get()
    assert (row.net_adds, row.commission) == (3, Decimal(5))


def test_what_two_rows_part_may_stand_in_one_cell(imported: Import, project: Project) -> None:
    header = ["月份", "项目编码", "出账用户数", "净增用户(上月)", "净增用户本月任务", "净增用户(本月)", "上月佣金返利"]
    imported([header, ["2026-11", "P000001", 100, 5, 6, 7, 8]])
    row = MonthlyIndicator.objects.get()
    assert (row.billing_users, row.net_adds, row.commission) == (100, 7, None)


def test_a_group_that_only_sorts_the_columns_hides_none(imported: Import, grid: Grid) -> None:
    groups = ["项目编码", "网格", "项目名称", "物业信息", "", "覆盖情况", ""]
    below = ["", "", "", "物业方", "联系电话", "覆盖户数", "端口数"]
    batch = imported([["项目台账"], groups, below, ["P9", grid.name, "新城", "锦绣物业", "19900000001", 500, 300]])
    project = Project.objects.get(code="P9")
    assert (batch.kind, project.property_company, project.households, project.ports) == (
        "projects",
        "锦绣物业",
        500,
        300,
    )


def test_a_header_of_one_row_below_a_title_is_not_taken_for_two(imported: Import, grid: Grid) -> None:
    batch = imported([["任务下达", "锦江区经营单位"], TARGETS, ["2026-12", grid.name, 160, 90, 210, "72%"]])
    assert (batch.header_row, batch.headers[:2]) == (2, TARGETS[:2])
    assert Target.objects.get().installs == 160


def test_a_row_of_words_below_a_header_is_data(preview: Import, grid: Grid) -> None:
    batch = preview([["代理商编码", "代理商名称", "业务人员"], ["D1", "翠湖通信", "李娜"], ["D2", "金沙通信", "周明"]])
    assert (batch.header_row, batch.rows_read) == (1, 2)


# --- The month ---


@pytest.mark.parametrize(
    ("above", "sheet", "file", "month"),
    [
        (["经营指标 2026年 11 月"], "表", "x.xlsx", date(2026, 11, 1)),
        (["经营指标", "", "2026-11"], "表", "x.xlsx", date(2026, 11, 1)),
        ([date(2026, 11, 1)], "表", "x.xlsx", date(2026, 11, 1)),
        (["填报日期:2026年11月24日"], "202610", "x.xlsx", date(2026, 10, 1)),
        (["经营指标"], "2026.10", "x-2026-09.xlsx", date(2026, 10, 1)),
        (["经营指标"], "表", "锦江01网格-2026-09.xlsx", date(2026, 9, 1)),
        (["2026年10月—2026年11月"], "2026年9月", "x.xlsx", None),
        (["经营指标"], "表", "x.xlsx", None),
    ],
)
def test_the_month_is_taken_from_the_title_the_sheet_or_the_files_name(
    above: list[Any], sheet: str, file: str, month: date | None, project: Project, admin_user: User
) -> None:
    book = Workbook()
    page: Any = book.active
    page.title = sheet
    for row in (above, *OURS):
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    batch = services.finish(services.receive(ContentFile(out.getvalue(), file), admin_user))
    assert (batch.state, batch.month) == (Batch.State.MATCHED, month)


def test_a_column_of_months_counts_more_than_the_title(imported: Import, project: Project) -> None:
    imported([TITLE, ["月份", "项目编码", "出账用户数"], ["2026-10", "P000001", 100]])
    assert MonthlyIndicator.objects.get().month == date(2026, 10, 1)


def test_targets_too_are_of_the_month_in_the_title(imported: Import, grid: Grid) -> None:
    batch = imported([["2026年12月任务下达"], TARGETS[1:], [grid.name, 160, 90, 210, "72%"]])
    assert (counts(batch), Target.objects.get().month) == ((1, 0, 0, 0), date(2026, 12, 1))


def test_faults_of_rows_without_a_month_column_name_their_cells(preview: Import, project: Project) -> None:
    twice = [OURS[2], OURS[2], ["P404", *OURS[2][1:]], ["P000001", 1, 2, "x", *OURS[2][4:]]]
    batch = preview([TITLE, *OURS[:2], *twice])
    assert faults(batch) == {"A5": "twice", "A6": "unknown", "D7": "not_integer", "A7": "twice"}


def columns_page(batch: Batch) -> str:
    return reverse("workbooks:columns", args=[batch.pk])


def sent(client: Client, batch: Batch, **fields: Any) -> Any:
    form = client.get(columns_page(batch)).context["form"]
    chosen = {name: form[name].value() or "" for name in form.fields}
    return client.post(columns_page(batch), {**chosen, **fields})


@pytest.fixture
def admin_client_of(admin_user: User, client_of: Any) -> Client:
    return client_of(admin_user)  # type: ignore[no-any-return]


def received(rows: Sequence[Sequence[Any]], user: User) -> Batch:
    book = Workbook()
    page: Any = book.active
    page.title = "表"
    for row in rows:
        page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return services.finish(services.receive(ContentFile(out.getvalue(), "x.xlsx"), user))


def test_the_person_sees_the_month_and_may_mend_it(project: Project, admin_user: User, admin_client_of: Client) -> None:
    batch = received([TITLE, *OURS], admin_user)
    page = admin_client_of.get(columns_page(batch))
    assert page.context["form"]["month"].value() == "2026-11"
    assert "净增用户 / 本月任务" in page.content.decode()
    sent(admin_client_of, batch, month="2026-10")
    batch.refresh_from_db()
    batch = services.finish(batch)
    assert (batch.month, batch.rows_new) == (date(2026, 10, 1), 1)


def test_without_a_month_anywhere_the_person_must_give_it(
    project: Project, admin_user: User, admin_client_of: Client
) -> None:
    batch = received(OURS, admin_user)
    for given in ("", "2026年13月", "soon"):
        page = sent(admin_client_of, batch, month=given)
        assert (page.status_code, list(page.context["form"].errors)) == (200, ["month"])
    sent(admin_client_of, batch, month="2026-11")
    batch.refresh_from_db()
    assert services.finish(batch).rows_new == 1


def test_a_group_mended_by_hand_maps_itself_next_time(
    project: Project, admin_user: User, admin_client_of: Client
) -> None:
    header = [["项目编码", "出账用户数", "净增用户", "", ""], ["", "", "上月", "当月数", "备注"]]
    batch = received([TITLE, *header, ["P000001", 90, 5, 6, ""]], admin_user)
    assert batch.columns == {"0": "project_id", "1": "billing_users"}
    sent(admin_client_of, batch, **{"column-3": "net_adds"})
    assert HeaderMatch.objects.get(field="net_adds").header == "净增用户/当月数"
    again = received([TITLE, *header, ["P000001", 90, 5, 6, ""]], admin_user)
    assert again.columns["3"] == "net_adds"


def test_a_title_of_a_past_month_is_pointed_out_where_rows_have_no_months(
    project: Project, admin_user: User, admin_client_of: Client
) -> None:
    header = ["项目编码", "项目名称", "覆盖户数"]
    past = received([["项目基础信息台账 · 2020年1月"], header, ["P000001", "锦绣花园", 5]], admin_user)
    plain = received([header, ["P000001", "锦绣花园", 5]], admin_user)
    assert admin_client_of.get(columns_page(past)).context["form"].overtaken == date(2020, 1, 1)
    assert admin_client_of.get(columns_page(plain)).context["form"].overtaken is None


# --- Below the table ---


def test_signatures_notes_and_totals_below_are_no_rows(preview: Import, project: Project) -> None:
    below = [
        ["合计", 100, 200],
        [],
        ["填报人:张三", "", "审核人:", "", "日期:2026年11月24日"],
        ["", "", "注:1. 净增含拆机"],
        ["2. 端口按月底数"],
    ]
    batch = preview([TITLE, *OURS, *below])
    assert (counts(batch), batch.rows_read, batch.rows_skipped) == ((1, 0, 0, 0), 1, 5)


def test_what_only_looks_like_a_signature_far_above_the_end_is_a_row(preview: Import, grid: Grid) -> None:
    rows = [[f"P{n:06d}", grid.name, f"项目{n}"] for n in range(60)]
    rows[5][0] = "日期:5"
    batch = preview([["项目编码", "网格", "项目名称"], *rows])
    assert batch.rows_new == 60


def test_a_remark_in_front_of_a_key_hides_no_row(preview: Import, grid: Grid) -> None:
    rows = [
        ["备注:新交付", "P1", grid.name, "甲"],
        ["日期:10月", "P2", grid.name, "乙"],
        ["合计", "P3", grid.name, "丙"],
    ]
    batch = preview([["备注", "项目编码", "网格", "项目名称"], *rows, ["填报人:", "张三"], ["合 计", "", "", 3]])
    assert (batch.rows_new, batch.rows_skipped) == (3, 2)


def test_a_group_that_slipped_beside_its_columns_is_not_taken_for_a_figure(preview: Import, project: Project) -> None:
    groups = ["项目编码", "出账用户数", "净增用户", "", "", ""]
    below = ["", "", "", "上月", "本月任务", "本月"]
    batch = preview([TITLE, groups, below, ["P000001", 90, 9000, 1, 2, 3]])
    assert set(batch.columns.values()) == {"project_id", "billing_users", "net_adds"}
    assert batch.columns["5"] == "net_adds"


def test_a_row_of_nothing_but_its_key_says_nothing(preview: Import, project: Project, other_project: Project) -> None:
    batch = preview([TITLE, *OURS, ["P000002"]])
    assert (counts(batch), batch.rows_skipped) == ((1, 0, 0, 0), 1)


def test_refused_rows_are_marked_below_two_header_rows(preview: Import, project: Project) -> None:
    batch = preview([TITLE, *OURS, ["P404", *OURS[2][1:]]])
    page = load_workbook(marked_workbook(batch)).worksheets[0]
    assert page["M3"].value == "拒绝原因"
    assert "P404" in str(page["M5"].value)
    assert page["A5"].comment is not None
    assert page["M4"].value is None


def test_titles_name_no_group() -> None:
    assert headers.combined(["项目编码", "净增", "", "金额"], ["", "上月", "本月", ""]) == [
        "项目编码",
        "净增 / 上月",
        "净增 / 本月",
        "金额",
    ]


def test_text_stored_as_typed_on_a_page_is_no_change_to_a_file_that_says_the_same(
    preview: Import, imported: Import, project: Project
) -> None:
    Project.objects.update(address="春熙路1号(东门)\r\n 旁", property_phone="028-8666 8888")
    header = ["项目编码", "项目名称", "项目详细地址", "联系电话"]
    assert counts(preview([header, ["P000001", "锦绣花园", "春熙路1号(东门)\n旁", "02886668888"]])) == (0, 0, 1, 0)
    imported([header, ["P000001", "锦绣花园", "春熙路2号", "02886668888"]])
    project.refresh_from_db()
    assert (project.address, project.property_phone) == ("春熙路2号", "028-8666 8888")


def test_a_known_group_over_unknown_headers_is_not_taken_for_a_figure(preview: Import, project: Project) -> None:
    header = [["项目编码", "出账用户数", "出账收入", "净增用户", ""], ["", "", "", "本期", "同期"]]
    batch = preview([TITLE, *header, ["P000001", 90, 100, 5, 6]])
    assert (batch.header_row, "net_adds" in batch.fields) == (3, False)
    assert counts(batch) == (1, 0, 0, 0)


def test_the_handbooks_form_has_names_and_no_codes(imported: Import, project: Project, other_project: Project) -> None:
    other = [other_project.name, *ROW[2:]]
    batch = imported([TITLE, GROUPS[1:], HEADERS[1:], ROW[1:], other, ["无此项目", *ROW[2:]]])
    assert counts(batch) == (2, 0, 0, 1)
    assert set(MonthlyIndicator.objects.values_list("project__code", flat=True)) == {"P000001", "P000002"}
    assert {row.key for row in batch.rows.filter(state="new")} == {"2026-11-01 / P000001", "2026-11-01 / P000002"}
