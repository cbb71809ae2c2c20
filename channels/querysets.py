"""Named questions about channels."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from channels.models import Agent, AgentStaff, Outlet, Ownership


class OwnershipQuerySet(ScopedQuerySet["Ownership"]):
    """Who owns which project since when."""

    grid_path = "project__grid"

    def on(self, day: date) -> Self:
        """Those that hold on ``day``."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)


class AgentQuerySet(models.QuerySet["Agent", "Agent"]):
    """Agents: visible where they own, or owned, a project."""

    def for_user(self, user: Any) -> Self:
        """Agents with a project in the person's scope; agent staff see their own agent."""
        if user.scope.everything:
            return self
        from channels.models import Ownership  # the models module imports this one

        owned = Ownership.objects.for_user(user).filter(agent=OuterRef("pk"))
        return self.filter(Exists(owned) | Q(staff__user=user)).distinct()


class AgentStaffQuerySet(models.QuerySet["AgentStaff", "AgentStaff"]):
    """Agent staff: visible with their agent."""

    def for_user(self, user: Any) -> Self:
        """Staff of the agents that the person may see."""
        if user.scope.everything:
            return self
        from channels.models import Agent  # the models module imports this one

        return self.filter(agent__in=Agent.objects.for_user(user))


class OutletQuerySet(ScopedQuerySet["Outlet"]):
    """Acceptance outlets."""
