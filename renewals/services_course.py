"""Where contacts and reopenings have led a warning, written down: its fields and the second visits it owes (C4, N4).

Lock order: lists, warnings, second visits. Every caller holds the list, and its tallies are counted anew at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from gridops.accounts.models import Grid, Unit, User
from gridops.accounts.rulebook import rules_of
from renewals.choices import Loss, Outcome, State
from renewals.models import Contact, ExpiryWarning, Reopening, SecondVisit, Subscriber, WarningList
from renewals.rules_course import EVENTS, LADDER_RULES, Ladder, Said, ladder_of
from renewals.rules_replay import Course, Entry, Reopened, Visit, replay
from renewals.services_tally import retally

WHY_LENGTH = 200
OF_COURSE = (
    "state",
    "resume",
    "staff",
    "next_step",
    "next_on",
    "promised_on",
    "contacts_made",
    "last_contact_at",
    "last_outcome",
    "renewed_on",
    "lost_on",
    "loss",
)


@dataclass(frozen=True, slots=True)
class Held:
    """A warning that is ours until the transaction ends, with all that was ever said about it."""

    warning: ExpiryWarning
    contacts: Sequence[Contact]
    reopened: Sequence[Reopening]
    ladder: Ladder
    today: date

    def entries(self) -> list[Entry]:
        """Its contacts that count."""
        by_pk = {contact.pk: contact for contact in self.contacts}
        corrected = {contact.corrects_id for contact in self.contacts}
        standing = (one for one in self.contacts if one.pk not in corrected and one.outcome != Outcome.VOID)
        return [Entry(told(contact), contact.pk, _place(contact, by_pk)) for contact in standing]

    def replayed(self, entries: Iterable[Entry], *more: Reopened) -> Course:
        """Where ``entries`` lead; ``rules_replay.Impossible`` when one of them can't be where it is."""
        taken_up = [Reopened(one.at, one.number) for one in self.reopened]
        return replay(
            entries,
            [*taken_up, *more],
            expires_on=self.warning.expires_on,
            has_agent=self.warning.agent_id is not None,
            ladder=self.ladder,
        )


def told(contact: Contact) -> Said:
    """A contact as it was said."""
    return Said(
        medium=contact.medium,
        outcome=contact.outcome,
        at=contact.at,
        promised_on=contact.promised_on,
        loss=contact.loss,
        note=contact.note,
        longitude=contact.longitude,
        latitude=contact.latitude,
        accuracy_m=contact.accuracy_m,
        key=contact.key,
    )


def _place(contact: Contact, by_pk: dict[int, Contact]) -> int:
    while contact.corrects_id is not None:
        contact = by_pk[contact.corrects_id]
    return contact.pk


def ladder_for(grid: int) -> Ladder:
    """The ladder of the unit of a grid (id)."""
    known = together.ladders if (together := _together.get()) else {}
    if grid not in known:
        unit = Unit(pk=Grid.objects.values_list("unit", flat=True).get(pk=grid))
        known[grid] = ladder_of(rules_of(LADDER_RULES, unit))
    return known[grid]


def hold(warning_pk: int, now: datetime) -> Held:
    """Lock a warning after its list, and read what was said about it."""
    own = ExpiryWarning.objects.filter(pk=warning_pk)
    for _again in range(2 if _together.get() is None else 0):  # it may have moved while we waited
        WarningList.objects.hold(list(own.values_list("warning_list", flat=True)))
    warning = own.select_for_update(of=("self",)).select_related("warning_list", "agent", "staff").get()
    return Held(
        warning=warning,
        contacts=list(Contact.objects.of_warning(warning_pk).select_related("by")),
        reopened=list(warning.reopenings.all()),
        ladder=ladder_for(warning.warning_list.grid_id),
        today=timezone.localdate(now),
    )


def hold_lists_of(subscriber: int) -> None:
    """Lock all lists on which a subscriber (id) stands, for a caller who may move several of their warnings."""
    WarningList.objects.hold(
        list(ExpiryWarning.objects.filter(subscriber=subscriber).values_list("warning_list", flat=True))
    )


def settle(held: Held, course: Course, now: datetime, new: Contact | None = None) -> None:
    """Write down where ``course`` leads, and count the list anew; ``new`` is the contact of the entry without an id."""
    warning, standing = held.warning, course.standing
    warning.contacts_made = standing.contacts_made
    warning.last_contact_at = standing.last_contact_at
    warning.last_outcome = standing.last_outcome
    warning.promised_on = standing.promised_on
    _take_state(warning, course)
    warning.save(update_fields=OF_COURSE)
    _settle_visits(held, course.visits, now, new)
    _count(warning.warning_list_id, held.today, warning.agent_id)


@dataclass(slots=True)
class _Together:
    """What a transaction that settles many warnings has to do but once."""

    ladders: dict[int, Ladder] = field(default_factory=dict)
    waiting: dict[int, set[int | None]] = field(default_factory=dict)


_together: ContextVar[_Together | None] = ContextVar("warnings settled together", default=None)


@contextmanager
def counted_once(today: date) -> Iterator[None]:
    """In a transaction that settles many warnings and holds their lists: each list is counted once, at the end."""
    together = _Together()
    token = _together.set(together)
    try:
        yield
    finally:
        _together.reset(token)
    for warning_list, agents in sorted(together.waiting.items()):
        retally([warning_list], today, agents)


