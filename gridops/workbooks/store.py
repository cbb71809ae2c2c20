"""Where a roster's rows live: comparing with them, writing to them, undoing. Everything in sets, nothing per row."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator
from typing import Any, Protocol

from django.db import connection, models
from django.utils import timezone

from gridops.accounts.models import User
from gridops.workbooks.dialect import among, column_of, from_json, is_postgresql, plain, quoted
from gridops.workbooks.faults import WorkbookFault
from gridops.workbooks.models import Batch, Row
from gridops.workbooks.sheet import Sheet, derived_of

#: id, version, and the plain values of the asked fields
Existing = tuple[Any, ...]


class Store(Protocol):
    """What the engine asks of the place where rows live."""

    def __init__(self, sheet: Sheet) -> None:
        """For one roster kind."""

    def existing(self, leading: Collection[Any], fields: list[str]) -> Iterator[Existing]:
        """Rows whose first key part is among ``leading``: id, version, then the values of ``fields``."""

    def out_of_scope(self, user: User, ids: Collection[int]) -> set[int]:
        """Which of ``ids`` the user may not see."""

    def apply(self, batch: Batch) -> None:
        """Write the batch's rows inside the caller's transaction. WorkbookFault ``stale`` when they do not fit."""

    def undo(self, batch: Batch) -> int:
        """Take back what is still as the batch left it; marks and counts the rows that are kept."""


def lock_kind(kind: str) -> None:
    """One writer per roster kind at a time; SQLite's transactions are that already."""
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [zlib.crc32(f"workbooks:{kind}".encode())])


def run_sql(statement: str, parameters: list[Any]) -> int:
    """Execute; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def references(model: type[models.Model], kind: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Conditions under which row ``t`` of ``model`` is referred to; (table, column) of what only follows from it."""
    held, follows = [], []
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):  # many-to-many: its own table comes by, too
            continue
        owner = relation.related_model._meta
        table, column = quoted(owner.db_table), quoted(relation.field.column)
        if f"{owner.label_lower}.{relation.field.name}" in derived_of(kind):
            follows.append((table, column))
        else:
            held.append(f"EXISTS (SELECT 1 FROM {table} x WHERE x.{column} = t.id)")  # noqa: S608
    return held, follows


def delete_free(model: type[models.Model], kind: str, which: str, parameters: list[Any]) -> None:
    """Delete rows ``t`` of ``model`` that fit ``which`` and are not referred to, with what only follows from them."""
    held, follows = references(model, kind)
    table = quoted(model._meta.db_table)
    own = f"SELECT t.id FROM {table} t WHERE " + " AND ".join([which, *(f"NOT {one}" for one in held)])  # noqa: S608
    for other, column in follows:
        run_sql(f"DELETE FROM {other} WHERE {column} IN ({own})", parameters)  # noqa: S608
    run_sql(f"DELETE FROM {table} WHERE id IN ({own})", parameters)  # noqa: S608


def undone_steps(batch: Batch, object_id: str, since: str) -> str:
    """SQL: by how much later imports, undone meanwhile, raised the version of a row that is again as ``batch`` left it.

    Each has raised it twice, there and back. ``object_id`` and ``since``, the version before, are SQL of the query.
    """
    later = Batch.objects.filter(kind=batch.kind, state=Batch.State.UNDONE, applied_at__gt=batch.applied_at)
    if not later.exists():
        return "0"
    rows, batches = quoted(Row._meta.db_table), quoted(Batch._meta.db_table)
    return (
        f"(SELECT 2 * count(*) FROM {rows} l JOIN {batches} b ON b.id = l.batch_id AND b.state = 'undone' "  # noqa: S608
        f"AND b.kind = (SELECT kind FROM {batches} WHERE id = {batch.pk:d}) "
        f"WHERE l.object_id = {object_id} AND l.state = 'changed' AND NOT l.kept AND l.object_version > {since})"
    )


