"""A worker killed at any moment of an import of 20,000 rows: the job ends, no row is lost, none is doubled."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from functools import partial
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

Until = Callable[[Callable[[], object]], None]
KILLS = 10
# A failure names the seed; KILL_SEED repeats its moments.
SEED = int(os.environ.get("KILL_SEED", random.randrange(10**6)))


@pytest.fixture
def checked(worker_environment: dict[str, str], roster: Path, admin_user: User) -> Batch:
    """A batch that waits for the person to apply it, its rows checked by an undisturbed worker."""
    with roster.open("rb") as file:
        batch = services.receive(File(file, roster.name), admin_user, "subscribers")
    batch = services.finish(batch)
    batch = services.finish(services.confirm_columns(batch))
    assert (batch.state, batch.rows_new) == (Batch.State.CHECKED, ROWS)
    return batch


def moments(seconds: float) -> list[float]:
    """Random moments, one in each tenth of ``seconds``."""
    dice = random.Random(SEED)
    return [seconds * (n + dice.random()) / KILLS for n in range(KILLS)]


def done(job: Job) -> bool:
    job.refresh_from_db()
    assert job.state != Job.State.FAILED, f"{job.error} (seed {SEED})"
    return job.state == Job.State.DONE


def undisturbed(workers: Workers, again: Callable[[], Job], until: Until) -> float:
    """How long the job takes when nobody disturbs it, in seconds: the quicker of two."""
    pid, took = workers.start(), []
    for _ in range(2):
        job = again()
        until(partial(done, job))
        assert job.started_at is not None
        assert job.finished_at is not None
        took.append((job.finished_at - job.started_at).total_seconds())
    workers.kill(pid)
    return min(took)


def disturbed(workers: Workers, job: Job, moment: float, until: Until) -> bool:
    """Kill the worker ``moment`` seconds into the job and let another one take it up. Whether it had to."""
    pid = workers.start()
    until(lambda: Job.objects.filter(pk=job.pk, attempts=1).exists())
    time.sleep(moment)
    workers.kill(pid)
    pid = workers.start()
    until(lambda: done(job))
    workers.kill(pid)
    return job.attempts > 1


def test_killed_while_checking(checked: Batch, workers: Workers, until: Until) -> None:
    def again() -> Job:
        job = services.check(Batch.objects.get(pk=checked.pk)).job
        assert job is not None
        return job

    met = 0
    seconds = undisturbed(workers, again, until)
    for moment in moments(seconds):
        job = again()
        met += disturbed(workers, job, moment, until)
        checked.refresh_from_db()
        assert (checked.state, checked.rows_read, checked.rows_new) == (Batch.State.CHECKED, ROWS, ROWS), SEED
        rows = Row.objects.filter(batch=checked)
        assert (rows.count(), rows.values("key").distinct().count()) == (ROWS, ROWS), SEED
    assert not Subscriber.objects.exists()
    print(met, seconds)
    assert met >= KILLS // 2, f"only {met} kills met the job at work (seed {SEED}, {seconds:.2f} s)"


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
    for moment in moments(seconds):
        job = again()
        met += disturbed(workers, job, moment, until)
        checked.refresh_from_db()
        assert checked.state == Batch.State.APPLIED, SEED
        written = Subscriber.objects.all()
        assert (written.count(), written.values("account").distinct().count()) == (ROWS, ROWS), SEED
        assert written.filter(version=1, created_batch=checked).count() == ROWS, SEED
    print(met, seconds)
    assert met >= KILLS // 2, f"only {met} kills met the job at work (seed {SEED}, {seconds:.2f} s)"
