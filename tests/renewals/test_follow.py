"""The page that follows a month of renewals, and what agent staff read of themselves."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from channels.models import Agent
from gridops.accounts.models import AccessRecord, Grid, User
from gridops.common.months import Month
from projects.models import Project
from renewals.models import ExpiryWarning, WarningList
from renewals.rules_follow import same_day
from renewals.services_tally import retally
from tests import factories

pytestmark = [pytest.mark.django_db]
ClientOf = Callable[[User], Client]
FOLLOW = "/renewals/follow/"


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def month(today: date) -> Month:
    return Month.of(today)


def warn(project: Project, day: date, **fields: Any) -> ExpiryWarning:
    """A subscriber of ``project`` on the list of ``day``, not counted yet."""
    return factories.make_warning(factories.make_subscriber(project, expires_on=day, monthly_fee=Decimal(50)), **fields)


def renewed(day: date) -> dict[str, Any]:
    """The fields of a warning that renewed on ``day``."""
    return {"state": "renewed", "renewed_on": day, "next_step": "", "next_on": None, "contacts_made": 1}


@pytest.fixture
def listed(project: Project, other_project: Project, agent: Agent, month: Month, today: date) -> WarningList:
    """Four of the manager's grid this month, two of them renewed, one lost; one in the other grid."""
    first = warn(project, month.first, agent=agent, **renewed(today), confirmed_on=today)
    warn(project, month.last, agent=agent, **renewed(today))
    lost = {"state": "lost", "lost_on": today, "loss": "price", "next_step": "", "next_on": None}
    warn(project, month.last, agent=agent, **lost)
    warn(project, month.last, next_on=today - timedelta(days=1), promised_on=today, contacts_made=1)
    warn(other_project, month.last)
    return first.warning_list


def figures(response: Any) -> dict[str, tuple[str, str]]:
    """The figures of the first lines: value and what it is of."""
    return {one.name: (one.value, one.note) for one in response.context["figures"]}


def test_the_first_lines_say_how_the_month_stands(client_of: ClientOf, manager: User, listed: WarningList) -> None:
    found = figures(client_of(manager).get(FOLLOW))
    assert found["rate"] == ("50.0 %", "2 / 4")
    assert found["contacted"] == ("75.0 %", "3 / 4")
    assert found["lost"] == ("25.0 %", "1 / 4")
    assert found["confirmed"] == ("50.0 %", "1 / 2")
    assert (found["promised"][0], found["overdue"][0], found["fees"][0]) == ("1", "1", "50.00")
    assert found["visits"] == ("—", "0 / 0")


def test_the_rate_is_compared_with_the_same_day_of_the_month_and_the_year_before(
    client_of: ClientOf, manager: User, listed: WarningList, project: Project, month: Month, today: date
) -> None:
    for other in (month.plus(-1), month.plus(-12)):
        same = same_day(month, today, other)
        warn(project, other.first, **renewed(same))
        warn(project, other.first, **renewed(same + timedelta(days=1)))
        warn(project, other.first)
        warn(project, other.first)
    response = client_of(manager).get(FOLLOW)
    rate = next(one for one in response.context["figures"] if one.name == "rate")
    assert [(one.was, one.text, one.way) for one in rate.changes] == [("25.0 %", "+25.0", "good")] * 2


def test_of_several_grids_there_is_a_table_by_grid_and_each_leads_to_its_list(
    client_of: ClientOf, specialist: User, listed: WarningList, grid: Grid, other_grid: Grid
) -> None:
    response = client_of(specialist).get(FOLLOW)
    rows = response.context["table"].rows
    assert {row.name for row in rows} == {grid.name, other_grid.name}
    assert any(row.href.startswith(reverse("renewals:list", args=[listed.pk])) for row in rows)
    assert figures(response)["rate"] == ("40.0 %", "2 / 5")
    one = client_of(specialist).get(f"{FOLLOW}?grid={grid.pk}")
    assert figures(one)["rate"] == ("50.0 %", "2 / 4")


def test_a_row_leads_to_its_warnings_in_the_list(
    client_of: ClientOf, manager: User, listed: WarningList, agent: Agent, project: Project
) -> None:
    client = client_of(manager)
    by_agent = {row.name: row.href for row in client.get(FOLLOW + "?by=agent").context["table"].rows}
    address = reverse("renewals:list", args=[listed.pk])
    assert by_agent[agent.name] == f"{address}?agent={agent.pk}"
    assert len(client.get(by_agent[agent.name]).context["warnings"]) == 3
    (row,) = client.get(FOLLOW + "?by=project").context["table"].rows
    assert row.href == f"{address}?project={project.pk}"
    ends = client.get(f"{address}?state=claimed").context["warnings"]
    assert [one.state for one in ends] == ["renewed"]


