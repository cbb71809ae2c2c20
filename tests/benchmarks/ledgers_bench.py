"""What saving a cell of a ledger costs the server, beside an empty signed-in POST; and reading 5,000 rows.

    python -m tests.benchmarks.ledgers_bench [--projects 5000] [--rounds 25]

Through Django's test client, middleware and all. The empty POST sends the ledger no cells: it passes the guards that
every signed-in POST passes (session, person, second factor, role), reads its body and writes nothing. The bare one
changes the language to what it is, which owes neither second factor nor role: told beside it, without a bound.
A line of JSON a measure.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import sys
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.benchmarks.database import bench_database, clock, report

BOUND = 3.0
TRIES = 5
LEDGERS = {"basics": ("ports", "7{}"), "indicators": ("billing_users", "1{}"), "rivals": ("measure", "上门{}")}


def fill(projects: int) -> tuple[Any, list[int]]:
    """A grid with figures of a year and offers; its manager, and the ids of its projects."""
    from django.utils import timezone

    from gridops.common.months import Month
    from projects.models import Operator, RivalOffer
    from tests import factories

    grid = factories.make_grid()
    made = factories.make_projects(grid, projects)
    now = Month.of(timezone.localdate())
    factories.make_indicators(made, *(now.plus(-back) for back in range(12)))
    RivalOffer.objects.bulk_create(
        RivalOffer(project=project, operator=operator, text="500M 59元/月", seen_on=now.plus(-1).first)
        for operator in Operator.objects.all()
        for project in made
    )
    return factories.make_manager(grid), [project.pk for project in made]


def saving(client: Any, ledger: str, rows: list[int]) -> Callable[[], None]:
    """One call saves one cell, each time of another row."""
    from tests.projects.cells import rows_of, this_month

    field, text = LEDGERS[ledger]
    seen, turn, month = rows_of(client, ledger), itertools.count(), str(this_month())

    def save() -> None:
        n = next(turn)
        pk = rows[n % len(rows)]
        cell = {"row": pk, "field": field, "value": text.format(n), "was": seen[pk][field]}
        answer = client.post(
            f"/projects/ledgers/{ledger}/save/", {"month": month, "cells": [cell]}, content_type="application/json"
        )
        told = answer.json()
        assert told["cells"][0]["state"] == "saved", told
        seen[pk] = told["rows"][0]

    return save


def measure(projects: int, rounds: int) -> bool:
    """Every measure; True when the bound is kept for each ledger."""
    from tests import factories

    manager, rows = fill(projects)
    client = factories.client_of(manager)
    client.defaults["SERVER_NAME"] = "localhost"
    kept = []
    for ledger in LEDGERS:
        reads = [clock(lambda: client.get(f"/projects/ledgers/{ledger}/rows/")) for _ in range(5)]  # noqa: B023
        told = {"measure": f"seconds for the rows of {projects} projects: {ledger}"}
        sys.stdout.write(json.dumps(told | {"value": round(statistics.median(reads), 3)}) + "\n")
        save = saving(client, ledger, rows)
        works = [save, empty(client, ledger), bare(client)]
        for work in works * 5:
            work()
        saves, empties, bares = zip(*([best(work) for work in works] for _ in range(rounds)), strict=True)
        against = round(statistics.median(one / other for one, other in zip(saves, bares, strict=True)), 3)
        kept.append(report(f"a cell saved: {ledger}", list(saves), list(empties), BOUND, over_a_bare_post=against))
    return all(kept)


def best(work: Callable[[], None]) -> float:
    """Seconds of the quickest of a few: what else the machine does hits the longer of two more often."""
    return min(clock(work) for _ in range(TRIES))


def empty(client: Any, ledger: str) -> Callable[[], None]:
    """A call posts no cells."""
    from tests.projects.cells import this_month

    body = {"month": str(this_month()), "cells": []}

    def post() -> None:
        answer = client.post(f"/projects/ledgers/{ledger}/save/", body, content_type="application/json")
        assert answer.json() == {"cells": [], "rows": []}, answer.content

    return post


def bare(client: Any) -> Callable[[], None]:
    """A call posts the language that is spoken anyway."""
    from django.urls import reverse

    def post() -> None:
        answer = client.post(reverse("accounts:language"), {"language": "zh-hans"})
        assert answer.status_code == 302, answer.status_code

    return post


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=25)
    args = parser.parse_args()
    with bench_database():
        return 0 if measure(args.projects, args.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
