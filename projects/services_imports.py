"""What follows from imports: which rows of the ledgers they saw to."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from gridops.workbooks.models import Batch, Row
from gridops.workbooks.sheet import after_batch, derived
from projects.models import Ledger, LedgerTouch, MonthlyIndicator, Project
from projects.services_ledgers import touch

LEDGERS = {"projects": Ledger.BASICS, "indicators": Ledger.INDICATORS, "rivals": Ledger.RIVALS}


def touch_imported(batch: Batch) -> None:
    """The rows that an applied import wrote, and those that it said are right as they are, were seen to (P)."""
    touch(_projects(batch), LEDGERS[batch.kind], batch.uploaded_by, LedgerTouch.How.IMPORTED)


def _projects(batch: Batch) -> Iterable[int]:
    known = Row.objects.filter(batch=batch, state__in=[Row.State.CHANGED, Row.State.SAME]).values("object_id")
    if batch.kind == "rivals":
        return [pk for pk in known.values_list("object_id", flat=True) if pk]
    seen = Q(pk__in=known) | Q(created_batch=batch)
    if batch.kind == "projects":
        return Project.objects.filter(seen).order_by().values_list("pk", flat=True)
    return MonthlyIndicator.objects.filter(seen).order_by().values_list("project", flat=True)


def follow_imports() -> None:
    """Hook in; a project that an undone import made goes with the notes that it was seen to."""
    for kind in LEDGERS:
        after_batch(kind, touch_imported)
    derived("projects", "projects.LedgerTouch", "project")
