"""Steps that an analysis suggests: into the plan in work, or kept for the draft to come; each once (P4, S1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from gridops.accounts.models import Grid, Membership, Unit, User
from gridops.common.months import Month
from plans import workflow
from plans.drafting import SUGGESTED_DAY
from plans.models import ActionStep, Plan, ProposedStep
from plans.services import Refused
from projects.models import Project


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What is suggested: the step, how it is measured, for which project, and what stood out."""

    what: str
    measure: str = ""
    project: Project | None = None
    finding: str = ""


def plan_for(grid: Grid, month: Month) -> Plan | None:
    """The plan that a step would go into: the one in work, else the approved one."""
    return Plan.objects.filter(grid=grid, month=month.first).current().first()


def propose(grid: Grid, month: Month, suggestion: Suggestion, by: User, now: datetime) -> ProposedStep:
    """Put a step into the grid's plan of ``month``, or keep it for its draft; doing it again changes nothing.

    The plan's version is raised, so that one who has it open is shown the new step and loses nothing. Refused when the
    plan has been handed in or approved.
    """
    with transaction.atomic():
        _one_by_one(grid)
        found = _known(grid, month, suggestion)
        if found and (found.step_id or found.taken_at is None):
            return found
        plan = plan_for(grid, month)
        if plan and not plan.is_editable:
            raise Refused(_locked(plan))
        proposal = found or ProposedStep(
            grid=grid,
            month=month.first,
            project=suggestion.project,
            what=suggestion.what,
            measure=suggestion.measure,
            finding=suggestion.finding,
            by=by,
            at=now,
        )
        if plan:
            proposal.step, proposal.taken_at = _into(plan, proposal), now
        proposal.save()
    return proposal


def withdraw(proposal: ProposedStep) -> None:
    """Take a suggested step back, out of the plan too while that may be changed and nobody has reworded the step."""
    with transaction.atomic():
        _one_by_one(proposal.grid)
        kept = ProposedStep.objects.select_related("step__plan").filter(pk=proposal.pk).first()
        if kept is None:
            return
        step = kept.step
        if step:
            if not step.plan.is_editable:
                raise Refused(_locked(step.plan))
            if step.what != kept.what or step.carried_from_id or step.done_on:
                raise Refused(_("The step was changed in the plan meanwhile; remove it there."))
            _raise_version(step.plan)
            kept.delete()
            step.delete()
        else:
            kept.delete()


def _one_by_one(grid: Grid) -> None:
    # Drafting takes the same lock: a step is either in the draft's material or finds the drafted plan.
    Unit.objects.held(grid.unit_id)


def _known(grid: Grid, month: Month, suggestion: Suggestion) -> ProposedStep | None:
    same = Q(what=suggestion.what)
    if suggestion.finding:
        same |= Q(finding=suggestion.finding)
    rows = ProposedStep.objects.filter(same, grid=grid, month=month.first, project=suggestion.project)
    return rows.select_related("step__plan").first()


def _into(plan: Plan, proposal: ProposedStep) -> ActionStep:
    """The step in ``plan``: one that says the same already, or a new one."""
    same = plan.steps.filter(what=proposal.what, project=proposal.project).first()
    if same:
        return same
    _raise_version(plan)
    month = Month.of(plan.month)
    return ActionStep.objects.create(
        plan=plan,
        what=proposal.what,
        project=proposal.project,
        who=_manager(plan.grid),
        due_on=month.day(SUGGESTED_DAY),
        measure=proposal.measure,
    )


def _manager(grid: Grid) -> str:
    return Membership.objects.manager_names([grid.pk], timezone.localdate()).get(grid.pk, "")


def _raise_version(plan: Plan) -> None:
    free = Plan.objects.filter(pk=plan.pk, state__in=workflow.EDITABLE)
    if not free.update(version=F("version") + 1):
        raise Refused(_("The plan has changed in the meantime; look at it again."))


def _locked(plan: Plan) -> str:
    if plan.state == Plan.State.SUBMITTED:
        return _("The plan has been handed in: the supervisor returns it before it can be changed.")
    return _("The plan is approved: begin a revision of it to change it.")
