"""The renewal specialist's own list of who expires in a month (续费明细), to be compared with ours (S7, N1)."""

from __future__ import annotations

from decimal import Decimal

from django.urls import reverse
from django.utils.translation import ngettext

from gridops.accounts.models import Role
from gridops.common.months import Month
from gridops.common.templatetags.gridops import month as month_name
from gridops.workbooks.columns import Code, Day, Ignored, MonthColumn, Number, Phone, Text
from gridops.workbooks.lookups import LookUp
from gridops.workbooks.models import Batch
from gridops.workbooks.sheet import Consequence, Sheet, after_batch, after_undone, derived, register
from gridops.workbooks.store import TableStore
from renewals.models import Difference
from renewals.services_reconcile import follow_import, touched_by


@register
class SpecialistSheet(Sheet):
    """续费明细, one row a contract that expires in the month."""

    kind = "renewal_details"
    title = "续费明细"
    model = "renewals.SpecialistLine"
    key = ("month", "account")
    roles = (Role.RENEWAL_SPECIALIST, Role.SUPERVISOR, Role.ADMIN)
    #: the roster of subscribers has these, a list of who expires has not
    strangers = ("装机地址", "入网日期", "状态")
    store = TableStore
    columns = (
        MonthColumn(field="month", header="月份", synonyms=("到期月份", "续费月份"), required=True, example="2026-12"),
        Code(
            field="account",
            header="用户账号",
            synonyms=("宽带账号", "账号", "业务号码"),
            required=True,
            example="02800000001",
        ),
        Text(field="name", header="用户姓名", synonyms=("姓名", "客户姓名"), limit=60, private=True, example="王芳"),
        Phone(field="phone", header="联系电话", synonyms=("电话", "手机号码", "手机"), example="19900000001"),
        LookUp(
            field="project_id",
            header="项目编码",
            synonyms=("项目编号", "小区编码"),
            model="projects.Project",
            required=True,
            example="P000001",
        ),
        Ignored(field="project_name", header="项目名称", synonyms=("项目", "小区")),
        Day(field="expires_on", header="到期日期", synonyms=("到期日", "到期时间", "合约到期日"), example="2026-12-01"),
        Text(field="product", header="产品", synonyms=("套餐", "产品名称"), limit=60, example="宽带200M"),
        Number(field="monthly_fee", header="月费", synonyms=("月租", "套餐月费"), high=Decimal(999_999), example=99),
    )

    def consequences(self, batch: Batch) -> list[Consequence]:
        """How many differences of its months wait for a decision, once it is applied."""
        if batch.state != Batch.State.APPLIED:
            return []
        touched = touched_by(batch)
        found = []
        for month in sorted({month for _unit, month in touched}):
            units = {unit for unit, first in touched if first == month}
            number = Difference.objects.filter(unit__in=units, month=month).undecided().count()
            text = ngettext(
                "%(n)d difference between this list and the warning list of %(month)s waits for a decision.",
                "%(n)d differences between this list and the warning list of %(month)s wait for a decision.",
                number,
            )
            place = f"&unit={units.pop()}" if len(units) == 1 else ""
            url = f"{reverse('renewals:reconcile')}?month={Month.of(month)}{place}" if number else ""
            found.append(Consequence(text % {"n": number, "month": month_name(month)}, url))
        return found


after_batch("renewal_details", follow_import)
after_undone("renewal_details", follow_import)
# differences follow from either side: they don't keep an import of subscribers from being undone
derived("subscribers", "renewals.Difference", "subscriber")
