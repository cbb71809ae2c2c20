"""The daily report as a roster: 日通报 (S1)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from gridops.workbooks import services
from projects.models import DailyResult, Project
from tests.workbooks.conftest import Import, counts, faults, notes

HEADER = ["日期", "项目编码", "项目名称", "发展", "净增", "续费", "占用端口数"]
THE_10TH = date(2026, 11, 10)


def test_a_report_is_recognised_read_and_the_second_time_changes_nothing(imported: Import, project: Project) -> None:
    rows = [["日通报"], HEADER, [THE_10TH, project.code, project.name, 12, -3, 20, 210]]
    batch = imported(rows)
    assert (batch.kind, counts(batch)) == ("daily_results", (1, 0, 0, 0))
    row = DailyResult.objects.get()
    assert (row.day, row.project) == (THE_10TH, project)
    assert (row.installs, row.net_adds, row.renewals, row.ports_used) == (12, -3, 20, 210)
    assert counts(imported(rows)) == (0, 0, 1, 0)


def test_other_headers_days_and_numbers_as_people_write_them(imported: Import, project: Project) -> None:
    batch = imported(
        [
            ["网格", "统计日期", "项目编号", "本月累计发展", "月累计净增", "续费用户数", "已用端口"],
            ["锦江01网格", "2026年11月10日", f" {project.code} ", "１２", "-3", "1,020", 210.0],
            ["锦江01网格", "2026/11/11", project.code, 13, "", "", ""],
            ["锦江01网格", 20261112, project.code, "", "", 21, ""],
        ]
    )
    assert counts(batch) == (3, 0, 0, 0), faults(batch)
    assert list(DailyResult.objects.order_by("day").values_list("day", "installs", "renewals")) == [
        (THE_10TH, 12, 1020),
        (date(2026, 11, 11), 13, None),
        (date(2026, 11, 12), None, 21),
    ]
    assert set(notes(batch).values()) == {"read_digits"}


def test_what_can_not_be_is_refused_row_by_row(imported: Import, project: Project) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    batch = imported(
        [
            HEADER,
            [THE_10TH, project.code, "", 1, 1, 1, 1],
            [tomorrow, project.code, "", 1, 1, 1, 1],
            [THE_10TH, "P999999", "", 1, 1, 1, 1],
            [date(2026, 11, 11), project.code, "", "", "", "", ""],
            [date(2026, 11, 9), project.code, "", 1, 1, -1, 1],
            [THE_10TH, project.code, "", 2, 2, 2, 2],
            ["", project.code, "", 2, 2, 2, 2],
        ]
    )
    assert counts(batch) == (1, 0, 0, 6)
    assert set(faults(batch).values()) == {"not_yet", "unknown", "nothing_said", "too_small", "twice", "required"}


def test_an_import_is_undone(imported: Import, project: Project) -> None:
    DailyResult.objects.create(project=project, day=THE_10TH, installs=5)
    batch = imported(
        [HEADER, [THE_10TH, project.code, "", 12, "", "", ""], [date(2026, 11, 11), project.code, "", 13, "", "", ""]]
    )
    assert counts(batch) == (1, 1, 0, 0)
    services.finish(services.undo(batch))
    assert DailyResult.objects.get().installs == 5


@pytest.mark.usefixtures("project")
def test_a_name_that_is_one_project_s_alone_will_do(imported: Import) -> None:
    batch = imported([["日期", "项目名称", "净增"], [THE_10TH, "锦绣花园", 4]], kind="daily_results")
    assert counts(batch) == (1, 0, 0, 0)
