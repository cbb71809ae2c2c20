"""Rivals' newest moves over all projects in scope."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gridops.accounts.models import AccessRecord, Grid, User
from projects.models import Operator, Project, RivalOffer
from tests import factories
from tests.sheets import exported

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


def test_the_feed_is_scoped_filtered_and_exported(
    project: Project,
    other_project: Project,
    foreign_project: Project,
    telecom: Operator,
    supervisor: User,
    client_of: ClientOf,
    today: date,
) -> None:
    factories.make_offer(project, telecom, "=1+1", today)
    factories.make_offer(other_project, telecom, "旧闻", today - timedelta(days=40), answer="降价", answered_on=today)
    factories.make_offer(other_project, telecom, "", today - timedelta(days=50))
    factories.make_offer(foreign_project, telecom, "别处", today)
    client, address = client_of(supervisor), reverse("projects:rival-moves")

    def texts(**query: Any) -> list[str]:
        return [row.text for row in client.get(address, query).context["listing"].page.rows]

    assert texts() == ["=1+1", "旧闻", ""]
    assert texts(answered="no") == ["=1+1"]
    assert texts(answered="yes") == ["旧闻"]
    assert texts(period="30") == ["=1+1"]
    assert texts(grid=other_project.grid_id) == ["旧闻", ""]
    assert texts(q="翠湖") == ["旧闻", ""]
    assert texts(kind="network") == []
    assert texts(grid=foreign_project.grid_id) == []
    cells = str(exported(client.get(reverse("projects:rival-moves-export"))))
    assert "=1+1" in cells
    assert "别处" not in cells
    assert AccessRecord.objects.get().subject == "rival-moves"


def test_the_feed_costs_the_same_at_any_length(
    grid: Grid, telecom: Operator, manager: User, client_of: ClientOf
) -> None:
    def cost() -> int:
        client = client_of(manager)
        client.get(reverse("projects:rival-moves"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("projects:rival-moves"))
        return len(queries)

    projects = factories.make_projects(grid, 400)
    factories.make_offer(projects[0], telecom, by=manager)
    few = cost()
    RivalOffer.objects.bulk_create(
        RivalOffer(project=project, operator=telecom, text="x", seen_on=date(2026, 1, 1), by=manager)
        for project in projects
    )
    assert cost() == few
