"""The few expressions in which SQLite and PostgreSQL differ. Names come from models, values are always bound."""

from __future__ import annotations

from collections.abc import Collection
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
    """The column as a plain value: days and decimals as text, in the shape that ``columns`` cleans to."""
    name = f"{alias}.{column_of(field)}"
    if isinstance(field, models.DecimalField):
        if is_postgresql():
            return f"{name}::text"
        return f"CASE WHEN {name} IS NULL THEN NULL ELSE printf('%%.{int(field.decimal_places)}f', {name}) END"
    if isinstance(field, models.DateField):
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
        return f"= ANY(%s::{kind}[])", list(values)
    return "IN (SELECT value FROM json_each(%s))", orjson.dumps(list(values)).decode()
