"""The rosters of outlets: the outlets themselves (O5), and what they sold by month (C10)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.utils import timezone

from channels.choices import Stage
from gridops.accounts.models import Role, User
from gridops.workbooks.columns import (
    Choice,
    Clock,
    Code,
    Day,
    Ignored,
    Integer,
    MonthColumn,
    Names,
    Number,
    Phone,
    Text,
    Weekdays,
)
from gridops.workbooks.lookups import LookUp, LookUps
from gridops.workbooks.parts import Part, PartsStore
from gridops.workbooks.sheet import GRID, Sheet, register
from gridops.workbooks.store import TableStore

CODE, CODES = "受理点编码", ("受理点编号", "网点编码")
NAME, NAMES = "受理点名称", ("网点名称",)
STAGES = {
    "已发现": Stage.FOUND.value,
    "已洽谈": Stage.TALKED.value,
    "已签约": Stage.SIGNED.value,
    "已布置": Stage.LAID_OUT.value,
    "已开业": Stage.SELLING.value,
    "已放弃": Stage.GIVEN_UP.value,
}
MOST_ORDERS, MOST_PAID = 100_000, Decimal(10_000_000)


class OutletStore(PartsStore):
    """Outlet with its counter staff and the projects around it."""

    parts = (
        Part("staff", "channels.OutletStaff", "outlet", "name"),
        Part("nearby_projects", "channels.Outlet_nearby_projects", "outlet", "project"),
    )


@register
class OutletSheet(Sheet):
    """受理点名册, one row an outlet."""

    kind = "outlets"
    title = "受理点名册"
    model = "channels.Outlet"
    key = ("code",)
    store = OutletStore
    defaults: ClassVar[dict[str, Any]] = {"stage": Stage.SELLING.value}
    columns = (
        Code(field="code", header=CODE, synonyms=CODES, required=True, example="W000001"),
        GRID,
        Text(field="name", header=NAME, synonyms=NAMES, limit=80, required=True, example="锦绣手机店"),
        Text(field="address", header="地址", synonyms=("详细地址",), example="锦江区春熙路1号"),
        Text(field="owner_name", header="店老板", synonyms=("老板", "负责人"), limit=60, example="赵强"),
        Phone(field="phone", header="联系电话", synonyms=("电话",), example="19900000001"),
        Choice(
            field="stage",
            header="拓展阶段",
            synonyms=("阶段", "受理点阶段", "网点状态"),
            choices=STAGES,
            more={"已营业": Stage.SELLING.value, "营业中": Stage.SELLING.value, "已谈": Stage.TALKED.value},
            blank=Stage.SELLING.value,
            keeps=True,
            example="已开业",
        ),
        Day(
            field="opened_on",
            header="拓展日期",
            synonyms=("拓展时间", "开业日期", "开通日期", "签约日期"),
            example="2026-11-12",
        ),
        Clock(field="opens_at", header="开门时间", synonyms=("营业开始", "开始营业时间"), example="09:00"),
        Clock(field="closes_at", header="关门时间", synonyms=("营业结束", "结束营业时间"), example="21:00"),
        Weekdays(field="rest_days", header="店休日", synonyms=("休息日", "店休"), example="周日"),
        Names(field="staff", header="坐店人员", synonyms=("店员",), example="王芳、李娜"),
        LookUps(
            field="nearby_projects",
            header="周边项目编码",
            synonyms=("周边项目",),
            model="projects.Project",
            example="P000001、P000002",
        ),
        Number(field="longitude", header="经度", low=Decimal(-180), high=Decimal(180), places=6, example="104.066541"),
        Number(field="latitude", header="纬度", low=Decimal(-90), high=Decimal(90), places=6, example="30.572269"),
        Text(field="note", header="备注", synonyms=("说明",), limit=500),
    )


@register
class OutletMonthSheet(Sheet):
    """受理点业务量, one row an outlet and month, from the billing system; supervisors bring their unit's, too (C10)."""

    kind = "outlet_months"
    title = "受理点业务量"
    model = "channels.OutletMonth"
    key = ("month", "outlet_id")
    store = TableStore
    roles = (Role.SUPERVISOR, Role.ADMIN)
    columns = (
        MonthColumn(field="month", header="月份", synonyms=("账期", "统计月份"), required=True, example="2026-11"),
        LookUp(
            field="outlet_id",
            header=CODE,
            synonyms=CODES,
            model="channels.Outlet",
            required=True,
            example="W000001",
        ),
        Ignored(field="outlet_name", header=NAME, synonyms=NAMES),
        Ignored(field="grid", header=GRID.header, synonyms=GRID.synonyms),
        Integer(
            field="orders",
            header="受理订单数",
            synonyms=("业务量", "订单数", "受理量", "受理订单", "办理量"),
            high=MOST_ORDERS,
            example=18,
        ),
        Number(
            field="commission",
            header="佣金(元)",
            synonyms=("佣金", "受理佣金", "发放佣金"),
            low=-MOST_PAID,
            high=MOST_PAID,
            example="640.00",
        ),
    )

    def check_rows(
        self, rows: Sequence[tuple[Any, ...]], fields: list[str], user: User
    ) -> dict[int, tuple[str, str, dict[str, Any]]]:
        """A month that has not come is a slip, so is a row without a figure; supervisors bring their unit's."""
        today, month = timezone.localdate().isoformat(), fields.index("month")
        figures = [at for at, name in enumerate(fields) if name in ("orders", "commission")]
        foreign = self._foreign(rows, fields.index("outlet_id"), user)
        found: dict[int, tuple[str, str, dict[str, Any]]] = {}
        for at, row in enumerate(rows):
            if row[month] is not None and str(row[month]) > today:
                found[at] = ("month", "not_yet", {"value": str(row[month])[:7]})
            elif all(row[place] is None for place in figures):
                found[at] = ("outlet_id", "nothing_said", {})
            elif at in foreign:
                found[at] = ("outlet_id", "foreign_row", {})
        return found

    def _foreign(self, rows: Sequence[tuple[Any, ...]], outlet: int, user: User) -> set[int]:
        """Rows of units that the person reads without supervising them."""
        if user.scope.everything:
            return set()
        from channels.models import Outlet  # sheets are loaded with the apps

        own = set(Outlet.objects.supervised_by(user, timezone.localdate()).order_by().values_list("pk", flat=True))
        return {at for at, row in enumerate(rows) if row[outlet] is not None and row[outlet] not in own}
