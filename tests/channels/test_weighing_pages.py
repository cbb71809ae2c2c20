"""Input against output: filled with what is known, reckoned, kept by version, handed over as a workbook (P5)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from channels.models import Agent, AgentStaff, Rate, Weighing
from channels.rules_weighing import from_json, weigh
from channels.services_weighing import begin
from channels.weighing_facts import origin_text
from gridops.accounts.models import AccessRecord, Unit, User
from gridops.common.months import Month
from projects.models import MonthlyIndicator, Project
from projects.models_daily import DailyResult
from tests.factories_channels import make_paid, make_scheme

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
TODAY, NOVEMBER = date(2026, 11, 24), date(2026, 11, 1)


@pytest.fixture
def weighing(manager: User, agent: Agent, unit: Unit, project: Project) -> Weighing:
    """In November, of a unit that pays 50 and 80 for new installs; October brought 7 of them and 5 renewals."""
    scheme = make_scheme(unit)
    Rate.objects.update(speed_below=500)
    Rate.objects.create(scheme=scheme, paid_for="new_install", speed_from=500, amount=80)
    DailyResult.objects.create(project=project, day=date(2026, 10, 30), installs=6)
    DailyResult.objects.create(project=project, day=date(2026, 10, 31), installs=7, renewals=4)
    MonthlyIndicator.objects.create(project=project, month=date(2026, 10, 1), renewals_done=5)
    make_paid(agent, project, Month(2026, 10), 90, kind="续费", quantity=6)
    make_paid(agent, project, Month(2026, 10), -30, kind="拆机扣回", quantity=-1)
    return begin(manager, agent, unit, NOVEMBER, "", TODAY)


def sent(page: Any, **changes: str) -> dict[str, str]:
    """What the page's form would send, with ``changes``; ``_`` stands for ``-``."""
    data = {"version": str(page.context["weighing"].version), "title": page.context["sheet"].title}
    data["cases"] = str(len(page.context["sheet"].cases))
    for at, case in enumerate(page.context["sheet"].cases):
        data[f"c{at}-name"] = case.name
    for row in page.context["rows"]:
        for cell in row.cells if row.kind in ("field", "line") else ():
            for field in (cell["count"], cell["rate"]) if row.kind == "line" else (cell,):
                data[field.name] = field.text
    return data | {name.replace("_", "-") if name.startswith("c") else name: text for name, text in changes.items()}


@pytest.mark.usefixtures("english")
def test_the_first_case_is_filled_with_what_is_known(weighing: Weighing) -> None:
    case = from_json(weighing.cases[0])
    assert [(one.paid_for, one.low, int(one.rate), one.count) for one in case.lines] == [
        ("new_install", 0, 50, 7),
        ("new_install", 500, 80, 0),
        ("renewal", 0, 15, 5),
        ("upgrade", 0, 0, 0),
    ]
    assert case.taken_back == 30
    codes = {figure: told["code"] for figure, told in case.origin.items()}
    assert codes == {
        "count:0": "daily",
        "rate:0": "scheme",
        "rate:1": "scheme",
        "count:2": "ledger",
        "rate:2": "average",
        "taken_back": "roster",
        "output": "paid",
    }


@pytest.mark.usefixtures("english")
def test_those_who_left_are_no_input_and_what_was_taken_back_counts_once(
    agent: Agent, unit: Unit, project: Project, manager: User
) -> None:
    for name, left_on in (("在岗", None), ("离职", date(2026, 11, 1))):
        AgentStaff.objects.create(agent=agent, name=name, left_on=left_on)
    make_paid(agent, project, Month(2026, 10), 600, kind="新装", quantity=10)
    make_paid(agent, project, Month(2026, 10), -60, kind="新装扣回", quantity=-1)
    case = from_json(begin(manager, agent, unit, NOVEMBER, "", TODAY).cases[0])
    assert [case.people, case.lines[0].count, case.lines[0].rate, case.taken_back] == [1, 10, 60, 60]
    assert weigh(case).output == Decimal(case.origin["output"]["value"]) == 540
    assert case.origin["output"]["value"] == "540.00"  # as it is read, whatever the database adds up to


