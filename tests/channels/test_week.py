"""What an outlet is owed in a week, and where it stands (C5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels.models import Outlet
from channels.rules_week import owed, owes
from channels.week import Standing, coverage, standings
from gridops.accounts.models import Absence, Grid, Membership, Role, RuleValue, Unit, User
from gridops.common.weeks import Week
from tests import factories
from tests.factories_channels import make_call, make_visit

WEEK = Week(2026, 48)  # 23 to 29 November
TUESDAY = date(2026, 11, 24)
DAYS = WEEK.days[:5]


def at(day: date, hour: int = 2) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def stand(outlet: Outlet, today: date = TUESDAY, week: Week = WEEK) -> Standing:
    return standings(Outlet.objects.all(), week, today)[outlet.pk]


@pytest.mark.parametrize(
    ("quota", "days", "result"),
    [(1, 5, 1), (1, 3, 1), (1, 2, 0), (2, 5, 2), (2, 4, 2), (2, 3, 1), (2, 1, 0), (2, 0, 0), (0, 5, 0), (7, 1, 1)],
)
def test_what_is_owed_is_the_quotas_share_of_the_days(quota: int, days: int, result: int) -> None:
    assert owed(quota, DAYS, DAYS[:days]) == result
    assert owed(quota, DAYS[:days], DAYS) == result


def test_a_make_up_day_does_not_make_more_than_the_quota() -> None:
    assert owed(2, WEEK.days, WEEK.days) == 2


def test_an_outlet_owes_from_the_first_whole_week_after_it_was_won() -> None:
    assert not owes(WEEK.first, WEEK)
    assert owes(WEEK.first - timedelta(days=1), WEEK)
    assert owes(None, WEEK)


def test_visits_and_calls_of_the_week_count(outlet: Outlet, manager: User) -> None:
    make_visit(outlet, manager, at=at(WEEK.first))
    make_call(outlet, manager, at=at(TUESDAY))
    make_call(outlet, manager, at=at(TUESDAY), reached=False)
    make_visit(outlet, manager, at=datetime(2026, 11, 22, 15, 59, tzinfo=UTC))  # Sunday, a minute to midnight
    found = stand(outlet)
    assert (found.visits_owed, found.visits_done, found.calls_owed, found.calls_done) == (1, 1, 2, 1)
    assert found.last_visit_on == WEEK.first
    assert not found.overdue
    assert (found.visits_due, found.calls_due) == (0, 1)


def test_what_was_corrected_or_taken_back_does_not_count(outlet: Outlet, manager: User) -> None:
    wrong = make_visit(outlet, manager, at=at(TUESDAY))
    make_visit(outlet, manager, at=at(TUESDAY), corrects=wrong, void=True, why="x")
    right = make_call(outlet, manager, at=at(TUESDAY))
    make_call(outlet, manager, at=at(TUESDAY), corrects=right)
    found = stand(outlet)
    assert (found.visits_done, found.calls_done, found.last_visit_on) == (0, 1, None)


def test_missed_weeks_make_a_visit_overdue(outlet: Outlet, manager: User) -> None:
    make_visit(outlet, manager, at=at(WEEK.plus(-3).first))
    found = stand(outlet)
    assert (found.weeks_missed, found.overdue) == (2, True)
    make_visit(outlet, manager, at=at(WEEK.plus(-1).first))
    found = stand(outlet)
    assert (found.weeks_missed, found.overdue) == (0, False)


def test_a_week_that_is_not_over_is_not_missed(outlet: Outlet, manager: User) -> None:
    make_visit(outlet, manager, at=at(WEEK.plus(-1).first))
    found = stand(outlet, TUESDAY, WEEK.plus(2))
    assert (found.visits_owed, found.weeks_missed, found.overdue) == (1, 0, False)


def test_a_week_that_is_over_leaves_overdue_what_was_not_done(outlet: Outlet, manager: User) -> None:
    make_visit(outlet, manager, at=at(WEEK.first))
    assert stand(outlet, WEEK.plus(1).first).overdue  # the calls


def test_holidays_lessen_what_is_owed(outlet: Outlet, manager: User) -> None:
    autumn = Week(2026, 40)  # 28 September to 4 October: three days worked
    found = stand(outlet, autumn.first, autumn)
    assert (found.visits_owed, found.calls_owed) == (1, 1)


def test_leave_lessens_what_is_owed_unless_a_deputy_is_there(outlet: Outlet, manager: User, colleague: User) -> None:
    Absence.objects.create(user=manager, starts_on=DAYS[0], ends_on=DAYS[4], made_by=manager)
    found = stand(outlet)
    assert (found.visits_owed, found.calls_owed, found.overdue) == (0, 0, False)
    Membership.objects.create(
        user=colleague,
        role=Role.GRID_MANAGER,
        grid=outlet.grid,
        stands_in_for=manager,
        starts_on=DAYS[0],
        ends_on=DAYS[2],
    )
    found = stand(outlet)
    assert (found.visits_owed, found.calls_owed) == (1, 1)


def test_a_grid_without_a_manager_owes_nothing(foreign_grid: Grid) -> None:
    lonely = factories.make_outlet(foreign_grid, "W9")
    assert not stand(lonely).due


@pytest.mark.parametrize("fields", [{"stage": "talked"}, {"is_active": False}, {"opened_on": TUESDAY}])
def test_who_does_not_sell_yet_is_owed_nothing(outlet: Outlet, manager: User, fields: dict[str, Any]) -> None:
    Outlet.objects.filter(pk=outlet.pk).update(**fields)
    assert not stand(outlet).due


def test_a_units_own_quota_holds(outlet: Outlet, manager: User, unit: Unit) -> None:
    RuleValue.objects.create(unit=unit, key="outlet_calls", value=3)
    assert stand(outlet).calls_owed == 3


def test_coverage_counts_nothing_beyond_what_is_owed(outlet: Outlet, manager: User, grid: Grid) -> None:
    other = factories.make_outlet(grid, "W0002")
    for _n in range(3):
        make_visit(outlet, manager, at=at(TUESDAY))
        make_call(outlet, manager, at=at(TUESDAY))
    make_visit(other, manager, at=at(WEEK.plus(-1).first))
    before, now = coverage(Outlet.objects.all(), [WEEK.plus(-1), WEEK], TUESDAY)
    assert (now.outlets, now.visited, now.visits_owed, now.visits_met, now.calls_owed, now.calls_met) == (
        2,
        1,
        2,
        1,
        4,
        2,
    )
    assert (before.visited, before.calls_met) == (1, 0)


def test_standings_ask_as_much_of_few_outlets_as_of_many(grid: Grid, other_grid: Grid, manager: User) -> None:
    factories.make_outlet(grid, "W1")
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as asked:
            standings(Outlet.objects.all(), WEEK, TUESDAY)
        counts.append(len(asked))
        for n in range(5):
            made = factories.make_outlet(other_grid, f"V{len(counts)}{n}")
            make_visit(made, manager, at=at(TUESDAY))
    assert counts[0] == counts[1] <= 8


def page(user: User, asked: str = "") -> Any:
    return factories.client_of(user).get(f"/channels/week/{asked}")


def test_the_page_shows_overdue_outlets_first_and_only_what_is_owed(grid: Grid, manager: User) -> None:
    today = timezone.localdate()
    done, due = (factories.make_outlet(grid, code) for code in ("W1", "W2"))
    make_visit(done, manager, at=timezone.now())
    make_call(done, manager)
    make_call(done, manager)
    shown = page(manager)
    assert [row.outlet for row in shown.context["rows"]] == [due, done]
    assert shown.context["total"].visits_owed == 2
    assert [row.outlet for row in page(manager, "?only=owed").context["rows"]] == [due]
    past = page(manager, f"?week={Week.of(today).plus(-1)}")
    assert past.context["total"].visits_met == 0


def test_the_page_narrows_by_grid_project_and_words(
    outlet: Outlet, manager: User, supervisor: User, project: Any
) -> None:
    other = factories.make_outlet(outlet.grid, "W0009", name="盐市口小店")
    for asked, found in (
        (f"?project={project.pk}", [outlet]),
        ("?q=盐市口", [other]),
        (f"?grid={outlet.grid_id}&q=W0009", [other]),
    ):
        assert [row.outlet for row in page(supervisor, asked).context["rows"]] == found


def test_who_looks_after_the_unit_sees_each_manager_and_records_nothing(
    outlet: Outlet, manager: User, supervisor: User, colleague: User, other_grid: Grid
) -> None:
    factories.make_outlet(other_grid, "W7")
    shown = page(supervisor)
    assert [one.manager for one in shown.context["managers"]] == [manager.name, colleague.name]
    assert "data-week-call" not in shown.content.decode()
    assert "data-week-call" in page(manager).content.decode()


@pytest.mark.parametrize("asked", ["?week=2026-W54", "?week=x", "?grid=9999", "?week=2200-W52"])
def test_a_week_or_grid_that_is_none_is_not_there(manager: User, asked: str) -> None:
    assert page(manager, asked).status_code == 404


def test_the_page_asks_as_much_about_few_outlets_as_about_many(grid: Grid, manager: User) -> None:
    client, counts = factories.client_of(manager), []
    factories.make_outlet(grid, "W1")
    client.get("/channels/week/")
    for _round in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get("/channels/week/")
        counts.append(len(asked))
        for n in range(6):
            make_visit(factories.make_outlet(grid, f"V{n}{len(counts)}"), manager)
    assert counts[0] == counts[1] <= 25
