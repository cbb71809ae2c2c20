"""The course of a warning, as data, and what a contact leads to: pure, days and rules are passed in (C4, N4).

``TRANSITIONS`` is the one place that says which step leads from where to where; ``renewals.rules_replay`` takes a
warning along it from contact to contact.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from renewals.choices import OPEN, Loss, Medium, Outcome, State, Step

CONTACT, HAND, ROSTER, SYSTEM = "contact", "hand", "roster", "system"

CALLS = ("renewal_call_first", "renewal_call_second", "renewal_call_day", "renewal_call_after", "renewal_call_last")
BEFORE_EXPIRY = 3  # so many of the calls are counted back from the expiry
LADDER_RULES = (*CALLS, "renewal_visit_days", "renewal_visits", "renewal_winback_days", "renewal_shortest_days")
BEFORE_LISTING = timedelta(days=31)  # a list may be made a month late: what was done meanwhile still counts
CLOCK_DIFFERENCE = timedelta(minutes=5)  # a telephone's clock may be ahead of ours


# --- The course ---


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of the course: from any of ``sources`` to the one of ``targets`` that ``when`` tells.

    ``said`` are the contacts (how, result) that take it; steps by hand, roster and system have none.
    """

    event: str
    sources: frozenset[State]
    targets: frozenset[State]
    by: str
    when: str
    said: frozenset[tuple[Medium, Outcome]] = frozenset()


def _contacts(medium: Medium, *outcomes: Outcome) -> frozenset[tuple[Medium, Outcome]]:
    return frozenset((medium, outcome) for outcome in outcomes)


def _either(outcome: Outcome) -> frozenset[tuple[Medium, Outcome]]:
    return frozenset((medium, outcome) for medium in Medium)


WORKED = frozenset(OPEN)
UNTOUCHED = frozenset({State.LISTED, State.ASSIGNED})
FAILED_CALL = _contacts(Medium.CALL, Outcome.REFUSED, Outcome.NO_ANSWER, Outcome.WRONG_NUMBER)
VISIT_IN_VAIN = _contacts(Medium.VISIT, Outcome.NO_ANSWER)


def _to(state: State) -> frozenset[State]:
    return frozenset({state})


TRANSITIONS: tuple[Transition, ...] = (
    Transition("handed out", _to(State.LISTED), _to(State.ASSIGNED), HAND, "given to an agent"),
    Transition("taken back", _to(State.ASSIGNED), _to(State.LISTED), HAND, "given back to the manager's pool"),
    Transition("promised", WORKED, _to(State.CONTACTED), CONTACT, "promised by a date", _either(Outcome.PROMISED)),
    Transition(
        "failed call", WORKED, _to(State.SECOND_VISIT), CONTACT, "refused, no answer, wrong number", FAILED_CALL
    ),
    Transition(
        "visit in vain",
        WORKED,
        _to(State.SECOND_VISIT),
        CONTACT,
        "nobody there, and another try is left",
        VISIT_IN_VAIN,
    ),
    Transition(
        "visits in vain", WORKED, _to(State.UNREACHABLE), CONTACT, "nobody there at the last try", VISIT_IN_VAIN
    ),
    Transition("renewed", WORKED, _to(State.RENEWED), CONTACT, "renewed", _either(Outcome.RENEWED)),
    Transition(
        "refused at the door",
        WORKED,
        _to(State.LOST),
        CONTACT,
        "refused, with the reason",
        _contacts(Medium.VISIT, Outcome.REFUSED),
    ),
    Transition("moved away", WORKED, _to(State.LOST), CONTACT, "moved away", _either(Outcome.MOVED)),
    Transition(
        "reopened",
        frozenset({State.LOST, State.UNREACHABLE}),
        UNTOUCHED,
        HAND,
        "with a reason, within the days for winning back; assigned when an agent has it",
    ),
    Transition(
        "number found",
        _to(State.UNREACHABLE),
        UNTOUCHED,
        HAND,
        "the number was put right; assigned when an agent has it",
    ),
    Transition("taken off", WORKED | {State.LOST}, _to(State.WITHDRAWN), HAND, "taken off the list, stays off"),
    Transition("put back", _to(State.WITHDRAWN), WORKED | {State.LOST}, HAND, "back to where it stood"),
    Transition("expiry later", WORKED | {State.LOST}, _to(State.RENEWED), ROSTER, "the roster shows a new term"),
    Transition("expiry back", _to(State.RENEWED), WORKED | {State.LOST}, ROSTER, "it no longer does: where it stood"),
    Transition("account closed", WORKED, _to(State.LOST), ROSTER, "the roster shows the account closed"),
    Transition("account open again", _to(State.LOST), WORKED, ROSTER, "it no longer does: where it stood"),
    Transition("expiry moved", WORKED | {State.LOST}, _to(State.WITHDRAWN), ROSTER, "it now expires in another month"),
    Transition("expiry returned", _to(State.WITHDRAWN), WORKED | {State.LOST}, ROSTER, "where it stood"),
    Transition("lapsed", WORKED, _to(State.LOST), SYSTEM, "no result in the days for winning back"),
)

