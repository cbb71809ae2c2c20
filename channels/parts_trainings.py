"""Who of an outlet was shown how to order by phone, as its page and other pages show it (C9)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from channels.models import OrderTraining, Outlet, OutletStaff
from channels.rules_trainings import Learner
from gridops.accounts.models import User
from projects.services import may_edit


def people(outlets: Iterable[Outlet]) -> dict[int, list[Learner]]:
    """Outlet -> its owner and counter staff, each with the training that counts; two queries."""
    shops = list(outlets)
    newest = {(row.outlet_id, row.person): row for row in OrderTraining.objects.newest([shop.pk for shop in shops])}
    found: dict[int, dict[str, Learner]] = {shop.pk: {} for shop in shops}
    for shop in shops:
        if shop.owner_name:
            found[shop.pk][shop.owner_name] = _learner(shop.owner_name, newest.get((shop.pk, shop.owner_name)), True)
    staff = OutletStaff.objects.filter(outlet__in=shops).order_by("outlet", "name").values_list("outlet", "name")
    for outlet, name in staff:
        found[outlet].setdefault(name, _learner(name, newest.get((outlet, name))))
    return {outlet: list(learners.values()) for outlet, learners in found.items()}


def outlet_part(user: User, outlet: Outlet, today: date) -> dict[str, Any]:
    """What an outlet's page shows: each person, trained when, due when."""
    learners = people([outlet])[outlet.pk]
    return {
        "learners": [(learner, learner.standing(today)) for learner in learners],
        "due": sum(learner.is_due(today) for learner in learners),
        "may_record": may_edit(user, outlet.grid_id),
    }


def _learner(name: str, row: OrderTraining | None, is_owner: bool = False) -> Learner:
    if row is None:
        return Learner(name, is_owner)
    return Learner(name, is_owner, row.on, row.valid_until, row.pk)
