"""A meeting's agenda: how it is proposed anew without losing what was typed, and moved by hand; pure (C1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from channels.choices import AgendaKind

LONGEST = 500
KINDS = list(AgendaKind.values)  # the order in which they are proposed

Key = tuple[str, int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Line:
    """What is proposed to be said: about a project, campaign or matter, or about all that is concerned."""

    kind: str
    text: str
    project: int | None = None
    campaign: int | None = None
    matter: int | None = None

    @property
    def key(self) -> Key:
        """What it is about: of one thing there is one line."""
        return self.kind, self.project, self.campaign, self.matter


@dataclass(frozen=True, slots=True)
class Item:
    """A line of an agenda as it stands: ``pk`` None is a new one. By hand where nothing was ``proposed``."""

    line: Line
    proposed: str = ""
    explained: bool = False
    pk: int | None = None

    @property
    def touched(self) -> bool:
        """Whether somebody wrote it, or changed what was proposed."""
        return self.line.text != self.proposed


def shorten(text: str) -> str:
    """At most as long as an item may be."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def propose_anew(standing: Sequence[Item], lines: Sequence[Line]) -> list[Item]:
    """The agenda with ``lines`` in it: what was typed or explained stays, untouched items say what holds now or go.

    New lines stand behind those of their kind, or where their kind would begin.
    """
    wanted = {line.key: line for line in lines}
    items: list[Item] = []
    for item in standing:
        line = wanted.pop(item.line.key, None) if item.proposed else None
        if line is None:
            if item.touched or item.explained:
                items.append(item)
        elif item.touched or item.explained:
            items.append(Item(item.line, line.text, item.explained, item.pk))
        else:
            items.append(Item(line, line.text, item.explained, item.pk))
    for line in wanted.values():
        items.insert(_place(items, line.kind), Item(line, line.text))
    return items


def _place(items: Sequence[Item], kind: str) -> int:
    same = [place for place, item in enumerate(items) if item.line.kind == kind]
    if same:
        return same[-1] + 1
    later = KINDS[KINDS.index(kind) + 1 :]
    return next((place for place, item in enumerate(items) if item.line.kind in later), len(items))


def in_order(places: Mapping[int, int], standing: Sequence[int]) -> list[int]:
    """Items in the order of the numbers typed beside them; of the same number, as they stood."""
    return sorted(standing, key=lambda pk: (places.get(pk, standing.index(pk) + 1), standing.index(pk)))


def moved(order: Sequence[int], pk: int, by: int) -> list[int]:
    """``order`` with ``pk`` moved ``by`` places; at an end it stays."""
    made = list(order)
    if pk in made:
        place = made.index(pk)
        made.insert(max(0, min(len(made) - 1, place + by)), made.pop(place))
    return made
