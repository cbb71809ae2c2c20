"""Whom the course of a plan reaches: in their own language, at the very page, deputies too, never a doer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gridops.accounts.models import Grid, Membership, Role, Unit, User
from gridops.notices.models import Notice
from plans import services
from plans.models import Plan, PlanComment
from plans.notices import tell_comment
from tests import factories
from tests.plans.moments import ON_TIME, TOO_LATE

pytestmark = pytest.mark.django_db


@pytest.fixture
def deputy(unit: Unit, supervisor: User, specialist: User) -> User:
    """The specialist, who stands in for the supervisor today."""
    today = timezone.localdate()
    Membership.objects.create(
        user=specialist,
        role=Role.SUPERVISOR,
        unit=unit,
        starts_on=today,
        ends_on=today + timedelta(days=5),
        stands_in_for=supervisor,
    )
    return specialist


def told() -> set[tuple[str, str]]:
    """(employee number, address) of every notice."""
    return set(Notice.objects.values_list("user__employee_no", "url"))


def test_a_plan_handed_in_reaches_the_units_supervisors_and_their_deputies(
    plan: Plan, manager: User, supervisor: User, deputy: User, foreign_supervisor: User
) -> None:
    services.submit(plan, plan.version, manager, now=ON_TIME)
    review = reverse("plans:review", args=[plan.pk])
    assert told() == {("S0001", review), ("R0001", review)}


def test_who_hands_a_plan_in_is_not_told_of_it(
    plan: Plan, grid: Grid, unit: Unit, manager: User, supervisor: User
) -> None:
    manager.memberships.create(role=Role.SUPERVISOR, unit=unit, starts_on=factories.LONG_AGO)
    services.submit(plan, plan.version, manager, now=ON_TIME)
    assert {number for number, _ in told()} == {"S0001"}


def test_people_who_are_disabled_are_told_nothing(plan: Plan, manager: User, supervisor: User) -> None:
    User.objects.filter(pk=supervisor.pk).update(is_active=False)
    services.submit(plan, plan.version, manager, now=ON_TIME)
    assert not told()


def test_a_plan_returned_reaches_its_managers_with_the_reason(submitted: Plan, supervisor: User, manager: User) -> None:
    Notice.objects.all().delete()
    services.send_back(submitted, submitted.version, supervisor, reason="写清负责人", now=ON_TIME)
    notice = Notice.objects.get()
    assert (notice.user, notice.url) == (manager, reverse("plans:plan", args=[submitted.pk]))
    assert "写清负责人" in notice.body
    assert supervisor.name in notice.body


def test_an_approval_reaches_the_manager_and_a_revision_the_supervisor(
    approved: Plan, supervisor: User, manager: User
) -> None:
    assert Notice.objects.filter(user=manager, kind="plans.answer").count() == 1
    made = services.revise(approved, approved.version, manager, reason="tower moved", now=ON_TIME)
    notice = Notice.objects.get(user=supervisor, url=reverse("plans:plan", args=[made.pk]))
    assert "tower moved" in notice.body


def test_each_reads_in_their_own_language_and_a_late_one_says_so(plan: Plan, manager: User, supervisor: User) -> None:
    User.objects.filter(pk=supervisor.pk).update(language="en")
    services.submit(plan, plan.version, manager, now=TOO_LATE)
    notice = Notice.objects.get()
    assert notice.title == "Plan to review: 锦江01网格, December 2026"
    assert notice.body == "By 张经理\nHanded in late."


def test_what_a_deputy_did_says_for_whom(submitted: Plan, deputy: User, manager: User) -> None:
    User.objects.filter(pk=manager.pk).update(language="en")
    services.approve(submitted, submitted.version, deputy, now=ON_TIME)
    assert Notice.objects.get(user=manager).body == "By 孙专员 for 赵主管"


def comment(plan: Plan, by: User) -> PlanComment:
    made = PlanComment.objects.create(plan=plan, line="note", text="为什么?", by=by)
    Notice.objects.all().delete()
    tell_comment(made)
    return made


def test_a_reviewers_comment_reaches_the_managers(submitted: Plan, supervisor: User, manager: User) -> None:
    comment(submitted, supervisor)
    assert told() == {("G0001", reverse("plans:plan", args=[submitted.pk]))}


def test_a_managers_comment_reaches_who_wrote_before_else_all_supervisors(
    submitted: Plan, supervisor: User, deputy: User, manager: User, admin_user: User
) -> None:
    review = reverse("plans:review", args=[submitted.pk])
    comment(submitted, manager)
    assert told() == {("S0001", review), ("R0001", review)}
    comment(submitted, supervisor)
    comment(submitted, admin_user)
    comment(submitted, manager)
    assert told() == {("S0001", review), ("A0001", review)}
