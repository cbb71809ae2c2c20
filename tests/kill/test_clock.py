"""The clock moves over the 19th to the 1st while the scheduler is down on the days that matter (handbook S1, S7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from gridops.accounts.models import Grid
from gridops.common.months import Month
from gridops.jobs import services
from gridops.jobs.models import Job
from gridops.jobs.tasks import ensure_month, sweep
from plans.models import Plan
from projects.models import Project
from renewals.models import ExpiryWarning, WarningList
from tests.factories import make_grid, make_subscriber

SHANGHAI = ZoneInfo("Asia/Shanghai")
DECEMBER = Month(2026, 12)
START, END = datetime(2026, 11, 19, 0, 5, tzinfo=SHANGHAI), datetime(2026, 12, 1, 12, 5, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _no_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the jobs are done by hand."""
    monkeypatch.setattr("gridops.jobs.tasks.run_job.delay", lambda _job_id: None)


def hours(down: Iterable[int]) -> list[datetime]:
    """Every hour from the 19th to the 1st but for the days on which nothing runs."""
    count = int((END - START).total_seconds() // 3600) + 1
    every = [START + timedelta(hours=n) for n in range(count)]
    return [hour for hour in every if hour.day not in down]


def live(moments: list[datetime]) -> None:
    """What beat and a worker do at each of these moments."""
    for moment in moments:
        with time_machine.travel(moment, tick=False):
            ensure_month()
            sweep()
            for job_id in list(Job.objects.filter(state="waiting").order_by("pk").values_list("pk", flat=True)):
                services.work(job_id)


@pytest.mark.parametrize(
    "down",
    [
        pytest.param((), id="never down"),
        pytest.param((25, 28), id="down on the 25th and the 28th"),
        pytest.param((20, 23, 25, 28), id="down on every day that matters"),
        pytest.param(tuple(range(19, 31)), id="down until the 1st"),
    ],
)
def test_each_list_and_each_draft_exists_once(territory: list[Project], down: tuple[int, ...]) -> None:
    for number, project in enumerate(territory):
        make_subscriber(project, f"028{number:08d}", expires_on=DECEMBER.day(10))
    grids = Grid.objects.count()
    live(hours(down))
    assert WarningList.objects.filter(month=DECEMBER.first).count() == grids
    assert Plan.objects.filter(month=DECEMBER.first).count() == grids
    # November's were still owed to a system that came up on the 19th; on the 1st of December nobody needs them.
    months = 1 if 30 in down else 2
    assert WarningList.objects.count() == Plan.objects.count() == months * grids
    assert ExpiryWarning.objects.count() == len(territory)
    assert not Job.objects.exclude(state="done").exists()
    assert Job.objects.values("key").distinct().count() == Job.objects.count()


def test_a_grid_that_joins_a_unit_on_the_29th_gets_its_list_and_its_draft(territory: list[Project]) -> None:
    before = [hour for hour in hours(()) if hour.day in (25, 28)]
    live(before)
    grid = make_grid(territory[0].grid.unit)
    live([hour for hour in hours(()) if hour.day == 29][:2])
    assert WarningList.objects.filter(grid=grid, month=DECEMBER.first).count() == 1
    assert Plan.objects.filter(grid=grid, month=DECEMBER.first).count() == 1
    assert Plan.objects.filter(month=DECEMBER.first).count() == Grid.objects.count()
