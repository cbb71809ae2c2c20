"""What must be true of the database before anything runs on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

MIN_BUSY_TIMEOUT_MS = 5_000


@register(Tags.database)
def sqlite_is_safe_for_many_writers(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """SQLite keeps every parallel update only in WAL mode, with immediate transactions and a busy timeout."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection: Any = connections[alias]
        if connection.vendor != "sqlite":
            continue
        with connection.cursor() as cursor:
            values = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "busy_timeout")}
        if values["journal_mode"] not in ("wal", "memory"):
            found.append(_error(alias, f"its journal mode is {values['journal_mode']}, not WAL", "E001"))
        if values["busy_timeout"] < MIN_BUSY_TIMEOUT_MS:
            found.append(_error(alias, f"its busy timeout is {values['busy_timeout']} ms", "E002"))
        if connection.transaction_mode != "IMMEDIATE":
            found.append(_error(alias, "its transactions are not immediate", "E003"))
    return found


def _error(alias: str, what: str, code: str) -> CheckMessage:
    hint = "Is the file on a network share? SQLite needs a local disk; or use PostgreSQL through DATABASE_URL."
    return Error(f"Parallel writers would lose updates in database {alias!r}: {what}", hint=hint, id=f"gridops.{code}")
