"""Rows of a batch as people read them: which cell was what and becomes what, which cell is wrong and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from gridops.common.templatetags.gridops import mask_name, mask_phone
from gridops.workbooks.columns import Choice, Column, Phone
from gridops.workbooks.faults import message
from gridops.workbooks.lookups import LookUp
from gridops.workbooks.models import Batch, Row
from gridops.workbooks.sheet import sheet_of


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One cell: its column, what is stored, what the file says."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """One fault or note of a row."""

    cell: str
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the sheet."""

    number: int
    key: str
    changes: list[ShownChange]
    findings: list[ShownFinding]


class Presenter:
    """Turns rows of one batch into words; look-ups of a page cost one query per referring column."""

    def __init__(self, batch: Batch, rows: Sequence[Row]) -> None:
        self.batch, self.rows = batch, rows
        sheet = sheet_of(batch.kind)
        self.columns = [sheet.column(name) for name in batch.fields]
        self.names = {column.field: self._names(at, column) for at, column in enumerate(self.columns)}

    def _names(self, at: int, column: Column) -> dict[Any, str]:
        if isinstance(column, LookUp):
            wanted: set[Any] = set()
            for row in self.rows:
                for values in (row.values, row.before):
                    value = values[at] if values else None
                    wanted.update(value if isinstance(value, list) else [value])
            manager = apps.get_model(column.model)._default_manager
            return dict(manager.filter(pk__in=wanted - {None}).values_list("pk", column.by))
        if isinstance(column, Choice):
            return {kept: word for word, kept in column.choices.items()}
        return {}

    def text(self, column: Column, value: Any) -> str:
        """A plain value in words; telephone numbers, and what else is private, masked."""
        if value is None or value == "":
            return ""
        if isinstance(value, list):
            return "、".join(self.text(column, item) for item in value)
        if isinstance(column, Phone):
            return mask_phone(str(value))
        if column.private:
            return mask_name(str(value))
        return str(self.names[column.field].get(value, value))

    def changes(self, row: Row) -> list[ShownChange]:
        """The cells that differ; of a new row all that are not empty."""
        before = row.before or [None] * len(self.columns)
        return [
            ShownChange(column.header, self.text(column, old), self.text(column, new))
            for column, old, new in zip(self.columns, before, row.values or [], strict=False)
            if new != old and (row.state != Row.State.NEW or new not in (None, "", []))
        ]

    def all(self) -> Iterable[ShownRow]:
        """Every row, in order."""
        for row in self.rows:
            found = row.faults if row.state == Row.State.REFUSED else row.notes
            changes = [] if row.state == Row.State.REFUSED else self.changes(row)
            yield ShownRow(row.number, row.key, changes, [finding(one) for one in found or []])


def finding(stored: dict[str, Any]) -> ShownFinding:
    """A stored fault or note in words."""
    return ShownFinding(stored["cell"], stored["column"], message(stored["code"], stored["params"]))
