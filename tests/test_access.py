"""Who may do what: every address, as every role, with an object of one's own and with a foreign one.

``TABLE`` is the documentation. The addresses themselves come from the resolver: one that is missing here fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.forms import BaseForm, BaseFormSet
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from gridops.accounts.models import Membership, Role, User
from gridops.jobs.models import Job
from gridops.workbooks.export import write_sheet
from gridops.workbooks.models import Batch
from plans.models import ActionStep, Plan
from promotions.models import Session, Slot
from renewals.models import ExpiryWarning, WarningList
from tests import factories
from tests.sheets import exported

MONTH = date(2026, 12, 1)

# M grid manager, S supervisor, R renewal specialist, A admin, G agent staff
READERS, EVERYONE, NOBODY = "MSRA", "MSRAG", ""
Side = SimpleNamespace
Address = Callable[[Side], list[Any]]


@dataclass(frozen=True)
class Rule:
    """Who is let in (others: 403), by which methods, and the address's arguments from one side's objects.

    Without arguments the page has no object. ``own_only``: foreign objects are those of other people, whatever the
    role. ``open``: works before sign-in. ``private``: its asker's (the grid's manager) and the admins' only.
    """

    roles: str
    methods: str = "GET"
    address: Address | None = None
    open: bool = False
    own_only: bool = False
    private: bool = False


def page(roles: str, address: Address | None = None, **more: Any) -> Rule:
    """Looked at."""
    return Rule(roles, "GET", address, **more)


def form(roles: str, address: Address | None = None, **more: Any) -> Rule:
    """Looked at, then sent."""
    return Rule(roles, "GET POST", address, **more)


def deed(roles: str, address: Address | None = None, **more: Any) -> Rule:
    """Sent only; looking at it is refused (405)."""
    return Rule(roles, "POST", address, **more)


def of(name: str) -> Address:
    """The primary key of a side's object."""
    return lambda side: [getattr(side, name).pk]


TABLE: dict[str, Rule] = {
    # first page, monitoring
    "desk:home": page(EVERYONE),
    "health": page(EVERYONE, open=True),
    # the own account
    "accounts:sign-in": form(EVERYONE, open=True),
    "accounts:sign-out": deed(EVERYONE, open=True),
    "accounts:set-up": form(EVERYONE, lambda _side: ["MQ", "x-y"], open=True, own_only=True),
    "accounts:language": deed(EVERYONE, open=True),
    "accounts:profile": form(EVERYONE),
    "accounts:password": form(EVERYONE),
    "accounts:second-factor": form(EVERYONE),
    "accounts:drop-second-factor": deed(EVERYONE),
    "accounts:menu": page(EVERYONE),
    # people, rules, who looked: admins
    "accounts:people": page("A"),
    "accounts:person": form("A", of("manager")),
    "accounts:person-active": deed("A", of("manager")),
    "accounts:set-up-link": deed("A", of("manager")),
    "accounts:end-role": deed("A", of("membership")),
    "accounts:rules": form("A"),
    "accounts:access": page("A"),
    # projects: all but agent staff read; grid manager, supervisor and admin edit
    "projects:list": page(READERS),
    "projects:export": page(READERS),
    "projects:detail": page(READERS, of("project")),
    "projects:edit": form("MSA", of("project")),
    "projects:history": page(READERS, of("project")),
    "projects:reveal": deed(READERS, of("project")),
    # agents and outlets: as projects; an agent works in several grids and is edited by the unit
    "channels:agents": page(READERS),
    "channels:agents-export": page(READERS),
    "channels:agent": page(READERS, of("agent")),
    "channels:agent-edit": form("SA", of("agent")),
    "channels:agent-history": page(READERS, of("agent")),
    "channels:reveal-staff": deed(READERS, of("staff")),
    "channels:outlets": page(READERS),
    "channels:outlets-export": page(READERS),
    "channels:outlet": page(READERS, of("outlet")),
    "channels:outlet-edit": form("MSA", of("outlet")),
    "channels:outlet-history": page(READERS, of("outlet")),
    "channels:reveal-outlet": deed(READERS, of("outlet")),
    "channels:around": page(READERS, of("project")),
    # subscribers: agent staff reach those assigned to their agent
    "renewals:subscribers": form(READERS),
    "renewals:subscribers-export": page(READERS),
    "renewals:subscriber": page(EVERYONE, of("subscriber")),
    "renewals:subscriber-history": page(READERS, of("subscriber")),
    "renewals:reveal": deed(EVERYONE, of("subscriber")),
    # warning lists
    "renewals:lists": page(EVERYONE),
    "renewals:list": page(READERS, of("warning_list")),
    # plans: the manager writes and submits, the unit reviews; targets come from the unit
    "plans:list": page(READERS),
    "plans:inbox": page("SA"),
    "plans:plan": page(READERS, of("plan")),
    "plans:review": page("SA", of("plan")),
    "plans:submit": deed("M", of("plan")),
    "plans:approve": deed("SA", of("plan")),
    "plans:return": deed("SA", of("plan")),
    "plans:revise": deed("M", of("plan")),
    "plans:tick": deed("M", of("step")),
    "plans:targets": page("SA"),
    "plans:target": form("SA", lambda side: [side.grid.pk, "2026-12"]),
    # the promotion timetable of a plan
    "promotions:session": form("M", of("session")),
    "promotions:session-new": form("M", lambda side: [side.grid.pk]),
    "promotions:session-remove": deed("M", of("session")),
    # imports, runs: admins; the progress of a job is its asker's
    "workbooks:list": page("A"),
    "workbooks:upload": form("A"),
    "workbooks:template": page("A", lambda _side: ["projects"]),
    "workbooks:batch": page("A", of("batch")),
    "workbooks:columns": form("A", of("batch")),
    "workbooks:check": deed("A", of("batch")),
    "workbooks:apply": deed("A", of("batch")),
    "workbooks:undo": form("A", of("batch")),
    "workbooks:again": deed("A", of("batch")),
    "workbooks:marked": page("A", of("batch")),
    "jobs:runs": page("A"),
    "jobs:run-month": form("A"),
    "jobs:run": page("A", of("run")),
    "jobs:run-again": deed("A", of("run")),
    "jobs:progress": page(EVERYONE, of("run"), private=True),
}


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


