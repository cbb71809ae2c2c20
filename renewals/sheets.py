"""The roster of subscribers (O6, N3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gridops.workbooks.columns import Choice, Code, Day, Ignored, Number, Phone, Speed, Text
from gridops.workbooks.lookups import LookUp
from gridops.workbooks.sheet import Cross, Sheet, register
from gridops.workbooks.store import TableStore
from renewals.models import Subscriber

Status = Subscriber.Status


def _in_order(start: Any, end: Any) -> dict[str, Any] | None:
    return {} if start and end and end < start else None


@register
class SubscriberSheet(Sheet):
    """用户名册, one row a household on a contract."""

    kind = "subscribers"
    title = "用户名册"
    model = "renewals.Subscriber"
    key = ("account",)
    #: the renewal specialist's list of a month, and a filled list, are not the roster
    strangers = ("月份", "清单月份", "回访日期")
    store = TableStore
    columns = (
        Code(field="account", header="用户账号", synonyms=("宽带账号", "账号"), required=True, example="02800000001"),
        Text(field="name", header="用户姓名", synonyms=("姓名", "客户姓名"), limit=60, private=True, example="王芳"),
        Phone(field="phone", header="联系电话", synonyms=("电话", "手机号码"), example="19900000001"),
        Text(field="address", header="装机地址", synonyms=("安装地址", "地址"), example="锦绣花园一期3栋2单元501"),
        LookUp(
            field="project_id",
            header="项目编码",
            synonyms=("项目编号",),
            model="projects.Project",
            required=True,
            example="P000001",
        ),
        Ignored(field="project_name", header="项目名称"),
        Text(field="product", header="产品", synonyms=("套餐", "产品名称"), limit=60, example="宽带200M"),
        Speed(field="speed_mbps", header="速率", synonyms=("带宽",), example="200M"),
        Number(field="monthly_fee", header="月费", synonyms=("月租", "套餐月费"), high=Decimal(999_999), example=99),
        Day(field="started_on", header="入网日期", synonyms=("入网时间", "开户日期"), example="2024-12-01"),
        Day(field="expires_on", header="到期日期", synonyms=("到期日", "到期时间"), example="2026-12-01"),
        Choice(
            field="status",
            header="状态",
            synonyms=("用户状态",),
            choices={"在用": Status.ACTIVE, "欠停": Status.SUSPENDED, "拆机": Status.CLOSED},
            more={"正常": Status.ACTIVE, "停机": Status.SUSPENDED, "欠费停机": Status.SUSPENDED, "销户": Status.CLOSED},
            blank=Status.ACTIVE.value,
            example="在用",
        ),
    )
    cross = (Cross(("started_on", "expires_on"), "expires_on", "expires_before_start", _in_order),)


# The engine looks for an app's rosters here.
from renewals import sheets_returned, sheets_specialist  # noqa: E402, F401
