"""The columns of the lists of agents and outlets, and of their exports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.models import Agent, AgentStaff, Outlet, Ownership
from gridops.accounts.models import User
from gridops.common.lists import Column, ListSpec
from gridops.common.paging import Order


def _own(name: str) -> Callable[[Any], object]:
    return lambda row: getattr(row, name)


def _active(row: Agent | Outlet) -> object:
    return _("active") if row.is_active else _("not active")


AGENTS = ListSpec(
    name="agents",
    title=_("Agents"),
    columns=[
        Column(_("agent code"), _own("code"), sort="code"),
        Column(_("agent name"), _own("name"), sort="name"),
        Column(_("projects owned"), _own("project_count"), number=True),
        Column(_("agent staff"), _own("staff_count"), number=True),
        Column(_("state"), _active),
    ],
    rows="channels/_agent_rows.html",
    order=Order("code"),
    empty=_("No agents yet. They come with the roster of agents, by import."),
    search=_("Code or name"),
    export="channels:agents-export",
)

OUTLETS = ListSpec(
    name="outlets",
    title=_("Outlets"),
    columns=[
        Column(_("outlet code"), _own("code"), sort="code"),
        Column(_("outlet name"), _own("name"), sort="name"),
        Column(_("grid"), lambda row: row.grid.name),
        Column(_("address"), _own("address")),
        Column(_("shop owner"), _own("owner_name")),
        Column(_("phone"), _own("phone")),
        Column(_("projects around"), _own("project_count"), number=True),
        Column(_("won on"), _own("opened_on")),
        Column(_("state"), _active),
    ],
    rows="channels/_outlet_rows.html",
    order=Order("code"),
    empty=_("No outlets yet. They come with the roster of outlets, by import."),
    search=_("Code, name or address"),
    export="channels:outlets-export",
)


def agent_counts(user: User) -> Callable[[list[Agent]], None]:
    """Gives agents the number of projects they own today in the person's scope, and of their staff."""

    def decorate(rows: list[Agent]) -> None:
        owned = Ownership.objects.for_user(user).on(timezone.localdate()).count_by_agent(rows)
        staff = AgentStaff.objects.count_by_agent(rows)
        for row in rows:
            row.project_count, row.staff_count = owned.get(row.pk, 0), staff.get(row.pk, 0)

    return decorate


def outlet_counts(user: User) -> Callable[[list[Outlet]], None]:
    """Gives outlets the number of projects around them that the person may see."""

    def decorate(rows: list[Outlet]) -> None:
        around = Outlet.objects.count_projects(rows, user)
        for row in rows:
            row.project_count = around.get(row.pk, 0)

    return decorate
