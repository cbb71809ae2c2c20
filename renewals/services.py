"""Making the warning lists: set-based, the same call for new lists and for bringing old ones up to date (S7)."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone

from gridops.accounts.models import Grid, Unit
from gridops.common.months import Month
from gridops.jobs.run import Run, describe
from renewals import statements

log = logging.getLogger(__name__)

OF_UNIT = "SELECT id FROM accounts_grid WHERE unit_id = %(unit)s"
OF_GRID = "SELECT id FROM accounts_grid WHERE id = %(grid)s"


def make_lists(month: Month, unit: Unit, run: Run) -> None:
    """Bring the warning lists of ``month`` of all grids of ``unit`` up to date, in one transaction (S7).

    Running again adds newcomers, withdraws those whose expiry moved away, lists again those that came back, and
    changes nothing else. When the set fails, each grid is tried by itself: a grid whose data break is recorded as a
    fault of the run, the others get their lists.
    """
    now = timezone.now()
    try:
        with transaction.atomic():
            run.fence()
            _bring_up_to_date(OF_UNIT, month, now, empty_at_first=True, unit=unit.pk)
    except OperationalError:
        # A lost connection or a lock is no fault of a grid: the attempt fails and is taken up again.
        raise
    except DatabaseError as error:
        log.error("warning lists of unit %s for %s fail, trying grid by grid: %s", unit.pk, month, describe(error))
        with transaction.atomic():
            run.fence()
            _grid_by_grid(month, unit, run, now)


def _grid_by_grid(month: Month, unit: Unit, run: Run, now: datetime) -> None:
    grids = list(Grid.objects.filter(unit=unit).order_by("pk"))
    for number, grid in enumerate(grids):
        run.progress(number, len(grids), "grids")
        try:
            with transaction.atomic():
                _bring_up_to_date(OF_GRID, month, now, grid=grid.pk)
        except OperationalError:
            raise
        except DatabaseError as error:
            run.fault(grid.name, describe(error))


def _bring_up_to_date(grids: str, month: Month, now: datetime, *, empty_at_first: bool = False, **place: int) -> None:
    """All statements for the grids that the subquery ``grids`` names.

    ``empty_at_first``: lists that hold nothing yet are filled without looking anybody up.
    """
    values = {
        "month": month.first,
        "last": month.last,
        "today": timezone.localdate(now),
        "now": connection.ops.adapt_datetimefield_value(now),
        **place,
    }

    def run(statement: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement.replace("{grids}", grids), values)
            return list(cursor.fetchall()) if cursor.description else []

    run(statements.MAKE_LISTS)
    if empty_at_first and not run(statements.ANY_HELD):
        run(statements.ADD_ALL)
    elif not _agree(
        number for counting in statements.COUNTS[connection.vendor] for row in run(counting) for number in row
    ):
        run(statements.WITHDRAW)
        run(statements.BRING_BACK)
        run(statements.ADD_NEWCOMERS)
    run(statements.STAMP)


def _agree(numbers: Iterable[int]) -> bool:
    """Whether all are the same."""
    return len(set(numbers)) == 1
