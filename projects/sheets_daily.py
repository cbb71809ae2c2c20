"""The roster of the unit's daily report: 日通报, one row a project and day, counted from the month's first day (S1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from gridops.accounts.models import User
from gridops.workbooks.columns import Day, Ignored, Integer
from gridops.workbooks.sheet import Sheet, register
from gridops.workbooks.store import TableStore
from projects.sheets_rivals import GRID_SHOWN, NAME, PROJECT

FIGURES = ("installs", "net_adds", "renewals", "ports_used")
MOST = 1_000_000


@register
class DailySheet(Sheet):
    """日通报, one row a project and day; a cumulative figure of the month each."""

    kind = "daily_results"
    title = "日通报"
    model = "projects.DailyResult"
    key = ("day", "project_id")
    store = TableStore
    columns = (
        Day(
            field="day",
            header="日期",
            synonyms=("统计日期", "截至日期", "数据日期", "通报日期", "截止日期"),
            required=True,
            example="2026-11-12",
        ),
        PROJECT,
        Ignored(field="project_name", header=NAME, synonyms=("小区名称",)),
        Integer(
            field="installs",
            header="发展",
            synonyms=("发展数", "发展用户", "新装", "新装数", "累计发展", "月累计发展", "本月发展", "本月累计发展"),
            low=-MOST,
            high=MOST,
            example=18,
        ),
        Integer(
            field="net_adds",
            header="净增",
            synonyms=("净增数", "净增用户", "净增用户数", "累计净增", "月累计净增", "本月净增", "本月累计净增"),
            low=-MOST,
            high=MOST,
            example=11,
        ),
        Integer(
            field="renewals",
            header="续费",
            synonyms=("续费数", "续费用户", "续费用户数", "累计续费", "月累计续费", "本月续费", "本月累计续费"),
            high=MOST,
            example=26,
        ),
        Integer(
            field="ports_used",
            header="占用端口数",
            synonyms=("占用端口", "已用端口数", "已用端口", "在用端口数"),
            high=MOST,
            example=420,
        ),
        GRID_SHOWN,
    )

    def check_rows(
        self,
        rows: Sequence[tuple[Any, ...]],
        fields: list[str],
        user: User,  # noqa: ARG002
    ) -> dict[int, tuple[str, str, dict[str, Any]]]:
        """A day that has not come is a slip, and so is a row without a figure."""
        today, day_at = timezone.localdate().isoformat(), fields.index("day")
        figures = [at for at, name in enumerate(fields) if name in FIGURES]
        found: dict[int, tuple[str, str, dict[str, Any]]] = {}
        for at, row in enumerate(rows):
            if row[day_at] is not None and str(row[day_at]) > today:
                found[at] = ("day", "not_yet", {"value": row[day_at]})
            elif all(row[place] is None for place in figures):
                found[at] = ("project_id", "nothing_said", {})
        return found
