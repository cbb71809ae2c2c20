"""Writing down calls and visits: once each, never changed, corrected by a later one (C4, N4).

Everything of one contact is one transaction: the contact and its photos, where it leads the warning, the second visit
it owes or settles, what it says about number and household, the tallies. ``key`` makes it safe to send twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gridops.accounts.models import User
from gridops.common.photos import TOO_MANY, Photo, files_of_transaction, keep_photo
from gridops.workbooks.models import Batch
from renewals.choices import Household, Loss, Medium, Outcome, State
from renewals.models import Contact, ContactPhoto, ExpiryWarning, Subscriber, SubscriberNumber
from renewals.rules_course import CLOCK_DIFFERENCE, Said, tidied
from renewals.rules_replay import Course, Entry, Impossible
from renewals.services_course import Held, closed_from_above, day_text, hold, hold_lists_of, settle, told
from renewals.services_records import mark_wrong, set_right, settle_household

NOTE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Recorded:
    """A contact that is kept; ``again``: it was there already, under the same key."""

    contact: Contact
    again: bool = False


def record(
    warning_pk: int,
    said: Said,
    by: User,
    *,
    photos: Sequence[Photo] = (),
    batch: Batch | None = None,
    now: datetime | None = None,
) -> Recorded:
    """Keep a contact about a warning. ValidationError says at the field, in words, why it is not possible.

    Sent again with the same ``said.key`` it answers as the first time, and nothing is doubled.
    """
    moment = now or timezone.now()
    said = _clean(said, moment, photos)
    try:
        with files_of_transaction() as files:
            _hold_subscriber(warning_pk, said)
            held = hold(warning_pk, moment)
            if again := _there_already(said, by, warning_pk):
                return again
            course = _possible(held, said)
            contact = _write(held, course, said, by, moment, batch=batch)
            for photo in photos:
                keep_photo(ContactPhoto(contact=contact, by=by), photo, files)
            settle(held, course, moment, contact)
            _tell_records(held, said, by, moment)
    except IntegrityError:  # two with the same key at once, about warnings of different lists
        if again := _there_already(said, by, warning_pk):
            return again
        raise
    return Recorded(contact)


def correct(
    contact_pk: int, said: Said, by: User, now: datetime | None = None, *, batch: Batch | None = None
) -> Recorded:
    """Put a contact right by a later one; the result VOID takes it back. The warning goes where the rest leads it."""
    moment = now or timezone.now()
    wrong = Contact.objects.select_related("subscriber").get(pk=contact_pk)
    void = said.outcome == Outcome.VOID
    said = replace(told(wrong), outcome=said.outcome, note=said.note, key=said.key) if void else said
    said = _clean(said, moment)
    with transaction.atomic():
        Subscriber.objects.select_for_update(no_key=True).get(pk=wrong.subscriber_id)
        hold_lists_of(wrong.subscriber_id)
        held = hold(wrong.warning_id, moment)
        if again := _there_already(said, by, wrong.warning_id, corrects=contact_pk):
            return again
        if any(one.corrects_id == contact_pk for one in held.contacts):
            raise ValidationError(_("This was corrected already. Correct what was said last."), code="corrected")
        course = _corrected(held, wrong, said)
        contact = _write(held, course, said, by, moment, corrects=wrong, batch=batch)
        settle(held, course, moment, contact)
        _tell_records(held, said, by, moment, before=wrong)
    return Recorded(contact)


# --- Whether it can be ---


def _clean(said: Said, now: datetime, photos: Sequence[Photo] = ()) -> Said:
    """What is wrong with it whatever the warning is."""
    errors: dict[str, str] = {}
    if said.medium not in Medium.values:
        errors["medium"] = _("Choose a call or a visit.")
    if said.outcome not in Outcome.values:
        errors["outcome"] = _("Choose a result.")
    if said.at > now + CLOCK_DIFFERENCE:
        errors["at"] = _("This time is yet to come.")
    if len(said.note) > NOTE_LENGTH:
        errors["note"] = _("At most %(limit)s characters.") % {"limit": NOTE_LENGTH}
    if len(photos) > (limit := settings.PHOTO_LIMITS["count"]):
        errors["photos"] = TOO_MANY % {"limit": limit}
    if (said.longitude is None) != (said.latitude is None):
        errors["longitude"] = _("A place needs both longitude and latitude.")
    if errors:
        raise ValidationError({field: [text] for field, text in errors.items()})
    return replace(tidied(said), at=min(said.at, now))


def _check_against(held: Held, said: Said) -> None:
    """What is wrong with it about this warning, field by field."""
    expires_on, ladder = held.warning.expires_on, held.ladder
    last = ladder.last_day(expires_on)
    earliest = ladder.earliest(expires_on, timezone.localdate(held.warning.listed_at))
    errors: dict[str, str] = {}
    if said.day < earliest:
        errors["at"] = _("This list is about contacts since %(day)s.") % {"day": day_text(earliest)}
    if said.day > last:
        errors["outcome"] = _("The days for winning back ended on %(day)s.") % {"day": day_text(last)}
    if said.outcome == Outcome.PROMISED:
        if said.promised_on is None:
            errors["promised_on"] = _("Say by which day it was promised.")
        elif said.promised_on < said.day:
            errors["promised_on"] = _("A promise is about a day to come.")
        elif said.promised_on > last:
            errors["promised_on"] = _("Not after %(day)s: then the days for winning back end.") % {
                "day": day_text(last)
            }
    if said.outcome == Outcome.REFUSED:
        if said.medium == Medium.VISIT and not said.loss:
            errors["loss"] = _("Say why they don't renew.")
        elif said.loss and (said.loss not in Loss.values or said.loss == Loss.LAPSED):
            errors["loss"] = _("Choose a reason from the list.")
    if errors:
        raise ValidationError({field: [text] for field, text in errors.items()})


def _possible(held: Held, said: Said) -> Course:
    """Where the warning stands with ``said``, or why it can't be said."""
    if why := _closed_above(held, said):
        raise ValidationError({"outcome": [why]}, code="impossible")
    course = _replayed(held, [*held.entries(), Entry(said)])
    _check_against(held, said)
    return course


