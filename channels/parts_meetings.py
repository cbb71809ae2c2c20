"""The meetings with an agent, as its page shows them (C1)."""

from __future__ import annotations

from datetime import date
from typing import Any

from channels.models import Agent, Meeting
from gridops.accounts.models import Role, User

SHOWN = 6


def agent_part(user: User, agent: Agent, today: date) -> dict[str, Any]:
    """The newest meetings to which the agent was asked, those that lie ahead among them."""
    asked = Meeting.objects.filter(attendees__agent=agent).values("pk")
    rows = Meeting.objects.for_user(user).filter(pk__in=asked).select_related("grid").order_by("-starts_at", "-pk")
    may_plan = user.scope.has(Role.GRID_MANAGER, Role.SUPERVISOR, Role.ADMIN)
    return {"rows": rows[:SHOWN], "may_plan": may_plan, "today": today}
