"""Warning lists: by grid and month, and the warnings on one list (S7, C4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from channels.models import Agent
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid, Role
from gridops.accounts.reveal import just_revealed
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from gridops.common.paging import Order, paginate
from renewals.models import ExpiryWarning, SubscriberNumber, WarningList

READERS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.ADMIN)
POOL = "pool"
ORDER = Order("expires_on")


@for_roles(*READERS, Role.AGENT_STAFF)
def lists(request: HttpRequest) -> HttpResponse:
    """The lists of a month, one a grid, with how many each agent has; agent staff see their own warnings."""
    user = signed_in(request)
    choice = chosen_month(request, Month.of(timezone.localdate()).plus(1))
    if not user.scope.has(*READERS):
        return _own(request, choice)
    made = {row.grid_id: row for row in WarningList.objects.for_user(user).filter(month=choice.first)}
    by_list: dict[int, list[tuple[Agent | None, int]]] = {row.pk: [] for row in made.values()}
    counts = list(ExpiryWarning.objects.filter(warning_list__in=by_list).expiring_by_agent())
    agents = Agent.objects.in_bulk([row["agent"] for row in counts if row["agent"]])
    for row in counts:
        by_list[row["warning_list"]].append((agents.get(row["agent"]), row["number"]))
    rows = []
    for grid in Grid.objects.for_user(user).select_related("unit").order_by("unit__name", "name"):
        found = made.get(grid.pk)
        shares = by_list[found.pk] if found else []
        shares.sort(key=lambda item: (item[0] is None, item[0].code if item[0] else ""))
        rows.append((grid, found, shares, sum(number for _, number in shares)))
    return render(request, "renewals/lists.html", {"choice": choice, "rows": rows})


def _own(request: HttpRequest, choice: Any) -> HttpResponse:
    rows = ExpiryWarning.objects.for_user(signed_in(request)).live().filter(month=choice.first)
    return _warnings(request, rows, {"choice": choice})


@for_roles(*READERS)
def warning_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The warnings of one list, the next to expire first; by agent, by state."""
    user = signed_in(request)
    found = get_object_or_404(WarningList.objects.for_user(user).select_related("grid__unit"), pk=pk)
    rows = ExpiryWarning.objects.for_user(user).filter(warning_list=found)
    states = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    counts = rows.expiring_by_agent()
    agents = Agent.objects.in_bulk([row["agent"] for row in counts if row["agent"]])
    shares = [(agents.get(row["agent"]), row["number"]) for row in counts]
    shares.sort(key=lambda item: (item[0] is None, item[0].code if item[0] else ""))
    withdrawn = states.pop(ExpiryWarning.State.WITHDRAWN, 0)
    context = {"list": found, "shares": shares, "number": sum(states.values()), "withdrawn": withdrawn}
    return _warnings(request, _filtered(request, rows), context)


def _filtered(
    request: HttpRequest, rows: QuerySet[ExpiryWarning, ExpiryWarning]
) -> QuerySet[ExpiryWarning, ExpiryWarning]:
    """Withdrawn ones only when they are asked for."""
    if request.GET.get("state") == ExpiryWarning.State.WITHDRAWN:
        return rows.filter(state=ExpiryWarning.State.WITHDRAWN)
    rows = rows.exclude(state=ExpiryWarning.State.WITHDRAWN)
    agent = request.GET.get("agent", "")
    if agent == POOL:
        return rows.filter(agent=None)
    return rows.filter(agent=int(agent)) if agent.isdecimal() and len(agent) < 19 else rows


def _warnings(request: HttpRequest, rows: QuerySet[ExpiryWarning, ExpiryWarning], context: Any) -> HttpResponse:
    page = paginate(rows.select_related("subscriber__project", "agent"), ORDER, request.GET)
    shown: Sequence[ExpiryWarning] = page.rows
    SubscriberNumber.objects.put_on([row.subscriber for row in shown])
    return render(
        request,
        "renewals/warnings.html",
        {**context, "page": page, "warnings": shown, "revealed": just_revealed(request)},
    )
