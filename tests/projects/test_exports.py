"""The ledgers as files: laid out as the handbook prints them, of any month, and read again without a change (P1-P3)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from gridops.accounts.models import AccessRecord, Grid, Unit, User
from gridops.common.months import Month
from gridops.workbooks import services
from gridops.workbooks.models import Batch
from projects.models import CounterMeasure, Ledger, MonthlyIndicator, Operator, Project
from projects.services_snapshots import take
from tests import factories
from tests.workbooks.conftest import counts

pytestmark = pytest.mark.django_db
NOW = Month.of(timezone.localdate())
LAST = NOW.plus(-1)
ClientOf = Callable[[User], Client]


@pytest.fixture
def filled(project: Project, other_project: Project, manager: User) -> Project:
    """A project with something in every field, and a neighbour in another grid that says little."""
    Project.objects.filter(pk=project.pk).update(
        name="锦绣花园(一期)",
        address="春熙路1号\r\n东门  旁",
        built_on=date(2016, 5, 1),
        nature=Project.Nature.MIXED,
        access=Project.Access.FTTH,
        property_company='=HYPERLINK("http://x")',
        property_contact="-李伟",
        property_phone="028-8666 8888",
        property_rebate="@每月2%",
        occupancy=Decimal("0.5"),
        rivals="+电信",
        market_share=Decimal(100),
        agent_name="锦江通信服务部",
        longitude=Decimal("104.066541"),
        latitude=Decimal("30.572269"),
    )
    common: dict[str, Any] = {
        "billing_users": 150,
        "billing_revenue": Decimal("10000.10"),
        "commission": Decimal("88.5"),
    }
    for month, net_adds in ((LAST, 5), (NOW, -3)):
        factories.make_indicator(
            project,
            month,
            net_adds=net_adds,
            renewals_due=9,
            renewals_done=6,
            target_net_adds=12,
            target_renewals=7,
            target_port_utilisation=Decimal("72.5"),
            **common,
        )
    for operator in Operator.objects.in_use():
        factories.make_offer(project, operator, f"={operator.name}!A1\r\n(100M 59元)", LAST.first)
    CounterMeasure.objects.create(project=project, noted_on=LAST.first, text="驻点促销;\n主推融合", by=manager)
    return Project.objects.get(pk=project.pk)


def fetch(client: Client, ledger: str, month: Month = NOW, **query: Any) -> bytes:
    response: Any = client.get(reverse("projects:ledger-export", args=[ledger]), {"month": str(month), **query})
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def page_of(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content)).worksheets[0]


def texts(content: bytes) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in page_of(content).iter_rows()]


def again(content: bytes, user: User, name: str = "x.xlsx") -> Batch:
    """What importing the file would do, the kind being recognised from the header."""
    batch = services.finish(services.receive(ContentFile(content, name), user))
    assert batch.state == Batch.State.MATCHED, batch.fault
    batch = services.finish(services.confirm_columns(batch))
    assert batch.state == Batch.State.CHECKED, batch.fault
    return batch


# --- Layout ---


def test_basics_have_the_handbooks_fourteen_columns_after_the_key(
    filled: Project, manager: User, client_of: ClientOf
) -> None:
    rows = texts(fetch(client_of(manager), "basics"))
    assert rows[0][0] == f"项目基础信息台账 · 锦江01网格 · {NOW.year}年{NOW.month}月"
    assert rows[1][:15] == [
        "项目编码",
        *("项目名称", "项目详细地址", "建成时间", "项目性质", "覆盖户数", "接入方式", "端口数", "物业方", "物业联系人"),
        *("联系电话", "物业返利情况", "入住情况", "竞争对手情况", "市场份额"),
    ]
    assert rows[2][4] == "商住"
    assert rows[3][:1] == ["合计"]
    assert [cell.partition(":")[0] for cell in rows[-1] if cell] == ["填报人", "审核人", "日期"]


def test_indicators_have_two_header_rows_grouped_as_in_the_handbook(
    filled: Project, manager: User, client_of: ClientOf
) -> None:
    content = fetch(client_of(manager), "indicators")
    groups, headers, row = texts(content)[1:4]
    assert groups == [
        *("项目编码", "项目名称", "出账用户数", "出账收入", "净增用户", None, None),
        *("续费指标", None, None, None, None, "端口资源利用率", None, None, None, None, "佣金返利", None),
    ]
    assert headers == [
        *(None, None, None, None, "上月", "本月任务", "本月", "上月", "本月任务", "到期数", "完成数", "续费率"),
        *("上月", "本月任务", "端口数", "占用端口数", "本月", "上月", "本月"),
    ]
    assert row[:7] == ["P000001", "锦绣花园(一期)", 150, 10000.1, 5, 12, -3]
    assert row[7:] == [6, 7, 9, 6, 0.667, 0.5, 0.725, 400, 200, 0.5, 88.5, 88.5]
    merged = {str(one) for one in page_of(content).merged_cells.ranges}
    assert {"A1:S1", "A2:A3", "E2:G2", "H2:L2", "M2:Q2", "R2:S2"} <= merged


def test_rivals_have_a_column_for_each_operator_in_use(filled: Project, admin_user: User, client_of: ClientOf) -> None:
    Operator.objects.filter(name="艾普").update(is_active=False)
    Operator.objects.create(name="=广电/其他", position=9)
    content = fetch(client_of(admin_user), "rivals", grid=filled.grid_id)
    rows = texts(content)
    assert rows[1] == ["项目编码", "项目名称", "电信", "移动", "长宽", "其他", "=广电/其他", "建议应对措施"]
    assert rows[2][2:4] == ["=电信!A1\n(100M 59元)", "=移动!A1\n(100M 59元)"]
    assert counts(again(content, admin_user)) == (0, 0, 1, 0)


@pytest.mark.parametrize("ledger", Ledger.values)
def test_a_file_is_set_up_to_be_printed_on_a4_and_holds_no_formula(
    ledger: str, filled: Project, manager: User, client_of: ClientOf
) -> None:
    page = page_of(fetch(client_of(manager), ledger))
    setup = page.page_setup
    assert (setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight) == ("landscape", 9, 1, 0)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    depth = 3 if ledger == "indicators" else 2
    assert page.print_title_rows == f"$1:${depth}"
    assert page.freeze_panes == f"C{depth + 1}"
    assert "&P" in page.oddFooter.right.text
    assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)


def test_figures_are_numbers_dates_and_percentages_in_the_file(
    filled: Project, manager: User, client_of: ClientOf
) -> None:
    page = page_of(fetch(client_of(manager), "basics"))
    assert (page["D3"].value.date(), page["D3"].number_format) == (date(2016, 5, 1), "yyyy-mm-dd")
    assert (page["F3"].value, page["M3"].value, page["M3"].number_format) == (500, 0.005, "0.00%_ ")
    assert (page["K3"].value, page["K3"].number_format) == ("028-8666 8888", "@")
    assert page["I3"].quotePrefix


# --- There and back ---


@pytest.mark.parametrize("ledger", Ledger.values)
def test_the_same_file_imports_again_without_a_change(
    ledger: str, filled: Project, admin_user: User, client_of: ClientOf
) -> None:
    for content in (fetch(client_of(admin_user), ledger), fetch(client_of(admin_user), ledger, grid=filled.grid_id)):
        batch = again(content, admin_user)
        assert batch.kind == {"basics": "projects"}.get(ledger, ledger)
        assert counts(batch) == (0, 0, batch.rows_read, 0), [row.values for row in batch.rows.all()]
        assert batch.rows_read >= 1
        assert batch.month == NOW.first


@pytest.mark.parametrize("ledger", Ledger.values)
def test_a_file_that_another_program_has_saved_imports_without_a_change_too(
    ledger: str, filled: Project, admin_user: User, client_of: ClientOf
) -> None:
    book = load_workbook(io.BytesIO(fetch(client_of(admin_user), ledger)))
    saved = io.BytesIO()
    book.save(saved)
    batch = again(saved.getvalue(), admin_user)
    assert counts(batch) == (0, 0, batch.rows_read, 0)


@pytest.mark.parametrize("ledger", Ledger.values)
def test_past_months_import_again_without_a_change(
    ledger: str, filled: Project, unit: Unit, admin_user: User, client_of: ClientOf
) -> None:
    take(LAST, unit)
    batch = again(fetch(client_of(admin_user), ledger, LAST), admin_user)
    assert batch.month == LAST.first
    assert counts(batch) == (0, 0, batch.rows_read, 0)
    assert batch.rows_read >= 1


def test_a_cell_changed_in_the_file_is_the_only_change(filled: Project, admin_user: User, client_of: ClientOf) -> None:
    book = load_workbook(io.BytesIO(fetch(client_of(admin_user), "indicators")))
    page: Any = book.worksheets[0]
    page["G4"] = 44
    saved = io.BytesIO()
    book.save(saved)
    batch = again(saved.getvalue(), admin_user)
    assert counts(batch) == (0, 1, batch.rows_read - 1, 0)
    services.finish(services.apply(batch, valid_only=False))
    row = MonthlyIndicator.objects.get(project=filled, month=NOW.first)
    assert (row.net_adds, row.billing_revenue, row.target_net_adds) == (44, Decimal("10000.10"), 12)


# --- Which rows ---


def test_past_basics_are_those_kept_when_the_month_ended(
    filled: Project, unit: Unit, manager: User, client_of: ClientOf
) -> None:
    take(LAST, unit)
    Project.objects.filter(pk=filled.pk).update(households=999)
    assert texts(fetch(client_of(manager), "basics", LAST))[2][5] == 500
    assert texts(fetch(client_of(manager), "basics", NOW))[2][5] == 999
    assert texts(fetch(client_of(manager), "basics", LAST.plus(-1)))[2][0] == "合计"


def test_rivals_of_a_past_month_are_what_was_known_when_it_ended(
    project: Project, manager: User, client_of: ClientOf
) -> None:
    factories.make_offer(project, text="旧价", seen_on=LAST.first)
    factories.make_offer(project, text="新价", seen_on=NOW.first)
    assert texts(fetch(client_of(manager), "rivals", LAST))[2][2] == "旧价"
    assert texts(fetch(client_of(manager), "rivals", NOW))[2][2] == "新价"


def test_every_project_in_service_has_a_row_to_be_filled_in(
    project: Project, grid: Grid, admin_user: User, client_of: ClientOf
) -> None:
    gone = factories.make_project(grid, "P000010", is_active=False)
    factories.make_project(grid, "P000011", is_active=False)
    factories.make_indicator(gone, NOW)
    content = fetch(client_of(admin_user), "indicators")
    assert [row[0] for row in texts(content)[3:5]] == ["P000001", "P000010"]
    batch = again(content, admin_user)
    assert (counts(batch), batch.rows_skipped) == ((0, 0, 1, 0), 4)  # one to fill in, total, blank, signed


@pytest.mark.parametrize("ledger", Ledger.values)
def test_no_row_of_another_unit_or_grid_is_in_a_file(
    ledger: str, filled: Project, foreign_project: Project, manager: User, supervisor: User, client_of: ClientOf
) -> None:
    factories.make_indicator(foreign_project, NOW)
    factories.make_offer(foreign_project)
    own = fetch(client_of(manager), ledger)
    unit = fetch(client_of(supervisor), ledger)
    codes = {cell.value for row in page_of(own).iter_rows(max_col=1) for cell in row}
    assert "P000001" in codes
    assert not {"P000002", "P000003"} & codes
    codes = {cell.value for row in page_of(unit).iter_rows(max_col=1) for cell in row}
    assert {"P000001", "P000002"} <= codes
    assert "P000003" not in codes
    assert "锦江区经营单位" in texts(unit)[0][0]


def test_a_foreign_grid_and_an_unknown_ledger_are_not_found(
    foreign_grid: Grid, manager: User, client_of: ClientOf
) -> None:
    client = client_of(manager)
    for ledger, grid in (("basics", foreign_grid.pk), ("basics", "x"), ("basics", "9" * 30), ("other", "")):
        assert client.get(reverse("projects:ledger-export", args=[ledger]), {"grid": grid}).status_code == 404


def test_an_export_is_written_down_with_its_rows_before_it_leaves(
    filled: Project, manager: User, client_of: ClientOf
) -> None:
    response = client_of(manager).get(reverse("projects:ledger-export", args=["basics"]))
    record = AccessRecord.objects.get()
    assert (record.kind, record.subject, record.rows) == (AccessRecord.Kind.EXPORT, f"projects:ledger:basics:{NOW}", 1)
    assert response.streaming


@pytest.mark.parametrize("ledger", Ledger.values)
def test_many_projects_cost_no_more_queries(ledger: str, grid: Grid, manager: User, client_of: ClientOf) -> None:
    client, asked = client_of(manager), []
    fetch(client, ledger)  # the session learns the month
    for more in (20, 300):
        factories.make_indicators(factories.make_projects(grid, more), NOW, LAST)
        with CaptureQueriesContext(connection) as queries:
            fetch(client, ledger)
        asked.append(len(queries))
    assert asked[0] == asked[1]
