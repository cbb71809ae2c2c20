"""Named questions about subscribers and their warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Q

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from renewals.models import ExpiryWarning, Subscriber, WarningList


class SubscriberQuerySet(ScopedQuerySet["Subscriber"]):
    """Subscribers."""

    grid_path = "project__grid"


class WarningListQuerySet(ScopedQuerySet["WarningList"]):
    """ExpiryWarning lists."""


class WarningQuerySet(ScopedQuerySet["ExpiryWarning"]):
    """Warnings."""

    grid_path = "warning_list__grid"

    def for_user(self, user: Any) -> Self:
        """Those of own grids; agent staff see those assigned to their agent."""
        if user.scope.everything:
            return self
        return self.filter(Q(warning_list__grid__in=user.scope.grid_ids) | Q(agent__staff__user=user))
