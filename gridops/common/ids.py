"""Ids as they come back from pages."""

from __future__ import annotations


def read_id(text: str) -> int:
    """The id that ``text`` names; 0, which no row has, when it names none.

    A row has one name: ``012`` and ``１２`` are not another one for 12. What is longer than any id is none.
    """
    written = text.isascii() and text.isdecimal() and len(text) < 19 and text[0] != "0"
    return int(text) if written else 0
