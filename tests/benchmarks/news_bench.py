"""News of an import that touches many projects beside one that touches a tenth: the time for each hardly grows.

    python -m tests.benchmarks.news_bench [--projects 20000]

Each project has an outlet around it and an owner; the second import finds what the first left untold. Works in a
database of its own beside the one that DATABASE_URL names. A line of JSON a measure.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.benchmarks.database import bench_database
from tests.benchmarks.lists_bench import say

OUTLET_EVERY = 4  # so many projects lie around one outlet


def fill(grid: Any, number: int) -> list[Any]:
    """Projects with outlets around them and owners."""
    from channels.models import Outlet, Ownership
    from gridops.common.bulk import copy_rows
    from projects.models import Project
    from tests import factories

    projects = factories.make_projects(grid, number)
    outlets = Outlet.objects.bulk_create(
        [Outlet(grid=grid, code=f"{grid.pk}-{n}", name=f"受理点{n}") for n in range(number // OUTLET_EVERY)],
        batch_size=1_000,
    )
    link = Outlet.nearby_projects.through._meta.db_table
    pairs = [(outlets[n // OUTLET_EVERY % len(outlets)].pk, project.pk) for n, project in enumerate(projects)]
    copy_rows(link, ["outlet_id", "project_id"], pairs)
    agent, day = factories.make_agent(), "2020-01-01"
    copy_rows(
        Ownership._meta.db_table,
        ["project_id", "agent_id", "starts_on"],
        [(project.pk, agent.pk, day) for project in projects],
    )
    return list(Project.objects.filter(grid=grid).order_by("pk"))


def imported(projects: list[Any], by: Any, old: str, new: str) -> None:
    """What an import leaves that changed the access of all these projects."""
    from django.utils import timezone

    from gridops.common.bulk import copy_rows
    from gridops.workbooks.models import Batch, Row

    batch = Batch.objects.create(
        kind="projects", fields=["code", "access"], uploaded_by=by, applied_at=timezone.now(), state="applied"
    )
    rows = (
        (
            batch.pk,
            n,
            "changed",
            project.code,
            project.pk,
            json.dumps([project.code, new]),
            json.dumps([project.code, old]),
        )
        for n, project in enumerate(projects, start=2)
    )
    columns = ["batch_id", "number", "state", "key", "object_id", "values", "before"]
    copy_rows(Row._meta.db_table, columns, rows)


def compare(number: int) -> bool:
    """Measure; whether every bound is kept."""
    from django.utils import timezone

    from channels.models import Briefing, News
    from channels.services_briefings import gather
    from tests import factories

    unit = factories.make_unit()
    by = factories.make_user()
    gather(timezone.now())
    kept, took = [], {}
    for size in (number // 10, number):
        projects = fill(factories.make_grid(unit), size)
        gather(timezone.now())
        for at, (old, new) in enumerate((("FTTB", "FTTH"), ("FTTH", "LAN"))):
            imported(projects, by, old, new)
            before, began = Briefing.objects.open().count(), time.perf_counter()
            made = gather(timezone.now())
            took[size, at] = time.perf_counter() - began
            kept += [made == size, Briefing.objects.open().count() - before == (0 if at else 2 * size)]
    for at, name in enumerate(("news of an import", "news over what was not told yet")):
        ratio = (took[number, at] / number) / (took[number // 10, at] / (number // 10))
        kept.append(
            say(
                f"{name}: per project, all over a tenth",
                ratio,
                3,
                seconds=round(took[number, at], 2),
                projects=number,
            )
        )
    return all(kept) and News.objects.count() > number


def main() -> int:
    """1 when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=20_000)
    args = parser.parse_args()
    with bench_database():
        return 0 if compare(args.projects) else 1


if __name__ == "__main__":
    sys.exit(main())
