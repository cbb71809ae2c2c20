"""Finding the header, of one row or of two, the kind it belongs to, and the column of each field.

Of two header rows the upper one names groups of columns, merged or with blank cells to the right: the two are read as
one, ``group / header``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any

from gridops.workbooks.columns import Ignored
from gridops.workbooks.lookups import LookUp
from gridops.workbooks.reading import SheetTop
from gridops.workbooks.sheet import SHEETS, Sheet

SEARCH_ROWS = 20
PARTING = "/"
_MARKS = re.compile(r"[\s*:_\u200b\ufeff]+")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
# A group of these holds other figures than those that the header alone stands for.
_OTHER_FIGURES = re.compile("上|去年|同期|累计|任务|目标|计划|预[计测]|合计")
# a year, a month, and the day that makes it none
_MONTH = re.compile(r"(?<!\d)(20\d\d)(?:\s?[-./年]\s?(\d{1,2})(?!\d)|(\d\d)(?!\d))\s?月?(\s?[-./]?\s?\d{1,2}(?!\d))?")
_FIRST_DAY = re.compile(r"(20\d\d)-(\d\d)-01")

#: (kind, normalised header) -> field, as people mended it; an empty field: not imported
Mended = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Match:
    """A header and how its columns were matched: column index (0 is A) -> field.

    ``header_row`` is its last row, ``above`` what stands over its first, ``known`` how many of its columns the kind
    knows, those that are not imported among them.
    """

    sheet: Sheet
    sheet_name: str
    header_row: int
    headers: list[str]
    columns: dict[int, str]
    known: int
    sample: list[list[str]]
    above: list[list[str]]

    @property
    def has_key(self) -> bool:
        """Whether every part of the natural key has its column; a month may stand above the table instead."""
        return set(self.sheet.key) - {self.sheet.month_field} <= set(self.columns.values())

    @property
    def score(self) -> tuple[bool, int, float, bool]:
        """Better matches compare greater: with the key, more columns, fewer strangers, called by the roster's name."""
        share = self.known / max(1, sum(1 for header in self.headers if header))
        names = [self.sheet_name, *(text for row in self.above for text in row)]
        return self.has_key, len(self.columns), share, any(self.sheet.title in name for name in names)

    @property
    def is_strange(self) -> bool:
        """Whether it holds a header that only rosters of another kind have."""
        return not {normal(name) for name in self.sheet.strangers}.isdisjoint(map(normal, self.headers))

    @property
    def is_convincing(self) -> bool:
        """Whether the kind may be taken from the header alone."""
        return self.has_key and len(self.columns) >= 2 and self.score[2] >= 0.5 and not self.is_strange


