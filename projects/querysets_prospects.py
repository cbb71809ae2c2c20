"""Named questions about new projects."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Self

from django.db.models import Count, Exists, F, OuterRef, Q, Sum, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from gridops.accounts.querysets import ScopedQuerySet
from gridops.common.months import Month
from projects.rules_prospects import LIVE

if TYPE_CHECKING:
    from projects.models_prospects import Preparation, Prospect, ProspectTalk

UNDER_WAY = ~Q(stage=LIVE) & Q(closed_on__isnull=True)


class ProspectQuerySet(ScopedQuerySet["Prospect"]):
    """New projects."""

    def in_list(self) -> Self:
        """With what a row of the list and a card of the board show."""
        return self.select_related("grid").prefetch_related("rivals")

    def under_way(self) -> Self:
        """Neither in service nor given up."""
        return self.filter(UNDER_WAY)

    def not_looked_at(self, month: Month) -> Self:
        """Under way, and nobody has looked at them since ``month`` began (F1: every month)."""
        return self.under_way().filter(looked_at__lt=_begin_of(month))

    def next_step_due(self, until: date) -> Self:
        """Under way with a next step due by ``until``."""
        return self.under_way().filter(next_step_on__lte=until)

    def overdue(self, today: date) -> Self:
        """Not given up, with a next step or a preparation step whose day is over."""
        from projects.models_prospects import Preparation  # the models module imports this one

        steps = Preparation.objects.filter(prospect=OuterRef("pk"), done_on__isnull=True, due_on__lt=today)
        late = Q(next_step_on__lt=today) & ~Q(stage=LIVE)
        return self.filter(late | Exists(steps), closed_on__isnull=True)

    def per_stage(self) -> dict[str, tuple[int, int]]:
        """Stage -> how many, and the households that are expected of them; one query."""
        rows = self.order_by().values("stage").annotate(many=Count("pk"), homes=Sum("households"))
        return {row["stage"]: (row["many"], row["homes"] or 0) for row in rows}

    def per_grid(self) -> dict[int, int]:
        """Grid -> how many; one query."""
        return dict(self.order_by().values_list("grid").annotate(many=Count("pk")))

    def first_of_stages(self, many: int) -> Self:
        """At most ``many`` of each stage: those whose next step is due first; those newest in service."""
        order = [F("live_on").desc(nulls_last=True), F("next_step_on").asc(nulls_last=True), F("pk").desc()]
        place = Window(RowNumber(), partition_by=F("stage"), order_by=order)
        return self.annotate(place=place).filter(place__lte=many).order_by("stage", "place")


class ProspectTalkQuerySet(ScopedQuerySet["ProspectTalk"]):
    """Talks about new projects."""

    grid_path = "prospect__grid"

    def of_month(self, month: Month) -> Self:
        """Held in ``month``."""
        return self.filter(held_on__range=(month.first, month.last))

    def per_grid(self, month: Month) -> dict[int, int]:
        """Grid -> how many talks were held in ``month`` (S1 sets a goal for them); one query."""
        rows = self.of_month(month).order_by().values_list("prospect__grid")
        return dict(rows.annotate(many=Count("pk")))


class PreparationQuerySet(ScopedQuerySet["Preparation"]):
    """Preparation steps."""

    grid_path = "prospect__grid"

    def to_do(self) -> Self:
        """Not done, of new projects that were not given up; those in service have some left, too."""
        return self.filter(done_on__isnull=True, prospect__closed_on__isnull=True)

    def due(self, until: date) -> Self:
        """To do by ``until``."""
        return self.to_do().filter(due_on__lte=until)

    def overdue(self, today: date) -> Self:
        """To do, and their day is over."""
        return self.to_do().filter(due_on__lt=today)

    def per_grid(self) -> dict[int, int]:
        """Grid -> how many; one query."""
        return dict(self.order_by().values_list("prospect__grid").annotate(many=Count("pk")))

    def per_prospect(self, prospects: Iterable[Prospect]) -> dict[int, int]:
        """New project -> how many; one query."""
        rows = self.filter(prospect__in=[row.pk for row in prospects]).order_by()
        return dict(rows.values_list("prospect").annotate(many=Count("pk")))


def _begin_of(month: Month) -> datetime:
    return timezone.make_aware(datetime.combine(month.first, time.min))
