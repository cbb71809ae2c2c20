"""Rows for tests, with typed arguments and defaults that pass every constraint."""

from __future__ import annotations

import io
from datetime import date, timedelta
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.test import Client
from django.utils.crypto import get_random_string
from PIL import Image

from channels.models import Agent, AgentStaff, Outlet, Ownership
from gridops.accounts.models import Grid, Membership, Role, Unit, User
from gridops.common.months import Month
from plans.models import Target
from projects.models import MonthlyIndicator, Operator, Project, Prospect, RivalOffer, RivalPhoto, Stage
from projects.services_prospects import keep_up
from renewals.models import Contact, ContactPhoto, ExpiryWarning, Subscriber, WarningList

LONG_AGO = date(2020, 1, 1)
PASSWORD = "correct-horse-7-battery"
_numbers = count(1)


def make_unit(name: str = "") -> Unit:
    """A business unit."""
    return Unit.objects.create(name=name or f"单位{next(_numbers)}")


def make_grid(unit: Unit | None = None, name: str = "") -> Grid:
    """A grid, in a unit of its own unless one is given."""
    return Grid.objects.create(unit=unit or make_unit(), name=name or f"网格{next(_numbers)}")


def make_user(
    employee_no: str = "",
    *,
    name: str = "",
    role: str = "",
    unit: Unit | None = None,
    grid: Grid | None = None,
    starts_on: date = LONG_AGO,
    ends_on: date | None = None,
    password: str | None = None,
    language: str = "",
) -> User:
    """A person, holding ``role`` in ``unit`` or ``grid`` if one is named. ``client_of`` needs no password."""
    user = User.objects.create_user(
        employee_no or f"T{next(_numbers):05d}", name=name, password=password, language=language
    )
    if role:
        Membership.objects.create(user=user, role=role, unit=unit, grid=grid, starts_on=starts_on, ends_on=ends_on)
    return user


def make_manager(grid: Grid, employee_no: str = "", **fields: Any) -> User:
    """The manager of ``grid``."""
    return make_user(employee_no, role=Role.GRID_MANAGER, grid=grid, **fields)


def make_project(
    grid: Grid,
    code: str = "",
    *,
    name: str = "",
    households: int | None = 500,
    ports: int | None = 400,
    occupancy: int | None = 80,
    **fields: Any,
) -> Project:
    """A project of ``grid``."""
    number = next(_numbers)
    return Project.objects.create(
        grid=grid,
        code=code or f"X{number:06d}",
        name=name or f"项目{number}",
        households=households,
        ports=ports,
        occupancy=occupancy,
        **fields,
    )


def make_projects(grid: Grid, count: int, **fields: Any) -> list[Project]:
    """Many projects of ``grid`` at once."""
    given = {"households": 500, "ports": 400, "occupancy": 80, **fields}
    rows = [
        Project(grid=grid, code=f"N{number:06d}", name=f"项目{number}", **given)
        for number in (next(_numbers) for _ in range(count))
    ]
    return Project.objects.bulk_create(rows)


def make_prospect(grid: Grid, name: str = "", **fields: Any) -> Prospect:
    """A new project of ``grid``, found long ago, with its preparation steps."""
    row = Prospect.objects.create(
        grid=grid, name=name or f"新项目{next(_numbers)}", **{"households": 800, "found_on": LONG_AGO, **fields}
    )
    keep_up(Prospect.objects.filter(pk=row.pk))
    return row


def make_prospects(grid: Grid, count: int, **fields: Any) -> list[Prospect]:
    """Many new projects of ``grid`` at once, spread over the stages before service."""
    rows = [
        Prospect(grid=grid, name=f"新项目{next(_numbers)}", stage=Stage.values[at % 5], **{"households": 800, **fields})
        for at in range(count)
    ]
    made = Prospect.objects.bulk_create(rows)
    keep_up(Prospect.objects.filter(grid=grid))
    return made


def make_indicators(projects: list[Project], *months: Month, **fields: Any) -> list[MonthlyIndicator]:
    """Figures of many projects for ``months`` at once."""
    given = {"billing_users": 200, "ports": 400, "ports_used": 200, **fields}
    return MonthlyIndicator.objects.bulk_create(
        MonthlyIndicator(project=project, month=month.first, **given) for month in months for project in projects
    )


def make_indicator(
    project: Project,
    month: Month,
    *,
    billing_users: int | None = 200,
    ports: int | None = 400,
    ports_used: int | None = 200,
    **fields: Any,
) -> MonthlyIndicator:
    """A project's figures of ``month``."""
    return MonthlyIndicator.objects.create(
        project=project,
        month=month.first,
        billing_users=billing_users,
        ports=ports,
        ports_used=ports_used,
        **fields,
    )


