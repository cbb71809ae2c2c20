"""The roster of new projects: 新项目储备 (F1)."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from gridops.accounts.models import Grid, User
from gridops.workbooks import services
from gridops.workbooks.models import Batch
from gridops.workbooks.trail import trail
from projects.models import Preparation, Prospect, Stage
from projects.services_prospects import look, tick
from tests import factories
from tests.workbooks.conftest import Import, counts, faults

pytestmark = pytest.mark.django_db

HEADER = [
    "网格",
    "新项目名称",
    "地址",
    "类型",
    "开发商",
    "预计户数",
    "立项开始时间",
    "施工周期(月)",
    "预计投产时间",
    "阶段",
    "联系人",
    "联系电话",
]


def row(name: str, stage: str = "在建", grid: str = "锦江01网格", **other: object) -> list[object]:
    cells: dict[str, object] = {
        "网格": grid,
        "新项目名称": name,
        "地址": "锦江区建设路8号",
        "类型": "拟建楼盘",
        "开发商": "锦绣置业",
        "预计户数": 1200,
        "立项开始时间": date(2026, 3, 1),
        "施工周期(月)": 12,
        "预计投产时间": date(2027, 3, 1),
        "阶段": stage,
        "联系人": "李伟",
        "联系电话": "19900000001",
    }
    return list({**cells, **other}.values())


def undone(batch: Batch) -> Batch:
    return services.finish(services.undo(batch))


def test_a_roster_is_recognised_read_and_the_second_time_changes_nothing(imported: Import, grid: Grid) -> None:
    batch = imported([HEADER, row("翠湖雅苑在建")])
    assert (batch.kind, counts(batch)) == ("prospects", (1, 0, 0, 0))
    made = Prospect.objects.get()
    assert (made.grid, made.stage, made.kind, made.households) == (grid, Stage.BUILDING, "new_build", 1200)
    assert (made.approval_on, made.building_months, made.live_planned_on) == (date(2026, 3, 1), 12, date(2027, 3, 1))
    assert made.looked_at.date() <= timezone.now().date()
    assert counts(imported([HEADER, row("翠湖雅苑在建")])) == (0, 0, 1, 0)


def test_what_people_type_is_read_and_bad_rows_alone_are_refused(imported: Import, grid: Grid) -> None:
    messy = [
        ["新项目储备(填报单位:________)"],
        [],
        [f"{name}\n" for name in HEADER],
        row("甲", 联系电话=19900000001.0, 立项开始时间="2026.3.1", 预计投产时间="2027年3月1日"),
        row(" 乙\u3000", 预计户数="\uff11\uff12\uff10\uff10", 类型="未覆盖成熟楼盘"),
        [],
        row("丙", stage="封顶"),
        row("丁", 预计户数=-3),
        row("戊", grid="没有这个网格"),
        row(""),
        row("甲"),
        ["合计", 7],
    ]
    batch = imported(messy)
    assert counts(batch)[0] == 2
    assert sorted(faults(batch).values()) == ["not_choice", "required", "too_small", "twice", "unknown"]
    assert {found.name: found.kind for found in Prospect.objects.all()} == {"甲": "new_build", "乙": "uncovered"}
    assert Prospect.objects.get(name="甲").contact_phone == "19900000001"


def test_steps_of_the_stages_ahead_are_made_once_and_their_days_follow_the_roster(
    imported: Import,
    grid: Grid,
) -> None:
    imported([HEADER, row("甲")])
    steps = Preparation.objects.all()
    assert set(steps.values_list("stage", flat=True)) == {"accepted", "live"}
    assert steps.get(title__startswith="告知周边").due_on == date(2027, 2, 26)
    before = steps.count()
    batch = imported([HEADER, row("甲", 预计投产时间=date(2027, 4, 1))])
    assert counts(batch) == (0, 1, 0, 0)
    assert (steps.count(), steps.get(title__startswith="告知周边").due_on) == (before, date(2027, 3, 29))
    undone(batch)
    assert steps.get(title__startswith="告知周边").due_on == date(2027, 2, 26)


def test_undo_takes_the_steps_along_but_keeps_what_somebody_worked_on(
    imported: Import,
    grid: Grid,
    manager: User,
) -> None:
    batch = imported([HEADER, row("甲"), row("乙"), row("丙")])
    tick(Preparation.objects.filter(prospect__name="乙")[0], manager, timezone.localdate())
    look(Prospect.objects.get(name="丙"))
    batch = undone(batch)
    assert [found.name for found in Prospect.objects.all()] == ["乙"]
    assert batch.rows_kept == 1
    assert not Preparation.objects.exclude(prospect__name="乙").exists()


def test_undo_keeps_what_somebody_worked_on_between_two_undone_imports(
    imported: Import, grid: Grid, manager: User
) -> None:
    first, second = imported([HEADER, row("甲")]), imported([HEADER, row("甲", stage="验收")])
    undone(second)
    tick(Preparation.objects.all()[0], manager, timezone.localdate())
    assert undone(first).rows_kept == 1
    assert Preparation.objects.exclude(done_on=None).count() == 1


def test_a_roster_takes_nobody_back(imported: Import, grid: Grid) -> None:
    project = factories.make_project(grid)
    factories.make_prospect(grid, "已投产", stage=Stage.LIVE, project=project)
    factories.make_prospect(grid, "已验收", stage=Stage.ACCEPTED)
    batch = imported([HEADER, row("已投产", stage="洽谈"), row("已验收", stage="发现")])
    assert counts(batch) == (0, 2, 0, 0)  # the other columns are taken
    assert set(Prospect.objects.values_list("name", "stage")) == {("已投产", "live"), ("已验收", "accepted")}
    imported([HEADER, row("已验收", stage="验收"), row("新的", stage="发现")])
    assert Prospect.objects.get(name="新的").approval_on is None


def test_a_roster_takes_one_on(imported: Import, grid: Grid) -> None:
    factories.make_prospect(grid, "甲", stage=Stage.APPROVAL)
    imported([HEADER, row("甲", stage="在建")])
    assert Prospect.objects.get().stage == Stage.BUILDING


def test_the_history_shows_the_import_with_the_number_masked(imported: Import, grid: Grid) -> None:
    imported([HEADER, row("甲")])
    changes = {change.field: change.new for entry in trail(Prospect.objects.get()) for change in entry.changes}
    assert changes["contact_phone"] == "199****01"
    assert changes["name"] == "甲"
