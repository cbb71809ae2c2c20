"""What a month has brought so far, and where each figure was read (S1)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from gridops.workbooks.models import Batch
from plans.results import Source, results_of, results_of_projects
from projects.models import DailyResult, MonthlyIndicator, Project, ProspectTalk
from renewals.models import WarningList
from renewals.services_tally import retally
from tests import factories

NOVEMBER = Month(2026, 11)
THE_12TH = date(2026, 11, 12)
AFTER = date(2026, 12, 2)


def report(project: Project, day: int, **figures: int) -> DailyResult:
    """A project's daily report of a November day."""
    return DailyResult.objects.create(project=project, day=date(2026, 11, day), **figures)


def ledger(project: Project, on: datetime, **figures: Any) -> None:
    """Figures of November in the ledger, written at ``on``."""
    row = factories.make_indicator(project, NOVEMBER, **figures)
    MonthlyIndicator.objects.filter(pk=row.pk).update(updated_at=on)


def of(grid: Grid, today: date = THE_12TH) -> dict[str, Any]:
    return results_of(Grid.objects.filter(pk=grid.pk), NOVEMBER, today)[grid.pk]


def test_the_newest_daily_report_counts_and_says_its_day(grid: Grid, project: Project) -> None:
    report(project, 8, net_adds=5, installs=9)
    report(project, 10, net_adds=7)
    report(project, 20, net_adds=99)  # of a day that has not come

    found = of(grid)

    assert (found["net_adds"].value, found["net_adds"].as_of) == (7, date(2026, 11, 10))
    assert found["net_adds"].source == Source.DAILY
    assert (found["installs"].value, found["installs"].as_of) == (9, date(2026, 11, 8)), "each field by itself"


def test_a_grid_is_the_sum_over_the_projects_that_report_and_says_how_many(grid: Grid, project: Project) -> None:
    second = factories.make_project(grid)
    factories.make_project(grid)
    closed = factories.make_project(grid, is_active=False)
    report(project, 10, net_adds=10)
    report(second, 5, net_adds=-5)

    found = of(grid)["net_adds"]

    assert (found.value, found.reported, found.projects, found.whole) == (5, 2, 3, False)
    assert found.as_of == date(2026, 11, 10)
    assert found.pace == pytest.approx(10 / 10 - 5 / 5), "each project by the day of its own figure"
    assert closed.pk, "what is out of service is not waited for"


def test_the_newer_of_report_and_ledger_counts_in_the_running_month(grid: Grid, project: Project) -> None:
    report(project, 8, net_adds=5)
    ledger(project, datetime(2026, 11, 9, 4, tzinfo=UTC), net_adds=6)
    assert (of(grid)["net_adds"].value, of(grid)["net_adds"].source) == (6, Source.LEDGER)

    report(project, 9, net_adds=7)
    assert (of(grid)["net_adds"].value, of(grid)["net_adds"].source) == (7, Source.DAILY)


def test_the_ledger_goes_before_the_report_once_the_month_is_over(grid: Grid, project: Project) -> None:
    report(project, 30, net_adds=5, renewals=3)
    ledger(project, datetime(2026, 12, 1, 4, tzinfo=UTC), net_adds=8, renewals_done=None)

    found = of(grid, AFTER)

    assert (found["net_adds"].value, found["net_adds"].as_of) == (8, NOVEMBER.last)
    assert (found["renewals"].value, found["renewals"].source) == (3, Source.DAILY), "where the ledger has none"


def test_what_stood_in_the_ledger_early_in_a_month_that_is_over_is_no_result_of_it(
    grid: Grid, project: Project
) -> None:
    ledger(project, datetime(2026, 11, 9, 4, tzinfo=UTC), net_adds=8)
    assert of(grid, AFTER)["net_adds"].as_of == date(2026, 11, 9), "it says of which day it is"
    report(project, 30, net_adds=15)
    assert of(grid, AFTER)["net_adds"].value == 15


def test_a_ledger_row_that_holds_targets_alone_is_no_figure(grid: Grid, project: Project) -> None:
    factories.make_indicator(
        project, NOVEMBER, billing_users=None, ports=None, ports_used=None, target_net_adds=20, target_renewals=3
    )
    assert "net_adds" not in of(grid)
    assert "renewals" not in of(grid, AFTER)


