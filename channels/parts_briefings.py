"""What an outlet or agent is to be told, and was told last, as parts of their pages (C6, C7)."""

from __future__ import annotations

from datetime import date
from typing import Any

from channels.choices import Way
from channels.models import Agent, Briefing, Outlet
from channels.querysets_campaigns import BriefingQuerySet
from gridops.accounts.models import User
from projects.services import editable_grids

ROWS, TOLD_ROWS = 8, 4
TELLERS = ("grid_manager", "supervisor", "admin")


def outlet_part(user: User, outlet: Outlet, today: date) -> dict[str, Any]:
    """Of an outlet's page; a constant number of queries."""
    may_tell = user.scope.has(*TELLERS) and outlet.grid_id in editable_grids(user)
    return _part(Briefing.objects.for_user(user).of_outlets([outlet.pk]), today, may_tell=may_tell)


def agent_part(user: User, agent: Agent, today: date) -> dict[str, Any]:
    """Of an agent's page."""
    return _part(Briefing.objects.for_user(user).of_agents([agent.pk]), today, may_tell=user.scope.has(*TELLERS))


def _part(rows: BriefingQuerySet, today: date, *, may_tell: bool) -> dict[str, Any]:
    live = rows.live(today).order_by("due_on", "pk")[: ROWS + 1].about()
    told = rows.filter(told_at__isnull=False).order_by("-told_at", "-pk")[:TOLD_ROWS].about()
    return {
        "open": live[:ROWS],
        "more": len(live) > ROWS,
        "told": told,
        "today": today,
        "may_tell": may_tell,
        "ways": Way.choices,
    }
