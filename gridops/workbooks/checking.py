"""Checking a workbook: every fault of every row in one pass, and how each row compares with what is stored."""

from __future__ import annotations

import gc
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

import orjson
from django.db import transaction
from openpyxl.utils import get_column_letter

from gridops.accounts.models import User
from gridops.common.bulk import copy_plain, copy_rows
from gridops.jobs.run import Run
from gridops.workbooks import reading
from gridops.workbooks.columns import Column, Context
from gridops.workbooks.lookups import LookUp
from gridops.workbooks.models import Batch, Row
from gridops.workbooks.reading import Chunk, SheetInfo
from gridops.workbooks.sheet import EXAMPLE, Cross, Sheet, key_text, sheet_of

NEW, SAME, CHANGED, REFUSED, IDLE = range(5)
Finding = dict[str, Any]


class Check:
    """The state of one check: cleaned rows, their faults and notes, and what each row would do."""

    def __init__(
        self, sheet: Sheet, columns: dict[int, str], user: User, given: Mapping[str, Any] | None = None
    ) -> None:
        self.sheet, self.user, self.given = sheet, user, dict(given or {})
        self.indexes = sorted(columns)
        self.fields = [*(columns[index] for index in self.indexes), *self.given]
        self.letters = {columns[index]: get_column_letter(index + 1) for index in self.indexes}
        self.key_at = sheet.lead(columns)
        self.lead = columns[self.key_at]
        self.info = SheetInfo()
        self.columns: list[Column] = []
        self.rows: list[tuple[Any, ...]] = []
        self.numbers: list[int] = []
        self.faults: dict[int, list[Finding]] = {}
        self.notes: dict[int, list[Finding]] = {}
        self.states = bytearray()
        self.found: dict[int, tuple[int | None, int | None, list[Any]]] = {}
        self.skipped = 0
        self._base = 0

    # --- reading and cleaning ---

    def fault(self, at: int, column: Column, code: str, params: dict[str, Any]) -> None:
        """Of the chunk's row ``at`` (see ``columns.Findings``)."""
        self._fault(self._base + at, column.field, code, params)

    def note(self, at: int, column: Column, code: str, params: dict[str, Any]) -> None:
        """Of the chunk's row ``at``."""
        self.notes.setdefault(self._base + at, []).append(self._finding(self._base + at, column.field, code, params))

    def _fault(self, position: int, field: str, code: str, params: dict[str, Any]) -> None:
        self.faults.setdefault(position, []).append(self._finding(position, field, code, params))

    def _finding(self, position: int, field: str, code: str, params: dict[str, Any]) -> Finding:
        letter = self.letters.get(field) or self.letters[self.lead]
        header = self.sheet.column(field).header
        return {"cell": f"{letter}{self.numbers[position]}", "column": header, "code": code, "params": params}

    def take(self, chunk: Chunk) -> None:
        """Clean one chunk and check across its columns."""
        if not self.columns:
            context = Context(self.user, self.info.epoch_1904)
            self.columns = [self.sheet.column(name).opened(context) for name in self.fields]
        self._base = len(self.rows)
        self.numbers.extend(chunk.numbers)
        # what is given for all rows has columns at the end, and no cells
        cleaned = [column.clean(cells, self) for column, cells in zip(self.columns, chunk.columns, strict=False)]
        cleaned += [[value] * len(chunk.numbers) for value in self.given.values()]
        self.rows.extend(zip(*cleaned, strict=True))
        self.states.extend(bytes(len(chunk.numbers)))
        self._cross(cleaned)
        self._drop_idle(chunk)

    def _cross(self, cleaned: list[Sequence[Any]]) -> None:
        for check in self.sheet.cross:
            if not set(check.fields) <= set(self.fields):
                continue
            bad, wanted = check.bad, [cleaned[self.fields.index(name)] for name in check.fields]
            for at, values in enumerate(zip(*wanted, strict=True)):
                if (params := bad(*values)) is not None:
                    self._fault(self._base + at, check.at, check.code, params)

    def _drop_idle(self, chunk: Chunk) -> None:
        """Rows of mere spaces, the template's example row, and rows handed out in which nothing was filled in."""
        keys = chunk.columns[self.fields.index(self.lead)]
        text = keys.joined if keys.joined is not None else "".join(c for c in keys.values if type(c) is str)
        if EXAMPLE in text:
            for at, cell in enumerate(keys.values):
                if str(cell).strip().startswith(EXAMPLE):
                    self._idle(self._base + at)
        self._drop_unfilled(chunk)
        for position in range(self._base, len(self.rows)) if self.faults else ():
            if position in self.faults:
                cells = (column[position - self._base] for column in chunk.columns)
                if all(isinstance(cell, str) and not cell.strip() for cell in cells):
                    self._idle(position)

    def _drop_unfilled(self, chunk: Chunk) -> None:
        wanted = [chunk.columns[self.fields.index(name)].values for name in self.sheet.filled if name in self.fields]
        for at, cells in enumerate(zip(*wanted, strict=True), self._base):
            if self.states[at] != IDLE and not any(str(cell).strip() for cell in cells):
                self._idle(at)

    def _idle(self, position: int) -> None:
        self.states[position] = IDLE
        self.skipped += 1
        self.faults.pop(position, None)
        self.notes.pop(position, None)

    # --- comparing ---

    def compare(self) -> None:
        """Refuse keys that stand twice, then set each row against what is stored: one query for all."""
        self._refuse_error_cells()
        for position, (field, code, params) in self.sheet.check_rows(self.rows, self.fields, self.user).items():
            if self.states[position] != IDLE:
                self._fault(position, field, code, params)
        for position in self.faults:
            self.states[position] = REFUSED
        index = self._index()
        self._against_stored(index)
        self._drop_hollow()
        self._cross_new()
        needed = [name for name in self.sheet.needed if name not in self.fields]
        if needed:
            columns = "、".join(self.sheet.column(name).header for name in needed)
            for position, state in enumerate(self.states):
                if state == NEW:
                    self._refuse(position, self.sheet.key[0], "new_needs", {"columns": columns})

    def _refuse_error_cells(self) -> None:
        """A cell like #N/A holds no value; taken for an empty one it would wipe out what is stored."""
        for number, index in self.info.errors:
            position = bisect_left(self.numbers, number)
            there = position < len(self.numbers) and self.numbers[position] == number
            if there and index in self.indexes and self.states[position] != IDLE:
                name = self.fields[self.indexes.index(index)]
                found = self._finding(position, name, "error_cell", {})
                others = [one for one in self.faults.get(position, []) if one["cell"] != found["cell"]]
                self.faults[position] = [*others, found]

    def _refuse(self, position: int, field: str, code: str, params: dict[str, Any]) -> None:
        self._fault(position, field, code, params)
        self.states[position] = REFUSED

    def _index(self) -> dict[Any, int]:
        """Key -> position; a key that stands twice belongs to its first row, the later ones are refused."""
        places = [self.fields.index(name) for name in self.sheet.key]
        keys = list(map(itemgetter(*places), self.rows))
        index = dict(zip(keys, range(len(keys)), strict=True))
        if len(index) == len(keys) and not self.faults and IDLE not in self.states:
            return index
        index = {}
        for position, key in enumerate(keys):
            if self.states[position] == IDLE or self._keyless(key):
                continue
            first = index.setdefault(key, position)
            if first != position:
                self._refuse(position, self.sheet.key[0], "twice", {"row": self.numbers[first]})
        return index

    @staticmethod
    def _keyless(key: Any) -> bool:
        parts = key if isinstance(key, tuple) else (key,)
        return any(part in (None, "") for part in parts)

    def _against_stored(self, index: dict[Any, int]) -> None:
        if not index:
            return
        asked = [*self.fields, *sorted({n for c in self.sheet.cross for n in c.fields} - set(self.fields))]
        width = 2 + len(self.fields)
        places = [2 + self.fields.index(name) for name in self.sheet.key]
        key_at = itemgetter(*places)
        leading = {key[0] for key in index} if len(places) > 1 else index.keys()
        store = self.sheet.store(self.sheet)
        states, rows, get = self.states, self.rows, index.get
        common: dict[Any, Sequence[Any]] = {}
        for stored in store.existing(leading, asked):
            if self.sheet.shared:
                common[stored[places[0]]] = stored[2:width]
            position = get(key_at(stored))
            if position is None or states[position] != NEW:
                continue
            values = stored[2:width]
            if values != rows[position]:
                rows[position] = self._as_stored(values, rows[position])
            if values == rows[position]:
                states[position] = SAME
                if self.sheet.keeps_same:
                    self.found[position] = (stored[0], stored[1], [])
            else:
                states[position] = CHANGED
                self.found[position] = (stored[0], stored[1], list(values))
                if len(asked) > len(self.fields):
                    self._cross_with(position, dict(zip(asked, stored[2:], strict=True)))
        self._note_shared(common)
        self._own_rows_only(store)

    def _as_stored(self, stored: Sequence[Any], row: tuple[Any, ...]) -> tuple[Any, ...]:
        """The row, where its cells say the same as what is stored with that."""
        return tuple(
            old if old != new and column.says_same(old, new) else new
            for column, old, new in zip(self.columns, stored, row, strict=True)
        )

    def _drop_hollow(self) -> None:
        """A new row that holds nothing but its key says nothing, where nothing else is asked of one."""
        if not {*self.sheet.needed} <= {*self.sheet.key}:
            return
        named = enumerate(zip(self.fields, self.columns, strict=True))
        others = [(at, column.blank) for at, (name, column) in named if name not in self.sheet.key]
        for position, state in enumerate(self.states):
            row = self.rows[position]
            if state == NEW and others and all(row[at] == blank for at, blank in others):
                self._idle(position)

    def _note_shared(self, common: dict[Any, Sequence[Any]]) -> None:
        """What a new row changes in stored rows that share a field with it; undoing needs to know what it was."""
        lead = self.fields.index(self.sheet.key[0])
        places = [self.fields.index(name) for name in self.sheet.shared if name in self.fields]
        for position, state in enumerate(self.states) if common else ():
            row = self.rows[position]
            stored = common.get(row[lead]) if state == NEW else None
            for at in places if stored else ():
                old = stored[at] if stored else None
                if old != row[at]:
                    found = self._finding(position, self.fields[at], "shared_changes", {"value": old, "read": row[at]})
                    self.notes.setdefault(position, []).append(found)
                    self.found[position] = (None, None, [old if i == at else None for i in range(len(row))])

    def _cross_new(self) -> None:
        """The same checks for new rows, which get what an empty cell gives in the columns that the file lacks."""
        partly = self._partly
        lacking = {name for check in partly for name in check.fields} - set(self.fields)
        blanks = {name: self.sheet.column(name).blank for name in lacking}
        for position, state in enumerate(self.states) if partly else ():
            if state == NEW:
                self._cross_with(position, blanks)

    @property
    def _partly(self) -> list[Cross]:
        """The checks across columns of which the file has only some."""
        own = set(self.fields)
        return [check for check in self.sheet.cross if own & {*check.fields} and not own >= {*check.fields}]

    def _cross_with(self, position: int, others: dict[str, Any]) -> None:
        """The checks of which the file has only some columns, the others being as given."""
        merged = {**others, **dict(zip(self.fields, self.rows[position], strict=True))}
        for check in self._partly:
            params = check.bad(*(merged[name] for name in check.fields))
            if params is not None:
                self._refuse(position, check.at, check.code, params)

    def _own_rows_only(self, store: Any) -> None:
        if self.user.scope.everything or not self.found:
            return
        changed = {found[0] for at, found in self.found.items() if found[0] and self.states[at] == CHANGED}
        foreign = store.out_of_scope(self.user, changed) if changed else ()
        for position, (pk, *_) in self.found.items():
            if pk in foreign and self.states[position] == CHANGED:
                self._refuse(position, self.sheet.key[0], "foreign_row", {})

    # --- the result ---

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are what, as the batch keeps them."""
        tally = Counter(self.states)
        return {
            "rows_new": tally[NEW],
            "rows_changed": tally[CHANGED],
            "rows_same": tally[SAME],
            "rows_refused": tally[REFUSED],
            "rows_read": len(self.states) - tally[IDLE],
            "rows_skipped": self.info.skipped + self.skipped,
        }

    def write(self, batch: Batch) -> None:
        """Store what is not the same, inside the caller's transaction."""
        table = Row._meta.db_table
        Row.objects.filter(batch=batch).delete()
        copy_plain(table, ["batch_id", "number", "state", "key", "values"], self._plain_new(batch.pk))
        copy_rows(
            table,
            [
                "batch_id",
                "number",
                "state",
                "key",
                "values",
                "object_id",
                "object_version",
                "before",
                "faults",
                "notes",
            ],
            self._others(batch.pk),
        )

    def _keys(self) -> list[str]:
        """The natural keys as people write them."""
        parts: list[list[Any]] = []
        for name in self.sheet.key:
            at = self.fields.index(name)
            column = self.columns[at]
            values = [row[at] for row in self.rows]
            if isinstance(column, LookUp):
                text = {pk: key for key, pk in column.ids.items()}
                values = [text.get(value, "") for value in values]
            parts.append(values)
        if len(parts) == 1:
            return [str(value or "")[:200] for value in parts[0]]
        return [key_text([part or "" for part in key]) for key in zip(*parts, strict=True)]

    def _plain_new(self, batch_id: int) -> Iterator[tuple[Any, ...]]:
        dumps, notes = orjson.dumps, self.notes
        everything = zip(range(len(self.rows)), self.numbers, self.states, self._written_keys, self.rows, strict=True)
        for position, number, state, key, row in everything:
            if state == NEW and position not in notes:
                yield batch_id, number, "new", key, dumps(row).decode()

    def _others(self, batch_id: int) -> Iterator[tuple[Any, ...]]:
        names = {NEW: "new", CHANGED: "changed", REFUSED: "refused", SAME: "same"}
        for position, state in enumerate(self.states):
            if state == SAME and self.sheet.keeps_same:
                pk, version, _ = self.found[position]
                key = self._written_keys[position]
                yield batch_id, self.numbers[position], names[state], key, None, pk, version, None, None, None
            if state in (SAME, IDLE) or (state == NEW and position not in self.notes):
                continue
            pk, version, before = self.found.get(position, (None,) * 3) if state != REFUSED else (None,) * 3
            yield (
                batch_id,
                self.numbers[position],
                names[state],
                self._written_keys[position],
                None if state == REFUSED else _json(self.rows[position]),
                pk,
                version,
                _json(before),
                _json(self.faults.get(position)),
                _json(self.notes.get(position)),
            )

    @property
    def _written_keys(self) -> list[str]:
        if not hasattr(self, "_key_texts"):
            self._key_texts = self._keys() if self.rows else []
        return self._key_texts


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value, default=str).decode()


@contextmanager
def without_collector() -> Iterator[None]:
    """Rows are many and hold no cycles: looking for some in a million of values costs a tenth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def check_file(batch: Batch, run: Run) -> Check:
    """Read and check the batch's file against what is stored; nothing is written yet."""
    sheet, columns = sheet_of(batch.kind, batch.month), {int(index): name for index, name in batch.columns.items()}
    given = {}
    if batch.month and sheet.month_field and sheet.month_field not in columns.values():
        given[sheet.month_field] = batch.month.isoformat()
    check = Check(sheet, columns, batch.uploaded_by, given)

    def beat() -> None:
        run.progress(len(check.rows), check.info.height, "reading")

    with without_collector():
        for chunk in reading.rows(batch, check.indexes, check.key_at, check.info, beat):
            check.take(chunk)
            run.progress(len(check.rows), max(check.info.height, len(check.rows)), "reading")
        run.progress(len(check.rows), len(check.rows), "checking")
        # A streamed comparison needs a transaction; the reading before it none, or nobody would see its progress.
        with transaction.atomic():
            check.compare()
    return check
