"""Counting warning lists anew, from the warnings, in the transaction that changed them: nothing is ever added to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from gridops.accounts.models import Unit
from gridops.accounts.rulebook import rules_by_unit
from renewals import statements_tally as statements
from renewals.models import WarningList

FIRST_CALL = "renewal_call_first"


def retally(lists: Collection[int], today: date, agents: Collection[int | None] | None = None) -> None:
    """Count ``lists`` (ids) as of ``today``; with ``agents`` only what these follow (None is the pool), and the days.

    To be called in the transaction that wrote the warnings, which holds the lists. A list that was last counted on
    another day is counted whole: what is due and overdue has moved for everybody.
    """
    found = list(WarningList.objects.filter(pk__in=lists).values_list("pk", "grid__unit", "tallied_on"))
    units = {unit for _pk, unit, _day in found}
    rules = rules_by_unit([FIRST_CALL], [Unit(pk=unit) for unit in units])
    whole: dict[int, list[int]] = defaultdict(list)
    parts: dict[int, list[int]] = defaultdict(list)
    for pk, unit, day in sorted(found):
        (parts if agents is not None and day == today else whole)[rules[unit][FIRST_CALL]].append(pk)
    for first, pks in whole.items():
        _count(pks, today, first, None)
    for first, pks in parts.items():
        _count(pks, today, first, agents)


def counted_today(lists: Collection[int], today: date) -> None:
    """Count those of ``lists`` again that were last counted before ``today``: if the night had no tasks."""
    stale = WarningList.objects.filter(Q(tallied_on=None) | Q(tallied_on__lt=today), pk__in=lists)
    if not stale.exists():
        return
    with transaction.atomic():
        WarningList.objects.hold(lists)
        retally(list(stale.values_list("pk", flat=True)), today)


def _count(lists: list[int], today: date, first: int, agents: Collection[int | None] | None) -> None:
    values: dict[str, Any] = {
        "today": today,
        "due": today + timedelta(days=first),
        "zone": timezone.get_current_timezone_name(),
    }
    values |= {f"list{at}": pk for at, pk in enumerate(lists)}
    places = ", ".join(f"%(list{at})s" for at in range(len(lists)))
    of_warnings = of_tallies = ""
    if agents is not None:
        known = [pk for pk in agents if pk is not None]
        values |= {f"agent{at}": pk for at, pk in enumerate(known)}
        of_tallies = _of_agents("agent_id", len(known), None in agents)
        of_warnings = _of_agents("w.agent_id", len(known), None in agents)
    day = statements.LOCAL_DAY[connection.vendor]

    def run(statement: str, agents: str = "") -> None:
        cursor.execute(
            statement.replace("{lists}", places).replace("{agents}", agents).replace("{local_day}", day), values
        )

    with connection.cursor() as cursor:
        run(statements.FORGET, of_tallies)
        run(statements.COUNT, of_warnings)
        run(statements.FORGET_LOSSES, of_tallies)
        run(statements.COUNT_LOSSES, of_warnings)
        run(statements.FORGET_DAYS)
        run(statements.COUNT_DAYS)
        if agents is None:
            run(statements.STAMP)


def _of_agents(column: str, known: int, pool: bool) -> str:
    places = ", ".join(f"%(agent{at})s" for at in range(known))
    among = [f"{column} IN ({places})"] if known else []
    among += [f"{column} IS NULL"] if pool else []
    return f" AND ({' OR '.join(among) or '1 = 0'})"
