"""The roster of commission paid: 佣金发放, one row a month, agent, project and kind (P5)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from channels.services_paid import follow_paid, restore_indicators
from gridops.accounts.models import Role, User
from gridops.workbooks.columns import Ignored, Integer, MonthColumn, Number, Text
from gridops.workbooks.lookups import LookUp
from gridops.workbooks.models import Batch
from gridops.workbooks.sheet import GRID, Consequence, Sheet, after_batch, after_undone, register
from gridops.workbooks.store import TableStore
from projects.sheets_rivals import PROJECT

MOST_PIECES, MOST = 1_000_000, Decimal(9_999_999_999)  # yuan; what is below zero was taken back
AGENT = LookUp(
    field="agent_id",
    header="代理商编码",
    synonyms=("代理商编号",),
    model="channels.Agent",
    required=True,
    or_by="name",
    or_header="代理商名称",
    example="D00001",
)


@register
class PaidSheet(Sheet):
    """佣金发放. Rows of projects that are not the importer's are refused as unknown."""

    kind = "commission"
    title = "佣金发放"
    model = "channels.Paid"
    key = ("month", "agent_id", "project_id", "kind")
    roles = (Role.ADMIN, Role.SUPERVISOR)
    store = TableStore
    columns = (
        MonthColumn(
            field="month",
            header="月份",
            synonyms=("账期", "发放月份", "佣金月份", "统计月份"),
            required=True,
            example="2026-11",
        ),
        AGENT,
        PROJECT,
        Ignored(field="agent_name", header="代理商名称", synonyms=("代理商",)),
        Ignored(field="project_name", header="项目名称"),
        Text(
            field="kind",
            header="佣金类别",
            synonyms=("佣金类型", "佣金项目", "佣金名称", "类别"),
            limit=40,
            required=True,
            example="新装",
        ),
        Integer(
            field="quantity",
            header="数量",
            synonyms=("笔数", "户数", "用户数"),
            low=-MOST_PIECES,
            high=MOST_PIECES,
            example=6,
        ),
        Number(
            field="amount",
            header="金额",
            synonyms=("佣金金额", "发放金额", "实发金额", "金额(元)"),
            low=-MOST,
            high=MOST,
            required=True,
            example="360.00",
        ),
        Ignored(field="grid", header=GRID.header, synonyms=GRID.synonyms),
    )

    def check_rows(
        self,
        rows: Sequence[tuple[Any, ...]],
        fields: list[str],
        user: User,  # noqa: ARG002
    ) -> dict[int, tuple[str, str, dict[str, Any]]]:
        """Nothing was paid in a month that has not come."""
        today, at = timezone.localdate().isoformat(), fields.index("month")
        return {
            position: ("month", "not_yet", {"value": str(row[at])[:7]})
            for position, row in enumerate(rows)
            if row[at] is not None and str(row[at]) > today
        }

    def consequences(self, batch: Batch) -> list[Consequence]:
        """The ledger of the months shows the sums."""
        if not batch.rows_new + batch.rows_changed:
            return []
        text = _("The commission in the month indicators of these projects becomes the sum of this roster.")
        return [Consequence(text)]

    def undoing(self, batch: Batch) -> list[str]:
        """And shows again what it showed before."""
        if not batch.rows_new + batch.rows_changed:
            return []
        return [_("The month indicators of these projects get back the commission that stood there before.")]


after_batch("commission", follow_paid)
after_undone("commission", follow_paid)
after_batch("indicators", restore_indicators)
after_undone("indicators", restore_indicators)
