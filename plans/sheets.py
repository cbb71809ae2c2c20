"""The roster of targets handed down (O1, S1)."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import ngettext

from gridops.common.templatetags.gridops import month as month_name
from gridops.workbooks.columns import Integer, MonthColumn, Percent
from gridops.workbooks.models import Batch
from gridops.workbooks.sheet import GRID, Consequence, Sheet, after_batch, register
from gridops.workbooks.store import TableStore
from plans.services_targets_import import after_import, touched_by


@register
class TargetSheet(Sheet):
    """任务下达, one row a grid and month."""

    kind = "targets"
    title = "任务下达"
    model = "plans.Target"
    key = ("month", "grid_id")
    store = TableStore
    columns = (
        MonthColumn(field="month", header="月份", synonyms=("计划月份",), required=True, example="2026-12"),
        GRID,
        Integer(field="installs", header="发展", synonyms=("发展数", "发展任务", "新装"), low=-1_000_000, example=160),
        Integer(
            field="net_adds", header="净增", synonyms=("净增数", "净增任务", "净增用户"), low=-1_000_000, example=90
        ),
        Integer(field="renewals", header="续费", synonyms=("续费数", "续费任务"), example=210),
        Percent(field="port_utilisation", header="端口资源利用率", synonyms=("端口利用率",), example="72%"),
        Integer(field="talks", header="新项目洽谈", synonyms=("新项目洽谈数",), example=2),
        Integer(field="new_outlets", header="渠道网点拓展", synonyms=("渠道拓展",), example=1),
    )

    def consequences(self, batch: Batch) -> list[Consequence]:
        """Plans that were drafted already for these grids and months, and that the figures move away from."""
        found = []
        for month, plans in touched_by(batch).items():
            if batch.state == Batch.State.APPLIED:
                text = ngettext(
                    "%(n)d plan of %(month)s was made for other targets than these.",
                    "%(n)d plans of %(month)s were made for other targets than these.",
                    len(plans),
                )
                url = f"{reverse('plans:touched')}?month={month}"
            else:
                text = ngettext(
                    "%(n)d plan of %(month)s is drafted already for these grids and will be touched.",
                    "%(n)d plans of %(month)s are drafted already for these grids and will be touched.",
                    len(plans),
                )
                url = ""
            found.append(Consequence(text % {"n": len(plans), "month": month_name(month.first)}, url))
        return found


after_batch("targets", after_import)
