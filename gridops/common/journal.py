"""The history of many rows at once, where rows are written in sets and no ``save()`` writes it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from auditlog.context import auditlog_value
from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from gridops.common.bulk import copy_rows

COLUMNS = (
    "content_type_id",
    "object_pk",
    "object_id",
    "object_repr",
    "action",
    "changes_text",
    "changes",
    "actor_id",
    "remote_addr",
    "timestamp",
)


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to one row: its key, what it is called, field -> (old, new); ``made``: it is new."""

    pk: int
    called: str
    changes: Mapping[str, tuple[object, object]]
    made: bool = False


def write_steps(model: type[models.Model], steps: Iterable[Step], by: int | None) -> int:
    """Write ``steps`` of rows of ``model`` into the history as done by person ``by``, in one statement.

    To be called in the transaction that writes the rows.
    """
    kind, now = ContentType.objects.get_for_model(model).pk, timezone.now()
    context: dict[str, Any] = auditlog_value.get({})
    address = context.get("remote_addr")
    # all of them first: nothing else may be asked of a database that a COPY writes into
    rows = [
        (
            kind,
            str(step.pk),
            step.pk,
            step.called,
            LogEntry.Action.CREATE.real if step.made else LogEntry.Action.UPDATE.real,
            "",
            json.dumps({name: [_text(old), _text(new)] for name, (old, new) in step.changes.items()}),
            by,
            address,
            now,
        )
        for step in steps
    ]
    return copy_rows(LogEntry._meta.db_table, COLUMNS, rows)


def _text(value: object) -> str:
    return "None" if value is None else str(value)
