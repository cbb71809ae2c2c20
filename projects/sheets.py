"""The rosters of projects: the basic ledger (P1), the month's figures (P2), what rivals offer (P3).

Their titles and headers are the handbook's own; ``layouts.py`` takes them from here for the files that are exported.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import product
from typing import Any

from gridops.accounts.models import User
from gridops.workbooks.columns import (
    Choice,
    Code,
    Day,
    Ignored,
    Integer,
    MonthColumn,
    Number,
    Percent,
    Phone,
    Text,
)
from gridops.workbooks.sheet import GRID, Cross, Sheet, register
from gridops.workbooks.store import TableStore
from projects.models import MonthlyIndicator, Project
from projects.sheets_rivals import NAME, PROJECT, RivalSheet

__all__ = ["IndicatorSheet", "ProjectSheet", "RivalSheet"]

Nature, Access = Project.Nature, Project.Access
MOST = Decimal(9_999_999_999)  # yuan
FED_BY = {"commission": "佣金发放"}  # field -> the roster whose sum it is in the months of which that speaks


# how people head the groups of P2, and the columns in them; the first of each is the handbook's, or ours
NET_ADDS = ("净增用户", "净增用户数", "净增")
RENEWALS = ("续费指标", "续费", "续费情况", "用户续费")
PORTS = ("端口资源利用率", "端口利用率", "端口资源利用", "端口")
COMMISSION = ("佣金返利", "佣金")
LAST = ("上月", "上月完成", "上月实际", "上月数")
TARGET = ("本月任务", "任务", "本月目标", "目标")
ACTUAL = ("本月", "本月完成", "本月实际", "本月数", "完成")


def ways(groups: tuple[str, ...], headers: tuple[str, ...]) -> tuple[str, ...]:
    """Every way to head a column in a group."""
    return tuple(f"{group}/{header}" for group, header in product(groups, headers))


def for_the_eye(field: str, groups: tuple[str, ...], headers: tuple[str, ...]) -> Ignored:
    """A column of a group that stands there to be compared with, and is not imported."""
    spelt = ways(groups, headers)
    return Ignored(field=field, header=spelt[0], grouped=spelt[0], synonyms=spelt[1:])


def no_more_than(part: Any, whole: Any) -> dict[str, Any] | None:
    """A part is not more than its whole, where both are known."""
    return {"value": part, "whole": whole} if part is not None and whole is not None and part > whole else None


@register
class ProjectSheet(Sheet):
    """项目基础信息台账, one row a project."""

    kind = "projects"
    title = "项目基础信息台账"
    model = "projects.Project"
    key = ("code",)
    store = TableStore
    keeps_same = True
    columns = (
        Code(field="code", header="项目编码", synonyms=("项目编号", "编码"), required=True, example="P000001"),
        GRID,
        Text(field="name", header="项目名称", synonyms=("小区名称",), limit=80, required=True, example="锦绣花园一期"),
        Text(field="address", header="项目详细地址", synonyms=("项目地址", "详细地址"), example="锦江区春熙路1号"),
        Day(field="built_on", header="建成时间", synonyms=("建成日期",), example="2016-05-01"),
        Choice(
            field="nature",
            header="项目性质",
            synonyms=("性质",),
            choices={
                "住宅": Nature.RESIDENTIAL,
                "商住": Nature.MIXED,
                "写字楼": Nature.OFFICE,
                "城中村": Nature.URBAN_VILLAGE,
                "安置房": Nature.RESETTLEMENT,
            },
            more={"住宅小区": Nature.RESIDENTIAL, "商住楼": Nature.MIXED, "商住两用": Nature.MIXED},
            example="住宅",
        ),
        Integer(field="households", header="覆盖户数", synonyms=("户数", "住户数"), high=1_000_000, example=1200),
        Choice(
            field="access",
            header="接入方式",
            choices={"FTTH": Access.FTTH, "FTTB": Access.FTTB, "LAN": Access.LAN},
            more={"光纤到户": Access.FTTH, "光纤到楼": Access.FTTB},
            example="FTTH",
        ),
        Integer(field="ports", header="端口数", synonyms=("端口总数",), high=1_000_000, example=640),
        Text(field="property_company", header="物业方", synonyms=("物业公司",), limit=80, example="锦绣物业"),
        Text(field="property_contact", header="物业联系人", limit=60, example="李伟"),
        Phone(field="property_phone", header="联系电话", synonyms=("物业联系电话", "物业电话"), example="19900000001"),
        Text(field="property_rebate", header="物业返利情况", synonyms=("物业返利",), limit=120, example="无"),
        Percent(field="occupancy", header="入住情况", synonyms=("入住率",), example="85%"),
        Text(field="rivals", header="竞争对手情况", synonyms=("竞争情况",), example="电信已进驻"),
        Percent(field="market_share", header="市场份额", synonyms=("市场占有率",), example="32%"),
        Text(field="agent_name", header="代理商", synonyms=("代理商名称",), limit=80, example="锦绣通信服务部"),
        Number(field="longitude", header="经度", low=Decimal(-180), high=Decimal(180), places=6, example="104.066541"),
        Number(field="latitude", header="纬度", low=Decimal(-90), high=Decimal(90), places=6, example="30.572269"),
    )


@register
class IndicatorSheet(Sheet):
    """项目经营指标, one row a project and month; also as the handbook's form, with two header rows and no month."""

    kind = "indicators"
    title = "项目经营指标"
    model = "projects.MonthlyIndicator"
    key = ("month", "project_id")
    store = TableStore
    keeps_same = True
    columns = (
        MonthColumn(field="month", header="月份", synonyms=("账期", "统计月份"), required=True, example="2026-11"),
        PROJECT,
        Ignored(field="project_name", header=NAME),
        Integer(field="billing_users", header="出账用户数", synonyms=("出账用户",), example=420),
        Number(field="billing_revenue", header="出账收入", low=-MOST, high=MOST, example="31500.50"),
        for_the_eye("last_net_adds", NET_ADDS, LAST),
        for_the_eye("target_net_adds", NET_ADDS, TARGET),
        Integer(
            field="net_adds",
            header="净增用户",
            grouped="净增用户/本月",
            synonyms=("净增用户数", "净增", *ways(NET_ADDS, ACTUAL)),
            low=-1_000_000,
            example=12,
        ),
        for_the_eye("last_renewals", RENEWALS, LAST),
        for_the_eye("target_renewals", RENEWALS, TARGET),
        Integer(
            field="renewals_due",
            header="续费到期数",
            grouped="续费指标/到期数",
            synonyms=("到期用户数", *ways(RENEWALS, ("到期数", "本月到期", "到期"))),
            example=35,
        ),
        Integer(
            field="renewals_done",
            header="续费完成数",
            grouped="续费指标/完成数",
            synonyms=("续费用户数", *ways(RENEWALS, ("完成数", *ACTUAL))),
            example=28,
        ),
        for_the_eye("renewal_rate", RENEWALS, ("续费率", "完成率")),
        for_the_eye("last_port_utilisation", PORTS, LAST),
        for_the_eye("target_port_utilisation", PORTS, TARGET),
        Integer(
            field="ports",
            header="端口数",
            grouped="端口资源利用率/端口数",
            synonyms=("端口总数", *ways(PORTS, ("端口数", "端口总数"))),
            example=640,
        ),
        Integer(
            field="ports_used",
            header="占用端口数",
            grouped="端口资源利用率/占用端口数",
            synonyms=("已用端口数", *ways(PORTS, ("占用端口数", "占用数", "已用端口数"))),
            example=420,
        ),
        for_the_eye("port_utilisation", PORTS, ACTUAL),
        for_the_eye("last_commission", COMMISSION, LAST),
        Number(
            field="commission",
            header="佣金返利",
            grouped="佣金返利/本月",
            synonyms=("佣金", *ways(COMMISSION, ACTUAL)),
            low=-MOST,
            high=MOST,
            example="2100.00",
            keeps=True,
        ),
        Ignored(field="grid", header=GRID.header, synonyms=GRID.synonyms),
    )
    cross = (
        Cross(("renewals_done", "renewals_due"), "renewals_done", "more_than_whole", no_more_than),
        Cross(("ports_used", "ports"), "ports_used", "more_than_whole", no_more_than),
    )

    def check_rows(
        self,
        rows: Sequence[tuple[Any, ...]],
        fields: list[str],
        user: User,  # noqa: ARG002
    ) -> dict[int, tuple[str, str, dict[str, Any]]]:
        """What the roster of commission says of a project's month is not typed over; one query."""
        if "commission" not in fields:
            return {}
        month, project, figure = (fields.index(name) for name in ("month", "project_id", "commission"))
        fed = MonthlyIndicator.objects.fed({row[month] for row in rows if row[month]})
        found = {}
        for at, row in enumerate(rows) if fed else ():
            stands = fed.get((row[project], row[month]))
            if stands is not None and row[figure] is not None and Decimal(row[figure]) != stands:
                found[at] = ("commission", "from_roster", {"roster": FED_BY["commission"], "value": f"{stands:,.2f}"})
        return found


# The engine looks for an app's rosters here.
from projects import sheets_daily, sheets_prospects  # noqa: E402, F401
