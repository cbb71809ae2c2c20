"""佣金发放: as the unit hands it over, clean and messy; its sums in the ledger; and back again (P2, P5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from channels.models import Agent, Paid
from gridops.accounts.models import User
from gridops.common.months import Month
from gridops.workbooks import services
from gridops.workbooks.trail import trail
from projects.models import MonthlyIndicator, Project
from tests.projects.cells import put, rows_of
from tests.workbooks.conftest import Import, counts, faults

pytestmark = pytest.mark.django_db

HEADER = ["月份", "代理商编码", "项目编码", "佣金类别", "数量", "金额"]
MONTH = date(2026, 10, 1)
OCTOBER = Month.of(MONTH)
ClientOf = Callable[[User], Client]


def row(kind: str = "新装", pieces: Any = 6, amount: Any = 360, *, month: Any = "2026-10", **other: Any) -> list[Any]:
    return [month, other.get("agent", "D0001"), other.get("project", "P000001"), kind, pieces, amount]


def stands(project: Project, month: date = MONTH) -> Decimal | None:
    return MonthlyIndicator.objects.get(project=project, month=month).commission


def test_the_messy_roster_is_read(imported: Import, agent: Agent, project: Project) -> None:
    rows = [
        ["佣金发放(填报单位:________)"],
        [],
        ["月份 ", "代理商编码*", "项目编码\n", "佣金类别", "数量", "金额 "],
        row(month="2026年10月"),
        [],
        row("续费", "\uff11\uff12", "1,180.50", month="2026.10", agent=" D0001\u3000"),
        row("新装扣回", -1, -60.5, month=date(2026, 10, 15)),
        row(month="202609", pieces=None),
        row("新装", project="P999999"),
        row("其他", amount=None),
        row("续费", month="2027-01"),
        row(month="2026/10"),
        [],
        ["合计", 8, None, None, None, None],
    ]
    batch = imported(rows)
    assert (batch.kind, counts(batch)) == ("commission", (4, 0, 0, 4))
    assert faults(batch) == {"C9": "unknown", "F10": "required", "A11": "not_yet", "A12": "twice"}
    assert sorted(Paid.objects.filter(month=MONTH).values_list("kind", "quantity", "amount")) == [
        ("新装", 6, 360),
        ("新装扣回", -1, Decimal("-60.50")),
        ("续费", 12, Decimal("1180.50")),
    ]
    assert stands(project) == Decimal("1480.00")
    assert stands(project, date(2026, 9, 1)) == Decimal(360)


def test_undoing_brings_back_what_stood_in_the_ledger(
    imported: Import, agent: Agent, project: Project, other_project: Project
) -> None:
    kept = MonthlyIndicator.objects.create(project=project, month=MONTH, billing_users=100, commission=99)
    first = imported([HEADER, row(), row(project="P000002", month="2026-09")])
    second = imported([HEADER, row(amount="400.10")])
    assert stands(project) == Decimal("400.10")
    services.finish(services.undo(second))
    assert stands(project) == Decimal(360)
    services.finish(services.undo(first))
    kept.refresh_from_db()
    assert [kept.commission, kept.commission_from_roster, kept.commission_typed] == [99, False, None]
    assert not MonthlyIndicator.objects.filter(project=other_project).exists(), "nothing else stood in the row"
    steps = [(c.old, c.new) for step in trail(kept) for c in step.changes if c.field == "commission"]
    assert steps[:4] == [("360.00", "99.00"), ("400.10", "360.00"), ("360.00", "400.10"), ("99.00", "360.00")]


def test_the_months_other_figures_are_not_newer_for_it(imported: Import, agent: Agent, project: Project) -> None:
    MonthlyIndicator.objects.create(project=project, month=MONTH, net_adds=3)
    written = datetime(2026, 10, 10, 4, tzinfo=UTC)
    MonthlyIndicator.objects.update(updated_at=written)
    imported([HEADER, row()])
    assert [stands(project), MonthlyIndicator.objects.get().updated_at] == [360, written]


def test_a_supervisor_brings_the_own_units_rows_only(
    imported: Import, supervisor: User, agent: Agent, project: Project, foreign_project: Project
) -> None:
    batch = imported([HEADER, row(), row(project="P000003")], user=supervisor)
    assert counts(batch) == (1, 0, 0, 1)
    assert faults(batch) == {"C3": "unknown_to_you"}


@pytest.mark.usefixtures("english")
def test_the_sum_is_not_typed_over(
    imported: Import, agent: Agent, project: Project, manager: User, client_of: ClientOf
) -> None:
    imported([HEADER, row()])
    manager.language = "en"
    manager.save()
    client = client_of(manager)
    assert rows_of(client, "indicators", f"?month={OCTOBER}")[project.pk]["_fed"] == ["commission"]
    (cell,) = put(client, "indicators", (project, "commission", "500", 360.0), month=OCTOBER)
    assert [cell["state"], "佣金发放" in cell["text"], stands(project)] == ["fault", True, 360]
    (cell,) = put(client, "indicators", (project, "billing_users", "500", None), month=OCTOBER)
    assert cell["state"] == "saved"
    card = client.get(f"/projects/ledgers/indicators/{project.pk}/?month={OCTOBER}").content.decode()
    assert 'name="commission"' not in card
    assert "佣金发放" in card
    client.post(f"/projects/ledgers/indicators/{project.pk}/?month={OCTOBER}", {"commission": "7"})
    assert stands(project) == 360


def test_the_roster_of_indicators_does_not_write_over_the_sum(imported: Import, agent: Agent, project: Project) -> None:
    header = ["月份", "项目编码", "出账用户数", "佣金返利"]
    before = imported([header, ["2026-10", "P000001", 100, 99]])
    imported([HEADER, row()])
    batch = imported([header, ["2026-10", "P000001", 110, 99], ["2026-11", "P000001", 110, 360]])
    assert faults(batch) == {"D2": "from_roster"}
    batch = imported([header, ["2026-10", "P000001", 120, None]])
    assert [counts(batch), stands(project)] == [(0, 1, 0, 0), 360]
    services.finish(services.undo(batch))
    services.finish(services.undo(before))
    assert stands(project) == 360, "the row that the first import made went, the sum stands again"
    assert Paid.objects.count() == 1


def test_a_preview_of_indicators_from_before_leaves_the_sum(
    imported: Import, preview: Import, agent: Agent, project: Project
) -> None:
    MonthlyIndicator.objects.create(project=project, month=MONTH, commission=50)
    waiting = preview([["月份", "项目编码", "佣金返利"], ["2026-10", "P000001", 99]])
    paid = imported([HEADER, row()])
    services.finish(services.apply(waiting, valid_only=True))
    assert stands(project) == 360
    services.finish(services.undo(paid))
    assert stands(project) == 99
