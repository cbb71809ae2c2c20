"""Rows of one table with lists beside it: the counter staff of an outlet, the projects around it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from django.apps import apps
from django.db import connection, models

from gridops.workbooks.dialect import among, column_of, elements, from_json, is_postgresql, plain, quoted
from gridops.workbooks.models import Batch
from gridops.workbooks.sheet import Sheet, derived
from gridops.workbooks.store import Existing, TableStore, run_sql


@dataclass(frozen=True, slots=True)
class Part:
    """A list that a cell holds: rows of ``model``, each with the ``owner`` and one ``value``."""

    field: str
    model: str
    owner: str
    value: str

    @property
    def table(self) -> type[models.Model]:
        """The model of its rows."""
        return apps.get_model(self.model)

    def columns(self) -> tuple[str, str, str]:
        """Quoted: table, owner's column, value's column."""
        meta = self.table._meta
        return quoted(meta.db_table), column_of(meta.get_field(self.owner)), column_of(meta.get_field(self.value))  # type: ignore[arg-type]


class PartsStore(TableStore):
    """A TableStore whose sheet has ``parts``."""

    parts: tuple[Part, ...] = ()

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(sheet)
        for part in self.parts:
            derived(sheet.kind, part.model, part.owner)

    def existing(self, leading: Collection[Any], fields: list[str]) -> Iterator[Existing]:
        """As TableStore, the lists sorted as the columns sort them; still one query."""
        lists = {part.field: part for part in self.parts}
        wanted = [self._list(lists[name]) if name in lists else plain(self.by_name[name], "t") for name in fields]
        places = [2 + at for at, name in enumerate(fields) if name in lists]
        condition, parameter = among(self.by_name[self.sheet.key[0]], leading)
        lead = column_of(self.by_name[self.sheet.key[0]])
        statement = f"SELECT t.id, t.version, {', '.join(wanted)} FROM {self.table} t WHERE t.{lead} {condition}"  # noqa: S608
        with connection.chunked_cursor() as cursor:
            cursor.execute(statement, [parameter])
            while chunk := cursor.fetchmany(2_000):
                for row in chunk:
                    values = list(row)
                    for at in places:
                        values[at] = sorted(orjson.loads(values[at]))
                    yield tuple(values)

    @staticmethod
    def _list(part: Part) -> str:
        table, owner, value = part.columns()
        gather = f"coalesce(json_agg(p.{value}), '[]')::text" if is_postgresql() else f"json_group_array(p.{value})"
        return f"(SELECT {gather} FROM {table} p WHERE p.{owner} = t.id)"  # noqa: S608

    def _insert(self, batch: Batch) -> int:
        made = super()._insert(batch)
        for part in self._in_file(batch):
            self._fill(batch, part, "values", f"t.created_batch_id = {batch.pk:d} AND r.state = 'new'")
        return made

    def _update(self, batch: Batch) -> int:
        changed = super()._update(batch)
        self._replace(batch, "values")
        return changed

    def undo(self, batch: Batch) -> int:
        """As TableStore, with the lists."""
        self._mark_edited(batch)
        if batch.rows_changed:
            self._replace(batch, "before")
        return super().undo(batch)

    def _in_file(self, batch: Batch) -> list[Part]:
        return [part for part in self.parts if part.field in batch.fields]

    def _replace(self, batch: Batch, source: str) -> None:
        """What the file does not list goes; what it lists stays as it is, with all else that is known of it."""
        changed = f"SELECT r.object_id FROM {self.rows} r WHERE r.batch_id = %s AND r.state = 'changed' AND NOT r.kept"  # noqa: S608
        for part in self._in_file(batch):
            table, owner, value = part.columns()
            at = batch.fields.index(part.field)
            listed = (
                f"SELECT 1 FROM {self.rows} r CROSS JOIN {elements(source, at)} "  # noqa: S608
                f"WHERE r.batch_id = %s AND r.object_id = {table}.{owner} AND {_element(part)} = {table}.{value}"
            )
            run_sql(
                f"DELETE FROM {table} WHERE {owner} IN ({changed}) AND NOT EXISTS ({listed})",  # noqa: S608
                [batch.pk, batch.pk],
            )
            self._fill(batch, part, source, "r.state = 'changed' AND NOT r.kept")

    def _fill(self, batch: Batch, part: Part, source: str, which: str) -> None:
        table, owner, value = part.columns()
        at, element = batch.fields.index(part.field), _element(part)
        key = self.sheet.key[0]
        same = f"t.{column_of(self.by_name[key])} = {from_json(self.by_name[key], 'values', batch.fields.index(key))}"
        run_sql(
            f"INSERT INTO {table} ({owner}, {value}) SELECT t.id, {element} FROM {self.rows} r "  # noqa: S608
            f"JOIN {self.table} t ON {same} CROSS JOIN {elements(source, at)} WHERE r.batch_id = %s AND {which} "
            f"AND NOT EXISTS (SELECT 1 FROM {table} p WHERE p.{owner} = t.id AND p.{value} = {element})",
            [batch.pk],
        )


def _element(part: Part) -> str:
    """An element of the list as a value of the part's column."""
    field: Any = part.table._meta.get_field(part.value)
    return f"e.value::{field.rel_db_type(connection)}" if is_postgresql() and field.is_relation else "e.value"
