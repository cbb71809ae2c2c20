"""The course of a plan, as data: which step leads from which states to which, who takes it, what it must say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from plans.models import Plan, PlanEvent

MANAGER, REVIEWER = "manager", "reviewer"


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of a plan's course."""

    action: PlanEvent.Action
    sources: frozenset[str]
    target: str
    by: str
    needs_reason: bool = False


EDITABLE = frozenset({Plan.State.DRAFT.value, Plan.State.RETURNED.value})
IN_WORK = EDITABLE | {Plan.State.SUBMITTED.value}

SUBMIT = Transition(PlanEvent.Action.SUBMITTED, EDITABLE, Plan.State.SUBMITTED, MANAGER)
WITHDRAW = Transition(PlanEvent.Action.WITHDRAWN, frozenset({Plan.State.SUBMITTED.value}), Plan.State.DRAFT, MANAGER)
APPROVE = Transition(PlanEvent.Action.APPROVED, frozenset({Plan.State.SUBMITTED.value}), Plan.State.APPROVED, REVIEWER)
RETURN = Transition(
    PlanEvent.Action.RETURNED,
    frozenset({Plan.State.SUBMITTED.value}),
    Plan.State.RETURNED,
    REVIEWER,
    needs_reason=True,
)
# A revision leaves the approved plan as it is until the new one is approved in its turn.
REVISE = Transition(
    PlanEvent.Action.REVISED,
    frozenset({Plan.State.APPROVED.value}),
    Plan.State.DRAFT,
    MANAGER,
    needs_reason=True,
)


def is_timely(events: Iterable[PlanEvent]) -> bool:
    """Whether a plan with these events was handed in on time (S1); what was taken back was not handed in."""
    on_time = Counter(event.action for event in events if not event.late)
    return on_time[PlanEvent.Action.SUBMITTED] > on_time[PlanEvent.Action.WITHDRAWN]
