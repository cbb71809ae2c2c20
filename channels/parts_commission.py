"""Commission on an agent's page: the last months, what holds today, what was weighed (P5)."""

from __future__ import annotations

from datetime import date
from typing import Any

from channels.commission_figures import Figures
from channels.models import Agent, Paid, Weighing
from channels.services_weighing import WEIGHERS
from gridops.accounts.models import User
from gridops.common.months import Month

MONTHS, WEIGHINGS = 6, 5


def agent_part(user: User, agent: Agent, today: date) -> dict[str, Any]:
    """What the agent was paid in the person's scope in the last six months with commission; two queries."""
    figures = Figures(Paid.objects.for_user(user).filter(agent=agent), Month.of(today))
    known = [(month.first, sums) for month, sums in figures.by_month.items() if sums.by_kind]
    weighings = Weighing.objects.for_user(user).filter(agent=agent).select_related("made_by")
    return {
        "agent": agent,
        "months": known[::-1][:MONTHS],
        "weighings": list(weighings[:WEIGHINGS]),
        "may_weigh": user.scope.has(*WEIGHERS),
    }
