"""What imports did to a row: its rows in batches, as steps of its history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridops.common.history import Entry, changes_of
from gridops.workbooks.models import Row
from gridops.workbooks.sheet import SHEETS, Sheet


def history_rows(instance: models.Model) -> list[Row]:
    """The rows of applied imports that made or changed ``instance``, newest first, each with its batch."""
    sheet = _sheet_of(instance)
    if sheet is None:
        return []
    touched = Q(object_id=instance.pk)
    if created := getattr(instance, "created_batch_id", None):
        touched |= Q(batch_id=created, state=Row.State.NEW, key=sheet.key_of(instance))
    written = Row.objects.exclude(state=Row.State.SAME)
    rows = written.filter(touched, batch__kind=sheet.kind, batch__applied_at__isnull=False)
    return list(rows.select_related("batch__uploaded_by").order_by("-batch__applied_at", "-batch"))


def imported_entries(instance: models.Model, limit: int, before: datetime | None = None) -> list[Entry]:
    """The newest ``limit`` steps that imports, and their undoing, made; older than ``before`` if given."""
    steps = [step for row in history_rows(instance) for step in _steps(instance, row)]
    batch = getattr(instance, "created_batch", None)
    if not steps and batch is not None and batch.applied_at is not None:  # made along with rows of another table
        steps = [Entry(batch.applied_at, batch.uploaded_by.name, _("made by import"), batch=batch.pk)]
    steps = [step for step in steps if before is None or step.at < before]
    return sorted(steps, key=lambda step: step.at, reverse=True)[:limit]


def _sheet_of(instance: models.Model) -> Sheet | None:
    return next((sheet for sheet in SHEETS.values() if sheet.in_history and sheet.table is type(instance)), None)


def _steps(instance: models.Model, row: Row) -> Iterator[Entry]:
    names = {field.attname: field.name for field in instance._meta.concrete_fields}
    after, earlier = row.values or [], row.before or [None] * len(row.values or [])
    there: dict[str, Any] = {}
    back: dict[str, Any] = {}
    for name, new, old in zip(row.batch.fields, after, earlier, strict=True):
        if new != old:
            there[names.get(name, name)], back[names.get(name, name)] = (
                [_text(old), _text(new)],
                [_text(new), _text(old)],
            )
    who, batch = row.batch.uploaded_by.name, row.batch.pk
    if row.batch.applied_at is not None:
        what = _("made by import") if row.state == Row.State.NEW else _("changed by import")
        yield Entry(row.batch.applied_at, who, what, changes_of(instance, there), batch)
    if row.batch.undone_at is not None and not row.kept:
        yield Entry(row.batch.undone_at, who, _("import undone"), changes_of(instance, back), batch)


def _text(value: Any) -> Any:
    return "、".join(map(str, value)) if isinstance(value, list) else value
