"""The efficiency analysis on the page: what it shows, of whom, at what cost, and its downloads (P4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gridops.accounts.models import AccessRecord, Grid, RuleValue, User
from gridops.common.months import Month
from projects.models import MonthlyIndicator, Project, ProjectSnapshot
from tests import factories
from tests.sheets import exported

pytestmark = pytest.mark.django_db

OCTOBER = Month(2026, 10)
SignedIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel("2026-11-24T04:00:00Z", tick=False):
        yield


def figures(project: Project, month: Month = OCTOBER, **given: Any) -> MonthlyIndicator:
    return factories.make_indicator(project, month, **given)


@pytest.fixture
def seen(manager: User, client_of: SignedIn) -> Callable[..., Any]:
    """``seen("?…")``: the manager's page."""
    return lambda query="": client_of(manager).get(reverse("projects:analysis") + query)


def codes(response: Any) -> dict[str, tuple[int, ...]]:
    return {one.code: tuple(one.projects) for one in response.context["told"]}


def test_the_newest_month_with_figures_is_shown(project: Project, seen: Callable[..., Any]) -> None:
    figures(project)
    response = seen()
    assert response.status_code == 200
    assert response.context["choice"].month == OCTOBER
    assert response.context["has_figures"]


def test_a_month_without_figures_says_so_and_leads_to_the_newest(project: Project, seen: Callable[..., Any]) -> None:
    figures(project)
    response = seen("?month=2026-12")
    assert not response.context["has_figures"]
    assert "month=2026-10" in response.content.decode()


def test_key_figures_stand_beside_last_month_s_last_year_s_and_the_target(
    project: Project, seen: Callable[..., Any]
) -> None:
    figures(project, billing_users=110, net_adds=10, target_net_adds=12, target_port_utilisation=60, ports_used=200)
    figures(project, OCTOBER.plus(-1), billing_users=100)
    figures(project, OCTOBER.plus(-12), billing_users=120)
    found = {figure.name: figure for figure in seen().context["figures"]}
    assert found["users"].value == "110"
    assert found["users"].month.text == "+10 (+10.0 %)"
    assert found["users"].year.text == "-10 (-8.3 %)"
    assert (found["adds"].value, found["adds"].target) == ("10", "12")
    assert (found["utilisation"].value, found["utilisation"].target) == ("50.0 %", "60.0 %")


def test_what_stands_out_leads_to_exactly_those_projects(
    grid: Grid, project: Project, seen: Callable[..., Any]
) -> None:
    full = factories.make_project(grid, "P000010", name="满端口小区")
    figures(project, ports=400, ports_used=100, billing_users=380)
    figures(full, ports=400, ports_used=390, billing_users=380)
    response = seen()
    assert codes(response)["nearly_full"] == (full.pk,)
    ranked = seen("?finding=nearly_full").context["ranking"]["rows"]
    assert [line.standing.id for line in ranked] == [full.pk]


def test_rising_rivals_are_new_offers_or_a_market_share_that_fell(
    grid: Grid, project: Project, seen: Callable[..., Any]
) -> None:
    lost = factories.make_project(grid, "P000010", market_share=28)
    old = factories.make_project(grid, "P000011")
    for row in (project, lost, old):
        figures(row, ports=400, ports_used=100)
    factories.make_offer(project, seen_on=date(2026, 10, 20))
    factories.make_offer(old, seen_on=date(2026, 5, 1))
    ProjectSnapshot.objects.create(project=lost, month=date(2026, 9, 1), name="x", market_share=31)
    found = codes(seen())
    assert set(found["free_ports_rivals"]) == {project.pk, lost.pk}
    assert found["share_lost"] == (lost.pk,)


