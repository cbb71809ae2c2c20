"""The roster of new projects (F1)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F

from gridops.workbooks.columns import Choice, Day, Integer, Number, Phone, Text
from gridops.workbooks.models import Batch
from gridops.workbooks.sheet import GRID, Sheet, after_applied, after_batch, derived, register
from gridops.workbooks.store import TableStore
from projects import rules_prospects as rules
from projects import services_prospects as services
from projects.models import Preparation, Prospect, Stage


@dataclass(slots=True, kw_only=True)
class StageColumn(Choice):
    """A stage; a roster takes nobody back: one that names an earlier stage says nothing new."""

    blank: Any = Stage.FOUND

    def says_same(self, stored: Any, cleaned: Any) -> bool:
        """Whether the stored stage is at least as far."""
        return rules.rank(stored) >= rules.rank(cleaned)


class ProspectStore(TableStore):
    """Their table; undoing keeps those in whose preparation somebody had a hand."""

    def undo(self, batch: Batch) -> int:
        """A step that was done, dated by hand or added counts as an edit."""
        steps = Preparation.objects.filter(prospect__created_batch=batch)
        worked = steps.exclude(done_on=None, is_due_set=False, template__isnull=False, note="")
        Prospect.objects.filter(pk__in=worked.values("prospect")).update(version=F("version") + 1)
        return super().undo(batch)


@register
class ProspectSheet(Sheet):
    """新项目储备, one row a compound to be won."""

    kind = "prospects"
    title = "新项目储备"
    model = "projects.Prospect"
    key = ("grid_id", "name")
    store = ProspectStore
    columns = (
        GRID,
        Text(
            field="name",
            header="新项目名称",
            synonyms=("楼盘名称",),
            limit=80,
            required=True,
            example="锦绣雅苑在建",
        ),
        Text(field="address", header="地址", synonyms=("项目地址", "楼盘地址"), example="锦江区建设路8号"),
        Choice(
            field="kind",
            header="类型",
            synonyms=("项目类型",),
            choices={"拟建楼盘": Prospect.Kind.NEW_BUILD, "未覆盖成熟楼盘": Prospect.Kind.UNCOVERED},
            more={"在建楼盘": Prospect.Kind.NEW_BUILD, "成熟楼盘": Prospect.Kind.UNCOVERED},
            blank=Prospect.Kind.NEW_BUILD,
            example="拟建楼盘",
        ),
        Text(field="developer", header="开发商", synonyms=("开发商/物业",), limit=80, example="锦绣置业"),
        Integer(field="households", header="预计户数", synonyms=("规划户数",), high=1_000_000, example=1200),
        Integer(field="ports", header="规划端口数", synonyms=("预计端口数",), high=1_000_000, example=640),
        Day(field="approval_planned_on", header="立项开始时间", synonyms=("立项时间",), example="2026-03-01"),
        Integer(field="building_months", header="施工周期(月)", synonyms=("施工周期",), high=240, example=18),
        Day(field="live_planned_on", header="预计投产时间", example="2027-09-01"),
        StageColumn(
            field="stage",
            header="阶段",
            synonyms=("当前阶段", "进度"),
            choices={
                "发现": Stage.FOUND,
                "立项": Stage.APPROVAL,
                "洽谈": Stage.AGREEMENT,
                "在建": Stage.BUILDING,
                "验收": Stage.ACCEPTED,
            },
            more={"洽谈与进场协议": Stage.AGREEMENT},
            example="立项",
        ),
        Text(field="contact", header="联系人", limit=60, example="李伟"),
        Phone(field="contact_phone", header="联系电话", example="19900000001"),
        Number(field="longitude", header="经度", low=Decimal(-180), high=Decimal(180), places=6, example="104.066541"),
        Number(field="latitude", header="纬度", low=Decimal(-90), high=Decimal(90), places=6, example="30.572269"),
    )


after_applied("prospects", services.keep_all_up)
after_batch("prospects", services.after_import)
derived("prospects", "projects.Preparation", "prospect")