EVENTS: Mapping[str, Transition] = {step.event: step for step in TRANSITIONS}
BY_CONTACT = tuple(step for step in TRANSITIONS if step.by == CONTACT)


def leads(event: str, state: str) -> bool:
    """Whether ``event`` is possible in ``state``: for those who move warnings in sets."""
    return state in EVENTS[event].sources


def untouched(has_agent: bool) -> State:
    """Where a warning stands that nobody was spoken to about."""
    return State.ASSIGNED if has_agent else State.LISTED


# --- The ladder ---


@dataclass(frozen=True, slots=True)
class Ladder:
    """When somebody is called (days after expiry, negative: before it), and how long and often tries are made."""

    calls: tuple[int, ...]
    visit_days: int
    visits: int
    winback_days: int
    shortest_days: int

    def next_call(self, expires_on: date, since: date) -> date | None:
        """The first rung on or after ``since``; None when the last one is over."""
        days = (expires_on + timedelta(days=days) for days in self.calls)
        return min((day for day in days if day >= since), default=None)

    def last_day(self, expires_on: date) -> date:
        """Until when somebody whose contract ended on ``expires_on`` can still be won back."""
        return expires_on + timedelta(days=self.winback_days)

    def earliest(self, expires_on: date, listed_on: date) -> date:
        """Since when a contact can belong to a list."""
        return min(listed_on, first_step(expires_on, self)[1]) - BEFORE_LISTING


def ladder_of(rules: Mapping[str, int]) -> Ladder:
    """The ladder that the rules of a unit (``LADDER_RULES``) describe."""
    before, after = CALLS[:BEFORE_EXPIRY], CALLS[BEFORE_EXPIRY:]
    # in order and once, also where a unit's own value crosses one that was changed for all
    calls = sorted({*(-rules[key] for key in before), *(rules[key] for key in after)})
    return Ladder(
        calls=tuple(calls),
        visit_days=rules["renewal_visit_days"],
        visits=rules["renewal_visits"],
        winback_days=rules["renewal_winback_days"],
        shortest_days=rules["renewal_shortest_days"],
    )


def first_step(expires_on: date, ladder: Ladder) -> tuple[Step, date]:
    """What a warning that was just listed asks for, and when."""
    return Step.CALL, expires_on + timedelta(days=ladder.calls[0])


# --- What is said, and where it leads ---


@dataclass(frozen=True, slots=True)
class Said:
    """A contact as somebody tells it. ``key`` is made where it is typed in, so that it is kept once."""

    medium: str
    outcome: str
    at: datetime
    promised_on: date | None = None
    loss: str = ""
    note: str = ""
    longitude: Decimal | None = None
    latitude: Decimal | None = None
    accuracy_m: int | None = None
    key: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def day(self) -> date:
        """The local day on which it took place."""
        return timezone.localdate(self.at)


