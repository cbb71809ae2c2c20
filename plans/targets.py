"""What an approved plan writes into the ledger: the targets of each project's month (P2)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import connection
from django.db.models import F
from django.utils import timezone

from gridops.accounts.models import Grid
from gridops.common.months import Month
from plans.material import expiring_by_project
from plans.models import Plan
from plans.rules import split_renewals
from projects.models import MonthlyIndicator

UPSERT = """
    INSERT INTO projects_monthlyindicator
        (project_id, month, target_net_adds, target_renewals, target_port_utilisation, version, updated_at)
    VALUES (%s, %s, %s, %s, %s, 1, %s)
    ON CONFLICT (project_id, month) DO UPDATE SET
        target_net_adds = excluded.target_net_adds,
        target_renewals = excluded.target_renewals,
        target_port_utilisation = excluded.target_port_utilisation,
        version = projects_monthlyindicator.version + 1
"""


def write_targets(plan: Plan, now: datetime) -> int:
    """Write the plan's shares as the targets of its month, in the caller's transaction; returns how many rows.

    Targets of an earlier revision go from projects that the plan no longer has. ``updated_at`` tells how old the
    month's figures are, and stays.
    """
    renewals = renewals_by_project(plan) if plan.renewals is not None else {}
    rows = [
        (
            project,
            plan.month,
            net_adds if plan.net_adds is not None else None,
            renewals.get(project, 0) if plan.renewals is not None else None,
            connection.ops.adapt_decimalfield_value(plan.port_utilisation, 5, 2),
            connection.ops.adapt_datetimefield_value(now),
        )
        for project, net_adds in plan.project_shares.order_by("project").values_list("project", "net_adds")
    ]
    MonthlyIndicator.objects.targeted(plan.grid_id, plan.month).exclude(project__in=[row[0] for row in rows]).update(
        target_net_adds=None,
        target_renewals=None,
        target_port_utilisation=None,
        version=F("version") + 1,
    )
    with connection.cursor() as cursor:
        cursor.executemany(UPSERT, rows)
    return len(rows)


def renewals_by_project(plan: Plan) -> Counter[int]:
    """Each agent's share of the renewals, split over their projects in proportion to the contracts expiring there.

    An agent with no contract left shares in all that expire; where none is known, evenly (*ours*): the sum is the
    plan's.
    """
    expiring = expiring_by_project(Grid.objects.filter(pk=plan.grid_id), Month.of(plan.month), timezone.localdate())
    keys = {project: f"{project:020d}" for project in plan.project_shares.values_list("project", flat=True)}
    by_agent: dict[int | None, Counter[str]] = {}
    for (_grid, agent, _code), projects in expiring.items():
        by_agent[agent] = Counter({keys[pk]: number for pk, number in projects.items() if pk in keys})
    everyone = sum(by_agent.values(), Counter()) or dict.fromkeys(keys.values(), 0)
    found: Counter[int] = Counter()
    for agent, share in plan.agent_shares.values_list("agent", "renewals"):
        for key, number in split_renewals(share, by_agent.get(agent) or everyone).items():
            found[int(key)] += number
    return found
