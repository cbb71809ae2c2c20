"""Named questions about projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridops.accounts.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from projects.models import MonthlyIndicator, Project


class ProjectQuerySet(ScopedQuerySet["Project"]):
    """Projects."""


class MonthlyIndicatorQuerySet(ScopedQuerySet["MonthlyIndicator"]):
    """Month indicators."""

    grid_path = "project__grid"