def make_offer(
    project: Project,
    operator: Operator | None = None,
    text: str = "500M 59元/月",
    seen_on: date = LONG_AGO,
    **fields: Any,
) -> RivalOffer:
    """What an operator (the first in the list unless one is given) was seen to offer in ``project``."""
    operator = operator or Operator.objects.earliest("position")
    return RivalOffer.objects.create(project=project, operator=operator, text=text, seen_on=seen_on, **fields)


def make_photo(offer: RivalOffer, by: User) -> RivalPhoto:
    """A photo of ``offer``, four pixels in size."""
    file = io.BytesIO()
    Image.new("RGB", (4, 3)).save(file, "JPEG")
    image, small = (ContentFile(file.getvalue(), f"{get_random_string(16)}.jpg") for _size in range(2))
    return RivalPhoto.objects.create(offer=offer, image=image, small=small, width=4, height=3, by=by)


def make_agent(code: str = "", *, name: str = "", owns: list[Project] | None = None) -> Agent:
    """An agent who has long owned the projects in ``owns``."""
    number = next(_numbers)
    agent = Agent.objects.create(code=code or f"D{number:05d}", name=name or f"代理商{number}")
    for project in owns or []:
        make_ownership(project, agent)
    return agent


def make_ownership(
    project: Project, agent: Agent, starts_on: date = LONG_AGO, ends_on: date | None = None
) -> Ownership:
    """Who owns a project, since when."""
    return Ownership.objects.create(project=project, agent=agent, starts_on=starts_on, ends_on=ends_on)


def make_agent_staff(
    agent: Agent, name: str = "", *, phone: str = "19900001234", user: User | None = None
) -> AgentStaff:
    """A person working for ``agent``."""
    return AgentStaff.objects.create(
        agent=agent, name=name or f"业务员{next(_numbers)}", phone=phone, position="业务人员", user=user
    )


def make_outlet(
    grid: Grid, code: str = "", *, name: str = "", near: list[Project] | None = None, **fields: Any
) -> Outlet:
    """An outlet of ``grid`` near the projects in ``near``."""
    number = next(_numbers)
    outlet = Outlet.objects.create(
        grid=grid, code=code or f"W{number:05d}", name=name or f"受理点{number}", **{"phone": "19900005678", **fields}
    )
    outlet.nearby_projects.set(near or [])
    return outlet


def make_subscriber(
    project: Project,
    account: str = "",
    *,
    name: str = "王小明",
    phone: str = "19900001111",
    started_on: date | None = LONG_AGO,
    expires_on: date | None = None,
    status: str = Subscriber.Status.ACTIVE,
    **fields: Any,
) -> Subscriber:
    """A subscriber of ``project``."""
    return Subscriber.objects.create(
        project=project,
        account=account or f"028{next(_numbers):08d}",
        name=name,
        phone=phone,
        started_on=started_on,
        expires_on=expires_on,
        status=status,
        **fields,
    )


def make_warning(subscriber: Subscriber, *, agent: Agent | None = None, **fields: Any) -> ExpiryWarning:
    """``subscriber`` on the list of the month of their expiry, for ``agent`` or in the pool; a call is next."""
    day = fields.pop("expires_on", None) or subscriber.expires_on
    if day is None:
        raise ValueError("without a day of expiry nobody is on a list")
    listed, _ = WarningList.objects.get_or_create(grid=subscriber.project.grid, month=day.replace(day=1))
    state = ExpiryWarning.State.ASSIGNED if agent else ExpiryWarning.State.LISTED
    values = {"state": state, "next_step": "call", "next_on": day - timedelta(days=15)} | fields
    return ExpiryWarning.objects.create(
        warning_list=listed, month=listed.month, subscriber=subscriber, agent=agent, expires_on=day, **values
    )


def make_contact(warning: ExpiryWarning, by: User, **fields: Any) -> Contact:
    """What somebody said about ``warning``: nobody answered the phone, unless told otherwise."""
    values = {"medium": "call", "outcome": "no_answer", "state_before": warning.state, "state_after": "second_visit"}
    return Contact.objects.create(
        warning=warning, subscriber=warning.subscriber, agent=warning.agent, by=by, **(values | fields)
    )


def make_contact_photo(contact: Contact, by: User) -> ContactPhoto:
    """A photo of a visit, four pixels in size."""
    file = io.BytesIO()
    Image.new("RGB", (4, 3)).save(file, "JPEG")
    image, small = (ContentFile(file.getvalue(), f"{get_random_string(16)}.jpg") for _size in range(2))
    return ContactPhoto.objects.create(contact=contact, image=image, small=small, width=4, height=3, by=by)


def make_target(
    grid: Grid, month: Month, *, net_adds: int | None = 30, renewals: int | None = 20, **fields: Any
) -> Target:
    """What the unit hands down to ``grid`` for ``month``."""
    return Target.objects.create(grid=grid, month=month.first, net_adds=net_adds, renewals=renewals, **fields)


def client_of(user: User) -> Client:
    """A browser in which ``user`` has signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
