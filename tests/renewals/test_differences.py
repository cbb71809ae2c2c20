"""Deciding about differences: what it does to records and lists, who was quicker, taking it back (N1)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.utils import timezone

from gridops.accounts.models import Unit, User
from gridops.common.months import Month
from projects.models import Project
from renewals.models import Contact, Difference, ExpiryWarning, SpecialistLine, Subscriber, Tally, WarningList
from renewals.services import bring_up_to_date
from renewals.services_differences import Decided, decide
from renewals.services_differences_undo import take_back
from renewals.services_reconcile import reconcile
from tests import factories
from tests.renewals.test_reconcile import DECEMBER, IN_MONTH, LATER, line

pytestmark = pytest.mark.django_db

THEIRS, OURS = Difference.Decision.THEIRS, Difference.Decision.OURS
State = ExpiryWarning.State


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def lists(unit: Unit, project: Project, now: datetime) -> None:
    """A list of December and one of January, with one of each on it whom both sides know."""
    for account, day in (("028001", IN_MONTH), ("028002", date(2027, 1, 5))):
        factories.make_subscriber(project, account, expires_on=day)
    line("028001", project)
    for month in (DECEMBER, DECEMBER.plus(1)):
        bring_up_to_date(unit, month, now)


def found(unit: Unit, account: str) -> Difference:
    """The difference about ``account``, compared now."""
    reconcile(unit, DECEMBER, timezone.now())
    return Difference.objects.get(unit=unit, account=account)


def settle(row: Difference, by: User, decision: str = THEIRS) -> Decided:
    return decide(row.unit, Month.of(row.month), [row.pk], decision, "说明", by, timezone.now())


def live(subscriber: Subscriber) -> dict[date, tuple[str, date]]:
    """Month -> state and day of the warnings that are not withdrawn."""
    rows = ExpiryWarning.objects.live().filter(subscriber=subscriber)
    return {row.month: (row.state, row.expires_on) for row in rows}


def undone(row: Difference, by: User) -> str:
    return take_back(row.pk, by, timezone.now())


@pytest.mark.usefixtures("lists")
def test_ours_stays_changes_nothing_and_is_noted(unit: Unit, project: Project, specialist: User) -> None:
    line("A-unknown", project)
    row = found(unit, "A-unknown")
    assert settle(row, specialist, OURS).done == {"keep": 1}
    row.refresh_from_db()
    assert (row.decision, row.note, row.decided_by, row.effect) == ("ours", "说明", specialist, None)
    assert Subscriber.objects.count() == 2
    assert undone(row, specialist) == ""
    row.refresh_from_db()
    assert row.decision == ""


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize("day", [date(2026, 12, 2), date(2026, 12, 31)])
def test_their_day_within_the_month_becomes_the_records_and_the_call_moves_along(
    unit: Unit, specialist: User, day: date
) -> None:
    Subscriber.objects.filter(account="028001").update(expires_on=date(2026, 12, 1))
    bring_up_to_date(unit, DECEMBER, timezone.now())
    subscriber = Subscriber.objects.get(account="028001")
    warning = ExpiryWarning.objects.get(subscriber=subscriber)
    SpecialistLine.objects.update(expires_on=day)
    row = found(unit, "028001")
    assert settle(row, specialist).done == {"move": 1}
    subscriber.refresh_from_db()
    assert (subscriber.expires_on, subscriber.version) == (day, 2)
    entry = LogEntry.objects.get(object_pk=str(subscriber.pk), content_type__model="subscriber", actor=specialist)
    assert entry.changes == {"expires_on": ["2026-12-01", day.isoformat()]}
    assert live(subscriber) == {DECEMBER.first: (State.LISTED, day)}
    moved = ExpiryWarning.objects.get(subscriber=subscriber)
    assert warning.next_on
    assert moved.next_on == warning.next_on + (day - date(2026, 12, 1))
    row.refresh_from_db()
    assert row.settled_at
    assert undone(row, specialist) == ""
    assert live(subscriber) == {DECEMBER.first: (State.LISTED, date(2026, 12, 1))}
    assert found(unit, "028001").decision == ""


@pytest.mark.usefixtures("lists")
def test_their_day_in_another_month_is_no_renewal_but_moves_the_warning(unit: Unit, specialist: User) -> None:
    subscriber, day = Subscriber.objects.get(account="028001"), date(2027, 1, 15)
    SpecialistLine.objects.update(expires_on=day)
    row = found(unit, "028001")
    settle(row, specialist)
    assert live(subscriber) == {date(2027, 1, 1): (State.LISTED, day)}
    row.refresh_from_db()
    assert row.settled_at
    assert Tally.objects.get(warning_list__month=DECEMBER.plus(1).first).expiring == 2
    assert undone(row, specialist) == ""
    assert live(subscriber) == {DECEMBER.first: (State.LISTED, IN_MONTH)}


@pytest.mark.usefixtures("lists")
def test_an_unknown_account_gets_a_record_from_their_line(unit: Unit, project: Project, specialist: User) -> None:
    line("A-unknown", project, name="李四", phone="19900000077", product="宽带200M", monthly_fee=99)
    row = found(unit, "A-unknown")
    assert settle(row, specialist).done == {"make": 1}
    made = Subscriber.objects.get(account="A-unknown")
    assert (made.name, made.phone, made.project, made.expires_on) == ("李四", "19900000077", project, IN_MONTH)
    assert live(made) == {DECEMBER.first: (State.LISTED, IN_MONTH)}
    entry = LogEntry.objects.get(object_pk=str(made.pk), content_type__model="subscriber")
    assert "19900000077" not in str(entry.changes)
    row.refresh_from_db()
    assert undone(row, specialist) == ""
    assert not Subscriber.objects.filter(account="A-unknown").exists()
    assert found(unit, "A-unknown").reason == "unknown"


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize(
    "fields",
    [
        {"expires_on": IN_MONTH, "status": "closed"},
        {"expires_on": LATER},
        {"expires_on": None},
        {"expires_on": IN_MONTH, "household": "duplicate"},
        {"expires_on": date(2027, 1, 3), "status": "suspended"},
    ],
)
def test_who_is_known_but_not_listed_is_put_right_and_listed(
    unit: Unit, project: Project, specialist: User, fields: dict[str, Any]
) -> None:
    record = factories.make_subscriber(project, "A-known", **fields)
    bring_up_to_date(unit, DECEMBER.plus(1), timezone.now())
    before = {name: getattr(record, name) for name in ("expires_on", "status", "household")}
    line("A-known", project)
    row = found(unit, "A-known")
    assert settle(row, specialist).done == {"restore": 1}
    record.refresh_from_db()
    assert (record.status, record.expires_on, record.household) == ("active", IN_MONTH, "")
    assert live(record) == {DECEMBER.first: (State.LISTED, IN_MONTH)}
    row.refresh_from_db()
    assert undone(row, specialist) == ""
    record.refresh_from_db()
    assert {name: getattr(record, name) for name in before} == before
    assert DECEMBER.first not in live(record)


@pytest.mark.usefixtures("lists")
def test_who_is_only_on_ours_is_taken_off_and_stays_off(unit: Unit, project: Project, specialist: User) -> None:
    extra = factories.make_subscriber(project, "B-extra", expires_on=IN_MONTH)
    bring_up_to_date(unit, DECEMBER, timezone.now())
    row = found(unit, "B-extra")
    assert settle(row, specialist).done == {"off": 1}
    bring_up_to_date(unit, DECEMBER, timezone.now())
    assert live(extra) == {}
    assert ExpiryWarning.objects.get(subscriber=extra).withdrawn_by == specialist
    assert Tally.objects.get(warning_list__month=DECEMBER.first).expiring == 1
    row.refresh_from_db()
    assert undone(row, specialist) == ""
    assert live(extra) == {DECEMBER.first: (State.LISTED, IN_MONTH)}


@pytest.mark.usefixtures("lists")
def test_who_was_taken_off_by_hand_is_put_back(
    unit: Unit, project: Project, specialist: User, supervisor: User
) -> None:
    ExpiryWarning.objects.filter(subscriber__account="028001").update(
        state="withdrawn",
        resume="listed",
        next_step="",
        next_on=None,
        withdrawn_by=supervisor,
        withdrawn_at=timezone.now(),
    )
    row = found(unit, "028001")
    assert row.reason == "taken_off"
    assert settle(row, specialist).done == {"restore": 1}
    subscriber = Subscriber.objects.get(account="028001")
    assert live(subscriber) == {DECEMBER.first: (State.LISTED, IN_MONTH)}
    row.refresh_from_db()
    assert undone(row, specialist) == ""
    assert live(subscriber) == {}
    assert ExpiryWarning.objects.get(subscriber=subscriber).withdrawn_by == supervisor


@pytest.mark.usefixtures("lists")
def test_what_would_undo_something_is_left_open_with_the_reason(
    unit: Unit, project: Project, foreign_project: Project, specialist: User
) -> None:
    factories.make_subscriber(foreign_project, "C-foreign", expires_on=IN_MONTH)
    renewed = factories.make_subscriber(project, "C-renewed", expires_on=IN_MONTH)
    moved = factories.make_subscriber(project, "C-moved", expires_on=IN_MONTH)
    late = factories.make_subscriber(project, "C-late", expires_on=IN_MONTH, started_on=date(2026, 12, 10))
    bring_up_to_date(unit, DECEMBER, timezone.now())
    ExpiryWarning.objects.filter(subscriber=renewed).update(
        state="renewed", renewed_on=date(2026, 11, 24), next_step="", next_on=None
    )
    line("C-foreign", project)
    line("C-dayless", project, None)
    line("C-moved", project, date(2026, 12, 20))
    line("C-late", project, date(2026, 12, 2))
    reconcile(unit, DECEMBER, timezone.now())
    Subscriber.objects.filter(pk=moved.pk).update(expires_on=date(2027, 12, 15))
    ids = list(Difference.objects.values_list("pk", flat=True))
    result = decide(unit, DECEMBER, ids, THEIRS, "", specialist, timezone.now())
    assert result.done == {}
    assert result.left == {"other_unit": 1, "no_day": 1, "closed": 1, "changed": 1, "before_start": 1}
    assert not Difference.objects.exclude(decision="").exists()
    moved.refresh_from_db()
    late.refresh_from_db()
    assert (moved.expires_on, late.expires_on) == (date(2027, 12, 15), IN_MONTH)


@pytest.mark.usefixtures("lists")
def test_the_second_to_decide_sees_what_was_decided(
    unit: Unit, project: Project, specialist: User, supervisor: User
) -> None:
    line("A-unknown", project)
    row = found(unit, "A-unknown")
    settle(row, specialist, OURS)
    result = settle(row, supervisor)
    assert (result.done, result.meanwhile) == ({}, [row])
    row.refresh_from_db()
    assert (row.decision, row.decided_by) == ("ours", specialist)


@pytest.mark.usefixtures("lists")
def test_a_decision_is_not_taken_back_when_something_happened_since(
    unit: Unit, project: Project, specialist: User
) -> None:
    SpecialistLine.objects.update(expires_on=date(2026, 12, 20))
    line("A-unknown", project)
    moved, made = found(unit, "028001"), found(unit, "A-unknown")
    for row in (moved, made):
        settle(row, specialist)
        row.refresh_from_db()
    Subscriber.objects.filter(account="028001").update(version=9)
    assert undone(moved, specialist)
    record = Subscriber.objects.get(account="A-unknown")
    said: dict[str, Any] = {"medium": "call", "outcome": "no_answer", "state_before": "listed", "state_after": "listed"}
    Contact.objects.create(warning=record.warnings.get(), subscriber=record, by=specialist, **said)
    assert undone(made, specialist)
    assert Difference.objects.filter(decision=THEIRS).count() == 2
    assert Subscriber.objects.get(account="028001").expires_on == date(2026, 12, 20)


@pytest.mark.usefixtures("lists")
def test_many_cost_no_more_questions_than_few(
    unit: Unit, project: Project, specialist: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        line(f"D-{number}", project)
        factories.make_subscriber(project, f"E-{number}", expires_on=IN_MONTH)
        factories.make_subscriber(project, f"F-{number}", expires_on=IN_MONTH, status="closed")
        line(f"F-{number}", project)
    bring_up_to_date(unit, DECEMBER, timezone.now())
    ids = list(Difference.objects.values_list("pk", flat=True))
    with django_assert_max_num_queries(90):
        result = decide(unit, DECEMBER, ids, THEIRS, "", specialist, timezone.now())
    assert result.done == {"make": 12, "off": 12, "restore": 12}
    assert WarningList.objects.get(month=DECEMBER.first).warnings.live().count() == 25
    assert Difference.objects.filter(settled_at=None).count() == 0
    assert timezone.now() - timedelta(hours=1) < Difference.objects.latest("settled_at").settled_at  # type: ignore[operator]
