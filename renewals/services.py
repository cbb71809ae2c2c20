"""Making the warning lists: set-based, the same call for new lists and for bringing old ones up to date (S7)."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from gridops.accounts.models import Grid, Unit
from gridops.accounts.rulebook import rule
from gridops.common.months import Month
from gridops.jobs.run import Run, describe
from renewals import statements
from renewals.models import WarningList
from renewals.services_reconcile import reconcile
from renewals.services_roster import follow_on, settle_visits
from renewals.services_tally import counted_today, retally

log = logging.getLogger(__name__)

OF_UNIT = "SELECT id FROM accounts_grid WHERE unit_id = %(unit)s"
OF_GRID = "SELECT id FROM accounts_grid WHERE id = %(grid)s"


def make_lists(month: Month, unit: Unit, run: Run) -> None:
    """Bring the warning lists of ``month`` of all grids of ``unit`` up to date, in one transaction (S7).

    Running again adds newcomers, closes what the roster shows renewed or closed, withdraws those whose expiry moved
    away, lists again those that came back where they stood, and changes nothing else: contacts and what people decided
    by hand stay. When the set fails, each grid is tried by itself: a grid whose data break is recorded as a
    fault of the run, the others get their lists.
    """
    now = timezone.now()
    try:
        with transaction.atomic():
            run.fence()
            bring_up_to_date(unit, month, now)
    except OperationalError:
        # A lost connection or a lock is no fault of a grid: the attempt fails and is taken up again.
        raise
    except DatabaseError as error:
        log.error("warning lists of unit %s for %s fail, trying grid by grid: %s", unit.pk, month, describe(error))
        with transaction.atomic():
            run.fence()
            _grid_by_grid(month, unit, run, now)
            reconcile(unit, month, now)


def count_lists(month: Month, unit: Unit, run: Run) -> None:
    """Count what has been listed anew, in a transaction of its own: who reads it before counts it, too."""
    with transaction.atomic():
        run.fence()
        lists = WarningList.objects.filter(grid__unit=unit, month=month.first)
        counted_today(list(lists.values_list("pk", flat=True)), timezone.localdate())


def _grid_by_grid(month: Month, unit: Unit, run: Run, now: datetime) -> None:
    grids = list(Grid.objects.filter(unit=unit).order_by("pk"))
    for number, grid in enumerate(grids):
        run.progress(number, len(grids), "grids")
        try:
            with transaction.atomic():
                _bring_up_to_date(OF_GRID, month, now, unit, grid=grid.pk)
        except OperationalError:
            raise
        except DatabaseError as error:
            run.fault(grid.name, describe(error))


def bring_up_to_date(unit: Unit, month: Month, now: datetime) -> None:
    """Bring the lists of ``month`` of all grids of ``unit`` up to date, and how they differ from the specialist's.

    In the caller's transaction.
    """
    _bring_up_to_date(OF_UNIT, month, now, unit, unit=unit.pk)
    reconcile(unit, month, now)


def refresh(lists: Collection[int], now: datetime) -> None:
    """Bring these lists (ids) up to date, with how they differ from the specialist's: somebody's record has changed."""
    rows = list(WarningList.objects.filter(pk__in=lists).select_related("grid__unit").order_by("month", "grid"))
    months = {(row.grid.unit, Month.of(row.month)) for row in rows}
    with transaction.atomic():
        beside = Q(*(Q(grid__unit=unit, month=month.first) for unit, month in months), _connector=Q.OR)
        WarningList.objects.hold(list(WarningList.objects.filter(beside).values_list("pk", flat=True)))
        for row in rows:
            _bring_up_to_date(OF_GRID, Month.of(row.month), now, row.grid.unit, grid=row.grid_id)
        for unit, month in sorted(months, key=lambda one: (one[0].pk, one[1])):
            reconcile(unit, month, now)


def _bring_up_to_date(grids: str, month: Month, now: datetime, of: Unit, **place: int) -> None:
    """All statements for the grids that the subquery ``grids`` names."""
    lists = _Lists(grids, month, now, of, place)
    lists.run(statements.MAKE_LISTS)
    if lists.fill():
        lists.run(statements.UNCOUNTED)
    elif lists.change():
        retally(lists.held, lists.today)
    else:
        lists.hold(statements.LISTS)  # the stamp would take them in any order
    lists.run(statements.STAMP)


class _Lists:
    """The lists of some grids of a unit for a month, while they are brought up to date."""

    def __init__(self, grids: str, month: Month, now: datetime, unit: Unit, place: dict[str, int]) -> None:
        self.grids, self.unit, self.now, self.held = grids, unit, now, list[int]()
        self.today = timezone.localdate(now)
        self.values: dict[str, Any] = {
            "month": month.first,
            "last": month.last,
            "today": self.today,
            "now": connection.ops.adapt_datetimefield_value(now),
            "call_first": rule("renewal_call_first", unit),
            **place,
        }

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Execute; the rows it gives."""
        with connection.cursor() as cursor:
            cursor.execute(statements.in_dialect(statement, connection.vendor, self.grids), self.values)
            return list(cursor.fetchall()) if cursor.description else []

    def fill(self) -> bool:
        """Fill lists that hold nothing yet without looking anybody up; False when they hold somebody.

        Not when a grid is tried by itself: that may be since somebody is on another unit's list already.
        """
        if self.grids != OF_UNIT or self.run(statements.ANY_HELD):
            return False
        self.hold(statements.LISTS)
        self.run(statements.ADD_ALL)
        return True

    def change(self) -> bool:
        """Add, withdraw and list again, under the lists' locks; False when they were right."""
        if self._are_right():
            return False
        self.hold(statements.LISTS, statements.LEFT_BEHIND)
        follow_on(self.held, self.unit, self.today, self.now)
        for statement in (
            statements.WITHDRAW,
            statements.LOG_MOVES,
            statements.BRING_BACK,
            statements.ADD_NEWCOMERS,
        ):
            self.run(statement)
        settle_visits(self.held, self.now)
        return True

    def hold(self, *lists: str) -> None:
        """Lock them, with lists of other units from which somebody moves here."""
        self.held = sorted({row[0] for text in lists for row in self.run(text)})
        WarningList.objects.hold(self.held)

    def _are_right(self) -> bool:
        numbers = {number for text in statements.COUNTS[connection.vendor] for row in self.run(text) for number in row}
        return len(numbers) == 1
