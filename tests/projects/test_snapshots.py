"""The basic ledgers of past months: kept when a month is over, never changed after (P1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from gridops.jobs import calendar, services
from gridops.jobs.models import Job
from gridops.workbooks.models import Batch
from projects.models import Basics, Project, ProjectSnapshot, Prospect
from projects.services_snapshots import MonthNotOver, take
from tests.factories import make_projects

SHANGHAI = ZoneInfo("Asia/Shanghai")
OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)
THE_1ST = datetime(2026, 12, 1, 0, 5, tzinfo=SHANGHAI)
KIND = "projects.snapshots"

pytestmark = pytest.mark.django_db


def basics(row: Basics) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in Basics._meta.get_fields()}


def work_all() -> None:
    for job in Job.objects.filter(state="waiting", kind=KIND).order_by("pk"):
        services.work(job.pk)


def test_every_field_is_kept_as_it_was(grid: Grid, project: Project) -> None:
    Project.objects.filter(pk=project.pk).update(
        address="春熙路1号",
        built_on=date(2019, 5, 1),
        market_share="41.50",
        longitude="104.081234",
        nature="mixed",
        access="FTTB",
        property_company="安居物业",
        rivals="电信",
        is_active=False,
    )
    project.refresh_from_db()
    assert take(NOVEMBER, grid.unit, THE_1ST) == 1
    [kept] = ProjectSnapshot.objects.of_month(NOVEMBER.first)
    assert (kept.project, kept.taken_at, basics(kept)) == (project, THE_1ST, basics(project))


def test_what_is_kept_never_changes_and_only_what_is_missing_is_added(grid: Grid, project: Project) -> None:
    take(NOVEMBER, grid.unit, THE_1ST)
    Project.objects.filter(pk=project.pk).update(ports=9_999)
    [late] = make_projects(grid, 1)
    assert take(NOVEMBER, grid.unit, THE_1ST.replace(day=3)) == 1
    assert ProjectSnapshot.objects.get(project=project).ports == 400
    assert ProjectSnapshot.objects.get(project=late).taken_at.astimezone(SHANGHAI).day == 3
    assert take(NOVEMBER, grid.unit, THE_1ST.replace(day=4)) == 0


def test_other_units_are_left_to_their_own_run(grid: Grid, project: Project, foreign_project: Project) -> None:
    take(NOVEMBER, grid.unit, THE_1ST)
    assert set(ProjectSnapshot.objects.values_list("project", flat=True)) == {project.pk}


def test_people_see_those_of_their_own_projects(
    manager: User, project: Project, other_project: Project, foreign_project: Project
) -> None:
    for unit in {project.grid.unit, foreign_project.grid.unit}:
        take(NOVEMBER, unit, THE_1ST)
    assert [row.project for row in ProjectSnapshot.objects.for_user(manager)] == [project]


@pytest.mark.parametrize("now", [THE_1ST.replace(month=11), datetime(2026, 11, 30, 23, 59, tzinfo=SHANGHAI)])
def test_a_month_that_is_not_over_is_not_kept(grid: Grid, project: Project, now: datetime) -> None:
    with pytest.raises(MonthNotOver):
        take(NOVEMBER, grid.unit, now)
    assert not ProjectSnapshot.objects.exists()


def test_a_project_whose_roster_came_later_has_no_record_of_the_month(grid: Grid, manager: User) -> None:
    [before, after] = make_projects(grid, 2)
    for project, applied_at in (
        (before, datetime(2026, 11, 30, 23, 59, tzinfo=SHANGHAI)),
        (after, datetime(2026, 12, 1, tzinfo=SHANGHAI)),
    ):
        project.created_batch = Batch.objects.create(
            kind="projects",
            file=ContentFile(b"x", "x.xlsx"),
            uploaded_by=manager,
            state="applied",
            applied_at=applied_at,
        )
        project.save()
    assert take(NOVEMBER, grid.unit, THE_1ST.replace(day=2)) == 1
    assert ProjectSnapshot.objects.get().project == before


def test_a_new_project_that_went_into_service_later_has_none_either(grid: Grid) -> None:
    [before, after] = make_projects(grid, 2)
    for project, day in ((before, NOVEMBER.last), (after, date(2026, 12, 1))):
        Prospect.objects.create(grid=grid, name=project.name, stage="live", live_on=day, project=project)
    assert take(NOVEMBER, grid.unit, THE_1ST.replace(day=2)) == 1
    assert ProjectSnapshot.objects.get().project == before


def test_a_unit_is_kept_in_one_statement(grid: Grid, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_projects(grid, 300)
    with django_assert_num_queries(1):
        assert take(NOVEMBER, grid.unit, THE_1ST) == 300


# --- By the calendar ---


def owed_on(day: date) -> list[tuple[Month, date]]:
    return [(run.month, run.since) for run in calendar.owed(day) if run.kind.name == KIND]


@pytest.mark.parametrize("day", [date(2026, 11, 1), date(2026, 11, 24), date(2026, 11, 30)])
def test_the_last_month_that_is_over_is_owed(grid: Grid, day: date) -> None:
    assert owed_on(day) == [(OCTOBER, date(2026, 11, 1))]


def test_a_unit_without_grids_is_owed_none(unit: object) -> None:
    assert owed_on(THE_1ST.date()) == []


def test_on_the_1st_each_unit_gets_its_run_once(grid: Grid, project: Project, foreign_project: Project) -> None:
    with time_machine.travel(THE_1ST, tick=False):
        calendar.ensure_month(THE_1ST.date())
        calendar.ensure_month(THE_1ST.date())
        work_all()
    assert list(Job.objects.filter(kind=KIND).values_list("month", "state")) == [(NOVEMBER.first, "done")] * 2
    assert ProjectSnapshot.objects.of_month(NOVEMBER.first).count() == 2


def test_a_scheduler_that_was_down_keeps_what_is_known_when_it_is_back(grid: Grid, project: Project) -> None:
    back = datetime(2026, 12, 9, 9, 0, tzinfo=SHANGHAI)
    with time_machine.travel(back, tick=False):
        calendar.ensure_month(back.date())
        work_all()
    assert ProjectSnapshot.objects.get(month=NOVEMBER.first).taken_at == back


def test_a_run_that_has_not_happened_alarms_two_hours_after_midnight(grid: Grid) -> None:
    def missing(moment: datetime) -> list[date]:
        return [alarm.month for alarm in calendar.overdue(moment) if alarm.kind == KIND]

    assert missing(THE_1ST.replace(hour=2, minute=5)) == []
    assert missing(THE_1ST.replace(hour=2, minute=6)) == [NOVEMBER.first]


def test_an_admin_runs_it_for_months_that_are_over_only(
    client_of: Callable[[User], Client], admin_user: User, project: Project
) -> None:
    with time_machine.travel(THE_1ST, tick=False):
        client = client_of(admin_user)
        page = client.post(reverse("jobs:run-month"), {"kind": KIND, "month": "2026-12"})
        assert "month" in page.context["form"].errors
        assert client.post(reverse("jobs:run-month"), {"kind": KIND, "month": "2026-10"}).status_code == 302
        assert "2026-10" in client.get(reverse("jobs:runs") + f"?kind={KIND}&month=2026-10").content.decode()
        work_all()
    assert ProjectSnapshot.objects.of_month(OCTOBER.first).count() == 1
