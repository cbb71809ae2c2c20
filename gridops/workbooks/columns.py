"""What a roster's columns hold: how each is found in a header, and how its cells are read.

A cleaned value is plain: text, a whole number, None or a list of such; days and decimals are text in the shape in
which the database gives them back (``2026-11-03``, ``99.00``), so that they compare and travel as JSON unchanged.
Headers and choices are the words of the rosters themselves: data, not words of the screen.
"""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol, Self

from gridops.accounts.models import User
from gridops.workbooks import cleaning
from gridops.workbooks.cleaning import CellFault, Noted, number_text, tidy, tidy_all
from gridops.workbooks.reading import Cells

MEMO_LIMIT = 50_000
LOOK_AT = 500
_ZERO_FIRST = re.compile(r"0\d+\Z")


@dataclass(frozen=True, slots=True)
class Context:
    """For whom, and by which epoch, a workbook is read."""

    user: User
    epoch_1904: bool = False


class Findings(Protocol):
    """Takes the faults and notes of a chunk; ``at`` is the position in it."""

    def fault(self, at: int, column: Column, code: str, params: dict[str, Any]) -> None:
        """A value that can't be taken."""

    def note(self, at: int, column: Column, code: str, params: dict[str, Any]) -> None:
        """A value that was read one way of two."""


@dataclass(slots=True, kw_only=True)
class Column:
    """One column of a roster; ``field`` is the model's attribute it fills (``project_id`` for a reference)."""

    field: str
    header: str
    synonyms: tuple[str, ...] = ()
    grouped: str = ""  # as ``group/header``, where forms have two header rows
    required: bool = False
    help: str = ""
    example: object = ""
    blank: Any = None
    private: bool = False
    keeps: bool = False  # an empty cell leaves what is stored
    context: Context | None = dataclasses.field(default=None, repr=False)
    memo: dict[Any, Any] = dataclasses.field(default_factory=dict, repr=False)

    def opened(self, context: Context) -> Self:
        """A copy for one run, its look-ups loaded."""
        fresh = copy.copy(self)
        fresh.context, fresh.memo = context, {}
        fresh.load()
        return fresh

    def load(self) -> None:
        """Load what reading needs from the database, once."""

    def read(self, value: Any) -> Any:
        """A value that is not empty, cleaned; a ``Noted`` one when it could be read two ways. May raise CellFault."""
        raise NotImplementedError

    def clean(self, values: Sequence[Any], findings: Findings) -> Sequence[Any]:
        """A chunk of cells, cleaned: what was seen before costs one look into a dict."""
        memo = self.memo
        if isinstance(values, Cells):
            values = values.values
        try:
            return [memo[value] for value in values]
        except KeyError:
            pass
        if len(memo) > MEMO_LIMIT:
            memo.clear()
        cleaned = []
        for at, value in enumerate(values):
            if value in memo:
                cleaned.append(memo[value])
                continue
            result = self.checked(value, at, findings)
            if type(result) is Noted:
                findings.note(at, self, result.code, result.params)
                cleaned.append(result.value)
            else:
                if result is not FAULTY:
                    memo[value] = result
                cleaned.append(None if result is FAULTY else result)
        return cleaned

    def checked(self, value: Any, at: int, findings: Findings) -> Any:
        """One cell, cleaned, or FAULTY with its fault recorded."""
        try:
            if value == "" or (isinstance(value, str) and not value.strip()):
                if self.required:
                    raise CellFault("required")
                return self.blank
            return self.read(value)
        except CellFault as fault:
            findings.fault(at, self, fault.code, fault.params)
            return FAULTY

    def says_same(self, stored: Any, cleaned: Any) -> bool:
        """Whether a cell that differs from what is stored says the same all the same."""
        return self.keeps and cleaned == self.blank and stored != cleaned

    @property
    def labels(self) -> list[str]:
        """What may be chosen, for the template's drop-down list; nothing when anything goes."""
        return []


FAULTY: Any = object()