def _corrected(held: Held, wrong: Contact, said: Said) -> Course:
    entries = held.entries()
    place = next((entry.place for entry in entries if entry.pk == wrong.pk), wrong.pk)
    rest = [entry for entry in entries if entry.pk != wrong.pk]
    if said.outcome == Outcome.VOID:
        return held.replayed(rest)
    course = _replayed(held, [*rest, Entry(said, place=place)])
    _check_against(held, said)
    return course


def _replayed(held: Held, entries: Sequence[Entry]) -> Course:
    try:
        return held.replayed(entries)
    except Impossible as fault:
        raise ValidationError({"outcome": [_why(held, fault)]}, code="impossible") from None


def _why(held: Held, fault: Impossible) -> str:
    """The reason, with who said what stands against it."""
    by_pk = {contact.pk: contact for contact in held.contacts}
    if fault.entry.pk is not None:
        later = by_pk[fault.entry.pk]
        return _("After this the contact of %(day)s by %(who)s would not be possible. Correct that one first.") % {
            "day": day_text(timezone.localdate(later.at)),
            "who": later.by.name or later.by.employee_no,
        }
    last = by_pk.get(fault.last.pk or 0) if fault.last else None
    if last is None or last.outcome not in CLOSED_BY:
        return fault.why
    return CLOSED_BY[Outcome(last.outcome)]() % {
        "day": day_text(timezone.localdate(last.at)),
        "who": last.by.name or last.by.employee_no,
    }


CLOSED_BY = {
    Outcome.RENEWED: lambda: _(
        "%(who)s recorded on %(day)s that it is renewed. If that is wrong, correct that contact."
    ),
    Outcome.REFUSED: lambda: _("%(who)s recorded on %(day)s that it is lost. Reopen it, or correct that contact."),
    Outcome.MOVED: lambda: _("%(who)s recorded on %(day)s that they moved away. Reopen it, or correct that contact."),
}


