"""Warning lists and their reconciliation against bare statements: ``python -m tests.benchmarks.warnings_bench``.

The bare statements do the same over the same rows, unit by unit as runs are: lists with owners, without doubles, with
the day of the first call; then the differences from the renewal specialist's list. Where nothing is to change they look
for what a second run looks for: newcomers, those whose day has moved away, differences that are new.
"""

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
FIRST_BOUND, AGAIN_BOUND = 1.3, 1.3
FIRST_CALL = {"sqlite": "date(s.expires_on, '-15 days')", "postgresql": "s.expires_on - 15"}

# Who expires in the month, on which list, for which agent, and when to call first.
BARE_SELECT = """
    SELECT l.id, %(month)s, s.id, o.agent_id, s.expires_on,
           CASE WHEN o.agent_id IS NULL THEN 'listed' ELSE 'assigned' END, %(now)s, 'call', {first_call}
    FROM accounts_grid g
    JOIN projects_project p ON p.grid_id = g.id
    JOIN renewals_warninglist l ON l.grid_id = p.grid_id AND l.month = %(month)s
    LEFT JOIN channels_ownership o ON o.project_id = p.id AND o.ends_on IS NULL
    JOIN renewals_subscriber s ON s.project_id = p.id
     AND s.expires_on BETWEEN %(month)s AND %(last)s AND s.status = 'active' AND s.household <> 'duplicate'
"""
BARE_INSERT = f"""
    INSERT INTO renewals_expirywarning
        (warning_list_id, month, subscriber_id, agent_id, expires_on, state, listed_at, next_step, next_on)
    {BARE_SELECT} WHERE g.unit_id = %(unit)s
"""
BARE_ANTI_JOIN = f"""
    {BARE_SELECT}
    WHERE g.unit_id = %(unit)s AND NOT EXISTS (
        SELECT 1 FROM renewals_expirywarning w WHERE w.subscriber_id = s.id AND w.month = %(month)s
    )
"""

BARE_MOVED_AWAY = """
    SELECT w.id FROM accounts_grid g
    JOIN renewals_warninglist l ON l.grid_id = g.id AND l.month = %(month)s
    JOIN renewals_expirywarning w ON w.warning_list_id = l.id AND w.state IN ('listed', 'assigned')
    WHERE g.unit_id = %(unit)s AND NOT EXISTS (
        SELECT 1 FROM renewals_subscriber s WHERE s.id = w.subscriber_id AND s.expires_on = w.expires_on
          AND s.status = 'active' AND s.household <> 'duplicate'
    )
"""

