"""A worker killed at any moment of a run of warning lists: each list is made once, whole (handbook S7)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from gridops.accounts.models import Unit
from gridops.common.months import Month
from gridops.jobs import services
from gridops.jobs.models import Job
from projects.models import Project
from renewals.models import ExpiryWarning, Subscriber, WarningList
from tests.kill.conftest import Workers
from tests.kill.moments import SEED, Until, disturbed, moments, undisturbed

DECEMBER = Month(2026, 12)
KILLS = 20


@pytest.fixture
def unit(worker_environment: dict[str, str], territory: list[Project], roster_rows: list[list[Any]]) -> Unit:
    """The unit of the territory, with its 20,000 subscribers."""
    Subscriber.objects.bulk_create(
        (
            Subscriber(account=row[0], project=territory[number % len(territory)], expires_on=row[-1])
            for number, row in enumerate(roster_rows)
        ),
        batch_size=2_000,
    )
    return territory[0].grid.unit


def test_killed_while_making_lists(unit: Unit, workers: Workers, until: Until) -> None:
    rounds = iter(range(1_000))

    def again() -> Job:
        with connection.cursor() as cursor:
            for counted in ("tally", "daytally", "losstally", "expirywarning"):
                cursor.execute(f"DELETE FROM renewals_{counted}")
            cursor.execute("DELETE FROM renewals_warninglist")
        return services.start("renewals.warning-lists", key=f"round-{next(rounds)}", month=DECEMBER, unit=unit)

    expected = Subscriber.objects.filter(expires_on__range=(DECEMBER.first, DECEMBER.last)).count()
    met = 0
    seconds = undisturbed(workers, again, until)
    for moment in moments(seconds, KILLS):
        job = again()
        met += disturbed(workers, job, moment, until)
        warnings = ExpiryWarning.objects.all()
        assert WarningList.objects.count() == 3, SEED
        assert (warnings.count(), warnings.values("subscriber").distinct().count()) == (expected, expected), SEED
    assert met >= KILLS // 4, f"only {met} kills met the job at work (seed {SEED}, {seconds:.2f} s)"
