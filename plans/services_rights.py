"""Who acts in a plan by their own right, who for another during leave, and whose own plan it is (O2, S1)."""

from __future__ import annotations

from django.utils import timezone

from gridops.accounts.models import Membership, Role, User
from plans.models import Plan, PlanEvent
from plans.workflow import REVIEWER


def acts_for(user: User, plan: Plan, side: str) -> User | None:
    """Whom ``user`` stands in for on the manager's or the reviewer's ``side``; None: the right is their own."""
    today = Membership.objects.current(timezone.localdate())
    if side != REVIEWER:
        return today.stood_in_for(user, Role.GRID_MANAGER, grid=plan.grid_id)
    return None if user.scope.everything else today.stood_in_for(user, Role.SUPERVISOR, unit=plan.grid.unit_id)


def is_own(user: User, plan: Plan) -> bool:
    """Whether reviewing the plan would be reviewing one's own.

    Theirs is what they or, in their name, a deputy handed in, and whatever comes from a grid they manage, as a deputy
    too. A deputy decides nothing that the person they stand in for may not decide.
    """
    away = acts_for(user, plan, REVIEWER)
    people = [user.pk, *([away.pk] if away else [])]
    if plan.submitted_by_id in people:
        return True
    manages = Membership.objects.current(timezone.localdate()).filter(role=Role.GRID_MANAGER, grid=plan.grid_id)
    if manages.filter(user__in=people).exists():
        return True
    handed_in = PlanEvent.objects.filter(plan=plan, action=PlanEvent.Action.SUBMITTED).order_by("-at", "-pk")
    return handed_in.values_list("stands_in_for", flat=True).first() in people
