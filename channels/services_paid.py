"""What follows from the roster of commission: the ledger of month indicators shows its sums (P2, P5).

A project's month of which the roster says something has the sum in its cell, and remembers what stood there before;
when the import is undone, that comes back. Set-based, in both dialects, any number of rows in a few statements.
"""

from __future__ import annotations

from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone

from channels.models import Paid
from gridops.workbooks.dialect import from_json, is_postgresql, quoted
from gridops.workbooks.models import Batch, Row
from gridops.workbooks.store import delete_free, lock_kind, run_sql
from projects.grids_rows import FIGURE_FIELDS, TARGET_FIELDS
from projects.models import MonthlyIndicator, Project

PAID, INDICATORS = quoted(Paid._meta.db_table), quoted(MonthlyIndicator._meta.db_table)
FIGURES = (*FIGURE_FIELDS, *TARGET_FIELDS)


def follow_paid(batch: Batch) -> None:
    """After an import of the roster, or its undoing: the sums of the project-months that it speaks of."""
    lock_kind("indicators")  # their imports look at the sums, too
    _make_missing(batch, made_by=batch.pk)
    _set_sums(batch, typed="i.commission_from_roster")
    held_back = " AND ".join(f"t.{quoted(name)} IS NULL" for name in FIGURES)
    which = f"t.created_batch_id = %s AND t.version = 1 AND NOT t.commission_from_roster AND {held_back}"
    delete_free(MonthlyIndicator, "commission", which, [batch.pk])


def restore_indicators(batch: Batch) -> None:
    """After an import of month indicators, or its undoing: what it wrote over a sum is remembered, the sum stays."""
    _make_missing(batch, made_by=None)
    same = "IS NOT DISTINCT FROM" if is_postgresql() else "IS"
    _set_sums(batch, typed=f"(i.commission_from_roster AND i.commission {same} s.amount)")


def _sums(batch: Batch) -> tuple[str, list[Any]]:
    """``WITH`` s: the sum, and how many rows, of every project-month that the batch speaks of."""
    fields = {field.attname: field for field in Paid._meta.concrete_fields}
    project, month = (from_json(fields[name], "values", batch.fields.index(name)) for name in ("project_id", "month"))
    # SQLite keeps decimals as floats: whole cents add up without noise
    total = "SUM(p.amount)" if is_postgresql() else "SUM(CAST(ROUND(p.amount * 100) AS INTEGER)) / 100.0"
    statement = f"""
        WITH touched AS (
            SELECT DISTINCT {project} AS project_id, {month} AS month FROM {quoted(Row._meta.db_table)} r
            WHERE r.batch_id = %s AND r.state IN ('new', 'changed')
        ), s AS (
            SELECT t.project_id, t.month, {total} AS amount, COUNT(p.id) AS number FROM touched t
            LEFT JOIN {PAID} p ON p.project_id = t.project_id AND p.month = t.month GROUP BY t.project_id, t.month
        )
    """  # noqa: S608 - names of ours; values are bound
    return statement, [batch.pk]


def _now() -> Any:
    return connection.ops.adapt_datetimefield_value(timezone.now())


def _make_missing(batch: Batch, made_by: int | None) -> None:
    """A month's row for projects of which only the roster speaks."""
    sums, parameters = _sums(batch)
    run_sql(
        f"{sums} INSERT INTO {INDICATORS} (project_id, month, version, updated_at, created_batch_id) "  # noqa: S608
        f"SELECT s.project_id, s.month, 1, %s, {'CAST(%s AS bigint)' if is_postgresql() else '%s'} "
        "FROM s WHERE s.number > 0 ON CONFLICT DO NOTHING",
        [*parameters, _now(), made_by],
    )


def _set_sums(batch: Batch, typed: str) -> None:
    """The sums, or what stood there before where there is none any more, with the history.

    ``typed`` is SQL that says that what was typed is remembered already. ``updated_at`` tells how old the month's
    other figures are, and stays.
    """
    sums, parameters = _sums(batch)
    new = "CASE WHEN s.number > 0 THEN s.amount ELSE i.commission_typed END"
    differs = "IS DISTINCT FROM" if is_postgresql() else "IS NOT"
    where = (
        "(s.number > 0 OR i.commission_from_roster) AND "
        f"(i.commission {differs} {new} OR i.commission_from_roster <> (s.number > 0))"
    )
    _write_history(batch, new, where)
    run_sql(
        f"{sums} UPDATE {INDICATORS} SET commission = n.amount, commission_typed = n.typed, "  # noqa: S608
        "commission_from_roster = n.fed FROM ("
        f"SELECT i.id, {new} AS amount, s.number > 0 AS fed, CASE WHEN s.number = 0 THEN NULL "
        f"WHEN {typed} THEN i.commission_typed ELSE i.commission END AS typed "
        f"FROM s JOIN {INDICATORS} i ON i.project_id = s.project_id AND i.month = s.month WHERE {where}"
        f") n WHERE {INDICATORS}.id = n.id",
        parameters,
    )


def _write_history(batch: Batch, new: str, where: str) -> None:
    """A step of each row whose figure changes, as done by who brought the roster; one statement."""
    sums, parameters = _sums(batch)
    old, made, called = (
        ("CAST(i.commission AS text)", f"CAST({new} AS text)", "to_char(i.month, 'YYYY-MM')")
        if is_postgresql()
        else ("printf('%%.2f', i.commission)", f"printf('%%.2f', {new})", "substr(i.month, 1, 7)")
    )
    old = f"CASE WHEN i.commission IS NULL THEN 'None' ELSE {old} END"
    made = f"CASE WHEN ({new}) IS NULL THEN 'None' ELSE {made} END"
    changes = (
        f"jsonb_build_object('commission', jsonb_build_array({old}, {made}))"
        if is_postgresql()
        else f"json_object('commission', json_array({old}, {made}))"
    )
    kind = ContentType.objects.get_for_model(MonthlyIndicator).pk
    run_sql(
        f"{sums} INSERT INTO {quoted(LogEntry._meta.db_table)} (content_type_id, object_pk, object_id, object_repr, "  # noqa: S608
        f"action, changes_text, changes, actor_id, timestamp) SELECT %s, CAST(i.id AS text), i.id, "
        f"q.name || ' ' || {called}, %s, '', {changes}, %s, %s "
        f"FROM s JOIN {INDICATORS} i ON i.project_id = s.project_id AND i.month = s.month "
        f"JOIN {quoted(Project._meta.db_table)} q ON q.id = i.project_id "
        f"WHERE {where} AND i.commission {'IS DISTINCT FROM' if is_postgresql() else 'IS NOT'} {new}",
        [*parameters, kind, LogEntry.Action.UPDATE.real, batch.uploaded_by_id, _now()],
    )
