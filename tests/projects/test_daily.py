"""A day's figures of a grid are typed on one page: all or nothing, and nothing lost (S1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gridops.accounts.models import Grid, User
from gridops.common.history import entries_of
from projects.models import DailyResult, Project
from projects.services_daily import Cell, day_rows
from tests import factories

DAY = date(2026, 11, 12)
pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture(autouse=True)
def _the_15th(time_machine: Any) -> None:
    time_machine.move_to("2026-11-15 04:00:00+00:00", tick=False)


@pytest.fixture
def browser(manager: User, client_of: Callable[[User], Client]) -> Client:
    manager.language = "en"
    manager.save()
    return client_of(manager)


def sent(browser: Client, project: Project, day: date = DAY, **fields: object) -> Any:
    """Send some fields of one project, as the page has them; ``was_x`` is what the page had shown."""
    data = {"day": day.isoformat()}
    for name, value in fields.items():
        field = name.removeprefix("was_")
        data[f"{project.pk}-{field}-was" if name.startswith("was_") else f"{project.pk}-{field}"] = value  # type: ignore[assignment]
    return browser.post(reverse("projects:daily-save", args=[project.grid_id]), data)


def cell(answer: Any, project: Project, name: str) -> Cell:
    rows = {row.project.pk: row for row in answer.context["rows"]}
    found: Cell = next(one for one in rows[project.pk].cells if one.name == name)
    return found


def test_all_projects_are_saved_at_once_and_each_has_its_history(browser: Client, grid: Grid, project: Project) -> None:
    second = factories.make_project(grid)
    data = {"day": DAY, f"{project.pk}-installs": "１2", f"{project.pk}-net_adds": "-3"}
    answer = browser.post(reverse("projects:daily-save", args=[grid.pk]), {**data, f"{second.pk}-renewals": "1,020"})
    assert answer.status_code == 302
    rows = {row.project_id: row for row in DailyResult.objects.filter(day=DAY)}
    assert (rows[project.pk].installs, rows[project.pk].net_adds, rows[project.pk].version) == (12, -3, 1)
    assert rows[second.pk].renewals == 1020
    sent(browser, project, installs=13, was_installs=12)
    row = DailyResult.objects.get(project=project)
    assert (row.installs, row.net_adds, row.version) == (13, -3, 2)
    assert len(entries_of(row, 10)) == 2


def test_the_last_figure_of_the_month_stands_beside_the_field(grid: Grid, project: Project) -> None:
    DailyResult.objects.create(project=project, day=date(2026, 10, 31), installs=99)
    DailyResult.objects.create(project=project, day=date(2026, 11, 9), installs=7)
    DailyResult.objects.create(project=project, day=date(2026, 11, 10), net_adds=4)
    installs, net_adds, renewals, _ports = day_rows(grid, DAY)[0].cells
    assert (installs.before, installs.before_on) == (7, date(2026, 11, 9))
    assert net_adds.before == 4
    assert renewals.before is None, "another month's figure says nothing"


def test_a_fault_is_shown_at_its_field_and_nothing_is_saved(browser: Client, grid: Grid, project: Project) -> None:
    second = factories.make_project(grid)
    data = {"day": DAY, f"{project.pk}-installs": "abc", f"{second.pk}-installs": "5"}
    answer = browser.post(reverse("projects:daily-save", args=[project.grid_id]), data)
    assert answer.status_code == 422
    assert (cell(answer, project, "installs").text, cell(answer, second, "installs").text) == ("abc", "5")
    assert cell(answer, project, "installs").fault
    assert not DailyResult.objects.exists()
    assert cell(sent(browser, project, renewals="-1"), project, "renewals").fault


def test_a_figure_that_falls_is_a_question_not_an_error(browser: Client, project: Project) -> None:
    DailyResult.objects.create(project=project, day=date(2026, 11, 11), installs=10, net_adds=10)
    answer = sent(browser, project, installs=8, net_adds=2)
    assert answer.status_code == 422
    assert "Less than the 10" in cell(answer, project, "installs").question
    assert not cell(answer, project, "net_adds").question, "net adds do fall"
    answer = browser.post(
        reverse("projects:daily-save", args=[project.grid_id]),
        {"day": DAY, f"{project.pk}-installs": "8", f"{project.pk}-installs-sure": "on"},
    )
    assert answer.status_code == 302
    assert DailyResult.objects.get(day=DAY).installs == 8


def test_more_ports_in_use_than_there_are_is_a_question(browser: Client, project: Project) -> None:
    assert cell(sent(browser, project, ports_used=401), project, "ports_used").question


def test_what_somebody_else_stored_meanwhile_is_shown_and_not_overwritten(browser: Client, project: Project) -> None:
    DailyResult.objects.create(project=project, day=DAY, installs=10, net_adds=1)
    answer = sent(browser, project, installs=12, net_adds=1, was_net_adds=1)
    assert answer.status_code == 422
    found = cell(answer, project, "installs")
    assert (found.text, found.was, "10" in found.fault) == ("12", 10, True)
    assert DailyResult.objects.get().installs == 10
    assert sent(browser, project, installs=12, was_installs=10).status_code == 302
    assert DailyResult.objects.get().installs == 12


def test_a_row_that_is_emptied_goes(browser: Client, project: Project) -> None:
    DailyResult.objects.create(project=project, day=DAY, installs=10)
    assert sent(browser, project, installs="", was_installs=10).status_code == 302
    assert not DailyResult.objects.exists()


def test_projects_of_others_refuse_everything_and_days_to_come_are_left_alone(
    browser: Client, project: Project, other_project: Project, foreign_project: Project
) -> None:
    data = {"day": DAY, f"{project.pk}-installs": "5", f"{other_project.pk}-installs": "5"}
    assert browser.post(reverse("projects:daily-save", args=[project.grid_id]), data).status_code == 404
    assert not DailyResult.objects.exists()
    assert sent(browser, foreign_project, installs=5).status_code == 404
    sent(browser, project, timezone.localdate() + timedelta(days=1), installs=5)
    assert DailyResult.objects.get().day == timezone.localdate()


def test_a_specialist_looks_on(specialist: User, client_of: Callable[[User], Client], project: Project) -> None:
    browser = client_of(specialist)
    answer = browser.get(reverse("projects:daily"))
    assert "readonly" in answer.content.decode()
    assert sent(browser, project, installs=5).status_code == 403


def test_many_projects_cost_no_more_queries(browser: Client, grid: Grid, project: Project) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(reverse("projects:daily") + f"?day={DAY}").status_code == 200
        return len(seen)

    DailyResult.objects.create(project=project, day=DAY, installs=1)
    queries()
    before = queries()
    for row in factories.make_projects(grid, 12):
        DailyResult.objects.create(project=row, day=DAY, installs=1)
    assert queries() == before
