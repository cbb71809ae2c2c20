"""What the words that somebody looks for a subscriber by may be: an account, a number, a name, a project, an address.

Pure: nothing here knows what is stored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

LEAST_NUMBER = 7  # digits from which a telephone number is looked for by its beginning
TAIL = 4  # digits by which people name a telephone number in their own grid
LONGEST_NAME = 60
# Ways to write the same part of an address.
BUILDINGS = ("栋", "幢", "号楼", "座", "#")
UNITS = ("单元", "门")
_ALIKE = (BUILDINGS, UNITS)
_ACCOUNT = re.compile(r"[0-9A-Za-z_-]+")
_PHONE = re.compile(r"\+?[\d() -]{3,20}")
_FLAT = re.compile(r"\d{1,3}(?:-\d{1,4})+")  # 3-2-501
# a number with what it counts, or text without digits
_PART = re.compile(r"(\d+)(号楼|单元|[栋幢座门#号室层楼期])?|([^\d\s,，。、;；\-—/]+)")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an address: the ways in which it may be written, each with its number in front if it has one."""

    ways: tuple[str, ...]
    number: str = ""

    def pattern(self, last: bool) -> str:
        """As a regular expression: 3栋 is not 13栋, and 3 is not 35 unless more may still be typed."""
        ways = "|".join(re.escape(way) for way in self.ways)
        if not self.number:
            return f"(?:{ways})"
        whole = self.ways == (self.number,) and not last
        return rf"(?<!\d)(?:{ways})" + (r"(?!\d)" if whole else "")


@dataclass(frozen=True, slots=True)
class Place:
    """Words read as an address: its parts in order."""

    parts: tuple[Part, ...]

    @property
    def has_number(self) -> bool:
        """Whether it names a building, a unit or a flat: without, it is too vague to look for."""
        return any(part.number for part in self.parts)

    def fits(self, address: str) -> bool:
        """Whether the parts stand in ``address`` in this order."""
        last = len(self.parts) - 1
        pattern = ".*?".join(part.pattern(at == last) for at, part in enumerate(self.parts))
        return re.search(pattern, unicodedata.normalize("NFKC", address)) is not None


@dataclass(frozen=True, slots=True)
class Words:
    """What was typed, tidied."""

    text: str

    @classmethod
    def read(cls, typed: str) -> Words:
        """Full-width forms made plain, spaces single."""
        return cls(" ".join(unicodedata.normalize("NFKC", typed).split()))

    @property
    def account(self) -> str:
        """The beginning of an account, or nothing."""
        return self.text if _ACCOUNT.fullmatch(self.text) else ""

    @property
    def digits(self) -> str:
        """The digits of a telephone number, or nothing."""
        if not _PHONE.fullmatch(self.text):
            return ""
        digits = re.sub(r"\D", "", self.text.removeprefix("+86"))
        return digits[2:] if len(digits) == 13 and digits.startswith("861") else digits

    @property
    def number(self) -> str:
        """A telephone number or its beginning, or nothing."""
        return self.digits if len(self.digits) >= LEAST_NUMBER else ""

    @property
    def tail(self) -> str:
        """The end of a telephone number, or nothing."""
        return self.text if len(self.text) == TAIL and self.text.isascii() and self.text.isdecimal() else ""

    @property
    def name(self) -> str:
        """The beginning of a person's name, or nothing."""
        return "" if not self.text or len(self.text) > LONGEST_NAME or re.search(r"\d", self.text) else self.text

    @property
    def heads(self) -> tuple[str, ...]:
        """What a project's name or code may hold: the first word, and what stands before the first digit."""
        first = self.text.split(" ")[0]
        before = re.split(r"\d", self.text, maxsplit=1)[0].strip()
        found = [word for word in (first, before) if len(word) > 1 and not word.isdecimal()]
        return tuple(dict.fromkeys(found))

    @property
    def beginnings(self) -> tuple[str, ...]:
        """Every beginning of two characters or more, longest first: one of them may be a project's whole name."""
        return tuple(self.text[:end] for end in range(min(len(self.text), LONGEST_NAME), 1, -1))

    @property
    def place(self) -> Place | None:
        """All of it as an address, if it names a building or a flat there; neither a number nor an account does."""
        plain = self.account and not _FLAT.fullmatch(self.text)
        return None if self.number or plain else place_of(self.text)

    def after(self, names: Iterable[str]) -> str | None:
        """What is left behind a project that goes by ``names``; None: the words do not begin with it."""
        for name in names:
            if name and self.text.casefold().startswith(name.casefold()):
                rest = self.text[len(name) :]
                # "锦绣花园3栋" does not begin with a project called "锦绣花园3"
                if not (name[-1].isdecimal() and rest and _counts(rest)):
                    return rest.strip()
        whole = " ".join(names).casefold()
        for head in sorted(self.heads, key=len):
            if head.casefold() in whole:
                return self.text[len(head) :].strip()
        return None


def _counts(rest: str) -> bool:
    return rest[0].isdecimal() or any(rest.startswith(way) for ways in _ALIKE for way in ways) or rest[0] in "号-"


def place_of(text: str) -> Place | None:
    """``text`` as parts of an address; None when it names no building, unit or flat."""
    parts = []
    for number, counted, word in _PART.findall(text):
        if not number:
            parts.append(Part((word,)))
        else:
            alike = next((ways for ways in _ALIKE if counted in ways), (counted,))
            parts.append(Part(tuple(number + way for way in alike), number))
    place = Place(tuple(parts))
    return place if place.has_number else None
