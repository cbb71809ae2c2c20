"""The pages of warning lists: who sees which, masked, page by page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from channels.models import Agent
from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from gridops.jobs.services import claim, start
from projects.models import Project
from renewals.models import ExpiryWarning, Subscriber, WarningList
from renewals.services import make_lists
from tests import factories

pytestmark = [pytest.mark.django_db]
ClientOf = Callable[[User], Client]
DECEMBER = Month(2026, 12)
MONTH = "?month=2026-12"


@pytest.fixture
def made(unit: Unit, project: Project, other_project: Project, agent: Agent) -> WarningList:
    """Two of the agent's, one in the pool of the same grid, one in the other grid."""
    for account, day in (("028A", 9), ("028B", 3)):
        factories.make_subscriber(project, account, expires_on=date(2026, 12, day), phone="19912345678")
    alone = factories.make_project(project.grid, "P000009")
    factories.make_subscriber(alone, "028C", expires_on=date(2026, 12, 5))
    factories.make_subscriber(other_project, "028D", expires_on=date(2026, 12, 5))
    run = claim(start("renewals.warning-lists", key="lists", month=DECEMBER, unit=unit).pk)
    assert run is not None
    make_lists(DECEMBER, unit, run)
    # an agent with several people must not multiply rows
    factories.make_agent_staff(agent)
    factories.make_agent_staff(agent)
    return WarningList.objects.get(grid=project.grid)


def test_the_month_s_lists_show_how_many_each_agent_has_and_the_pool(
    client_of: ClientOf, specialist: User, made: WarningList, agent: Agent
) -> None:
    rows = client_of(specialist).get(reverse("renewals:lists") + MONTH).context["rows"]
    (row,) = (row for row in rows if row.list == made)
    assert [(share.agent, share.counts.expiring) for share in row.shares] == [(agent, 2), (None, 1)]
    assert (row.total.expiring, row.total.still_open, row.total.renewed) == (3, 3, 0)
    assert len(rows) == 2


def test_a_manager_sees_the_lists_of_own_grids(client_of: ClientOf, manager: User, made: WarningList) -> None:
    rows = client_of(manager).get(reverse("renewals:lists") + MONTH).context["rows"]
    assert [row.list for row in rows] == [made]


def test_a_list_shows_the_next_to_expire_first_each_once(client_of: ClientOf, manager: User, made: WarningList) -> None:
    shown = client_of(manager).get(reverse("renewals:list", args=[made.pk])).context["warnings"]
    assert [row.subscriber.account for row in shown] == ["028B", "028C", "028A"]


def test_phones_are_masked_on_a_list(client_of: ClientOf, manager: User, made: WarningList) -> None:
    text = client_of(manager).get(reverse("renewals:list", args=[made.pk])).content.decode()
    assert "19912345678" not in text
    assert "199****78" in text


@pytest.mark.parametrize(("asked", "accounts"), [("pool", ["028C"]), ("agent", ["028B", "028A"])])
def test_a_list_is_filtered_by_agent_and_pool(
    client_of: ClientOf, manager: User, made: WarningList, agent: Agent, asked: str, accounts: list[str]
) -> None:
    url = reverse("renewals:list", args=[made.pk])
    shown = client_of(manager).get(url, {"agent": agent.pk if asked == "agent" else asked}).context["warnings"]
    assert [row.subscriber.account for row in shown] == accounts


def test_withdrawn_warnings_are_shown_when_asked_for(client_of: ClientOf, manager: User, made: WarningList) -> None:
    ExpiryWarning.objects.filter(subscriber__account="028B").update(state=ExpiryWarning.State.WITHDRAWN)
    client, url = client_of(manager), reverse("renewals:list", args=[made.pk])
    assert len(client.get(url).context["warnings"]) == 2
    assert [row.subscriber.account for row in client.get(url, {"state": "withdrawn"}).context["warnings"]] == ["028B"]


