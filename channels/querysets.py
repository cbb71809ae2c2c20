"""Named questions about channels."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from channels.models import Agent, AgentStaff, Outlet, OutletStaff, Ownership


class OwnershipQuerySet(ScopedQuerySet["Ownership"]):
    """Who owns which project since when."""

    grid_path = "project__grid"

    def on(self, day: date) -> Self:
        """Those that hold on ``day``."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def count_by_agent(self, agents: Iterable[Agent]) -> dict[int, int]:
        """How many of these ownerships each agent has, by agent id; one query."""
        rows = self.filter(agent__in=[agent.pk for agent in agents]).order_by().values_list("agent")
        return dict(rows.annotate(Count("pk")))


class AgentQuerySet(models.QuerySet["Agent", "Agent"]):
    """Agents: visible where they own, or owned, a project."""

    def for_user(self, user: Any) -> Self:
        """Agents with a project in the person's scope; agent staff see their own agent."""
        if user.scope.everything:
            return self
        from channels.models import AgentStaff, Ownership  # the models module imports this one

        owned = Ownership.objects.for_user(user).filter(agent=OuterRef("pk"))
        if not user.scope.has("agent_staff"):
            return self.filter(Exists(owned))
        works_there = AgentStaff.objects.filter(agent=OuterRef("pk"), user=user)
        return self.filter(Exists(owned) | Exists(works_there))

    def owning_in(self, grid: Any, day: date) -> Self:
        """Agents who own a project of ``grid`` on ``day``."""
        from channels.models import Ownership  # the models module imports this one

        return self.filter(Exists(Ownership.objects.on(day).filter(agent=OuterRef("pk"), project__grid=grid)))


class AgentStaffQuerySet(models.QuerySet["AgentStaff", "AgentStaff"]):
    """Agent staff: visible with their agent."""

    def for_user(self, user: Any) -> Self:
        """Staff of the agents that the person may see."""
        if user.scope.everything:
            return self
        from channels.models import Agent  # the models module imports this one

        return self.filter(agent__in=Agent.objects.for_user(user))

    def count_by_agent(self, agents: Iterable[Agent]) -> dict[int, int]:
        """How many staff each agent has, by agent id; one query."""
        rows = self.filter(agent__in=[agent.pk for agent in agents]).order_by().values_list("agent")
        return dict(rows.annotate(Count("pk")))


class OutletQuerySet(ScopedQuerySet["Outlet"]):
    """Acceptance outlets."""

    def in_list(self) -> Self:
        """With what a row of the list shows."""
        return self.select_related("grid")

    def near(self, project: Any) -> Self:
        """Those near ``project``."""
        return self.filter(nearby_projects=project)

    def count_projects(self, outlets: Iterable[Outlet], user: Any) -> dict[int, int]:
        """How many projects that ``user`` may see lie around each outlet, by outlet id; one query."""
        from channels.models import Outlet  # the models module imports this one
        from projects.models import Project

        link = Outlet.nearby_projects.through.objects.filter(
            outlet__in=[outlet.pk for outlet in outlets], project__in=Project.objects.for_user(user)
        )
        return dict(link.order_by().values_list("outlet").annotate(Count("pk")))

    def selling(self) -> Self:
        """Those that take orders: they are owed visits and calls (C5)."""
        return self.filter(stage="selling", is_active=True)


class OutletStaffQuerySet(ScopedQuerySet["OutletStaff"]):
    """Counter staff, with their outlet."""

    grid_path = "outlet__grid"