def test_it_is_reckoned_without_script_and_kept_by_version(
    weighing: Weighing, manager: User, client_of: ClientOf
) -> None:
    client, address = client_of(manager), f"/channels/weighings/{weighing.pk}/"
    page = client.get(address)
    asked = {"what": "people", "what_value": "2"}
    told = client.post(address, sent(page, c0_people="1", c0_wage="３,000.50", do="copy-0", **asked))
    assert [weigh(case).margin for case in told.context["sheet"].cases] == [Decimal("-2605.50")] * 2
    assert ("cost", "6,001.00") in [(name, then) for name, _title, _now, then in told.context["what_rows"]]
    assert len(Weighing.objects.get().cases) == 1, "nothing was saved"
    data = sent(told, c1_count_0="60")
    assert client.post(address, data).status_code == 302
    late = client.post(address, data | {"c1-count-0": "61"})
    assert late.status_code == 409
    assert late.context["theirs"][0][1:] == ("60", "61")
    assert late.context["sheet"].typed["c1-count-0"] == "61"
    assert client.post(address, sent(late)).status_code == 302
    assert from_json(Weighing.objects.get().cases[1]).lines[0].count == 61


def test_what_can_not_be_read_is_said_at_its_field(weighing: Weighing, manager: User, client_of: ClientOf) -> None:
    client, address = client_of(manager), f"/channels/weighings/{weighing.pk}/"
    wrong = {"c0_rent": "-1", "c0_wage": "1e99", "c0_count_0": "2.5", "c0_rate_0": "viel", "c0_people": "1.555"}
    page = client.post(address, sent(client.get(address), title=" ", **wrong))
    names = {"title", *(name.replace("_", "-") for name in wrong)}
    assert set(page.context["sheet"].faults) == names
    assert Weighing.objects.get().version == 1


def test_agent_staff_weigh_for_their_own_agent_only(
    weighing: Weighing, agent_staff_user: User, foreign_project: Project, other_unit: Unit, client_of: ClientOf
) -> None:
    client = client_of(agent_staff_user)
    assert client.get(f"/channels/weighings/{weighing.pk}/").status_code == 200
    stranger = Agent.objects.create(code="D0009", name="别家")
    told = {"unit": weighing.unit_id, "month": "2026-11"}
    client.post("/channels/weighings/new/", told | {"agent": stranger.pk})
    client.post("/channels/weighings/new/", told | {"agent": weighing.agent_id, "unit": other_unit.pk})
    assert Weighing.objects.count() == 1
    client.post("/channels/weighings/new/", told | {"agent": weighing.agent_id})
    assert Weighing.objects.filter(made_by=agent_staff_user).count() == 1
    client.post(f"/channels/weighings/{weighing.pk}/drop/")
    assert Weighing.objects.filter(pk=weighing.pk).exists(), "another's stays"


def test_the_workbook_reckons_by_itself_and_texts_start_no_formula(
    weighing: Weighing, manager: User, client_of: ClientOf
) -> None:
    told = weighing.cases[0] | {"people": "2", "wage": "3000", "name": "=1+1"}
    Weighing.objects.update(cases=[told, told], title="=cmd|' /C calc'!A0")
    response: Any = client_of(manager).get(f"/channels/weighings/{weighing.pk}/workbook/")
    sheet: Any = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    assert AccessRecord.objects.get().subject == f"channels:weighing:{weighing.pk}"
    formulas = {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"}
    assert not [value for value in map(str, formulas.values()) if "cmd" in value or "1+1" in value]
    assert [sheet["A1"].data_type, sheet["B4"].value] == ["s", "=1+1"]
    assert formulas["B8"] == "=ROUND(B6*B7,2)"
    assert formulas["C13"] == "=SUM(C8:C12)"
    assert all(str(value)[0] == "=" for value in formulas.values())


@pytest.mark.parametrize(("value", "shown"), [("6123.530000000000", "6,123.53"), ("1234", "1,234"), ("80.00", "80.00")])
def test_where_a_figure_came_from_is_said_in_cents(value: str, shown: str) -> None:
    assert origin_text({"code": "paid", "value": value, "month": "2026-10"}).startswith(f"{shown} · ")