def test_agent_staff_are_led_to_their_own_work(client_of: ClientOf, agent_staff_user: User, made: WarningList) -> None:
    answer = client_of(agent_staff_user).get(reverse("renewals:lists") + MONTH)
    assert (answer.status_code, answer["Location"]) == (302, reverse("renewals:work"))
    assert client_of(agent_staff_user).get(reverse("renewals:list", args=[made.pk])).status_code == 403


@pytest.mark.parametrize(
    ("asked", "accounts"),
    [
        ({"day": "2026-12-03"}, ["028B"]),
        ({"project": "P000009"}, ["028C"]),
        ({"overdue": "yes"}, ["028B"]),
        ({"state": "open"}, ["028B", "028C"]),
        ({"state": "lost"}, ["028A"]),
    ],
)
def test_a_list_is_filtered_by_day_project_state_and_what_is_overdue(
    client_of: ClientOf, manager: User, made: WarningList, asked: dict[str, str], accounts: list[str]
) -> None:
    yesterday, tomorrow = timezone.localdate() - timedelta(days=1), timezone.localdate() + timedelta(days=1)
    rows = ExpiryWarning.objects.filter(warning_list=made)
    rows.update(next_on=tomorrow)
    rows.filter(subscriber__account="028B").update(next_on=yesterday)
    rows.filter(subscriber__account="028A").update(state="lost", loss="price", lost_on=yesterday, next_on=None)
    if "project" in asked:
        asked = {"project": str(Project.objects.get(code=asked["project"]).pk)}
    shown = client_of(manager).get(reverse("renewals:list", args=[made.pk]), asked).context["warnings"]
    assert [row.subscriber.account for row in shown] == accounts


def test_a_list_takes_the_same_number_of_queries_for_any_number_of_warnings(
    client_of: ClientOf, manager: User, made: WarningList, project: Project
) -> None:
    client, url, counts = client_of(manager), reverse("renewals:list", args=[made.pk]), []
    client.get(url)
    for number in (0, 20):
        for at in range(number):
            subscriber = factories.make_subscriber(project, expires_on=date(2026, 12, 1 + at))
            factories.make_warning(subscriber, agent=factories.make_agent())
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_foreign_list_is_not_found(client_of: ClientOf, colleague: User, stranger: User, made: WarningList) -> None:
    for other in (colleague, stranger):
        assert client_of(other).get(reverse("renewals:list", args=[made.pk])).status_code == 404


def test_pages_of_a_long_list_follow_each_other_without_gaps(
    client_of: ClientOf, manager: User, unit: Unit, grid: Grid, project: Project
) -> None:
    for number in range(120):
        factories.make_subscriber(project, f"029{number:04d}", expires_on=date(2026, 12, 1 + number % 28))
    run = claim(start("renewals.warning-lists", key="lists", month=DECEMBER, unit=unit).pk)
    assert run is not None
    make_lists(DECEMBER, unit, run)
    client, url = client_of(manager), reverse("renewals:list", args=[WarningList.objects.get(grid=grid).pk])
    seen, after = [], ""
    while True:
        context = client.get(url, {"after": after} if after else {}).context
        seen += [row.subscriber.account for row in context["warnings"]]
        after = context["page"].next
        if not after:
            break
    assert len(seen) == len(set(seen)) == 120


def test_the_lists_page_takes_the_same_number_of_queries_for_any_number_of_grids(
    client_of: ClientOf, specialist: User, unit: Unit, made: WarningList
) -> None:
    client, url = client_of(specialist), reverse("renewals:lists") + MONTH
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _ in range(5):
        extra = WarningList.objects.create(grid=factories.make_grid(unit), month=DECEMBER.first)
        subscriber: Subscriber = factories.make_subscriber(factories.make_project(extra.grid))
        factories.make_warning(subscriber, expires_on=date(2026, 12, 1))
    client.get(url)  # the first look of a day counts
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)
