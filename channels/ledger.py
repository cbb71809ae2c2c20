"""The columns of the list of agents, and of its export."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.models import Agent, AgentStaff, Contract, Matter, Ownership
from channels.pages_agents import covers, worst
from channels.rules_agents import Cover, Covered
from gridops.accounts.models import User
from gridops.common.lists import Column, ListSpec
from gridops.common.paging import Order


def _own(name: str) -> Callable[[Any], object]:
    return lambda row: getattr(row, name)


def _active(row: Agent) -> object:
    return _("active") if row.is_active else _("not active")


def _until(row: Agent) -> object:
    return None if row.cover.cover in (Cover.NONE, Cover.COMING) else row.cover.on


AGENTS = ListSpec(
    name="agents",
    title=_("Agents"),
    columns=[
        Column(_("agent code"), _own("code"), sort="code"),
        Column(_("agent name"), _own("name"), sort="name"),
        Column(_("projects owned"), _own("project_count"), number=True),
        Column(_("agent staff"), _own("staff_count"), number=True),
        Column(_("open matters"), _own("matter_count"), number=True),
        Column(_("contract until"), _until),
        Column(_("state"), _active),
    ],
    rows="channels/_agent_rows.html",
    order=Order("code"),
    empty=_("No agents yet. They come with the roster of agents, by import."),
    search=_("Code or name"),
    export="channels:agents-export",
)


def agent_counts(user: User) -> Callable[[list[Agent]], None]:
    """Gives agents what a row shows: projects owned today in the person's scope, staff, open matters, contracts."""

    def decorate(rows: list[Agent]) -> None:
        today = timezone.localdate()
        owned = Ownership.objects.for_user(user).on(today).count_by_agent(rows)
        staff = AgentStaff.objects.count_by_agent(rows, today)
        matters = Matter.objects.for_user(user).waiting().count_by_agent(rows)
        signed = Contract.objects.for_user(user).filter(agent__in=[row.pk for row in rows]).select_related("unit")
        found: dict[int, list[Covered]] = {}
        for (agent, _unit), cover in covers(signed, today).items():
            found.setdefault(agent, []).append(cover)
        for row in rows:
            row.project_count, row.staff_count = owned.get(row.pk, 0), staff.get(row.pk, 0)
            row.matter_count, row.cover = matters.get(row.pk, 0), worst(found.get(row.pk, []))

    return decorate
