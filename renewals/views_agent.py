"""How an agent's renewals stand: a part of the agent's page (C4, S7)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from channels.models import Agent
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from gridops.common.months import Month
from renewals.models import ExpiryWarning, Tally, WarningList
from renewals.querysets_follow import counts_of
from renewals.services_tally import counted_today
from renewals.views import READERS

MOST = 24


@require_GET
@for_roles(*READERS, Role.AGENT_STAFF)
def agent(request: HttpRequest, pk: int) -> HttpResponse:
    """The lists of last, this and next month that hold contracts of the agent, in the person's scope."""
    user, today = signed_in(request), timezone.localdate()
    found = get_object_or_404(Agent.objects.for_user(user), pk=pk)
    reads_lists = user.scope.has(*READERS)
    month = Month.of(today)
    lists = WarningList.objects.for_user(user) if reads_lists else WarningList.objects.all()
    lists = lists.filter(month__gte=month.plus(-1).first, month__lte=month.plus(1).first)
    holding = ExpiryWarning.objects.filter(agent=found, warning_list__in=lists).order_by()
    counted_today(list(holding.values_list("warning_list", flat=True).distinct()), today)
    theirs = Tally.objects.filter(agent=found, warning_list__in=lists)
    by = ("warning_list", "warning_list__month", "warning_list__grid__name")
    sums = theirs.sums(*by).order_by("-warning_list__month", "warning_list__grid__name")[:MOST]
    context: dict[str, Any] = {
        "agent": found,
        "rows": [(*(row[name] for name in by), counts_of(row)) for row in sums],
        "reads_lists": reads_lists,
    }
    part = getattr(request, "htmx", None)
    return render(request, "renewals/_agent.html" if part else "renewals/agent.html", context)
