"""A plan taken back by its manager before anyone has reviewed it (S1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from gridops.accounts.models import User
from plans import services
from plans.models import Plan, PlanEvent
from plans.services import Refused
from tests.plans.moments import LAST_SECOND, ON_TIME, TOO_LATE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def test_the_manager_takes_a_plan_back_changes_it_and_hands_it_in_again(submitted: Plan, manager: User) -> None:
    services.withdraw(submitted, submitted.version, manager, now=ON_TIME)
    assert (submitted.state, submitted.is_editable, submitted.submitted_by) == (Plan.State.DRAFT, True, None)
    services.submit(submitted, submitted.version, manager, now=LAST_SECOND)
    assert [event.action for event in submitted.events.all()][-3:] == ["submitted", "withdrawn", "submitted"]
    assert submitted.versions.count() == 2


def test_nobody_else_takes_it_back(submitted: Plan, supervisor: User, colleague: User, admin_user: User) -> None:
    for other in (supervisor, colleague, admin_user):
        with pytest.raises(Refused):
            services.withdraw(submitted, submitted.version, other, now=ON_TIME)
    assert Plan.objects.get(pk=submitted.pk).state == Plan.State.SUBMITTED


def test_what_was_decided_is_not_taken_back(submitted: Plan, supervisor: User, manager: User) -> None:
    services.send_back(submitted, submitted.version, supervisor, reason="x", now=ON_TIME)
    with pytest.raises(Refused):
        services.withdraw(submitted, submitted.version, manager, now=ON_TIME)
    services.submit(submitted, submitted.version, manager, now=ON_TIME)
    services.approve(submitted, submitted.version, supervisor, now=ON_TIME)
    with pytest.raises(Refused):
        services.withdraw(submitted, submitted.version, manager, now=ON_TIME)


def late(plan: Plan) -> list[bool]:
    return list(plan.events.filter(action=PlanEvent.Action.SUBMITTED).values_list("late", flat=True))


def test_handing_in_on_time_and_taking_back_does_not_keep_the_place(submitted: Plan, manager: User) -> None:
    services.withdraw(submitted, submitted.version, manager, now=LAST_SECOND)
    services.submit(submitted, submitted.version, manager, now=TOO_LATE)
    assert late(submitted) == [False, True]


def test_what_was_on_time_and_returned_stays_on_time_when_its_second_hand_in_is_taken_back(
    submitted: Plan, supervisor: User, manager: User
) -> None:
    services.send_back(submitted, submitted.version, supervisor, reason="x", now=ON_TIME)
    services.submit(submitted, submitted.version, manager, now=LAST_SECOND)
    services.withdraw(submitted, submitted.version, manager, now=LAST_SECOND)
    services.submit(submitted, submitted.version, manager, now=TOO_LATE)
    assert late(submitted) == [False, False, False]


def test_the_page_of_a_plan_that_waits_offers_it_to_the_manager_alone(
    client_of: Callable[[User], Client], submitted: Plan, manager: User, supervisor: User
) -> None:
    page, address = reverse("plans:plan", args=[submitted.pk]), reverse("plans:withdraw", args=[submitted.pk])
    assert address in client_of(manager).get(page).content.decode()
    assert address not in client_of(supervisor).get(page).content.decode()
    client_of(manager).post(address, {"version": submitted.version})
    submitted.refresh_from_db()
    assert submitted.state == Plan.State.DRAFT
