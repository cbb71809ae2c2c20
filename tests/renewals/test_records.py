"""What is found out about a subscriber: the number to call, households, duplicates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError

from gridops.accounts.models import User
from projects.models import Project
from renewals.models import Subscriber, SubscriberNumber
from renewals.services_records import mark_wrong, set_right, settle_household, settle_households
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
ROSTER, OTHER, THIRD = "19900001111", "19900002222", "19900003333"


def number_of(subscriber: Subscriber) -> tuple[str, bool]:
    """The number to call and whether it is known to be wrong, asked both ways."""
    row = Subscriber.objects.with_number().get(pk=subscriber.pk)
    plain = Subscriber.objects.get(pk=subscriber.pk)
    SubscriberNumber.objects.put_on([plain])
    assert (row.number, row.number_wrong) == (plain.number, plain.number_wrong)
    return row.number, row.number_wrong


def test_the_number_to_call_is_the_roster_s(subscriber: Subscriber) -> None:
    assert number_of(subscriber) == (ROSTER, False)


def test_a_wrong_number_is_not_called_again_until_the_roster_brings_another(
    subscriber: Subscriber, manager: User
) -> None:
    mark_wrong(subscriber, ROSTER, manager, NOW)
    assert number_of(subscriber) == ("", True)
    Subscriber.objects.update(phone=OTHER)
    assert number_of(subscriber) == (OTHER, False)


def test_marking_a_number_wrong_twice_keeps_one_row_as_it_was_said_first(subscriber: Subscriber, manager: User) -> None:
    mark_wrong(subscriber, ROSTER, manager, NOW, "空号")
    mark_wrong(subscriber, ROSTER, manager, LATER)
    row = SubscriberNumber.objects.get()
    assert (row.is_right, row.at, row.note) == (False, NOW, "空号")


def test_a_number_put_right_goes_before_the_roster_s_and_the_newest_before_others(
    subscriber: Subscriber, manager: User
) -> None:
    set_right(subscriber, OTHER, manager, NOW)
    assert number_of(subscriber) == (OTHER, False)
    set_right(subscriber, THIRD, manager, LATER)
    assert number_of(subscriber) == (THIRD, False)
    set_right(subscriber, OTHER, manager, LATER + timedelta(minutes=1))
    assert number_of(subscriber) == (OTHER, False)
    assert SubscriberNumber.objects.count() == 2


def test_a_right_number_that_proves_wrong_gives_way_to_the_roster_s(subscriber: Subscriber, manager: User) -> None:
    set_right(subscriber, OTHER, manager, NOW)
    mark_wrong(subscriber, OTHER, manager, LATER)
    assert number_of(subscriber) == (ROSTER, False)
    mark_wrong(subscriber, ROSTER, manager, LATER)
    assert number_of(subscriber) == ("", True)
    set_right(subscriber, ROSTER, manager, LATER)
    assert number_of(subscriber) == (ROSTER, False)
    assert SubscriberNumber.objects.count() == 2


def test_without_a_number_on_the_roster_one_that_was_tried_tells(project: Project, manager: User) -> None:
    subscriber = factories.make_subscriber(project, phone="")
    assert number_of(subscriber) == ("", False)
    assert mark_wrong(subscriber, "", manager, NOW) is None
    mark_wrong(subscriber, OTHER, manager, NOW)
    assert number_of(subscriber) == ("", True)


def test_of_many_rows_each_gets_its_own_number_in_one_query(
    project: Project, manager: User, django_assert_num_queries: object
) -> None:
    rows = [factories.make_subscriber(project) for _ in range(3)]
    set_right(rows[0], OTHER, manager, NOW)
    mark_wrong(rows[1], ROSTER, manager, NOW)
    with django_assert_num_queries(1):  # type: ignore[operator]
        SubscriberNumber.objects.put_on(rows)
    assert [row.number for row in rows] == [OTHER, "", ROSTER]


def test_an_empty_number_cannot_be_right(subscriber: Subscriber, manager: User) -> None:
    with pytest.raises(ValidationError):
        set_right(subscriber, "", manager, NOW)


def test_a_household_is_settled_with_its_history_and_undone_likewise(subscriber: Subscriber, manager: User) -> None:
    settle_household(subscriber, "moved", manager, NOW)
    assert (subscriber.household, subscriber.version) == ("moved", 2)
    settle_household(subscriber, "moved", manager, NOW)
    assert subscriber.version == 2
    settle_household(subscriber, "", manager, NOW)
    entries = LogEntry.objects.get_for_object(subscriber).filter(action=LogEntry.Action.UPDATE).order_by("pk")
    assert [(entry.actor, entry.changes) for entry in entries] == [
        (manager, {"household": ["", "moved"]}),
        (manager, {"household": ["moved", ""]}),
    ]


def test_a_duplicate_names_the_record_that_is_nobody_s_duplicate(project: Project, manager: User) -> None:
    first, second, third = (factories.make_subscriber(project) for _ in range(3))
    settle_household(second, "duplicate", manager, NOW, first)
    settle_household(third, "duplicate", manager, NOW, second)
    assert third.duplicate_of == first
    with pytest.raises(ValidationError):
        settle_household(first, "duplicate", manager, NOW, third)
    with pytest.raises(ValidationError):
        settle_household(first, "duplicate", manager, NOW, first)
    with pytest.raises(ValidationError):
        settle_household(first, "duplicate", manager, NOW)
    settle_household(third, "", manager, NOW)
    assert third.duplicate_of is None


def test_the_duplicates_of_a_duplicate_follow_to_the_true_record(project: Project, manager: User) -> None:
    true_one, first, second = (factories.make_subscriber(project) for _ in range(3))
    settle_household(second, "duplicate", manager, NOW, first)
    assert settle_households([first], "duplicate", manager, NOW, true_one) == 2
    second.refresh_from_db()
    assert (second.duplicate_of, second.household, second.version) == (true_one, "duplicate", 3)
