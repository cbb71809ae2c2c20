"""A plan's course: submitted, taken back, returned, approved, revised. Every step is dated and kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from gridops.accounts.models import Grid, Membership, Role, User
from plans import workflow
from plans.cells import clean
from plans.checks import is_late, problems
from plans.compare import content_of
from plans.models import GOALS, Plan, PlanEvent, PlanVersion
from plans.notices import tell
from plans.services_rights import acts_for, is_own
from plans.targets import write_targets
from plans.workflow import Transition


class Refused(Exception):
    """The step can't be taken; the text says why, in the person's words."""


def may_manage(user: User, plan: Plan) -> bool:
    """Whether ``user`` is the manager of the plan's grid today."""
    return Grid.objects.managed_by(user, timezone.localdate()).filter(pk=plan.grid_id).exists()


def may_review(user: User, plan: Plan) -> bool:
    """Whether ``user`` is a supervisor of the plan's unit today, or an admin."""
    if user.scope.everything:
        return True
    held = Membership.objects.current(timezone.localdate()).filter(user=user, role=Role.SUPERVISOR)
    return held.filter(unit=plan.grid.unit_id).exists()


def submit(plan: Plan, version: int, by: User, *, now: datetime) -> None:
    """Hand the plan in and keep it as it is; late work is accepted and marked (S1). Refused while it has errors."""
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
        before = plan.versions.aggregate(last=Max("number"))["last"] or 0
        PlanVersion.objects.create(plan=plan, number=before + 1, at=now, by=by, content=content_of(plan))


def withdraw(plan: Plan, version: int, by: User, *, now: datetime) -> None:
    """Take a plan back that nobody has reviewed yet; it does not count as handed in on time then."""
    if not may_manage(by, plan):
        raise Refused(_("Only the manager of the grid takes its plan back."))
    with transaction.atomic():
        handed_in = plan.events.filter(action=PlanEvent.Action.SUBMITTED).last()
        late = handed_in is not None and handed_in.late
        _step(plan, version, workflow.WITHDRAW, by, now, "", late, submitted_at=None, submitted_by=None)


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
            away = acts_for(by, plan, workflow.REVISE.by)
            tell(
                PlanEvent.objects.create(
                    plan=made, action=workflow.REVISE.action, by=by, at=now, reason=reason, stands_in_for=away
                )
            )
    except IntegrityError as error:
        raise Refused(_("A revision of this plan is already in work.")) from error
    return made


def _demand_reviewer(plan: Plan, by: User) -> None:
    if not may_review(by, plan):
        raise Refused(_("Only a supervisor of the unit reviews its plans."))
    if is_own(by, plan):
        raise Refused(_("Nobody reviews their own plan."))


def _reason(step: Transition, reason: str) -> str:
    reason = clean(reason)[:500]
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
    away = acts_for(by, plan, step.by)
    event = PlanEvent(plan=plan, action=step.action, by=by, at=now, reason=reason, late=late, stands_in_for=away)
    event.save()
    plan.refresh_from_db()
    tell(event)


def _copy(plan: Plan, reason: str, now: datetime) -> Plan:
    last = Plan.objects.filter(grid=plan.grid_id, month=plan.month).order_by("-revision").values_list("revision")[0][0]
    made = Plan.objects.create(
        grid=plan.grid,
        month=plan.month,
        revision=last + 1,
        revision_reason=reason,
        note=plan.note,
        handed_down=plan.handed_down,
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