def tidied(said: Said) -> Said:
    """``said`` with only what belongs to its result: a day with a promise, a reason with a refusal or a move."""
    return replace(
        said,
        promised_on=said.promised_on if said.outcome == Outcome.PROMISED else None,
        loss=Loss.MOVED.value
        if said.outcome == Outcome.MOVED
        else said.loss
        if said.outcome == Outcome.REFUSED
        else "",
        note=said.note.strip(),
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a warning stands, as its contacts have led it. ``in_vain``: visits running at which nobody was met."""

    state: State
    next_step: str = ""
    next_on: date | None = None
    promised_on: date | None = None
    contacts_made: int = 0
    last_contact_at: datetime | None = None
    last_outcome: str = ""
    renewed_on: date | None = None
    lost_on: date | None = None
    loss: str = ""
    in_vain: int = 0
    visit_due_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still worked at."""
        return self.state in OPEN


def refusal(state: str, medium: str, outcome: str) -> str:
    """Why a contact is not possible in ``state``, in the reader's language; '' when it is."""
    if outcome == Outcome.VOID:
        return _("Only a correction takes a contact back.")
    if not any((medium, outcome) in step.said for step in BY_CONTACT):
        return _("A wrong number is found out by a call. After a visit choose what was found at the door.")
    if any((medium, outcome) in step.said and state in step.sources for step in BY_CONTACT):
        return ""
    return {
        State.RENEWED.value: _("It is renewed already."),
        State.LOST.value: _("It is lost already. Reopen it to go on."),
        State.WITHDRAWN.value: _("It was taken off the list. Nothing is recorded about it any more."),
    }.get(str(state), _("That is not possible here."))


def _step_of(said: Said, in_vain: int, ladder: Ladder) -> Transition:
    if (said.medium, said.outcome) in VISIT_IN_VAIN:
        return EVENTS["visit in vain" if in_vain < ladder.visits else "visits in vain"]
    return next(step for step in BY_CONTACT if (said.medium, said.outcome) in step.said)


def after_contact(standing: Standing, said: Said, expires_on: date, ladder: Ladder) -> Standing:
    """Where a contact leads from ``standing``. The caller has asked ``refusal``."""
    in_vain = standing.in_vain + 1 if (said.medium, said.outcome) in VISIT_IN_VAIN else 0
    if (said.medium, said.outcome) in FAILED_CALL:
        in_vain = standing.in_vain
    (state,) = _step_of(said, in_vain, ladder).targets
    told = Standing(
        state=state,
        contacts_made=standing.contacts_made + 1,
        last_contact_at=said.at,
        last_outcome=said.outcome,
        in_vain=in_vain,
    )
    soon = said.day + timedelta(days=ladder.visit_days)
    if state == State.RENEWED:
        return replace(told, renewed_on=said.day)
    if state == State.LOST:
        return replace(told, lost_on=said.day, loss=said.loss or Loss.OTHER.value)
    if state == State.UNREACHABLE:
        return replace(told, next_step=Step.NUMBER.value, next_on=soon)
    if state == State.SECOND_VISIT:
        failed_again = (said.medium, said.outcome) in FAILED_CALL and standing.visit_due_on
        due_on = failed_again or soon
        return replace(told, next_step=Step.VISIT.value, next_on=due_on, visit_due_on=due_on)
    step, day = after_promise(said.promised_on or said.day, said.day, expires_on, ladder)
    return replace(told, next_step=step.value, next_on=day, promised_on=said.promised_on)


def after_promise(promised_on: date, said_on: date, expires_on: date, ladder: Ladder) -> tuple[Step, date]:
    """Ask about a promise on its day; a rung of the ladder that comes before goes first, as a reminder (*ours*)."""
    rung = ladder.next_call(expires_on, said_on + timedelta(days=1))
    return (Step.CALL, rung) if rung and rung < promised_on else (Step.PROMISE, promised_on)