@pytest.mark.parametrize("by", ["agent", "staff", "project", "day"])
def test_each_table_can_be_read_sorted_and_exported(
    client_of: ClientOf, manager: User, listed: WarningList, by: str
) -> None:
    client = client_of(manager)
    for sort in ("rate", "-rate", "-visits", "fees", "nonsense"):
        assert client.get(f"{FOLLOW}?by={by}&sort={sort}").status_code == 200
    response = client.get(f"{reverse('renewals:follow-export')}?table={by}")
    rows = list(load_workbook(io.BytesIO(response.getvalue())).worksheets[0].values)
    assert len(rows) > 1
    record = AccessRecord.objects.get()
    assert (record.kind, record.subject, record.rows) == (AccessRecord.Kind.EXPORT, f"follow.{by}", len(rows) - 1)


def test_the_worst_rate_comes_first_and_a_click_turns_it_round(
    client_of: ClientOf, specialist: User, listed: WarningList, grid: Grid, other_grid: Grid
) -> None:
    client = client_of(specialist)
    first = [row.name for row in client.get(FOLLOW).context["table"].rows]
    assert first == [other_grid.name, grid.name]
    assert [row.name for row in client.get(FOLLOW + "?sort=-rate").context["table"].rows] == first[::-1]


def test_grids_of_others_are_not_found(
    client_of: ClientOf, manager: User, listed: WarningList, other_grid: Grid, foreign_grid: Grid
) -> None:
    client = client_of(manager)
    for address in (FOLLOW, reverse("renewals:follow-export")):
        for place in (f"grid={other_grid.pk}", f"grid={foreign_grid.pk}", f"unit={foreign_grid.unit_id}"):
            assert client.get(f"{address}?{place}").status_code == 404


def test_a_month_without_lists_says_so_and_one_without_a_grid_reads_nothing(
    client_of: ClientOf, manager: User, month: Month, grid: Grid
) -> None:
    response = client_of(manager).get(f"{FOLLOW}?month={month.plus(3)}")
    assert response.status_code == 200
    assert "figures" not in response.context
    nobody = factories.make_user(role="grid_manager", grid=factories.make_grid())
    nobody.memberships.update(starts_on=timezone.localdate() + timedelta(days=3))
    assert client_of(nobody).get(FOLLOW).status_code == 403


def test_a_page_costs_the_same_queries_for_few_and_for_many(
    client_of: ClientOf, specialist: User, listed: WarningList, agent: Agent, month: Month, today: date
) -> None:
    client, unit = client_of(specialist), listed.grid.unit
    addresses = [FOLLOW, *(f"{FOLLOW}?by={by}" for by in ("agent", "staff", "project", "day"))]

    def cost() -> list[int]:
        retally(list(WarningList.objects.values_list("pk", flat=True)), today)
        found = []
        for address in addresses:
            with CaptureQueriesContext(
                connection,
            ) as captured:
                assert client.get(address).status_code == 200
            found.append(len(captured))
        return found

    ExpiryWarning.objects.filter(agent=agent).update(staff=factories.make_agent_staff(agent))
    cost()
    before = cost()
    for n in range(6):
        project = factories.make_project(factories.make_grid(unit))
        other = factories.make_agent(owns=[project])
        staff = factories.make_agent_staff(other)
        for back in range(3):
            warn(project, month.plus(-back).day(1 + n), agent=other, staff=staff)
    assert cost() == before


def test_what_was_not_counted_today_is_counted_for_the_reader(
    client_of: ClientOf, manager: User, listed: WarningList, today: date
) -> None:
    retally([listed.pk], today - timedelta(days=1))
    ExpiryWarning.objects.filter(warning_list=listed, state="listed").update(next_on=today - timedelta(days=1))
    assert figures(client_of(manager).get(FOLLOW))["overdue"][0] == "1"
    listed.refresh_from_db()
    assert listed.tallied_on == today


def test_agent_staff_read_their_agents_figures_and_place_but_no_other_name(
    client_of: ClientOf, agent_staff_user: User, agent: Agent, project: Project, other_project: Project,
    month: Month, today: date,
) -> None:  # fmt: skip
    rival = factories.make_agent("D0099", name="对手服务部", owns=[other_project])
    mine = agent.staff.get()
    for number in range(6):
        warn(
            project,
            month.last,
            agent=agent,
            staff=mine if number < 2 else None,
            **(renewed(today) if number < 3 else {}),
        )
        warn(other_project, month.last, agent=rival, **(renewed(today) if number < 5 else {}))
    response = client_of(agent_staff_user).get(reverse("renewals:my-figures"))
    (place,) = response.context["found"].places
    assert (place.rank.place, place.rank.of) == (2, 2)
    assert (place.counts.renewed, place.counts.expiring) == (3, 6)
    assert (response.context["found"].mine.renewed, response.context["found"].mine.expiring) == (2, 2)
    assert rival.name not in response.content.decode()


def test_who_is_entered_with_no_agent_is_told_so(client_of: ClientOf) -> None:
    response = client_of(factories.make_user(role="agent_staff")).get(reverse("renewals:my-figures"))
    assert response.status_code == 200
    assert response.context["found"] is None
