"""Finding the header row, the kind it belongs to, and the column of each field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gridops.workbooks.columns import Ignored
from gridops.workbooks.reading import SheetTop
from gridops.workbooks.sheet import SHEETS, Sheet

SEARCH_ROWS = 20
_MARKS = re.compile(r"[\s*:_\u200b\ufeff]+")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")

#: (kind, normalised header) -> field, as people mended it; an empty field: not imported
Mended = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Match:
    """A header row and how its columns were matched: column index (0 is A) -> field."""

    sheet: Sheet
    sheet_name: str
    header_row: int
    headers: list[str]
    columns: dict[int, str]
    sample: list[list[str]]

    @property
    def has_key(self) -> bool:
        """Whether every part of the natural key has its column."""
        return set(self.sheet.key) <= set(self.columns.values())

    @property
    def score(self) -> tuple[bool, int, float]:
        """Better matches compare greater: with the key, more columns, fewer strangers."""
        known = len(self.columns)
        return self.has_key, known, known / max(1, sum(1 for header in self.headers if header))

    @property
    def is_convincing(self) -> bool:
        """Whether the kind may be taken from the header alone."""
        strange = {normal(name) for name in self.sheet.strangers} & {normal(header) for header in self.headers}
        return self.has_key and len(self.columns) >= 2 and self.score[2] >= 0.5 and not strange


def normal(header: object) -> str:
    """A header for comparing: full-width forms made plain, without spaces, line breaks, asterisks and colons."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", str(header))).casefold()[:100]


def bare(header: str) -> str:
    """A normalised header without what stands in brackets, mostly a unit."""
    return _BRACKETS.sub("", header)


def match_row(sheet: Sheet, headers: list[str], mended: Mended) -> dict[int, str]:
    """Column index -> field for one row of header cells. Whole headers come before those without their brackets."""
    names = {normal(name): column.field for column in sheet.columns for name in (column.header, *column.synonyms)}
    known = {column.field for column in sheet.columns}
    ignored = {column.field for column in sheet.columns if isinstance(column, Ignored)}
    found: dict[int, str] = {}
    plain = [normal(header) for header in headers]
    for shape in (lambda name: name, bare):
        for index, name in enumerate(plain):
            field = mended.get((sheet.kind, name), names.get(shape(name))) if name and index not in found else None
            if field in known and field not in found.values():
                found[index] = field
    return {index: field for index, field in sorted(found.items()) if field not in ignored}


def candidates(tops: list[SheetTop], sheets: Iterable[Sheet], mended: Mended) -> Iterable[Match]:
    """Every row that might be a header, for every kind."""
    for top in tops:
        for number, row in enumerate(top.rows[:SEARCH_ROWS], start=1):
            headers = [cell_text(cell) for cell in row]
            if sum(1 for header in headers if header) < 2:
                continue
            for sheet in sheets:
                if columns := match_row(sheet, headers, mended):
                    sample = [[cell_text(cell) for cell in below] for below in top.rows[number : number + 3]]
                    yield Match(sheet, top.name, number, headers, columns, sample)


def cell_text(cell: Any) -> str:
    """A header cell as written, on one line."""
    if isinstance(cell, float) and cell == int(cell):
        cell = int(cell)
    return " ".join(str(cell).split())[:100]


def find(tops: list[SheetTop], kind: str, mended: Mended) -> tuple[Match | None, Match | None]:
    """The best match for ``kind`` (for any kind when empty), and the best for any other."""
    best: dict[bool, Match] = {}
    for match in candidates(tops, SHEETS.values(), mended):
        wanted = match.sheet.kind == kind if kind else match.is_convincing
        if wanted not in best or match.score > best[wanted].score:
            best[wanted] = match
    return best.get(True), best.get(False)
