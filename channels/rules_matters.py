"""The course of a matter, as data: which step leads where, who may take it; pure (C1, C5).

Nothing is closed without an answer that was given back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from channels.choices import MatterState

NOTE, PASS_ON, ANSWER, TOLD_BACK, REOPEN = "note", "pass_on", "answer", "told_back", "reopen"
OPEN, ANSWERED, CLOSED = MatterState.OPEN, MatterState.ANSWERED, MatterState.CLOSED
WAITING = (OPEN, ANSWERED)  # somebody still waits for an answer, or has not heard it
SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Transition:
    """A step: from any of ``sources`` to ``target`` (None: the state stays).

    ``asked``: also those who asked may take it, the staff of the agent whom it is about.
    """

    sources: frozenset[MatterState]
    target: MatterState | None
    asked: bool = False


TRANSITIONS: Mapping[str, Transition] = {
    NOTE: Transition(frozenset(WAITING), None, asked=True),
    PASS_ON: Transition(frozenset(WAITING), None),
    ANSWER: Transition(frozenset(WAITING), ANSWERED),  # a better answer replaces one that nobody heard yet
    TOLD_BACK: Transition(frozenset({ANSWERED}), CLOSED, asked=True),
    REOPEN: Transition(frozenset({ANSWERED, CLOSED}), OPEN, asked=True),
}


def possible(state: str, *, handles: bool) -> frozenset[str]:
    """The steps that lead on from ``state``: for those who deal with it (``handles``), or for those who asked."""
    return frozenset(event for event, step in TRANSITIONS.items() if state in step.sources and (handles or step.asked))


def is_late(state: str, due_on: date, today: date) -> bool:
    """Whether somebody has waited longer than was said."""
    return state in WAITING and due_on < today
