"""A plan's course: saved, split again, submitted, returned, approved, revised. Every step is dated and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from gridops.accounts.models import Grid, Membership, Role, User
from gridops.common.months import Month
from plans import workflow
from plans.checks import is_late, problems
from plans.drafting import Rules, agent_shares
from plans.material import expiring_of, figures_of
from plans.models import GOALS, ActionStep, AgentShare, Plan, PlanEvent, ProjectShare
from plans.rules import split_net_adds
from plans.targets import write_targets
from plans.workflow import Transition


class Refused(Exception):
    """The step can't be taken; the text says why, in the person's words."""


@dataclass(frozen=True, slots=True)
class ShareEdit:
    """What a manager says about a project's share: a figure set by hand, points added to its weight, a remark."""

    manual: int | None = None
    adjustment: int = 0
    remark: str = ""


@dataclass(frozen=True, slots=True)
class StepEdit:
    """A step as typed; ``id`` None is a new one."""

    id: int | None
    fields: Mapping[str, Any]
    done: bool = False
    remove: bool = False


def may_manage(user: User, plan: Plan) -> bool:
    """Whether ``user`` is the manager of the plan's grid today."""
    return Grid.objects.managed_by(user, timezone.localdate()).filter(pk=plan.grid_id).exists()


def may_review(user: User, plan: Plan) -> bool:
    """Whether ``user`` is a supervisor of the plan's unit today, or an admin."""
    if user.scope.everything:
        return True
    held = Membership.objects.current(timezone.localdate()).filter(user=user, role=Role.SUPERVISOR)
    return held.filter(unit=plan.grid.unit_id).exists()


# --- Editing ---


def save_plan(
    plan: Plan, version: int, values: Mapping[str, Any], shares: Mapping[int, ShareEdit], steps: Sequence[StepEdit]
) -> bool:
    """Write an edit and split the goals again (S6, S7). False when the plan was changed or left its manager since."""
    with transaction.atomic():
        mine = Plan.objects.filter(pk=plan.pk, version=version, state__in=workflow.EDITABLE)
        if not mine.update(version=F("version") + 1):
            return False
        plan.refresh_from_db()
        for name in (*GOALS, "note"):
            setattr(plan, name, values[name])
        split_again(plan, shares)
        _write_steps(plan, steps)
        plan.save()
    return True


def split_again(plan: Plan, edits: Mapping[int, ShareEdit]) -> None:
    """Split the plan's net adds over the grid's projects as they are now, and its renewals over agents."""
    month, grids = Month.of(plan.month), Grid.objects.filter(pk=plan.grid_id)
    projects = figures_of(grids, month).get(plan.grid_id, [])
    known = {share.project_id: share for share in plan.project_shares.all()}
    figures = {}
    for project in projects:
        edit = edits.get(project.id, ShareEdit())
        figures[project.id] = replace(project.figures, manual=edit.manual, adjustment=edit.adjustment)
    split = split_net_adds(plan.net_adds or 0, list(figures.values()), Rules.of(plan.grid.unit).weights)
    plan.shortfall = split.shortfall if plan.net_adds is not None else 0
    for pk, figure in figures.items():
        share = known.pop(pk, None) or ProjectShare(plan=plan, project_id=pk)
        edit = edits.get(pk, ShareEdit())
        aimless = plan.net_adds is None
        new = {
            "net_adds": (edit.manual or 0) if aimless else split.net_adds[figure.code],
            "is_manual": edit.manual is not None,
            "adjustment": edit.adjustment,
            "remark": edit.remark,
            "why": {} if aimless else split.why(figure.code),
        }
        if share.pk is None or any(getattr(share, name) != value for name, value in new.items()):
            for name, value in new.items():
                setattr(share, name, value)
            share.save()
    for left in known.values():
        left.delete()
    expiring = expiring_of(grids, month, timezone.localdate()).get(plan.grid_id, [])
    plan.agent_shares.all().delete()
    AgentShare.objects.bulk_create(
        [
            AgentShare(plan=plan, agent_id=agent, expiring=number, renewals=share)
            for agent, number, share in agent_shares(plan.renewals or 0, expiring)
        ]
    )


def _write_steps(plan: Plan, edits: Sequence[StepEdit]) -> None:
    known = {step.pk: step for step in plan.steps.all()}
    for edit in edits:
        step = known.get(edit.id) if edit.id else None
        if edit.remove:
            # What last month left unfinished stays in the plan: it is done, or it names its improvement (S2).
            if step is not None and step.carried_from_id is None:
                step.delete()
            continue
        step = step or ActionStep(plan=plan)
        done_on = (step.done_on or timezone.localdate()) if edit.done else None
        new = {**edit.fields, "done_on": done_on}
        if step.pk is None or any(getattr(step, name) != value for name, value in new.items()):
            for name, value in new.items():
                setattr(step, name, value)
            step.save()


