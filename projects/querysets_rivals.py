"""Named questions about rivals and what they offer."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import OuterRef, Subquery

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from projects.models_rivals import CounterMeasure, Operator, RivalOffer, RivalPhoto
    from projects.querysets import ProjectQuerySet


class OperatorQuerySet(models.QuerySet["Operator", "Operator"]):
    """Operators."""

    def in_use(self) -> Self:
        """Those that have a column in the ledger, in its order."""
        return self.filter(is_active=True)


class RivalOfferQuerySet(ScopedQuerySet["RivalOffer"]):
    """Rivals' offers."""

    grid_path = "project__grid"

    def latest(self, until: date, projects: ProjectQuerySet | None = None) -> Self:  # type: ignore[override]
        """Each project's and operator's newest one, of any kind, that was seen on ``until`` or before (P3).

        What is filtered besides, before or after, narrows these; it never brings an older one up. Costs one look into
        the index for each offer in question; with ``projects``, for each of theirs and each operator, however long the
        history: name them where they are many (one query more, for the operators).
        """
        from projects.models_rivals import Operator, RivalOffer  # the models module imports this one

        seen = RivalOffer.objects.filter(seen_on__lte=until).order_by("-seen_on", "-pk").values("pk")
        if projects is None:
            same = seen.filter(project=OuterRef("project"), operator=OuterRef("operator"))
            return self.filter(seen_on__lte=until, pk=Subquery(same[:1]))
        newest = [
            projects.order_by().values_list(Subquery(seen.filter(project=OuterRef("pk"), operator=operator)[:1]))
            for operator in Operator.objects.values_list("pk", flat=True)
        ]
        return self.filter(pk__in=newest[0].union(*newest[1:], all=True)) if newest else self.none()

    def newest_of_kinds(self, until: date) -> Self:
        """Each project's and operator's newest one of each kind that was seen on ``until`` or before."""
        from projects.models_rivals import RivalOffer  # the models module imports this one

        of_kind = {name: OuterRef(name) for name in ("project", "operator", "kind")}
        same = RivalOffer.objects.filter(seen_on__lte=until, **of_kind).order_by("-seen_on", "-pk")
        return self.filter(seen_on__lte=until, pk=Subquery(same.values("pk")[:1]))

    def unanswered(self) -> Self:
        """Those that offer something, without our answer."""
        return self.filter(answer="").exclude(text="")

    def shown(self) -> Self:
        """With what an entry shows."""
        return self.select_related("operator", "by").prefetch_related("photos")


class RivalPhotoQuerySet(ScopedQuerySet["RivalPhoto"]):
    """Photos of offers."""

    grid_path = "offer__project__grid"


class CounterMeasureQuerySet(ScopedQuerySet["CounterMeasure"]):
    """What we suggest against rivals."""

    grid_path = "project__grid"

    def latest(self, until: date, projects: ProjectQuerySet | None = None) -> Self:  # type: ignore[override]
        """Each project's newest one that was noted on ``until`` or before (P3); see ``RivalOfferQuerySet.latest``."""
        from projects.models_rivals import CounterMeasure  # the models module imports this one

        noted = CounterMeasure.objects.filter(noted_on__lte=until).order_by("-noted_on", "-pk").values("pk")
        if projects is None:
            return self.filter(noted_on__lte=until, pk=Subquery(noted.filter(project=OuterRef("project"))[:1]))
        return self.filter(pk__in=projects.order_by().values_list(Subquery(noted.filter(project=OuterRef("pk"))[:1])))
