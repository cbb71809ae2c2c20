"""The week's page of 500 outlets beside that of 50: as many statements, hardly longer.

    python -m tests.benchmarks.week_bench [--small 50] [--large 500]

Works in a database of its own beside the one that DATABASE_URL names. A line of JSON a measure.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from datetime import timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.benchmarks.database import bench_database
from tests.benchmarks.lists_bench import beside, page, queries, say

WEEKS = 26  # of visits and calls


def fill(grid: Any, manager: Any, number: int) -> None:
    """A grid with ``number`` outlets, each visited and called for half a year."""
    from django.utils import timezone

    from channels.models import Call, Outlet, Visit

    rng, now = random.Random(number), timezone.now()
    outlets = Outlet.objects.bulk_create(
        Outlet(grid=grid, code=f"{grid.pk}-{n:04d}", name=f"受理点{n}", phone="19900001111") for n in range(number)
    )
    kinds: list[tuple[Any, int, dict[str, Any]]] = [(Visit, 1, {}), (Call, 2, {"reached": True})]
    for model, often, more in kinds:
        model.objects.bulk_create(
            [
                model(outlet=outlet, by=manager, at=now - timedelta(hours=rng.randrange(WEEKS * 7 * 24)), **more)
                for outlet in outlets
                for _n in range(WEEKS * often)
            ],
            batch_size=500,
        )


def compare(small: int, large: int) -> bool:
    """Measure; whether every bound is kept."""
    from django.db import connection

    from tests import factories

    unit = factories.make_unit("U")
    clients = []
    for number in (small, large):
        grid = factories.make_grid(unit, f"G{number}")
        manager = factories.make_manager(grid, f"M{number}")
        fill(grid, manager, number)
        clients.append(factories.client_of(manager))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    few, many = ((lambda client=client: page(client, "/channels/week/")) for client in clients)
    ((ms, ratio),) = beside(few, many, rounds=15)
    asked = queries(few), queries(many)
    return all(
        [
            say("week page, large over small", ratio, 4, ms_large=round(ms, 1), small=small, large=large),
            say("statements, large less small", asked[1] - asked[0], 0, each=asked[1]),
        ]
    )


def main() -> int:
    """1 when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=50)
    parser.add_argument("--large", type=int, default=500)
    args = parser.parse_args()
    with bench_database():
        return 0 if compare(args.small, args.large) else 1


if __name__ == "__main__":
    sys.exit(main())
