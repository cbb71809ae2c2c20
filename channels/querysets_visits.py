"""Named questions about visits, calls and rounds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from channels.rules_visits import CLOSE, LATE_AFTER
from gridops.accounts.querysets import M, ScopedQuerySet

if TYPE_CHECKING:
    from channels.models_visits import Call, Round, RoundStop, Visit, VisitCampaign, VisitPhoto


class VisitsStandError(TypeError):
    """Somebody tried to change or delete what was recorded; a later one corrects it instead."""

    def __init__(self) -> None:
        super().__init__("visits and calls are never changed or deleted, only corrected by a later one")


class StandingQuerySet(ScopedQuerySet[M]):
    """Visits or calls of outlets: only ever added."""

    grid_path = "outlet__grid"

    def effective(self) -> Self:
        """Those that still count: neither corrected nor taken back."""
        return self.filter(corrected_by__isnull=True, void=False)

    def of_people(self, people: Iterable[int]) -> Self:
        """Of people (ids) who were there, whoever corrected it since."""
        ids = list(people)
        return self.filter(Q(first_by__in=ids) | Q(first_by__isnull=True, by__in=ids))

    def about(self, words: str) -> Self:
        """Those whose outlet or remark contains ``words``."""
        named = Q(outlet__name__icontains=words) | Q(outlet__code__icontains=words)
        return self.filter(named | Q(note__icontains=words))

    def in_list(self) -> Self:
        """With what a row of a list shows."""
        return self.select_related("outlet__grid__unit", "by", "first_by")

    def update(self, **_kwargs: Any) -> NoReturn:
        """Never."""
        raise VisitsStandError

    def bulk_update(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Never."""
        raise VisitsStandError

    def delete(self) -> NoReturn:
        """Never."""
        raise VisitsStandError


class VisitQuerySet(StandingQuerySet["Visit"]):
    """Visits."""

    def standing_out(self, kind: str = "") -> Self:
        """Those of which something stands out: ``far``, ``late``, ``close``, ``nowhere``, or any (``visit_facts``)."""
        rows, found = self._looked_at()
        if kind:
            return rows.filter(found[kind])
        return rows.filter(found["far"] | found["late"] | found["nowhere"] | found["close"])

    def count_by_person(self) -> list[dict[str, Any]]:
        """Who was there (``own``) -> how many visits (``visits``), and of how many what stands out; one query."""
        looked_at, found = self._looked_at()
        rows: Any = looked_at
        counts = {kind: Count("pk", filter=one) for kind, one in found.items()}
        return list(rows.order_by().values("own").annotate(visits=Count("pk"), **counts))

    def _looked_at(self) -> tuple[Self, dict[str, Any]]:
        """The rows with what is needed, and the conditions under which something stands out."""
        recorded, own = Coalesce("first_recorded_at", "recorded_at"), Coalesce("first_by", "by")
        span = {"at__range": (OuterRef("at") - CLOSE, OuterRef("at") + CLOSE)}
        others = self.model._default_manager.effective().filter(**span).exclude(outlet=OuterRef("outlet"))
        # asked apart, so that either finds its index
        said = Exists(others.filter(by=OuterRef("own"), first_by__isnull=True))
        corrected = Exists(others.filter(first_by=OuterRef("own")))
        found: dict[str, Any] = {
            "far": ~Q(far_reason=""),
            "late": Q(first_said__gt=F("at") + LATE_AFTER),
            "close": Q(said) | Q(corrected),
            "nowhere": Q(distance_m__isnull=True, outlet__longitude__isnull=False),
        }
        return self.annotate(own=own).alias(first_said=recorded), found

    def newest_of(self, outlets: Iterable[int]) -> dict[int, Visit]:
        """Each outlet's latest visit that counts, by outlet id; one query."""
        here = self.model._default_manager.effective().filter(outlet=OuterRef("outlet")).order_by("-at", "-pk")
        rows = self.effective().filter(outlet__in=list(outlets), pk=Subquery(here.values("pk")[:1]))
        return {row.outlet_id: row for row in rows}


class CallQuerySet(StandingQuerySet["Call"]):
    """Calls."""


class VisitCampaignQuerySet(ScopedQuerySet["VisitCampaign"]):
    """What outlets knew of campaigns."""

    grid_path = "visit__outlet__grid"


class VisitPhotoQuerySet(ScopedQuerySet["VisitPhoto"]):
    """Photos of visits."""

    grid_path = "visit__outlet__grid"


class RoundQuerySet(models.QuerySet["Round", "Round"]):
    """Rounds: each person's own."""

    def for_user(self, user: Any) -> Self:
        """The person's own."""
        return self.filter(by=user)


class RoundStopQuerySet(models.QuerySet["RoundStop", "RoundStop"]):
    """Stops of rounds: with their round."""

    def for_user(self, user: Any) -> Self:
        """Of the person's own rounds."""
        return self.filter(round__by=user)