def test_a_past_month_is_analysed_with_the_basics_as_they_stood_then(
    project: Project, seen: Callable[..., Any]
) -> None:
    figures(project)
    Project.objects.filter(pk=project.pk).update(market_share=50)
    ProjectSnapshot.objects.create(project=project, month=OCTOBER.first, name="x", market_share=20)
    response = seen("?month=2026-10")
    assert response.context["as_recorded"]
    assert response.context["ranking"]["rows"][0].standing.share == 20


def test_the_unit_s_own_thresholds_decide(grid: Grid, project: Project, seen: Callable[..., Any]) -> None:
    figures(project, ports=400, ports_used=330)
    assert "nearly_full" not in codes(seen())
    RuleValue.objects.create(key="analysis_nearly_full", unit=grid.unit, value=80)
    assert "nearly_full" in codes(seen())


def test_the_ranking_sorts_by_each_indicator(grid: Grid, project: Project, seen: Callable[..., Any]) -> None:
    other = factories.make_project(grid, "P000010")
    without = factories.make_project(grid, "P000011")
    figures(project, billing_users=100, ports_used=300)
    figures(other, billing_users=200, ports_used=100)

    def order(sort: str) -> list[int]:
        return [line.standing.id for line in seen(f"?sort={sort}").context["ranking"]["rows"]]

    assert order("-users") == [other.pk, project.pk, without.pk]
    assert order("utilisation") == [other.pk, project.pk, without.pk]
    assert order("-utilisation") == [project.pk, other.pk, without.pk]
    assert order("nonsense") == order("-users")


@pytest.mark.parametrize("address", ["", "?grid=0", "?grid=x", "?unit=&grid=", "?page=999", "?month=nonsense"])
def test_a_crooked_address_is_taken_for_the_plain_one(address: str, project: Project, seen: Callable[..., Any]) -> None:
    figures(project)
    assert seen(address).status_code == 200


def test_another_s_grid_and_project_are_not_found(
    manager: User, other_project: Project, foreign_project: Project, client_of: SignedIn
) -> None:
    client = client_of(manager)
    for row in (other_project, foreign_project):
        assert client.get(reverse("projects:analysis"), {"grid": row.grid_id}).status_code == 404
        assert client.get(reverse("projects:project-analysis", args=[row.pk])).status_code == 404
        assert client.get(reverse("projects:project-analysis-export", args=[row.pk])).status_code == 404
    assert client.get(reverse("projects:analysis"), {"unit": foreign_project.grid.unit_id}).status_code == 404


def test_a_supervisor_sees_the_unit_and_goes_to_a_grid_for_its_plan(
    supervisor: User, project: Project, other_project: Project, foreign_project: Project, client_of: SignedIn
) -> None:
    for row in (project, other_project, foreign_project):
        figures(row, ports=400, ports_used=390)
    client = client_of(supervisor)
    response = client.get(reverse("projects:analysis"))
    told = {one.code: one for one in response.context["told"]}["nearly_full"]
    assert set(told.projects) == {project.pk, other_project.pk}
    assert {grid for grid, _name, _count in told.grids} == {project.grid_id, other_project.grid_id}
    assert not response.context["may_propose"]
    assert client.get(reverse("projects:analysis"), {"grid": project.grid_id}).context["may_propose"]


def test_a_specialist_reads_but_has_no_button(specialist: User, project: Project, client_of: SignedIn) -> None:
    figures(project, ports=400, ports_used=390)
    response = client_of(specialist).get(reverse("projects:analysis"), {"grid": project.grid_id})
    assert response.context["told"]
    assert "steps/suggested" not in response.content.decode()


@pytest.mark.parametrize("name", ["quadrant", "users", "net_adds", "renewal_rate", "utilisation", "revenue", "arpu"])
def test_a_chart_s_download_holds_the_rows_of_the_chart(
    name: str, manager: User, project: Project, client_of: SignedIn
) -> None:
    Project.objects.filter(pk=project.pk).update(market_share=30)
    figures(project, billing_revenue=8000, renewals_due=10, renewals_done=7, net_adds=3)
    client = client_of(manager)
    context: Any = client.get(reverse("projects:analysis")).context
    chart = {chart.name: chart for chart in [context["quadrant"], *context["trends"]]}[name]
    rows = exported(client.get(reverse("projects:analysis-export"), {"chart": name}))
    assert list(rows[0]) == chart.header
    assert len(rows) == 1 + len(chart.rows)
    assert rows[-1][0] == chart.rows[-1][0]
    record = AccessRecord.objects.get()
    assert (record.kind, record.rows) == (AccessRecord.Kind.EXPORT, len(chart.rows))


