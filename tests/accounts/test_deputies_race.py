"""Several name a deputy for the same role and time at once: one of them stands in (O2)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from gridops.accounts.models import Grid, Membership, Role, Unit, User
from gridops.accounts.services_deputies import Refused, name_deputy
from tests import factories

MANY = 4


@pytest.mark.django_db(transaction=True)
def test_of_many_deputies_named_at_once_one_stands_in_and_the_others_are_refused(unit: Unit, grid: Grid) -> None:
    held = factories.make_manager(grid).memberships.get()
    people = [factories.make_user(role=Role.RENEWAL_SPECIALIST, unit=unit) for _ in range(MANY)]
    today = timezone.localdate()
    barrier, heard = threading.Barrier(MANY), list[str]()

    def name(deputy: User) -> None:
        try:
            own = Membership.objects.select_related("user", "grid__unit").get(pk=held.pk)
            barrier.wait(30)
            name_deputy(own, deputy, today, today + timedelta(days=3))
            heard.append("named")
        except Refused:
            heard.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=name, args=(deputy,)) for deputy in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(heard) == ["named", *["refused"] * (MANY - 1)]
    assert Membership.objects.deputyships().count() == 1
