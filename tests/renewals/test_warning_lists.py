"""Warning lists: who is on them, for which agent, running again, a grid that breaks (S7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels.models import Agent
from gridops.accounts.models import Grid, RuleValue, Unit, User
from gridops.common.months import Month
from gridops.jobs.models import Job
from gridops.jobs.run import LeaseLost, Run
from gridops.jobs.services import claim, start
from projects.models import Project
from renewals.models import ExpiryWarning, Handover, Subscriber, WarningList
from renewals.services import make_lists
from renewals.tasks import warning_lists
from tests import factories

pytestmark = [pytest.mark.django_db]

DECEMBER = Month(2026, 12)
STATE = ExpiryWarning.State
MakeRun = Callable[[Unit], Run]


@pytest.fixture
def run_of() -> MakeRun:
    def make(unit: Unit) -> Run:
        run = claim(start("renewals.warning-lists", key=f"lists-{unit.pk}", month=DECEMBER, unit=unit).pk)
        assert run is not None
        return run

    return make


@pytest.fixture
def run(run_of: MakeRun, unit: Unit) -> Run:
    return run_of(unit)


@pytest.fixture
def expiring(project: Project) -> Subscriber:
    return factories.make_subscriber(project, expires_on=date(2026, 12, 15))


def warning(subscriber: Subscriber) -> ExpiryWarning:
    return ExpiryWarning.objects.get(subscriber=subscriber, month=DECEMBER.first)


def changed(subscriber: Subscriber, **fields: object) -> None:
    Subscriber.objects.filter(pk=subscriber.pk).update(**fields)


def test_every_grid_of_the_unit_gets_one_list(
    unit: Unit, grid: Grid, other_grid: Grid, foreign_grid: Grid, run: Run
) -> None:
    make_lists(DECEMBER, unit, run)
    make_lists(DECEMBER, unit, run)
    assert sorted(WarningList.objects.values_list("grid", flat=True)) == sorted([grid.pk, other_grid.pk])


def test_an_active_subscriber_whose_contract_expires_in_the_month_is_listed(
    unit: Unit, grid: Grid, expiring: Subscriber, run: Run
) -> None:
    make_lists(DECEMBER, unit, run)
    row = warning(expiring)
    assert (row.warning_list.grid, row.expires_on) == (grid, date(2026, 12, 15))


@pytest.mark.parametrize("day", [date(2026, 12, 1), date(2026, 12, 31)])
def test_the_first_and_the_last_day_of_the_month_count(unit: Unit, project: Project, run: Run, day: date) -> None:
    subscriber = factories.make_subscriber(project, expires_on=day)
    make_lists(DECEMBER, unit, run)
    assert warning(subscriber).expires_on == day


@pytest.mark.parametrize(
    ("expires_on", "status"),
    [
        (date(2026, 11, 30), "active"),
        (date(2027, 1, 1), "active"),
        (None, "active"),
        (date(2026, 12, 15), "suspended"),
        (date(2026, 12, 15), "closed"),
    ],
)
def test_others_are_not_listed(unit: Unit, project: Project, run: Run, expires_on: date | None, status: str) -> None:
    factories.make_subscriber(project, expires_on=expires_on, status=status)
    make_lists(DECEMBER, unit, run)
    assert not ExpiryWarning.objects.exists()


def test_the_agent_that_owns_the_project_today_gets_the_warning(
    unit: Unit, agent: Agent, expiring: Subscriber, run: Run
) -> None:
    make_lists(DECEMBER, unit, run)
    row = warning(expiring)
    assert (row.agent, row.state) == (agent, STATE.ASSIGNED)


def test_without_an_owner_the_warning_is_in_the_manager_s_pool(unit: Unit, expiring: Subscriber, run: Run) -> None:
    make_lists(DECEMBER, unit, run)
    row = warning(expiring)
    assert (row.agent, row.state) == (None, STATE.LISTED)


def test_a_past_or_future_owner_does_not_count(unit: Unit, project: Project, expiring: Subscriber, run: Run) -> None:
    factories.make_ownership(project, factories.make_agent(), date(2020, 1, 1), date(2020, 12, 31))
    factories.make_ownership(project, factories.make_agent(), date(2999, 1, 1))
    make_lists(DECEMBER, unit, run)
    assert warning(expiring).agent is None


def test_on_the_day_of_a_handover_the_later_owner_counts(
    unit: Unit, project: Project, expiring: Subscriber, run: Run
) -> None:
    today = timezone.localdate()
    factories.make_ownership(project, factories.make_agent(), date(2020, 1, 1), today)
    new = factories.make_agent()
    factories.make_ownership(project, new, today)
    make_lists(DECEMBER, unit, run)
    assert warning(expiring).agent == new


def test_running_again_lists_nobody_twice_and_changes_nothing(
    unit: Unit, expiring: Subscriber, agent: Agent, run: Run
) -> None:
    make_lists(DECEMBER, unit, run)
    before = list(ExpiryWarning.objects.values())
    make_lists(DECEMBER, unit, run)
    assert list(ExpiryWarning.objects.values()) == before


def test_running_again_adds_newcomers(unit: Unit, project: Project, expiring: Subscriber, run: Run) -> None:
    make_lists(DECEMBER, unit, run)
    newcomer = factories.make_subscriber(project, expires_on=date(2026, 12, 2))
    make_lists(DECEMBER, unit, run)
    assert set(ExpiryWarning.objects.values_list("subscriber", flat=True)) == {expiring.pk, newcomer.pk}


CORRECTED = {"expires_on": date(2027, 1, 5)}  # a few days later: no renewal


@pytest.mark.parametrize("change", [CORRECTED, {"expires_on": None}, {"household": "duplicate"}])
def test_whose_expiry_moved_away_and_doubles_are_withdrawn(
    unit: Unit, expiring: Subscriber, run: Run, change: dict[str, object]
) -> None:
    make_lists(DECEMBER, unit, run)
    changed(expiring, **change)
    make_lists(DECEMBER, unit, run)
    row = warning(expiring)
    assert (row.state, row.resume) == (STATE.WITHDRAWN, STATE.LISTED)
    assert row.withdrawn_at is not None


def test_who_renewed_stays_on_the_list_as_renewed(unit: Unit, expiring: Subscriber, run: Run) -> None:
    make_lists(DECEMBER, unit, run)
    changed(expiring, expires_on=date(2027, 12, 15))
    make_lists(DECEMBER, unit, run)
    row = warning(expiring)
    assert (row.state, row.renewed_until) == (STATE.RENEWED, date(2027, 12, 15))
    assert row.confirmed_on is not None
    before = list(ExpiryWarning.objects.values())
    make_lists(DECEMBER, unit, run)
    assert list(ExpiryWarning.objects.values()) == before


def test_whose_account_is_closed_is_lost(unit: Unit, expiring: Subscriber, run: Run) -> None:
    make_lists(DECEMBER, unit, run)
    changed(expiring, status="closed")
    make_lists(DECEMBER, unit, run)
    row = warning(expiring)
    assert (row.state, row.loss) == (STATE.LOST, "other")


def test_who_is_suspended_later_stays_on_the_list(unit: Unit, agent: Agent, expiring: Subscriber, run: Run) -> None:
    make_lists(DECEMBER, unit, run)
    changed(expiring, status="suspended")
    make_lists(DECEMBER, unit, run)
    assert warning(expiring).state == STATE.ASSIGNED


@pytest.mark.parametrize("days", [15, 20])
def test_the_first_call_is_due_so_many_days_before_the_contract_expires(
    unit: Unit, expiring: Subscriber, run: Run, days: int
) -> None:
    RuleValue.objects.create(key="renewal_call_first", unit=unit, value=days)
    make_lists(DECEMBER, unit, run)
    row = warning(expiring)
    assert (row.next_step, row.next_on) == ("call", date(2026, 12, 15) - timedelta(days=days))


def test_who_was_taken_off_by_hand_stays_off(unit: Unit, expiring: Subscriber, manager: User, run: Run) -> None:
    make_lists(DECEMBER, unit, run)
    ExpiryWarning.objects.update(state="withdrawn", resume="listed", withdrawn_by=manager, next_step="", next_on=None)
    changed(expiring, expires_on=date(2026, 12, 20))
    make_lists(DECEMBER, unit, run)
    row = warning(expiring)
    assert (row.state, row.expires_on) == (STATE.WITHDRAWN, date(2026, 12, 20))


def test_who_comes_back_goes_on_where_it_stood_with_whom_it_had(
    unit: Unit, project: Project, agent: Agent, expiring: Subscriber, run: Run
) -> None:
    make_lists(DECEMBER, unit, run)
    promised = {"state": "contacted", "contacts_made": 1, "promised_on": date(2026, 12, 9), "next_step": "promise"}
    ExpiryWarning.objects.update(**promised, next_on=date(2026, 12, 9))
    changed(expiring, **CORRECTED)
    make_lists(DECEMBER, unit, run)
    project.ownerships.update(agent=factories.make_agent())
    changed(expiring, expires_on=date(2026, 12, 15))
    make_lists(DECEMBER, unit, run)
    row = warning(expiring)
    assert (row.state, row.agent, row.resume) == (STATE.CONTACTED, agent, "")
    assert (row.next_step, row.next_on) == ("promise", date(2026, 12, 9))


def test_who_was_given_to_an_agent_by_hand_comes_back_to_that_one(
    unit: Unit, project: Project, agent: Agent, manager: User, expiring: Subscriber, run: Run
) -> None:
    make_lists(DECEMBER, unit, run)
    by_hand = factories.make_agent()
    ExpiryWarning.objects.update(agent=by_hand)
    Handover.objects.create(warning=warning(expiring), from_agent=agent, to_agent=by_hand, by=manager)
    changed(expiring, **CORRECTED)
    make_lists(DECEMBER, unit, run)
    changed(expiring, expires_on=date(2026, 12, 18))
    make_lists(DECEMBER, unit, run)
    row = warning(expiring)
    assert (row.agent, row.state, row.next_on) == (by_hand, STATE.ASSIGNED, date(2026, 12, 3))


def test_a_newcomer_and_a_withdrawal_in_one_run_are_both_seen(
    unit: Unit, project: Project, expiring: Subscriber, run: Run
) -> None:
    make_lists(DECEMBER, unit, run)
    changed(expiring, **CORRECTED)
    newcomer = factories.make_subscriber(project, expires_on=date(2026, 12, 2))
    make_lists(DECEMBER, unit, run)
    assert (warning(expiring).state, warning(newcomer).state) == (STATE.WITHDRAWN, STATE.LISTED)


def test_who_was_withdrawn_and_came_back_is_listed_again_for_today_s_owner(
    unit: Unit, project: Project, expiring: Subscriber, run: Run
) -> None:
    make_lists(DECEMBER, unit, run)
    changed(expiring, **CORRECTED)
    make_lists(DECEMBER, unit, run)
    owner = factories.make_agent(owns=[project])
    changed(expiring, expires_on=date(2026, 12, 15))
    make_lists(DECEMBER, unit, run)
    row = warning(expiring)
    assert (row.state, row.agent, row.withdrawn_at) == (STATE.ASSIGNED, owner, None)
    assert [(step.from_agent, step.to_agent, step.by) for step in row.handovers.all()] == [(None, owner, None)]


def test_a_day_that_moves_within_the_month_moves_on_the_list_and_the_agent_stays(
    unit: Unit, project: Project, agent: Agent, expiring: Subscriber, run: Run
) -> None:
    make_lists(DECEMBER, unit, run)
    project.ownerships.update(agent=factories.make_agent())
    changed(expiring, expires_on=date(2026, 12, 20))
    make_lists(DECEMBER, unit, run)
    row = warning(expiring)
    assert (row.expires_on, row.agent) == (date(2026, 12, 20), agent)


def test_who_moved_to_another_grid_moves_to_its_list(
    unit: Unit, grid: Grid, other_grid: Grid, other_project: Project, expiring: Subscriber, run: Run
) -> None:
    make_lists(DECEMBER, unit, run)
    changed(expiring, project=other_project)
    make_lists(DECEMBER, unit, run)
    assert warning(expiring).warning_list.grid == other_grid


def test_who_moved_to_another_unit_moves_with_that_unit_s_run(
    unit: Unit, other_unit: Unit, foreign_grid: Grid, foreign_project: Project, expiring: Subscriber,
    run: Run, run_of: MakeRun,
) -> None:  # fmt: skip
    other = run_of(other_unit)
    factories.make_subscriber(foreign_project, expires_on=date(2026, 12, 1))
    make_lists(DECEMBER, unit, run)
    make_lists(DECEMBER, other_unit, other)
    changed(expiring, project=foreign_project)
    make_lists(DECEMBER, unit, run)
    make_lists(DECEMBER, other_unit, other)
    assert warning(expiring).warning_list.grid == foreign_grid
    assert ExpiryWarning.objects.filter(subscriber=expiring).count() == 1


def test_who_is_on_another_unit_s_list_moves_to_a_list_that_is_made_only_now(
    unit: Unit, other_unit: Unit, foreign_grid: Grid, foreign_project: Project, expiring: Subscriber,
    run: Run, run_of: MakeRun,
) -> None:  # fmt: skip
    make_lists(DECEMBER, unit, run)
    changed(expiring, project=foreign_project)
    other = run_of(other_unit)
    make_lists(DECEMBER, other_unit, other)
    assert warning(expiring).warning_list.grid == foreign_grid
    assert not other.job.faults.exists()


def test_another_unit_is_left_alone(unit: Unit, foreign_project: Project, run: Run) -> None:
    factories.make_subscriber(foreign_project, expires_on=date(2026, 12, 15))
    make_lists(DECEMBER, unit, run)
    assert not ExpiryWarning.objects.exists()


def test_each_month_has_its_own_list(unit: Unit, expiring: Subscriber, run: Run) -> None:
    make_lists(DECEMBER, unit, run)
    changed(expiring, expires_on=date(2027, 1, 3))
    make_lists(DECEMBER.plus(1), unit, run)
    make_lists(DECEMBER, unit, run)
    states = dict(ExpiryWarning.objects.values_list("month", "state"))
    assert states == {date(2026, 12, 1): STATE.WITHDRAWN, date(2027, 1, 1): STATE.LISTED}


@contextmanager
def refusing(subscriber: Subscriber) -> Iterator[None]:
    """The database refuses every warning of this subscriber, as broken data would make it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'broken row'; END $$"
            )
            cursor.execute(
                "CREATE TRIGGER refused BEFORE INSERT ON renewals_expirywarning FOR EACH ROW "
                f"WHEN (NEW.subscriber_id = {subscriber.pk}) EXECUTE FUNCTION refuse()"
            )
        else:
            cursor.execute(
                "CREATE TRIGGER refused BEFORE INSERT ON renewals_expirywarning "
                f"WHEN NEW.subscriber_id = {subscriber.pk} BEGIN SELECT RAISE(ABORT, 'broken row'); END"
            )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            on = " ON renewals_expirywarning" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER refused{on}")