def test_utilisation_is_ports_in_use_of_all_ports(grid: Grid, project: Project) -> None:
    second = factories.make_project(grid, ports=100)
    factories.make_indicator(project, Month(2026, 10), ports=300, ports_used=1)
    report(project, 10, ports_used=150)
    report(second, 10, ports_used=50)

    found = of(grid)["port_utilisation"]

    assert (found.value, found.parts, found.pace) == (50, (200, 400), None)


def test_installs_without_a_report_are_the_subscribers_who_joined(grid: Grid, project: Project) -> None:
    factories.make_subscriber(project, started_on=date(2026, 11, 3))
    factories.make_subscriber(project, started_on=date(2026, 10, 31))
    factories.make_subscriber(project, started_on=date(2026, 11, 13))  # not yet
    without = factories.make_project(grid)

    found = of(grid)["installs"]

    assert (found.value, found.source, found.as_of) == (1, Source.JOINED, THE_12TH)
    assert (found.reported, found.projects) == (1, 2), "no subscriber on record: not known"
    report(without, 10, installs=4)
    assert (of(grid)["installs"].value, of(grid)["installs"].source) == (5, Source.SEVERAL)


def test_a_roster_older_than_the_month_tells_nothing_of_who_joined(
    grid: Grid, project: Project, admin_user: User
) -> None:
    factories.make_subscriber(project, started_on=date(2026, 10, 3))
    Batch.objects.create(
        kind="subscribers", state=Batch.State.APPLIED, sha256="0" * 64, uploaded_by=admin_user,
        applied_at=datetime(2026, 10, 25, tzinfo=UTC),
    )  # fmt: skip
    assert "installs" not in of(grid)


def test_talks_and_outlets_of_the_month_are_counted(grid: Grid, manager: User, outlet: Any) -> None:
    prospect = factories.make_prospect(grid)
    for day in (date(2026, 11, 5), date(2026, 10, 31), date(2026, 11, 13)):
        ProspectTalk.objects.create(prospect=prospect, held_on=day, text="-", by=manager)
    outlet.opened_on = date(2026, 11, 11)
    outlet.save()
    factories.make_outlet(grid, opened_on=date(2026, 11, 2), is_active=False)

    found = of(grid)

    assert (found["talks"].value, found["new_outlets"].value) == (1, 1)
    assert found["talks"].as_of == THE_12TH
    assert of(grid, AFTER)["talks"].value == 2


def test_nothing_is_known_of_a_month_to_come(grid: Grid, project: Project) -> None:
    grids = Grid.objects.filter(pk=grid.pk)
    assert results_of(grids, Month(2026, 12), THE_12TH) == {grid.pk: {}}
    assert results_of_projects(grids, Month(2026, 12), THE_12TH) == {}


def test_the_number_of_queries_does_not_depend_on_the_grids(unit: Unit, grid: Grid, project: Project) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            results_of(Grid.objects.filter(unit=unit), NOVEMBER, THE_12TH)
        return len(seen)

    factories.make_subscriber(project)
    before = queries()
    for _ in range(4):
        for one in factories.make_projects(factories.make_grid(unit), 3):
            report(one, 9, net_adds=1)
            factories.make_subscriber(one)
    assert queries() == before <= 9


def test_renewals_that_nobody_reported_are_those_of_the_warning_lists(grid: Grid, project: Project) -> None:
    def expire(**fields: Any) -> None:
        subscriber = factories.make_subscriber(project, expires_on=date(2026, 11, 20))
        factories.make_warning(subscriber, agent=factories.make_agent(), **fields)
        retally(list(WarningList.objects.values_list("pk", flat=True)), THE_12TH)

    expire()
    assert "renewals" not in of(grid), "a list that nobody works with tells nothing"
    expire(state="renewed", renewed_on=date(2026, 11, 9))
    found = of(grid)["renewals"]
    assert (found.value, found.source, found.as_of) == (1, Source.WARNINGS, THE_12TH)
    report(project, 8, renewals=5)
    assert (of(grid)["renewals"].value, of(grid)["renewals"].source) == (5, Source.DAILY)
