"""The weights of a unit's splits: what others would do to all its grids, and keeping them (S6)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gridops.accounts.models import Grid, Membership, Role, Unit, User
from gridops.accounts.rulebook import SPLIT_WEIGHTS, rules_of
from gridops.accounts.services import set_rules
from gridops.common.months import Month
from plans import workflow
from plans.material import figures_of
from plans.models import Plan, ProjectShare, Target
from plans.pages_split import WhatIf, what_if
from plans.rules import Weights
from plans.services import Refused


@dataclass(frozen=True, slots=True)
class GridEffect:
    """What other weights would do to one grid. ``effect`` is None where nothing is split."""

    grid: Grid
    plan: Plan | None
    target: int | None
    effect: WhatIf | None


def weights_of(unit: Unit) -> Weights:
    """The weights that hold for ``unit``."""
    values = rules_of(SPLIT_WEIGHTS, unit)
    return Weights(*(values[key] for key in SPLIT_WEIGHTS))


def units_of(user: User) -> list[Unit]:
    """The units whose weights ``user`` looks after: those with grids."""
    units = Unit.objects.with_grids().order_by("name")
    return list(units if user.scope.everything else units.served_by(user, Role.SUPERVISOR, timezone.localdate()))


def may_keep(user: User, unit: Unit) -> bool:
    """Whether ``user`` is a supervisor of the unit today, or an admin."""
    if user.scope.everything:
        return True
    held = Membership.objects.current(timezone.localdate()).filter(user=user, role=Role.SUPERVISOR)
    return held.filter(unit=unit).exists()


def drafts_of(unit: Unit) -> int:
    """How many plans of the unit will be split by new weights the next time they are split."""
    plans = Plan.objects.filter(grid__unit=unit, state__in=workflow.EDITABLE, net_adds__isnull=False)
    return plans.count()


def effects(unit: Unit, month: Month, now: Weights, then: Weights) -> list[GridEffect]:
    """What ``then`` would do to every grid of ``unit``: five queries, however many grids."""
    grids = Grid.objects.filter(unit=unit)
    projects = figures_of(grids, month)
    plans = {plan.grid_id: plan for plan in Plan.objects.filter(grid__in=grids, month=month.first).current()}
    targets = dict(Target.objects.filter(grid__in=grids, month=month.first).values_list("grid", "net_adds"))
    said: dict[int, dict[int, tuple[int | None, int]]] = defaultdict(dict)
    shares = ProjectShare.objects.filter(plan__in=list(plans.values())).order_by()
    rows = shares.values_list("plan__grid", "project", "net_adds", "is_manual", "adjustment")
    for grid_id, project_id, figure, by_hand, adjustment in rows:
        said[grid_id][project_id] = (figure if by_hand else None, adjustment)
    found = []
    for grid in grids.order_by("name"):
        own, plan = projects.get(grid.pk, []), plans.get(grid.pk)
        target = plan.net_adds if plan else targets.get(grid.pk)
        edited = []
        for project in own:
            manual, adjustment = said[grid.pk].get(project.id, (None, 0))
            edited.append(project.figures._replace(manual=manual, adjustment=adjustment))
        effect = what_if(target, own, edited, now, then) if target is not None and own else None
        found.append(GridEffect(grid, plan, target, effect))
    return found


def keep_weights(unit: Unit, weights: Weights, known: Weights, by: User) -> bool:
    """Make ``weights`` the unit's own; nothing is split again by it. False when they hold already.

    Refused when someone else has changed them since ``known`` was shown.
    """
    if not may_keep(by, unit):
        raise Refused(_("Only a supervisor of the unit sets its weights."))
    with transaction.atomic():
        Unit.objects.held(unit.pk)
        now = weights_of(unit)
        if now == weights:
            return False
        if now != known:
            raise Refused(_("Someone else has changed the weights meanwhile: look at the effect again."))
        values = (weights.existing, weights.free_ports, weights.unserved)
        set_rules(unit, dict(zip(SPLIT_WEIGHTS, values, strict=True)), by)
    return True
