"""Claiming, leases, fences, attempts and the sweep: the database decides, the broker is only a bell."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext
from pytest_django.fixtures import Settings

from gridops.accounts.models import Unit, User
from gridops.common.months import Month
from gridops.jobs import services
from gridops.jobs.models import Job, JobFault
from gridops.jobs.registry import KINDS
from gridops.jobs.run import JobRefused, LeaseLost, Run, describe

Register = Callable[[Callable[[Run], None]], str]
DECEMBER = Month(2026, 12)


def idle(_run: Run) -> None:
    """A handler that has nothing to do."""


def expire(job: Job) -> None:
    """As if the worker had been silent for a whole lease."""
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def claimed(job: Job) -> Run:
    run = services.claim(job.pk)
    assert run is not None
    return run


def write_under_fence(run: Run) -> None:
    with transaction.atomic():
        run.fence()
        Unit.objects.create(name="written")


def reread(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


# --- Asking ---


@pytest.mark.django_db
def test_the_same_key_gives_the_same_job(kind: Register) -> None:
    name = kind(idle)
    assert services.start(name, key="once") == services.start(name, key="once")
    assert services.start(name) != services.start(name)
    assert Job.objects.count() == 3


@pytest.mark.django_db
def test_an_unknown_kind_is_refused_when_asked_for() -> None:
    with pytest.raises(LookupError):
        services.start("nobody-knows-it")


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_after_the_commit_and_not_without_it(kind: Register, bell: list[int]) -> None:
    name = kind(idle)
    with transaction.atomic():
        job = services.start(name)
        assert bell == []
    assert bell == [job.pk]
    with transaction.atomic():
        services.start(name)
        transaction.set_rollback(True)
    assert bell == [job.pk]
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_hinder_asking(kind: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_job_id: int) -> None:
        raise OSError("connection refused")

    monkeypatch.setattr("gridops.jobs.tasks.run_job.delay", down)
    job = services.start(kind(idle))
    assert reread(job).state == Job.State.WAITING


# --- Claiming ---


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_exactly_one_gets_the_job(kind: Register) -> None:
    name = kind(idle)
    for _round in range(5):
        job = services.start(name)
        barrier = threading.Barrier(6)
        won: list[Run] = []

        def contend(job_id: int, barrier: threading.Barrier, won: list[Run]) -> None:
            try:
                barrier.wait()
                if run := services.claim(job_id):
                    won.append(run)
            finally:
                connection.close()

        threads = [threading.Thread(target=contend, args=(job.pk, barrier, won)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1
        assert reread(job).attempts == 1


@pytest.mark.django_db
def test_a_held_job_is_not_free_until_its_lease_is_over(kind: Register) -> None:
    job = services.start(kind(idle))
    first = claimed(job)
    assert services.claim(job.pk) is None
    expire(job)
    second = claimed(job)
    assert (first.job.token, second.job.token) == (1, 2)
    assert reread(job).attempts == 2


@pytest.mark.django_db
def test_progress_renews_the_lease(kind: Register) -> None:
    job = services.start(kind(idle))
    run = claimed(job)
    expire(job)
    run.progress(1, 10, "reading")
    assert services.claim(job.pk) is None


@pytest.mark.django_db
def test_an_ended_job_is_not_claimed(kind: Register) -> None:
    job = services.start(kind(idle))
    assert services.work(job.pk)
    assert not services.work(job.pk)
    assert reread(job).attempts == 1


@pytest.mark.django_db
def test_two_runs_for_one_unit_and_month_do_not_work_side_by_side(kind: Register, unit: Unit) -> None:
    name = kind(idle)
    early = services.start(name, key="early", month=DECEMBER, unit=unit)
    due = services.start(name, key="due", month=DECEMBER, unit=unit)
    run = claimed(early)
    assert services.claim(due.pk) is None
    assert reread(due).attempts == 0
    run.end(Job.State.DONE)
    assert services.work(due.pk)


# --- The fence ---


@pytest.mark.django_db
def test_a_holder_that_wakes_up_after_its_lease_was_lost_writes_nothing(kind: Register) -> None:
    job = services.start(kind(idle))
    old = claimed(job)
    expire(job)
    new = claimed(job)
    with pytest.raises(LeaseLost):
        write_under_fence(old)
    with pytest.raises(LeaseLost):
        old.progress(5, 10, "writing")
    with pytest.raises(LeaseLost):
        old.fault("grid", "recorded by the old holder")
    assert not old.end(Job.State.FAILED, "said by the old holder")
    assert not Unit.objects.exists()
    assert not JobFault.objects.exists()
    now = reread(job)
    assert (now.state, now.token, now.rows_done, now.error) == ("running", new.job.token, 0, "")


@pytest.mark.django_db
def test_the_old_holder_of_a_job_run_again_writes_nothing(kind: Register) -> None:
    job = services.start(kind(idle))
    old = claimed(job)
    Job.objects.filter(pk=job.pk).update(state="failed", lease_until=None, finished_at=timezone.now())
    assert services.run_again(job)
    with pytest.raises(LeaseLost):
        write_under_fence(old)
    assert not Unit.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_fence_outside_a_transaction_is_an_error(kind: Register) -> None:
    run = claimed(services.start(kind(idle)))
    with pytest.raises(RuntimeError):
        run.fence()


@pytest.mark.django_db(transaction=True)
def test_who_is_writing_under_a_fence_is_not_replaced_however_long_it_takes(kind: Register) -> None:
    """PostgreSQL passes the locked row by at once; SQLite makes the other wait until all is written."""
    job = services.start(kind(idle))
    run = claimed(job)
    expire(job)
    taken: list[Run | None] = []

    def other_worker() -> None:
        try:
            services.sweep()
            taken.append(services.claim(job.pk))
        finally:
            connection.close()

    thread = threading.Thread(target=other_worker)
    with transaction.atomic():
        run.fence()
        thread.start()
        thread.join(timeout=1.0)
    thread.join()
    assert taken == [None]
    assert run.end(Job.State.DONE)


# --- Attempts ---


@pytest.mark.django_db
def test_an_error_gives_the_job_back_until_its_attempts_are_used_up(kind: Register, settings: Settings) -> None:
    settings.JOB_MAX_ATTEMPTS = 3

    def fail(_run: Run) -> None:
        raise ValueError("no good")

    job = services.start(kind(fail))
    states = []
    for _attempt in range(4):
        services.work(job.pk)
        states.append(reread(job).state)
    assert states == ["waiting", "waiting", "failed", "failed"]
    assert reread(job).error == "ValueError: no good"
    assert reread(job).attempts == 3


@pytest.mark.django_db
@pytest.mark.parametrize("message", ["database is locked", "deadlock detected", "could not serialize access"])
def test_what_another_transaction_caused_is_tried_again(kind: Register, message: str) -> None:
    def fail_once(run: Run) -> None:
        if run.job.attempts == 1:
            raise OperationalError(message)

    job = services.start(kind(fail_once))
    services.work(job.pk)
    assert reread(job).state == "waiting"
    services.work(job.pk)
    assert (reread(job).state, reread(job).error) == ("done", "")


@pytest.mark.django_db
def test_a_refusal_is_not_tried_again_and_speaks_the_language_of_who_asked(kind: Register, manager: User) -> None:
    manager.language = "en"
    manager.save()

    def refuse(_run: Run) -> None:
        raise JobRefused(f"{translation.get_language()} {gettext('grid')}")

    job = services.start(kind(refuse), requested_by=manager)
    services.work(job.pk)
    assert (reread(job).state, reread(job).error, reread(job).attempts) == ("failed", "en grid", 1)


@pytest.mark.django_db
def test_a_kind_that_no_app_knows_any_more_fails_plainly_and_hinders_nobody(
    kind: Register, settings: Settings, monkeypatch: pytest.MonkeyPatch, bell: list[int]
) -> None:
    settings.JOB_BELL_GRACE_SECONDS = -1
    gone, known = services.start(kind(idle)), services.start(kind(idle))
    Job.objects.filter(pk=gone.pk).update(kind="gone")
    services.sweep()
    assert bell == [gone.pk, known.pk]
    for job in (gone, known):
        services.work(job.pk)
    assert [reread(gone).state, reread(known).state] == ["failed", "done"]
    assert "gone" not in KINDS


def test_an_error_names_no_person() -> None:
    error = IntegrityError('null value in column "x"\nDETAIL:  Failing row contains (7, 张三, 13800138000).')
    assert describe(error) == 'IntegrityError: null value in column "x"'
    assert "13800138000" not in describe(ValueError("bad phone 13800138000"))
    assert issubclass(IntegrityError, DatabaseError)


@pytest.mark.django_db
def test_a_fault_names_no_person(kind: Register) -> None:
    job = services.start(kind(lambda run: run.fault("grid", "IntegrityError: bad\nDETAIL: (张三, 13800138000)")))
    services.work(job.pk)
    assert job.faults.get().error == "IntegrityError: bad"


@pytest.mark.django_db
def test_faults_of_an_attempt_that_crashed_do_not_outlive_it(kind: Register) -> None:
    def handle(run: Run) -> None:
        if run.job.attempts == 1:
            run.fault("grid 1", "in the first attempt")
            raise ValueError("crash")
        run.fault("grid 2", "in the second attempt")

    job = services.start(kind(handle))
    services.work(job.pk)
    services.work(job.pk)
    assert list(job.faults.values_list("subject", flat=True)) == ["grid 2"]
    assert reread(job).state == "done"


@pytest.mark.django_db
def test_run_again_is_for_ended_jobs_and_counts_attempts_anew(kind: Register) -> None:
    job = services.start(kind(idle))
    assert not services.run_again(job)
    run = claimed(job)
    assert not services.run_again(job)
    run.fault("grid", "broken data")
    run.end(Job.State.DONE)
    assert services.run_again(job)
    assert not services.run_again(job)
    services.work(job.pk)
    assert (reread(job).state, reread(job).attempts) == ("done", 1)
    assert not job.faults.exists()


# --- The sweep ---


@pytest.mark.django_db
def test_the_sweep_rings_for_what_waits_without_a_bell(kind: Register, settings: Settings, bell: list[int]) -> None:
    settings.JOB_BELL_GRACE_SECONDS = 20
    job = services.start(kind(idle))
    assert services.sweep() == 0
    Job.objects.filter(pk=job.pk).update(asked_at=timezone.now() - timedelta(seconds=21))
    assert services.sweep() == 1
    assert bell == [job.pk]


@pytest.mark.django_db
def test_the_sweep_rings_for_what_a_killed_worker_left(kind: Register, settings: Settings, bell: list[int]) -> None:
    settings.JOB_BELL_GRACE_SECONDS = -1
    job = services.start(kind(idle))
    claimed(job)
    assert services.sweep() == 0
    expire(job)
    assert services.sweep() == 1
    assert services.work(bell[-1])
    assert (reread(job).state, reread(job).attempts) == ("done", 2)


@pytest.mark.django_db
def test_the_sweep_fails_what_lost_its_worker_in_every_attempt(kind: Register, settings: Settings) -> None:
    settings.JOB_BELL_GRACE_SECONDS = -1
    job = services.start(kind(idle))
    for _attempt in range(settings.JOB_MAX_ATTEMPTS):
        claimed(job)
        expire(job)
    assert services.claim(job.pk) is None
    assert services.sweep() == 0
    assert reread(job).state == "failed"
    assert reread(job).error


@pytest.mark.django_db
def test_a_sweep_rings_a_bounded_number_of_bells_oldest_first(
    kind: Register, settings: Settings, bell: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.JOB_BELL_GRACE_SECONDS = -1
    monkeypatch.setattr(services, "SWEEP_BELLS", 3)
    name = kind(idle)
    jobs = [services.start(name) for _ in range(5)]
    assert services.sweep() == 3
    assert bell == [job.pk for job in jobs[:3]]
