"""What the roster closes and takes back, what lapses, and that all of it is a step of the course (N4, O6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from channels.models import Agent
from gridops.accounts.models import RuleValue, Unit, User
from gridops.workbooks import services as workbooks
from gridops.workbooks.models import Batch
from projects.models import Project
from renewals import statements, statements_roster
from renewals.choices import OPEN, State
from renewals.models import Contact, ExpiryWarning, SecondVisit, Subscriber, Tally
from renewals.rules_course import HAND, TRANSITIONS
from renewals.services_roster import follow_roster, lapse
from tests import factories
from tests.workbooks.books import book, upload

pytestmark = [pytest.mark.django_db]

TODAY = date(2026, 12, 20)
NOW = datetime(2026, 12, 20, 4, tzinfo=timezone.get_default_timezone())
EXPIRY, RENEWED = date(2026, 12, 15), date(2027, 12, 15)
Import = Callable[..., Batch]


@pytest.fixture
def expiring(project: Project) -> Subscriber:
    return factories.make_subscriber(project, "02800000001", expires_on=EXPIRY)


@pytest.fixture
def warning(expiring: Subscriber, agent: Agent) -> ExpiryWarning:
    return factories.make_warning(expiring, agent=agent)


def visited(warning: ExpiryWarning, by: User) -> SecondVisit:
    """A call that nobody answered, and the visit it owes."""
    said = {"medium": "call", "outcome": "no_answer", "state_before": "assigned", "state_after": "second_visit"}
    contact = Contact.objects.create(warning=warning, subscriber=warning.subscriber, by=by, **said)
    set_to(warning, state="second_visit", next_step="visit", next_on=date(2026, 12, 12), contacts_made=1)
    return SecondVisit.objects.create(warning=warning, opened_by=contact, due_on=date(2026, 12, 12))


def set_to(row: Any, **fields: object) -> None:
    type(row).objects.filter(pk=row.pk).update(**fields)
    row.refresh_from_db()


def follow(unit: Unit, row: ExpiryWarning) -> int:
    changed = follow_roster(unit, TODAY, NOW)
    row.refresh_from_db()
    return changed


@pytest.mark.parametrize("state", [state for state in OPEN if state != State.LISTED])
def test_a_contract_that_runs_a_term_longer_is_renewed_whatever_was_said(
    unit: Unit, expiring: Subscriber, warning: ExpiryWarning, state: str
) -> None:
    set_to(warning, state=state)
    set_to(expiring, expires_on=RENEWED)
    assert follow(unit, warning) == 1
    assert (warning.state, warning.resume, warning.next_step, warning.next_on) == ("renewed", state, "", None)
    assert (warning.renewed_on, warning.confirmed_on, warning.renewed_until) == (TODAY, TODAY, RENEWED)
    assert follow(unit, warning) == 0


def test_who_had_been_lost_is_renewed_after_all(unit: Unit, expiring: Subscriber, warning: ExpiryWarning) -> None:
    set_to(warning, state="lost", loss="price", lost_on=TODAY, next_step="", next_on=None)
    set_to(expiring, expires_on=RENEWED)
    follow(unit, warning)
    assert (warning.state, warning.resume) == ("renewed", "lost")
    set_to(expiring, expires_on=EXPIRY)
    follow(unit, warning)
    assert (warning.state, warning.loss, warning.resume) == ("lost", "price", "")


def test_what_a_contact_said_is_confirmed_and_keeps_its_day(
    unit: Unit, expiring: Subscriber, warning: ExpiryWarning
) -> None:
    said = date(2026, 12, 3)
    set_to(warning, state="renewed", renewed_on=said, next_step="", next_on=None)
    assert follow(unit, warning) == 0
    set_to(expiring, expires_on=RENEWED)
    follow(unit, warning)
    assert (warning.renewed_on, warning.confirmed_on) == (said, TODAY)
    set_to(expiring, expires_on=EXPIRY)
    follow(unit, warning)
    assert (warning.state, warning.renewed_on, warning.confirmed_on, warning.resume) == ("renewed", said, None, "")


@pytest.mark.parametrize(("days", "state"), [(27, "assigned"), (28, "renewed"), (-40, "assigned")])
def test_less_than_the_shortest_term_is_a_correction_of_the_day(
    unit: Unit, expiring: Subscriber, warning: ExpiryWarning, days: int, state: str
) -> None:
    set_to(expiring, expires_on=EXPIRY + timedelta(days=days))
    follow(unit, warning)
    assert warning.state == state


def test_the_shortest_term_is_the_unit_s_own(unit: Unit, expiring: Subscriber, warning: ExpiryWarning) -> None:
    RuleValue.objects.create(key="renewal_shortest_days", unit=unit, value=60)
    set_to(expiring, expires_on=EXPIRY + timedelta(days=59))
    assert follow(unit, warning) == 0


def test_a_withdrawn_one_stays_withdrawn(unit: Unit, expiring: Subscriber, warning: ExpiryWarning) -> None:
    set_to(warning, state="withdrawn", next_step="", next_on=None)
    set_to(expiring, expires_on=RENEWED)
    assert follow(unit, warning) == 0


def test_a_renewal_counts_once_for_the_last_list_before_it(
    unit: Unit, expiring: Subscriber, warning: ExpiryWarning
) -> None:
    later = factories.make_warning(expiring, expires_on=date(2027, 1, 5))
    set_to(expiring, expires_on=date(2028, 1, 5))
    assert follow(unit, warning) == 1
    later.refresh_from_db()
    assert (warning.state, later.state) == ("assigned", "renewed")


def test_a_second_visit_is_settled_by_the_roster_and_owed_again_when_it_takes_that_back(
    unit: Unit, expiring: Subscriber, warning: ExpiryWarning, manager: User
) -> None:
    visit = visited(warning, manager)
    set_to(expiring, expires_on=RENEWED)
    follow(unit, warning)
    visit.refresh_from_db()
    assert visit.settled_at is not None
    set_to(expiring, expires_on=EXPIRY)
    follow(unit, warning)
    assert (warning.state, warning.next_step, warning.next_on) == ("second_visit", "visit", date(2026, 12, 12))
    assert SecondVisit.objects.get().settled_at is None
    assert Contact.objects.count() == 1


def test_an_account_that_is_closed_is_lost_until_it_is_open_again(
    unit: Unit, expiring: Subscriber, warning: ExpiryWarning
) -> None:
    set_to(expiring, status="closed")
    follow(unit, warning)
    assert (warning.state, warning.loss, warning.lost_on, warning.resume) == ("lost", "other", TODAY, "assigned")
    set_to(expiring, status="active")
    follow(unit, warning)
    assert (warning.state, warning.loss, warning.lost_on, warning.resume) == ("assigned", "", None, "")
    assert (warning.next_step, warning.next_on) == ("call", date(2026, 11, 30))


def test_one_given_back_to_the_pool_meanwhile_goes_on_in_the_pool(
    unit: Unit, expiring: Subscriber, warning: ExpiryWarning
) -> None:
    set_to(expiring, status="closed")
    follow(unit, warning)
    set_to(warning, agent=None)
    set_to(expiring, status="active")
    follow(unit, warning)
    assert warning.state == "listed"


def test_another_unit_is_left_alone(other_unit: Unit, expiring: Subscriber, warning: ExpiryWarning) -> None:
    set_to(expiring, expires_on=RENEWED)
    assert follow(other_unit, warning) == 0


def test_a_renewal_counts_until_a_month_after_the_win_back_window(
    unit: Unit, expiring: Subscriber, warning: ExpiryWarning
) -> None:
    set_to(warning, state="lost", loss="lapsed", lost_on=TODAY, next_step="", next_on=None)
    set_to(expiring, expires_on=RENEWED)
    assert follow_roster(unit, date(2027, 4, 2), NOW) == 0
    assert follow_roster(unit, date(2027, 4, 1), NOW) == 1


def test_what_is_open_beyond_the_win_back_window_lapses(unit: Unit, warning: ExpiryWarning, manager: User) -> None:
    visit = visited(warning, manager)
    assert lapse(unit, EXPIRY + timedelta(days=60)) == 0
    day = EXPIRY + timedelta(days=61)
    assert (lapse(unit, day), lapse(unit, day)) == (1, 0)
    warning.refresh_from_db()
    visit.refresh_from_db()
    assert (warning.state, warning.loss, warning.lost_on, warning.next_on) == ("lost", "lapsed", day, None)
    assert visit.settled_at is not None


def test_the_counts_follow(unit: Unit, expiring: Subscriber, warning: ExpiryWarning) -> None:
    set_to(expiring, expires_on=RENEWED)
    follow(unit, warning)
    assert Tally.objects.values_list("expiring", "renewed", "confirmed").get() == (1, 1, 1)


@pytest.fixture
def roster(admin_user: User, expiring: Subscriber) -> Import:
    """``roster(day, status)``: the applied import of a roster with the one subscriber."""

    def run(expires_on: date, status: str = "在用") -> Batch:
        row = [expiring.account, expiring.project.code, expires_on.isoformat(), status]
        rows = [["用户账号", "项目编码", "到期日期", "状态"], row]
        batch = workbooks.finish(workbooks.receive(upload(book(rows)), admin_user, "subscribers"))
        batch = workbooks.finish(workbooks.confirm_columns(batch))
        assert batch.state == Batch.State.CHECKED, batch.fault
        return workbooks.finish(workbooks.apply(batch, valid_only=False))

    return run


@pytest.mark.parametrize(("expires_on", "status", "state"), [(RENEWED, "在用", "renewed"), (EXPIRY, "拆机", "lost")])
def test_an_import_closes_and_its_undoing_takes_that_back(
    roster: Import, warning: ExpiryWarning, expires_on: date, status: str, state: str
) -> None:
    before = ExpiryWarning.objects.values().get()
    batch = roster(expires_on, status)
    warning.refresh_from_db()
    assert warning.state == state
    workbooks.finish(workbooks.undo(batch))
    assert ExpiryWarning.objects.values().get() == before


def test_an_import_takes_back_by_the_shortest_term_of_the_unit(
    roster: Import, unit: Unit, other_unit: Unit, warning: ExpiryWarning
) -> None:
    RuleValue.objects.create(key="renewal_shortest_days", unit=unit, value=60)
    assert other_unit.pk  # where the term is shorter
    roster(RENEWED)
    roster(EXPIRY + timedelta(days=45))
    warning.refresh_from_db()
    assert (warning.state, warning.confirmed_on) == ("assigned", None)


@pytest.mark.parametrize("module", [statements, statements_roster])
def test_each_change_of_state_in_sql_is_a_step_of_the_course(module: Any) -> None:
    steps = {
        (source, target)
        for step in TRANSITIONS
        if step.by != HAND
        for source in step.sources
        for target in step.targets
    }
    stays = {(state, state) for state in State}
    for sources, targets in module.STATES.values():
        assert {(source, target) for source in sources for target in targets} <= steps | stays
