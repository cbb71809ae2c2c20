"""What a telephone takes along: the manager's outlets with all that visits and calls need, without any number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from channels.models import Campaign, RoundStop, Visit
from channels.rules_visits import PIECES
from channels.services_visits import FAR, LATE
from channels.visit_material import Shop, shops, visited_by
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role, Unit, User
from gridops.accounts.rulebook import rules_by_unit
from gridops.common.weeks import Week


@require_GET
@for_roles(Role.GRID_MANAGER)
def pack(request: HttpRequest) -> JsonResponse:
    """The outlets that the person visits, this week's duties, campaigns, news, today's round."""
    user, today = signed_in(request), timezone.localdate()
    found, week = shops(visited_by(user, today).order_by("code"), user, today), Week.of(today)
    stops = RoundStop.objects.for_user(user).filter(round__day=today).order_by("position")
    told = {
        "person": user.pk,
        "made_at": timezone.now(),
        "week": {"name": str(week), "first": week.first, "last": week.last},
        **_limits(shop.outlet.grid.unit for shop in found),
        "manager": _manager(user),
        "outlets": [_outlet(shop, today) for shop in found],
        "campaigns": [_campaign(one) for one in {one.pk: one for shop in found for one in shop.campaigns}.values()],
        "round": list(stops.values_list("outlet", flat=True)),
    }
    return JsonResponse(told)


def _manager(user: User) -> dict[str, str]:
    return {"name": user.name, "phone": user.phone}


def _limits(units: Iterable[Unit]) -> dict[str, int]:
    """The strictest of the person's units: what the telephone lets pass is not refused."""
    rules = rules_by_unit([FAR, LATE], {unit.pk: unit for unit in units}.values())
    own = [values for unit, values in rules.items() if unit is not None] or [rules[None]]
    return {"far_metres": min(one[FAR] for one in own), "late_days": min(one[LATE] for one in own)}


def _outlet(shop: Shop, today: date) -> dict[str, Any]:
    outlet, standing = shop.outlet, shop.standing
    return {
        "id": outlet.pk,
        "code": outlet.code,
        "name": outlet.name,
        "address": outlet.address,
        "longitude": _number(outlet.longitude),
        "latitude": _number(outlet.latitude),
        "opens": _clock(outlet.opens_at),
        "closes": _clock(outlet.closes_at),
        "rest_days": outlet.rest_days,
        "stage": outlet.stage,
        "visits_owed": standing.visits_owed,
        "visits_done": standing.visits_done,
        "calls_owed": standing.calls_owed,
        "calls_done": standing.calls_done,
        "overdue": standing.overdue,
        "last_visit": _last(shop.last),
        "staff": [
            {"name": one.name, "training_due": one.is_due(today), "trained_until": one.valid_until}
            for one in shop.learners
        ],
        "projects": [
            {
                "id": one.project.pk,
                "name": one.project.name,
                "address": one.project.address,
                "access": one.project.get_access_display(),
                "households": one.project.households,
                "free_ports": one.free_ports,
            }
            for one in shop.around
        ],
        "briefings": [{"id": one.pk, "title": one.title, "text": one.text, "due_on": one.due_on} for one in shop.news],
        "campaigns": [one.pk for one in shop.campaigns],
    }


def _last(visit: Visit | None) -> dict[str, Any] | None:
    if visit is None:
        return None
    five = {piece: getattr(visit, piece) for piece in PIECES}
    return {"on": timezone.localdate(visit.at), "orders": visit.orders, "five": five}


def _campaign(one: Campaign) -> dict[str, Any]:
    return {
        "id": one.pk,
        "name": one.name,
        "ends_on": one.ends_on,
        "offer": one.offer,
        "commission": one.commission,
        "selling_points": one.selling_points,
    }


def _number(degrees: Decimal | None) -> float | None:
    return None if degrees is None else float(degrees)


def _clock(at: time | None) -> str | None:
    return None if at is None else f"{at:%H:%M}"
