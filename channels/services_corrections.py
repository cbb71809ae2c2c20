"""Putting visits and calls right by a later one, or taking them back: what was said stays to be read (C5)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.models import Call, OrderTraining, Outlet, Visit
from channels.rules_visits import REASON_LENGTH, Said, demands_reason, faults_of_time, tidied
from channels.services import supervises
from channels.services_trainings import withdraw
from channels.services_visits import (
    LATE,
    Pictures,
    Recorded,
    RecordedCall,
    call_there_already,
    demand_call,
    demand_sound,
    hold,
    keep_what_came,
    visit_there_already,
    write_visit,
)
from gridops.accounts.models import User
from gridops.accounts.rulebook import rule
from gridops.common.photos import files_of_transaction

PLACE = ("longitude", "latitude", "accuracy_m", "far_reason")
M = TypeVar("M", bound=Visit | Call)


def may_correct(user: User, row: Visit | Call) -> bool:
    """Whoever was there; the supervisors of the outlet's unit, and admins."""
    return bool(row.whose == user) or supervises(user, row.outlet.grid.unit_id)


def correct_visit(
    visit: Visit,
    said: Said | None,
    by: User,
    why: str,
    now: datetime,
    *,
    photos: Pictures = (),
    key: uuid.UUID | None = None,
) -> Recorded:
    """Put a visit right by a later one; ``said`` None takes it back, under ``key``.

    Where it was stays as it was told then. What came up and what was told stays; trainings that are no longer said
    are withdrawn. The same key sent again is answered as the first time.
    """
    why, void = why.strip(), said is None
    said = said or Said(at=visit.at, key=key or uuid.uuid4())
    said = tidied(replace(said, **{name: getattr(visit, name) for name in PLACE}))
    with files_of_transaction() as files:
        outlet = hold(visit.outlet)
        if again := visit_there_already(outlet, said, by, photos, corrects=visit.pk):
            return again
        demand_last(visit)
        learnt = OrderTraining.objects.standing().filter(visit__in=[one.pk for one in chain_of(visit)])
        faults = _faults(visit, outlet, said.at, by, why, now)
        demand_sound(outlet, said, photos, faults, learnt=learnt.values_list("person", flat=True))
        row = write_visit(outlet, said, by, now, distance_m=visit.distance_m, why=why, void=void, **_whose(visit))
        for training in learnt:
            if void or (training.person, training.on) not in {(one, _day(said)) for one in said.trained}:
                withdraw(training, now)
        keep_what_came(row, said, by, now, photos, files)
    return Recorded(row)


def correct_call(
    call: Call, reached: bool | None, at: datetime, note: str, by: User, why: str, now: datetime, *, key: uuid.UUID
) -> RecordedCall:
    """Put a call right by a later one; ``reached`` None takes it back."""
    why, note, void = why.strip(), note.strip(), reached is None
    spoken = call.reached if reached is None else reached
    with transaction.atomic():
        outlet = hold(call.outlet)
        if again := call_there_already(outlet, key, spoken, at, note, by, corrects=call.pk):
            return again
        demand_last(call)
        demand_call(note, _faults(call, outlet, at, by, why, now))
        row = Call(key=key, outlet=outlet, by=by, at=at, recorded_at=now, **_whose(call))
        row.reached, row.note, row.why, row.void = spoken, note, why, void
        row.save()
    return RecordedCall(row)


def _whose(row: Visit | Call) -> dict[str, Any]:
    """What a correction keeps of what it corrects."""
    return {"corrects": row, "first_by": row.whose, "first_recorded_at": row.first_said_at}


def demand_last(row: Visit | Call) -> None:
    """Only what was said last is corrected, and nothing that was taken back."""
    if row.void or type(row)._default_manager.filter(corrects=row).exists():
        raise ValidationError(_("This was corrected already. Correct what was said last."), code="corrected")


def _faults(row: Visit | Call, outlet: Outlet, at: datetime, by: User, why: str, now: datetime) -> dict[str, str]:
    """What is wrong with the correction's time and reason."""
    faults = faults_of_time(at, now, rule(LATE, outlet.grid.unit), row.first_said_at)
    if demands_reason(row.whose == by, row.first_said_at, now) and not why:
        faults["why"] = _("Say why it is corrected.")
    if len(why) > REASON_LENGTH:
        faults["why"] = _("At most %(limit)s characters.") % {"limit": REASON_LENGTH}
    return faults


def chain_of(row: M) -> list[M]:
    """What was said about one visit or call, the first first; two queries, however often it was corrected."""
    rows: Any = type(row)._default_manager
    said = {one.corrects_id: one for one in rows.in_list().filter(outlet=row.outlet_id, corrects__isnull=False)}
    before = {one.pk: one.corrects_id for one in said.values()}
    first = row.pk
    while (earlier := before.get(first)) is not None:
        first = earlier
    chain = [row if first == row.pk else rows.in_list().get(pk=first)]
    while (later := said.get(chain[-1].pk)) is not None:
        chain.append(later)
    return chain


def _day(said: Said) -> date:
    return timezone.localdate(said.at)
