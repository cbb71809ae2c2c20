"""Whom the course of a plan concerns, and what they are told (S1)."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridops.accounts.models import Role, User
from gridops.accounts.querysets import UserQuerySet
from gridops.common.templatetags.gridops import month as month_name
from gridops.notices.registry import notice_kind
from gridops.notices.services import Say, notify
from plans.models import Plan, PlanComment, PlanEvent

REVIEW = notice_kind("plans.review", gettext_lazy("Plans handed in to me"))
ANSWER = notice_kind("plans.answer", gettext_lazy("My plan was returned or approved"))
TARGET = notice_kind("plans.target", gettext_lazy("Targets handed down or changed"))
COMMENT = notice_kind("plans.comment", gettext_lazy("Comments on plans"))
DUE = notice_kind("plans.due", gettext_lazy("My work is due"))
LATE = notice_kind("plans.late", gettext_lazy("Work of my unit is missing or late"))
STEPS = notice_kind("plans.steps", gettext_lazy("Steps of the plan are due"))
DEPUTY = notice_kind("plans.deputy", gettext_lazy("I stand in for somebody"))


def managers_of(plan: Plan) -> UserQuerySet:
    """Who answers for the plan's grid today, deputies among them."""
    people: UserQuerySet = User.objects.answering(Role.GRID_MANAGER, timezone.localdate(), grid=plan.grid_id)
    return people


def supervisors_of(plan: Plan) -> UserQuerySet:
    """Who supervises the plan's unit today, deputies among them."""
    people: UserQuerySet = User.objects.answering(Role.SUPERVISOR, timezone.localdate(), unit=plan.grid.unit_id)
    return people


def tell(event: PlanEvent) -> None:
    """Tell those whom a step of a plan's course concerns, in the caller's transaction; nobody their own deed."""
    if event.action not in _TITLES:
        return
    plan = event.plan
    people, kind = (managers_of(plan), ANSWER) if event.action in _ANSWERS else (supervisors_of(plan), REVIEW)
    view = "plans:review" if event.action == PlanEvent.Action.SUBMITTED else "plans:plan"
    notify(_but(people, event.by_id), kind, f"plan-event:{event.pk}", _of_event(event), reverse(view, args=[plan.pk]))


def tell_comment(comment: PlanComment) -> None:
    """Tell of a remark on a line of a plan.

    A reviewer's goes to the managers; a manager's to those of the unit who wrote before, else to its supervisors.
    """
    plan, managers = comment.plan, managers_of(comment.plan)
    view, told = "plans:plan", list(managers.exclude(pk=comment.by_id))
    if managers.filter(pk=comment.by_id).exists():
        wrote = PlanComment.objects.filter(plan=plan).exclude(by__in=managers).values("by")
        supervisors, admins = supervisors_of(plan), User.objects.holding(Role.ADMIN, timezone.localdate())
        before = {*supervisors.filter(pk__in=wrote), *admins.filter(pk__in=wrote)}
        view, told = "plans:review", list(before or supervisors.exclude(pk=comment.by_id))
    notify(told, COMMENT, f"plan-comment:{comment.pk}", _of(comment), reverse(view, args=[plan.pk]))


def who(by: User | None, away: User | None) -> str:
    """A person's name, with that of whom they stood in for."""
    name = by.name if by else _("the system")
    return _("%(deputy)s for %(away)s") % {"deputy": name, "away": away.name} if away else name


_ANSWERS = (PlanEvent.Action.RETURNED, PlanEvent.Action.APPROVED)
# Filled in for each reader, in their language.
_TITLES: Mapping[str, Promise] = {
    PlanEvent.Action.SUBMITTED: gettext_lazy("Plan to review: %(grid)s, %(month)s"),
    PlanEvent.Action.WITHDRAWN: gettext_lazy("Plan taken back by its manager: %(grid)s, %(month)s"),
    PlanEvent.Action.RETURNED: gettext_lazy("Plan returned: %(grid)s, %(month)s"),
    PlanEvent.Action.APPROVED: gettext_lazy("Plan approved: %(grid)s, %(month)s"),
    PlanEvent.Action.REVISED: gettext_lazy("Revision of a plan begun: %(grid)s, %(month)s"),
}


def _of_event(event: PlanEvent) -> Say:
    def say() -> tuple[str, str]:
        lines = [_("By %(name)s") % {"name": who(event.by, event.stands_in_for)}]
        if event.late:
            lines.append(_("Handed in late."))
        if event.reason:
            lines.append(_("Reason: %(reason)s") % {"reason": event.reason})
        return str(_TITLES[event.action]) % _about(event.plan), "\n".join(lines)

    return say


def _of(comment: PlanComment) -> Say:
    def say() -> tuple[str, str]:
        title = _("Comment on the plan: %(grid)s, %(month)s") % _about(comment.plan)
        return title, comment.by.name + _(": ") + comment.text

    return say


def _about(plan: Plan) -> dict[str, str]:
    return {"grid": plan.grid.name, "month": month_name(plan.month)}


def _but(people: UserQuerySet, user_id: int | None) -> UserQuerySet:
    return people.exclude(pk=user_id) if user_id else people
