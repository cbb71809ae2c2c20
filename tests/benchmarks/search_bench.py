"""Looking for subscribers at 1,000,000 rows, beside the same page over the bare indexed condition.

    python -m tests.benchmarks.search_bench [--rows 1000000]

Each kind of search is asked for through Django's test client, as a grid's manager, a unit's specialist and an admin.
The floor is the same page whose rows come by the one condition that the search comes down to, as if it had been known
at once which it is. Also the page of possible duplicates of a grid and of a unit, which has no bound but its time.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.benchmarks.database import bench_database
from tests.benchmarks.lists_bench import beside, page, say

UNITS, GRIDS, PROJECTS_A_GRID = 10, 50, 20
BOUND = 1.5
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华"
COLUMNS = ("account", "name", "phone", "address", "project_id", "product", "started_on", "expires_on")


def fill(rows: int, projects: list[tuple[int, str]]) -> None:
    """Subscribers spread over all projects; one in a thousand has a number that somebody tried."""
    from django.db import connection, transaction

    from gridops.common.bulk import copy_rows

    rng, start = random.Random(5), date(2026, 11, 1)

    def made() -> Iterator[tuple[object, ...]]:
        for n in range(rows):
            project, called = projects[n % len(projects)]
            name = rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2))))
            flat = f"{rng.randrange(1, 31)}栋{rng.randrange(1, 5)}单元{rng.randrange(1, 19)}0{rng.randrange(1, 5)}"
            ends = start + timedelta(days=rng.randrange(730))
            phone, where = f"199{rng.randrange(10**8):08d}", called + flat
            yield (f"028{n:08d}", name, phone, where, project, "300M", date(2024, 1, 1), ends)

    with transaction.atomic():
        copy_rows("renewals_subscriber", COLUMNS, made())
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO renewals_subscribernumber (subscriber_id, phone, is_right, by_id, at, note) "
                "SELECT s.id, '188' || substr(s.phone, 4), %s, (SELECT min(id) FROM accounts_user), %s, '' "
                "FROM renewals_subscriber s WHERE s.id %% 997 = 0",
                [True, "2026-11-01 00:00:00+00:00"],
            )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def territory() -> tuple[dict[str, Any], list[tuple[int, str]]]:
    """Who looks, and all projects, each with its name."""
    from gridops.accounts.models import Grid, Role, Unit
    from projects.models import Project
    from tests import factories

    units = [Unit.objects.create(name=f"U{n}") for n in range(UNITS)]
    grids = [Grid.objects.create(unit=units[n % UNITS], name=f"G{n:03d}") for n in range(GRIDS)]
    made = Project.objects.bulk_create(
        Project(grid=grid, code=f"{grid.name}P{n:02d}", name=f"{SURNAMES[n]}{GIVEN[at % 24]}花园{'一二三'[at // 24]}期")
        for at, grid in enumerate(grids)
        for n in range(PROJECTS_A_GRID)
    )
    people = {
        "manager": factories.make_manager(grids[7]),
        "specialist": factories.make_user(role=Role.RENEWAL_SPECIALIST, unit=units[7]),
        "admin": factories.make_user(role=Role.ADMIN),
    }
    return people, [(project.pk, project.name) for project in made]


def kinds() -> list[tuple[str, str, Any]]:
    """What is looked for about one of the manager's own: name of the search, the words, the bare condition."""
    from django.db.models import Q

    from renewals.filters_search import account_begins, begins
    from renewals.models import Subscriber, SubscriberNumber

    one = Subscriber.objects.filter(project__grid__name="G007").select_related("project")[500]
    tried = SubscriberNumber.objects.filter(subscriber__project__grid__name="G007").first()
    flat = one.address.removeprefix(one.project.name)
    there = Q(project=one.project_id, address__contains=flat)
    found = [
        ("account", one.account, account_begins(one.account)),
        ("account's beginning", one.account[:9], account_begins(one.account[:9])),
        ("phone", one.phone, begins("phone", one.phone)),
        ("phone's beginning", one.phone[:7], begins("phone", one.phone[:7])),
        ("name", one.name, begins("name", one.name)),
        ("surname", one.name[:1], begins("name", one.name[:1])),
        ("project", one.project.name, Q(project=one.project_id)),
        ("project and address", one.project.name + flat, there),
        ("project, a space, part of an address", f"{one.project.name} {flat.partition('单元')[0]}单元", None),
    ]
    if tried:
        known = SubscriberNumber.objects.filter(begins("phone", tried.phone)).values("subscriber")
        found.append(("a number put right", tried.phone, Q(pk__in=known)))
    return found


def measure(who: str, client: Any, name: str, words: str, bare: Any, rounds: int) -> bool:
    """One search beside its floor."""
    from renewals.filters import SubscriberFilter

    address = client.post("/renewals/subscribers/", {"q": words}, headers={"host": "localhost"}).headers["Location"]

    def searched() -> Any:
        return page(client, address)

    def floor() -> Any:
        with patch.object(SubscriberFilter, "found", _Known(bare)):
            return page(client, address)

    found = searched().content.decode().count("<tr>") - 1
    if bare is None:  # the whole page of the list itself, for want of a single condition
        reference: Callable[[], Any] = lambda: page(client, "/renewals/subscribers/")  # noqa: E731
    else:
        reference = floor
    ((ms, ratio),) = beside(reference, searched, rounds=rounds)
    return say(f"{who}: {name}", ratio, BOUND, ms=round(ms, 1), rows=found) and found > 0


class _Known:
    """What a search finds whose one condition is known beforehand."""

    hint = ""
    only_projects = False

    def __init__(self, condition: Any) -> None:
        self.condition = condition


def compare(rows: int, rounds: int) -> bool:
    """Measure; whether every bound is kept."""
    from tests import factories

    people, projects = territory()
    fill(rows, projects)
    kept = []
    for who, user in people.items():
        client = factories.client_of(user)
        kept += [measure(who, client, *kind, rounds) for kind in kinds()]
        if who != "admin":
            kept.append(doubles(who, client))
    return all(kept)


def doubles(who: str, client: Any) -> bool:
    """The first page of possible duplicates, of all that the person sees."""

    def found() -> Any:
        return page(client, "/renewals/subscribers/duplicates/")

    ((ms, ratio),) = beside(lambda: page(client, "/renewals/subscribers/"), found, rounds=3)
    return say(f"{who}: possible duplicates, times the list", ratio, None, ms=round(ms))


def main() -> int:
    """1 when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=10)
    args = parser.parse_args()
    with bench_database():
        return 0 if compare(args.rows, args.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
