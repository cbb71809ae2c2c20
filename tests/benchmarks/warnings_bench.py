"""Warning lists against one bare statement over the same rows: ``python -m tests.benchmarks.warnings_bench``."""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from gridops.common.months import Month
from tests.benchmarks.database import bench_database, clock, report

GRIDS, PROJECTS, MONTH = 100, 20, Month(2026, 12)
FIRST_BOUND, AGAIN_BOUND = 1.2, 1.3

# Who expires in the month, on which list, for which agent.
BARE_SELECT = """
    SELECT l.id, %(month)s, s.id, o.agent_id, s.expires_on,
           CASE WHEN o.agent_id IS NULL THEN 'listed' ELSE 'assigned' END, %(now)s, NULL
    FROM accounts_grid g
    JOIN projects_project p ON p.grid_id = g.id
    JOIN renewals_warninglist l ON l.grid_id = p.grid_id AND l.month = %(month)s
    LEFT JOIN channels_ownership o ON o.project_id = p.id AND o.ends_on IS NULL
    JOIN renewals_subscriber s ON s.project_id = p.id
     AND s.expires_on BETWEEN %(month)s AND %(last)s AND s.status = 'active'
"""
BARE_INSERT = f"""
    INSERT INTO renewals_expirywarning
        (warning_list_id, month, subscriber_id, agent_id, expires_on, state, listed_at, withdrawn_at)
    {BARE_SELECT}
"""
BARE_ANTI_JOIN = f"""
    {BARE_SELECT}
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
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with bench_database() as connection:
        fill(options.rows, options.units)
        return 0 if measure(connection, options.rows, options.rounds) else 1


class Bench:
    """The units' runs and the bare statements, over one database."""

    def __init__(self, connection: Any) -> None:
        from django.utils import timezone

        from gridops.accounts.models import Unit
        from gridops.jobs.services import claim, start
        from renewals.tasks import warning_lists

        self.connection, self.units = connection, list(Unit.objects.all())
        name = warning_lists.__name__
        self.runs = [claim(start("renewals.warning-lists", key=f"{name}-{u.pk}", unit=u).pk) for u in self.units]
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        self.values = {"month": MONTH.first, "last": MONTH.last, "now": now}

    def ours(self) -> None:
        """Every unit's run."""
        from renewals.services import make_lists

        for unit, run in zip(self.units, self.runs, strict=True):
            assert run is not None
            make_lists(MONTH, unit, run)

    def bare_insert(self) -> None:
        """One statement for all units."""
        self.execute(BARE_INSERT)

    def bare_anti_join(self) -> None:
        """Who is not listed yet, unit by unit, as runs are."""
        for unit in self.units:
            assert not self.execute(BARE_ANTI_JOIN, unit=unit.pk)

    def execute(self, statement: str, **more: object) -> list[Any]:
        """Run one statement in a transaction of its own; gives the rows it selects."""
        from django.db import transaction

        with transaction.atomic(), self.connection.cursor() as cursor:
            cursor.execute(statement, {**self.values, **more})
            return list(cursor.fetchall()) if cursor.description else []

    def settle(self) -> None:
        """Let the database look after itself, as it would before the night."""
        with self.connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if self.connection.vendor == "postgresql" else "ANALYZE")

    def empty(self) -> None:
        """Throw all warnings away."""
        with self.connection.cursor() as cursor:
            if self.connection.vendor == "postgresql":
                cursor.execute("TRUNCATE renewals_expirywarning")
            else:
                cursor.execute("DELETE FROM renewals_expirywarning")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.settle()

    def warnings(self) -> int:
        """How many there are."""
        return int(self.execute("SELECT COUNT(*) FROM renewals_expirywarning")[0][0])


def measure(connection: Any, rows: int, rounds: int) -> bool:
    """First run against a bare INSERT … SELECT, second run against the bare anti-join."""
    bench = Bench(connection)
    bench.ours()
    number = bench.warnings()
    more = {"database": connection.vendor, "subscribers": rows, "warnings": number, "units": len(bench.units)}
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(rounds):
        for seconds, work in ((bare, bench.bare_insert), (ours, bench.ours)):
            bench.empty()
            seconds.append(clock(work))
            assert bench.warnings() == number
    kept = report("warning lists, first run", ours, bare, FIRST_BOUND, **more)
    bench.settle()
    bare, ours = [], []
    for _ in range(3 * rounds):
        bare.append(clock(bench.bare_anti_join))
        ours.append(clock(bench.ours))
    assert bench.warnings() == number
    return report("warning lists, nothing to change", ours, bare, AGAIN_BOUND, **more) and kept


if __name__ == "__main__":
    sys.exit(main())
