"""Plans that a target has moved away from: which they are, and bringing them up to date (S1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from gridops.common.months import Month
from gridops.common.versions import as_text
from plans import workflow
from plans.material import Grids
from plans.models import GOALS, Plan, Target, goal_label
from plans.rules_targets import Moved, moves
from plans.services import Refused
from plans.services_edit import SPLIT_GOALS, edits_of, split_again

#: grid -> goal -> value as text
Texts = Mapping[int, Mapping[str, str]]


class GoalMove(Moved):
    """The same, as pages show it."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """What people call the goal."""
        return goal_label(self.goal)


@dataclass(frozen=True)
class Touched:
    """A plan whose target moved after it was made, and what moved."""

    plan: Plan
    moved: list[GoalMove]

    @cached_property
    def follows(self) -> list[GoalMove]:
        """Goals that taking over would change."""
        return [one for one in self.moved if one.follows]

    @cached_property
    def stays(self) -> list[GoalMove]:
        """Goals that its manager set otherwise, or that the unit no longer asks for."""
        return [one for one in self.moved if not one.follows]


def goals_of(row: models.Model | None) -> dict[str, str]:
    """The six goals of a target or plan as text; all empty without one."""
    return {name: as_text(getattr(row, name, None)) for name in GOALS}


def moved_of(plan: Plan) -> list[GoalMove]:
    """What moved since the plan took its target over; nothing for a plan that is no longer in force."""
    if plan.state == Plan.State.SUPERSEDED:
        return []
    return _moved(plan, goals_of(Target.objects.filter(grid=plan.grid_id, month=plan.month).first()))


def _moved(plan: Plan, target: Mapping[str, str], before: Mapping[str, str] | None = None) -> list[GoalMove]:
    found = moves(_handed_down(plan, before or {}), target, goals_of(plan))
    return [GoalMove(one.goal, one.old, one.new, one.planned) for one in found]


def _handed_down(plan: Plan, before: Mapping[str, str]) -> dict[str, str]:
    """What the plan took over. Of a plan that does not remember: where it plans what the target ``before`` said."""
    planned, kept = goals_of(plan), cast("dict[str, str]", plan.handed_down)
    return {goal: text for goal, text in before.items() if text and planned[goal] == text} | kept


def remember(month: Month, before: Texts) -> None:
    """Before targets of grids move: plans that do not remember what they took over learn it from those targets."""
    for plan in Plan.objects.filter(grid__in=list(before), month=month.first).current():
        handed_down = _handed_down(plan, before[plan.grid_id])
        if handed_down != plan.handed_down:
            Plan.objects.filter(pk=plan.pk).update(handed_down=handed_down)


def touched(grids: Grids, month: Month, wanted: Texts | None = None) -> list[Touched]:
    """The plans in force of ``grids`` that their targets of ``month`` moved away from: two queries.

    With ``wanted`` those that would be touched if these targets were written: only grids that it names.
    """
    plans = Plan.objects.filter(grid__in=grids, month=month.first).current()
    if wanted is not None:
        plans = plans.filter(grid__in=list(wanted))
    targets = {row.grid_id: goals_of(row) for row in Target.objects.filter(grid__in=grids, month=month.first)}
    found = []
    for plan in plans.select_related("grid__unit", "submitted_by").order_by("grid__unit__name", "grid__name"):
        stored = targets.get(plan.grid_id, {})
        target = {**goals_of(None), **stored, **(wanted or {}).get(plan.grid_id, {})}
        if moved := _moved(plan, target, stored):
            found.append(Touched(plan, moved))
    return found


def take_over(plan: Plan, version: int) -> list[GoalMove]:
    """Bring a draft or returned plan up to date with its target; returns what moved, what it follows and what stays.

    Goals that were left at the old target (or empty) follow the new one, and what is split is split again: shares set
    by hand and adjustments stay. ``Refused`` when the plan was changed or handed in meanwhile.
    """
    with transaction.atomic():
        mine = Plan.objects.filter(pk=plan.pk, version=version, state__in=workflow.EDITABLE)
        if not mine.update(version=F("version") + 1):
            raise Refused(_("The plan has changed in the meantime; look at it again."))
        plan.refresh_from_db()
        target = Target.objects.filter(grid=plan.grid_id, month=plan.month).first()
        found = _moved(plan, goals_of(target))
        follows = [one.goal for one in found if one.follows]
        for goal in follows:
            setattr(plan, goal, getattr(target, goal))
        plan.handed_down = goals_of(target) if target else {}
        if SPLIT_GOALS.intersection(follows):
            split_again(plan, edits_of(plan))
        plan.save()
    return found