def _closed_above(held: Held, said: Said) -> str:
    """Why nothing can be added to a warning that no contact closed; what took place before that still can."""
    warning = held.warning
    if not closed_from_above(warning):
        return ""
    if warning.state == State.WITHDRAWN:
        return _("It was taken off the list. Nothing is recorded about it any more.")
    if warning.state == State.RENEWED:
        closed_on, why = warning.confirmed_on, _("The roster has shown it renewed since %(day)s.")
    elif warning.loss == Loss.LAPSED:
        closed_on, why = warning.lost_on, _("It was closed on %(day)s: the days for winning back were over.")
    else:
        closed_on, why = warning.lost_on, _("The roster has shown the account closed since %(day)s.")
    if closed_on is None or said.day < closed_on:
        return ""
    return why % {"day": day_text(closed_on)}


def _there_already(said: Said, by: User, warning_pk: int, corrects: int | None = None) -> Recorded | None:
    """What is kept under the same key; ValidationError when that is something else."""
    there = Contact.objects.filter(key=said.key)
    if not there.exists():  # mostly; asking for the whole row costs more
        return None
    contact = there.select_related("warning").get()
    kept = tidied(told(contact))
    same = all(getattr(kept, name) == getattr(said, name) for name in SAME)
    if not same or (contact.warning_id, contact.by_id, contact.corrects_id) != (warning_pk, by.pk, corrects):
        raise ValidationError(_("Something else was recorded with this form already. Load the page again."), code="key")
    return Recorded(contact, again=True)


SAME = ("medium", "outcome", "promised_on", "loss", "note")  # the time may be the server's, at either sending


def _hold_subscriber(warning_pk: int, said: Said) -> None:
    """One whose household will be written is locked before the lists, as imports do."""
    if said.outcome == Outcome.MOVED:
        whose = ExpiryWarning.objects.filter(pk=warning_pk).values("subscriber")
        list(Subscriber.objects.select_for_update(no_key=True).filter(pk__in=whose).values_list("pk"))


# --- Writing it ---


def _write(held: Held, course: Course, said: Said, by: User, now: datetime, **more: Any) -> Contact:
    warning = held.warning
    _follow(warning, by)
    moves = ((before, after) for entry, before, after in course.steps if entry.pk is None)
    before, after = next(moves, (State(warning.state), course.standing.state))
    contact = Contact(
        key=said.key,
        warning=warning,
        subscriber_id=warning.subscriber_id,
        agent_id=warning.agent_id,
        staff_id=warning.staff_id,
        by=by,
        medium=said.medium,
        outcome=said.outcome,
        at=said.at,
        recorded_at=now,
        promised_on=said.promised_on,
        loss=said.loss,
        note=said.note,
        longitude=said.longitude,
        latitude=said.latitude,
        accuracy_m=said.accuracy_m,
        state_before=before,
        state_after=after,
        **more,
    )
    contact.save()
    return contact


def _follow(warning: ExpiryWarning, by: User) -> None:
    """Whoever of the agent's staff records first about a warning that nobody follows, follows it."""
    staff = getattr(by, "agent_staff", None)
    if warning.staff_id is None and staff is not None and staff.agent_id == warning.agent_id:
        warning.staff = staff


TELLING = {Outcome.WRONG_NUMBER, Outcome.MOVED}


def _tell_records(held: Held, said: Said, by: User, now: datetime, before: Contact | None = None) -> None:
    """What a contact says about number and household; what is no longer said is taken back."""
    was = before.outcome if before else ""
    if not {said.outcome, was} & TELLING:
        return
    subscriber = Subscriber.objects.with_number().get(pk=held.warning.subscriber_id)
    if said.outcome == Outcome.WRONG_NUMBER != was:
        mark_wrong(subscriber, subscriber.number, by, now)
    if said.outcome == Outcome.MOVED != was:
        settle_household(subscriber, Household.MOVED, by, now)
    if was == Outcome.WRONG_NUMBER != said.outcome:
        calls = [one.recorded_at for one in held.contacts if one.outcome == Outcome.WRONG_NUMBER]
        for row in SubscriberNumber.objects.filter(subscriber=subscriber, is_right=False, at__in=calls):
            set_right(subscriber, row.phone, by, now)
    if was == Outcome.MOVED != said.outcome and subscriber.household == Household.MOVED:
        settle_household(subscriber, "", by, now)