def test_the_ranking_s_download_holds_the_rows_shown(
    grid: Grid, manager: User, project: Project, client_of: SignedIn
) -> None:
    full = factories.make_project(grid, "P000010")
    figures(project)
    figures(full, ports_used=390)
    address = reverse("projects:analysis-export")
    rows = exported(client_of(manager).get(address, {"chart": "ranking", "finding": "nearly_full"}))
    assert [row[0] for row in rows[1:]] == ["P000010"]
    assert client_of(manager).get(address, {"chart": "nonsense"}).status_code == 404


def test_a_project_s_page_shows_its_months_its_place_and_what_stands_out(
    grid: Grid, manager: User, project: Project, client_of: SignedIn
) -> None:
    better = factories.make_project(grid, "P000010")
    figures(project, ports_used=390, billing_users=100)
    figures(better, billing_users=300)
    response = client_of(manager).get(reverse("projects:project-analysis", args=[project.pk]))
    assert [one.code for one in response.context["told"]] == ["low_penetration", "nearly_full"]
    places = {kind.title: at for kind, _value, at in response.context["places"]}
    assert next(iter(places.values())) == (2, 2)
    assert {chart.name for chart in response.context["trends"]} >= {"users", "commission", "share"}
    assert len(response.context["trends"][0].rows) == 24


