"""Named questions about projects."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Max, OuterRef, Subquery

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from projects.models import LedgerTouch, MonthlyIndicator, Project, ProjectSnapshot


class ProjectQuerySet(ScopedQuerySet["Project"]):
    """Projects."""

    def in_list(self) -> Self:
        """With what a row of the list shows."""
        return self.select_related("grid")

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
