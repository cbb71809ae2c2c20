"""The rosters of projects: the basic ledger (P1) and the month's figures (P2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gridops.workbooks.columns import (
    Choice,
    Code,
    Day,
    Ignored,
    Integer,
    LookUp,
    MonthColumn,
    Number,
    Percent,
    Phone,
    Text,
)
from gridops.workbooks.sheet import GRID, Cross, Sheet, register
from gridops.workbooks.store import TableStore
from projects.models import Project

Nature, Access = Project.Nature, Project.Access
MOST = Decimal(9_999_999_999)  # yuan


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
    """项目经营指标, one row a project and month."""

    kind = "indicators"
    title = "项目经营指标"
    model = "projects.MonthlyIndicator"
    key = ("month", "project_id")
    store = TableStore
    columns = (
        MonthColumn(field="month", header="月份", synonyms=("账期", "统计月份"), required=True, example="2026-11"),
        LookUp(
            field="project_id",
            header="项目编码",
            synonyms=("项目编号",),
            model="projects.Project",
            required=True,
            example="P000001",
        ),
        Ignored(field="project_name", header="项目名称"),
        Integer(field="billing_users", header="出账用户数", synonyms=("出账用户",), example=420),
        Number(field="billing_revenue", header="出账收入", low=-MOST, high=MOST, example="31500.50"),
        Integer(field="net_adds", header="净增用户", synonyms=("净增用户数", "净增"), low=-1_000_000, example=12),
        Integer(field="renewals_due", header="续费到期数", synonyms=("到期用户数",), example=35),
        Integer(field="renewals_done", header="续费完成数", synonyms=("续费用户数",), example=28),
        Integer(field="ports", header="端口数", synonyms=("端口总数",), example=640),
        Integer(field="ports_used", header="占用端口数", synonyms=("已用端口数",), example=420),
        Number(field="commission", header="佣金返利", synonyms=("佣金",), low=-MOST, high=MOST, example="2100.00"),
    )
    cross = (
        Cross(("renewals_done", "renewals_due"), "renewals_done", "more_than_whole", no_more_than),
        Cross(("ports_used", "ports"), "ports_used", "more_than_whole", no_more_than),
    )