@dataclass(slots=True, kw_only=True)
class Text(Column):
    """Text, tidied: full-width forms made plain, line breaks and stray spaces gone."""

    limit: int = 200
    blank: Any = ""

    def read(self, value: Any) -> Any:
        """One cell."""
        text = tidy(number_text(value))
        if not text and self.required:
            raise CellFault("required")
        if len(text) > self.limit:
            raise CellFault("too_long", length=len(text), limit=self.limit)
        return text

    def clean(self, values: Sequence[Any], findings: Findings) -> Sequence[Any]:
        """Whole columns of text go through a few passes in C; any other cell one by one."""
        if isinstance(values, Cells):
            tidied = tidy_all(values.joined) if values.joined is not None else None
            if tidied and self._all_good(tidied):
                return tidied
            values = values.values
        cleaned = []
        for at, value in enumerate(values):
            result = self.checked(value, at, findings)
            if type(result) is Noted:
                findings.note(at, self, result.code, result.params)
                result = result.value
            cleaned.append(self.blank if result is FAULTY else result)
        return cleaned

    def says_same(self, stored: Any, cleaned: Any) -> bool:
        """What people typed on a page is stored as typed: other spaces and widths of signs are no change."""
        if Column.says_same(self, stored, cleaned):
            return True
        try:
            return bool(stored and cleaned) and self.read(stored) == cleaned
        except CellFault:
            return False

    def _all_good(self, cleaned: list[str]) -> bool:
        within = max(map(len, cleaned)) <= self.limit and not (self.required and "" in cleaned)
        return within and self.all_fit(cleaned)

    def all_fit(self, cleaned: list[str]) -> bool:  # noqa: ARG002
        """Whether no cell needs a look of its own."""
        return True


@dataclass(slots=True, kw_only=True)
class Code(Text):
    """An id kept as text. A number of more than 15 digits is refused: the file has lost its last digits.

    A cell that Excel made a number has lost the zeros in front. They are given back, and noted, when all the ids
    beginning with 0 that the column holds as text (at the start of each chunk) have one length.
    """

    limit: int = 32
    width: int = 0

    def clean(self, values: Sequence[Any], findings: Findings) -> Sequence[Any]:
        """Learn the length before the first number is read."""
        if not self.width:
            texts = (tidy(value) for value in values[:LOOK_AT] if isinstance(value, str))
            lengths = {len(text) for text in texts if _ZERO_FIRST.match(text)}
            self.width = lengths.pop() if len(lengths) == 1 else 0
        return Text.clean(self, values, findings)

    def read(self, value: Any) -> Any:
        """One cell."""
        text = Text.read(self, value)
        if isinstance(value, float | int) and text.isdigit() and len(text) < self.width:
            return Noted(text.zfill(self.width), "zeros_restored", value=text, read=text.zfill(self.width))
        return text


_PHONES = re.compile(r"(?:(?:1[3-9]\d{9})?\0)*")


@dataclass(slots=True, kw_only=True)
class Phone(Text):
    """A telephone number, kept as digits."""

    limit: int = 20

    def read(self, value: Any) -> Any:
        """One cell."""
        return cleaning.to_phone(value)

    def all_fit(self, cleaned: list[str]) -> bool:
        """Whether all are plain mobile numbers or empty."""
        return _PHONES.fullmatch("\0".join(cleaned) + "\0") is not None


@dataclass(slots=True, kw_only=True)
class Integer(Column):
    """A whole number between ``low`` and ``high``."""

    low: int = 0
    high: int = 2_147_483_647

    def read(self, value: Any) -> Any:
        """One cell."""
        number = cleaning.to_integer(value)
        if number < self.low:
            raise CellFault("too_small", value=number, limit=self.low)
        if number > self.high:
            raise CellFault("too_great", value=number, limit=self.high)
        return number


