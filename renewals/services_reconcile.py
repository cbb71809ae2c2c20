"""The specialist's list beside ours: where they differ is kept, and follows when either side changes (S7, N1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from gridops.accounts.models import Unit
from gridops.common.months import Month
from gridops.workbooks.models import Batch, Row
from projects.models import Project
from renewals import statements_reconcile as statements
from renewals.models import WarningList

NEVER = date(1901, 1, 1)


def reconcile(unit: Unit, month: Month, now: datetime) -> None:
    """Bring the differences between the specialist's list of ``month`` and the lists of ``unit`` up to date.

    To be called in the transaction that changed either side. Without a list of the specialist's, or without ours,
    there are no differences. One at a time: the unit's lists are held meanwhile.
    """
    lists = list(WarningList.objects.filter(grid__unit=unit, month=month.first).values_list("pk", flat=True))
    WarningList.objects.hold(lists)
    adapt = connection.ops.adapt_datetimefield_value
    values: dict[str, Any] = {
        "unit": unit.pk,
        "month": month.first,
        "last": month.last,
        "before": month.plus(-1).first,
        "after": month.plus(1).first,
        "never": NEVER,
        "now": adapt(now),
        "seen": adapt(timezone.now()),
    }
    with connection.cursor() as cursor:

        def run(statement: str) -> list[tuple[Any, ...]]:
            cursor.execute(statement, values)
            return list(cursor.fetchall()) if cursor.description else []

        if lists and run(statements.ANY_LINE):
            run(statements.KEEP)
        run(statements.SETTLE)
        run(statements.DROP)


def touched_by(batch: Batch) -> set[tuple[int, date]]:
    """Unit and month of every list that the rows of an import of the specialist's list belong, or belonged, to."""
    written = Row.objects.filter(batch=batch, state__in=[Row.State.NEW, Row.State.CHANGED]).order_by()
    month, project = (batch.fields.index(name) for name in ("month", "project_id"))
    found: set[tuple[Any, Any]] = set()
    for source in ("values", "before"):
        rows = written.filter(**{f"{source}__isnull": False})
        found |= set(rows.values_list(f"{source}__{month}", f"{source}__{project}").distinct())
    units = dict(Project.objects.filter(pk__in={pk for _month, pk in found}).values_list("pk", "grid__unit"))
    return {(units[pk], date.fromisoformat(first)) for first, pk in found if pk in units}


def follow_import(batch: Batch) -> None:
    """Compare anew what an import of the specialist's list touched, applied or undone."""
    now, touched = timezone.now(), sorted(touched_by(batch))
    units = Unit.objects.in_bulk({unit for unit, _month in touched})
    for unit, first in touched:
        reconcile(units[unit], Month.of(first), now)
