"""What the calendar owes, whenever the scheduler was up (handbook S1, S7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from gridops.accounts.models import Grid, RuleValue, Unit, User
from gridops.common.months import Month
from gridops.jobs import calendar, services
from gridops.jobs.models import Job
from gridops.jobs.registry import KINDS
from gridops.jobs.run import Run
from gridops.jobs.tasks import ensure_month as ensure_month_task
from tests.factories import make_grid, make_unit

Register = Callable[[Callable[[Run], None]], None]
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOVEMBER, DECEMBER, JANUARY = Month(2026, 11), Month(2026, 12), Month(2027, 1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_kinds(only_monthly_kinds: Register) -> None:
    only_monthly_kinds(lambda _run: None)


def at(day: int, hour: int = 12, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def keys(month: Month) -> list[str]:
    """The rounds that have a job, without the unit: ``lists early``."""
    jobs = Job.objects.filter(month=month.first).order_by("pk")
    return [f"{job.kind} {job.key.rsplit(':', 1)[1]}" for job in jobs]


def do_all() -> None:
    for job in Job.objects.filter(state="waiting").order_by("pk"):
        services.work(job.pk)


@pytest.mark.parametrize(
    ("day", "rounds"),
    [
        (19, []),
        (20, ["lists early"]),
        (23, ["lists early", "plans early"]),
        (25, ["plans early", "lists due"]),
        (27, ["plans early", "lists due"]),
        (28, ["lists due", "plans due"]),
        (30, ["lists due", "plans due"]),
    ],
)
def test_what_is_owed_on_a_day(grid: Grid, day: int, rounds: list[str]) -> None:
    runs = [run for run in calendar.owed(date(2026, 11, day)) if run.month == DECEMBER]
    assert sorted(f"{run.kind.name} {run.round}" for run in runs) == sorted(rounds)


def test_hour_by_hour_each_run_is_started_once_on_its_day(grid: Grid) -> None:
    moment = at(19, 0, 5)
    while moment < at(1, 12, month=12):
        with time_machine.travel(moment, tick=False):
            ensure_month_task()
            do_all()
        moment += timedelta(hours=1)
    assert keys(DECEMBER) == ["lists early", "plans early", "lists due", "plans due"]
    days = [timezone.localtime(job.created_at) for job in Job.objects.filter(month=DECEMBER.first).order_by("pk")]
    assert [(day.day, day.hour, day.minute) for day in days] == [(20, 0, 5), (23, 0, 5), (25, 0, 5), (28, 0, 5)]
    assert not Job.objects.exclude(state="done").exists()
    assert Job.objects.values("key").distinct().count() == Job.objects.count()


@pytest.mark.parametrize("back", [(25, 9), (26, 9), (28, 9), (30, 23)])
def test_a_scheduler_that_was_down_makes_up_for_it_when_it_is_back(grid: Grid, back: tuple[int, int]) -> None:
    with time_machine.travel(at(19, 0, 5), tick=False):
        ensure_month_task()
    with time_machine.travel(at(*back), tick=False):
        ensure_month_task()
        ensure_month_task()
    expected = ["lists due", "plans due"] if back[0] >= 28 else ["lists due", "plans early"]
    assert keys(DECEMBER) == expected


def test_down_from_the_19th_past_the_1st_the_month_is_made_on_return(grid: Grid) -> None:
    with time_machine.travel(at(1, 8, month=12), tick=False):
        ensure_month_task()
        ensure_month_task()
    assert keys(DECEMBER) == ["lists due", "plans due"]
    assert keys(JANUARY) == []


def test_the_month_is_that_of_the_local_date_not_of_utc(grid: Grid) -> None:
    """At 00:05 on the 20th in Shanghai it is still the 19th in UTC."""
    with time_machine.travel(at(20, 0, 5), tick=False):
        ensure_month_task()
    assert keys(DECEMBER) == ["lists early"]


def test_a_unit_added_on_the_26th_gets_its_run(grid: Grid) -> None:
    with time_machine.travel(at(25, 0, 5), tick=False):
        ensure_month_task()
    late = make_grid(make_unit("late")).unit
    with time_machine.travel(at(26, 0, 5), tick=False):
        ensure_month_task()
    assert Job.objects.filter(unit=late, month=DECEMBER.first, kind="lists").count() == 1


def test_a_grid_that_came_after_the_run_gets_its_share_but_faults_wait_for_a_person(
    grid: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    late: set[int] = set()
    lists = replace(KINDS["lists"], lacking=lambda _month: late)  # type: ignore[call-arg]
    monkeypatch.setitem(KINDS, "lists", lists)
    with time_machine.travel(at(26, 0, 5), tick=False):
        ensure_month_task()
        do_all()
        assert calendar.ensure_month(date(2026, 11, 26)) == 0
        late.add(grid.unit.pk)
        assert calendar.ensure_month(date(2026, 11, 26)) == 2  # November's and December's lists
        do_all()
        for job in Job.objects.filter(kind="lists"):
            job.faults.create(subject="grid", error="broken data")
        assert calendar.ensure_month(date(2026, 11, 26)) == 0


def test_a_unit_without_grids_is_owed_nothing(unit: Unit) -> None:
    assert list(calendar.owed(date(2026, 11, 28))) == []


def test_days_are_the_units_own(grid: Grid, foreign_grid: Grid) -> None:
    RuleValue.objects.create(unit=grid.unit, key="warning_list_early_day", value=18)
    RuleValue.objects.create(unit=None, key="warning_list_early_day", value=24)
    early = [run.unit for run in calendar.owed(date(2026, 11, 19)) if run.round == calendar.EARLY]
    assert early == [grid.unit]


def test_an_early_day_after_the_due_day_gives_the_due_run_only(grid: Grid) -> None:
    RuleValue.objects.create(unit=None, key="warning_list_early_day", value=27)
    runs = [run for run in calendar.owed(date(2026, 11, 27)) if run.month == DECEMBER and run.kind.name == "lists"]
    assert [run.round for run in runs] == [calendar.DUE]


def test_looking_at_the_calendar_takes_the_same_queries_for_any_number_of_units(
    grid: Grid, django_assert_num_queries: Callable[..., object]
) -> None:
    for _ in range(5):
        make_grid(make_unit())
    with django_assert_num_queries(3):  # type: ignore[attr-defined]
        calendar.overdue(at(28))


# --- Alarms ---


def alarms_at(moment: datetime) -> list[tuple[str, str]]:
    return [(alarm.kind, alarm.what) for alarm in calendar.overdue(moment) if alarm.month == DECEMBER.first]


def started_at(moment: datetime) -> None:
    with time_machine.travel(moment, tick=False):
        ensure_month_task()


def test_a_due_run_that_has_not_happened_alarms_after_two_hours(grid: Grid) -> None:
    assert alarms_at(at(20, 2, 0)) == []
    assert alarms_at(at(20, 2, 6)) == [("lists", "missing")]


def test_a_run_that_does_not_end_alarms_after_two_hours(grid: Grid) -> None:
    started_at(at(20, 0, 5))
    assert alarms_at(at(20, 2, 0)) == []
    assert alarms_at(at(20, 2, 6)) == [("lists", "late")]


def test_a_run_made_late_has_two_hours_from_then(grid: Grid) -> None:
    started_at(at(22, 9))
    assert alarms_at(at(22, 10)) == []
    assert alarms_at(at(22, 11, 1)) == [("lists", "late")]


def test_a_failed_run_alarms_at_once_until_it_is_run_again(grid: Grid) -> None:
    started_at(at(20, 0, 5))
    job = Job.objects.get(kind="lists", month=DECEMBER.first)
    Job.objects.filter(pk=job.pk).update(state="failed", finished_at=at(20, 0, 6))
    assert alarms_at(at(20, 0, 7)) == [("lists", "failed")]
    with time_machine.travel(at(20, 9), tick=False):
        services.run_again(job)
    assert alarms_at(at(20, 10)) == []


def test_a_failed_early_run_is_forgotten_when_the_due_run_made_all(grid: Grid) -> None:
    started_at(at(20, 0, 5))
    Job.objects.filter(month=DECEMBER.first).update(state="failed", finished_at=at(20, 0, 6))
    started_at(at(25, 0, 5))
    do_all()
    assert [alarm for alarm in alarms_at(at(25, 3)) if alarm[0] == "lists"] == []


def test_grids_that_failed_while_the_others_got_theirs_alarm(grid: Grid, only_monthly_kinds: Register) -> None:
    only_monthly_kinds(lambda run: run.fault("grid 1", "broken data"))
    started_at(at(20, 0, 5))
    do_all()
    found = [alarm for alarm in calendar.overdue(at(20, 1)) if alarm.month == DECEMBER.first]
    assert [(alarm.what, alarm.faults) for alarm in found] == [("faults", 1)]
    assert "1" in str(found[0].text)


def test_alarms_are_kept_for_a_minute(grid: Grid, django_assert_num_queries: Callable[..., object]) -> None:
    with time_machine.travel(at(20, 9), tick=False):
        assert [alarm.what for alarm in calendar.alarms() if alarm.month == DECEMBER.first] == ["missing"]
        with django_assert_num_queries(0):  # type: ignore[attr-defined]
            assert calendar.alarms()
        ensure_month_task()
        calendar.forget_alarms()
        assert calendar.alarms() == []


# --- By hand ---


def test_a_month_is_run_again_for_chosen_units(grid: Grid, foreign_grid: Grid, admin_user: User) -> None:
    units = [grid.unit, foreign_grid.unit]
    assert calendar.run_month("lists", NOVEMBER, units, admin_user) == 2
    assert calendar.run_month("lists", NOVEMBER, units, admin_user) == 0
    do_all()
    assert calendar.run_month("lists", NOVEMBER, units[:1], admin_user) == 1
    assert Job.objects.filter(month=NOVEMBER.first, kind="lists").count() == 2
