"""Every address, as every role, with an object of one's own and with a foreign one; who may is in ``access.TABLE``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.forms import BaseForm, BaseFormSet
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from gridops.accounts.models import Membership, User
from tests import factories
from tests.access import EVERYONE, TABLE, Rule
from tests.access_world import Side, make_world
from tests.sheets import told


def names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    """The name of every address but those of Django's admin site, which is for superusers as a whole."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                yield from names(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
        else:
            assert pattern.name, f"{pattern} has no name"
            yield space + pattern.name


ADDRESSES = sorted(set(names(get_resolver().url_patterns)))


def test_every_address_stands_in_the_table_and_no_other() -> None:
    assert set(ADDRESSES) - set(TABLE) == set(), "say in TABLE who may use these"
    assert set(TABLE) - set(ADDRESSES) == set(), "these are gone"


@pytest.fixture
def world(db: None) -> Side:
    return make_world()


def ask(client: Client, method: str, rule: Rule, name: str, side: Side) -> int:
    """The status of one request; whatever it wrote is taken back."""
    address = reverse(name, args=rule.address(side) if rule.address else [])
    with transaction.atomic():
        response: Any = client.generic(method, address) if method == "GET" else client.post(address)
        if response.streaming:
            list(response.streaming_content)
        if response.status_code == 302 and reverse("accounts:sign-in") in response["Location"]:
            status = 401
        else:
            status = response.status_code
        transaction.set_rollback(True)
    return status


def sees(role: str, where: str, rule: Rule) -> bool:
    """Whether a person of the first grid reaches an object that lies ``where``."""
    if rule.of_unit:
        return role == "A" or where != "foreign"
    if rule.mine:
        return role == "M" and where == "own"
    if rule.private:
        return role == "A" or (role == "M" and where == "own")
    return where == "own" or role == "A" or (where == "neighbour" and role in "SR")


@pytest.mark.parametrize("name", [name for name in TABLE if name in ADDRESSES])
def test_each_role_gets_what_the_table_says(name: str, world: Side) -> None:
    rule, wrong = TABLE[name], []

    def expect(who: str, method: str, where: str, status: int, allowed: bool, refusal: int) -> None:
        fits = status not in (401, 403, 404, 405) and status < 500 if allowed else status == refusal
        if not fits:
            wrong.append(f"{who} {method} {where}: {status}, expected {'to be let in' if allowed else refusal}")

    places = ["own", "neighbour", "foreign"] if rule.address and not rule.own_only else ["own"]
    for method in rule.methods.split():
        if not rule.open:
            expect("anonymous", method, "own", ask(Client(), method, rule, name, world.own), False, 401)
        for role, person in world.people.items():
            client = factories.client_of(person)
            for where in places:
                status = ask(client, method, rule, name, getattr(world, where))
                if role not in rule.roles:
                    expect(role, method, where, status, False, 403)
                elif not rule.open:
                    seen = sees(role, where, rule)
                    reads = method == "POST" and bool(rule.sent_by) and role not in rule.sent_by
                    expect(role, method, where, status, seen and not reads, 403 if seen else 404)
    if rule.methods == "POST" and not rule.open:
        client = factories.client_of(world.people[rule.roles[0]])
        expect(rule.roles[0], "GET", "own", ask(client, "GET", rule, name, world.own), False, 405)
    assert not wrong, "\n".join([name, *wrong])


def test_django_admin_is_for_superusers_only(world: Side) -> None:
    for person in world.people.values():
        response = factories.client_of(person).get("/admin/")
        assert response.status_code == 302
    superuser = User.objects.create_superuser("ROOT")
    assert factories.client_of(superuser).get("/admin/").status_code == 200


@pytest.mark.parametrize("role", ["M", "S", "R", "A", "G"])
def test_a_role_that_has_ended_opens_nothing(role: str, world: Side) -> None:
    person = world.people[role]
    Membership.objects.filter(user=person).update(ends_on=date(2026, 1, 1))
    client = factories.client_of(person)
    for name, rule in TABLE.items():
        if name not in ADDRESSES or rule.open or rule.roles == EVERYONE:
            continue
        assert ask(client, rule.methods.split()[0], rule, name, world.own) == 403, name


