"""The outlet's week, as its page shows it."""

from __future__ import annotations

from datetime import date
from typing import Any

from channels.models import Outlet
from channels.pages_week import managed_grids
from channels.week import standings
from gridops.accounts.models import User
from gridops.common.weeks import Week


def outlet_part(user: User, outlet: Outlet, today: date) -> dict[str, Any]:
    """Visits and calls owed and done this week (C5), and whether the person records them."""
    week = Week.of(today)
    standing = standings(Outlet.objects.filter(pk=outlet.pk), week, today)[outlet.pk]
    return {"week": week, "standing": standing, "mine": outlet.grid_id in managed_grids(user, today)}
