"""What deputies do in plans: recorded as done for whom, and nobody reviews their own by way of one (O2, S1)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from gridops.accounts.models import Grid, Membership, Role, Unit, User
from gridops.accounts.services_deputies import end_deputyship, name_deputy
from plans import services
from plans.models import Plan, PlanEvent
from tests import factories
from tests.plans.moments import ON_TIME

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def in_days(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


def lend(away: User, deputy: User) -> Membership:
    """``deputy`` stands in for ``away``'s own role from today."""
    return name_deputy(away.memberships.own().get(), deputy, in_days(0), in_days(6))


def test_what_a_deputy_does_is_recorded_as_such_and_what_is_ones_own_is_not(
    plan: Plan, manager: User, colleague: User, supervisor: User, specialist: User
) -> None:
    lend(manager, colleague)
    lend(supervisor, specialist)
    services.submit(plan, plan.version, colleague, now=ON_TIME)
    services.send_back(plan, plan.version, specialist, reason="names", now=ON_TIME)
    services.submit(plan, plan.version, manager, now=ON_TIME)
    services.approve(plan, plan.version, specialist, now=ON_TIME)
    made = services.revise(plan, plan.version, colleague, reason="tower moved", now=ON_TIME)
    rows = PlanEvent.objects.exclude(action=PlanEvent.Action.DRAFTED).order_by("pk")
    assert [(row.action, row.by, row.stands_in_for) for row in rows] == [
        ("submitted", colleague, manager),
        ("returned", specialist, supervisor),
        ("submitted", manager, None),
        ("approved", specialist, supervisor),
        ("revised", colleague, manager),
    ]
    assert made.revision == 2


def test_a_deputy_with_the_role_of_their_own_acts_for_themselves(
    submitted: Plan, supervisor: User, specialist: User, unit: Unit
) -> None:
    lend(supervisor, specialist)
    specialist.memberships.create(role=Role.SUPERVISOR, unit=unit, starts_on=factories.LONG_AGO)
    services.approve(submitted, submitted.version, specialist, now=ON_TIME)
    assert PlanEvent.objects.get(action="approved").stands_in_for is None


def refused_as_own(plan: Plan, by: User) -> bool:
    by = User.objects.get(pk=by.pk)
    with pytest.raises(services.Refused, match="own plan"):
        services.approve(plan, plan.version, by, now=ON_TIME)
    with pytest.raises(services.Refused, match="own plan"):
        services.send_back(plan, plan.version, by, reason="no", now=ON_TIME)
    return True


def test_the_manager_does_not_approve_as_the_supervisors_deputy(
    submitted: Plan, manager: User, supervisor: User
) -> None:
    lend(supervisor, manager)
    assert refused_as_own(submitted, manager)


def test_the_supervisor_does_not_approve_what_they_manage_as_a_deputy(
    submitted: Plan, manager: User, supervisor: User
) -> None:
    lend(manager, supervisor)
    assert refused_as_own(submitted, supervisor)


def test_who_handed_in_as_a_deputy_does_not_approve_when_that_time_is_over(
    plan: Plan, manager: User, supervisor: User
) -> None:
    lent = lend(manager, supervisor)
    services.submit(plan, plan.version, supervisor, now=ON_TIME)
    end_deputyship(lent)
    assert refused_as_own(plan, supervisor)


def test_one_deputy_of_both_does_not_approve(plan: Plan, manager: User, supervisor: User, specialist: User) -> None:
    lend(manager, specialist)
    lend(supervisor, specialist)
    services.submit(plan, plan.version, specialist, now=ON_TIME)
    assert refused_as_own(plan, specialist)


def test_in_whose_name_a_plan_was_handed_in_does_not_approve_it(
    plan: Plan, manager: User, colleague: User, supervisor: User
) -> None:
    lent = lend(manager, colleague)
    services.submit(plan, plan.version, colleague, now=ON_TIME)
    end_deputyship(lent)
    lend(supervisor, manager)
    Membership.objects.own().filter(user=manager).update(ends_on=in_days(-1))
    assert refused_as_own(plan, manager)


def test_a_deputy_decides_nothing_that_who_is_away_may_not_decide(
    submitted: Plan, manager: User, unit: Unit, colleague: User
) -> None:
    """The manager is also a supervisor: their deputy as such does not approve their plan in their name."""
    held = manager.memberships.create(role=Role.SUPERVISOR, unit=unit, starts_on=factories.LONG_AGO)
    name_deputy(held, colleague, in_days(0), in_days(5))
    assert refused_as_own(submitted, colleague)


def test_a_deputy_supervisor_approves_what_is_others_and_not_the_own(
    submitted: Plan, supervisor: User, colleague: User, other_grid: Grid
) -> None:
    lend(supervisor, colleague)
    services.approve(submitted, submitted.version, User.objects.get(pk=colleague.pk), now=ON_TIME)
    own = Plan.objects.create(grid=other_grid, month=date(2026, 12, 1), state=Plan.State.SUBMITTED)
    assert refused_as_own(own, colleague)


def test_when_the_time_is_over_the_deputy_reviews_nothing(submitted: Plan, supervisor: User, specialist: User) -> None:
    lent = lend(supervisor, specialist)
    Membership.objects.filter(pk=lent.pk).update(starts_on=in_days(-9), ends_on=in_days(-1))
    with pytest.raises(services.Refused, match="Only a supervisor"):
        services.approve(submitted, submitted.version, User.objects.get(pk=specialist.pk), now=ON_TIME)
