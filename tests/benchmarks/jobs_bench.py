"""What being a job costs a run: ``python -m tests.benchmarks.jobs_bench``.

The runs are a month's warning lists and draft plans of one unit (50 grids, 5,000 subscribers each). The cost is
everything around them: the row asked for, the bell put into a broker and taken out again, the claim, and the end.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from gridops.common.months import Month
from tests.benchmarks.database import bench_database, clock, report
from tests.benchmarks.warnings_bench import fill
from tests.infra import servers

UNITS, SUBSCRIBERS = 2, 500_000
FIRST_MONTH, MONTHS, BOUND = Month(2026, 7), 9, 0.10


def main() -> int:
    """Fill, measure, report."""
    with bench_database() as connection:
        fill(SUBSCRIBERS, UNITS)
        with bell(connection.vendor) as ring:
            return 0 if measure(connection, ring) else 1


@contextlib.contextmanager
def bell(vendor: str) -> Iterator[Callable[[], None]]:
    """Put one message into the broker, take it out, acknowledge it: Redis beside PostgreSQL, else no server."""
    from django.conf import settings
    from kombu import Connection

    embedded = f"sqla+sqlite:///{os.environ['GRIDOPS_VAR_DIR']}/broker.sqlite3"
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(servers.redis()) if vendor == "postgresql" else embedded
        options = {} if vendor == "postgresql" else settings.EMBEDDED_BROKER_OPTIONS
        connection = stack.enter_context(Connection(url, transport_options=options))
        queue = connection.SimpleQueue("bench")

        def ring() -> None:
            queue.put({"job": 1})
            queue.get(timeout=10).ack()

        yield ring


def measure(connection: Any, ring: Callable[[], None]) -> bool:
    """The same job with the real handler and with an empty one; the empty one's time is the cost."""
    from gridops.accounts.models import Unit
    from gridops.jobs import services
    from gridops.jobs.registry import job
    from gridops.jobs.run import Run

    @job("bench.nothing", "nothing")
    def nothing(_run: Run) -> None:
        """No work: what is left is the cost of being a job."""

    services._ring_now = lambda *_: True  # rung below instead
    unit, rung = Unit.objects.order_by("pk").first(), 0

    def one(kind: str, month: Month) -> None:
        nonlocal rung
        rung += 1
        made = services.start(kind, key=f"bench-{rung}", month=month, unit=unit)
        ring()
        assert services.work(made.pk)
        made.refresh_from_db()
        assert made.state == made.State.DONE, made.error

    def both(month: Month) -> None:
        one("renewals.warning-lists", month)
        one("plans.drafts", month)

    def neither(month: Month) -> None:
        one("bench.nothing", month)
        one("bench.nothing", month)

    cost: list[float] = []
    runs: list[float] = []
    both(FIRST_MONTH)
    for number in range(1, MONTHS + 1):
        month = FIRST_MONTH.plus(number)
        runs.append(clock(lambda: both(month)))  # noqa: B023 - called at once
        if connection.vendor == "sqlite":  # what the runs wrote is not for the next commit to put in its place
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cost.append(clock(lambda: neither(month)))  # noqa: B023
    more = {"database": connection.vendor, "subscribers": SUBSCRIBERS // UNITS}
    return report("what being a job costs, of a unit's month", cost, runs, BOUND, **more)


if __name__ == "__main__":
    sys.exit(main())
