"""Today's work and the month followed, at 10,000 and at 1,000,000 subscribers, beside a page that knows none of them.

    python -m tests.benchmarks.renewals_bench [--small 10000] [--large 1000000]

The territory is the same, a unit of 20 grids: at each size the lists of nine months are made, many are contacted and
some have renewed. Pages are asked for through the test client, in turn with the reference. A line of JSON a measure.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from gridops.common.months import Month
from tests.benchmarks.database import bench_database
from tests.benchmarks.lists_bench import beside, page, queries, say

GRIDS, PROJECTS_A_GRID, MONTHS, BOUND = 20, 20, 24, 1.3
MANAGED, AGENTS = 7, 10
COLUMNS = ("account", "name", "phone", "address", "project_id", "product", "started_on", "expires_on", "monthly_fee")

# Of those due, two of three are contacted, a third of these has renewed; the numbers of rows choose them.
KEY = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
CALLS = """
    INSERT INTO renewals_contact (key, warning_id, subscriber_id, agent_id, staff_id, by_id, medium, outcome, at,
                                  recorded_at, promised_on, loss, note, state_before, state_after)
    SELECT {key}, w.id, w.subscriber_id, w.agent_id, w.staff_id, %(by)s, 'call',
           CASE WHEN w.id %% 3 = 0 THEN 'renewed' ELSE 'promised' END, %(now)s, %(now)s, %(promise)s, '', '',
           w.state, CASE WHEN w.id %% 3 = 0 THEN 'renewed' ELSE 'contacted' END
    FROM renewals_expirywarning w
    WHERE w.contacts_made = 0 AND w.state IN ('listed', 'assigned') AND w.id %% 3 < 2 AND w.expires_on <= %(due)s
"""
RENEWED = """
    UPDATE renewals_expirywarning SET contacts_made = 1, last_contact_at = %(now)s, last_outcome = 'renewed',
           state = 'renewed', renewed_on = expires_on, next_step = '', next_on = NULL
    WHERE contacts_made = 0 AND state IN ('listed', 'assigned') AND id %% 3 = 0 AND expires_on <= %(due)s
"""
PROMISED = """
    UPDATE renewals_expirywarning SET contacts_made = 1, last_contact_at = %(now)s, last_outcome = 'promised',
           state = 'contacted', promised_on = %(promise)s, next_step = 'promise', next_on = %(promise)s
    WHERE contacts_made = 0 AND state IN ('listed', 'assigned') AND id %% 3 = 1 AND expires_on <= %(due)s
