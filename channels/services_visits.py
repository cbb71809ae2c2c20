"""Writing down visits and calls: once each, never changed (C5 to C9); ``services_corrections`` puts them right.

Everything of one visit is one transaction: the visit with its photos, what was known of campaigns, what came up, who
was told of news, who was trained. ``key`` makes it safe to send twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.choices import Way
from channels.models import Briefing, Call, Campaign, OrderTraining, Outlet, Visit, VisitCampaign, VisitPhoto
from channels.rules_visits import (
    ANSWERS,
    NOTE_LENGTH,
    Known,
    Raised,
    Said,
    faults_of_text,
    faults_of_time,
    is_far,
    same_answers,
    tidied,
)
from channels.services_matters import raise_matter
from channels.services_news import told
from channels.services_trainings import trained
from gridops.accounts.models import Grid, User
from gridops.accounts.rulebook import rule, rules_of
from gridops.common.photos import TOO_MANY, Photo, files_of_transaction, keep_photo
from gridops.common.places import metres

FAR, LATE = "visit_far_metres", "visit_late_days"
FOUND = ("longitude", "latitude", "accuracy_m", "far_reason", "orders", "commission", *ANSWERS, "note")
SOMETHING_ELSE = gettext_lazy("Something else was recorded with this form already. Load the page again.")
Pictures = Sequence[tuple[str, Photo]]  # of one of the five ones; of the shop: ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A visit that is kept; ``again``: it was there already, under the same key."""

    visit: Visit
    again: bool = False


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call that is kept; ``again``: it was there already, under the same key."""

    call: Call
    again: bool = False


def may_record(user: User, grid_id: int) -> bool:
    """Whoever manages the outlet's grid today, a deputy too."""
    return Grid.objects.managed_by(user, timezone.localdate()).filter(pk=grid_id).exists()


# --- Visits ---


def record_visit(
    outlet: Outlet, said: Said, by: User, *, photos: Pictures = (), now: datetime | None = None
) -> Recorded:
    """Keep a visit of ``by`` to ``outlet``. ValidationError says at the field, in words, why it is not possible.

    Sent again with the same ``said.key`` it answers as the first time, and nothing is doubled.
    """
    moment, said = now or timezone.now(), tidied(said)
    try:
        with files_of_transaction() as files:
            held = hold(outlet)
            if again := visit_there_already(held, said, by, photos):
                return again
            demand_active(held)
            rules = rules_of([FAR, LATE], held.grid.unit)
            faults = faults_of_time(said.at, moment, rules[LATE])
            said, distance = replace(said, at=min(said.at, moment)), _distance(held, said)
            if distance is not None and is_far(distance, said.accuracy_m, rules[FAR]) and not said.far_reason:
                faults["far_reason"] = _("You are %(metres)s m from the shop: say why.") % {"metres": f"{distance:,}"}
            demand_sound(held, said, photos, faults)
            visit = write_visit(held, said, by, moment, distance_m=distance)
            keep_what_came(visit, said, by, moment, photos, files)
    except IntegrityError:  # two with the same key at once, at different outlets
        if again := visit_there_already(outlet, said, by, photos):
            return again
        raise
    return Recorded(visit)


def hold(outlet: Outlet) -> Outlet:
    """The outlet, held until the transaction ends: what is said about it is written one after the other."""
    rows = Outlet.objects.select_for_update(no_key=True, of=("self",)).select_related("grid__unit")
    return rows.get(pk=outlet.pk)


def demand_active(outlet: Outlet) -> None:
    """Nothing is recorded of a shop that is no outlet any more."""
    if not outlet.is_active:
        raise ValidationError(_("This outlet is not active any more. Nothing is recorded about it."), code="inactive")


def _distance(outlet: Outlet, said: Said) -> int | None:
    """Metres between where somebody was and the shop, if both places are known."""
    if said.longitude is None or said.latitude is None or outlet.longitude is None or outlet.latitude is None:
        return None
    return round(metres((said.longitude, said.latitude), (outlet.longitude, outlet.latitude)))


def demand_sound(
    outlet: Outlet, said: Said, photos: Pictures, faults: dict[str, str], learnt: Iterable[str] = ()
) -> None:
    """Raise all that is wrong at once: ``faults``, texts, photos, and what is not this outlet's.

    ``learnt`` were people of the outlet when they were trained.
    """
    faults = faults | faults_of_text(said) | _foreign(outlet, said, learnt)
    for piece in {piece for piece, _photo in photos}:
        limit = 1 if piece else settings.PHOTO_LIMITS["count"]
        if sum(one == piece for one, _photo in photos) > limit:
            faults[f"photo_{piece}" if piece else "photos"] = str(TOO_MANY) % {"limit": limit}
    if faults:
        raise ValidationError({name: [text] for name, text in faults.items()})


def _foreign(outlet: Outlet, said: Said, learnt: Iterable[str]) -> dict[str, str]:
    """Campaigns, news and people that are not this outlet's."""
    faults: dict[str, str] = {}
    if asked := [one.campaign for one in said.campaigns]:
        rows = Campaign.objects.for_unit(outlet.grid.unit_id).filter(pk__in=asked, published_at__isnull=False)
        known = set(rows.filter(starts_on__lte=timezone.localdate(said.at)).values_list("pk", flat=True))
        foreign = _("This campaign is not for this outlet.")
        faults |= {f"campaign_{pk}_owner": foreign for pk in asked if pk not in known}
    if said.told and Briefing.objects.filter(outlet=outlet, pk__in=said.told).count() != len(said.told):
        faults["told"] = _("This news is not for this outlet.")
    if said.trained:
        people = {outlet.owner_name, *outlet.staff.values_list("name", flat=True), *learnt}
        if strangers := [name for name in said.trained if name not in people]:
            faults["trained"] = _("Not among the people of this outlet: %(names)s.") % {"names": "、".join(strangers)}
    return faults


