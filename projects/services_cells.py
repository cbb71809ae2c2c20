"""Saving cells of a ledger: any number at once, each only over the value that its writer saw (P1, P2, P3).

One transaction and a constant number of queries. Rows are locked in one order, so that two who fill the same rows come
one after the other; a cell that someone else changed meanwhile is answered as a conflict and left as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from gridops.common.bulk import may_try_again
from gridops.workbooks.cleaning import CellFault, Noted
from gridops.workbooks.faults import message
from projects.grids import GridColumn, plain, wired
from projects.grids_rows import Book, Row
from projects.models import Ledger, LedgerTouch
from projects.services_ledgers import touch
from projects.services_stores import STORES, Store

Changes = dict[int, dict[str, Any]]  # row -> field -> its new value
# An import writes rows in the order of its file: of it and us PostgreSQL may send one back, and then we come again.
ATTEMPTS = 4


class NotACell(ValueError):
    """A field that the ledger does not have, or that is never typed into; or a month that is over."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What was typed into a cell, and the value that stood there when it was typed."""

    row: int
    field: str
    value: str | None
    was: object


@dataclass(slots=True)
class Outcome:
    """What became of a cell: saved, same, fault or conflict; ``value`` is stored now.

    ``text`` says why it was not taken, or how what was typed was read where there were two ways.
    """

    cell: Cell
    state: str
    value: Any = None
    text: str = ""
    by: str = ""
    at: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As the grid's script wants it."""
        told = {"row": self.cell.row, "field": self.cell.field, "state": self.state, "value": self.value}
        return told | {"text": self.text, "by": self.by, "at": self.at}


@dataclass(slots=True)
class Saved:
    """What became of all cells, and the rows as they are now."""

    outcomes: list[Outcome] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As the grid's script wants it."""
        return {"cells": [outcome.as_json() for outcome in self.outcomes], "rows": self.rows}

    def of(self, state: str) -> list[Outcome]:
        """The cells that came to ``state``."""
        return [outcome for outcome in self.outcomes if outcome.state == state]


def save(book: Book, cells: Iterable[Cell]) -> Saved:
    """Save what was typed where it can be taken; of a cell that comes twice the last counts.

    ``NotACell``, 404 for a row out of scope and 403 for one that the person only reads refuse everything.
    """
    wanted = {(cell.row, cell.field): cell for cell in cells}
    if not book.open or any(name not in book.typed for _row, name in wanted):
        raise NotACell
    if not wanted:
        return Saved()
    read = {key: _read(book, book.typed[cell.field], cell.value) for key, cell in wanted.items()}
    for _attempt in range(ATTEMPTS - 1):
        try:
            return _saved(book, wanted, read)
        except OperationalError as error:
            if not may_try_again(error):
                raise
    return _saved(book, wanted, read)


def _saved(book: Book, wanted: Mapping[tuple[int, str], Cell], read: Mapping[tuple[int, str], Any]) -> Saved:
    with transaction.atomic():
        store = STORES[book.ledger](book)
        grids = store.lock({row for row, _name in wanted})
        _demand(book, grids, {row for row, _name in wanted})
        store.load(_rows_to_write(wanted, read))
        outcomes, changes = _compare(store, wanted, read)
        _tell_who(store, outcomes)
        store.write(changes)
        if book.ledger != Ledger.RIVALS:  # noting offers does it
            touch(changes, book.ledger, book.user, LedgerTouch.How.EDITED)
        rows = store.fresh(changes)
    return _answer(outcomes, rows)


def _demand(book: Book, grids: Mapping[int, int], rows: Collection[int]) -> None:
    if len(grids) != len(rows):
        raise Http404
    if not all(book.may_edit(grid) for grid in grids.values()):
        raise PermissionDenied


@dataclass(frozen=True, slots=True)
class _Fault:
    text: str


@dataclass(frozen=True, slots=True)
class _Read:
    value: Any
    note: str = ""  # how it was read, where there were two ways


def _read(book: Book, column: GridColumn, typed: str | None) -> _Read | _Fault:
    """What was typed, cleaned as a roster's cell is; a fault when it can't be taken."""
    if not book.takes(column):
        return _Fault(_("Contacts are hidden. Show them to change them."))
    reader: Any = column.reader
    text = (typed or "").replace("\0", "").strip()
    try:
        value = reader.read(text) if text else reader.blank
    except CellFault as fault:
        return _Fault(message(fault.code, fault.params))
    return _Read(value.value, message(value.code, value.params)) if isinstance(value, Noted) else _Read(value)


def _rows_to_write(wanted: Mapping[tuple[int, str], Cell], read: Mapping[tuple[int, str], _Read | _Fault]) -> set[int]:
    """Rows into which something is put where nothing was seen: those that are not there yet may have to be made."""
    return {
        cell.row
        for key, cell in wanted.items()
        if cell.was in (None, "") and isinstance(new := read[key], _Read) and new.value not in (None, "")
    }


def _compare(
    store: Store, wanted: Mapping[tuple[int, str], Cell], read: Mapping[tuple[int, str], _Read | _Fault]
) -> tuple[list[Outcome], Changes]:
    outcomes: list[Outcome] = []
    changes: dict[int, dict[str, Any]] = defaultdict(dict)
    for key, cell in wanted.items():
        stored, new = store.stored(cell.row, cell.field), read[key]
        now = wired(stored)
        if isinstance(new, _Fault):
            outcomes.append(Outcome(cell, "fault", store.book.masked({cell.field: now})[cell.field], new.text))
        elif new.value == plain(stored):
            outcomes.append(Outcome(cell, "same", now))
        elif why := store.refuses(cell.row, cell.field):
            outcomes.append(Outcome(cell, "fault", now, why))
        elif not _seen(cell.was, now):
            outcomes.append(Outcome(cell, "conflict", now, _("Someone else changed this cell meanwhile.")))
        else:
            changes[cell.row][cell.field] = new.value
            outcomes.append(Outcome(cell, "saved", text=new.note))
    return outcomes, dict(changes)


def _seen(was: object, now: object) -> bool:
    """Whether the writer knew the value that is stored now."""
    if was is None or was == "":
        return now is None
    return not isinstance(was, bool) and was == now


def _tell_who(store: Store, outcomes: list[Outcome]) -> None:
    """Say whose value stands in cells in conflict."""
    clashing = [outcome for outcome in outcomes if outcome.state == "conflict"]
    if not clashing:
        return
    known = store.who({(outcome.cell.row, outcome.cell.field) for outcome in clashing})
    for outcome in clashing:
        if author := known.get((outcome.cell.row, outcome.cell.field)):
            outcome.by, outcome.at = author[0], author[1].isoformat()


def _answer(outcomes: list[Outcome], rows: list[Row]) -> Saved:
    fresh = {row["id"]: row for row in rows}
    for outcome in outcomes:
        if outcome.state == "saved":
            outcome.value = fresh[outcome.cell.row].get(outcome.cell.field)
    return Saved(outcomes, rows)