def tick(step: ActionStep, done: bool, today: date) -> None:
    """Mark a step of a plan done, or not done; its copy in a revision goes along."""
    same = ActionStep.objects.filter(
        plan__grid=step.plan.grid_id, plan__month=step.plan.month, what=step.what, project=step.project_id
    ).exclude(plan__state=Plan.State.SUPERSEDED)
    with transaction.atomic():
        for row in same:
            row.done_on = (row.done_on or today) if done else None
            row.save()


# --- The course ---


def submit(plan: Plan, version: int, by: User, *, now: datetime) -> None:
    """Hand the plan in; late work is accepted and marked (S1). Refused while the plan has errors."""
    if not may_manage(by, plan):
        raise Refused(_("Only the manager of the grid submits its plan."))
    if errors := [problem.text for problem in problems(plan) if problem.error]:
        raise Refused(" ".join(errors))
    late = is_late(plan, timezone.localdate(now))
    with transaction.atomic():
        _step(
            plan, version, workflow.SUBMIT, by, now, "", late,
            submitted_at=now, submitted_by=by, reviewed_at=None, reviewed_by=None,
        )  # fmt: skip


def send_back(plan: Plan, version: int, by: User, *, reason: str, now: datetime) -> None:
    """Return the plan to its manager; a reason is demanded."""
    _demand_reviewer(plan, by)
    with transaction.atomic():
        _step(plan, version, workflow.RETURN, by, now, reason, reviewed_at=now, reviewed_by=by)


def approve(plan: Plan, version: int, by: User, *, now: datetime) -> None:
    """Approve the plan: it is locked, replaces the one approved before, and its shares become the month's targets."""
    _demand_reviewer(plan, by)
    with transaction.atomic():
        old = Plan.objects.filter(grid=plan.grid_id, month=plan.month, state=Plan.State.APPROVED)
        old.update(state=Plan.State.SUPERSEDED, version=F("version") + 1)
        _step(plan, version, workflow.APPROVE, by, now, reviewed_at=now, reviewed_by=by)
        write_targets(plan, now)


def revise(plan: Plan, version: int, by: User, *, reason: str, now: datetime) -> Plan:
    """Begin a new revision of an approved plan, with a reason; the approved one holds until the new one is approved."""
    if not may_manage(by, plan):
        raise Refused(_("Only the manager of the grid revises its plan."))
    reason = _reason(workflow.REVISE, reason)
    try:
        with transaction.atomic():
            held = Plan.objects.filter(pk=plan.pk, version=version, state__in=workflow.REVISE.sources)
            if not held.update(version=F("version") + 1):
                raise Refused(_stale())
            made = _copy(plan, reason, now)
            PlanEvent.objects.create(plan=made, action=workflow.REVISE.action, by=by, at=now, reason=reason)
    except IntegrityError as error:
        raise Refused(_("A revision of this plan is already in work.")) from error
    return made


def _demand_reviewer(plan: Plan, by: User) -> None:
    if not may_review(by, plan):
        raise Refused(_("Only a supervisor of the unit reviews its plans."))
    if by.pk == plan.submitted_by_id or may_manage(by, plan):
        raise Refused(_("Nobody reviews their own plan."))


def _reason(step: Transition, reason: str) -> str:
    reason = reason.replace("\r\n", "\n").strip()[:500]
    if step.needs_reason and not reason:
        raise Refused(_("Please give a reason."))
    return reason


def _stale() -> str:
    return _("The plan has changed in the meantime; look at it again.")


def _step(
    plan: Plan,
    version: int,
    step: Transition,
    by: User,
    now: datetime,
    reason: str = "",
    late: bool = False,
    **fields: Any,
) -> None:
    """Take one step of the course: the update itself checks state and version, so that it happens once."""
    reason = _reason(step, reason)
    free = Plan.objects.filter(Q(state__in=step.sources), pk=plan.pk, version=version)
    if not free.update(state=step.target, version=F("version") + 1, **fields):
        raise Refused(_stale())
    PlanEvent.objects.create(plan=plan, action=step.action, by=by, at=now, reason=reason, late=late)
    plan.refresh_from_db()


def _copy(plan: Plan, reason: str, now: datetime) -> Plan:
    last = Plan.objects.filter(grid=plan.grid_id, month=plan.month).order_by("-revision").values_list("revision")[0][0]
    made = Plan.objects.create(
        grid=plan.grid,
        month=plan.month,
        revision=last + 1,
        revision_reason=reason,
        note=plan.note,
        shortfall=plan.shortfall,
        drafted_at=now,
        **{name: getattr(plan, name) for name in GOALS},
    )
    for rows in (plan.project_shares.all(), plan.agent_shares.all(), plan.steps.all()):
        copies: list[Any] = list(rows)
        for row in copies:
            row.pk, row.plan, row._state.adding = None, made, True
        if copies:
            type(copies[0]).objects.bulk_create(copies)
    return made
