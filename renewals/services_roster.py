"""What the roster says about warnings: who renewed, who closed the account; and what the calendar ends (N4, O6).

*Ours*: a contract that now runs at least ``renewal_shortest_days`` longer counts as renewed, less is a correction of
the day. An account that is closed before that is lost, with "other reason". Both are taken back when the roster takes
it back: the warning goes on where it stood (``resume``), with the step that was next, and owes its visit again. A
renewal counts for the last list before it, until a month after the win-back window, since rosters come monthly; what is
open beyond the window itself lapses.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from gridops.accounts.models import Unit
from gridops.accounts.rulebook import rules_by_unit, rules_of
from gridops.common.months import Month
from gridops.workbooks.models import Batch
from gridops.workbooks.sheet import after_batch, after_undone
from renewals import statements_roster as sql
from renewals.models import WarningList
from renewals.services_tally import retally

RULES = ("renewal_winback_days", "renewal_shortest_days", "renewal_call_first")
TELLING = {"expires_on", "status"}
LATE_ROSTER = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Terms:
    """A unit's rules, in days: the win-back window, by how much a renewed contract runs longer, the first call."""

    winback: int
    shortest: int
    call_first: int

    @classmethod
    def of(cls, rules: dict[str, int]) -> Terms:
        """From the rulebook's values."""
        return cls(*(rules[name] for name in RULES))

    @property
    def values(self) -> dict[str, Any]:
        """What the statements are bound to."""
        return {"shortest": self.shortest, "call_first": self.call_first}

    def since(self, today: date) -> date:
        """The first month whose lists still follow the roster."""
        return Month.of(today - timedelta(days=self.winback) - LATE_ROSTER).first


def first_live(unit: Unit, today: date) -> date:
    """The first month whose lists still follow the roster."""
    return Terms.of(rules_of(RULES, unit)).since(today)


def follow_roster(unit: Unit, today: date, now: datetime, lists: Collection[int] | None = None) -> int:
    """Close what the roster shows renewed or closed, take back what it no longer shows; how many warnings changed.

    Idempotent; sees all live lists of the unit, or only ``lists``. Contacts are never touched.
    """
    terms = Terms.of(rules_of(RULES, unit))
    values = {**terms.values, "since": terms.since(today), "unit": unit.pk}
    with transaction.atomic():
        found = _ids(sql.FIND, values) if lists is None else list(lists)
        return _change(found, sql.FOLLOW, values, today, now)


def follow_on(lists: Collection[int], unit: Unit, today: date, now: datetime) -> int:
    """The same for lists that the caller holds, and counts anew afterwards."""
    return _run(lists, sql.FOLLOW, Terms.of(rules_of(RULES, unit)).values, today, now)


def lapse(unit: Unit, today: date, now: datetime | None = None) -> int:
    """End what is still open beyond the win-back window: lost, without a result; how many warnings."""
    before = today - timedelta(days=Terms.of(rules_of(RULES, unit)).winback)
    values = {"unit": unit.pk, "before": before}
    with transaction.atomic():
        return _change(_ids(sql.FIND_LAPSED, values), (sql.LAPSE,), values, today, now or timezone.now())


def follow_import(batch: Batch) -> None:
    """What an import of the roster, just applied or undone, means for warnings."""
    if not batch.rows_changed or not TELLING & set(batch.fields):
        return
    now = timezone.now()
    today = timezone.localdate(now)
    units = {unit.pk: unit for unit in Unit.objects.all()}
    terms = [Terms.of(rules) for rules in rules_by_unit(RULES, units.values()).values()]
    days = [one.shortest for one in terms]
    values: dict[str, Any] = {"batch": batch.pk, "shortest": min(days), "longest": max(days)}
    by_unit: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        values["since"] = min(one.since(today) for one in terms)
        cursor.execute(sql.in_dialect(sql.FIND_OF_IMPORT, connection.vendor), values)
        for pk, unit in cursor.fetchall():
            by_unit.setdefault(unit, []).append(pk)
    WarningList.objects.hold([pk for lists in by_unit.values() for pk in lists])
    for unit, lists in sorted(by_unit.items()):
        follow_roster(units[unit], today, now, lists)


def follow_imports() -> None:
    """Hook in."""
    after_batch("subscribers", follow_import)
    after_undone("subscribers", follow_import)


def settle_visits(lists: Collection[int], now: datetime) -> None:
    """Bring the second visits of ``lists``, which the caller holds, in line with the states of their warnings."""
    for statement in (sql.SETTLE_VISITS, sql.REOPEN_VISITS):
        _execute(statement, {"lists": sql.lists_value(lists, connection.vendor), "now": _moment(now)})


def _change(
    lists: Collection[int], statements: Collection[str], values: dict[str, Any], today: date, now: datetime
) -> int:
    if not lists:
        return 0
    WarningList.objects.hold(lists)
    changed = _run(lists, statements, values, today, now)
    if changed:
        retally(lists, today)
    return changed


def _run(
    lists: Collection[int], statements: Collection[str], values: dict[str, Any], today: date, now: datetime
) -> int:
    bound = {**values, "lists": sql.lists_value(lists, connection.vendor), "today": today, "now": _moment(now)}
    changed = sum(_execute(statement, bound) for statement in statements)
    if changed:
        settle_visits(lists, now)
    return changed


def _ids(statement: str, values: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql.in_dialect(statement, connection.vendor), values)
        return [row[0] for row in cursor.fetchall()]


def _execute(statement: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.in_dialect(statement, connection.vendor), values)
        return int(cursor.rowcount)


def _moment(now: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(now)
