"""Workers that can be killed at any moment, and what they work on."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from openpyxl import Workbook
from pytest_django.fixtures import Settings

from channels.models import Ownership
from gridops.accounts.models import Grid
from projects.models import Project
from tests.factories import make_agent, make_grid, make_project, make_unit

HERE = Path(__file__).parent
ROWS = 20_000
LEASE_SECONDS = 1
PATIENCE_SECONDS = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is marked ``kill``, and what speaks to a broker stays in one process."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.kill)


@dataclass
class Workers:
    """Starts workers and kills them with all their children, as ``kill -9`` does."""

    zygote: subprocess.Popen[str]
    alive: list[int] = field(default_factory=list)

    def start(self) -> int:
        """A new worker; its process id."""
        assert self.zygote.stdin is not None
        assert self.zygote.stdout is not None
        self.zygote.stdin.write("start\n")
        self.zygote.stdin.flush()
        pid = int(self.zygote.stdout.readline())
        self.alive.append(pid)
        return pid

    def kill(self, pid: int) -> None:
        """Gone at once, whatever it was doing."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        self.alive.remove(pid)


@pytest.fixture
def quick_leases(settings: Settings) -> None:
    """A worker counts as lost after a second."""
    settings.JOB_LEASE_SECONDS = LEASE_SECONDS
    settings.JOB_BELL_GRACE_SECONDS = 0


@pytest.fixture
def worker_environment(
    transactional_db: None, quick_leases: None, settings: Settings, tmp_path: Path
) -> dict[str, str]:
    """For processes that work on the test's own database and files."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.kill.worker_settings",
        "KILL_DATABASE": str(connection.settings_dict["NAME"]),
        "KILL_MEDIA": str(settings.MEDIA_ROOT),
        "JOB_LEASE_SECONDS": str(LEASE_SECONDS),
        "JOB_BELL_GRACE_SECONDS": "0",
        "LOG_LEVEL": "CRITICAL",
    }


@pytest.fixture
def workers(worker_environment: dict[str, str]) -> Iterator[Workers]:
    """Start and kill workers."""
    zygote = subprocess.Popen(
        [sys.executable, "-m", "tests.kill.zygote"],
        cwd=django_settings.BASE_DIR,
        env=worker_environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    made = Workers(zygote)
    yield made
    for pid in list(made.alive):
        made.kill(pid)
    zygote.kill()
    zygote.communicate(timeout=10)


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """``until(lambda: …)``: wait for the database to say so, or fail."""

    def wait(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "what the test waits for did not come"
            time.sleep(0.002)

    return wait


@pytest.fixture
def territory(transactional_db: None) -> list[Project]:
    """A unit with three grids of four projects each, every second project owned by an agent."""
    unit = make_unit()
    grids: list[Grid] = [make_grid(unit) for _ in range(3)]
    projects = [make_project(grid) for grid in grids for _ in range(4)]
    agent = make_agent()
    Ownership.objects.bulk_create(
        Ownership(project=project, agent=agent, starts_on=date(2026, 1, 1)) for project in projects[::2]
    )
    return projects


@pytest.fixture(scope="session")
def roster_rows() -> list[list[Any]]:
    """Rows of a roster of subscribers but for the project's code; every third contract expires in December 2026."""
    first = date(2026, 12, 1)
    return [
        [
            f"028{n:08d}",
            f"用户{n}",
            f"199{n:08d}",
            f"{n % 30}栋{n % 6}单元",
            "宽带200M",
            200,
            99,
            first + timedelta(n % 93),
        ]
        for n in range(ROWS)
    ]


@pytest.fixture
def roster(roster_rows: list[list[Any]], territory: list[Project], tmp_path: Path) -> Path:
    """A workbook of 20,000 subscribers."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("用户名册")
    sheet.append(["用户账号", "用户姓名", "联系电话", "装机地址", "产品", "速率", "月费", "到期日期", "项目编码"])
    for number, row in enumerate(roster_rows):
        sheet.append([*row, territory[number % len(territory)].code])
    path = tmp_path / "用户名册.xlsx"
    book.save(path)
    return path