class TableStore:
    """Rows of one table with ``version`` and ``created_batch``."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.model = sheet.table
        self.table = quoted(self.model._meta.db_table)
        self.rows = quoted(Row._meta.db_table)
        self.by_name: dict[str, models.Field[Any, Any]] = {
            field.attname: field for field in self.model._meta.concrete_fields
        }

    # --- comparing ---

    def existing(self, leading: Collection[Any], fields: list[str]) -> Iterator[Existing]:
        """Streamed, one query."""
        condition, parameter = among(self.by_name[self.sheet.key[0]], leading)
        wanted = ", ".join(plain(self.by_name[name], "t") for name in fields)
        lead = column_of(self.by_name[self.sheet.key[0]])
        statement = f"SELECT t.id, t.version, {wanted} FROM {self.table} t WHERE t.{lead} {condition}"  # noqa: S608
        with connection.chunked_cursor() as cursor:
            cursor.execute(statement, [parameter])
            while chunk := cursor.fetchmany(5_000):
                yield from chunk

    def out_of_scope(self, user: User, ids: Collection[int]) -> set[int]:
        """By the table's own ``for_user``."""
        manager: Any = self.model._default_manager.all()
        own = manager.for_user(user).order_by().values_list("pk", flat=True)
        return set(ids) - set(own)

    # --- applying ---

    def apply(self, batch: Batch) -> None:
        """``INSERT … SELECT`` of the new rows, ``UPDATE … FROM`` of the changed ones, counted against the preview."""
        if batch.rows_new and self._insert(batch) != batch.rows_new:
            raise WorkbookFault("stale")
        if batch.rows_changed and self._update(batch) != batch.rows_changed:
            raise WorkbookFault("stale")

    def _insert(self, batch: Batch) -> int:
        columns, values, parameters = [], [], []
        for field in self.model._meta.concrete_fields:
            if field.attname in batch.fields:
                value = from_json(field, "values", batch.fields.index(field.attname))
            else:
                constant = self._constant(field, batch)
                if constant is None:
                    continue
                value = "%s"
                parameters.append(constant)
            columns.append(column_of(field))
            values.append(value)
        statement = (
            f"INSERT INTO {self.table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {self.rows} r "  # noqa: S608
            "WHERE r.batch_id = %s AND r.state = 'new' ON CONFLICT DO NOTHING"
        )
        return run_sql(statement, [*parameters, batch.pk])

    def _constant(self, field: models.Field[Any, Any], batch: Batch) -> Any:
        """What a new row gets in a column that the file lacks; None leaves it to the database."""
        if field.attname == "created_batch_id":
            return batch.pk
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
            return field.get_db_prep_save(timezone.now(), connection)
        if field.attname in self.sheet.defaults:
            return field.get_db_prep_save(self.sheet.defaults[field.attname], connection)
        if field.primary_key or field.null or field.has_db_default():
            return None
        return field.get_db_prep_save(field.get_default(), connection)

    def _update(self, batch: Batch) -> int:
        return run_sql(*self._set_from(batch, "values", version="r.object_version"))

    def _set_from(self, batch: Batch, source: str, *, version: str) -> tuple[str, list[Any]]:
        """``UPDATE`` of the batch's changed rows from ``values`` or ``before``, where the version is as expected."""
        sets = [
            f"{column_of(self.by_name[name])} = {from_json(self.by_name[name], source, at)}"
            for at, name in enumerate(batch.fields)
            if name in self.by_name and name not in self.sheet.key
        ]
        parameters: list[Any] = []
        for field in self.model._meta.concrete_fields:
            if getattr(field, "auto_now", False):
                sets.append(f"{column_of(field)} = %s")
                parameters.append(field.get_db_prep_save(timezone.now(), connection))
        target = self.table
        sets.append(f"version = {target}.version + 1")
        statement = (
            f"UPDATE {target} SET {', '.join(sets)} FROM {self.rows} r "  # noqa: S608
            f"WHERE r.batch_id = %s AND r.state = 'changed' AND {target}.id = r.object_id "
            f"AND {target}.version = {version}"
        )
        return statement, [*parameters, batch.pk]

    # --- undoing ---

    def undo(self, batch: Batch) -> int:
        """Edited rows, and new ones that something refers to by now, are kept and marked."""
        self._hold_changed(batch)
        self._mark_edited(batch)
        if batch.rows_changed:
            steps = undone_steps(batch, "r.object_id", "r.object_version")
            run_sql(*self._set_from(batch, "before", version=f"r.object_version + 1 + {steps}"))
        if batch.rows_new:
            which = f"t.created_batch_id = %s AND t.version = 1 + {undone_steps(batch, 't.id', '0')}"
            delete_free(self.model, self.sheet.kind, which, [batch.pk])
            self._mark_left(batch)
        return Row.objects.filter(batch=batch, kept=True).count()

    def _hold_changed(self, batch: Batch) -> None:
        """Nobody edits a row between the look at its version and its way back; SQLite's transactions see to that."""
        if is_postgresql():
            run_sql(
                f"SELECT t.id FROM {self.table} t WHERE t.id IN (SELECT r.object_id FROM {self.rows} r "  # noqa: S608
                "WHERE r.batch_id = %s AND r.state = 'changed') ORDER BY t.id FOR NO KEY UPDATE",
                [batch.pk],
            )

    def _mark_edited(self, batch: Batch) -> None:
        steps = undone_steps(batch, f"{self.rows}.object_id", f"{self.rows}.object_version")
        run_sql(
            f"UPDATE {self.rows} SET kept = %s FROM {self.table} t WHERE {self.rows}.batch_id = %s "  # noqa: S608
            f"AND {self.rows}.state = 'changed' AND t.id = {self.rows}.object_id "
            f"AND t.version <> {self.rows}.object_version + 1 + {steps}",
            [True, batch.pk],
        )

    def _mark_left(self, batch: Batch) -> None:
        same_key = " AND ".join(
            f"t.{column_of(self.by_name[name])} = {from_json(self.by_name[name], 'values', batch.fields.index(name))}"
            for name in self.sheet.key
        )
        run_sql(
            f"UPDATE {self.rows} SET kept = %s WHERE (batch_id, number) IN (SELECT r.batch_id, r.number "  # noqa: S608
            f"FROM {self.rows} r JOIN {self.table} t ON {same_key} "
            "WHERE r.batch_id = %s AND r.state = 'new' AND t.created_batch_id = %s)",
            [True, batch.pk, batch.pk],
        )