@pytest.mark.parametrize("role", ["M", "S", "R", "A", "G"])
def test_every_entry_of_the_navigation_opens_for_whom_it_is_shown_to(role: str, world: Side) -> None:
    client = factories.client_of(world.people[role])
    for entry in client.get(reverse("desk:home")).context["navigation"]:
        assert client.get(reverse(entry.url)).status_code == 200, entry.url


# --- Nothing of others anywhere: on pages, in choices, counts, exports ---


def opened(client: Client, world: Side) -> Iterator[tuple[str, Any, str]]:
    """Every page that may be looked at, with its text; of an export, the text of its cells."""
    for name, rule in TABLE.items():
        if name not in ADDRESSES or rule.open or "GET" not in rule.methods:
            continue
        response: Any = client.get(reverse(name, args=rule.address(world.own) if rule.address else []))
        if response.status_code != 200:
            continue
        if response.streaming:
            yield name, response, told(response, reckons=name == "channels:weighing-workbook")
        else:
            yield name, response, response.content.decode(errors="replace")


def forms_of(response: Any) -> Iterator[BaseForm]:
    """Every form that a page was made of."""
    for context in response.context or ():
        # a page of one template has its context alone, which is walked through as dictionaries
        for value in (context if isinstance(context, dict) else context.flatten()).values():
            found = getattr(getattr(value, "filterset", None), "form", value)
            for made in found if isinstance(found, BaseFormSet) else [found]:
                if isinstance(made, BaseForm):
                    yield made


def without_colleagues(text: str, response: Any, world: Side) -> str:
    """Who goes on leave chooses a colleague of their unit: there, and nowhere else, people of other grids are named."""
    made = response.context["form"]
    for person in made.fields["deputy"].queryset if made else ():
        held = person.memberships.own()
        assert {row.unit or row.grid.unit for row in held} == {world.own.unit}
        text = text.replace(person.name, "")
    return text


@pytest.mark.parametrize("role", ["M", "S", "R", "G"])
def test_no_page_choice_or_export_names_anything_out_of_scope(role: str, world: Side) -> None:
    hidden = ["foreign-"] if role in "SR" else ["foreign-", "neighbour-"]
    seen = 0
    for name, response, text in opened(factories.client_of(world.people[role]), world):
        seen += 1
        shown = without_colleagues(text, response, world) if name == "accounts:deputies" else text
        for word in hidden:
            assert word not in shown, f"{name} names something of {word}"
    assert seen > (3 if role == "G" else 15)


@pytest.mark.parametrize("role", ["M", "S", "R"])
def test_choices_in_forms_hold_rows_of_the_scope_only(role: str, world: Side) -> None:
    person, checked = world.people[role], 0
    for name, response, _text in opened(factories.client_of(person), world):
        for made in forms_of(response):
            for label, described in made.fields.items():
                rows: Any = getattr(described, "queryset", None)
                if rows is not None and hasattr(rows.model.objects, "for_user"):
                    allowed = set(rows.model.objects.for_user(person))
                    assert set(rows) <= allowed, f"{name}: {label}"
                    checked += 1
    assert checked


@pytest.mark.parametrize(("role", "number"), [("M", 1), ("S", 2), ("R", 2), ("A", 3)])
@pytest.mark.parametrize("name", ["projects:list", "channels:agents", "channels:outlets", "renewals:subscribers"])
def test_counts_count_the_scope(role: str, number: int, name: str, world: Side) -> None:
    response = factories.client_of(world.people[role]).get(reverse(name))
    assert response.context["listing"].count.number == number
    assert len(response.context["listing"].page.rows) == number


def test_a_post_that_mixes_own_and_foreign_ids_is_refused_as_a_whole(world: Side) -> None:
    own, foreign = world.own, world.foreign
    client = factories.client_of(own.manager)
    address = reverse("channels:outlet-edit", args=[own.outlet.pk])
    made = client.get(address).context["form"]
    sent = {name: made[name].value() for name in ("version", "base", "name", "address", "phone")}
    response = client.post(
        address, {**sent, "name": "changed", "nearby_projects": [own.project.pk, foreign.project.pk]}
    )
    assert response.status_code == 200
    own.outlet.refresh_from_db()
    assert own.outlet.name == "own-outlet"
    assert set(own.outlet.nearby_projects.all()) == {own.project}
