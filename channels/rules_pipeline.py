"""Winning a shop, as data: which step leads from where to where, on which day it may be (C10). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from channels.choices import Stage

ORDER = (Stage.FOUND, Stage.TALKED, Stage.SIGNED, Stage.LAID_OUT, Stage.SELLING)
OPEN = ORDER[:-1]  # still to be won
FORWARD, BACK, GIVE_UP, TAKE_UP = "forward", "back", "give_up", "take_up"
PROVISIONAL = re.compile(r"NEW-\d+", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Transition:
    """One step: from any of ``sources`` to ``target``. ``reasoned``: why has to be said."""

    kind: str
    sources: frozenset[Stage]
    target: Stage
    reasoned: bool = False


def _forward(at: int) -> Transition:
    """From any stage before it: a shop may be signed at the first talk."""
    return Transition(FORWARD, frozenset(ORDER[:at]), ORDER[at])


def _back(at: int) -> Transition:
    return Transition(BACK, frozenset(ORDER[at + 1 :]), ORDER[at], reasoned=True)


TRANSITIONS: tuple[Transition, ...] = (
    *(_forward(at) for at in range(1, len(ORDER))),
    *(_back(at) for at in range(len(ORDER) - 1)),
    Transition(GIVE_UP, frozenset(OPEN), Stage.GIVEN_UP, reasoned=True),
    *(Transition(TAKE_UP, frozenset({Stage.GIVEN_UP}), stage) for stage in OPEN),
)


class StepFault(Exception):
    """A step that can't be: ``no_way``, ``future``, ``early`` (before the step on ``day``) or ``reason``."""

    def __init__(self, code: str, day: date | None = None) -> None:
        super().__init__(code)
        self.code, self.day = code, day


def transition(source: str, target: str) -> Transition:
    """The step from ``source`` to ``target``; StepFault ``no_way`` when nothing leads there."""
    for one in TRANSITIONS:
        if source in one.sources and target == one.target:
            return one
    raise StepFault("no_way")


def ways(source: str) -> list[Transition]:
    """The steps that lead on from ``source``, in the order of the stages."""
    return [one for one in TRANSITIONS if source in one.sources]


def following(source: str) -> Stage | None:
    """The next stage on the way; None for one that sells or was given up."""
    return ORDER[ORDER.index(Stage(source)) + 1] if source in OPEN else None


def checked(source: str, target: str, on: date, note: str, last: date | None, today: date) -> Transition:
    """The step from ``source`` to ``target`` on day ``on``; ``last``: the day of the newest step before it.

    StepFault when nothing leads there, the day has not come or lies before the last step, or a reason is missing.
    """
    step = transition(source, target)
    if on > today:
        raise StepFault("future")
    if last and on < last:
        raise StepFault("early", last)
    if step.reasoned and not note.strip():
        raise StepFault("reason")
    return step


def taken_up_at(moves: Sequence[tuple[str, str]]) -> Stage:
    """Where a shop that was given up goes on: at the stage it had then. ``moves``: (from, to), the oldest first."""
    for source, target in reversed(moves):
        if target == Stage.GIVEN_UP and source in OPEN:
            return Stage(source)
    return Stage.FOUND


def skipped(source: str, target: str) -> tuple[Stage, ...]:
    """The stages that a step forward jumps over."""
    if source not in ORDER or target not in ORDER:
        return ()
    return ORDER[ORDER.index(Stage(source)) + 1 : ORDER.index(Stage(target))]


def needs_code(target: str, code: str) -> bool:
    """Whether a shop with ``code`` has to get its own with the step to ``target``: what is signed has one."""
    return target in ORDER[2:] and is_provisional(code)


def is_provisional(code: str) -> bool:
    """Whether ``code`` is one that we gave ourselves until the shop has its own."""
    return PROVISIONAL.fullmatch(code) is not None
