"""What waits for an answer, as the pages of an outlet and of an agent show it (C1, C5)."""

from __future__ import annotations

from datetime import date
from typing import Any

from channels.models import Agent, Matter, Outlet
from channels.querysets_meetings import MatterQuerySet
from channels.rules_matters import is_late
from gridops.accounts.models import User

SHOWN = 8


def outlet_part(user: User, outlet: Outlet, today: date) -> dict[str, Any]:
    """An outlet's matters that wait, the most urgent first."""
    part = _part(Matter.objects.for_user(user).filter(outlet=outlet), today)
    return {**part, "about": f"outlet={outlet.pk}", "new": f"grid={outlet.grid_id}&outlet={outlet.pk}"}


def agent_part(user: User, agent: Agent, today: date) -> dict[str, Any]:
    """An agent's matters that wait, the most urgent first."""
    part = _part(Matter.objects.for_user(user).filter(agent=agent), today)
    return {**part, "about": f"agent={agent.pk}", "new": f"agent={agent.pk}"}


def _part(rows: MatterQuerySet, today: date) -> dict[str, Any]:
    waiting = list(rows.waiting().select_related("owner").order_by("due_on", "pk")[: SHOWN + 1])
    return {
        "rows": [(row, is_late(row.state, row.due_on, today)) for row in waiting[:SHOWN]],
        "more": len(waiting) > SHOWN,
    }
