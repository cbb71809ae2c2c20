"""Rows of a filled list become contacts; changed ones corrections; undone ones are taken back (C4)."""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from gridops.accounts.models import User
from gridops.workbooks.models import Batch
from renewals.choices import Medium, Outcome
from renewals.models import Contact, ExpiryWarning, ReturnedLine, Subscriber, WarningList
from renewals.rules_course import Said
from renewals.services_contacts import correct, record
from renewals.services_course import counted_once

log = logging.getLogger(__name__)

NAMESPACE = uuid.UUID("6f1d3c5e-0b3a-5d8e-9a55-2f0c1a7e9b21")
SOME = 500  # accounts in one question
TRIED_AGAIN = timedelta(days=100)  # how long rows that no contact came of are tried again with later imports
CALLED_AT, VISITED_AT = time(12), time(12, 30)  # a list knows the day alone; on one day the call comes first


def record_lines(batch: Batch) -> None:
    """Make contacts of what the batch brought, in order of day, in the transaction that applied it.

    A row that the course refuses stays without contact and says why. Rows of the same person that were refused before
    are tried again.
    """
    now = timezone.now()
    again = Q(contact=None, created_batch__uploaded_by=batch.uploaded_by, month__gte=now.date() - TRIED_AGAIN)
    lines = ReturnedLine.objects.of_batch(batch) | ReturnedLine.objects.filter(again)
    with translation.override(batch.uploaded_by.language or settings.LANGUAGE_CODE):
        settle = _Settling(batch, now)
        found = list(lines.select_related("contact").distinct())
        settle.all(sorted(found, key=lambda line: (line.day, line.medium == Medium.VISIT, line.pk)))


def take_back(batch: Batch) -> None:
    """Take back the contacts that an undone batch brought, the last first; what was corrected since stays.

    A contact whose row is still there gets again what that row says.
    """
    now = timezone.now()
    brought = Contact.objects.filter(batch=batch, corrected_by=None).exclude(outcome=Outcome.VOID)
    hold_all(brought.values_list("warning", flat=True))
    with counted_once(timezone.localdate(now)):
        _take_back(brought.select_related("returned_line").order_by("-at", "-pk"), batch, now)


def _take_back(brought: Iterable[Contact], batch: Batch, now: datetime) -> None:
    for contact in brought:
        line: ReturnedLine | None = getattr(contact, "returned_line", None)
        if line is not None and _content(contact) == _content(line):
            continue
        said = _said(line, contact.at) if line else Said(contact.medium, Outcome.VOID, contact.at)
        try:
            made = correct(
                contact.pk, replace(said, key=_key(contact.pk, batch, "back")), batch.uploaded_by, now
            ).contact
        except ValidationError:
            log.warning("contact %s of the undone import %s could not be taken back", contact.pk, batch.pk)
            continue
        if line is not None:
            ReturnedLine.objects.filter(pk=line.pk).update(contact=made)


@dataclass(slots=True)
class _Settling:
    """Makes contacts of rows, one after the other."""

    batch: Batch
    now: datetime
    warnings: dict[tuple[date, str], int] = field(default_factory=dict)
    twins: dict[tuple[Any, ...], list[int]] = field(default_factory=lambda: defaultdict(list))

    def all(self, lines: Collection[ReturnedLine]) -> None:
        """Settle ``lines`` in this order, and keep what became of each."""
        self.warnings = warnings_of(lines, self.batch.uploaded_by)
        hold_all(self.warnings.values())
        self._find_twins()
        with counted_once(timezone.localdate(self.now)):
            for line in lines:
                try:
                    self._one(line)
                    line.why_not = ""
                except ValidationError as error:
                    line.why_not = " ".join(error.messages)[:200]
        ReturnedLine.objects.bulk_update(lines, ["contact", "why_not"], batch_size=SOME)

    def _one(self, line: ReturnedLine) -> None:
        warning = self.warnings.get((line.month, line.account))
        if warning is None:
            raise ValidationError(_("It is on no list of that month that you work at."))
        if line.contact is not None:
            last = _last(line.contact)
            if _content(last) != _content(line):
                said = replace(_said(line, last.at), key=_key(last.pk, self.batch, "other"))
                made = correct(last.pk, said, self.batch.uploaded_by, self.now, batch=self.batch)
                line.contact = made.contact
            return
        if twins := self.twins.get((warning, line.day, line.medium, line.outcome)):
            line.contact_id = twins.pop(0)
            return
        said = replace(_said(line, self._moment(line)), key=_key(line.pk, self.batch, "new"))
        line.contact = record(warning, said, self.batch.uploaded_by, batch=self.batch, now=self.now).contact

    def _moment(self, line: ReturnedLine) -> datetime:
        clock = VISITED_AT if line.medium == Medium.VISIT else CALLED_AT
        return min(timezone.make_aware(datetime.combine(line.day, clock)), self.now)

    def _find_twins(self) -> None:
        """Contacts that were recorded by other ways on the same day, by how and with what result."""
        for some in _parts(sorted(set(self.warnings.values()))):
            known = Contact.objects.filter(warning__in=some, corrected_by=None, returned_line=None)
            for contact in known.exclude(outcome=Outcome.VOID).order_by("pk"):
                place = (contact.warning_id, timezone.localdate(contact.at), contact.medium, contact.outcome)
                self.twins[place].append(contact.pk)


def hold_all(warnings: Iterable[int]) -> None:
    """Lock, in the order that holds everywhere, subscribers and lists of ``warnings`` (ids) before any is changed."""
    whose: set[int] = set()
    for some in _parts(sorted(set(warnings))):
        whose.update(ExpiryWarning.objects.filter(pk__in=some).values_list("subscriber", flat=True))
    Subscriber.objects.hold(whose)
    lists: set[int] = set()
    for some in _parts(sorted(whose)):
        lists.update(ExpiryWarning.objects.filter(subscriber__in=some).values_list("warning_list", flat=True))
    WarningList.objects.hold(lists)


def warnings_of(lines: Iterable[ReturnedLine], user: User) -> dict[tuple[date, str], int]:
    """(month, account) -> warning, of those that ``user`` works at."""
    asked: dict[date, set[str]] = defaultdict(set)
    for line in lines:
        asked[line.month].add(line.account)
    own = ExpiryWarning.objects.for_user(user).order_by()
    return {
        (month, account): pk
        for month, accounts in asked.items()
        for some in _parts(sorted(accounts))
        for account, pk in own.filter(month=month, subscriber__account__in=some).values_list(
            "subscriber__account", "pk"
        )
    }


def _parts(values: list[Any]) -> Iterator[list[Any]]:
    return (values[at : at + SOME] for at in range(0, len(values), SOME))


def _last(contact: Contact) -> Contact:
    """The contact that counts: the last of its corrections."""
    while (later := Contact.objects.filter(corrects=contact).first()) is not None:
        contact = later
    return contact


def _said(line: ReturnedLine, at: datetime) -> Said:
    return Said(line.medium, line.outcome, at, promised_on=line.promised_on, loss=line.loss, note=line.note)


def _content(row: ReturnedLine | Contact) -> tuple[Any, ...]:
    return row.medium, row.outcome, row.promised_on, row.loss, row.note


def _key(pk: int, batch: Batch, what: str) -> uuid.UUID:
    """The same for the same step of the same import: a job that is done again finds its own contacts."""
    return uuid.uuid5(NAMESPACE, f"{what}:{pk}:{batch.pk}")
