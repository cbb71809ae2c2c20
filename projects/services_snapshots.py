"""Keeping the basic ledger as it stood when a month ended: one statement a unit, never written over (P1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from gridops.accounts.models import Unit
from gridops.common.months import Month
from projects.models import Basics, Project, ProjectSnapshot, Prospect


class MonthNotOver(ValueError):
    """How a month ended is known when it is over."""


def take(month: Month, unit: Unit, now: datetime | None = None) -> int:
    """Keep the basics of all projects of ``unit`` as those of ``month``; returns how many were kept now.

    What is kept already stays as it is, so doing it again adds only what is missing. Done days late it keeps what is
    known then, and ``taken_at`` tells when that was; a project that came after the month has no record of it.
    """
    now = now or timezone.now()
    if timezone.localdate(now) <= month.last:
        raise MonthNotOver(str(month))
    following = datetime.combine(month.plus(1).first, datetime.min.time(), timezone.get_current_timezone())
    adapt = connection.ops.adapt_datetimefield_value
    values: dict[str, Any] = {
        "month": month.first,
        "last": month.last,
        "unit": unit.pk,
        "now": adapt(now),
        "following": adapt(following),
    }
    with connection.cursor() as cursor:
        cursor.execute(_statement(), values)
        kept: int = cursor.rowcount
    return kept


def _statement() -> str:
    name = connection.ops.quote_name
    basics = [field.attname for field in Basics._meta.fields]
    kept = ", ".join(name(column) for column in basics)
    read = ", ".join(f"p.{name(column)}" for column in basics)
    return f"""
        INSERT INTO {name(ProjectSnapshot._meta.db_table)} (project_id, month, taken_at, {kept})
        SELECT p.id, %(month)s, %(now)s, {read}
        FROM {name(Project._meta.db_table)} p
        JOIN accounts_grid g ON g.id = p.grid_id
        LEFT JOIN workbooks_batch b ON b.id = p.created_batch_id
        LEFT JOIN {name(Prospect._meta.db_table)} n ON n.project_id = p.id
        WHERE g.unit_id = %(unit)s AND (b.applied_at IS NULL OR b.applied_at < %(following)s)
          AND (n.live_on IS NULL OR n.live_on <= %(last)s)
        ON CONFLICT (project_id, month) DO NOTHING
    """  # noqa: S608 - put together from the names of columns; values are bound
