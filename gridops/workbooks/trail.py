"""A row's whole history: what people changed, and what imports made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from gridops.common.history import Entry, entries_of
from gridops.workbooks.history import imported_entries

SIZE = 30


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Some steps, newest first, and the moment that the next page goes back from (empty: there is none)."""

    entries: list[Entry]
    next: str = ""


def trail(instance: models.Model, limit: int = SIZE, before: datetime | None = None) -> list[Entry]:
    """The newest steps of ``instance`` older than ``before``, hand-made and imported ones together."""
    steps = [*entries_of(instance, limit, before), *imported_entries(instance, limit, before)]
    return sorted(steps, key=lambda step: step.at, reverse=True)[:limit]


def trail_page(request: HttpRequest, instance: models.Model) -> TrailPage:
    """The page of a row's history that the address asks for (``before``: a moment)."""
    try:
        before = parse_datetime(request.GET.get("before", ""))
    except ValueError:
        before = None
    if before is not None and (before.tzinfo is None or not 1900 <= before.year <= 2200):
        before = None
    found = trail(instance, SIZE + 1, before)
    more = found[SIZE - 1].at.isoformat() if len(found) > SIZE else ""
    return TrailPage(found[:SIZE], more)
