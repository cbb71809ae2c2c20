"""Writing the timetable."""

from __future__ import annotations

from collections.abc import Iterable

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
