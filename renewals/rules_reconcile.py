"""What deciding about a difference comes to, and where it can't be done: pure (N1). *Ours*.

"Ours stays" changes nothing. "The specialist is right" makes our records say what their list says: the day of expiry is
theirs, who is missing is listed, who is too many is taken off. It is not done where it would undo something that
happened: a renewal, another unit's record, a day that the roster has changed since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from renewals.rules_course import leads


class Deed(StrEnum):
    """What a decision does to one account."""

    KEEP = "keep"  # nothing: ours stays
    MOVE = "move"  # the day of expiry becomes theirs
    MAKE = "make"  # a record is made from their line
    RESTORE = "restore"  # the record is put right, and listed
    OFF = "off"  # taken off the list by hand


class Left(StrEnum):
    """Why a difference can't be settled the specialist's way."""

    OTHER_UNIT = "other_unit"  # the record is another unit's
    NO_DAY = "no_day"  # their line has no day of expiry
    BEFORE_START = "before_start"  # their day lies before the contract's start
    CLOSED = "closed"  # renewed, or settled otherwise
    CHANGED = "changed"  # our record has changed since they were compared


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one difference: their day, and our record (if there is one) with its warning (if there is)."""

    kind: str
    reason: str
    theirs_on: date | None
    ours_on: date | None
    known: bool = False
    starts_on: date | None = None
    expires_on: date | None = None
    state: str = ""


def settled_their_way(facts: Facts, month: date) -> Deed | Left:
    """What "the specialist is right" does, or why it can't be done."""
    if facts.kind == "ours":
        return Deed.OFF if leads("taken off", facts.state) else Left.CLOSED
    if facts.reason == "other_unit":
        return Left.OTHER_UNIT
    if not facts.known:
        return Deed.MAKE if facts.theirs_on else Left.NO_DAY
    if facts.expires_on != facts.ours_on:
        return Left.CHANGED
    day = facts.theirs_on or facts.expires_on
    if day is None or (facts.kind == "theirs" and facts.theirs_on is None and day.replace(day=1) != month):
        return Left.NO_DAY
    if facts.starts_on and day < facts.starts_on:
        return Left.BEFORE_START
    if facts.kind == "theirs":
        return Deed.RESTORE
    within = day.replace(day=1) == month
    return Deed.MOVE if within or leads("expiry moved", facts.state) else Left.CLOSED
