"""Scheduled runs on screen, and what monitoring sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from gridops.jobs import calendar, services
from gridops.jobs.models import Job
from gridops.jobs.run import Run
from tests.factories import make_grid, make_unit

ClientOf = Callable[[User], Client]
DECEMBER = Month(2026, 12)
NOON_OF_THE_28TH = datetime(2026, 11, 28, 12, tzinfo=ZoneInfo("Asia/Shanghai"))

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_kinds(only_monthly_kinds: Callable[[Callable[[Run], None]], None]) -> None:
    def handle(run: Run) -> None:
        if run.job.kind == "plans":
            run.fault("锦江01网格", "坏数据")

    only_monthly_kinds(handle)


def make_runs(day: datetime = NOON_OF_THE_28TH) -> None:
    with time_machine.travel(day, tick=False):
        calendar.ensure_month(day.date())
        for job in Job.objects.order_by("pk"):
            services.work(job.pk)


@pytest.mark.parametrize("who", ["manager", "supervisor", "specialist", "agent_staff_user"])
@pytest.mark.parametrize("name", ["jobs:runs", "jobs:run-month"])
def test_runs_are_for_admins(who: str, name: str, client_of: ClientOf, request: pytest.FixtureRequest) -> None:
    assert client_of(request.getfixturevalue(who)).get(reverse(name)).status_code == 403


def test_each_run_is_listed_with_its_state(client_of: ClientOf, admin_user: User, grid: Grid) -> None:
    make_runs()
    response = client_of(admin_user).get(reverse("jobs:runs"))
    rows = [(job.kind, job.month, job.state, job.fault_count) for job in response.context["page"]]
    assert ("lists", DECEMBER.first, "done", 0) in rows
    assert ("plans", DECEMBER.first, "done", 1) in rows
    assert len(rows) == 4


@pytest.mark.parametrize(
    ("query", "count"),
    [("month=2026-12", 2), ("kind=lists", 2), ("month=2026-12&kind=lists", 1), ("state=faults", 2), ("state=done", 2)],
)
def test_runs_are_filtered(client_of: ClientOf, admin_user: User, grid: Grid, query: str, count: int) -> None:
    make_runs()
    response = client_of(admin_user).get(f"{reverse('jobs:runs')}?{query}")
    assert len(response.context["page"].object_list) == count


def test_a_filter_that_makes_no_sense_says_so(client_of: ClientOf, admin_user: User) -> None:
    response = client_of(admin_user).get(f"{reverse('jobs:runs')}?month=soon")
    assert response.status_code == 200
    assert response.context["form"].errors


def test_the_page_takes_the_same_queries_for_any_number_of_runs(
    client_of: ClientOf, admin_user: User, grid: Grid, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for _ in range(10):
        make_grid(make_unit())
    make_runs()
    client = client_of(admin_user)
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        assert client.get(reverse("jobs:runs")).status_code == 200


def test_a_run_shows_which_grids_failed(client_of: ClientOf, admin_user: User, grid: Grid) -> None:
    make_runs()
    job = Job.objects.get(kind="plans", month=DECEMBER.first)
    page = client_of(admin_user).get(reverse("jobs:run", args=[job.pk])).content.decode()
    assert "坏数据" in page


def test_run_again_starts_it_once_more(client_of: ClientOf, admin_user: User, grid: Grid) -> None:
    make_runs()
    job = Job.objects.get(kind="lists", month=DECEMBER.first)
    client = client_of(admin_user)
    address = reverse("jobs:run-again", args=[job.pk])
    assert client.get(address).status_code == 405
    assert client.post(address).status_code == 302
    job.refresh_from_db()
    assert job.state == "waiting"
    assert client.post(address).status_code == 302  # pressed twice: it takes its course
    services.work(job.pk)
    assert not services.work(job.pk)


def test_work_that_is_not_scheduled_is_not_run_again_here(client_of: ClientOf, admin_user: User) -> None:
    job = Job.objects.create(kind="import", key="import:1", state="failed", finished_at=NOON_OF_THE_28TH)
    assert client_of(admin_user).post(reverse("jobs:run-again", args=[job.pk])).status_code == 404


@time_machine.travel(NOON_OF_THE_28TH, tick=False)
def test_a_month_is_run_for_one_unit_or_all(
    client_of: ClientOf, admin_user: User, grid: Grid, other_unit: Unit
) -> None:
    foreign = make_grid(other_unit).unit
    client, address = client_of(admin_user), reverse("jobs:run-month")
    client.post(address, {"kind": "lists", "month": "2026-10", "unit": foreign.pk})
    assert list(Job.objects.values_list("unit", flat=True)) == [foreign.pk]
    client.post(address, {"kind": "lists", "month": "2026-10", "unit": ""})
    assert Job.objects.filter(month="2026-10-01").count() == 2


@pytest.mark.parametrize("month", ["2062-11", "2020-01", "", "soon"])
@time_machine.travel(NOON_OF_THE_28TH, tick=False)
def test_a_mistyped_month_runs_nothing(client_of: ClientOf, admin_user: User, grid: Grid, month: str) -> None:
    response = client_of(admin_user).post(reverse("jobs:run-month"), {"kind": "lists", "month": month})
    assert response.status_code == 200
    assert not Job.objects.exists()


@time_machine.travel(NOON_OF_THE_28TH, tick=False)
def test_a_due_run_that_has_not_happened_alarms_on_the_page(client_of: ClientOf, admin_user: User, grid: Grid) -> None:
    page = client_of(admin_user).get(reverse("jobs:runs")).content.decode()
    assert 'role="alert"' in page


# --- Monitoring ---


@time_machine.travel(NOON_OF_THE_28TH, tick=False)
def test_health_is_503_while_something_due_is_missing(client: Client, grid: Grid) -> None:
    response = client.get("/health/")
    assert (response.status_code, response.json()["overdue_runs"]) == (503, 4)
    assert "锦江" not in response.content.decode()


@time_machine.travel(NOON_OF_THE_28TH, tick=False)
def test_health_is_well_when_all_is_done(client: Client, grid: Grid) -> None:
    make_runs()
    response = client.get("/health/")
    assert (response.status_code, response.json()["runs_with_faults"]) == (200, 2)


def test_health_is_503_when_work_waits_and_no_worker_comes(client: Client) -> None:
    asked = datetime.now(tz=ZoneInfo("UTC")) - timedelta(hours=1)
    Job.objects.create(kind="import", key="import:1", asked_at=asked)
    response = client.get("/health/")
    assert response.status_code == 503
    assert response.json()["oldest_waiting_seconds"] >= 3600


def test_health_is_503_when_the_database_is_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_now: datetime) -> None:
        raise OperationalError

    monkeypatch.setattr(Job.objects, "unheld", away)
    response = client.get("/health/")
    assert (response.status_code, response.json()) == (503, {"ok": False, "database": False})


def test_health_answers_a_probe_over_plain_http(client: Client, settings: object) -> None:
    settings.SECURE_SSL_REDIRECT = True  # type: ignore[attr-defined]
    assert client.get("/health/").status_code == 200
