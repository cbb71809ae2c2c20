"""Named questions about rivals and what they offer."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import OuterRef, Subquery

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

    def latest(self, until: date) -> Self:  # type: ignore[override]
        """Each project's and operator's newest one, of any kind, that was seen on ``until`` or before (P3).

        What is filtered besides, before or after, narrows these; it never brings an older one up. One look into the
        index an offer in question: narrow by scope or project first.
        """
        from projects.models_rivals import RivalOffer  # the models module imports this one

        same = RivalOffer.objects.filter(
            project=OuterRef("project"), operator=OuterRef("operator"), seen_on__lte=until
        ).order_by("-seen_on", "-pk")
        return self.filter(seen_on__lte=until, pk=Subquery(same.values("pk")[:1]))


class RivalPhotoQuerySet(ScopedQuerySet["RivalPhoto"]):
    """Photos of offers."""

    grid_path = "offer__project__grid"


class CounterMeasureQuerySet(ScopedQuerySet["CounterMeasure"]):
    """What we suggest against rivals."""

    grid_path = "project__grid"

    def latest(self, until: date) -> Self:  # type: ignore[override]
        """Each project's newest one that was noted on ``until`` or before (P3); see ``RivalOfferQuerySet.latest``."""
        from projects.models_rivals import CounterMeasure  # the models module imports this one

        same = CounterMeasure.objects.filter(project=OuterRef("project"), noted_on__lte=until)
        same = same.order_by("-noted_on", "-pk")
        return self.filter(noted_on__lte=until, pk=Subquery(same.values("pk")[:1]))