# --- The world: the own grid, another of the same unit, one of another unit ---


def make_side(unit: Any, name: str) -> Side:
    """A grid with one of everything in it."""
    side = Side(unit=unit, grid=factories.make_grid(unit, f"{name}-grid"))
    side.manager = factories.make_manager(side.grid, name=f"{name}-manager")
    side.membership = side.manager.memberships.get()
    side.project = factories.make_project(side.grid, f"{name}-P1", name=f"{name}-project")
    side.agent = factories.make_agent(f"{name}-D1", name=f"{name}-agent", owns=[side.project])
    side.staff = factories.make_agent_staff(side.agent, f"{name}-staff")
    side.outlet = factories.make_outlet(side.grid, f"{name}-W1", name=f"{name}-outlet", near=[side.project])
    side.subscriber = factories.make_subscriber(side.project, f"{name}-U1", expires_on=MONTH)
    side.warning_list = WarningList.objects.create(grid=side.grid, month=MONTH)
    side.warning = ExpiryWarning.objects.create(
        warning_list=side.warning_list,
        month=MONTH,
        subscriber=side.subscriber,
        agent=side.agent,
        expires_on=MONTH,
        state=ExpiryWarning.State.ASSIGNED,
    )
    side.plan = Plan.objects.create(grid=side.grid, month=MONTH)
    side.step = ActionStep.objects.create(plan=side.plan, what=f"{name}-step")
    side.session = Session.objects.create(grid=side.grid, project=side.project, day=MONTH, slot=Slot.choices[0][0])
    side.batch = Batch.objects.create(
        kind="projects",
        file=ContentFile(write_sheet("1", ["项目编码"], [["?"]]).read(), "x.xlsx"),
        file_name="x.xlsx",
        sha256="0" * 64,
        uploaded_by=side.manager,
        sheet_name="1",
        header_row=1,
        headers=["项目编码"],
        rows_read=1,
        rows_refused=1,
    )
    side.run = Job.objects.create(
        kind="warning_lists",
        key=f"run:{side.grid.pk}",
        month=MONTH,
        unit=unit,
        state=Job.State.DONE,
        finished_at=timezone.now(),
        requested_by=side.manager,
    )
    return side


@pytest.fixture
def world(db: None) -> Side:
    """Three grids, and a person of every role who belongs to the first (the unit roles to its unit)."""
    unit = factories.make_unit()
    own = make_side(unit, "own")
    staff_user = factories.make_user(role=Role.AGENT_STAFF)
    factories.make_agent_staff(own.agent, user=staff_user)
    people = {
        "M": own.manager,
        "S": factories.make_user(role=Role.SUPERVISOR, unit=unit),
        "R": factories.make_user(role=Role.RENEWAL_SPECIALIST, unit=unit),
        "A": factories.make_user(role=Role.ADMIN),
        "G": staff_user,
    }
    return Side(
        own=own,
        neighbour=make_side(unit, "neighbour"),
        foreign=make_side(factories.make_unit(), "foreign"),
        people=people,
    )


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


def sees(role: str, where: str, private: bool) -> bool:
    """Whether a person of the first grid reaches an object that lies ``where``."""
    if private:
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
                    expect(role, method, where, status, sees(role, where, rule.private), 404)
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
            yield name, response, str(exported(response))
        else:
            yield name, response, response.content.decode()


def forms_of(response: Any) -> Iterator[BaseForm]:
    """Every form that a page was made of."""
    for context in response.context or ():
        for value in context.flatten().values():
            found = getattr(getattr(value, "filterset", None), "form", value)
            for made in found if isinstance(found, BaseFormSet) else [found]:
                if isinstance(made, BaseForm):
                    yield made


@pytest.mark.parametrize("role", ["M", "S", "R", "G"])
def test_no_page_choice_or_export_names_anything_out_of_scope(role: str, world: Side) -> None:
    hidden = ["foreign-"] if role in "SR" else ["foreign-", "neighbour-"]
    seen = 0
    for name, _response, text in opened(factories.client_of(world.people[role]), world):
        seen += 1
        for word in hidden:
            assert word not in text, f"{name} names something of {word}"
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
