"""A worker killed at any moment of an import of 20,000 rows: the job ends, no row is lost, none is doubled."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.base import File
from django.db import connection

from gridops.accounts.models import User
from gridops.jobs.models import Job
from gridops.workbooks import services
from gridops.workbooks.models import Batch, Row
from renewals.models import Subscriber
from tests.kill.conftest import ROWS, Workers
from tests.kill.moments import SEED, Until, disturbed, moments, undisturbed

KILLS = 10


@pytest.fixture
def checked(worker_environment: dict[str, str], roster: Path, admin_user: User) -> Batch:
    """A batch that waits for the person to apply it, its rows checked by an undisturbed worker."""
    with roster.open("rb") as file:
        batch = services.receive(File(file, roster.name), admin_user, "subscribers")
    batch = services.finish(batch)
    batch = services.finish(services.confirm_columns(batch))
    assert (batch.state, batch.rows_new) == (Batch.State.CHECKED, ROWS)
    return batch


def test_killed_while_checking(checked: Batch, workers: Workers, until: Until) -> None:
    def again() -> Job:
        job = services.check(Batch.objects.get(pk=checked.pk)).job
        assert job is not None
        return job

    met = 0
    seconds = undisturbed(workers, again, until)
    for moment in moments(seconds, KILLS):
        job = again()
        met += disturbed(workers, job, moment, until)
        checked.refresh_from_db()
        assert (checked.state, checked.rows_read, checked.rows_new) == (Batch.State.CHECKED, ROWS, ROWS), SEED
        rows = Row.objects.filter(batch=checked)
        assert (rows.count(), rows.values("key").distinct().count()) == (ROWS, ROWS), SEED
    assert not Subscriber.objects.exists()
    assert met >= KILLS // 4, f"only {met} kills met the job at work (seed {SEED}, {seconds:.2f} s)"


def test_killed_while_writing(checked: Batch, workers: Workers, until: Until) -> None:
    def again() -> Job:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM renewals_subscriber")
        Batch.objects.filter(pk=checked.pk).update(state=Batch.State.CHECKED)
        job = services.apply(Batch.objects.get(pk=checked.pk), valid_only=False).job
        assert job is not None
        return job

    met = 0
    seconds = undisturbed(workers, again, until)
    for moment in moments(seconds, KILLS):
        job = again()
        met += disturbed(workers, job, moment, until)
        checked.refresh_from_db()
        assert checked.state == Batch.State.APPLIED, SEED
        written = Subscriber.objects.all()
        assert (written.count(), written.values("account").distinct().count()) == (ROWS, ROWS), SEED
        assert written.filter(version=1, created_batch=checked).count() == ROWS, SEED
    assert met >= KILLS // 4, f"only {met} kills met the job at work (seed {SEED}, {seconds:.2f} s)"