def test_a_grid_whose_data_break_the_run_is_isolated_and_recorded(
    unit: Unit, grid: Grid, expiring: Subscriber, other_project: Project, run: Run
) -> None:
    healthy = factories.make_subscriber(other_project, expires_on=date(2026, 12, 15))
    with refusing(expiring):
        make_lists(DECEMBER, unit, run)
    assert [row.subscriber for row in ExpiryWarning.objects.select_related("subscriber")] == [healthy]
    fault = run.job.faults.get()
    assert fault.subject == grid.name
    assert "broken row" in fault.error


def test_what_broke_is_made_up_for_by_the_next_run(
    unit: Unit, expiring: Subscriber, other_grid: Grid, run: Run
) -> None:
    with refusing(expiring):
        make_lists(DECEMBER, unit, run)
    make_lists(DECEMBER, unit, run)
    assert warning(expiring)


def test_a_run_that_lost_its_lease_writes_nothing(unit: Unit, expiring: Subscriber, run: Run) -> None:
    Job.objects.update(token=99)
    with pytest.raises(LeaseLost):
        make_lists(DECEMBER, unit, run)
    assert not WarningList.objects.exists()


def test_the_number_of_queries_does_not_depend_on_grids_or_subscribers(unit: Unit, project: Project, run: Run) -> None:
    counts = []
    for number in (1, 5):
        for _ in range(number):
            factories.make_subscriber(factories.make_project(factories.make_grid(unit)), expires_on=date(2026, 12, 4))
        ExpiryWarning.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            make_lists(DECEMBER, unit, run)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_calendar_s_handler_makes_the_lists_of_the_run_s_month_and_unit(
    unit: Unit, expiring: Subscriber, run: Run
) -> None:
    warning_lists(run)
    assert warning(expiring)
