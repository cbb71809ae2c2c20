"""Agents' lists as workbooks: what they hold, that they can be filled, and that taking them is written down (C4)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from channels.models import Agent
from gridops.accounts.models import AccessRecord, Grid, User
from gridops.common.months import Month
from projects.models import Project
from renewals.choices import State
from renewals.models import ExpiryWarning, Subscriber
from renewals.services_records import set_right
from tests import factories

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
MONTH = Month(2026, 12)


@pytest.fixture
def warnings(project: Project, agent: Agent) -> list[ExpiryWarning]:
    """Two of the agent's, one of the pool, all of one list."""
    subscribers = [
        factories.make_subscriber(
            project, f"0280000000{n}", name="=1+1" if n == 1 else "王芳", expires_on=MONTH.day(20 - n), monthly_fee=89
        )
        for n in range(3)
    ]
    return [factories.make_warning(row, agent=agent if n < 2 else None) for n, row in enumerate(subscribers)]


def sheet_of(answer: Any) -> Any:
    return load_workbook(io.BytesIO(b"".join(answer))).worksheets[0]


def test_an_agents_list_has_a_place_for_results_and_starts_no_formula(
    client_of: ClientOf, manager: User, warnings: list[ExpiryWarning], agent: Agent
) -> None:
    set_right(warnings[0].subscriber, "19911112222", manager, timezone.now())
    url = reverse("renewals:list-sheets", args=[warnings[0].warning_list_id])
    answer = client_of(manager).get(url, {"agent": agent.pk})
    sheet = sheet_of(answer)
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert rows[0] == (
        *("清单月份", "用户账号", "姓名", "电话", "地址", "项目", "产品", "月费", "到期日期", "状态"),
        *("回访日期", "方式", "结果", "承诺日期", "流失原因", "备注"),
    )
    assert [row[1] for row in rows[1:]] == ["02800000001", "02800000000"]  # the next to expire first
    assert rows[1][2] == "=1+1"
    assert sheet["C3"].data_type == "s"
    assert sheet["C3"].quotePrefix
    assert rows[2][3] == "19911112222"
    assert all(row[10:] == (None,) * 6 for row in rows[1:])
    rules = {
        str(rule.sqref): (rule.type, rule.formula1, rule.formula2) for rule in sheet.data_validations.dataValidation
    }
    assert rules["K3:K4"][0] == "date"
    assert rules["K3:K4"][2] == "TODAY()"
    assert rules["L3:L4"][:2] == ("list", '"电话,上门"')
    assert rules["M3:M4"][0] == rules["O3:O4"][0] == "list"
    assert sheet.freeze_panes == "D3"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.page_setup.fitToWidth == 1
    record = AccessRecord.objects.get()
    assert (record.user, record.rows, record.kind) == (manager, 2, AccessRecord.Kind.EXPORT)


def test_all_agents_of_a_grid_come_in_one_zip_the_pool_last(
    client_of: ClientOf, specialist: User, warnings: list[ExpiryWarning], agent: Agent
) -> None:
    answer = client_of(specialist).get(reverse("renewals:list-sheets", args=[warnings[0].warning_list_id]))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    assert archive.namelist() == [
        "续费回访清单-2026-12-锦江01网格-锦江通信服务部.xlsx",
        "续费回访清单-2026-12-锦江01网格-网格经理自跟.xlsx",
    ]
    assert [load_workbook(archive.open(name)).worksheets[0].max_row for name in archive.namelist()] == [4, 3]
    assert AccessRecord.objects.get().rows == 3


def test_what_is_closed_stays_out_unless_it_is_asked_for(
    client_of: ClientOf, manager: User, warnings: list[ExpiryWarning], agent: Agent
) -> None:
    ExpiryWarning.objects.filter(pk=warnings[0].pk).update(state=State.RENEWED, renewed_on=date(2026, 11, 20))
    client, url = client_of(manager), reverse("renewals:list-sheets", args=[warnings[0].warning_list_id])
    assert sheet_of(client.get(url, {"agent": agent.pk})).max_row == 3
    assert sheet_of(client.get(url, {"agent": str(agent.pk), "all": "1"})).max_row == 4
    ExpiryWarning.objects.update(state=State.RENEWED, renewed_on=date(2026, 11, 20))
    answer = client.get(url)
    assert answer.status_code == 302
    assert AccessRecord.objects.count() == 2


def test_agent_staff_take_their_own_agents_list_alone(
    client_of: ClientOf, agent_staff_user: User, warnings: list[ExpiryWarning], other_project: Project
) -> None:
    other = factories.make_agent(owns=[other_project])
    foreign = factories.make_subscriber(other_project, expires_on=MONTH.day(9))
    factories.make_warning(foreign, agent=other)
    client, url = client_of(agent_staff_user), reverse("renewals:own-sheet")
    wanted: tuple[dict[str, str], ...] = ({"month": "2026-12"}, {})
    for asked in wanted:
        rows = sheet_of(client.get(url, asked)).iter_rows(min_row=3, values_only=True)
        assert [row[1] for row in rows] == ["02800000001", "02800000000"]
    assert [record.rows for record in AccessRecord.objects.all()] == [2, 2]
    assert client.get(url, {"month": "2026-10"}).status_code == 302


def test_another_grids_agent_is_not_found_on_this_list(
    client_of: ClientOf, manager: User, warnings: list[ExpiryWarning]
) -> None:
    other = factories.make_agent()
    url = reverse("renewals:list-sheets", args=[warnings[0].warning_list_id])
    for asked in (str(other.pk), "0", "x", "9" * 30):
        assert client_of(manager).get(url, {"agent": asked}).status_code == 404
    assert not AccessRecord.objects.exists()


def test_a_list_of_any_length_costs_the_same_queries(
    client_of: ClientOf, manager: User, grid: Grid, project: Project, agent: Agent, django_assert_max_num_queries: Any
) -> None:
    first = factories.make_warning(factories.make_subscriber(project, expires_on=MONTH.day(3)), agent=agent)
    rows = Subscriber.objects.bulk_create(
        Subscriber(project=project, account=f"N{n:05d}", name="王芳", expires_on=MONTH.day(4)) for n in range(300)
    )
    ExpiryWarning.objects.bulk_create(
        ExpiryWarning(
            warning_list=first.warning_list,
            month=MONTH.first,
            subscriber=row,
            agent=agent,
            expires_on=MONTH.day(4),
            state=State.ASSIGNED,
            next_step="call",
            next_on=MONTH.first,
        )
        for row in rows
    )
    client, url = client_of(manager), reverse("renewals:list-sheets", args=[first.warning_list_id])
    with django_assert_max_num_queries(14):
        assert sheet_of(client.get(url, {"agent": agent.pk})).max_row == 303
