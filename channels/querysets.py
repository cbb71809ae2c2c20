"""Named questions about channels."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from channels.models import Agent, AgentStaff, Outlet, OutletStaff, Ownership


class OwnershipQuerySet(ScopedQuerySet["Ownership"]):
    """Who owns which project since when."""

    grid_path = "project__grid"

    def on(self, day: date) -> Self:
        """Those that hold on ``day``."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def units_of_staff(self, user: Any) -> Any:
        """The units for which the agent of this member of agent staff works today: where it owns a project; as ids."""
        return self.on(timezone.localdate()).filter(agent__staff__user=user).values("project__grid__unit")

    def count_by_agent(self, agents: Iterable[Agent]) -> dict[int, int]:
        """How many of these ownerships each agent has, by agent id; one query."""
        rows = self.filter(agent__in=[agent.pk for agent in agents]).order_by().values_list("agent")
        return dict(rows.annotate(Count("pk")))


class AgentQuerySet(models.QuerySet["Agent", "Agent"]):
    """Agents: visible where they own, or owned, a project, or have a contract."""

    def for_user(self, user: Any) -> Self:
        """Agents with a project in the person's scope, or a contract with the unit they look after.

        Those who work for nobody yet are seen by supervisors, who give them their first project or contract. Agent
        staff see their own agent.
        """
        if user.scope.everything:
            return self
        from channels.models import AgentStaff, Contract, Ownership  # the models module imports this one

        mine = {"agent": OuterRef("pk")}
        seen: Any = Exists(Ownership.objects.for_user(user).filter(**mine))
        if user.scope.has("agent_staff"):
            return self.filter(seen | Exists(AgentStaff.objects.filter(**mine, user=user)))
        seen |= Exists(Contract.objects.filter(**mine, unit__in=user.scope.unit_ids))
        if user.scope.has("supervisor"):
            seen |= ~Exists(Ownership.objects.filter(**mine)) & ~Exists(Contract.objects.filter(**mine))
        return self.filter(seen)

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

    def working(self, day: date) -> Self:
        """Those who have not left by ``day``: only they are offered anywhere."""
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gt=day))

    def gone(self, day: date) -> Self:
        """Those who have left by ``day``; they are kept."""
        return self.filter(left_on__lte=day)

    def count_by_agent(self, agents: Iterable[Agent], day: date) -> dict[int, int]:
        """How many staff each agent has on ``day``, by agent id; one query."""
        rows = self.working(day).filter(agent__in=[agent.pk for agent in agents]).order_by().values_list("agent")
        return dict(rows.annotate(Count("pk")))


class OutletQuerySet(ScopedQuerySet["Outlet"]):
    """Acceptance outlets."""

    def in_list(self) -> Self:
        """With what a row of the list shows."""
        return self.select_related("grid")

    def near(self, project: Any) -> Self:
        """Those near ``project``."""
        return self.filter(nearby_projects=project)

    def selling(self) -> Self:
        """Those that take orders: they are owed visits and calls (C5)."""
        return self.filter(stage="selling", is_active=True)

    def on_the_way(self) -> Self:
        """Shops still to be won, and those that were given up (C10)."""
        return self.filter(is_active=True).exclude(stage="selling")

    def with_last_step(self) -> Self:
        """With the day and the remark of the newest step (``since``, ``last_note``); None and "" where none is kept."""
        from channels.models import StageMove  # the models module imports this one

        newest = StageMove.objects.filter(outlet=OuterRef("pk")).order_by("-on", "-pk")
        return self.annotate(
            since=Subquery(newest.values("on")[:1]), last_note=Coalesce(Subquery(newest.values("note")[:1]), Value(""))
        )

    def supervised_by(self, user: Any, day: date) -> Self:
        """Those of the units that ``user`` supervises on ``day``."""
        from gridops.accounts.models import Membership  # the models module imports the querysets

        held = Membership.objects.current(day).filter(user=user, role="supervisor")
        return self.filter(grid__unit__in=held.values("unit"))


class OutletStaffQuerySet(ScopedQuerySet["OutletStaff"]):
    """Counter staff, with their outlet."""

    grid_path = "outlet__grid"
