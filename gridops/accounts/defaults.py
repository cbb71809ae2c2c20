"""What an empty database starts with: the public holidays of mainland China as the State Council decided them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from gridops.accounts.models import Holiday

# year -> (name, first day off, last day off, weekend days worked instead), each day as (month, day)
DECIDED: dict[int, list[tuple[str, tuple[int, int], tuple[int, int], list[tuple[int, int]]]]] = {
    2025: [
        ("元旦", (1, 1), (1, 1), []),
        ("春节", (1, 28), (2, 4), [(1, 26), (2, 8)]),
        ("清明节", (4, 4), (4, 6), []),
        ("劳动节", (5, 1), (5, 5), [(4, 27)]),
        ("端午节", (5, 31), (6, 2), []),
        ("国庆节、中秋节", (10, 1), (10, 8), [(9, 28), (10, 11)]),
    ],
    2026: [
        ("元旦", (1, 1), (1, 3), [(1, 4)]),
        ("春节", (2, 15), (2, 23), [(2, 14), (2, 28)]),
        ("清明节", (4, 4), (4, 6), []),
        ("劳动节", (5, 1), (5, 5), [(5, 9)]),
        ("端午节", (6, 19), (6, 21), []),
        ("中秋节", (9, 25), (9, 27), []),
        ("国庆节", (10, 1), (10, 7), [(9, 20), (10, 10)]),
    ],
}


def decided(year: int) -> list[Holiday]:
    """The days of ``year`` that differ from their weekday, as shipped; empty where the decision is not known yet."""
    days: list[Holiday] = []
    for name, first, last, worked in DECIDED.get(year, []):
        start, end = date(year, *first), date(year, *last)
        off = [start + timedelta(days=n) for n in range((end - start).days + 1)]
        days += [Holiday(day=day, name=name) for day in off]
        days += [Holiday(day=date(year, *day), name=name, is_workday=True) for day in worked]
    return days


def fill(using: str = DEFAULT_DB_ALIAS, **_kwargs: Any) -> None:
    """Give years without any entry the days that were decided; what admins entered is left alone. After migrating."""
    if Holiday._meta.db_table not in connections[using].introspection.table_names():
        return  # migrated back to before it came
    rows = Holiday.objects.using(using)
    for year in DECIDED:
        if not rows.filter(day__year=year).exists():
            rows.bulk_create(decided(year))
