"""Writing the timetable."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from gridops.accounts.models import Grid, User
from gridops.common.bulk import copy_rows
from promotions.models import Session
from promotions.rules import Planned

_COLUMNS = (
    "grid_id",
    "project_id",
    "day",
    "slot",
    "place",
    "people",
    "materials",
    "property_agreed",
    "fixed",
    "version",
)


def store_drafts(planned: Iterable[tuple[int, Planned]]) -> int:
    """Write drafted sessions, each with its grid, in the caller's transaction; returns how many."""
    return copy_rows(
        Session._meta.db_table,
        _COLUMNS,
        ((grid, p.project, p.day, p.slot, "", "", "", False, False, 1) for grid, p in planned),
    )


def demand_manager(user: User, grid_id: int) -> None:
    """Answer 403 to all but the grid's manager of today: the timetable is theirs (S3)."""
    if not Grid.objects.managed_by(user, timezone.localdate()).filter(pk=grid_id).exists():
        raise PermissionDenied
