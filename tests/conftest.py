"""The cast: one unit with two grids, another unit with one, and a person of every role."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from channels.models import Agent, Outlet
from gridops.accounts.models import Grid, Role, Unit, User
from projects.models import Project
from renewals.models import Subscriber
from tests import factories

ASKS_A_DATABASE = {"db", "transactional_db", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL what asks no database is left out: it ran on SQLite, and would say the same again."""
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        return
    pure = [item for item in items if _is_pure(item)]
    if pure:
        config.hook.pytest_deselected(items=pure)
        items[:] = [item for item in items if item not in set(pure)]


def _is_pure(item: pytest.Item) -> bool:
    """Whether a test of an app has no database, no server and no class that brings one."""
    if item.path.parent == settings.BASE_DIR / "tests" or getattr(item, "cls", None):
        return False
    if {"django_db", "celery", "kill", "browser"} & {mark.name for mark in item.iter_markers()}:
        return False
    return not ASKS_A_DATABASE & set(getattr(item, "fixturenames", ()))


@pytest.fixture(autouse=True)
def _chinese_and_no_memory() -> None:
    """Every test starts in the product's language and with nothing cached."""
    translation.activate(settings.LANGUAGE_CODE)
    cache.clear()


@pytest.fixture(autouse=True)
def bell(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids that were rung for; no broker is spoken to, unless the test is marked ``celery`` or ``kill``."""
    rung: list[int] = []
    if not {"celery", "kill"} & {mark.name for mark in request.node.iter_markers()}:
        monkeypatch.setattr("gridops.jobs.tasks.run_job.delay", rung.append)
        monkeypatch.setattr("gridops.notices.tasks.deliver.apply_async", lambda **_: None)
    return rung


@pytest.fixture
def english() -> None:
    """What the code says is in English; a page follows its reader's own language."""
    translation.activate("en")


# --- Territory ---


@pytest.fixture
def unit(db: None) -> Unit:
    return factories.make_unit("锦江区经营单位")


@pytest.fixture
def other_unit(db: None) -> Unit:
    return factories.make_unit("青羊区经营单位")


@pytest.fixture
def grid(unit: Unit) -> Grid:
    return factories.make_grid(unit, "锦江01网格")


@pytest.fixture
def other_grid(unit: Unit) -> Grid:
    """Of the same unit."""
    return factories.make_grid(unit, "锦江02网格")


@pytest.fixture
def foreign_grid(other_unit: Unit) -> Grid:
    """Of the other unit."""
    return factories.make_grid(other_unit, "青羊01网格")


# --- People ---


@pytest.fixture
def manager(grid: Grid) -> User:
    """Grid manager of ``grid``."""
    return factories.make_manager(grid, "G0001", name="张经理")


@pytest.fixture
def colleague(other_grid: Grid) -> User:
    """Grid manager of ``other_grid``, in the same unit."""
    return factories.make_manager(other_grid, "G0002", name="李经理")


@pytest.fixture
def stranger(foreign_grid: Grid) -> User:
    """Grid manager in the other unit."""
    return factories.make_manager(foreign_grid, "G0003", name="王经理")


@pytest.fixture
def supervisor(unit: Unit) -> User:
    return factories.make_user("S0001", name="赵主管", role=Role.SUPERVISOR, unit=unit)


@pytest.fixture
def foreign_supervisor(other_unit: Unit) -> User:
    return factories.make_user("S0002", name="钱主管", role=Role.SUPERVISOR, unit=other_unit)


@pytest.fixture
def specialist(unit: Unit) -> User:
    return factories.make_user("R0001", name="孙专员", role=Role.RENEWAL_SPECIALIST, unit=unit)


@pytest.fixture
def admin_user(db: None) -> User:
    """Admin by membership, as the product knows it; not a superuser of Django's."""
    return factories.make_user("A0001", name="周管理", role=Role.ADMIN)


@pytest.fixture
def agent_staff_user(agent: Agent) -> User:
    """Somebody who works for ``agent`` and may sign in."""
    user = factories.make_user("D0001-1", name="吴业务", role=Role.AGENT_STAFF)
    factories.make_agent_staff(agent, user.name, user=user)
    return user


# --- Things ---


@pytest.fixture
def project(grid: Grid) -> Project:
    return factories.make_project(grid, "P000001", name="锦绣花园")


@pytest.fixture
def other_project(other_grid: Grid) -> Project:
    return factories.make_project(other_grid, "P000002", name="翠湖雅苑")


@pytest.fixture
def foreign_project(foreign_grid: Grid) -> Project:
    return factories.make_project(foreign_grid, "P000003", name="金沙新城")


@pytest.fixture
def agent(project: Project) -> Agent:
    """The agent who owns ``project``."""
    return factories.make_agent("D0001", name="锦江通信服务部", owns=[project])


@pytest.fixture
def outlet(grid: Grid, project: Project) -> Outlet:
    return factories.make_outlet(grid, "W0001", name="春熙路手机店", near=[project])


@pytest.fixture
def subscriber(project: Project) -> Subscriber:
    return factories.make_subscriber(project, "02800000001")


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """``client_of(user)``: a browser in which that person has signed in."""
    return factories.client_of
