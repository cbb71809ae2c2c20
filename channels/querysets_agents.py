"""Named questions about what stands in an agent's file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from gridops.accounts.models import Unit

if TYPE_CHECKING:
    from channels.models_agents import Contract


class ContractQuerySet(models.QuerySet["Contract", "Contract"]):
    """Contracts with agents: seen in the unit that made them; agent staff see their own agent's."""

    def for_user(self, user: Any) -> Self:
        """Those that the person may see."""
        if user.scope.everything:
            return self
        if user.scope.has("agent_staff"):
            return self.filter(agent__staff__user=user)
        return self.filter(unit__in=Unit.objects.for_user(user))
