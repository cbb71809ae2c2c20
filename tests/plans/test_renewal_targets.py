"""Each agent's share of a month's renewal target, and the sum against what was handed down."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels.models import Agent
from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from plans.models import AgentShare, Plan
from plans.pages_renewal_targets import targets_of
from projects.models import Project
from renewals.models import WarningList
from renewals.services_tally import retally
from tests import factories
from tests.factories import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

NOVEMBER = Month(2026, 11)
ADDRESS = f"/plans/targets/renewals/?month={NOVEMBER}"


def expire(project: Project, agent: Agent | None, count: int, renewed: int = 0) -> None:
    """``count`` contracts expire in November; ``renewed`` of them were renewed."""
    for n in range(count):
        fields = {"state": "renewed", "renewed_on": date(2026, 11, 9)} if n < renewed else {}
        factories.make_warning(factories.make_subscriber(project, expires_on=date(2026, 11, 20)), agent=agent, **fields)
    retally(list(WarningList.objects.values_list("pk", flat=True)), timezone.localdate())


def test_without_a_plan_the_target_is_split_by_what_expires_with_each(
    grid: Grid, project: Project, agent: Agent
) -> None:
    factories.make_target(grid, NOVEMBER, renewals=7)
    expire(project, agent, 6, renewed=2)
    expire(project, None, 3)
    [found] = targets_of([grid], NOVEMBER)
    assert found.plan is None
    assert [(row.agent, row.target, row.counts.renewed, row.lacking) for row in found.rows] == [
        (agent, 5, 2, 3),
        (None, 2, 0, 2),
    ]
    assert (found.total, found.over) == (7, 0)


def test_the_shares_are_those_of_the_approved_plan(grid: Grid, project: Project, agent: Agent) -> None:
    factories.make_target(grid, NOVEMBER, renewals=10)
    approved = Plan.objects.create(grid=grid, month=NOVEMBER.first, state=Plan.State.APPROVED)
    revision = Plan.objects.create(grid=grid, month=NOVEMBER.first, revision=2, revision_reason="x")
    AgentShare.objects.create(plan=approved, agent=agent, expiring=9, renewals=8)
    AgentShare.objects.create(plan=revision, agent=agent, expiring=9, renewals=1)
    expire(project, None, 1)
    [found] = targets_of([grid], NOVEMBER)
    assert [(row.agent, row.target) for row in found.rows] == [(agent, 8), (None, 0)]
    assert (found.over, found.under) == (-2, 2)


def test_no_target_means_no_share_but_what_was_won_is_shown(grid: Grid, project: Project, agent: Agent) -> None:
    expire(project, agent, 2, renewed=1)
    [found] = targets_of([grid], NOVEMBER)
    assert (found.target, found.over, found.done.renewed) == (None, None, 1)
    assert found.rows[0].target is None


def test_the_page_says_the_difference_and_keeps_to_the_scope(
    unit: Unit, grid: Grid, other_grid: Grid, foreign_grid: Grid, agent: Agent, manager: User, specialist: User
) -> None:
    factories.make_target(grid, NOVEMBER, renewals=10)
    plan = Plan.objects.create(grid=grid, month=NOVEMBER.first)
    AgentShare.objects.create(plan=plan, agent=agent, expiring=9, renewals=12)
    manager.language = specialist.language = "en"
    manager.save()
    specialist.save()
    text = client_of(manager).get(ADDRESS).text
    assert "the shares add up to 12: 2 above the target" in text
    assert other_grid.name not in text
    assert other_grid.name in client_of(specialist).get(ADDRESS, HTTP_HX_REQUEST="true").text
    for extra in (f"&grid={foreign_grid.pk}", f"&unit={foreign_grid.unit_id}", "&grid=x"):
        assert client_of(specialist).get(ADDRESS + extra).status_code == 404


def test_more_grids_cost_no_more_queries(unit: Unit, grid: Grid, project: Project, agent: Agent) -> None:
    def asked(grids: list[Grid]) -> int:
        with CaptureQueriesContext(connection) as queries:
            targets_of(grids, NOVEMBER)
        return len(queries)

    expire(project, agent, 1)
    factories.make_target(grid, NOVEMBER)
    few = asked([grid])
    more = [grid]
    for _n in range(3):
        more.append(factories.make_grid(unit))
        factories.make_target(more[-1], NOVEMBER)
        expire(factories.make_project(more[-1]), factories.make_agent(), 1)
    assert asked(more) == few
