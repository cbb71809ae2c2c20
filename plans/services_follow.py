"""Following a plan through its month: steps ticked off with a note (S1, S2)."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from gridops.accounts.models import User
from plans.models import ActionStep, Plan
from plans.services import Refused


def tick(step: ActionStep, done: bool, today: date, by: User | None = None, note: str = "") -> None:
    """Mark a step of a plan done, with what came of it, or not done; every revision of the plan goes along.

    A step that says what a goal fell short of follows the figures alone; its copy in the next plan is ticked off.
    """
    if step.plan.state == Plan.State.SUPERSEDED:
        raise Refused(_("A later revision has taken this plan's place; tick the step off there."))
    if step.goal and step.carried_from_id is None:
        raise Refused(_("What the month fell short of is settled by the figures, not by hand."))
    same = ActionStep.objects.filter(
        plan__grid=step.plan.grid_id, plan__month=step.plan.month, what=step.what, project=step.project_id
    )
    with transaction.atomic():
        for row in same.select_for_update(of=("self",), no_key=True).order_by("pk"):
            row.done_on = (row.done_on or today) if done else None
            row.done_by = (row.done_by or by) if done else None
            row.done_note = (" ".join(note.split())[:200] or row.done_note) if done else ""
            row.save()
