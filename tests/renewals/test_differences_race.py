"""People who decide about the same differences at once: one decides, the others see what was decided (N1)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from gridops.accounts.models import Role, Unit
from projects.models import Project
from renewals.models import Difference, ExpiryWarning, Subscriber
from renewals.services import bring_up_to_date
from renewals.services_differences import Decided, decide
from renewals.services_reconcile import reconcile
from tests import factories
from tests.renewals.test_reconcile import DECEMBER, IN_MONTH, line

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE, DIFFERENCES = 6, 5


def test_of_many_who_decide_at_once_one_decides_and_the_others_see_it(unit: Unit, project: Project) -> None:
    for number in range(DIFFERENCES):
        line(f"A-{number}", project)
        factories.make_subscriber(project, f"B-{number}", expires_on=IN_MONTH)
    with transaction.atomic():
        bring_up_to_date(unit, DECEMBER, timezone.now())
    people = [factories.make_user(role=Role.RENEWAL_SPECIALIST, unit=unit) for _number in range(PEOPLE)]
    ids = list(Difference.objects.values_list("pk", flat=True))
    barrier = threading.Barrier(PEOPLE + 1)
    came: list[Decided] = []
    raised: list[BaseException] = []

    def run(number: int) -> None:
        try:
            barrier.wait(30)
            if number == PEOPLE:  # the lists are made anew at the same time
                with transaction.atomic():
                    reconcile(unit, DECEMBER, timezone.now())
                return
            decision = "theirs" if number % 2 else "ours"
            came.append(
                decide(unit, DECEMBER, ids, decision, "", people[number], timezone.now() + timedelta(seconds=1))
            )
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(PEOPLE + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not raised, raised[0]
    done = [result for result in came if result.done]
    assert len(done) == 1
    assert sum(done[0].done.values()) == len(ids)
    assert all(len(result.meanwhile) == len(ids) for result in came if not result.done)
    deciders = set(Difference.objects.values_list("decided_by", "decision"))
    assert len(deciders) == 1
    made = Subscriber.objects.filter(account__startswith="A-").count()
    off = ExpiryWarning.objects.filter(state="withdrawn").count()
    assert (made, off) == ((DIFFERENCES, DIFFERENCES) if deciders.pop()[1] == "theirs" else (0, 0))
