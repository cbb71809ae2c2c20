"""The plan on paper: as a workbook and as a page to print, with every number that stands on its page (S1)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from math import ceil
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from gridops.accounts.models import AccessRecord, Grid, Unit, User
from gridops.workbooks.printed import units
from gridops.workbooks.printed_pages import PART_LINES, Cell, parts
from plans.models import Outcome, Plan, PlanEvent
from plans.paper import papers_of
from tests import factories
from tests.plans.papers import DECEMBER, FORMULA, LONG, THE_26TH, filled_plan

pytestmark = [pytest.mark.django_db]
ClientOf = Callable[[User], Client]
A4 = 9
NET_ADDS, UTILISATION = "净增", "端口资源利用率（%）"


@pytest.fixture(autouse=True)
def _moment() -> Any:
    with time_machine.travel(THE_26TH, tick=False):
        yield


@pytest.fixture
def filled(grid: Grid, manager: User) -> Plan:
    factories.make_target(grid, DECEMBER, net_adds=31, renewals=88)
    factories.make_target(grid, DECEMBER.plus(-1), net_adds=20, renewals=15)
    return filled_plan(grid, manager)


def fetch(client: Client, plan: Plan) -> Any:
    response: Any = client.get(reverse("plans:workbook", args=[plan.pk]))
    assert response.status_code == 200
    return load_workbook(io.BytesIO(b"".join(response.streaming_content)))


def values(sheet: Any) -> list[Any]:
    return [cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None]


def rows(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]


# --- The workbook ---


def test_the_workbook_holds_the_plan_its_splits_and_the_timetable(
    client_of: ClientOf, manager: User, filled: Plan
) -> None:
    plan, split, agents, sessions = fetch(client_of(manager), filled).worksheets
    goals = {row[0]: row[1:] for row in rows(plan) if row}
    assert goals[NET_ADDS] == [31, 15, 20, 12, -8]
    assert goals[UTILISATION][:2] == [0.6125, 0.5]
    assert {"锦江01网格", "张经理", "拜访开发商", "每周五复盘", "第一段\n第二段"} <= set(values(plan))
    first, *_others, last, total = [row for row in rows(split) if len(row) > 3][1:]
    assert first[:1] + first[3:] == [1, 200, 200, 0.8, 5, "手工指定", "新楼交付,先占端口"]
    assert last[7:] == [-12, last[8], LONG]
    assert "1.2" in last[8]
    assert "3.4" in last[8]
    assert total[1:] == [600, 600, 15]
    assert [row[-3:] for row in rows(agents)[2:5]] == [[90, 70, 0.777778], [10, 7, 0.7], [100, 77, 0.77]]
    assert sum(row[0] == THE_26TH.date() or "东门岗亭旁" in row for row in rows(sessions) if row) == 31


def test_no_text_of_a_plan_starts_a_formula(client_of: ClientOf, manager: User, filled: Plan) -> None:
    book = fetch(client_of(manager), filled)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert [cell.quotePrefix for cell in cells if cell.value == FORMULA] == [True]


def test_each_sheet_is_set_up_for_a4_with_rows_that_repeat(client_of: ClientOf, manager: User, filled: Plan) -> None:
    book = fetch(client_of(manager), filled)
    found = []
    for sheet in book:
        assert sheet.page_setup.paperSize == A4
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_area.endswith(f"${sheet.max_row}")
        found.append((sheet.page_setup.orientation, sheet.print_title_rows))
    assert found == [("portrait", "$1:$1"), ("landscape", "$1:$2"), ("portrait", "$1:$2"), ("landscape", "$1:$2")]


def test_the_plan_is_signed_below(client_of: ClientOf, manager: User, filled: Plan) -> None:
    signed = rows(fetch(client_of(manager), filled).worksheets[0])[-1]
    assert [text.endswith("____") for text in signed] == [True] * 3


def test_long_texts_wrap_in_rows_that_are_high_enough(client_of: ClientOf, manager: User, filled: Plan) -> None:
    split = fetch(client_of(manager), filled).worksheets[1]
    cell = next(cell for row in split.iter_rows() for cell in row if cell.value == LONG)
    assert cell.alignment.wrap_text
    lines = 2 * len(LONG) / (1.1 * split.column_dimensions[cell.column_letter].width)
    assert split.row_dimensions[cell.row].height > 13 * lines


def test_figures_are_written_as_people_read_them() -> None:
    cells = [
        Cell(1234.0, "integer"),
        Cell(-8.0, "signed"),
        Cell(0, "signed"),
        Cell(Decimal("1.25"), "points"),
        Cell(None),
    ]
    assert [cell.text for cell in cells] == ["1,234", "-8", "0", "+1.2", "—"]


def test_a_text_longer_than_a_page_is_several_rows() -> None:
    text = "宽带" * 2000 + "\n" + "word " * 400
    found = parts(text, 100)
    assert len(found) > 2
    assert all(sum(ceil(units(line) / 90) for line in part.splitlines()) <= PART_LINES + 2 for part in found)
    assert "".join(found).replace("\n", "") == text.replace("\n", "")


def test_what_became_of_a_month_that_was_settled_stands_in_it(client_of: ClientOf, manager: User, filled: Plan) -> None:
    Outcome.objects.create(plan=filled, goal="net_adds", planned=15, done=11, source="ledger", as_of=DECEMBER.last)
    filled.project_shares.update(done=4)
    plan, split, *_rest = fetch(client_of(manager), filled).worksheets
    assert [15, 11, -4] in [row[1:4] for row in rows(plan) if row and row[0] == NET_ADDS]
    assert [row[-1] for row in rows(split)[-3:] if row and row[0] == "合计"] == [12]


def test_an_approval_by_a_deputy_says_for_whom(
    client_of: ClientOf, manager: User, supervisor: User, unit: Unit, filled: Plan
) -> None:
    deputy = factories.make_user(name="郑代理主管", role="supervisor", unit=unit)
    PlanEvent.objects.create(
        plan=filled, action=PlanEvent.Action.APPROVED, by=deputy, stands_in_for=supervisor, at=THE_26TH
    )
    texts = " ".join(str(value) for value in values(fetch(client_of(manager), filled).worksheets[0]))
    assert "2026-11-26 10:20 郑代理主管" in texts
    assert "赵主管" in texts


def test_a_return_is_no_decision_any_more_when_the_plan_was_handed_in_again(
    manager: User, supervisor: User, filled: Plan
) -> None:
    def decision() -> PlanEvent | None:
        return papers_of(Plan.objects.filter(pk=filled.pk), DECEMBER, THE_26TH.date())[0].decision

    back = PlanEvent.objects.create(plan=filled, action="returned", by=supervisor, at=THE_26TH, reason="?")
    assert decision() == back
    PlanEvent.objects.create(plan=filled, action="submitted", by=manager, at=THE_26TH)
    assert decision() is None


def test_the_workbook_speaks_the_language_of_who_asks(client_of: ClientOf, grid: Grid, filled: Plan) -> None:
    reader = factories.make_manager(grid, language="en")
    book = fetch(client_of(reader), filled)
    assert book.sheetnames[0] == "Monthly plan"
    assert {"net adds", "grid manager", "submitted"} <= set(values(book.worksheets[0]))


def test_an_export_of_a_plan_is_written_down(client_of: ClientOf, manager: User, filled: Plan) -> None:
    fetch(client_of(manager), filled)
    record = AccessRecord.objects.get()
    assert (record.user, record.kind, record.subject) == (manager, AccessRecord.Kind.EXPORT, f"plans:plan:{filled.pk}")


# --- All approved plans of a month ---


def packed(client: Client) -> zipfile.ZipFile:
    response: Any = client.get(reverse("plans:workbooks"), {"month": "2026-12"})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


@pytest.fixture
def approved(filled: Plan, other_grid: Grid, foreign_grid: Grid, colleague: User, stranger: User) -> None:
    filled_plan(other_grid, colleague)
    filled_plan(foreign_grid, stranger)
    Plan.objects.filter(month=DECEMBER.first).update(state=Plan.State.APPROVED)


def test_the_approved_plans_of_a_supervisors_grids_come_in_one_package(
    client_of: ClientOf, supervisor: User, approved: None
) -> None:
    archive = packed(client_of(supervisor))
    assert archive.testzip() is None
    assert [name.rpartition("/")[2] for name in archive.namelist()] == [
        "月度工作计划-锦江01网格-2026-12.xlsx",
        "月度工作计划-锦江02网格-2026-12.xlsx",
    ]
    book = load_workbook(io.BytesIO(archive.read(archive.namelist()[1])))
    assert "锦江02网格" in values(book.worksheets[0])
    assert AccessRecord.objects.get().rows == 2


def test_the_package_is_written_in_the_readers_language_though_it_is_made_while_it_leaves(
    client_of: ClientOf, unit: Unit, approved: None
) -> None:
    reader = factories.make_user(role="supervisor", unit=unit, language="en")
    response: Any = client_of(reader).get(reverse("plans:workbooks"), {"month": "2026-12"})
    with translation.override("zh-hans"):
        archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert archive.namelist()[0].endswith("Monthly plan-锦江01网格-2026-12.xlsx")


def test_the_inbox_offers_the_package_once_a_plan_is_approved(
    client_of: ClientOf, supervisor: User, filled: Plan
) -> None:
    client, address = client_of(supervisor), reverse("plans:workbooks")
    assert address not in client.get(reverse("plans:inbox"), {"month": "2026-12"}).content.decode()
    Plan.objects.filter(pk=filled.pk).update(state=Plan.State.APPROVED)
    assert address in client.get(reverse("plans:inbox"), {"month": "2026-12"}).content.decode()


def test_a_month_without_an_approved_plan_says_so(client_of: ClientOf, supervisor: User, filled: Plan) -> None:
    response: Any = client_of(supervisor).get(reverse("plans:workbooks"), {"month": "2026-12"})
    assert response.status_code == 302
    assert not AccessRecord.objects.exists()


def test_the_number_of_queries_does_not_depend_on_the_plans(unit: Unit, manager: User, filled: Plan) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            papers = papers_of(Plan.objects.filter(month=DECEMBER.first), DECEMBER, THE_26TH.date())
            for paper in papers:
                assert paper.shares
                assert paper.steps
        return len(seen)

    first = cost()
    for number in range(4):
        filled_plan(factories.make_grid(unit), manager, projects=2 + number, steps=number)
    assert cost() == first


# --- The page to print ---


def test_the_page_to_print_says_what_the_workbook_says(client_of: ClientOf, manager: User, filled: Plan) -> None:
    page = client_of(manager).get(reverse("plans:paper", args=[filled.pk])).content.decode()
    for value in (
        "1,234",
        "61.2 %",
        "拜访开发商",
        "每周五复盘",
        "新楼交付,先占端口",
        "东门岗亭旁",
        "<p>第一段<br>第二段</p>",
    ):
        assert value in page
    assert page.count("东门岗亭旁") == 31
    assert "data-print" in page


def test_the_page_to_print_costs_the_same_for_a_large_plan(
    client_of: ClientOf, manager: User, other_grid: Grid, colleague: User, filled: Plan
) -> None:
    large = filled_plan(other_grid, colleague, projects=30, steps=20)

    def cost(user: User, plan: Plan) -> int:
        client = client_of(user)
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse("plans:paper", args=[plan.pk]))
        return len(seen)

    assert cost(manager, filled) == cost(colleague, large)
