"""Named questions about trainings in ordering by phone (C9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Exists, OuterRef

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from channels.models_outlets import OrderTraining


class OrderTrainingQuerySet(ScopedQuerySet["OrderTraining"]):
    """Trainings in ordering by phone (C9)."""

    grid_path = "outlet__grid"

    def standing(self) -> Self:
        """Those that were not recorded by mistake."""
        return self.filter(withdrawn_at__isnull=True)

    def newest(self, outlets: Any) -> Self:
        """The one that counts for each person of ``outlets``: there is one a day at most."""
        later = self.model._default_manager.filter(
            outlet=OuterRef("outlet"), person=OuterRef("person"), on__gt=OuterRef("on"), withdrawn_at__isnull=True
        )
        return self.standing().filter(~Exists(later), outlet__in=outlets)
