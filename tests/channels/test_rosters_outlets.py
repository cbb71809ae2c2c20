"""The rosters of outlets: hours, closed days and stage; what they sold by month; hand-kept counter staff stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from channels.choices import Stage
from channels.models import Outlet, OutletMonth
from gridops.accounts.models import Grid, User
from gridops.workbooks import services
from gridops.workbooks.cleaning import CellFault, to_clock, to_weekdays
from projects.models import Project
from tests.sheets import exported
from tests.workbooks.conftest import Import, counts, faults


@pytest.mark.parametrize(
    ("written", "read"),
    [("9:00", "09:00:00"), (0.375, "09:00:00"), ("9点半", "09:30:00"), ("21:30:00", "21:30:00"), (9.0, "09:00:00")],
)
def test_a_time_of_day_is_read_in_whatever_shape(written: object, read: str) -> None:
    assert to_clock(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [("周六、周日", "67"), ("六日", "67"), (67.0, "67"), ("无", ""), ("周末", "67"), ("星期天", "7"), ("7,1", "17")],
)
def test_days_of_the_week_are_read_in_whatever_shape(written: object, read: str) -> None:
    assert to_weekdays(written) == read


@pytest.mark.parametrize("read", [to_clock, to_weekdays])
def test_what_is_neither_is_refused(read: Callable[[object], str]) -> None:
    with pytest.raises(CellFault):
        read("25:61周八")


def test_hours_closed_days_and_stage_come_and_come_again_the_same(imported: Import, grid: Grid) -> None:
    header = ["受理点编码", "网格", "受理点名称", "拓展阶段", "开门时间", "关门时间", "店休日", "备注"]
    rows = [header, ["W7", grid.name, "店", "已签约", "9:00", "21:00", "周日、周六", "靠近地铁"]]
    assert counts(imported(rows, kind="outlets")) == (1, 0, 0, 0)
    made = Outlet.objects.get(code="W7")
    assert (made.stage, made.opens_at, made.closes_at) == (Stage.SIGNED, time(9), time(21))
    assert (made.rest_days, made.note) == ("67", "靠近地铁")
    assert counts(imported(rows, kind="outlets")) == (0, 0, 1, 0)
    again = [header, ["W7", grid.name, "店", "", "10:00", "21:00", "无", "靠近地铁"]]
    assert counts(imported(again, kind="outlets")) == (0, 1, 0, 0)
    made.refresh_from_db()
    assert (made.stage, made.opens_at, made.rest_days) == (Stage.SIGNED, time(10), "")


def test_a_new_outlet_without_a_stage_sells(imported: Import, grid: Grid) -> None:
    imported([["受理点编码", "网格", "受理点名称"], ["W8", grid.name, "店"]], kind="outlets")
    assert Outlet.objects.get(code="W8").stage == Stage.SELLING


def test_a_roster_keeps_what_is_known_of_the_people_that_it_names(imported: Import, outlet: Outlet) -> None:
    outlet.staff.create(name="王芳", phone="19912345678", position="店长")
    outlet.staff.create(name="李娜", phone="19912345679")
    batch = imported([["受理点编码", "坐店人员", "地址"], [outlet.code, "王芳、周明", "新址"]], kind="outlets")
    kept = outlet.staff.get(name="王芳")
    assert (kept.phone, kept.position) == ("19912345678", "店长")
    assert sorted(outlet.staff.values_list("name", flat=True)) == ["周明", "王芳"]
    services.finish(services.undo(batch))
    assert sorted(outlet.staff.values_list("name", "phone")) == [("李娜", ""), ("王芳", "19912345678")]


def test_what_is_exported_imports_again_the_same(
    client_of: Callable[[User], Client], admin_user: User, outlet: Outlet, project: Project, imported: Import
) -> None:
    Outlet.objects.update(
        opens_at=time(9), closes_at=time(20, 30), rest_days="17", stage=Stage.LAID_OUT, note="近地铁", longitude=104
    )
    outlet.nearby_projects.set([project])
    outlet.staff.create(name="王芳")
    answer = client_of(admin_user).get(reverse("channels:outlets-export"))
    batch = imported([list(row) for row in exported(answer)], kind="outlets")
    assert counts(batch) == (0, 0, 1, 0), [row.values for row in batch.rows.all()]
    assert {"stage", "opens_at", "closes_at", "rest_days", "staff", "nearby_projects"} <= set(batch.fields)


MONTHS = ["月份", "受理点编码", "受理订单数", "佣金(元)"]


def test_what_outlets_sold_comes_by_month_and_goes_with_undo(imported: Import, outlet: Outlet) -> None:
    batch = imported([MONTHS, ["2026-10", outlet.code, 18, "640.5"]], kind="outlet_months")
    row = OutletMonth.objects.get()
    assert (row.outlet, row.month, row.orders, row.commission) == (outlet, date(2026, 10, 1), 18, Decimal("640.50"))
    assert counts(imported([MONTHS, ["2026-10", outlet.code, 20, "640.50"]], kind="outlet_months")) == (0, 1, 0, 0)
    services.finish(services.undo(batch))
    assert OutletMonth.objects.get().orders == 20


def test_a_supervisor_brings_their_unit_s_months_and_no_other(
    imported: Import, supervisor: User, outlet: Outlet, foreign_project: Project
) -> None:
    other = Outlet.objects.create(code="W99", name="店", grid=foreign_project.grid)
    rows = [MONTHS, ["2026-10", outlet.code, 18, ""], ["2026-10", other.code, 18, ""], ["2026-09", outlet.code, "", ""]]
    batch = imported([*rows, ["2099-01", outlet.code, 1, ""]], kind="outlet_months", user=supervisor)
    assert counts(batch) == (1, 0, 0, 3)
    assert faults(batch) == {"B3": "unknown_to_you", "B4": "nothing_said", "A5": "not_yet"}
