"""Named questions about what stands in an agent's file."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from gridops.accounts.models import Unit
from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from channels.models_agents import Contract, OwnerChange


class ContractQuerySet(models.QuerySet["Contract", "Contract"]):
    """Contracts with agents: seen in the unit that made them, by managers where the agent has a project of theirs.

    Agent staff see their own agent's.
    """

    def for_user(self, user: Any) -> Self:
        """Those that the person may see."""
        if user.scope.everything:
            return self
        if user.scope.has("agent_staff"):
            return self.filter(agent__staff__user=user)
        from channels.models import Ownership  # the models module imports this one

        met: Any = Ownership.objects.for_user(user).values("agent")
        near = Q(unit__in=Unit.objects.for_user(user), agent__in=met)
        return self.filter(Q(unit__in=user.scope.unit_ids) | near)

    def running(self, day: date) -> Self:
        """Those that hold on ``day``."""
        return self.filter(starts_on__lte=day, ends_on__gte=day)


class OwnerChangeQuerySet(ScopedQuerySet["OwnerChange"]):
    """Projects given to another agent by hand."""

    grid_path = "project__grid"

    def waiting(self) -> Self:
        """Those whose day is yet to come, or that nobody has carried out since."""
        return self.filter(done_at=None)

    def done(self) -> Self:
        """Those carried out."""
        return self.filter(done_at__isnull=False)
