"""What agent staff see of their own agent: goals, campaigns, meetings, matters, commission, contracts, colleagues."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from channels.models import AgentStaff, Campaign, Scheme
from channels.pages_agents import agent_page
from channels.views import PARTS
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role

SHOWN = 10


@require_GET
@for_roles(Role.AGENT_STAFF)
def my_agent(request: HttpRequest) -> HttpResponse:
    """The page of the agent for whom the person works; a constant number of queries."""
    user, today = signed_in(request), timezone.localdate()
    person = AgentStaff.objects.filter(user=user).select_related("agent").first()
    if person is None:
        return render(request, "channels/agent_own.html", {"agent": None})
    context: dict[str, Any] = {
        **agent_page(person.agent, user, today),
        **{name: part(user, person.agent, today) for name, part in PARTS.items()},
        "person": person,
        "campaigns": Campaign.objects.for_user(user).current(today).order_by("ends_on", "pk")[:SHOWN],
        "schemes": Scheme.objects.for_user(user).on(today).distinct().order_by("name", "pk")[:SHOWN],
    }
    return render(request, "channels/agent_own.html", context)
