"""Two people hand out the same warnings at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from channels.models import Agent
from gridops.accounts.models import User
from gridops.common.months import Month
from projects.models import Project
from renewals.models import ExpiryWarning, Handover, Tally
from renewals.services_assign import Overtaken, all_to, fingerprint, hand_out, movable
from tests import factories

pytestmark = [pytest.mark.django_db(transaction=True)]


def test_one_of_two_is_told_to_look_again_and_nothing_is_lost(
    project: Project, manager: User, specialist: User
) -> None:
    for _ in range(5):
        factories.make_warning(factories.make_subscriber(project, expires_on=Month(2026, 12).last))
    rows, agents, start = ExpiryWarning.objects.all(), [factories.make_agent(), factories.make_agent()], Barrier(2)
    seen = fingerprint(movable(rows))

    def act(person: User, agent: Agent) -> int | None:
        try:
            start.wait(10)
            return hand_out(ExpiryWarning.objects.all(), all_to(agent), person, seen=seen)
        except Overtaken:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        acts = [pool.submit(act, *pair) for pair in zip((manager, specialist), agents, strict=True)]
        done = [one.result() for one in acts]
    assert sorted(done, key=str) == [5, None]
    winner = agents[done.index(5)]
    assert set(ExpiryWarning.objects.values_list("agent", flat=True)) == {winner.pk}
    assert Handover.objects.filter(from_agent=None, to_agent=winner).count() == Handover.objects.count() == 5
    assert list(Tally.objects.values_list("agent", "expiring")) == [(winner.pk, 5)]
