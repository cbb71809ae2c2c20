"""Real Celery workers killed with all their children, and a broker that forgets: the work is done all the same."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import File
from kombu import Connection

from gridops.accounts.models import User
from gridops.jobs import services as jobs
from gridops.jobs.models import Job
from gridops.jobs.tasks import run_job
from gridops.workbooks import services
from gridops.workbooks.models import Batch, Row
from renewals.models import Subscriber
from tests.kill.conftest import ROWS
from tests.kill.moments import Until, done

pytestmark = pytest.mark.xdist_group("broker")
SETTLE_SECONDS = 0.25


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Redis when the run has one, else the broker that needs no server; this process's bells go there."""
    url = os.environ.get("CELERY_BROKER_URL", "")
    # A database of Redis's own, so that emptying it hinders no other test.
    url = f"{url.rpartition('/')[0]}/9" if url.startswith("redis") else f"sqla+sqlite:///{tmp_path}/broker.sqlite3"
    with Connection(url) as connection:

        def ring(job_id: int) -> None:
            run_job.apply_async((job_id,), connection=connection)  # type: ignore[call-arg]

        monkeypatch.setattr("gridops.jobs.tasks.run_job.delay", ring)
        yield url
        empty(url)


def empty(url: str) -> None:
    """The broker forgets everything it was told."""
    if url.startswith("redis"):
        with Connection(url) as connection:
            connection.default_channel.client.flushdb()  # type: ignore[attr-defined]
        return
    path = url.removeprefix("sqla+sqlite:///")
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as database, database:
        database.execute("DELETE FROM kombu_message")


@pytest.fixture
def celery(worker_environment: dict[str, str], broker: str) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """``celery()`` starts a worker that is ready when it returns."""
    started: list[subprocess.Popen[bytes]] = []
    command = [sys.executable, "-m", "celery", "-A", "gridops", "worker", "--concurrency", "1"]
    quiet = ["--loglevel", "CRITICAL", "--without-gossip", "--without-mingle", "--without-heartbeat"]

    def start() -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [*command, *quiet],
            cwd=settings.BASE_DIR,
            env={**worker_environment, "CELERY_BROKER_URL": broker},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        kill(worker)


def kill(worker: subprocess.Popen[bytes]) -> None:
    """``kill -9`` of the worker and its children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait(10)


def sweeping_until(condition: Callable[[], bool], until: Until) -> None:
    """Wait, and do each second what beat does each minute."""
    last = 0.0

    def look() -> bool:
        nonlocal last
        if time.monotonic() - last > 1:
            last = time.monotonic()
            jobs.sweep()
        return condition()

    until(look)


@pytest.fixture
def matched(worker_environment: dict[str, str], broker: str, roster: Path, admin_user: User) -> Batch:
    """An uploaded workbook whose columns are matched."""
    with roster.open("rb") as file:
        batch = services.receive(File(file, roster.name), admin_user, "subscribers")
    return services.finish(batch)


def test_a_worker_killed_in_each_step_of_an_import_loses_and_doubles_nothing(
    matched: Batch, celery: Callable[[], subprocess.Popen[bytes]], until: Until
) -> None:
    batch = matched
    for step in (services.confirm_columns, lambda batch: services.apply(batch, valid_only=False)):
        job = step(batch).job
        assert job is not None
        worker = celery()
        until(Job.objects.filter(pk=job.pk, attempts=1).exists)
        time.sleep(SETTLE_SECONDS)
        kill(worker)
        worker = celery()
        sweeping_until(lambda: done(job), until)  # noqa: B023 - called before the next round
        kill(worker)
        batch.refresh_from_db()
    assert batch.state == Batch.State.APPLIED
    assert Row.objects.filter(batch=batch).count() == ROWS
    written = Subscriber.objects.all()
    assert (written.count(), written.values("account").distinct().count()) == (ROWS, ROWS)


def test_a_broker_that_forgot_everything_while_work_waits_costs_no_work(
    matched: Batch, broker: str, celery: Callable[[], subprocess.Popen[bytes]], until: Until
) -> None:
    job = services.confirm_columns(matched).job
    assert job is not None
    empty(broker)
    celery()  # nothing rings any more; a worker that comes up looks for itself
    until(lambda: done(job))
    assert Row.objects.filter(batch=matched).count() == ROWS


def test_a_broker_that_forgets_under_a_running_worker_costs_at_most_a_sweep(
    matched: Batch, broker: str, celery: Callable[[], subprocess.Popen[bytes]], until: Until
) -> None:
    celery()
    first = jobs.start("workbooks.check", payload={"batch": 0})
    sweeping_until(lambda: done(first), until)  # the worker is up
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gridops.jobs.tasks.run_job.delay", lambda _job_id: None)  # the bell is lost
        job = services.confirm_columns(matched).job
    assert job is not None
    time.sleep(SETTLE_SECONDS)
    assert not done(job)
    sweeping_until(lambda: done(job), until)
    assert Row.objects.filter(batch=matched).count() == ROWS
