"""The subscriber list of one grid, at 100,000 and at 1,000,000 rows, beside Django admin's changelist.

    python -m tests.benchmarks.lists_bench [--small 100000] [--large 1000000]

Works in a database of its own beside the one that DATABASE_URL names. Pages are asked for through Django's test client,
middleware, templates and all, the list as its manager, the changelist as a superuser. A line of JSON a measure.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.benchmarks.database import bench_database, clock

GRIDS, PROJECTS_A_GRID = 50, 20
ROUNDS = 40
COLUMNS = ("account", "name", "phone", "address", "project_id", "product", "started_on", "expires_on")


def fill(first: int, last: int, projects: list[int]) -> None:
    """Subscribers number ``first`` to ``last``, spread over all projects, expiring within two years."""
    from django.db import connection, transaction

    from gridops.common.bulk import copy_rows

    rng, start = random.Random(first), date(2026, 11, 1)

    def rows() -> Iterator[tuple[object, ...]]:
        for n in range(first, last):
            ends = start + timedelta(days=rng.randrange(730))
            yield (
                f"028{n:08d}",
                "王小明",
                "19900001111",
                "锦绣花园1栋",
                rng.choice(projects),
                "300M",
                date(2024, 1, 1),
                ends,
            )

    with transaction.atomic():
        copy_rows("renewals_subscriber", COLUMNS, rows())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def territory() -> tuple[Any, list[int]]:
    """A unit of many grids; the manager of one of them, and the ids of all projects."""
    from gridops.accounts.models import Grid, Unit
    from projects.models import Project
    from tests import factories

    unit = Unit.objects.create(name="U")
    grids = [Grid.objects.create(unit=unit, name=f"G{n:03d}") for n in range(GRIDS)]
    made = Project.objects.bulk_create(
        Project(grid=grid, code=f"{grid.name}P{n:02d}", name=f"锦绣花园{n}")
        for grid in grids
        for n in range(PROJECTS_A_GRID)
    )
    return factories.make_manager(grids[7], "M1"), [project.pk for project in made]


def changelist() -> tuple[Callable[[], Any], Any]:
    """Django admin's own list of the same table, asked for by a superuser: same columns, order, search and filters.

    Also its class: without ``date_hierarchy`` it can't be filtered by month of expiry, and is quicker.
    """
    from django.contrib import admin
    from django.urls import clear_url_caches

    from gridops.accounts.models import User
    from renewals.models import Subscriber
    from tests import factories

    class SubscriberAdmin(admin.ModelAdmin[Subscriber]):
        list_display = ("account", "name", "phone", "project", "product", "expires_on", "status")
        list_select_related = ("project",)
        list_per_page = 50
        ordering = ("expires_on",)
        search_fields = ("account", "phone", "name")
        list_filter = ("project__grid", "status")
        date_hierarchy = "expires_on"

    admin.site.register(Subscriber, SubscriberAdmin)
    clear_url_caches()
    client = factories.client_of(User.objects.create_superuser("A1", name="A"))
    return lambda: page(client, "/admin/renewals/subscriber/"), SubscriberAdmin


def page(client: Any, address: str) -> Any:
    """One page, rendered."""
    response = client.get(address, headers={"host": "localhost"})
    if response.status_code != 200:
        raise RuntimeError(f"{address}: {response.status_code}")
    return response


def next_page(response: Any) -> str:
    """The address of the page after this one."""
    found = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
    if not found:
        raise RuntimeError("there is no next page")
    return "/renewals/subscribers/" + unescape(found[1])


def beside(reference: Callable[[], Any], *calls: Callable[[], Any], rounds: int = ROUNDS) -> list[tuple[float, float]]:
    """Each call's median milliseconds, and the median of its ratio to ``reference``, which is called in turn with it.

    The ratio is what a busy machine leaves alone: at any moment it slows both.
    """
    taken: list[list[tuple[float, float]]] = [[] for _ in calls]
    for number in range(rounds + 2):
        for call, times in zip(calls, taken, strict=True):
            floor, own = clock(reference), clock(call)
            if number > 1:  # the first ones warm up
                times.append((own * 1000, own / floor))
    return [(statistics.median(ms for ms, _ in times), statistics.median(r for _, r in times)) for times in taken]


def queries(call: Callable[[], Any]) -> int:
    """How many statements a call runs."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


def say(name: str, value: float, bound: float | None, *, at_least: bool = False, **more: Any) -> bool:
    """One line; whether the bound, if there is one, is kept."""
    from django.db import connection

    ok = bound is None or (value >= bound if at_least else value <= bound)
    line = {"name": name, "value": round(value, 3), "bound": bound, "ok": ok, "db": connection.vendor, **more}
    print(json.dumps(line, ensure_ascii=False), flush=True)
    return ok


def compare(small: int, large: int) -> bool:
    """Measure; whether every bound is kept."""
    from tests import factories

    manager, projects = territory()
    client = factories.client_of(manager)
    admin_page, made = changelist()

    def listed() -> Any:
        return page(client, "/renewals/subscribers/")

    def reference() -> Any:  # a list of the same make, which knows nothing of subscribers
        return page(client, "/projects/")

    fill(0, small, projects)
    ((ms_small, at_small),), asked_small = beside(reference, listed), queries(listed)
    fill(small, large, projects)
    deep_address = next_page(listed())
    for _ in range(20):
        deep_address = next_page(page(client, deep_address))
    now, deep = beside(reference, listed, lambda: page(client, deep_address))
    (ms_large, at_large), asked_large = now, queries(listed)
    ((ms_full, full),) = beside(listed, admin_page, rounds=5)
    made.date_hierarchy = None
    ((ms_simple, simple),) = beside(listed, admin_page, rounds=7)
    sizes: dict[str, Any] = {
        "small": small,
        "large": large,
        "ms_small": round(ms_small, 2),
        "ms_large": round(ms_large, 2),
    }
    kept = [
        say("list, large over small", at_large / at_small, 1.25, **sizes),
        say("list, page 22 over page 1", deep[1] / at_large, 1.25, ms=round(deep[0], 2)),
        say("changelist over list, at least", full, 10, at_least=True, ms_changelist=round(ms_full, 2)),
        say("the same without choice of a month", simple, None, ms_changelist=round(ms_simple, 2)),
        say("statements, large less small", asked_large - asked_small, 0, each=asked_large),
    ]
    return all(kept)


def main() -> int:
    """1 when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    args = parser.parse_args()
    with bench_database():
        return 0 if compare(args.small, args.large) else 1


if __name__ == "__main__":
    sys.exit(main())
