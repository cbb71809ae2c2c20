"""Deciding on many plans at once: the rules of one alone, an answer for each; with a foreign one, nothing is done."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from gridops.accounts.models import Grid, Membership, Role, Unit, User
from plans import inbox, services, services_review
from plans.models import Plan, PlanEvent
from tests import factories
from tests.plans.conftest import DECEMBER
from tests.plans.moments import ON_TIME

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_time")]
ClientOf = Callable[[User], Client]
DECIDE = "/plans/inbox/decide/"


def waiting(grid: Grid, by: User) -> Plan:
    return Plan.objects.create(
        grid=grid, month=DECEMBER.first, state="submitted", submitted_at=ON_TIME, submitted_by=by
    )


@pytest.fixture
def plans(unit: Unit) -> list[Plan]:
    """Three plans that wait."""
    grids = [factories.make_grid(unit, f"区{number}网格") for number in range(3)]
    return [waiting(grid, factories.make_manager(grid)) for grid in grids]


def decide(client: Client, plans: list[Plan], decision: str = "approve", **more: Any) -> Any:
    chosen = [f"{plan.pk}:{plan.version}" for plan in plans]
    return client.post(DECIDE, {"plan": chosen, "decision": decision, **more})


def states(plans: list[Plan]) -> list[str]:
    return [Plan.objects.get(pk=plan.pk).state for plan in plans]


def test_chosen_plans_are_approved_and_named(client_of: ClientOf, supervisor: User, plans: list[Plan]) -> None:
    answer = decide(client_of(supervisor), plans[:2])
    assert states(plans) == ["approved", "approved", "submitted"]
    assert [one.plan.pk for one in answer.context["done"]] == [plans[0].pk, plans[1].pk]
    assert answer.context["left"] == []
    assert PlanEvent.objects.filter(action="approved", by=supervisor).count() == 2


@pytest.mark.parametrize("reason", ["   ", "字" * 501])
def test_a_reason_that_won_t_do_keeps_what_was_ticked_and_typed_once(
    client_of: ClientOf, supervisor: User, plans: list[Plan], reason: str
) -> None:
    client = client_of(supervisor)
    client.get(f"/plans/inbox/?month={DECEMBER}")
    answer = client.get(decide(client, plans[:1], "return", reason=reason).url)
    assert states(plans) == ["submitted"] * 3
    page = answer.content.decode()
    assert f"{reason}</textarea>" in page
    assert page.count('name="plan"') == 3
    assert [str(plans[0].pk)] == re.findall(r'value="(\d+):\d+"[^>]* checked', page)
    assert " checked" not in client.get("/plans/inbox/").content.decode()


def test_chosen_plans_are_returned_with_one_reason(client_of: ClientOf, supervisor: User, plans: list[Plan]) -> None:
    decide(client_of(supervisor), plans, "return", reason="请补充雨天预案")
    assert states(plans) == ["returned"] * 3
    assert set(PlanEvent.objects.filter(action="returned").values_list("reason", flat=True)) == {"请补充雨天预案"}


@pytest.mark.parametrize(
    ("decision", "reason"),
    [("return", ""), ("return", "  "), ("", "x"), ("supersede", "x"), ("APPROVE", "x"), ("return", "长" * 501)],
)
def test_without_a_reason_or_a_known_decision_nothing_is_decided(
    client_of: ClientOf, supervisor: User, plans: list[Plan], decision: str, reason: str
) -> None:
    answer = decide(client_of(supervisor), plans, decision, reason=reason)
    assert answer.status_code == 302
    assert states(plans) == ["submitted"] * 3


def test_one_that_cannot_be_decided_keeps_no_other_back_and_says_why(
    client_of: ClientOf, supervisor: User, plans: list[Plan]
) -> None:
    stale, decided = plans[0], plans[1]
    Plan.objects.filter(pk=stale.pk).update(version=stale.version + 1)
    services.send_back(decided, decided.version, supervisor, reason="x", now=ON_TIME)
    answer = decide(client_of(supervisor), plans)
    assert states(plans) == ["submitted", "returned", "approved"]
    assert {one.plan.pk for one in answer.context["left"]} == {stale.pk, decided.pk}
    assert all(one.refused for one in answer.context["left"])
    assert [one.plan.pk for one in answer.context["done"]] == [plans[2].pk]
    text = answer.content.decode()
    assert all(one.refused in text for one in answer.context["left"])


def test_nobody_approves_their_own_among_others(client_of: ClientOf, unit: Unit, plans: list[Plan]) -> None:
    both = User.objects.get(pk=plans[1].submitted_by_id)
    Membership.objects.create(user=both, role=Role.SUPERVISOR, unit=unit, starts_on=date(2020, 1, 1))
    answer = decide(client_of(User.objects.get(pk=both.pk)), plans)
    assert states(plans) == ["approved", "submitted", "approved"]
    assert [one.plan.pk for one in answer.context["left"]] == [plans[1].pk]


def test_a_post_with_a_plan_of_another_unit_decides_nothing(
    client_of: ClientOf, supervisor: User, plans: list[Plan], foreign_grid: Grid, stranger: User
) -> None:
    answer = decide(client_of(supervisor), [*plans, waiting(foreign_grid, stranger)])
    assert answer.status_code == 404
    assert states(plans) == ["submitted"] * 3


@pytest.mark.parametrize("text", ["999999:1", "x:1", "1", "1:", "-1:1", "1:1:1", "１:1", "99999999999999999999:1", ""])
def test_a_post_with_an_unknown_plan_decides_nothing(
    client_of: ClientOf, supervisor: User, plans: list[Plan], text: str
) -> None:
    chosen = [*(f"{plan.pk}:{plan.version}" for plan in plans), text]
    answer = client_of(supervisor).post(DECIDE, {"plan": chosen, "decision": "approve"})
    assert answer.status_code == 404
    assert states(plans) == ["submitted"] * 3


def test_managers_and_specialists_decide_nothing(
    client_of: ClientOf, manager: User, specialist: User, plans: list[Plan]
) -> None:
    for user in (manager, specialist):
        assert decide(client_of(user), plans).status_code == 403
    assert states(plans) == ["submitted"] * 3


def test_more_than_one_post_may_hold_is_refused_as_a_whole(
    client_of: ClientOf, supervisor: User, plans: list[Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "SHOWN", 2)
    assert decide(client_of(supervisor), plans).status_code == 302
    assert states(plans) == ["submitted"] * 3


def test_the_same_plan_twice_is_decided_once(client_of: ClientOf, supervisor: User, plans: list[Plan]) -> None:
    answer = decide(client_of(supervisor), [plans[0], plans[0]])
    assert (len(answer.context["done"]), answer.context["left"]) == (1, [])


def test_a_fault_of_the_database_at_one_is_told_and_the_others_are_decided(
    supervisor: User, plans: list[Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    approve = services.approve

    def broken(plan: Plan, *args: Any, **kwargs: Any) -> None:
        if plan.pk == plans[0].pk:
            raise DatabaseError("locked")
        approve(plan, *args, **kwargs)

    monkeypatch.setattr(services_review, "approve", broken)
    made = services_review.decide([(plan, plan.version) for plan in plans], supervisor, "approve", now=ON_TIME)
    assert [bool(one.refused) for one in made] == [True, False, False]
    assert states(plans) == ["submitted", "approved", "approved"]


def test_the_answer_leads_back_to_the_inbox_as_it_was_and_nowhere_else(
    client_of: ClientOf, supervisor: User, plans: list[Plan]
) -> None:
    client, here = client_of(supervisor), reverse("plans:inbox") + "?q=区&sort=gap"
    assert decide(client, plans[:1], back=here).context["back"] == here
    for foreign in ("https://example.org/", "//example.org", "/plans/inbox/../../x", ""):
        assert decide(client, plans[1:2], back=foreign).context["back"] == reverse("plans:inbox")


def test_without_scripts_all_can_be_ticked_by_a_link(client_of: ClientOf, supervisor: User, plans: list[Plan]) -> None:
    client = client_of(supervisor)
    ticked = client.get(reverse("plans:inbox"), {"month": "2026-12", "all": "1"}).content.decode()
    assert ticked.count('name="plan"') == len(plans)
    assert ticked.count(" checked") >= len(plans)
