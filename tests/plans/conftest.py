"""A grid about to plan December 2026."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
import time_machine
from django.utils import timezone

from channels.models import Agent
from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from gridops.jobs.models import Job
from gridops.jobs.run import Run
from gridops.jobs.services import claim, start
from plans import services
from plans.drafting import draft_plans
from plans.models import Plan, Target
from projects.models import Project
from tests import factories
from tests.plans.moments import ON_TIME
from tests.workbooks.conftest import imported, preview

__all__ = ["imported", "preview"]

DECEMBER = Month(2026, 12)
NOVEMBER = Month(2026, 11)
THE_26TH = date(2026, 11, 26)


@pytest.fixture
def on_time() -> Iterator[None]:
    """It is a day on which plans are handed in on time."""
    with time_machine.travel(ON_TIME, tick=False):
        yield


@pytest.fixture
def make_run(unit: Unit) -> Callable[..., Run]:
    """``make_run()``: a claimed job for the unit and December."""

    def make(kind: str = "plans.drafts", key: str = "run", of: Unit | None = None) -> Run:
        # one run of a kind, unit and month at a time
        ended = {"state": Job.State.DONE, "finished_at": timezone.now(), "lease_until": None}
        Job.objects.filter(state=Job.State.RUNNING).update(**ended)
        run = claim(start(kind, key=key, month=DECEMBER, unit=of or unit).pk)
        assert run is not None
        return run

    return make


@pytest.fixture
def run(make_run: Callable[..., Run]) -> Run:
    return make_run()


@pytest.fixture
def projects(grid: Grid, project: Project) -> list[Project]:
    """Three projects with figures: existing users 200, 100, 0; free ports 200, 300, 400."""
    found = [project, factories.make_project(grid, "P000004"), factories.make_project(grid, "P000005")]
    for row, users in zip(found, (200, 100, 0), strict=True):
        factories.make_indicator(row, NOVEMBER, billing_users=users, ports=400, ports_used=users)
    return found


@pytest.fixture
def target(grid: Grid) -> Target:
    return factories.make_target(grid, DECEMBER, net_adds=30, renewals=5, talks=2)


@pytest.fixture
def expiring(projects: list[Project], agent: Agent) -> None:
    """Four contracts of the agent's project and one of a project without an agent end in December."""
    for _ in range(4):
        factories.make_subscriber(projects[0], expires_on=date(2026, 12, 10))
    factories.make_subscriber(projects[1], expires_on=date(2026, 12, 31))
    assert agent


@pytest.fixture
def plan(unit: Unit, grid: Grid, projects: list[Project], target: Target, expiring: None, run: Run) -> Plan:
    """The drafted plan of ``grid``."""
    draft_plans(DECEMBER, unit, run)
    return Plan.objects.get(grid=grid)


@pytest.fixture
def submitted(plan: Plan, manager: User) -> Plan:
    """The same, handed in on time."""
    services.submit(plan, plan.version, manager, now=ON_TIME)
    return plan


@pytest.fixture
def approved(submitted: Plan, supervisor: User) -> Plan:
    """The same, approved."""
    services.approve(submitted, submitted.version, supervisor, now=ON_TIME)
    return submitted
