"""What a grid's managers are told when the unit hands targets down or changes them (S1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from gridops.accounts.models import Membership, Role, User
from gridops.common.months import Month
from gridops.common.templatetags.gridops import figure
from gridops.common.templatetags.gridops import month as month_name
from gridops.notices.services import Message, Say, notify_each
from plans.models import Plan, Target, goal_label
from plans.notices import TARGET


@dataclass(frozen=True, slots=True)
class TargetChange:
    """A grid's target as it is now, and what changed in it: goal -> (old, new), as text."""

    target: Target
    goals: Mapping[str, tuple[str, str]]


def tell_targets(
    changes: Iterable[TargetChange], month: Month, by: User | None, followed: Collection[int] = ()
) -> None:
    """Tell the managers of the grids, once for each change, in the caller's transaction. Months gone by are quiet.

    ``followed``: plans that were brought up to date with it.
    """
    today = timezone.localdate()
    found = [change for change in changes if change.goals] if month.last >= today else []
    if not found:
        return
    grids = [change.target.grid_id for change in found]
    managers: dict[int, list[User]] = defaultdict(list)
    rows = Membership.objects.current(today).filter(role=Role.GRID_MANAGER, grid__in=grids, user__is_active=True)
    for row in rows.select_related("user"):
        if row.grid_id is not None and row.user not in managers[row.grid_id]:
            managers[row.grid_id].append(row.user)
    plans = {plan.grid_id: plan for plan in Plan.objects.filter(grid__in=grids, month=month.first).current()}
    notify_each(
        Message(
            user,
            TARGET,
            f"{TARGET}:{change.target.pk}:{change.target.version}",
            _say(change, plans.get(change.target.grid_id), followed),
            _address(plans.get(change.target.grid_id), month),
        )
        for change in found
        for user in managers[change.target.grid_id]
        if by is None or user.pk != by.pk
    )


def _address(plan: Plan | None, month: Month) -> str:
    return reverse("plans:plan", args=[plan.pk]) if plan else f"{reverse('plans:list')}?month={month}"


def _say(change: TargetChange, plan: Plan | None, followed: Collection[int]) -> Say:
    def say() -> tuple[str, str]:
        title = _("Targets of %(grid)s for %(month)s") % {
            "grid": change.target.grid,
            "month": month_name(change.target.month),
        }
        lines = [
            f"{goal_label(goal)} {figure(old, goal)} → {figure(new, goal)}" for goal, (old, new) in change.goals.items()
        ]
        if plan is not None and plan.state == Plan.State.APPROVED:
            lines.append(_("The plan is approved: begin a revision if it is to follow."))
        elif plan is not None and plan.pk in followed:
            lines.append(_("The plan was brought up to date with it; what you had set yourself stays."))
        elif plan is not None and plan.is_editable:
            lines.append(_("The plan is made for the target before: take the new one over on its page."))
        return title, "\n".join(lines)

    return say
