"""Which kinds of notices there are. Apps register theirs in ``notices.py``; nothing here knows any of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """A kind of notice: its title on the page where people choose what reaches them how."""

    name: str
    title: Promise | str


KINDS: dict[str, NoticeKind] = {}


def notice_kind(name: str, title: Promise | str) -> str:
    """Register a kind of notice; returns its name, to be kept as a constant."""
    KINDS[name] = NoticeKind(name, title)
    return name
