"""What other weights would do to a grid's split and to all of a unit's, and keeping them (S6)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gridops.accounts.models import Grid, RuleValue, Unit, User
from gridops.accounts.services import set_rules
from plans.models import Plan, Target
from plans.rules import Weights
from plans.services_weights import weights_of
from projects.models import Project
from tests import factories
from tests.plans.conftest import DECEMBER, NOVEMBER

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_time")]
ClientOf = Callable[[User], Client]

ASKED = {"existing": "100", "free_ports": "0", "unserved": "0"}


@pytest.fixture
def address(unit: Unit) -> str:
    return f"{reverse('plans:weights')}?unit={unit.pk}"


def kept(unit: Unit, **more: str) -> dict[str, str]:
    """What the button to keep the weights sends."""
    return {"unit": str(unit.pk), "known": "40,40,20", **ASKED, **more}


# --- On the page of one split ---


def test_other_weights_are_shown_beside_the_own_and_nothing_is_saved(
    client_of: ClientOf, manager: User, plan: Plan, projects: list[Project]
) -> None:
    before = list(plan.project_shares.values_list("project", "net_adds"))
    effect = client_of(manager).get(reverse("plans:split", args=[plan.pk]), ASKED).context["effect"]
    assert [(change.project.id, change.now) for change in effect.changes] == before
    # by existing users alone: 200, 100 and 0 of 300
    assert [change.then for change in effect.changes] == [20, 10, 0]
    assert effect.now_total == effect.then_total == 30
    assert list(plan.project_shares.values_list("project", "net_adds")) == before
    assert not RuleValue.objects.exists()


def test_what_is_set_by_hand_stays_by_other_weights_too(
    client_of: ClientOf, manager: User, plan: Plan, projects: list[Project]
) -> None:
    plan.project_shares.filter(project=projects[2]).update(is_manual=True, net_adds=9)
    effect = client_of(manager).get(reverse("plans:split", args=[plan.pk]), ASKED).context["effect"]
    assert [(change.then, change.by_hand) for change in effect.changes] == [(14, False), (7, False), (9, True)]


@pytest.mark.parametrize("weights", [{"existing": "0"}, {"existing": "101"}, {"existing": "x"}, {"existing": ""}])
def test_weights_that_tell_nothing_apart_or_cannot_be_read_are_refused_with_a_sentence(
    client_of: ClientOf, manager: User, supervisor: User, plan: Plan, unit: Unit, weights: dict[str, str]
) -> None:
    response = client_of(manager).get(reverse("plans:split", args=[plan.pk]), ASKED | weights)
    assert response.status_code == 200
    assert response.context["effect"] is None
    assert response.context["weights_form"].errors
    posted = client_of(supervisor).post(reverse("plans:weights"), kept(unit, **weights))
    assert (posted.status_code, RuleValue.objects.count()) == (422, 0)


def test_only_who_may_keep_them_is_offered_to(
    client_of: ClientOf, manager: User, supervisor: User, admin_user: User, specialist: User, plan: Plan
) -> None:
    url, button = reverse("plans:split", args=[plan.pk]), f'action="{reverse("plans:weights")}"'
    seen = {user.pk: button in client_of(user).get(url, ASKED).text for user in (manager, specialist)}
    assert not any(seen.values())
    assert all(button in client_of(user).get(url, ASKED).text for user in (supervisor, admin_user))


# --- Of a whole unit ---


def test_a_supervisor_keeps_weights_and_plans_follow_at_their_next_split_only(
    client_of: ClientOf, supervisor: User, manager: User, unit: Unit, plan: Plan, address: str
) -> None:
    before = list(plan.project_shares.values_list("net_adds", flat=True))
    client = client_of(supervisor)
    response = client.get(address, {"unit": str(unit.pk), **ASKED})
    assert response.context["drafts"] == 1
    assert client.post(reverse("plans:weights"), kept(unit)).status_code == 302
    assert weights_of(unit) == Weights(100, 0, 0)
    assert list(plan.project_shares.values_list("net_adds", flat=True)) == before
    page = client_of(manager).get(reverse("plans:split", args=[plan.pk])).context["page"]
    assert page.stale
    assert client.get(address).context["changed"].changed_by == supervisor
    entry = LogEntry.objects.get_for_model(RuleValue).filter(object_repr__contains="split_weight_existing").get()
    assert entry.actor == supervisor


def test_weights_that_someone_else_changed_meanwhile_are_not_written_over(
    client_of: ClientOf, supervisor: User, admin_user: User, unit: Unit, grid: Grid
) -> None:
    set_rules(unit, {"split_weight_existing": 10}, admin_user)
    client = client_of(supervisor)
    assert client.post(reverse("plans:weights"), kept(unit)).status_code == 409
    assert client.post(reverse("plans:weights"), kept(unit, known="what?")).status_code == 409
    assert weights_of(unit) == Weights(10, 40, 20)
    assert client.post(reverse("plans:weights"), kept(unit, known="10,40,20")).status_code == 302


def test_managers_and_specialists_keep_nothing_and_foreign_units_are_not_found(
    client_of: ClientOf, manager: User, specialist: User, supervisor: User, unit: Unit, foreign_grid: Grid
) -> None:
    for user in (manager, specialist):
        assert client_of(user).post(reverse("plans:weights"), kept(unit)).status_code == 403
    other = foreign_grid.unit
    assert client_of(supervisor).post(reverse("plans:weights"), kept(other)).status_code == 404
    assert client_of(supervisor).get(reverse("plans:weights"), {"unit": other.pk}).status_code == 404
    assert client_of(supervisor).get(reverse("plans:weights"), {"unit": "x"}).status_code == 404
    assert not RuleValue.objects.exists()


def test_the_effect_on_all_grids_names_the_largest_change_of_each(
    client_of: ClientOf, supervisor: User, unit: Unit, plan: Plan, other_grid: Grid, other_project: Project
) -> None:
    factories.make_indicator(other_project, NOVEMBER, billing_users=50, ports=400, ports_used=50)
    Target.objects.filter(grid=other_grid).delete()
    rows = client_of(supervisor).get(reverse("plans:weights"), {"unit": str(unit.pk), **ASKED}).context["rows"]
    found = {row.grid: row for row in rows}
    mine = found[plan.grid].effect
    assert mine is not None
    assert mine.largest is not None
    assert len(mine.moved) == 2
    assert abs(mine.largest.difference) == max(abs(change.difference) for change in mine.changes)
    assert found[other_grid].effect is None  # nothing is split there


def test_the_effect_takes_the_same_number_of_queries_for_any_number_of_grids(
    client_of: ClientOf, supervisor: User, unit: Unit, plan: Plan
) -> None:
    client, url = client_of(supervisor), reverse("plans:weights")
    client.get(url, ASKED)
    with CaptureQueriesContext(connection) as few:
        client.get(url, ASKED)
    for number in range(8):
        grid = factories.make_grid(unit)
        factories.make_target(grid, DECEMBER, net_adds=10)
        project = factories.make_project(grid, f"P3000{number:02d}")
        factories.make_indicator(project, NOVEMBER, billing_users=50, ports=100, ports_used=50)
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(url, ASKED).context["rows"]) >= 9
    assert len(many) == len(few)
