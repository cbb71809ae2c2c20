"""Admins set the thresholds of the handbook."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from gridops.accounts.models import RuleValue, Unit, User
from gridops.accounts.rulebook import RULES, rule, rules_by_unit

ClientOf = Callable[[User], Client]

pytestmark = pytest.mark.django_db


def filled(client: Client, address: str, **changes: object) -> dict[str, object]:
    """What a browser would send back: every field, and what it was drawn with."""
    form = client.get(address).context["form"]
    data: dict[str, object] = {}
    for key in RULES:
        drawn = "" if form[key].initial is None else form[key].initial
        data[key] = changes.get(key, drawn)
        data[f"initial-{key}"] = drawn
    return data


def test_a_units_own_value_wins_over_that_of_all_units_over_the_default(unit: Unit, other_unit: Unit) -> None:
    assert rule("plan_due_day", unit) == 28
    RuleValue.objects.create(key="plan_due_day", value=27)
    RuleValue.objects.create(key="plan_due_day", value=26, unit=unit)
    assert (rule("plan_due_day"), rule("plan_due_day", unit), rule("plan_due_day", other_unit)) == (27, 26, 27)
    values = rules_by_unit(["plan_due_day"], [unit, other_unit])
    assert [values[pk]["plan_due_day"] for pk in (None, unit.pk, other_unit.pk)] == [27, 26, 27]


@pytest.mark.parametrize("who", ["manager", "supervisor", "specialist", "agent_staff_user"])
def test_rules_are_for_admins(who: str, client_of: ClientOf, request: pytest.FixtureRequest) -> None:
    client = client_of(request.getfixturevalue(who))
    assert client.get(reverse("accounts:rules")).status_code == 403
    assert client.post(reverse("accounts:rules"), {"plan_due_day": 20}).status_code == 403


def test_a_rule_is_set_for_all_units_and_for_one_and_taken_back(
    client_of: ClientOf, admin_user: User, unit: Unit
) -> None:
    client, address = client_of(admin_user), reverse("accounts:rules")
    own = f"{address}?unit={unit.pk}"
    assert client.post(address, filled(client, address, plan_due_day=27)).status_code == 302
    assert client.post(own, filled(client, own, plan_due_day=26)).status_code == 302
    assert (rule("plan_due_day"), rule("plan_due_day", unit)) == (27, 26)
    assert RuleValue.objects.get(unit=unit).changed_by == admin_user
    assert client.post(own, filled(client, own, plan_due_day="")).status_code == 302
    assert rule("plan_due_day", unit) == 27


@pytest.mark.parametrize(
    "changes",
    [
        {"plan_due_day": 29},
        {"plan_due_day": 0},
        {"plan_due_day": "soon"},
        {"plan_early_day": 28, "plan_due_day": 27},
        {"split_weight_existing": 0, "split_weight_free_ports": 0, "split_weight_unserved": 0},
        {"renewal_call_second": 15},
        {"renewal_call_day": 6},
        {"renewal_call_after": 30},
        {"renewal_winback_days": 29},
    ],
)
def test_values_out_of_bounds_or_in_contradiction_are_refused(
    client_of: ClientOf, admin_user: User, changes: dict[str, object]
) -> None:
    client, address = client_of(admin_user), reverse("accounts:rules")
    assert client.post(address, filled(client, address, **changes)).status_code == 422
    assert not RuleValue.objects.exists()


def test_two_admins_who_change_different_rules_keep_both(client_of: ClientOf, admin_user: User) -> None:
    client, address = client_of(admin_user), reverse("accounts:rules")
    first = filled(client, address, plan_due_day=27)
    second = filled(client, address, sessions_per_day=3)
    client.post(address, first)
    client.post(address, second)
    assert (rule("plan_due_day"), rule("sessions_per_day")) == (27, 3)


def test_who_changed_a_rule_is_on_the_page(client_of: ClientOf, admin_user: User) -> None:
    client, address = client_of(admin_user), reverse("accounts:rules")
    client.post(address, filled(client, address, plan_due_day=27))
    client.post(address, filled(client, address, plan_due_day=26))
    changes = client.get(address).context["changes"]
    assert [(change.who, change.old, change.new) for change in changes] == [
        (admin_user.name, "27", "26"),
        (admin_user.name, "", "27"),
    ]


def test_unknown_rules_and_units_are_not_set(client_of: ClientOf, admin_user: User) -> None:
    client, address = client_of(admin_user), reverse("accounts:rules")
    client.post(address, filled(client, address) | {"is_superuser": 1, "password_length": 1})
    assert not RuleValue.objects.exists()
    assert client.get(f"{address}?unit=9999").status_code == 404
