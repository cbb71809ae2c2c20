"""The promotion sessions of a month in an agent's projects: a part of the agent's page (C3)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from channels.models import Agent, Ownership
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from gridops.common.months import Month
from promotions.models import Session

READERS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.ADMIN)
MOST = 100


@require_GET
@for_roles(*READERS, Role.AGENT_STAFF)
def agent(request: HttpRequest, pk: int) -> HttpResponse:
    """Sessions of this month in the projects that the agent owns today: those to come first, then those that were."""
    user, today = signed_in(request), timezone.localdate()
    found = get_object_or_404(Agent.objects.for_user(user), pk=pk)
    month = Month.of(today)
    owned = Ownership.objects.on(today).filter(agent=found).values("project")
    rows = Session.objects.for_user(user) if user.scope.has(*READERS) else Session.objects.all()
    rows = rows.filter(project__in=owned, day__range=(month.first, month.last)).select_related("project")
    held = list(rows.order_by("day", "slot", "project__code")[:MOST])
    context: dict[str, Any] = {
        "agent": found,
        "month": month.first,
        "coming": [row for row in held if row.day >= today],
        "past": [row for row in held if row.day < today][::-1],
        "is_staff": not user.scope.has(*READERS),
    }
    part = getattr(request, "htmx", None)
    return render(request, "promotions/_agent.html" if part else "promotions/agent.html", context)
