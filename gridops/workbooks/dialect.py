"""The few expressions in which SQLite and PostgreSQL differ. Names come from models, values are always bound."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import orjson
from django.db import connection, models


def is_postgresql() -> bool:
    """Which of the two the rows live in."""
    return connection.vendor == "postgresql"


def quoted(name: str) -> str:
    """A table's or column's name, safe in SQL."""
    return connection.ops.quote_name(name)


def column_of(field: models.Field[Any, Any]) -> str:
    """The quoted column of ``field``."""
    return quoted(field.column or field.name)


def plain(field: models.Field[Any, Any], alias: str) -> str:
    """The column as a plain value: days, times and decimals as text, in the shape that ``columns`` cleans to."""
    name = f"{alias}.{column_of(field)}"
    if isinstance(field, models.DecimalField):
        if is_postgresql():
            return f"{name}::text"
        return f"CASE WHEN {name} IS NULL THEN NULL ELSE printf('%%.{int(field.decimal_places)}f', {name}) END"
    if isinstance(field, models.DateField | models.TimeField):
        return f"{name}::text" if is_postgresql() else f"CAST({name} AS TEXT)"
    return name


def from_json(field: models.Field[Any, Any], source: str, at: int) -> str:
    """Element ``at`` of a row's JSON array as a value of ``field``'s column; ``source`` is ``values`` or ``before``."""
    if not is_postgresql():
        return f"json_extract(r.{quoted(source)}, '$[{at:d}]')"
    element = f"r.{quoted(source)}->>{at:d}"
    if isinstance(field, models.CharField | models.TextField):
        return element
    return f"({element})::{field.rel_db_type(connection) if field.is_relation else field.db_type(connection)}"


def among(field: models.Field[Any, Any], values: Collection[Any]) -> tuple[str, Any]:
    """``IN`` over any number of values, which travel as one parameter."""
    if is_postgresql():
        kind = str(field.rel_db_type(connection) if field.is_relation else field.db_type(connection))
        if isinstance(field, models.CharField):  # one text is bound faster than a list; keys hold no control characters
            return f"= ANY(string_to_array(%s, chr(31))::{kind}[])", "\x1f".join(values)
        return f"= ANY(%s::{kind}[])", list(values)
    return "IN (SELECT value FROM json_each(%s))", orjson.dumps(list(values)).decode()


def elements(source: str, at: int) -> str:
    """A table expression, ``e.value``: the elements of the list at ``at`` in a row's JSON array."""
    if is_postgresql():
        return f"jsonb_array_elements_text(r.{quoted(source)}->{at:d}) AS e(value)"
    return f"json_each(r.{quoted(source)}, '$[{at:d}]') AS e"


def update_many(
    model: type[models.Model],
    key: str,
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    increment: Sequence[str] = (),
    where: str = "",
    parameters: Sequence[Any] = (),
) -> int:
    """``UPDATE`` any number of rows at once; each of ``rows`` holds the ``key`` field's value, then those of ``names``.

    ``increment`` names counters that go up by one; ``where`` narrows the rows further.
    """
    if not rows:
        return 0
    fields = {field.attname: field for field in model._meta.concrete_fields}
    table, postgresql = quoted(model._meta.db_table), is_postgresql()

    def element(field: models.Field[Any, Any], at: int) -> str:
        if not postgresql:
            return f"json_extract(v.value, '$[{at:d}]')"
        kind = field.rel_db_type(connection) if field.is_relation else field.db_type(connection)
        return f"(v.value->>{at:d})::{kind}"

    sets = [f"{column_of(fields[name])} = {element(fields[name], at)}" for at, name in enumerate(names, start=1)]
    sets += [f"{column_of(fields[name])} = {table}.{column_of(fields[name])} + 1" for name in increment]
    source = "jsonb_array_elements(%s::jsonb) AS v(value)" if postgresql else "json_each(%s) AS v"
    statement = (
        f"UPDATE {table} SET {', '.join(sets)} FROM {source} "  # noqa: S608
        f"WHERE {table}.{column_of(fields[key])} = {element(fields[key], 0)}{' AND ' + where if where else ''}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [orjson.dumps(list(map(list, rows))).decode(), *parameters])
        return int(cursor.rowcount)