@pytest.mark.parametrize("who", ["manager", "supervisor", "admin_user"])
def test_the_page_costs_the_same_number_of_queries_at_50_and_at_600_projects(
    who: str, request: pytest.FixtureRequest, grid: Grid, client_of: SignedIn
) -> None:
    client = client_of(request.getfixturevalue(who))
    months = [OCTOBER, OCTOBER.plus(-1), OCTOBER.plus(-12)]

    def cost(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    rows = factories.make_projects(grid, 50)
    factories.make_indicators(rows, *months)
    whole, one = reverse("projects:analysis"), reverse("projects:project-analysis", args=[rows[0].pk])
    before = cost(whole), cost(one)
    factories.make_indicators(factories.make_projects(grid, 550), *months)
    assert (cost(whole), cost(one)) == before
    assert max(before) <= 26


def test_a_month_to_come_that_another_page_chose_is_not_kept(
    project: Project, manager: User, client_of: SignedIn
) -> None:
    figures(project)
    client = client_of(manager)
    client.get(reverse("plans:list"), {"month": "2026-12"})
    for address in (reverse("projects:analysis"), reverse("projects:project-analysis", args=[project.pk])):
        assert client.get(address).context["choice"].month == OCTOBER
    assert client.get(reverse("projects:analysis"), {"month": "2026-12"}).context["told"] == []


def test_sums_say_how_many_projects_they_are_without(grid: Grid, project: Project, seen: Callable[..., Any]) -> None:
    figures(project)
    factories.make_projects(grid, 2)
    assert seen().context["unreported"] == 2


# --- Like with like, and months that are not whole ---


def test_the_page_opens_on_the_newest_month_that_is_over(project: Project, manager: User, client_of: SignedIn) -> None:
    november = OCTOBER.plus(1)
    figures(project)
    figures(project, november, billing_users=250)
    client = client_of(manager)
    client.get(reverse("projects:ledger-rows", args=["indicators"]), {"month": str(november)})
    addresses = (reverse("projects:analysis"), reverse("projects:project-analysis", args=[project.pk]))
    for address in addresses:
        assert client.get(address).context["choice"].month == OCTOBER
        assert not client.get(address).context["is_running"]
        assert client.get(address, {"month": str(november)}).context["is_running"]


def test_only_the_running_month_has_figures_and_is_shown(project: Project, seen: Callable[..., Any]) -> None:
    figures(project, OCTOBER.plus(1))
    response = seen()
    assert (response.context["choice"].month, response.context["is_running"]) == (OCTOBER.plus(1), True)


def test_changes_are_of_the_projects_that_reported_both_months(
    grid: Grid, project: Project, seen: Callable[..., Any]
) -> None:
    silent = factories.make_project(grid, "P000010")
    figures(project, billing_users=110)
    figures(project, OCTOBER.plus(-1), billing_users=100)
    figures(silent, OCTOBER.plus(-1), billing_users=500)
    response = seen()
    users = response.context["figures"][0]
    assert (users.value, users.month.text, users.month.over) == ("110", "+10 (+10.0 %)", "1 个项目")
    chart = response.context["trends"][0]
    assert list(chart.partial) == [23]
    assert [row[-1] for row in chart.rows[-2:]] == ["2/2", "1/2"]
    assert "2026-10" in chart.says


def test_net_adds_nobody_reported_are_the_growth_of_each_project_that_has_both_months(
    grid: Grid, project: Project, seen: Callable[..., Any]
) -> None:
    reported, silent = factories.make_project(grid, "P000010"), factories.make_project(grid, "P000011")
    figures(project, billing_users=110)
    figures(project, OCTOBER.plus(-1), billing_users=100)
    figures(reported, billing_users=50, net_adds=7)
    figures(silent, OCTOBER.plus(-1), billing_users=500)
    found = {figure.name: figure.value for figure in seen().context["figures"]}
    assert found["adds"] == "17"


def test_a_ratio_of_sums_leaves_out_who_lacks_one_of_the_two(
    grid: Grid, project: Project, seen: Callable[..., Any]
) -> None:
    without = factories.make_project(grid, "P000010")
    figures(project, billing_users=100, billing_revenue=5000, renewals_due=10, renewals_done=8, target_renewals=9)
    figures(without, billing_users=900, target_renewals=50)
    found = {figure.name: figure for figure in seen().context["figures"]}
    assert found["arpu"].value == "50.00"
    assert found["renewal_rate"].target == "90.0 %"


def test_the_running_month_s_flows_are_not_compared_and_stand_out_nowhere(
    project: Project, seen: Callable[..., Any]
) -> None:
    november = OCTOBER.plus(1)
    for month, done in ((november, 1), (OCTOBER, 9)):
        figures(project, month, billing_revenue=1000 * done, renewals_due=10, renewals_done=done, net_adds=done)
    response = seen(f"?month={november}")
    changed = {figure.name: figure.month.text for figure in response.context["figures"]}
    assert [name for name, text in changed.items() if text != "—"] == ["users", "utilisation"]
    assert not {"renewal_fallen", "arpu_falling"} & set(codes(response))
    charts = {chart.name: list(chart.partial) for chart in response.context["trends"]}
    assert (charts["users"], charts["revenue"]) == ([], [23])


def test_the_lines_lie_at_the_median_of_the_projects_drawn_as_recorded_then(
    grid: Grid, project: Project, seen: Callable[..., Any]
) -> None:
    figures(project, ports_used=100)
    figures(factories.make_project(grid, "P000010"), ports_used=None)
    Project.objects.filter(pk=project.pk).update(market_share=50)
    ProjectSnapshot.objects.create(project=project, month=OCTOBER.first, name="x", market_share=20)
    lines = seen("?month=2026-10").context["quadrant"].lines
    assert [line.value for line in lines] == [25, 20]


def test_the_oldest_months_of_the_calendar_are_no_fault(project: Project, seen: Callable[..., Any]) -> None:
    figures(project)
    assert seen("?month=1901-01").status_code == 200
