"""What people find out about a subscriber: numbers right and wrong, and what became of the household (N3)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import User
from gridops.common import journal
from renewals.choices import Household
from renewals.models import Subscriber, WarningList
from renewals.models_records import SubscriberNote, SubscriberNumber
from renewals.services import refresh
from renewals.services_course import hold_lists_of, number_found
from renewals.services_roster import first_live


def mark_wrong(subscriber: Subscriber, phone: str, by: User, now: datetime, note: str = "") -> SubscriberNumber | None:
    """``phone`` does not reach ``subscriber``; said again it stays as it was said first. None: there is no number."""
    if not phone:
        return None
    with transaction.atomic():
        row, made = _known(subscriber, phone, by, now, note, is_right=False)
        if not made and row.is_right:
            _turn(row, by, now, note, is_right=False)
    return row


def set_right(subscriber: Subscriber, phone: str, by: User, now: datetime, note: str = "") -> SubscriberNumber:
    """``phone`` reaches ``subscriber``: from now on it is the one to call, and who could not be reached can be."""
    if not phone:
        raise ValidationError({"phone": _("Without a number nobody can be called.")}, code="required")
    with transaction.atomic():
        hold_lists_of(subscriber.pk)  # lists go before all else
        row, made = _known(subscriber, phone, by, now, note, is_right=True)
        if not made:
            _turn(row, by, now, note, is_right=True)
        number_found(subscriber, by, now)
    return row


def _known(
    subscriber: Subscriber, phone: str, by: User, now: datetime, note: str, *, is_right: bool
) -> tuple[SubscriberNumber, bool]:
    values = {"is_right": is_right, "by": by, "at": now, "note": note}
    held = SubscriberNumber.objects.select_for_update()
    return held.get_or_create(subscriber=subscriber, phone=phone, defaults=values)


def _turn(row: SubscriberNumber, by: User, now: datetime, note: str, *, is_right: bool) -> None:
    row.is_right, row.by, row.at, row.note = is_right, by, now, note
    row.save(update_fields=["is_right", "by", "at", "note"])


def settle_household(
    subscriber: Subscriber,
    household: str,
    by: User,
    now: datetime,
    duplicate_of: Subscriber | None = None,
    note: str = "",
    version: int = 0,
) -> None:
    """Keep what became of the household; empty: lived in, as the roster has it. ``duplicate_of`` names the true one.

    ValidationError when it is to be the duplicate of itself, or of one that is its own duplicate; ``conflict`` when the
    record is no longer at ``version``, if that is given.
    """
    with transaction.atomic():
        held = Subscriber.objects.select_for_update(no_key=True).filter(pk=subscriber.pk)
        if version and not held.filter(version=version).exists():
            raise ValidationError(_("Somebody changed this record meanwhile. Look at it again."), code="conflict")
        settle_households([subscriber], household, by, now, duplicate_of, note)
    subscriber.refresh_from_db(fields=["household", "duplicate_of", "version"])


def settle_households(
    subscribers: Collection[Subscriber],
    household: str,
    by: User,
    now: datetime,
    duplicate_of: Subscriber | None = None,
    note: str = "",
) -> int:
    """The same for several at once; how many changed. What were duplicates of them follow to ``duplicate_of``."""
    if (household == Household.DUPLICATE) != (duplicate_of is not None):
        raise ValidationError({"duplicate_of": _("Name the record that a duplicate belongs to.")}, code="required")
    keys = {row.pk for row in subscribers}
    with transaction.atomic():
        true_one = _true_one(duplicate_of, keys) if duplicate_of else None
        held = Subscriber.objects.select_for_update(no_key=True).order_by("pk")
        steps = []
        for row in held.filter(Q(pk__in=keys) | Q(duplicate_of__in=keys if true_one else [])):
            state, whose = (household, true_one) if row.pk in keys else (row.household, true_one)
            changes: dict[str, tuple[object, object]] = {}
            if row.household != state:
                changes["household"] = row.household, state
            if row.duplicate_of_id != whose:
                changes["duplicate_of"] = row.duplicate_of_id, whose
            if changes:
                steps.append(journal.Step(row.pk, row.account, changes))
        changed = [step.pk for step in steps]
        Subscriber.objects.filter(pk__in=changed).update(duplicate_of=true_one, version=F("version") + 1)
        Subscriber.objects.filter(pk__in=keys & set(changed)).update(household=household)
        journal.write_steps(Subscriber, steps, by.pk)
        doubles = [one.pk for one in steps if Household.DUPLICATE in one.changes.get("household", ())]
        if doubles:  # in a transaction of its own, which takes the lists' locks; should it fail, the night does it
            transaction.on_commit(lambda: _relist(doubles, now), robust=True)
        if note:
            SubscriberNote.objects.bulk_create(
                SubscriberNote(subscriber_id=key, text=note, by=by, at=now) for key in sorted(keys)
            )
    return len(steps)


def _relist(subscribers: Collection[int], now: datetime) -> None:
    """Lists hold no duplicates: bring the live ones up to date on which ``subscribers`` (ids) stand."""
    stand = WarningList.objects.filter(warnings__subscriber__in=subscribers).select_related("grid__unit").distinct()
    today = timezone.localdate(now)
    if live := [row.pk for row in stand if row.month >= first_live(row.grid.unit, today)]:
        refresh(live, now)


def _true_one(named: Subscriber, keys: set[int]) -> int:
    """The record that is nobody's duplicate, held so that it stays so."""
    held = Subscriber.objects.select_for_update(no_key=True)
    true_one = held.get(pk=named.pk)
    if true_one.duplicate_of_id:
        true_one = held.get(pk=true_one.duplicate_of_id)
    if true_one.pk in keys:
        raise ValidationError({"duplicate_of": _("This record would be its own duplicate.")}, code="circle")
    return true_one.pk
