"""Draft plans: time per grid in small and large units, storing against bare writes.

``python -m tests.benchmarks.plans_bench``
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from gridops.common.months import Month
from tests.benchmarks.database import bench_database, clock, report

PROJECTS, MONTH = 20, Month(2026, 12)
GROWTH_BOUND, STORE_BOUND = 1.2, 1.5


def fill(name: str, grids: int) -> Any:
    """A unit with targets, figures, agents and expiring contracts."""
    from channels.models import Agent, Ownership
    from gridops.accounts.models import Grid, Unit
    from plans.models import Target
    from projects.models import MonthlyIndicator, Project

    dice, month = random.Random(28), MONTH
    unit = Unit.objects.create(name=name)
    made = Grid.objects.bulk_create([Grid(unit=unit, name=f"{name}-{number:03d}") for number in range(grids)])
    Target.objects.bulk_create(
        [Target(grid=grid, month=month.first, net_adds=60, renewals=40, talks=2, new_outlets=1) for grid in made]
    )
    projects = Project.objects.bulk_create(
        [
            Project(code=f"{name}{g.pk:05d}{n:03d}", name=f"项目{n}", grid=g, households=800, ports=600, occupancy=80)
            for g in made
            for n in range(PROJECTS)
        ]
    )
    agents = Agent.objects.bulk_create(
        [Agent(code=f"{name}{number:05d}", name=f"代理商{number}") for number in range(grids)]
    )
    Ownership.objects.bulk_create(
        [
            Ownership(project=project, agent=agents[index // 7 % len(agents)], starts_on=date(2020, 1, 1))
            for index, project in enumerate(projects)
        ]
    )
    MonthlyIndicator.objects.bulk_create(
        [
            MonthlyIndicator(
                project=p, month=month.plus(-n).first, billing_users=dice.randrange(100, 500), ports=600, ports_used=300
            )
            for p in projects
            for n in (1, 2, 3)
        ]
    )
    expire(name, projects)
    return unit


def expire(name: str, projects: list[Any]) -> None:
    """Four contracts of each project expire in the month."""
    from django.db import transaction

    from gridops.common.bulk import copy_rows

    with transaction.atomic():
        copy_rows(
            "renewals_subscriber",
            ["account", "name", "phone", "address", "project_id", "product", "expires_on", "status"],
            (
                (f"{name}{index:05d}{number}", "王小明", "19900001111", "", project.pk, "", date(2026, 12, 5), "active")
                for index, project in enumerate(projects)
                for number in range(4)
            ),
        )


def measure(connection: Any, rounds: int) -> bool:
    """Both measures; True when both bounds are kept."""
    units = {size: fill(f"U{size}", size) for size in (20, 200)}
    clean(connection)
    growth = measure_growth(connection, units, rounds)
    return measure_storing(connection, units[200], max(rounds, 5)) and growth


def measure_growth(connection: Any, units: dict[int, Any], rounds: int) -> bool:
    """Whole runs, claimed job and all: time per grid in a unit of 200 grids against one of 20."""
    from gridops.jobs.services import claim, start
    from plans.drafting import draft_plans
    from plans.tasks import drafts

    runs: dict[int, Any] = {
        size: claim(start("plans.drafts", key=f"{drafts.__name__}-{size}", unit=units[size]).pk) for size in units
    }
    seconds: dict[int, list[float]] = {size: [] for size in units}
    for _ in range(rounds):
        for size, unit in units.items():
            work = partial(draft_plans, MONTH, unit, runs[size])
            seconds[size].append(statistics.median(thrown_away(connection, work) for _ in range(3)) / size)
    more = {"database": connection.vendor, "projects_per_grid": PROJECTS}
    name = "draft plans, seconds per grid: 200 grids against 20"
    return report(name, seconds[200], seconds[20], GROWTH_BOUND, **more)


def measure_storing(connection: Any, unit: Any, rounds: int) -> bool:
    """Storing drafts that are computed already, against one COPY or executemany a table of the very same rows."""
    from django.utils import timezone

    from gridops.accounts.models import Grid
    from plans import drafting
    from plans.material import load

    now, rules = timezone.now(), drafting.Rules.of(unit)
    materials = load(Grid.objects.filter(unit=unit), MONTH, timezone.localdate(now))
    drafts = [drafting.compute(material, MONTH, rules) for material in materials]
    store = partial(drafting.store, drafts, MONTH, now)
    in_transaction(store)
    tables = written(connection)
    clean(connection)
    stored: list[float] = []
    bare: list[float] = []
    for _ in range(rounds):
        stored.append(thrown_away(connection, partial(in_transaction, store)))
        bare.append(thrown_away(connection, partial(in_transaction, partial(write_bare, tables))))
    rows = sum(len(found) for _, _, found in tables)
    return report("draft plans, storing", stored, bare, STORE_BOUND, rows=rows, database=connection.vendor)


def in_transaction(work: Callable[[], Any]) -> None:
    """Do ``work`` in one transaction."""
    from django.db import transaction

    with transaction.atomic():
        work()


TABLES = (
    "plans_plan",
    "plans_projectshare",
    "plans_agentshare",
    "plans_actionstep",
    "plans_planevent",
    "promotions_session",
)


def thrown_away(connection: Any, work: Callable[[], Any]) -> float:
    """Seconds of ``work``; what it wrote is thrown away."""
    seconds = clock(work)
    clean(connection)
    return seconds


def clean(connection: Any) -> None:
    """Empty the tables of plans and sessions."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("TRUNCATE " + ", ".join(TABLES))
            cursor.execute("VACUUM ANALYZE")
            return
        for table in reversed(TABLES):
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def written(connection: Any) -> list[tuple[str, list[str], list[tuple[Any, ...]]]]:
    """Table, columns and rows of everything that was stored."""
    found = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            found.append((table, [column[0] for column in cursor.description], list(cursor.fetchall())))
    return found


def write_bare(tables: list[tuple[str, list[str], list[tuple[Any, ...]]]]) -> None:
    """The same rows, ids and all, by one COPY or executemany a table."""
    from gridops.common.bulk import copy_rows

    for table, columns, rows in tables:
        copy_rows(table, columns, rows)


def main() -> int:
    """Measure, print JSON lines, return 1 when a bound is broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    with bench_database() as connection:
        return 0 if measure(connection, parser.parse_args().rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