def write_visit(outlet: Outlet, said: Said, by: User, now: datetime, **more: Any) -> Visit:
    """The row itself."""
    visit = Visit(key=said.key, outlet=outlet, by=by, at=said.at, recorded_at=now, **more)
    for name in FOUND:
        setattr(visit, name, getattr(said, name))
    visit.save()
    return visit


def keep_what_came(visit: Visit, said: Said, by: User, now: datetime, photos: Pictures, files: list[FieldFile]) -> None:
    """What is said besides, in rows of its own: campaigns, photos, matters, news told, people trained."""
    VisitCampaign.objects.bulk_create(
        VisitCampaign(visit=visit, campaign_id=one.campaign, owner_knows=one.owner, staff_know=one.staff)
        for one in said.campaigns
    )
    for piece, photo in photos:
        keep_photo(VisitPhoto(visit=visit, piece=piece, by=by), photo, files)
    outlet = visit.outlet
    for one in said.matters:
        raise_matter(outlet.grid, one.what, by, kind=one.kind, outlet=outlet, visit=visit, now=now)
    if said.told:
        told(Briefing.objects.filter(outlet=outlet, pk__in=said.told), Way.VISIT, by, visit.at, visit=visit)
    if said.trained:
        trained(outlet, said.trained, timezone.localdate(visit.at), by, visit=visit, now=now)


def visit_there_already(
    outlet: Outlet, said: Said, by: User, photos: Pictures, corrects: int | None = None
) -> Recorded | None:
    """What is kept under the same key; ValidationError when that is something else."""
    visit = Visit.objects.filter(key=said.key).first()
    if visit is None:
        return None
    whose = (visit.outlet_id, visit.by_id, visit.corrects_id) == (outlet.pk, by.pk, corrects)
    if not (whose and _same_time(visit, said.at) and _same(visit, said, photos)):
        raise ValidationError(SOMETHING_ELSE, code="key")
    return Recorded(visit, again=True)


def _same_time(row: Visit | Call, at: datetime) -> bool:
    """When it was said to be; where the server said now, it may say so again."""
    return at == row.at or row.at == row.recorded_at


def _same(visit: Visit, said: Said, photos: Pictures) -> bool:
    """Whether all that is said is kept with ``visit``. News and trainings may have been kept before it."""
    campaigns = {Known(one.campaign_id, one.owner_knows, one.staff_know) for one in visit.campaigns.all()}
    matters = {Raised(one.kind, one.what) for one in visit.matters.all()}
    untold = Briefing.objects.open().filter(pk__in=said.told).exists() if said.told else False
    learnt = OrderTraining.objects.filter(outlet=visit.outlet_id, on=timezone.localdate(visit.at))
    return (
        same_answers({name: getattr(visit, name) for name in FOUND}, said)
        and campaigns == set(said.campaigns)
        and matters == set(said.matters)
        and not untold
        and set(said.trained) <= set(learnt.values_list("person", flat=True))
        and sorted(visit.photos.values_list("piece", flat=True)) == sorted(piece for piece, _photo in photos)
    )


# --- Calls ---


def record_call(
    outlet: Outlet,
    key: uuid.UUID,
    reached: bool,
    at: datetime,
    note: str,
    by: User,
    now: datetime | None = None,
) -> RecordedCall:
    """Keep a call of ``by`` to ``outlet``; one that reached nobody is kept, too, but isn't one that is owed."""
    moment, note = now or timezone.now(), note.strip()
    try:
        with transaction.atomic():
            held = hold(outlet)
            if again := call_there_already(held, key, reached, at, note, by):
                return again
            demand_active(held)
            demand_call(note, faults_of_time(at, moment, rule(LATE, held.grid.unit)))
            call = Call(key=key, outlet=held, by=by, at=min(at, moment), recorded_at=moment, reached=reached, note=note)
            call.save()
    except IntegrityError:  # two with the same key at once, at different outlets
        if again := call_there_already(outlet, key, reached, at, note, by):
            return again
        raise
    return RecordedCall(call)


def demand_call(note: str, faults: dict[str, str]) -> None:
    """Raise all that is wrong at once."""
    if len(note) > NOTE_LENGTH:
        faults = faults | {"note": _("At most %(limit)s characters.") % {"limit": NOTE_LENGTH}}
    if faults:
        raise ValidationError({name: [text] for name, text in faults.items()})


def call_there_already(
    outlet: Outlet, key: uuid.UUID, reached: bool, at: datetime, note: str, by: User, corrects: int | None = None
) -> RecordedCall | None:
    """What is kept under the same key; ValidationError when that is something else."""
    call = Call.objects.filter(key=key).first()
    if call is None:
        return None
    kept = (call.outlet_id, call.by_id, call.corrects_id, call.reached, call.note)
    if kept != (outlet.pk, by.pk, corrects, reached, note) or not _same_time(call, at):
        raise ValidationError(SOMETHING_ELSE, code="key")
    return RecordedCall(call, again=True)
