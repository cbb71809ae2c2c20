"""The day report and the week's ranking: what they say, to whom, and that they name no subscriber (S7)."""

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

from channels.models import Agent
from gridops.accounts.models import User
from gridops.common.months import Month
from projects.models import Project
from renewals.models import ExpiryWarning
from renewals.rules_course import Said
from renewals.rules_follow import Basis, Counts
from renewals.rules_reports import AgentLine, Done, Facts, day_report, week_of, week_ranking
from renewals.services_contacts import record
from renewals.services_tally import retally
from tests import factories

ClientOf = Callable[[User], Client]


def facts(agents: list[AgentLine], **fields: Any) -> Facts:
    given: dict[str, Any] = {
        "place": "锦江区经营单位",
        "month": date(2026, 12, 1),
        "first": date(2026, 11, 23),
        "last": date(2026, 11, 29),
        "counts": Counts(expiring=200, expired=40, renewed=50, contacted=120, visits_owed=30, visits_made=20),
        "done": Done(calls=12, visits=5, renewed=4, lost=1),
        "expected": 30.0,
        "basis": Basis.OWN,
    }
    return Facts(agents=agents, **given | fields)


def line(name: str, renewed: int, contacts: int = 0, expiring: int = 100) -> AgentLine:
    return AgentLine(name, Counts(expiring=expiring, renewed=renewed), Done(calls=contacts, renewed=renewed))


def test_equal_agents_share_a_place_in_the_weeks_ranking() -> None:
    report = week_ranking(facts([line("丁", 1), line("乙", 5, 3), line("丙", 5, 3), line("甲", 5, 9)]))
    assert [(row[0], row[1]) for row in report.rows] == [("1", "甲"), ("2", "丙"), ("2", "乙"), ("4", "丁")]


@pytest.mark.usefixtures("english")
def test_the_day_report_says_how_far_the_month_is_from_what_the_day_should_show() -> None:
    report = day_report(facts([line("甲", 10), line("乙", 60)], losses=[("price", 3), ("moved", 1)]))
    said = dict(report.figures)
    assert "30.0 %, -5.0 points" in said.values()
    assert [row[0] for row in report.rows] == ["乙", "甲"]
    assert "price 3 (75.0 %)" in report.text
    assert "*" not in report.text


@pytest.mark.usefixtures("english")
def test_an_expectation_from_days_of_expiry_alone_is_marked() -> None:
    report = day_report(facts([], basis=Basis.EXPIRY))
    assert "points*" in report.text
    assert report.notes[-1].startswith("*")


def test_a_week_begins_on_monday() -> None:
    assert week_of(date(2026, 11, 29)) == (date(2026, 11, 23), date(2026, 11, 29))
    assert week_of(date(2027, 1, 1)) == (date(2026, 12, 28), date(2027, 1, 3))


@pytest.fixture
def worked(project: Project, agent: Agent, manager: User) -> list[ExpiryWarning]:
    """Ten of an agent's, three of them spoken to today; one renewed."""
    month, now = Month.of(timezone.localdate()), timezone.now()
    rows = [
        factories.make_warning(factories.make_subscriber(project, name="欧阳小明", expires_on=month.last), agent=agent)
        for _ in range(10)
    ]
    for row, outcome in zip(rows, ("renewed", "no_answer", "no_answer"), strict=False):
        record(row.pk, Said("call", outcome, now), manager, now=now)
    retally([rows[0].warning_list_id], timezone.localdate())
    return rows


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["day", "week"])
def test_a_report_counts_what_was_done_and_names_no_subscriber(
    client_of: ClientOf, manager: User, worked: list[ExpiryWarning], kind: str
) -> None:
    page = client_of(manager).get(reverse("renewals:reports"), {"kind": kind})
    row = page.context["report"].rows[0]
    assert "锦江通信服务部" in row
    assert row[2:] == ("3", "10.0 %") if kind == "day" else row == ("1", "锦江通信服务部", "1", "3", "10.0 %")
    text = page.content.decode()
    assert "欧阳" not in text
    assert worked[0].subscriber.account not in text
    assert worked[0].subscriber.phone not in text


@pytest.mark.django_db
def test_a_day_before_says_what_was_done_on_that_day_and_a_day_to_come_is_today(
    client_of: ClientOf, manager: User, worked: list[ExpiryWarning]
) -> None:
    today, client = timezone.localdate(), client_of(manager)
    for asked, contacts in ((today - timedelta(days=1), "0"), (today + timedelta(days=9), "3"), ("x", "3")):
        page = client.get(reverse("renewals:reports"), {"day": str(asked)})
        assert page.context["report"].rows[0][2] == contacts


@pytest.mark.django_db
def test_a_foreign_grid_is_not_found_and_the_cost_does_not_grow(
    client_of: ClientOf,
    specialist: User,
    worked: list[ExpiryWarning],
    foreign_project: Project,
    other_project: Project,
) -> None:
    client, url = client_of(specialist), reverse("renewals:reports")
    assert client.get(url, {"grid": foreign_project.grid_id}).status_code == 404
    client.get(url)
    with CaptureQueriesContext(connection) as before:
        client.get(url)
    for _ in range(4):
        agent = factories.make_agent()
        expires_on = worked[0].expires_on
        row = factories.make_warning(factories.make_subscriber(other_project, expires_on=expires_on), agent=agent)
        retally([row.warning_list_id], timezone.localdate())
    with CaptureQueriesContext(connection) as after:
        page = client.get(url)
    assert len(page.context["report"].rows) == 5
    assert len(after) == len(before)
