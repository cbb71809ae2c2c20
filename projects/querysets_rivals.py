"""Named questions about rivals and what they offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from projects.models_rivals import CounterMeasure, Operator, RivalOffer, RivalPhoto


class OperatorQuerySet(models.QuerySet["Operator", "Operator"]):
    """Operators."""

    def in_use(self) -> Self:
        """Those that have a column in the ledger, in its order."""
        return self.filter(is_active=True)


class RivalOfferQuerySet(ScopedQuerySet["RivalOffer"]):
    """Rivals' offers."""

    grid_path = "project__grid"


class RivalPhotoQuerySet(ScopedQuerySet["RivalPhoto"]):
    """Photos of offers."""

    grid_path = "offer__project__grid"


class CounterMeasureQuerySet(ScopedQuerySet["CounterMeasure"]):
    """What we suggest against rivals."""

    grid_path = "project__grid"
