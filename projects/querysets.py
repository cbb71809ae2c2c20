"""Named questions about projects."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.db.models import (
    Aggregate,
    Case,
    Count,
    DateField,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.timezone import make_aware

from gridops.accounts.querysets import ScopedQuerySet
from gridops.common.months import Month

if TYPE_CHECKING:
    from projects.models import LedgerTouch, MonthlyIndicator, Project, ProjectSnapshot


class ProjectQuerySet(ScopedQuerySet["Project"]):
    """Projects."""

    def in_list(self) -> Self:
        """With what a row of the list shows."""
        return self.select_related("grid")

    def there_in(self, month: Month) -> Self:
        """Without those that came after ``month``: by an import applied later, or in service only since."""
        following = make_aware(datetime.combine(month.plus(1).first, datetime.min.time()))
        return self.exclude(created_batch__applied_at__gte=following).exclude(prospect__live_on__gt=month.last)

    def untouched(self, month: date, ledger: str = "") -> Self:
        """Those in service whose ``ledger`` nobody saw to in ``month``; without one, any of the three (P)."""
        from projects.models import Ledger, LedgerTouch  # the models module imports this one

        touches = LedgerTouch.objects.filter(project=OuterRef("pk"), month=month)
        seen = [Exists(touches.filter(ledger=name)) for name in ([ledger] if ledger else Ledger.values)]
        return self.filter(is_active=True).exclude(*seen)

    def with_last_touch(self, until: date) -> Self:
        """Each with the months up to ``until`` in which its ledgers were seen to last, as ``seen_<ledger>``."""
        from projects.models import Ledger, LedgerTouch  # the models module imports this one

        touches = LedgerTouch.objects.filter(project=OuterRef("pk"), month__lte=until).order_by("-month")
        return self.annotate(
            **{f"seen_{name}": Subquery(touches.filter(ledger=name).values("month")[:1]) for name in Ledger.values}
        )

    def freshness(self, month: date) -> list[dict[str, Any]]:
        """Per grid: how many ``projects`` are in service; per ledger how many were seen to in ``month``.

        Keys per ledger: ``<ledger>`` seen to this month, ``<ledger>_ever`` at all, ``<ledger>_oldest`` the month of
        the one that was left alone longest. One query.
        """
        from projects.models import Ledger  # the models module imports this one

        found: dict[str, Aggregate] = {"projects": Count("pk")}
        for name in Ledger.values:
            found[name] = Count("pk", filter=Q(**{f"seen_{name}": month}))
            found[f"{name}_ever"] = Count(f"seen_{name}")
            found[f"{name}_oldest"] = Min(f"seen_{name}")
        rows = self.filter(is_active=True).with_last_touch(month).order_by()
        return [dict(row) for row in rows.values("grid").annotate(**found)]

    def unreported(self, month: date) -> Self:
        """Those in service without figures of ``month``; a row that holds nothing but targets is none (P2)."""
        from projects.models import MonthlyIndicator  # the models module imports this one

        reported = MonthlyIndicator.objects.filter(month=month, billing_users__isnull=False)
        return self.filter(is_active=True).exclude(pk__in=reported.values("project"))


class MonthlyIndicatorQuerySet(ScopedQuerySet["MonthlyIndicator"]):
    """Month indicators."""

    grid_path = "project__grid"

    def targeted(self, grid_id: int, month: date) -> Self:
        """A grid's rows of ``month`` that hold targets."""
        return self.filter(project__grid=grid_id, month=month).exclude(
            target_net_adds=None, target_renewals=None, target_port_utilisation=None
        )

    def fed(self, months: Iterable[str]) -> dict[tuple[int, str], Decimal]:
        """The commission of project-months that the roster of commission writes, by project and month as text."""
        rows = self.filter(commission_from_roster=True, commission__isnull=False, month__in=sorted(months)).order_by()
        found = rows.values_list("project", "month", "commission").iterator(chunk_size=10_000)
        return {(project, month.isoformat()): amount for project, month, amount in found if amount is not None}

    def latest_of(self, projects: Iterable[Project]) -> dict[int, MonthlyIndicator]:
        """Each project's newest month that says how many ports are in use (P2), by project id; one query."""
        newest = (
            self.filter(project=OuterRef("project"), ports_used__isnull=False)
            .order_by()
            .values("project")
            .annotate(newest=Max("month"))
            .values("newest")
        )
        rows = self.filter(project__in=[project.pk for project in projects], month=Subquery(newest))
        return {row.project_id: row for row in rows}

    def with_net_adds(self, months: Iterable[Month]) -> Any:
        """Rows of ``months`` with ``adds``: net adds as reported, else what billing users grew by (P2)."""
        befores = (When(month=month.first, then=Value(month.plus(-1).first)) for month in months)
        earlier = self.model._default_manager.filter(project=OuterRef("project"), month=OuterRef("month_before"))
        users_before = Subquery(earlier.order_by().values("billing_users")[:1])
        return self.annotate(month_before=Case(*befores, output_field=DateField())).annotate(
            adds=Coalesce(F("net_adds"), F("billing_users") - users_before)
        )

    def last_months(self, project: Project, until: date, months: int = 12) -> list[MonthlyIndicator]:
        """A project's figures of the last ``months`` months up to ``until``, newest first."""
        return list(self.filter(project=project, month__lte=until).order_by("-month")[:months])


class SnapshotQuerySet(ScopedQuerySet["ProjectSnapshot"]):
    """Basic ledgers of past months."""

    grid_path = "project__grid"

    def of_month(self, month: date) -> Self:
        """Those that say how ``month`` (its first day) ended; a project without one has no record of it."""
        return self.filter(month=month)


class LedgerTouchQuerySet(ScopedQuerySet["LedgerTouch"]):
    """Which ledgers were seen to."""

    grid_path = "project__grid"

    def latest_of(self, project_ids: Iterable[int], until: date) -> dict[tuple[int, str], LedgerTouch]:
        """The latest touch of each project's ledgers in ``until`` (a month's first day) or before; one query."""
        same = self.model._default_manager.filter(
            project=OuterRef("project"), ledger=OuterRef("ledger"), month__lte=until
        ).order_by("-month")
        rows = self.filter(project__in=list(project_ids), month=Subquery(same.values("month")[:1]))
        return {(row.project_id, row.ledger): row for row in rows.select_related("by")}