# Where the specialist's lines and the lists differ, in the units that have lines.
BARE_DIFFERENCES = """
    SELECT g.unit_id, %(month)s, CASE WHEN w.id IS NULL THEN 'theirs' ELSE 'expiry' END, 'bare', t.account,
           t.project_id, s.id, w.expires_on, t.expires_on, %(now)s, %(now)s
    FROM renewals_specialistline t
    JOIN projects_project p ON p.id = t.project_id JOIN accounts_grid g ON g.id = p.grid_id
    LEFT JOIN renewals_subscriber s ON s.account = t.account
    LEFT JOIN renewals_expirywarning w ON w.subscriber_id = s.id AND w.month = %(month)s AND w.state <> 'withdrawn'
    WHERE t.month = %(month)s AND (w.id IS NULL OR w.expires_on <> t.expires_on)
    UNION ALL
    SELECT g.unit_id, %(month)s, 'ours', 'bare', s.account, s.project_id, s.id, w.expires_on, NULL, %(now)s, %(now)s
    FROM accounts_grid g
    JOIN renewals_warninglist l ON l.grid_id = g.id AND l.month = %(month)s
    JOIN renewals_expirywarning w ON w.warning_list_id = l.id AND w.state <> 'withdrawn'
    JOIN renewals_subscriber s ON s.id = w.subscriber_id
    LEFT JOIN renewals_specialistline t ON t.month = %(month)s AND t.account = s.account
    WHERE t.id IS NULL AND g.unit_id IN (
        SELECT DISTINCT h.unit_id FROM renewals_specialistline x
        JOIN projects_project q ON q.id = x.project_id JOIN accounts_grid h ON h.id = q.grid_id
        WHERE x.month = %(month)s
    )
"""
BARE_DIFFER = f"""
    INSERT INTO renewals_difference (unit_id, month, kind, reason, account, project_id, subscriber_id, ours_on,
                                     theirs_on, found_at, seen_at)
    {BARE_DIFFERENCES}
"""
BARE_NEW_DIFFERENCES = f"""
    WITH f (unit_id, month, kind, reason, account, project, subscriber, ours, theirs, at, seen) AS ({BARE_DIFFERENCES})
    SELECT 1 FROM f WHERE NOT EXISTS (
        SELECT 1 FROM renewals_difference d
        WHERE d.unit_id = f.unit_id AND d.month = f.month AND d.account = f.account AND d.kind = f.kind
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

    lines: list[tuple[Any, ...]] = []

    def subscribers() -> Iterator[tuple[Any, ...]]:
        # Rosters come grid by grid, so a project's subscribers lie near one another, but not in order of expiry.
        for number in range(rows):
            luck, at = dice.random(), number * len(ids) // rows
            status = "closed" if luck < 0.03 else "suspended" if luck < 0.05 else "active"
            row = (f"028{number:09d}", "王小明", "19900001111", "", ids[at], "", dice.choice(days), status)
            yield *row, "duplicate" if luck > 0.99 else "", 99
            if at < len(ids) // 2 and 0.05 <= luck <= 0.99 and MONTH.first <= row[6] <= MONTH.last:
                lines.extend(specialist_lines(row, dice.random()))

    columns = ["account", "name", "phone", "address", "project_id", "product", "expires_on", "status"]
    with transaction.atomic():
        copy_rows("renewals_subscriber", [*columns, "household", "monthly_fee"], subscribers())
        columns = ["month", "account", "name", "phone", "project_id", "product", "expires_on"]
        copy_rows("renewals_specialistline", columns, lines)


def specialist_lines(row: tuple[Any, ...], luck: float) -> Iterator[tuple[Any, ...]]:
    """What the specialist's list says about a subscriber: mostly the same, here and there less, more, another day."""
    account, name, phone, _address, project, product, day, _status = row
    if luck > 0.02:
        day = MONTH.day(1 + day.day % 28) if luck < 0.04 else day
        yield MONTH.first, account, name, phone, project, product, day
    if luck > 0.98:
        yield MONTH.first, f"9{account[1:]}", name, phone, project, product, day


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
        """A statement for each unit, and one for what differs."""
        for unit in self.units:
            self.execute(BARE_INSERT, unit=unit.pk)
        self.execute(BARE_DIFFER)

    def bare_anti_join(self) -> None:
        """Who is not listed yet, and who should no longer be, unit by unit; what differs and is not kept yet."""
        for unit in self.units:
            assert not self.execute(BARE_ANTI_JOIN, unit=unit.pk)
            assert not self.execute(BARE_MOVED_AWAY, unit=unit.pk)
        assert not self.execute(BARE_NEW_DIFFERENCES)

    def execute(self, *statements: str, **more: object) -> list[Any]:
        """Run statements in a transaction of their own; gives the rows that the last one selects."""
        from django.db import transaction

        with transaction.atomic(), self.connection.cursor() as cursor:
            for statement in statements:
                text = statement.replace("{first_call}", FIRST_CALL[self.connection.vendor])
                cursor.execute(text, {**self.values, **more})
            return list(cursor.fetchall()) if cursor.description else []

    def settle(self) -> None:
        """Let the database look after itself, as it would before the night."""
        with self.connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if self.connection.vendor == "postgresql" else "ANALYZE")

    def empty(self) -> None:
        """Throw all warnings away, and what was counted and compared."""
        tables = ("renewals_expirywarning", "renewals_difference", "renewals_tally", "renewals_daytally")
        with self.connection.cursor() as cursor:
            if self.connection.vendor == "postgresql":
                cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
            else:
                for table in tables:
                    cursor.execute(f"DELETE FROM {table}")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.settle()

    def numbers(self) -> tuple[int, ...]:
        """How many warnings there are, and how many differences of each kind."""
        kinds = ", ".join(f"COUNT(CASE WHEN kind = '{kind}' THEN 1 END)" for kind in ("theirs", "ours", "expiry"))
        (warnings,) = self.execute("SELECT COUNT(*) FROM renewals_expirywarning")[0]
        return int(warnings), *self.execute(f"SELECT {kinds} FROM renewals_difference")[0]


def measure(connection: Any, rows: int, rounds: int) -> bool:
    """First run against bare INSERT … SELECT, second run against bare anti-joins."""
    bench = Bench(connection)
    bench.ours()
    number = bench.numbers()
    (lines,) = bench.execute("SELECT COUNT(*) FROM renewals_specialistline")[0]
    more = {"database": connection.vendor, "subscribers": rows, "warnings": number[0], "units": len(bench.units)}
    more |= {"specialist_lines": lines, "differences": sum(number[1:])}
    assert all(number), number
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(rounds):
        for seconds, work in ((bare, bench.bare_insert), (ours, bench.ours)):
            bench.empty()
            seconds.append(clock(work))
            assert bench.numbers() == number
    kept = report("warning lists and reconciliation, first run", ours, bare, FIRST_BOUND, **more)
    bench.settle()
    bare, ours = [], []
    for _ in range(3 * rounds):
        bare.append(clock(bench.bare_anti_join))
        ours.append(clock(bench.ours))
    assert bench.numbers() == number
    return report("warning lists and reconciliation, nothing to change", ours, bare, AGAIN_BOUND, **more) and kept


if __name__ == "__main__":
    sys.exit(main())
