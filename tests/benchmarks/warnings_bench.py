"""Warning lists against one bare statement over the same rows: ``python -m tests.benchmarks.warnings_bench``."""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from tests.benchmarks.database import bench_database, clock, report

GRIDS, PROJECTS = 100, 20
FIRST_BOUND, AGAIN_BOUND = 1.2, 1.3

BARE_INSERT = """
    INSERT INTO renewals_expirywarning
        (warning_list_id, month, subscriber_id, agent_id, expires_on, state, listed_at, withdrawn_at)
    SELECT l.id, %(month)s, s.id, o.agent_id, s.expires_on,
           CASE WHEN o.agent_id IS NULL THEN 'listed' ELSE 'assigned' END, %(now)s, NULL
    FROM projects_project p
    JOIN renewals_warninglist l ON l.grid_id = p.grid_id AND l.month = %(month)s
    LEFT JOIN channels_ownership o ON o.project_id = p.id AND o.ends_on IS NULL
    JOIN renewals_subscriber s ON s.project_id = p.id
     AND s.expires_on BETWEEN %(month)s AND %(last)s AND s.status = 'active'
"""
BARE_ANTI_JOIN = """
    SELECT COUNT(*)
    FROM accounts_grid g
    JOIN projects_project p ON p.grid_id = g.id
    JOIN renewals_subscriber s ON s.project_id = p.id
     AND s.expires_on BETWEEN %(month)s AND %(last)s AND s.status = 'active'
    WHERE g.unit_id = %(unit)s AND NOT EXISTS (
        SELECT 1 FROM renewals_expirywarning w WHERE w.subscriber_id = s.id AND w.month = %(month)s
    )
"""


def fill(rows: int, units: int = 10) -> None:
    """Units, grids, projects with and without an agent, and ``rows`` subscribers with contracts of a year."""
    from django.db import transaction

    from channels.models import Agent, Ownership
    from gridops.accounts.models import Grid, Unit
    from gridops.common.bulk import copy_rows
    from projects.models import Project

    grids = [
        Grid(unit=unit, name=f"网格{number}")
        for unit in Unit.objects.bulk_create(Unit(name=f"单位{number}") for number in range(units))
        for number in range(GRIDS // units)
    ]
    Grid.objects.bulk_create(grids)
    projects = Project.objects.bulk_create(
        [
            Project(code=f"B{grid.pk:05d}{number:03d}", name=f"项目{number}", grid=grid)
            for grid in grids
            for number in range(PROJECTS)
        ]
    )
    agents = Agent.objects.bulk_create(Agent(code=f"B{number:04d}", name=f"代理商{number}") for number in range(50))
    Ownership.objects.bulk_create(
        Ownership(project=project, agent=agents[index % len(agents)], starts_on=date(2020, 1, 1))
        for index, project in enumerate(projects)
        if index % 10
    )
    ids, dice = [project.pk for project in projects], random.Random(25)
    start = date(2026, 6, 1)
    days = [start + timedelta(days=number) for number in range(365)]

    def subscribers() -> Iterator[tuple[Any, ...]]:
        # Rosters come grid by grid, so a project's subscribers lie near one another, but not in order of expiry.
        for number in range(rows):
            status = "closed" if dice.random() < 0.05 else "active"
            project = ids[number * len(ids) // rows]
            yield f"028{number:09d}", "王小明", "19900001111", "", project, "", dice.choice(days), status

    columns = ["account", "name", "phone", "address", "project_id", "product", "expires_on", "status"]
    with transaction.atomic():
        copy_rows("renewals_subscriber", columns, subscribers())


def main() -> int:
    """Measure, print JSON lines, return 1 when a bound is broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--units", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with bench_database() as connection:
        fill(options.rows, options.units)
        return 0 if measure(connection, options.rows, options.rounds) else 1


def measure(connection: Any, rows: int, rounds: int) -> bool:
    """First run against a bare INSERT … SELECT, second run against the bare anti-join."""
    from django.db import transaction
    from django.utils import timezone

    from gridops.accounts.models import Unit
    from gridops.common.months import Month
    from gridops.jobs.services import claim, start
    from renewals import tasks  # noqa: F401 - registers the kind
    from renewals.services import make_lists

    month = Month(2026, 12)
    units = list(Unit.objects.all())
    runs = []
    for unit in units:
        run = claim(start("renewals.warning-lists", key=f"bench-{unit.pk}", month=month, unit=unit).pk)
        assert run is not None
        runs.append(run)
    values = {
        "month": month.first,
        "last": month.last,
        "now": connection.ops.adapt_datetimefield_value(timezone.now()),
    }

    def bare_insert() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(BARE_INSERT, values)

    def bare_anti_join() -> None:
        for unit in units:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(BARE_ANTI_JOIN, {**values, "unit": unit.pk})
                assert cursor.fetchone()[0] == 0

    def ours() -> None:
        for unit, run in zip(units, runs, strict=True):
            make_lists(month, unit, run)

    def empty() -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("TRUNCATE renewals_expirywarning")
            else:
                cursor.execute("DELETE FROM renewals_expirywarning")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        settle()

    def settle() -> None:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")

    def counted() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM renewals_expirywarning")
            return int(cursor.fetchone()[0])

    ours()
    first: dict[str, list[float]] = {"ours": [], "bare": []}
    made: set[int] = set()
    for _ in range(rounds):
        for name, work in (("bare", bare_insert), ("ours", ours)):
            empty()
            first[name].append(clock(work))
            made.add(counted())
    settle()
    again: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(max(rounds, 5)):
        again["bare"].append(clock(bare_anti_join))
        again["ours"].append(clock(ours))
        made.add(counted())
    assert len(made) == 1, made
    more = {"database": connection.vendor, "subscribers": rows, "warnings": made.pop(), "units": len(units)}
    kept = report("warning lists, first run", first["ours"], first["bare"], FIRST_BOUND, **more)
    return report("warning lists, nothing to change", again["ours"], again["bare"], AGAIN_BOUND, **more) and kept


if __name__ == "__main__":
    sys.exit(main())
