"""Rosters that spread over several tables (people, agents): small, so their rows are compared and written as values.

A row may be written, or taken back, only while the stored values are still those that the preview, or the import, left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gridops.accounts.models import User
from gridops.workbooks.dialect import update_many
from gridops.workbooks.faults import WorkbookFault
from gridops.workbooks.models import Batch, Row
from gridops.workbooks.sheet import Sheet
from gridops.workbooks.store import Existing

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """A row as it is stored: id, version (0 where the table has none), and the plain values of all fields."""

    pk: int
    version: int
    values: Values


class ObjectStore:
    """Base: a subclass loads, creates, changes and removes; a fixed number of queries each."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    # --- what a subclass does ---

    def load(self, leading: Collection[Any]) -> list[Stored]:
        """Rows whose first key part is among ``leading``."""
        raise NotImplementedError

    def create(self, batch: Batch, rows: Sequence[Values]) -> None:
        """Make rows that do not exist."""
        raise NotImplementedError

    def change(self, rows: Sequence[tuple[Stored, Values]]) -> None:
        """Give stored rows other values; fields that are not named stay."""
        raise NotImplementedError

    def remove(self, batch: Batch, rows: Sequence[Stored]) -> None:
        """Delete what the batch made, where nothing else refers to it."""
        raise NotImplementedError

    # --- what the engine asks ---

    def existing(self, leading: Collection[Any], fields: list[str]) -> Iterator[Existing]:
        """As tuples."""
        for stored in self.load(leading):
            yield (stored.pk, stored.version, *(stored.values[name] for name in fields))

    def out_of_scope(self, user: User, ids: Collection[int]) -> set[int]:
        """All of them: only who sees everything may write these rosters."""
        return set() if user.scope.everything else set(ids)

    def apply(self, batch: Batch) -> None:
        """Verify that the preview still holds, then write."""
        rows = self._rows(batch)
        stored = self._stored(batch, rows)
        new, changed = [], []
        for row in rows:
            now, wanted = stored.get(self._key(batch, row)), self._values(batch, row.values)
            if row.state == Row.State.NEW:
                if now is not None:
                    raise WorkbookFault("stale")
                new.append(wanted)
            elif now is None or now.pk != row.object_id or not self._fits(now, self._values(batch, row.before)):
                raise WorkbookFault("stale")
            else:
                changed.append((now, wanted))
        if new:
            self.create(batch, new)
        if changed:
            self.change(changed)
        self._point_to_objects(batch, rows)

    def undo(self, batch: Batch) -> int:
        """Take back the rows whose values are still those of the import."""
        rows = self._rows(batch)
        stored = self._stored(batch, rows)
        made, back, kept = [], [], []
        for row in rows:
            now = stored.get(self._key(batch, row))
            if now is None:
                continue
            if now.pk != row.object_id or not self._fits(now, self._values(batch, row.values)):
                kept.append(row)
            elif row.state == Row.State.NEW:
                made.append(now)
            else:
                back.append((now, self._values(batch, row.before)))
        if back:
            self.change(back)
        if made:
            self.remove(batch, made)
        left = {item.pk for item in self._stored(batch, rows).values()}
        kept += [row for row in rows if row.state == Row.State.NEW and row.object_id in left and row not in kept]
        Row.objects.filter(batch=batch, number__in=[row.number for row in kept]).update(kept=True)
        return len(kept)

    # --- parts ---

    def _rows(self, batch: Batch) -> list[Row]:
        return list(Row.objects.filter(batch=batch, state__in=[Row.State.NEW, Row.State.CHANGED]))

    @staticmethod
    def _values(batch: Batch, values: list[Any] | None) -> Values:
        return dict(zip(batch.fields, values or [], strict=True))

    def _key(self, batch: Batch, row: Row) -> tuple[Any, ...]:
        values = self._values(batch, row.values)
        return tuple(values[name] for name in self.sheet.key)

    def _stored(self, batch: Batch, rows: Sequence[Row]) -> dict[tuple[Any, ...], Stored]:
        leading = {self._key(batch, row)[0] for row in rows}
        return {tuple(item.values[name] for name in self.sheet.key): item for item in self.load(leading)}

    @staticmethod
    def _fits(stored: Stored, values: Values) -> bool:
        return values.items() <= stored.values.items()

    def _point_to_objects(self, batch: Batch, rows: Sequence[Row]) -> None:
        stored = self._stored(batch, rows)
        pairs = [(row.number, stored[self._key(batch, row)].pk) for row in rows if row.state == Row.State.NEW]
        update_many(Row, "number", ["object_id"], pairs, where="batch_id = %s", parameters=[batch.pk])
