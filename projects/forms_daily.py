"""The page of a day's figures: parse only. Every field is named ``<project>-<figure>``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from gridops.common.ids import read_id

FIGURES = ("installs", "net_adds", "renewals", "ports_used")
MOST = 1_000_000
LOWEST: Mapping[str, int] = {"installs": -MOST, "net_adds": -MOST, "renewals": 0, "ports_used": 0}
_NUMBER = re.compile(r"[+-]?\d{1,9}")


@dataclass(frozen=True, slots=True)
class Typed:
    """One field as it came back: what was typed, what it says, what the page had shown, whether it was confirmed."""

    project: int
    name: str
    text: str
    was: int | None
    value: int | None = None
    fault: str = ""
    sure: bool = False

    @property
    def changed(self) -> bool:
        """Whether the person changed it."""
        return bool(self.fault) or self.value != self.was


def named_in(data: Iterable[str]) -> set[int]:
    """The projects that a post names; 0 for what is no id."""
    fields = [key.partition("-") for key in data]
    return {read_id(project) for project, _dash, name in fields if name.removesuffix("-was") in FIGURES}


def typed_in(data: Mapping[str, str], projects: Iterable[int]) -> list[Typed]:
    """The fields of ``projects`` that were sent; anything else in ``data`` is ignored."""
    found = []
    for project in projects:
        for name in FIGURES:
            key = f"{project}-{name}"
            if key in data:
                sure = f"{key}-sure" in data
                found.append(_read(project, name, data[key][:40], _was(data.get(f"{key}-was", "")), sure))
    return found


def _was(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None


def _read(project: int, name: str, text: str, was: int | None, sure: bool) -> Typed:
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace("−", "-").strip()
    if not plain:
        return Typed(project, name, text, was, None, "", sure)
    if not _NUMBER.fullmatch(plain):
        return Typed(project, name, text, was, None, _("This is not a whole number."), sure)
    value = int(plain)
    if value < LOWEST[name]:
        return Typed(project, name, text, was, value, _("This can't be less than %(n)d.") % {"n": LOWEST[name]}, sure)
    if value > MOST:
        return Typed(project, name, text, was, value, _("This is more than any project has."), sure)
    return Typed(project, name, text, was, value, "", sure)
