"""Header, kinds, faults, notes: what the preview says."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from gridops.accounts.models import Grid, User
from gridops.workbooks import services
from gridops.workbooks.faults import WorkbookFault
from gridops.workbooks.models import Batch, HeaderMatch
from projects.models import Project
from renewals.models import Subscriber
from tests.workbooks.books import (
    AGENTS,
    INDICATORS,
    OUTLETS,
    PEOPLE,
    PROJECTS,
    SUBSCRIBERS,
    TARGETS,
    book,
    rewritten,
    subscriber,
    upload,
)
from tests.workbooks.conftest import Import, counts, faults, notes

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "header"),
    [
        ("people", PEOPLE),
        ("projects", PROJECTS),
        ("indicators", INDICATORS),
        ("agents", AGENTS),
        ("outlets", OUTLETS),
        ("subscribers", SUBSCRIBERS),
        ("targets", TARGETS),
    ],
)
def test_a_kind_is_recognised_from_its_header(admin_user: User, kind: str, header: list[str]) -> None:
    messy = [f"{title}\n" if at % 2 else f" {title}* " for at, title in enumerate(header)]
    content = book([["填报单位:________"], [], messy, ["x"] * len(header)])
    batch = services.finish(services.receive(upload(content), admin_user))
    assert (batch.state, batch.kind, batch.header_row) == (Batch.State.MATCHED, kind, 3)


def test_units_in_brackets_and_synonyms_match(preview: Import, project: Project) -> None:
    header = ["宽带账号", "姓名", "项目编码", "月费(元)", "到期日(年月日)"]
    batch = preview([header, ["028001", "王芳", "P000001", 99, "2026.11.3"]], kind="subscribers")
    assert counts(batch) == (1, 0, 0, 0)
    assert batch.fields == ["account", "name", "project_id", "monthly_fee", "expires_on"]


def test_a_header_mended_by_hand_is_remembered(admin_user: User, project: Project) -> None:
    rows = [["用户账号", "归属小区", "联系电话"], ["028001", "P000001", "19900000001"]]
    first = services.finish(services.receive(upload(book(rows)), admin_user, "subscribers"))
    chosen = {0: "account", 1: "project_id", 2: "phone"}
    checked = services.finish(services.confirm_columns(first, chosen, by=admin_user))
    assert counts(checked) == (1, 0, 0, 0)
    assert HeaderMatch.objects.get().field == "project_id"
    again = services.finish(services.receive(upload(book(rows)), admin_user, "subscribers"))
    assert again.columns == {"0": "account", "1": "project_id", "2": "phone"}


def test_the_key_must_have_a_column(admin_user: User) -> None:
    batch = services.finish(services.receive(upload(book([SUBSCRIBERS, subscriber("1")])), admin_user))
    with pytest.raises(WorkbookFault, match="no_key"):
        services.confirm_columns(batch, {1: "name"})


def test_every_fault_of_every_row_is_named_with_its_cell(preview: Import, project: Project) -> None:
    rows = [
        SUBSCRIBERS,
        subscriber("028001", "P999999", 联系电话="123", 速率="快"),
        subscriber(None),
        subscriber("028003", 入网日期=date(2026, 1, 1), 到期日期=date(2025, 1, 1)),
        subscriber("028004"),
        subscriber("028004", 用户姓名="又一个"),
        subscriber(510104199001011234),
        subscriber("028006", 状态="飞了"),
    ]
    batch = preview(rows)
    assert counts(batch) == (1, 0, 0, 6)
    assert faults(batch) == {
        "C2": "not_phone",
        "E2": "unknown",
        "H2": "not_speed",
        "A3": "required",
        "K4": "expires_before_start",
        "A6": "twice",
        "A7": "digits_lost",
        "L8": "not_choice",
    }
    twice = batch.rows.get(number=6)
    assert (twice.faults or [])[0]["params"] == {"row": 5}


def test_title_blank_totals_and_example_rows_are_skipped_and_counted(preview: Import, project: Project) -> None:
    rows: list[list[Any]] = [
        ["用户名册(填报单位:____)"],
        [],
        SUBSCRIBERS,
        subscriber("示例028"),
        [],
        subscriber("028001"),
        ["  ", "\u3000", *[""] * 10],
        ["合 计", 1, *[None] * 10],
        ["小计:", 1],
    ]
    batch = preview(rows)
    assert counts(batch) == (1, 0, 0, 0)
    assert (batch.rows_read, batch.rows_skipped) == (1, 5)
    assert batch.rows.get().number == 6


def test_values_that_can_be_read_two_ways_are_noted(preview: Import, grid: Grid) -> None:
    row = ["P000009", "锦江01网格", "新城", "", 42000, "住宅", "1200", "ftth", 640.0, 0.85, "32%", ""]
    batch = preview([PROJECTS, row])
    assert counts(batch) == (1, 0, 0, 0)
    assert notes(batch) == {"E2": "read_serial", "J2": "read_percent"}


@pytest.mark.parametrize("epoch_1904", [False, True])
def test_dates_and_serials_follow_the_epoch_of_the_workbook(
    imported: Import, project: Project, epoch_1904: bool
) -> None:
    expires = date(2026, 12, 24)
    serial = (expires - (date(1904, 1, 1) if epoch_1904 else date(1899, 12, 30))).days
    rows = [SUBSCRIBERS, subscriber("028001", 到期日期=expires), subscriber("028002", 到期日期=serial)]
    imported(rows, epoch_1904=epoch_1904)
    assert set(Subscriber.objects.values_list("expires_on", flat=True)) == {expires}


def test_phones_as_floats_and_full_width_digits(imported: Import, project: Project) -> None:
    imported([SUBSCRIBERS, subscriber("028\n001 ", 联系电话=19900000007.0, 月费="99.5", 用户姓名="\u3000王 芳 ")])
    made = Subscriber.objects.get()
    assert (made.phone, str(made.monthly_fee), made.name) == ("19900000007", "99.50", "王 芳")


def test_zeros_that_excel_dropped_are_given_back_and_noted(imported: Import, project: Project) -> None:
    batch = imported([SUBSCRIBERS, subscriber("02800000001"), subscriber(2800000002.0)])
    assert set(Subscriber.objects.values_list("account", flat=True)) == {"02800000001", "02800000002"}
    assert notes(batch) == {"A3": "zeros_restored"}


def test_an_error_in_a_cell_is_not_taken_for_an_empty_one(admin_user: User, project: Project) -> None:
    content = rewritten(
        book([SUBSCRIBERS, subscriber("028001", 月费=77), subscriber("028002", 用户姓名=78), subscriber("028003")]),
        lambda _name, data: data.replace(b'r="I2" t="n"><v>77', b'r="I2" t="e"><v>#N/A').replace(
            b'r="B3" t="n"><v>78', b'r="B3" t="e"><v>#REF!'
        ),
    )
    batch = services.finish(services.receive(upload(content), admin_user))
    batch = services.finish(services.confirm_columns(batch))
    assert counts(batch) == (1, 0, 0, 2)
    assert faults(batch) == {"I2": "error_cell", "B3": "error_cell"}


def test_new_rows_need_the_required_columns(preview: Import, project: Project) -> None:
    batch = preview([["项目编码", "端口数"], ["P000001", 640], ["P000777", 8]], kind="projects")
    assert counts(batch) == (0, 1, 0, 1)
    assert faults(batch) == {"A3": "new_needs"}


def test_checks_across_columns_reach_the_stored_value(preview: Import, subscriber: Subscriber) -> None:
    Subscriber.objects.filter(pk=subscriber.pk).update(started_on=date(2026, 1, 1), expires_on=date(2027, 1, 1))
    batch = preview([["用户账号", "到期日期"], [subscriber.account, "2025-01-01"]], kind="subscribers")
    assert faults(batch) == {"B2": "expires_before_start"}


def test_a_name_that_stands_for_two_grids_is_refused(preview: Import, grid: Grid, foreign_grid: Grid) -> None:
    Grid.objects.create(unit=foreign_grid.unit, name=grid.name)
    batch = preview([PROJECTS, ["P000009", grid.name, "新城", *[""] * 9]])
    assert faults(batch) == {"B2": "ambiguous"}


def test_columns_left_out_once_do_not_hide_what_the_file_is(admin_user: User, project: Project) -> None:
    content = book([SUBSCRIBERS, subscriber("028001")])
    first = services.finish(services.receive(upload(content), admin_user))
    services.finish(services.confirm_columns(first, {0: "account"}, by=admin_user))
    again = services.finish(services.receive(upload(content), admin_user))
    assert (again.state, again.columns["4"]) == (Batch.State.MATCHED, "project_id")


def test_a_speed_in_any_shape_reads_the_same(imported: Import, project: Project) -> None:
    shapes = ["1000M", "1G", "千兆", "1000Mbps", "1000", 1000.0]
    imported([SUBSCRIBERS, *(subscriber(f"0280{n}", 速率=shape) for n, shape in enumerate(shapes))])
    assert list(Subscriber.objects.values_list("speed_mbps", flat=True)) == [1000] * len(shapes)
