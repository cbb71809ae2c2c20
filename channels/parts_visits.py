"""What an outlet's page shows of visits and calls (C5)."""

from __future__ import annotations

from datetime import date
from typing import Any

from channels.models import Call, Outlet, Visit
from channels.services import supervises
from channels.services_visits import may_record
from channels.visit_facts import facts_of
from gridops.accounts.models import User

MOST_VISITS, MOST_CALLS = 5, 6


def outlet_part(user: User, outlet: Outlet, _today: date) -> dict[str, Any]:
    """The newest visits and calls that count, whether the person records and corrects them."""
    visits = list(Visit.objects.effective().in_list().filter(outlet=outlet)[:MOST_VISITS])
    calls = list(Call.objects.effective().in_list().filter(outlet=outlet)[:MOST_CALLS])
    facts, over = facts_of(visits), supervises(user, outlet.grid.unit_id)
    return {
        "visits": [(visit, facts[visit.pk]) for visit in visits],
        "calls": [(call, over or call.whose == user) for call in calls],
        "may_record": outlet.is_active and may_record(user, outlet.grid_id),
    }
