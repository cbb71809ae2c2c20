"""Several people act on one plan in the same instant: exactly one of them does, and the others hear so."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from gridops.accounts.models import Role, Unit, User
from plans import services
from plans.models import Plan, PlanEvent
from tests import factories
from tests.plans.moments import ON_TIME

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]
Act = Callable[[Plan, int], object]


def at_once(plan: Plan, *acts: Act) -> list[str]:
    """What each act came to when all of them begin together from the same version: "done" or "refused"."""
    barrier, heard = threading.Barrier(len(acts)), [""] * len(acts)
    version = Plan.objects.get(pk=plan.pk).version

    def run(at: int) -> None:
        try:
            own = Plan.objects.select_related("grid__unit").get(pk=plan.pk)
            barrier.wait(30)
            acts[at](own, version)
            heard[at] = "done"
        except services.Refused:
            heard[at] = "refused"
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return heard


def made(plan: Plan, *actions: str) -> int:
    return PlanEvent.objects.filter(plan=plan, action__in=actions).count()


def test_of_two_supervisors_who_approve_and_return_at_once_one_decides(
    submitted: Plan, supervisor: User, unit: Unit
) -> None:
    second = factories.make_user(role=Role.SUPERVISOR, unit=unit)
    heard = at_once(
        submitted,
        lambda plan, version: services.approve(plan, version, supervisor, now=ON_TIME),
        lambda plan, version: services.send_back(plan, version, second, reason="x", now=ON_TIME),
    )
    assert sorted(heard) == ["done", "refused"]
    submitted.refresh_from_db()
    won = {"approved": supervisor, "returned": second}[submitted.state]
    assert (submitted.reviewed_by, made(submitted, "approved", "returned")) == (won, 1)


def test_handed_in_twice_at_once_it_is_kept_once(plan: Plan, manager: User) -> None:
    heard = at_once(plan, *[lambda own, version: services.submit(own, version, manager, now=ON_TIME)] * 3)
    assert sorted(heard) == ["done", "refused", "refused"]
    assert (made(plan, "submitted"), plan.versions.count()) == (1, 1)


def test_of_taking_back_and_approving_at_once_one_happens(submitted: Plan, supervisor: User, manager: User) -> None:
    heard = at_once(
        submitted,
        lambda plan, version: services.approve(plan, version, supervisor, now=ON_TIME),
        lambda plan, version: services.withdraw(plan, version, manager, now=ON_TIME),
    )
    assert sorted(heard) == ["done", "refused"]
    submitted.refresh_from_db()
    assert submitted.state == ("approved" if heard[0] == "done" else "draft")
    assert made(submitted, "approved", "withdrawn") == 1


def test_a_version_that_its_manager_took_back_is_not_approved(submitted: Plan, supervisor: User, manager: User) -> None:
    seen = submitted.version
    services.withdraw(submitted, seen, manager, now=ON_TIME)
    services.submit(submitted, submitted.version, manager, now=ON_TIME)
    with pytest.raises(services.Refused):
        services.approve(submitted, seen, supervisor, now=ON_TIME)
    assert Plan.objects.get(pk=submitted.pk).state == Plan.State.SUBMITTED
