"""Cells of a plan as a page sends them while it is filled: reading them, comparing each, and the answer.

A cell names its line ("goal", "note", "step:12", "share:45") and field, what was typed, and what stood there when it
was typed. It is written only over the value that its writer saw; both values of a conflict go back to the page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gridops.common.ids import read_id

MOST_CELLS, LONGEST = 2_000, 20_000
SAVED, SAME, FAULT, CONFLICT, GONE, LOCKED = "saved", "same", "fault", "conflict", "gone", "locked"
REFUSED = frozenset({FAULT, CONFLICT, GONE, LOCKED})
Place = tuple[str, str]  # line and field


class TooManyCells(Exception):
    """More cells than one request may hold."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What was typed into a cell; ``was`` is what stood there then, None when that is not known."""

    line: str
    field: str
    value: str
    was: str | None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return (self.line, self.field)

    @property
    def kind(self) -> str:
        """What kind of line: goal, note, step or share."""
        return self.line.partition(":")[0]

    @property
    def pk(self) -> int:
        """The row's id; 0 for lines that have none."""
        return int(self.line.partition(":")[2] or 0)


@dataclass(slots=True)
class CellResult:
    """What became of a cell. ``value`` is stored now, as text; ``text`` says why it was not taken."""

    cell: Cell
    state: str
    value: str = ""
    text: str = ""
    by: str = ""

    def as_json(self) -> dict[str, str]:
        """As the page's script wants it."""
        told = {"line": self.cell.line, "field": self.cell.field, "state": self.state, "value": self.value}
        return told | {"text": self.text, "by": self.by}


@dataclass(frozen=True, slots=True)
class Post:
    """A request: its cells, and the version of the plan that the page knows (None: it does not say)."""

    cells: list[Cell]
    version: int | None = None


def read_post(request: HttpRequest, kinds: Mapping[str, Collection[str]]) -> Post:
    """The cells of a JSON body. ``kinds`` are the kinds of lines that may be written, each with its fields.

    What can't be read, or names another kind or field, is answered 400, too many cells with 413 (``TooManyCells``),
    what was typed by someone who has signed in as another since, 403. Of a cell that comes twice the last counts.
    """
    try:
        told = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise SuspiciousOperation("not JSON") from error
    if not isinstance(told, dict) or not isinstance(told.get("cells"), list):
        raise SuspiciousOperation("no cells")
    if told.get("person", request.user.pk) != request.user.pk:
        raise PermissionDenied
    if len(told["cells"]) > MOST_CELLS:
        raise TooManyCells
    version = told.get("version")
    cells = {cell.place: cell for cell in (_cell(one, kinds) for one in told["cells"])}
    return Post(list(cells.values()), version if isinstance(version, int) else None)


def _cell(told: object, kinds: Mapping[str, Collection[str]]) -> Cell:
    one: dict[str, Any] = told if isinstance(told, dict) else {}
    line, field, value, was = (one.get(name) for name in ("line", "field", "value", "was"))
    if not isinstance(line, str) or not isinstance(field, str):
        raise SuspiciousOperation("not a cell")
    if not isinstance(value, str | None) or not isinstance(was, str | None):
        raise SuspiciousOperation("not text")
    kind, colon, pk = line.partition(":")
    if field not in kinds.get(kind, ()) or bool(colon) != (kind in ROWS):
        raise SuspiciousOperation("not to be typed into")
    if colon and not read_id(pk):
        raise SuspiciousOperation("not a row")
    return Cell(line, field, clean(value or "")[:LONGEST], was if was is None else clean(was))


ROWS = frozenset({"step", "share"})  # kinds whose lines name a row


def clean(text: str) -> str:
    """Text as it is kept: no nulls, one sign at the end of a line, nothing around it."""
    return text.replace("\0", "").replace("\r\n", "\n").strip()


def compare(cell: Cell, new: str, stored: str) -> CellResult:
    """Saved, same or conflict: ``new`` is what was typed and ``stored`` what stands there now, both as stored text.

    What is typed back to what its writer saw is no change of theirs: someone else's value stands then.
    """
    now = clean(stored)
    if new in (now, cell.was):
        return CellResult(cell, SAME, stored)
    if cell.was != now:
        return CellResult(cell, CONFLICT, stored)
    return CellResult(cell, SAVED, new)


def say_conflict(result: CellResult, shown: str, by: str) -> None:
    """Put into words what stands in a cell in conflict, and by whom if that is known."""
    result.by = by
    values = {"by": by, "value": shown or _("(nothing)")}
    if by:
        result.text = _("%(by)s changed this meanwhile to: %(value)s") % values
    else:
        result.text = _("Someone changed this meanwhile to: %(value)s") % values


def locked(cells: Iterable[Cell]) -> list[CellResult]:
    """Nothing of a plan that has left its manager's hands is written."""
    text = _("The plan was handed in or approved meanwhile. What you typed is kept on this page only: copy it.")
    return [CellResult(cell, LOCKED, text=text) for cell in cells]


def too_many() -> HttpResponse:
    """413."""
    said = {"error": _("At most %(most)s cells at once.") % {"most": MOST_CELLS}}
    return HttpResponse(orjson.dumps(said), content_type="application/json", status=413)


def answer(
    version: int,
    results: Iterable[CellResult],
    html: Mapping[str, str] | None = None,
    stored: Mapping[Place, str] | None = None,
) -> HttpResponse:
    """What the page's script gets: what became of each cell, the elements that look different now by their ids.

    ``stored`` are all values as they stand, for a page that does not know what others wrote meanwhile.
    """
    said = {
        "version": version,
        "cells": [result.as_json() for result in results],
        "html": dict(html or {}),
        "stored": [[line, field, value] for (line, field), value in (stored or {}).items()],
    }
    return HttpResponse(orjson.dumps(said), content_type="application/json")
