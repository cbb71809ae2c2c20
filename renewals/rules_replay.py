"""A warning stands where its contacts have led it: the whole course, from the listing on, each time anew (N4).

Recording, correcting and reopening all replay the contacts that still count, in the order in which they took place. So
one that was taken back leaves nothing behind, and one told late takes its place. What the roster found lies on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils import timezone

from renewals.choices import State, Step
from renewals.rules_course import (
    EVENTS,
    FAILED_CALL,
    Ladder,
    Said,
    Standing,
    after_contact,
    first_step,
    refusal,
    untouched,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A contact that counts: what was said, and its id (None: about to be recorded).

    ``place`` orders those of the same time: the id of what it corrects in the end, or its own.
    """

    said: Said
    pk: int | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Reopened:
    """A warning taken up again at a time; ``number``: because the number was put right."""

    at: datetime
    number: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """A second visit that a contact owes, and the contact that settled it."""

    opened_by: Entry
    due_on: date
    settled_by: Entry | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """How a warning came to stand where it stands: each contact with the state before and after it, each visit."""

    standing: Standing
    steps: Sequence[tuple[Entry, State, State]]
    visits: Sequence[Visit]


class Impossible(Exception):
    """``entry`` can't be said where its place in the course is: ``why``, after ``last``."""

    def __init__(self, entry: Entry, why: str, last: Entry | None) -> None:
        super().__init__(why)
        self.entry, self.why, self.last = entry, why, last


def replay(
    entries: Iterable[Entry], reopened: Iterable[Reopened], *, expires_on: date, has_agent: bool, ladder: Ladder
) -> Course:
    """Where contacts and reopenings, in the order in which they took place, lead a warning from its listing."""
    step, day = first_step(expires_on, ladder)
    standing = Standing(untouched(has_agent), next_step=step.value, next_on=day)
    steps: list[tuple[Entry, State, State]] = []
    visits: list[Visit] = []
    for event in _in_order(entries, reopened):
        before = standing
        if isinstance(event, Reopened):
            standing = _taken_up(standing, event, expires_on, has_agent, ladder)
        else:
            if why := refusal(before.state, event.said.medium, event.said.outcome):
                raise Impossible(event, why, steps[-1][0] if steps else None)
            standing = after_contact(before, event.said, expires_on, ladder)
            steps.append((event, before.state, standing.state))
            _follow_visits(visits, event, standing)
    return Course(standing, steps, visits)


def _in_order(entries: Iterable[Entry], reopened: Iterable[Reopened]) -> list[Entry | Reopened]:
    """By time; at the same time as they were recorded, what is about to be recorded last."""
    new = float("inf")
    told: list[tuple[datetime, float, Entry | Reopened]] = [
        (entry.said.at, new if entry.place is None else entry.place, entry) for entry in entries
    ]
    told += [(event.at, new, event) for event in reopened]
    return [event for _at, _pk, event in sorted(told, key=lambda one: one[:2])]


def _taken_up(standing: Standing, event: Reopened, expires_on: date, has_agent: bool, ladder: Ladder) -> Standing:
    """Called again at the next rung, or at once; where nothing is closed there is nothing to take up."""
    transition = EVENTS["number found" if event.number else "reopened"]
    if standing.state not in transition.sources:
        return standing
    day = timezone.localdate(event.at)
    return replace(
        standing,
        state=untouched(has_agent),
        next_step=Step.CALL.value,
        next_on=day if event.number else ladder.next_call(expires_on, day) or day,
        lost_on=None,
        loss="",
        in_vain=0,
        visit_due_on=None,
    )


def _follow_visits(visits: list[Visit], entry: Entry, standing: Standing) -> None:
    """A failed call opens a visit or keeps the open one; all else settles it, and a visit in vain opens another."""
    waiting = bool(visits) and visits[-1].settled_by is None
    failed = (entry.said.medium, entry.said.outcome) in FAILED_CALL
    if waiting and not failed:
        visits[-1] = replace(visits[-1], settled_by=entry)
    if standing.visit_due_on and not (waiting and failed):
        visits.append(Visit(entry, standing.visit_due_on))
