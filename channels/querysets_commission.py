"""Named questions about commission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from channels.querysets_meetings import OfAgents
from gridops.accounts.models import Unit

if TYPE_CHECKING:
    from channels.models_commission import Paid, Rate, Scheme, Weighing


class SchemeQuerySet(models.QuerySet["Scheme", "Scheme"]):
    """Schemes of the own units, and of all."""

    def for_user(self, user: Any) -> Self:
        """Those that the person may see; agent staff: of the units for which their agent works."""
        if user.scope.everything:
            return self
        if user.scope.has("agent_staff"):
            units: Any = Unit.objects.filter(grids__projects__ownerships__agent__staff__user=user).values("pk")
            return self.filter(Q(unit__isnull=True) | Q(unit__in=units), payee="agent")
        return self.filter(Q(unit__isnull=True) | Q(unit__in=Unit.objects.for_user(user)))


class RateQuerySet(models.QuerySet["Rate", "Rate"]):
    """Rates: with their scheme."""

    def for_user(self, user: Any) -> Self:
        """Of schemes that the person may see."""
        from channels.models import Scheme  # the models module imports this one

        return self.filter(scheme__in=Scheme.objects.for_user(user))


class PaidQuerySet(OfAgents["Paid"]):
    """Commission paid: by project; agent staff see their own agent's."""

    grid_path = "project__grid"
    agent_path = "agent"


class WeighingQuerySet(models.QuerySet["Weighing", "Weighing"]):
    """Weighings: seen in the unit for which they were made, and by the agent."""

    def for_user(self, user: Any) -> Self:
        """Those that the person may see: the own unit's, of agents in scope; agent staff: their agent's."""
        if user.scope.everything:
            return self
        if user.scope.has("agent_staff"):
            return self.filter(agent__staff__user=user)
        from channels.models import Agent  # the models module imports this one

        return self.filter(unit__in=Unit.objects.for_user(user), agent__in=Agent.objects.for_user(user))
