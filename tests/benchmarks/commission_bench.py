"""How long the import of a roster of commission takes, with the sums in the ledger and undoing, beside its floor.

    python -m tests.benchmarks.commission_bench [--rows 100000] [--repeat 3]

The floor does the same without checking, preview, history or undo: read with calamine, one insert, one update of the
month indicators from the sums.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.database import bench_database, clock, report
from tests.benchmarks.import_bench import read_plainly

HEADER = ["月份", "代理商编码", "项目编码", "佣金类别", "数量", "金额"]
MONTHS = [f"2025-{month:02d}" for month in range(1, 13)] + [f"2026-{month:02d}" for month in range(1, 11)]
AGENTS = 50


def prepare(projects: int) -> None:
    """A unit with agents and projects, with indicators of every month, and somebody who may import."""
    from channels.models import Agent
    from gridops.accounts.models import Grid, Unit, User
    from projects.models import MonthlyIndicator, Project

    User.objects.create_superuser("bench")
    grid = Grid.objects.create(unit=Unit.objects.create(name="bench"), name="bench")
    Agent.objects.bulk_create(Agent(code=f"D{n:05d}", name=f"代理商{n}") for n in range(AGENTS))
    Project.objects.bulk_create(Project(code=f"P{n:06d}", grid=grid, name=f"锦绣花园{n}号") for n in range(projects))
    MonthlyIndicator.objects.bulk_create(
        (
            MonthlyIndicator(project=project, month=f"{month}-01", billing_users=100, commission=50)
            for project in Project.objects.all()
            for month in MONTHS
        ),
        batch_size=2_000,
    )


def write_roster(path: Path, projects: int) -> int:
    """Two rows a project and month; how many."""
    from gridops.workbooks.export import write_sheet

    rows = [
        [month, f"D{n % AGENTS:05d}", f"P{n:06d}", kind, 1 + n % 9, (1 + n % 9) * each]
        for n in range(projects)
        for month in MONTHS
        for kind, each in (("新装", 60), ("续费", 15))
    ]
    path.write_bytes(write_sheet("佣金发放", HEADER, rows).read())
    return len(rows)


def floor(path: Path) -> None:
    """Read, insert, sum."""
    from django.db import connection, transaction

    from channels.models import Agent
    from gridops.common.bulk import copy_rows
    from projects.models import Project

    agents = dict(Agent.objects.values_list("code", "pk"))
    projects = dict(Project.objects.values_list("code", "pk"))
    rows = [(f"{r[0]}-01", agents[r[1]], projects[r[2]], r[3], int(r[4]), str(r[5])) for r in read_plainly(str(path))]
    with transaction.atomic(), connection.cursor() as cursor:
        names = ("month", "agent_id", "project_id", "kind", "quantity", "amount")
        copy_rows("channels_paid", names, rows)
        cursor.execute(
            "UPDATE projects_monthlyindicator SET commission = s.amount FROM (SELECT project_id, month, "
            "SUM(amount) AS amount FROM channels_paid GROUP BY project_id, month) s "
            "WHERE projects_monthlyindicator.project_id = s.project_id AND projects_monthlyindicator.month = s.month"
        )


def ours(path: Path) -> Any:
    """Read, check, apply, with what follows."""
    from gridops.accounts.models import User
    from gridops.jobs import services as jobs
    from gridops.workbooks import services

    jobs.ring = lambda *_, **__: None
    batch = services.import_now(path, User.objects.get())
    if batch.state != "applied" or batch.rows_refused:
        raise SystemExit(f"not applied: {batch.fault} {batch.rows_refused}")
    return batch


def empty() -> None:
    """Nothing was paid."""
    from channels.models import Paid
    from gridops.workbooks.models import Batch, Row
    from projects.models import MonthlyIndicator

    Paid.objects.all()._raw_delete("default")
    Row.objects.all()._raw_delete("default")
    Batch.objects.all()._raw_delete("default")
    MonthlyIndicator.objects.update(commission=50, commission_from_roster=False, commission_typed=None)


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    projects = -(-given.rows // (2 * len(MONTHS)))
    with bench_database(), tempfile.TemporaryDirectory() as folder:
        prepare(projects)
        path = Path(folder) / "paid.xlsx"
        number = write_roster(path, projects)
        took: dict[str, list[float]] = {"floor": [], "ours": [], "undo": []}
        for _ in range(given.repeat):
            took["floor"].append(clock(lambda: floor(path)))
            empty()
            batches: list[Any] = []
            took["ours"].append(clock(lambda: batches.append(ours(path))))  # noqa: B023
            from gridops.workbooks import services

            took["undo"].append(clock(lambda: services.finish(services.undo(batches[0]))))  # noqa: B023
            empty()
        kept = [
            report(
                "commission roster: import with the ledger's sums and history",
                took["ours"],
                took["floor"],
                3.0,
                rows=number,
            ),
            report("commission roster: undone", took["undo"], took["floor"], 2.0, rows=number),
        ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