@dataclass(slots=True, kw_only=True)
class Number(Column):
    """A decimal number with ``places`` decimals; what a formula left behind them is rounded, and noted."""

    places: int = 2
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(10) ** 6 - 1

    def read(self, value: Any) -> Any:
        """One cell."""
        number = cleaning.to_decimal(value)
        if number < self.low:
            raise CellFault("too_small", value=str(number)[:40], limit=self.low)
        if number > self.high:
            raise CellFault("too_great", value=str(number)[:40], limit=self.high)
        read = cleaning.fixed(number, self.places)
        if Decimal(read) != number:
            if isinstance(value, str):
                raise CellFault("too_precise", value=value[:40], limit=self.places)
            if abs(Decimal(read) - number) > Decimal(1).scaleb(-self.places - 6):
                return Noted(read, "rounded", value=str(number)[:40], read=read)
        return read


@dataclass(slots=True, kw_only=True)
class Percent(Column):
    """A percentage from 0 to 100: 85%, 85 and 0.85 are the same."""

    def read(self, value: Any) -> Any:
        """One cell."""
        return cleaning.to_percent(value)


@dataclass(slots=True, kw_only=True)
class Day(Column):
    """A day, in whatever shape."""

    def read(self, value: Any) -> Any:
        """One cell."""
        return cleaning.to_date(value, epoch_1904=self.context is not None and self.context.epoch_1904)


@dataclass(slots=True, kw_only=True)
class MonthColumn(Column):
    """A month, kept as its first day."""

    def read(self, value: Any) -> Any:
        """One cell."""
        return cleaning.to_month(value, epoch_1904=self.context is not None and self.context.epoch_1904)


@dataclass(slots=True, kw_only=True)
class Clock(Column):
    """A time of day, to the minute."""

    def read(self, value: Any) -> Any:
        """One cell."""
        return cleaning.to_clock(value)


@dataclass(slots=True, kw_only=True)
class Weekdays(Column):
    """Days of the week; kept as their numbers in order, 1 is Monday: ``67`` for the weekend."""

    blank: Any = ""

    def read(self, value: Any) -> Any:
        """One cell."""
        return cleaning.to_weekdays(value)


@dataclass(slots=True, kw_only=True)
class Choice(Column):
    """One of some words; ``choices`` is word -> value kept. The values themselves are taken too."""

    choices: Mapping[str, str]
    more: Mapping[str, str] = dataclasses.field(default_factory=dict)
    blank: Any = ""

    def read(self, value: Any) -> Any:
        """One cell."""
        text = tidy(number_text(value))
        for known in (self.choices, self.more):
            if text in known:
                return known[text]
        folded = {kept.casefold(): kept for kept in self.choices.values()}
        if text.casefold() in folded:
            return folded[text.casefold()]
        raise CellFault("not_choice", value=text[:40], choices="、".join(self.choices))

    @property
    def labels(self) -> list[str]:
        """The words."""
        return list(self.choices)


@dataclass(slots=True, kw_only=True)
class Speed(Column):
    """A speed in Mbit/s: 100M, 1000 Mbps, 1G, 100, 千兆."""

    def read(self, value: Any) -> Any:
        """One cell."""
        text = tidy(number_text(value)).replace(" ", "").upper()
        text = {"百兆": "100M", "千兆": "1000M"}.get(text, text)
        found = re.fullmatch(r"(\d{1,6})(?:\.0)?(M|G|兆)?(?:BPS|BIT/S|B)?", text)
        if not found:
            raise CellFault("not_speed", value=text[:40])
        return int(found[1]) * (1000 if found[2] == "G" else 1)


@dataclass(slots=True, kw_only=True)
class Names(Column):
    """Several names in one cell; kept as a sorted list."""

    limit: int = 60
    blank: Any = dataclasses.field(default_factory=list)

    def read(self, value: Any) -> Any:
        """One cell."""
        names = sorted(cleaning.to_names(value))
        for name in names:
            if len(name) > self.limit:
                raise CellFault("too_long", length=len(name), limit=self.limit)
        return names


@dataclass(slots=True, kw_only=True)
class Ignored(Column):
    """Known, but not imported: it stands in the roster for people's eyes."""
