"""Several workers at once, and transactions that tell the same: nothing goes twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.core import mail
from django.db import connection, transaction

from gridops.accounts.models import Grid, User
from gridops.notices import services_delivery as services
from gridops.notices.models import Delivery, Notice, Reach
from gridops.notices.services import notify
from tests.factories import make_manager
from tests.notices.conftest import KIND

WORKERS = 4

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(act: Callable[[], object]) -> list[object]:
    """What each of some threads got that did this at the same moment."""
    barrier, found = threading.Barrier(WORKERS), list[object]()

    def one() -> None:
        try:
            barrier.wait(30)
            found.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == WORKERS
    return found


@pytest.fixture
def people(grid: Grid) -> list[User]:
    made = [make_manager(grid) for _ in range(12)]
    for number, user in enumerate(made):
        User.objects.filter(pk=user.pk).update(email=f"p{number}@example.cn")
        Reach.objects.create(user=user, quiet_from=None, quiet_until=None)
    return list(User.objects.filter(pk__in=[user.pk for user in made]))


def test_of_workers_at_once_each_message_is_sent_by_one(people: list[User]) -> None:
    for key in ("1", "2", "3"):
        notify(people, KIND, key, lambda: ("T", "B"))
    assert sum(map(int, map(str, at_once(services.deliver)))) == len(people)
    assert Counter(message.to[0] for message in mail.outbox) == Counter(user.email for user in people)
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_one_claim_of_many_holds(people: list[User]) -> None:
    person = people[0]
    for key in ("1", "2", "3"):
        notify([person], KIND, key, lambda: ("T", "B"))
    claims = [found for found in at_once(lambda: services.claim(person.pk, "email")) if found]
    taken = Counter(each.pk for claim in claims for each in claim.deliveries)  # type: ignore[attr-defined]
    assert taken == Counter(Delivery.objects.values_list("pk", flat=True))
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


def test_transactions_that_tell_the_same_at_once_tell_it_once(people: list[User]) -> None:
    orders = iter([people, people[::-1]] * WORKERS)

    def tell() -> None:
        with transaction.atomic():
            notify(next(orders), KIND, "1", lambda: ("T", "B"))

    at_once(tell)
    assert Notice.objects.count() == Delivery.objects.count() == len(people)
    assert services.deliver() == len(people)
