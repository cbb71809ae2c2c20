"""The work list: what is on it for whom, in which order, masked, at a constant cost."""

from __future__ import annotations

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

from channels.models import Agent
from gridops.accounts.models import AccessRecord, Grid, Unit, User
from projects.models import Project
from renewals.models import Chance, ExpiryWarning
from renewals.services_chance import alike, refresh
from renewals.work import PAGE, shown
from tests import factories

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
WORK = reverse("renewals:work")


def today() -> date:
    return timezone.localdate()


def make(project: Project, agent: Agent | None, days: int, step: str = "call", due: int = 0, **more: Any) -> Any:
    """Who expires in ``days`` days and whose next ``step`` is due in ``due`` days."""
    fields = {name: more.pop(name) for name in ("monthly_fee", "address", "phone", "account", "name") if name in more}
    subscriber = factories.make_subscriber(project, **fields)
    state = {"promise": "contacted", "visit": "second_visit", "number": "unreachable"}.get(step)
    more |= {"state": state} if state else {}
    expires_on, next_on = today() + timedelta(days=days), today() + timedelta(days=due)
    more = {"expires_on": expires_on, "next_step": step, "next_on": next_on} | more
    return factories.make_warning(subscriber, agent=agent, **more)


def pks(client: Client, address: str = "") -> list[int]:
    return [row.warning.pk for row in client.get(WORK + address).context["rows"]]


def test_promises_come_first_then_visits_then_calls_by_expiry_fee_and_chance(
    client_of: ClientOf, agent_staff_user: User, project: Project, agent: Agent
) -> None:
    expected = [
        make(project, agent, 9, "promise", -1),
        make(project, agent, 1, "promise", 0),
        make(project, agent, 2, "visit", -3),
        make(project, agent, 0),
        make(project, agent, 3, monthly_fee=Decimal(199)),
        make(project, agent, 3, monthly_fee=Decimal(99), chance=80),
        make(project, agent, 3, monthly_fee=Decimal(99), chance=20),
        make(project, agent, 3),
        make(project, agent, -2),
        make(project, agent, -9),
        make(project, agent, 1, "number", 0),
    ]
    make(project, agent, 5, "visit", 2)  # not due yet
    make(project, agent, 5, state="renewed", renewed_on=today(), next_step="", next_on=None)
    assert pks(client_of(agent_staff_user)) == [row.pk for row in expected]


def test_a_staff_member_sees_the_agent_s_or_only_what_they_follow(
    client_of: ClientOf, agent_staff_user: User, project: Project, agent: Agent
) -> None:
    theirs = make(project, agent, 1, staff=agent_staff_user.agent_staff)
    others = make(project, agent, 2)
    make(project, None, 1)
    make(project, factories.make_agent(), 1)
    client = client_of(agent_staff_user)
    assert pks(client) == [theirs.pk, others.pk]
    assert pks(client, "?who=mine") == [theirs.pk]


def test_a_manager_sees_the_own_grid_by_agent_or_pool(
    client_of: ClientOf, manager: User, specialist: User, project: Project, other_project: Project, agent: Agent
) -> None:
    owned, pool = make(project, agent, 1), make(project, None, 2)
    elsewhere = make(other_project, None, 2)
    client = client_of(manager)
    assert pks(client) == [owned.pk, pool.pk]
    assert pks(client, f"?agent={agent.pk}") == [owned.pk]
    assert pks(client, "?agent=pool") == [pool.pk]
    assert client.get(WORK, {"grid": other_project.grid_id}).status_code == 404
    assert pks(client_of(specialist), f"?grid={other_project.grid_id}") == [elsewhere.pk]


def test_kinds_tomorrow_and_expired_ones_are_chosen(
    client_of: ClientOf, agent_staff_user: User, project: Project, agent: Agent
) -> None:
    promise, visit = make(project, agent, 5, "promise"), make(project, agent, 5, "visit")
    call, gone = make(project, agent, 5), make(project, agent, -5)
    ahead = make(project, agent, 9, due=1)
    client = client_of(agent_staff_user)
    chosen = {"promises": [promise], "visits": [visit], "calls": [call, gone], "winback": [gone], "numbers": []}
    for kind, rows in chosen.items():
        assert pks(client, f"?kind={kind}") == [row.pk for row in rows], kind
    assert pks(client, "?day=tomorrow") == [ahead.pk]
    assert pks(client, "?kind=nonsense&start=x") == [promise.pk, visit.pk, call.pk, gone.pk]


def test_a_compound_is_walked_door_by_door(
    client_of: ClientOf, agent_staff_user: User, project: Project, agent: Agent
) -> None:
    tenth = make(project, agent, 1, "promise", address="10栋101")
    second = make(project, agent, 9, "visit", address="2栋301")
    make(factories.make_project(project.grid), agent, 1, address="1栋1")
    client = client_of(agent_staff_user)
    assert pks(client, f"?project={project.pk}") == [second.pk, tenth.pk]
    assert pks(client, f"?project={project.pk}&kind=visits") == [second.pk]
    assert client.get(WORK, {"project": 10**9}).status_code == 404


