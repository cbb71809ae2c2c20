"""What an outlet's page is made of: what matters now, then the parts of all who keep something about it."""

from __future__ import annotations

from datetime import date
from typing import Any

from channels import (
    parts_briefings,
    parts_matters,
    parts_months,
    parts_trainings,
    parts_visits,
    parts_week,
    rules_pipeline,
)
from channels.assessment import last_checks
from channels.choices import Piece, Stage
from channels.forms_outlets import WEEKDAYS
from channels.models import Matter, Outlet, StageMove
from gridops.accounts.models import User
from projects.models import Project

PARTS = {
    "week": parts_week,
    "visits": parts_visits,
    "matters": parts_matters,
    "briefings": parts_briefings,
    "trainings": parts_trainings,
    "months": parts_months,
}


def outlet_page(outlet: Outlet, user: User, today: date) -> dict[str, Any]:
    """The whole page; a constant number of queries."""
    check = last_checks(Outlet.objects.filter(pk=outlet.pk)).get(outlet.pk)
    moves = list(StageMove.objects.filter(outlet=outlet).select_related("by").order_by("on", "pk"))
    parts = {name: module.outlet_part(user, outlet, today) for name, module in PARTS.items()}
    return {
        "outlet": outlet,
        "today": today,
        "sells": outlet.stage == Stage.SELLING,
        "check": check,
        "pieces": [(label, check.pieces[value]) for value, label in Piece.choices] if check else [],
        "open_matters": Matter.objects.for_user(user).waiting().filter(outlet=outlet).count(),
        "rest_days": [label for value, label in WEEKDAYS if value in outlet.rest_days],
        "staff": outlet.staff.all(),
        "projects": Project.objects.for_user(user).filter(nearby_outlets=outlet).order_by("code"),
        "moves": moves[::-1],
        "ways": ways(outlet, moves),
        "provisional": rules_pipeline.is_provisional(outlet.code),
        **parts,
    }


def ways(outlet: Outlet, moves: list[StageMove]) -> dict[str, Any]:
    """The steps that lead on from where it stands: the next one, further ones, back, giving up, taking up again."""
    found: dict[str, Any] = {"next": None, "further": [], "back": [], "give_up": None, "take_up": None}
    following = rules_pipeline.following(outlet.stage)
    for one in rules_pipeline.ways(outlet.stage):
        stage = Stage(one.target)
        if one.kind == rules_pipeline.GIVE_UP:
            found["give_up"] = stage
        elif one.kind == rules_pipeline.BACK:
            found["back"].append(stage)
        elif one.kind == rules_pipeline.FORWARD:
            if stage == following:
                found["next"] = stage
            else:
                found["further"].append(stage)
    if outlet.stage == Stage.GIVEN_UP:
        found["take_up"] = rules_pipeline.taken_up_at([(move.from_stage, move.stage) for move in moves])
    return found