def normal(header: object) -> str:
    """A header for comparing: full-width forms made plain, without spaces, line breaks, asterisks and colons."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", str(header))).casefold()[:100]


def bare(header: str) -> str:
    """A normalised header without what stands in brackets, mostly a unit."""
    return _BRACKETS.sub("", header)


def without_group(header: str) -> str:
    """A normalised header of two rows without its group, unless that says that it is about other figures."""
    group, _, own = header.partition(PARTING)
    return header if _OTHER_FIGURES.search(group) else bare(own)


def names_of(sheet: Sheet) -> dict[str, str]:
    """Normalised header -> field; what two rows part may stand in one cell, too: 净增用户(上月), 上月净增用户."""
    names: dict[str, str] = {}
    spelt: dict[str, str] = {}
    for column in sheet.columns:
        for name in filter(None, (column.header, column.grouped, *column.synonyms)):
            names[normal(name)] = column.field
            group, _, own = normal(name).partition(PARTING)
            if own:
                spelt |= dict.fromkeys(
                    (f"{group}{own}", f"{own}{group}", f"{group}({own})", f"{group}-{own}"), column.field
                )
    return spelt | names


def match_all(
    sheet: Sheet, names: Mapping[str, str], headers: list[str], mended: Mended, *, rows: int = 1
) -> dict[int, str]:
    """Column index -> field for a header, those that are not imported among them.

    Whole headers come before those without their brackets, and without their group; columns of groups before the name
    of one that stands alone: it may have slipped beside its columns.
    """
    known = {column.field for column in sheet.columns}
    found: dict[int, str] = {}
    plain = [normal(header) for header in headers]
    order = sorted(enumerate(plain), key=lambda one: PARTING not in one[1]) if rows > 1 else [*enumerate(plain)]
    for shape in (lambda name: name, bare, without_group)[: rows + 1]:
        for index, name in order:
            field = mended.get((sheet.kind, name), names.get(shape(name))) if name and index not in found else None
            if field in known and field not in found.values():
                found[index] = field
    for column in sheet.columns:  # a look-up by its second name, which is known for the eye otherwise
        stand_in = normal(column.or_header) if isinstance(column, LookUp) else ""
        if stand_in in plain and (sheet.kind, stand_in) not in mended and column.field not in found.values():
            found |= {plain.index(stand_in): column.field} if stand_in else {}
    return dict(sorted(found.items()))


def ignored_in(sheet: Sheet) -> set[str]:
    """The fields that the kind knows and does not import."""
    return {column.field for column in sheet.columns if isinstance(column, Ignored)}


def combined(upper: list[str], lower: list[str]) -> list[str]:
    """Two header rows as one; a group reaches to the right as long as the cells beside it are blank."""
    found, group = [], ""
    for above, below in zip_longest(upper, lower, fillvalue=""):
        group = above or (group if below else "")
        both = group and below and normal(group) != normal(below)
        found.append(f"{group} {PARTING} {below}" if both else group or below)
    return found


def candidates(tops: list[SheetTop], sheets: Iterable[Sheet], mended: Mended) -> Iterable[Match]:
    """Every row, and every two rows, that might be a header, for every kind."""
    kinds = [(sheet, names_of(sheet), ignored_in(sheet)) for sheet in sheets]
    for top in tops:
        texts = [[cell_text(cell) for cell in row] for row in top.rows[: SEARCH_ROWS + 4]]
        for at, upper in enumerate(texts[:SEARCH_ROWS]):
            if sum(1 for header in upper if header) < 2:
                continue
            lower = texts[at + 1] if _is_words(top.rows[at + 1 : at + 2]) else []
            for sheet, names, ignored in kinds:
                headers, rows, found = _either(sheet, names, upper, lower, mended)
                columns = {index: field for index, field in found.items() if field not in ignored}
                if columns:
                    below = at + rows
                    sample = texts[below : below + 3]
                    yield Match(sheet, top.name, below, headers, columns, len(found), sample, texts[:at])


def _is_words(rows: list[list[Any]]) -> bool:
    """Whether a row, if there is one, holds words alone, as headers do."""
    return bool(rows) and any(rows[0]) and all(isinstance(cell, str) for cell in rows[0])


def _either(
    sheet: Sheet, names: Mapping[str, str], upper: list[str], lower: list[str], mended: Mended
) -> tuple[list[str], int, dict[int, str]]:
    """The header that starts with row ``upper``: the two rows as one where that is known better than either alone."""
    single = match_all(sheet, names, upper, mended)
    if lower:
        both = combined(upper, lower)
        double = match_all(sheet, names, both, mended, rows=2)
        better = len(double) > max(len(single), len(match_all(sheet, names, lower, mended)))
        if better or _parts_groups(upper, lower, names, {i for i, field in single.items() if field in sheet.key}):
            return both, 2, double
    return upper, 1, single


def _parts_groups(upper: list[str], lower: list[str], names: Mapping[str, str], keys: set[int]) -> bool:
    """Whether the lower row plainly heads the columns of groups: a group's name must not be taken for a figure's.

    It does where the two make a known name, or where it is blank below the key's headers and wider than the upper one.
    """
    both = [normal(one) for one, below in zip(combined(upper, lower), lower, strict=False) if below]
    if any(PARTING in one and one in names for one in both):
        return True
    wider = any(below and not above for above, below in zip_longest(upper, lower, fillvalue=""))
    return wider and bool(keys) and not any(index < len(lower) and lower[index] for index in keys)


def month_above(match: Match, file_name: str) -> date | None:
    """The month that stands over the table, in the sheet's name or in the file's: the first that names just one."""
    for texts in ([text for row in match.above for text in row], [match.sheet_name], [Path(file_name).stem]):
        found = {month for text in texts for month in _months_in(text)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _months_in(text: str) -> Iterable[date]:
    plain = unicodedata.normalize("NFKC", text)
    if day := _FIRST_DAY.fullmatch(plain):  # a cell that is shown as a month
        yield date(int(day[1]), int(day[2]), 1)
        return
    for found in _MONTH.finditer(plain):
        month = int(found[2] or found[3])
        if not found[4] and 1 <= month <= 12:
            yield date(int(found[1]), month, 1)


def cell_text(cell: Any) -> str:
    """A header cell as written, on one line."""
    if isinstance(cell, float) and cell == int(cell):
        cell = int(cell)
    return " ".join(str(cell).split())[:100]


def find(
    tops: list[SheetTop], kind: str, mended: Mended, own: Collection[str] = ()
) -> tuple[Match | None, Match | None]:
    """The best match for ``kind`` (for any kind when empty, of equals one of ``own``), and the best for any other."""
    best: dict[bool, Match] = {}

    def rank(match: Match) -> tuple[object, ...]:
        return *match.score, match.sheet.kind in own

    for match in candidates(tops, [sheet.current() for sheet in SHEETS.values()], mended):
        wanted = match.sheet.kind == kind if kind else match.is_convincing
        if wanted not in best or rank(match) > rank(best[wanted]):
            best[wanted] = match
    return best.get(True), best.get(False)