def _count(warning_list: int, today: date, agent: int | None) -> None:
    if together := _together.get():
        together.waiting.setdefault(warning_list, set()).add(agent)
    else:
        retally([warning_list], today, [agent])


def _take_state(warning: ExpiryWarning, course: Course) -> None:
    """The state that contacts led to; where roster, calendar or somebody's hand closed it, they led beneath that."""
    standing = course.standing
    lapsed = warning.loss == Loss.LAPSED  # itself, or what lies beneath the roster or somebody's hand
    if standing.is_open and (lapsed or (warning.state == State.LOST and closed_from_above(warning))):
        warning.resume = warning.resume if lapsed else standing.state
        return
    warning.renewed_on, warning.lost_on, warning.loss = standing.renewed_on, standing.lost_on, standing.loss
    if warning.state == State.WITHDRAWN or (warning.state == State.RENEWED and warning.confirmed_on):
        warning.resume = standing.state
        warning.renewed_on = standing.renewed_on or warning.confirmed_on
        return
    warning.state, warning.resume = standing.state, ""
    warning.next_step, warning.next_on = standing.next_step, standing.next_on


def closed_from_above(warning: ExpiryWarning) -> bool:
    """Whether not a contact closed it: the roster showed it renewed or closed, it lapsed, or it was taken off."""
    return (
        warning.state == State.WITHDRAWN
        or (warning.state == State.RENEWED and warning.confirmed_on is not None)
        or (warning.state == State.LOST and (warning.resume != "" or warning.loss == Loss.LAPSED))
    )


def _settle_visits(held: Held, visits: Sequence[Visit], now: datetime, new: Contact | None) -> None:
    """Second visits as the course has them: none by what no longer counts, and a closed warning owes none."""

    def pk_of(entry: Entry) -> int:
        return entry.pk or (new.pk if new else 0)

    warning = held.warning
    there = {row.opened_by_id: row for row in SecondVisit.objects.select_for_update().filter(warning=warning)}
    wanted = {pk_of(visit.opened_by): visit for visit in visits}
    SecondVisit.objects.filter(pk__in=[row.pk for opener, row in there.items() if opener not in wanted]).delete()
    for opener, visit in sorted(wanted.items(), key=lambda one: one[1].settled_by is None):
        row = there.get(opener) or SecondVisit(warning=warning, opened_by_id=opener)
        before = (row.due_on, row.settled_at, row.settled_by_id)
        row.due_on, row.settled_by_id = visit.due_on, None
        if visit.settled_by:
            row.settled_at, row.settled_by_id = visit.settled_by.said.at, pk_of(visit.settled_by)
        else:
            row.settled_at = None if warning.state == State.SECOND_VISIT else row.settled_at or now
        if row.pk is None or before != (row.due_on, row.settled_at, row.settled_by_id):
            row.save()


# --- Taken up again ---


def reopen(warning_pk: int, by: User, why: str, now: datetime) -> ExpiryWarning:
    """Take up a lost or unreachable warning again; ValidationError says in words why it can't be."""
    why = why.strip()
    if not why:
        raise ValidationError({"why": _("Say why it is taken up again.")}, code="required")
    if len(why) > WHY_LENGTH:
        raise ValidationError({"why": _("At most %(limit)s characters.") % {"limit": WHY_LENGTH}}, code="max_length")
    with transaction.atomic():
        held = hold(warning_pk, now)
        if stands_against := _not_to_be_reopened(held):
            raise ValidationError(stands_against, code="impossible")
        _take_up(held, Reopening(warning=held.warning, by=by, at=now, why=why), now)
    return held.warning


def _not_to_be_reopened(held: Held) -> str:
    warning = held.warning
    last = held.ladder.last_day(warning.expires_on)
    if warning.state not in EVENTS["reopened"].sources:
        return _("Only what is lost or unreachable can be reopened.")
    if warning.state == State.LOST and warning.resume:
        return _("The roster shows the account closed.")
    if held.today > last:
        return _("The days for winning back ended on %(day)s.") % {"day": day_text(last)}
    return ""


def number_found(subscriber: Subscriber, by: User, now: datetime) -> int:
    """A number of ``subscriber`` was put right: who could not be reached is called again. How many warnings."""
    with transaction.atomic():
        hold_lists_of(subscriber.pk)
        found = ExpiryWarning.objects.filter(subscriber=subscriber, state=State.UNREACHABLE).order_by("pk")
        taken = [_call_again(pk, by, now) for pk in list(found.values_list("pk", flat=True))]
    return sum(taken)


def _call_again(warning_pk: int, by: User, now: datetime) -> bool:
    held = hold(warning_pk, now)
    if held.warning.state not in EVENTS["number found"].sources:
        return False
    _take_up(held, Reopening(warning=held.warning, by=by, at=now, number=True), now)
    return True


def _take_up(held: Held, reopening: Reopening, now: datetime) -> None:
    course = held.replayed(held.entries(), Reopened(reopening.at, reopening.number))
    if held.warning.loss == Loss.LAPSED:  # the days for winning back were made more since
        held.warning.loss = ""
    reopening.save()
    settle(held, course, now)


def day_text(day: date) -> str:
    """A day of this year as people say it."""
    return date_format(day, "MONTH_DAY_FORMAT")
