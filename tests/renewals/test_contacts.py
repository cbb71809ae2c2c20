"""A contact is kept once, leads the warning on, and is corrected, never changed (C4, N4)."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from channels.models import Agent
from gridops.accounts.models import RuleValue, Unit, User
from projects.models import Project
from renewals.choices import Household, Loss, Medium, Outcome, State, Step
from renewals.models import Contact, ExpiryWarning, SecondVisit, Subscriber, SubscriberNumber
from renewals.querysets_contacts import ContactsStandError
from renewals.rules_course import Said
from renewals.services_contacts import correct, record
from renewals.services_course import reopen
from renewals.services_records import set_right
from renewals.services_roster import lapse
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALL, VISIT = Medium.CALL, Medium.VISIT
NOW = datetime(2026, 11, 24, 10, tzinfo=SHANGHAI)
TODAY = date(2026, 11, 24)
EXPIRES = date(2026, 12, 5)


@pytest.fixture
def warning(project: Project, agent: Agent) -> ExpiryWarning:
    subscriber = factories.make_subscriber(project, expires_on=EXPIRES)
    return factories.make_warning(subscriber, agent=agent, listed_at=NOW - timedelta(days=4))


def said(medium: str, outcome: str, *, hours: float = 0, **more: Any) -> Said:
    """Told ``hours`` after NOW."""
    return Said(medium, outcome, NOW + timedelta(hours=hours), **more)


def refused_because(fault: pytest.ExceptionInfo[ValidationError]) -> dict[str, list[str]]:
    """Field -> reasons."""
    return fault.value.message_dict


def test_a_promise_makes_it_contacted_and_is_asked_about_on_its_day(warning: ExpiryWarning, manager: User) -> None:
    made = record(warning.pk, said(CALL, Outcome.PROMISED, promised_on=date(2026, 11, 28)), manager, now=NOW)
    warning.refresh_from_db()
    assert (warning.state, warning.next_step, warning.next_on) == (State.CONTACTED, Step.PROMISE, date(2026, 11, 28))
    assert (warning.contacts_made, warning.last_outcome, warning.last_contact_at) == (1, Outcome.PROMISED, NOW)
    assert (made.again, made.contact.state_before, made.contact.state_after) == (False, "assigned", "contacted")


def test_a_rung_of_the_ladder_before_a_far_promise_reminds(warning: ExpiryWarning, manager: User) -> None:
    record(warning.pk, said(CALL, Outcome.PROMISED, promised_on=EXPIRES), manager, now=NOW)
    warning.refresh_from_db()
    assert (warning.next_step, warning.next_on, warning.promised_on) == (Step.CALL, date(2026, 11, 30), EXPIRES)


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.NO_ANSWER, Outcome.WRONG_NUMBER])
def test_a_failed_call_opens_a_second_visit_once(warning: ExpiryWarning, manager: User, outcome: str) -> None:
    first = record(warning.pk, said(CALL, outcome, hours=-30), manager, now=NOW)
    record(warning.pk, said(CALL, outcome), manager, now=NOW)
    warning.refresh_from_db()
    visit = SecondVisit.objects.get()
    assert (visit.opened_by, visit.due_on, visit.settled_at) == (first.contact, date(2026, 11, 25), None)
    assert (warning.state, warning.next_step, warning.next_on) == (State.SECOND_VISIT, Step.VISIT, visit.due_on)


def test_visits_in_vain_end_as_unreachable_until_the_number_is_found(warning: ExpiryWarning, manager: User) -> None:
    record(warning.pk, said(CALL, Outcome.WRONG_NUMBER, hours=-9), manager, now=NOW)
    record(warning.pk, said(VISIT, Outcome.NO_ANSWER, hours=-8), manager, now=NOW)
    assert ExpiryWarning.objects.get().state == State.SECOND_VISIT
    record(warning.pk, said(VISIT, Outcome.NO_ANSWER, hours=-7), manager, now=NOW)
    warning.refresh_from_db()
    assert (warning.state, warning.next_step) == (State.UNREACHABLE, Step.NUMBER)
    assert [bool(visit.settled_by_id) for visit in SecondVisit.objects.all()] == [True, True]
    set_right(warning.subscriber, "19911112222", manager, NOW)
    warning.refresh_from_db()
    assert (warning.state, warning.next_step, warning.next_on) == (State.ASSIGNED, Step.CALL, TODAY)


def test_refused_at_the_door_is_lost_for_a_reason(warning: ExpiryWarning, manager: User) -> None:
    with pytest.raises(ValidationError) as fault:
        record(warning.pk, said(VISIT, Outcome.REFUSED), manager, now=NOW)
    assert list(refused_because(fault)) == ["loss"]
    record(warning.pk, said(VISIT, Outcome.REFUSED, loss=Loss.PRICE), manager, now=NOW)
    warning.refresh_from_db()
    assert (warning.state, warning.loss, warning.lost_on, warning.next_on) == (State.LOST, Loss.PRICE, TODAY, None)


def test_who_moved_is_lost_and_the_record_says_so_until_it_is_taken_back(warning: ExpiryWarning, manager: User) -> None:
    made = record(warning.pk, said(CALL, Outcome.MOVED), manager, now=NOW)
    warning.refresh_from_db()
    assert (warning.state, warning.loss, Subscriber.objects.get().household) == ("lost", Loss.MOVED, Household.MOVED)
    correct(made.contact.pk, said(CALL, Outcome.VOID), manager, NOW)
    warning.refresh_from_db()
    assert (warning.state, warning.loss, warning.lost_on, Subscriber.objects.get().household) == (
        "assigned",
        "",
        None,
        "",
    )


def test_a_wrong_number_is_marked_and_put_right_when_that_was_a_mistake(warning: ExpiryWarning, manager: User) -> None:
    made = record(warning.pk, said(CALL, Outcome.WRONG_NUMBER), manager, now=NOW)
    assert SubscriberNumber.objects.get().is_right is False
    correct(made.contact.pk, said(CALL, Outcome.NO_ANSWER), manager, NOW)
    assert SubscriberNumber.objects.get().is_right is True


def test_what_is_closed_takes_no_contact_and_says_who_closed_it(warning: ExpiryWarning, manager: User) -> None:
    record(warning.pk, said(CALL, Outcome.RENEWED, hours=-24), manager, now=NOW)
    with pytest.raises(ValidationError) as fault:
        record(warning.pk, said(CALL, Outcome.NO_ANSWER), manager, now=NOW)
    (reason,) = refused_because(fault)["outcome"]
    assert manager.name in reason
    assert "November 23" in reason
    assert Contact.objects.count() == 1


def test_a_contact_told_late_takes_its_place_but_not_before_what_it_forbids(
    warning: ExpiryWarning, manager: User
) -> None:
    record(warning.pk, said(CALL, Outcome.RENEWED), manager, now=NOW)
    late = record(warning.pk, said(CALL, Outcome.NO_ANSWER, hours=-24), manager, now=NOW)
    warning.refresh_from_db()
    assert (warning.state, warning.contacts_made, warning.last_outcome) == (State.RENEWED, 2, Outcome.RENEWED)
    visit = SecondVisit.objects.get(opened_by=late.contact)
    assert visit.settled_by == Contact.objects.get(outcome=Outcome.RENEWED)
    with pytest.raises(ValidationError) as fault:
        record(warning.pk, said(VISIT, Outcome.MOVED, hours=-48), manager, now=NOW)
    assert "Correct that one first" in refused_because(fault)["outcome"][0]


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (said(CALL, Outcome.NO_ANSWER, hours=1), "at"),
        (said(CALL, Outcome.NO_ANSWER, hours=-24 * 60), "at"),
        (said(CALL, Outcome.PROMISED), "promised_on"),
        (said(CALL, Outcome.PROMISED, promised_on=date(2026, 11, 23)), "promised_on"),
        (said(CALL, Outcome.PROMISED, promised_on=date(2027, 2, 4)), "promised_on"),
        (said(VISIT, Outcome.REFUSED, loss=Loss.LAPSED), "loss"),
        (said(VISIT, Outcome.WRONG_NUMBER), "outcome"),
        (said(CALL, Outcome.VOID), "outcome"),
        (said(CALL, "nonsense"), "outcome"),
        (said("letter", Outcome.RENEWED), "medium"),
        (said(CALL, Outcome.NO_ANSWER, note="x" * 301), "note"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(warning: ExpiryWarning, manager: User, told: Said, field: str) -> None:
    with pytest.raises(ValidationError) as fault:
        record(warning.pk, told, manager, now=NOW)
    assert list(refused_because(fault)) == [field]
    assert not Contact.objects.exists()


def test_after_expiry_it_is_workable_until_the_days_for_winning_back_end(warning: ExpiryWarning, manager: User) -> None:
    last = datetime(2027, 2, 3, 9, tzinfo=SHANGHAI)
    beyond = Said(CALL, Outcome.NO_ANSWER, last + timedelta(days=1))
    with pytest.raises(ValidationError) as fault:
        record(warning.pk, beyond, manager, now=last + timedelta(days=1))
    assert "February 3" in refused_because(fault)["outcome"][0]
    record(warning.pk, Said(CALL, Outcome.NO_ANSWER, last), manager, now=last)
    warning.refresh_from_db()
    assert warning.state == State.SECOND_VISIT


def test_nothing_is_recorded_about_what_was_taken_off(warning: ExpiryWarning, manager: User) -> None:
    ExpiryWarning.objects.update(state=State.WITHDRAWN, resume="assigned")
    for hours in (0, -50):
        with pytest.raises(ValidationError) as fault:
            record(warning.pk, said(CALL, Outcome.PROMISED, hours=hours, promised_on=EXPIRES), manager, now=NOW)
        assert list(refused_because(fault)) == ["outcome"]


def test_the_same_key_is_kept_once_and_refused_for_something_else(
    warning: ExpiryWarning, manager: User, colleague: User
) -> None:
    told = said(CALL, Outcome.REFUSED, key=uuid.uuid4(), loss=Loss.PRICE)
    first = record(warning.pk, told, manager, now=NOW)
    again = record(warning.pk, told, manager, now=NOW + timedelta(minutes=1))
    assert (again.again, again.contact) == (True, first.contact)
    for other, by in ((said(CALL, Outcome.NO_ANSWER, key=told.key), manager), (told, colleague)):
        with pytest.raises(ValidationError):
            record(warning.pk, other, by, now=NOW)
    assert Contact.objects.count() == 1


def test_whoever_of_the_agent_records_first_follows_it(warning: ExpiryWarning, agent_staff_user: User) -> None:
    made = record(warning.pk, said(CALL, Outcome.NO_ANSWER), agent_staff_user, now=NOW)
    warning.refresh_from_db()
    assert warning.staff == made.contact.staff == agent_staff_user.agent_staff


def test_a_contact_taken_back_leaves_no_trace_but_itself(warning: ExpiryWarning, manager: User) -> None:
    before = dict(ExpiryWarning.objects.values().get())
    made = record(warning.pk, said(CALL, Outcome.NO_ANSWER), manager, now=NOW)
    void = correct(made.contact.pk, said(CALL, Outcome.VOID), manager, NOW)
    after = dict(ExpiryWarning.objects.values().get())
    assert after == before
    assert (SecondVisit.objects.count(), Contact.objects.count()) == (0, 2)
    assert not Contact.objects.effective().exists()
    with pytest.raises(ValidationError):
        correct(made.contact.pk, said(CALL, Outcome.RENEWED), manager, NOW)
    correct(void.contact.pk, said(CALL, Outcome.RENEWED), manager, NOW)
    assert ExpiryWarning.objects.get().state == State.RENEWED


def test_a_correction_replays_what_came_after(warning: ExpiryWarning, manager: User) -> None:
    first = record(warning.pk, said(CALL, Outcome.NO_ANSWER, hours=-50), manager, now=NOW).contact
    record(warning.pk, said(VISIT, Outcome.NO_ANSWER, hours=-30), manager, now=NOW)
    last = record(warning.pk, said(VISIT, Outcome.NO_ANSWER, hours=-20), manager, now=NOW).contact
    assert ExpiryWarning.objects.get().state == State.UNREACHABLE
    told = said(VISIT, Outcome.PROMISED, hours=-20, promised_on=date(2026, 11, 26))
    correct(last.pk, told, manager, NOW)
    warning.refresh_from_db()
    assert (warning.state, warning.contacts_made, warning.next_on) == ("contacted", 3, date(2026, 11, 26))
    with pytest.raises(ValidationError):
        correct(first.pk, said(CALL, Outcome.RENEWED, hours=-50), manager, NOW)


def test_lost_and_unreachable_are_reopened_by_hand_for_a_reason(warning: ExpiryWarning, manager: User) -> None:
    with pytest.raises(ValidationError):
        reopen(warning.pk, manager, "they called", NOW)
    record(warning.pk, said(CALL, Outcome.MOVED, hours=-2), manager, now=NOW)
    with pytest.raises(ValidationError):
        reopen(warning.pk, manager, " ", NOW)
    again = reopen(warning.pk, manager, "they are back", NOW)
    assert (again.state, again.loss, again.next_step, again.next_on) == ("assigned", "", "call", date(2026, 11, 30))
    again = reopen_fails_beyond_the_window(again, manager)
    assert again.contacts_made == 1


def reopen_fails_beyond_the_window(warning: ExpiryWarning, by: User) -> ExpiryWarning:
    """Lost again; after the window there is nothing to be won back."""
    later = NOW + timedelta(days=72)
    record(warning.pk, said(VISIT, Outcome.MOVED, hours=1), by, now=later)
    with pytest.raises(ValidationError):
        reopen(warning.pk, by, "they are back", later)
    return warning


def test_what_lapsed_can_be_reopened_once_there_are_more_days(
    warning: ExpiryWarning, manager: User, unit: Unit
) -> None:
    later = NOW + timedelta(days=80)
    assert lapse(unit, later.date()) == 1
    with pytest.raises(ValidationError):
        reopen(warning.pk, manager, "they called", later)
    RuleValue.objects.create(key="renewal_winback_days", unit=unit, value=90)
    assert reopen(warning.pk, manager, "they called", later).state == State.ASSIGNED


def test_what_the_roster_closed_stays_closed_whatever_is_corrected(warning: ExpiryWarning, manager: User) -> None:
    made = record(warning.pk, said(CALL, Outcome.NO_ANSWER, hours=-48), manager, now=NOW)
    ExpiryWarning.objects.update(
        state="renewed", resume="second_visit", renewed_on=TODAY, confirmed_on=TODAY, next_step="", next_on=None
    )
    with pytest.raises(ValidationError):
        record(warning.pk, said(CALL, Outcome.NO_ANSWER), manager, now=NOW)
    late = said(CALL, Outcome.PROMISED, hours=-24, promised_on=date(2026, 11, 26))
    record(warning.pk, late, manager, now=NOW)
    warning.refresh_from_db()
    assert (warning.state, warning.resume, warning.renewed_on, warning.contacts_made) == (
        "renewed", "contacted", TODAY, 2,
    )  # fmt: skip
    correct(made.contact.pk, said(CALL, Outcome.VOID), manager, NOW)
    warning.refresh_from_db()
    assert (warning.state, warning.contacts_made, SecondVisit.objects.count()) == ("renewed", 1, 0)


def test_contacts_are_never_changed_or_deleted(warning: ExpiryWarning, manager: User) -> None:
    contact = record(warning.pk, said(CALL, Outcome.NO_ANSWER), manager, now=NOW).contact
    contact.note = "otherwise"
    acts = (
        contact.save,
        contact.delete,
        Contact.objects.all().delete,
        lambda: Contact.objects.update(note="otherwise"),
        lambda: Contact.objects.bulk_update([contact], ["note"]),
    )
    for act in acts:
        with pytest.raises(ContactsStandError):
            act()
    assert Contact.objects.get().note == ""


def test_the_database_refuses_to_change_a_contact_whoever_asks(warning: ExpiryWarning, manager: User) -> None:
    """A table that a migration makes anew on SQLite loses its trigger: then that migration has to make it again."""
    record(warning.pk, said(CALL, Outcome.NO_ANSWER), manager, now=NOW)
    for change in ("note = 'otherwise'", "outcome = 'renewed'", "at = recorded_at", "corrects_id = NULL"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE renewals_contact SET {change}")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE renewals_contact SET batch_id = NULL")
    assert Contact.objects.get().outcome == Outcome.NO_ANSWER
