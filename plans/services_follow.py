"""Following a plan through its month: steps ticked off (S1, S2)."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from plans.models import ActionStep, Plan


def tick(step: ActionStep, done: bool, today: date) -> None:
    """Mark a step of a plan done, or not done; its copy in a revision goes along."""
    same = ActionStep.objects.filter(
        plan__grid=step.plan.grid_id, plan__month=step.plan.month, what=step.what, project=step.project_id
    ).exclude(plan__state=Plan.State.SUPERSEDED)
    with transaction.atomic():
        for row in same:
            row.done_on = (row.done_on or today) if done else None
            row.save()