"""


@dataclass
class Scene:
    """Who asks, and the ids of all projects."""

    manager: Any
    specialist: Any
    staff: Any
    grid: Any
    projects: list[int]


def territory() -> Scene:
    """A unit of many grids that the same agents share; the manager of one, the unit's specialist, one agent's staff."""
    from channels.models import Agent, AgentStaff, Ownership
    from gridops.accounts.models import Grid, Role, Unit
    from projects.models import Project
    from tests import factories

    unit = Unit.objects.create(name="U")
    grids = [Grid.objects.create(unit=unit, name=f"G{n:03d}") for n in range(GRIDS)]
    made = Project.objects.bulk_create(
        Project(grid=grid, code=f"{grid.name}P{n:02d}", name=f"锦绣花园{n}")
        for grid in grids
        for n in range(PROJECTS_A_GRID)
    )
    agents = Agent.objects.bulk_create(Agent(code=f"A{n:03d}", name=f"代理商{n}") for n in range(AGENTS))
    Ownership.objects.bulk_create(
        Ownership(project=project, agent=agents[n % AGENTS], starts_on=date(2020, 1, 1))
        for n, project in enumerate(made)
    )
    user = factories.make_user("E1", role=Role.AGENT_STAFF)
    AgentStaff.objects.create(agent=agents[MANAGED], name="王业务", user=user)
    specialist = factories.make_user("R1", role=Role.RENEWAL_SPECIALIST, unit=unit)
    manager = factories.make_manager(grids[MANAGED], "M1")
    return Scene(manager, specialist, user, grids[MANAGED], [project.pk for project in made])


def fill(first: int, last: int, scene: Scene, today: date) -> None:
    """Subscribers number ``first`` to ``last`` over all projects, expiring from a year ago to in a year."""
    from django.db import transaction

    from gridops.common.bulk import copy_rows

    rng, start = random.Random(first), Month.of(today).plus(-12).first

    def rows() -> Iterator[tuple[object, ...]]:
        for n in range(first, last):
            ends = start + timedelta(days=rng.randrange(30 * MONTHS))
            place = rng.choice(scene.projects)
            yield f"028{n:08d}", "王小明", "19900001111", "花园1栋", place, "300M", date(2020, 1, 1), ends, 59

    with transaction.atomic():
        copy_rows("renewals_subscriber", COLUMNS, rows())


def live(scene: Scene, today: date) -> None:
    """Make the lists up to next month, and let people work at them until today."""
    from django.db import connection, transaction
    from django.utils import timezone

    from renewals.models import WarningList
    from renewals.services import bring_up_to_date
    from renewals.services_roster import lapse
    from renewals.services_tally import retally

    now, this = timezone.now(), Month.of(today)
    for back in (12, *range(6, -2, -1)):
        with transaction.atomic():
            bring_up_to_date(scene.grid.unit, this.plus(-back), now)
    values = {
        "by": scene.manager.pk,
        "now": connection.ops.adapt_datetimefield_value(now - timedelta(days=1)),
        "promise": today,  # so that a page of work is full at either size
        "due": today + timedelta(days=10),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (CALLS, RENEWED, PROMISED):
            cursor.execute(statement.replace("{key}", KEY[connection.vendor]), values)
        lapse(scene.grid.unit, today)
        retally(list(WarningList.objects.values_list("pk", flat=True)), today)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def record_one(scene: Scene) -> Callable[[], None]:
    """A call that writes down another contact in the manager's grid each time."""
    from django.utils import timezone

    from renewals.models import ExpiryWarning
    from renewals.rules_course import Said
    from renewals.services_contacts import record

    rows = ExpiryWarning.objects.filter(warning_list__grid=scene.grid, state="assigned").order_by("-month", "pk")
    waiting = iter(list(rows.values_list("pk", flat=True)[:200]))

    def work() -> None:
        record(next(waiting), Said("call", "no_answer", timezone.now()), scene.manager)

    return work


def compare(small: int, large: int) -> bool:
    """Measure; whether every bound is kept."""
    from django.urls import reverse
    from django.utils import timezone

    from tests import factories

    scene, today = territory(), timezone.localdate()
    clients = {name: factories.client_of(getattr(scene, name)) for name in ("manager", "specialist", "staff")}
    asked = [
        ("work list of a manager", "manager", reverse("renewals:work")),
        ("work list of agent staff", "staff", reverse("renewals:work")),
        ("month followed in a grid", "manager", reverse("renewals:follow")),
        ("month followed in a unit", "specialist", reverse("renewals:follow")),
        ("month by project in a unit", "specialist", reverse("renewals:follow") + "?by=project"),
        ("own figures of agent staff", "staff", reverse("renewals:my-figures")),
    ]

    def asking(who: str, address: str) -> Callable[[], Any]:
        return lambda: page(clients[who], address)

    calls = [asking(who, address) for _name, who, address in asked]
    reference = asking("manager", "/projects/")  # knows nothing of subscribers
    seen: list[list[tuple[float, float, int]]] = []
    recorded: list[float] = []
    for first, last in ((0, small), (small, large)):
        fill(first, last, scene, today)
        live(scene, today)
        taken = beside(reference, *calls, rounds=20)
        seen.append([(ms, ratio, queries(call)) for (ms, ratio), call in zip(taken, calls, strict=True)])
        ((ms, _ratio),) = beside(reference, record_one(scene), rounds=5 if first == 0 else 20)
        recorded.append(ms)
    kept = []
    for (name, _who, _address), before, after in zip(asked, *seen, strict=True):
        more = {"small": small, "large": large, "ms_small": round(before[0], 1), "ms_large": round(after[0], 1)}
        kept.append(say(f"{name}, large over small", after[1] / before[1], BOUND, **more))
        kept.append(say(f"{name}, statements, large less small", after[2] - before[2], 0, each=after[2]))
    kept.append(say("a contact recorded (ms)", recorded[1], None, ms_small=round(recorded[0], 1)))
    return all(kept)


def main() -> int:
    """1 when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    args = parser.parse_args()
    with bench_database():
        return 0 if compare(args.small, args.large) else 1


if __name__ == "__main__":
    sys.exit(main())
