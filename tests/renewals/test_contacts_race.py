"""Fifty people record contacts at once: none is lost, none doubled, and the counts are right (C4, N4)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Sum

from channels.models import Agent
from gridops.accounts.models import Grid, User
from projects.models import Project
from renewals.choices import Medium, Outcome, State
from renewals.models import Contact, DayTally, ExpiryWarning, SecondVisit, Tally
from renewals.rules_course import Said
from renewals.services_contacts import Recorded, correct, record
from tests import factories

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]

PEOPLE = 50
NOW = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
EXPIRES = date(2026, 12, 5)


@pytest.fixture
def warnings(project: Project, agent: Agent) -> list[ExpiryWarning]:
    """Half as many as there are people, on one list."""
    return [
        factories.make_warning(factories.make_subscriber(project, expires_on=EXPIRES), agent=agent, listed_at=NOW)
        for _number in range(PEOPLE // 2)
    ]


@pytest.fixture
def people(grid: Grid) -> list[User]:
    return [factories.make_manager(grid) for _number in range(PEOPLE)]


def failed_call(minutes: int = 0, key: uuid.UUID | None = None) -> Said:
    return Said(Medium.CALL, Outcome.NO_ANSWER, NOW - timedelta(minutes=minutes), key=key or uuid.uuid4())


def all_at_once(works: list[Callable[[], Recorded]]) -> list[Recorded | ValidationError]:
    """What each came to, in a thread and a transaction of its own; what is no refusal is raised here."""
    barrier = threading.Barrier(len(works))
    came: list[Recorded | ValidationError] = []
    raised: list[BaseException] = []

    def run(work: Callable[[], Recorded]) -> None:
        try:
            barrier.wait(30)
            came.append(work())
        except ValidationError as fault:
            came.append(fault)
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not raised, raised[0]
    return came


def counted() -> dict[str, int]:
    """The tallies, added up."""
    columns = ("expiring", "contacted", "visits_owed")
    return Tally.objects.aggregate(**{name: Sum(name) for name in columns}) | DayTally.objects.aggregate(
        calls=Sum("calls")
    )


def test_fifty_at_once_with_taps_doubled_and_many_about_the_same_lose_and_double_nothing(
    warnings: list[ExpiryWarning], people: list[User]
) -> None:
    """One test, not two: a small database has not many more connections than this takes."""
    keys = [uuid.uuid4() for _person in people]
    one, *others = warnings

    def work(at: int) -> Callable[[], Recorded]:
        if at >= PEOPLE // 2:  # everybody about the same one
            return lambda: record(one.pk, failed_call(at, keys[at]), people[at], now=NOW)
        which = at // 2  # two taps of the same person
        return lambda: record(others[which].pk, failed_call(key=keys[which]), people[which], now=NOW)

    came = all_at_once([work(at) for at in range(PEOPLE)])
    kept = [one for one in came if isinstance(one, Recorded)]
    alone, crowd = (PEOPLE // 2 + 1) // 2, PEOPLE // 2
    assert (len(kept), sum(one.again for one in kept)) == (PEOPLE, crowd - alone)
    assert Contact.objects.values("key").distinct().count() == Contact.objects.count() == alone + crowd
    one.refresh_from_db()
    assert (one.contacts_made, one.state, one.last_contact_at) == (
        crowd,
        State.SECOND_VISIT,
        NOW - timedelta(minutes=crowd),
    )
    told = ExpiryWarning.objects.exclude(pk=one.pk).filter(contacts_made__gt=0)
    assert set(told.values_list("state", "contacts_made")) == {(State.SECOND_VISIT, 1)}
    owed = SecondVisit.objects.owed().values_list("warning", flat=True)
    assert len(owed) == len(set(owed)) == told.count() + 1 == alone + 1
    assert counted() == {
        "expiring": len(warnings),
        "contacted": alone + 1,
        "visits_owed": alone + 1,
        "calls": alone + crowd,
    }


def test_of_many_who_say_it_is_renewed_one_is_kept_and_the_others_hear_by_whom(
    warnings: list[ExpiryWarning], people: list[User]
) -> None:
    said = Said(Medium.CALL, Outcome.RENEWED, NOW)
    pk = warnings[0].pk

    def say(at: int) -> Callable[[], Recorded]:
        own = Said(said.medium, said.outcome, said.at)
        return lambda: record(pk, own, people[at], now=NOW)

    came = all_at_once([say(at) for at in range(10)])
    (kept,) = [one for one in came if isinstance(one, Recorded)]
    refused = [one for one in came if isinstance(one, ValidationError)]
    assert all(kept.contact.by.employee_no in fault.message_dict["outcome"][0] for fault in refused)
    assert (len(refused), Contact.objects.count()) == (9, 1)


def test_a_key_used_for_two_lists_at_once_is_kept_for_one(project: Project, manager: User) -> None:
    rows = [
        factories.make_warning(factories.make_subscriber(project, expires_on=day), listed_at=NOW)
        for day in (EXPIRES, date(2027, 1, 5))
    ]
    said = failed_call()
    came = all_at_once([lambda row=row: record(row.pk, said, manager, now=NOW) for row in rows])  # type: ignore[misc]
    assert sorted(type(one).__name__ for one in came) == ["Recorded", "ValidationError"]
    assert Contact.objects.count() == 1


def test_a_connection_that_drops_before_the_end_leaves_nothing_and_the_retry_is_kept_once(
    warnings: list[ExpiryWarning], people: list[User]
) -> None:
    said, pk, by = failed_call(), warnings[0].pk, people[0]

    def dropped() -> None:
        with transaction.atomic():
            record(pk, said, by, now=NOW)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        dropped()
    assert (Contact.objects.count(), SecondVisit.objects.count()) == (0, 0)
    first = record(pk, said, by, now=NOW)  # the answer to this one is lost on its way
    again = record(pk, said, by, now=NOW + timedelta(seconds=20))
    assert (first.again, again.again, again.contact.pk) == (False, True, first.contact.pk)


def test_of_two_corrections_at_once_one_is_kept(warnings: list[ExpiryWarning], people: list[User]) -> None:
    made = record(warnings[0].pk, failed_call(), people[0], now=NOW).contact
    void = Said(Medium.CALL, Outcome.VOID, NOW)
    other = Said(Medium.CALL, Outcome.RENEWED, NOW)
    came = all_at_once(
        [lambda: correct(made.pk, void, people[0], NOW), lambda: correct(made.pk, other, people[1], NOW)]
    )
    assert sorted(type(one).__name__ for one in came) == ["Recorded", "ValidationError"]
    assert Contact.objects.filter(corrects=made).count() == 1