def test_pages_go_on_across_the_groups_without_gap_or_double(
    client_of: ClientOf, agent_staff_user: User, project: Project, agent: Agent
) -> None:
    made = [make(project, agent, 2, "promise") for _ in range(PAGE - 5)] + [make(project, agent, 3) for _ in range(20)]
    client = client_of(agent_staff_user)
    first, second = pks(client), pks(client, f"?start={PAGE}")
    assert len(first) == PAGE
    assert sorted(first + second) == sorted(row.pk for row in made)
    answer = client.get(WORK)
    assert answer.context["more"]
    assert not client.get(f"{WORK}?start={PAGE}").context["more"]
    assert {str(kind): number for kind, number, _ in answer.context["kinds"]} == {
        "promises": PAGE - 5,
        "visits": 0,
        "calls": 20,
        "numbers": 0,
    }


def test_an_order_is_made_window_after_window_without_gap_or_double(
    client_of: ClientOf, agent_staff_user: User, project: Project, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("renewals.work.WINDOW", 7)
    made = [make(project, agent, 20 - number % 9, due=-number) for number in range(PAGE + 9)]
    client = client_of(agent_staff_user)
    assert sorted(pks(client) + pks(client, f"?start={PAGE}")) == sorted(row.pk for row in made)


def test_the_page_costs_the_same_however_much_is_due(
    client_of: ClientOf, agent_staff_user: User, manager: User, project: Project, agent: Agent
) -> None:
    for user in (agent_staff_user, manager):
        client = client_of(user)
        costs = []
        for _ in range(2):
            for step in ("promise", "visit", "call"):
                make(project, agent, 3, step)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(WORK)
            costs.append(len(queries))
        assert costs[0] == costs[1]


def test_names_and_numbers_are_masked_until_the_call_which_is_written_down(
    client_of: ClientOf, agent_staff_user: User, project: Project, agent: Agent
) -> None:
    row = make(project, agent, 1, name="欧阳小明", phone="19912345678", account="028001")
    client = client_of(agent_staff_user)
    text = client.get(WORK).content.decode()
    assert "199****78" in text
    assert "19912345678" not in text
    assert "欧阳小明" not in text

    address = reverse("renewals:call", args=[row.pk])
    told = client.post(address, HTTP_ACCEPT="application/json").json()
    assert told == {"name": "欧阳小明", "phone": "19912345678", "words": ""}
    assert 'href="tel:19912345678"' in client.post(address).content.decode()  # without a script
    shown_to = AccessRecord.objects.filter(kind=AccessRecord.Kind.REVEAL, user=agent_staff_user)
    assert [record.subject for record in shown_to] == [f"renewals.subscriber:{row.subscriber_id}"] * 2


def test_nobody_calls_what_is_not_theirs_or_was_taken_off(
    client_of: ClientOf, agent_staff_user: User, project: Project, foreign_project: Project
) -> None:
    other = make(project, factories.make_agent(), 1)
    gone = make(project, agent_staff_user.agent_staff.agent, 2)
    ExpiryWarning.objects.filter(pk=gone.pk).update(state="withdrawn")
    for row in (other, gone):
        assert client_of(agent_staff_user).post(reverse("renewals:call", args=[row.pk])).status_code == 404
    assert not AccessRecord.objects.exists()


# --- Chances ---


def past(project: Project, many: int, renewed: int, fee: int, joined_days: int, ago: int = 90) -> None:
    day = today() - timedelta(days=ago)
    for number in range(many):
        subscriber = factories.make_subscriber(
            project, monthly_fee=Decimal(fee), started_on=day - timedelta(days=joined_days), expires_on=day
        )
        result: dict[str, Any] = (
            {"state": "renewed", "renewed_on": day}
            if number < renewed
            else {"state": "lost", "loss": "price", "lost_on": day}
        )
        factories.make_warning(subscriber, next_step="", next_on=None, **result)


def test_chances_are_counted_from_what_is_over_and_written_on_what_is_open(
    unit: Unit, grid: Grid, project: Project, foreign_project: Project
) -> None:
    past(project, 25, 20, 99, 800)
    past(project, 5, 0, 99, 100)  # too few by themselves
    past(project, 9, 9, 99, 800, ago=10)  # not over yet
    past(foreign_project, 25, 0, 99, 800)
    day = today() + timedelta(days=9)
    stayed = factories.make_subscriber(
        project, monthly_fee=Decimal(80), started_on=day - timedelta(days=500), expires_on=day
    )
    fresh = factories.make_subscriber(
        project, monthly_fee=Decimal(80), started_on=day - timedelta(days=300), expires_on=day
    )
    warnings = [factories.make_warning(row) for row in (stayed, fresh)]

    refresh(unit, today())

    counted = {band: (n, renewed) for band, n, renewed in Chance.objects.values_list("band", "expiring", "renewed")}
    assert counted["100/stayed"] == (25, 20)
    assert counted["*/*"] == (30, 20)
    rows = list(shown(ExpiryWarning.objects.filter(pk__in=[row.pk for row in warnings])).order_by("pk"))
    assert [row.chance for row in rows] == [80, 67]
    assert alike(rows, {unit.pk}) == {rows[0].pk: 25, rows[1].pk: 30}
    refresh(unit, today())  # again is the same
    assert Chance.objects.filter(unit=unit).count() == len(counted)


def test_where_nothing_is_over_nobody_has_a_chance(unit: Unit, project: Project) -> None:
    row = make(project, None, 5, chance=50)
    refresh(unit, today())
    row.refresh_from_db()
    assert row.chance is None
