"""How far a job is, on screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gridops.accounts.models import User
from gridops.jobs import services
from gridops.jobs.models import Job
from gridops.jobs.progress import progress_of
from gridops.jobs.run import Run

T0 = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true"}
ClientOf = Callable[[User], Client]


def running(user: User, **fields: object) -> Job:
    now = timezone.now()
    values = {
        "state": "running",
        "lease_until": now + timedelta(minutes=2),
        "phase": "checking",
        "phase_started_at": now - timedelta(seconds=10),
        "heartbeat_at": now,
        "rows_done": 5_000,
        "rows_total": 20_000,
    }
    return Job.objects.create(kind="test", key="test:1", requested_by=user, **(values | fields))


def test_rate_and_time_left_are_of_the_phase() -> None:
    progress = progress_of("checking", 5_000, 20_000, T0, T0 + timedelta(seconds=10))
    assert (progress.rate, progress.seconds_left, progress.percent) == (500.0, 30, 25)


@pytest.mark.parametrize(("done", "total", "seconds"), [(0, 100, 10), (10, 100, 0), (0, 0, 0)])
def test_rate_is_unknown_until_it_means_something(done: int, total: int, seconds: int) -> None:
    progress = progress_of("reading", done, total, T0, T0 + timedelta(seconds=seconds))
    assert progress.rate is None
    assert progress.time_left == ""


def test_time_left_is_unknown_without_a_total() -> None:
    progress = progress_of("reading", 1_000, 0, T0, T0 + timedelta(seconds=10))
    assert progress.rate == 100.0
    assert progress.seconds_left is None
    assert progress.percent is None


def test_a_phase_without_words_is_shown_as_it_is(english: None) -> None:
    assert str(progress_of("checking", 0, 0, None, None).title) == "Checking rows"
    assert progress_of("sorting", 0, 0, None, None).title == "sorting"


def test_progress_is_a_404_for_whoever_did_not_ask(client_of: ClientOf, manager: User, colleague: User) -> None:
    address = reverse("jobs:progress", args=[running(manager).pk])
    assert client_of(colleague).get(address).status_code == 404
    assert client_of(colleague).get(address, headers=HTMX).status_code == 404
    assert client_of(manager).get(address).status_code == 200


def test_admins_see_any_progress(client_of: ClientOf, manager: User, admin_user: User) -> None:
    address = reverse("jobs:progress", args=[running(manager).pk])
    assert client_of(admin_user).get(address, headers=HTMX).status_code == 200


def test_open_work_asks_again_each_second(client_of: ClientOf, manager: User) -> None:
    address = reverse("jobs:progress", args=[running(manager).pk])
    part = client_of(manager).get(address, headers=HTMX).content.decode()
    assert 'hx-trigger="every 1s"' in part
    assert 'value="5000" max="20000"' in part
    assert re.search(r"20,?000", part)
    assert "25 %" in part
    assert "style=" not in part
    assert "<script" not in part


def test_a_reader_hears_of_steps_not_of_seconds(client_of: ClientOf, manager: User) -> None:
    address = reverse("jobs:progress", args=[running(manager).pk])
    client = client_of(manager)
    first = client.get(address, headers=HTMX).content.decode()
    again = client.get(f"{address}?said=checking-1", headers=HTMX).content.decode()
    assert "hx-swap-oob" in first
    assert "hx-swap-oob" not in again


def test_ended_work_loads_the_page_around_it_anew_and_stops_asking(client_of: ClientOf, manager: User) -> None:
    job = running(manager, state="done", lease_until=None, finished_at=timezone.now())
    address = reverse("jobs:progress", args=[job.pk])
    client = client_of(manager)
    assert client.get(address, headers=HTMX).headers["HX-Refresh"] == "true"
    assert "hx-get" not in client.get(address).content.decode()


def test_a_failure_says_why(client_of: ClientOf, manager: User) -> None:
    job = running(manager, state="failed", lease_until=None, finished_at=timezone.now(), error="坏 <b>文件</b>")
    page = client_of(manager).get(reverse("jobs:progress", args=[job.pk])).content.decode()
    assert "坏 &lt;b&gt;文件&lt;/b&gt;" in page


@pytest.mark.django_db
def test_a_new_phase_is_written_at_once_and_others_at_most_once_a_second(kind: Callable[..., str]) -> None:
    job = services.start(kind(lambda _run: None))
    claimed = services.claim(job.pk)
    assert claimed
    seconds = 0.0
    run = Run(claimed.job, clock=lambda: seconds)
    run.progress(0, 100, "reading")
    run.progress(50, 100, "reading")
    job.refresh_from_db()
    assert (job.phase, job.rows_done, job.rows_total) == ("reading", 0, 100)
    seconds = 1.5
    run.progress(80)
    job.refresh_from_db()
    assert (job.phase, job.rows_done, job.rows_total) == ("reading", 80, 100)
    run.progress(1, phase="storing")
    job.refresh_from_db()
    assert (job.phase, job.rows_done, job.rows_total) == ("storing", 1, 0)


@pytest.mark.django_db
def test_more_rows_than_announced_do_not_break_the_row(kind: Callable[..., str]) -> None:
    job = services.start(kind(lambda run: run.progress(120, 100, "reading")))
    services.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.rows_done, job.rows_total) == ("done", 120, 120)


@pytest.mark.django_db
def test_what_was_kept_back_is_written_at_the_end(kind: Callable[..., str]) -> None:
    def handle(run: Run) -> None:
        run.progress(0, 10, "reading")
        run.progress(10)

    job = services.start(kind(handle))
    services.work(job.pk)
    job.refresh_from_db()
    assert (job.rows_done, job.rows_total) == (10, 10)
