"""Taking one decision about a difference back, and what it did, where nothing else happened since (N1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gridops.accounts.models import User
from gridops.common.months import Month
from renewals.models import (
    Contact,
    Difference,
    ExpiryWarning,
    PastContract,
    Subscriber,
    SubscriberNote,
    SubscriberNumber,
)
from renewals.rules_reconcile import Deed
from renewals.services_differences import Work


def take_back(pk: int, by: User, now: datetime) -> str:
    """Take the decision about difference ``pk`` back, with its effect; why not, or nothing when it is done."""
    with transaction.atomic():
        found = Difference.objects.select_related("unit").get(pk=pk)
        work = Work(found.unit, Month.of(found.month), by, now)
        work.hold([pk], also=_days_before(found))
        row = Difference.objects.get(pk=pk)
        if not row.decision:
            return _("The decision has been taken back already, or the days have changed since.")
        if row.effect and (why := _Undoing(work, row).run()):
            return why
        row.decision, row.note, row.decided_by, row.decided_at, row.effect = "", "", None, None, None
        row.save(update_fields=["decision", "note", "decided_by", "decided_at", "effect"])
        work.finish()
    return ""


def _days_before(row: Difference) -> list[date]:
    was = (row.effect or {}).get("was", {}).get("expires_on")
    return [date.fromisoformat(was)] if was else []


class _Undoing:
    """What a decision changed, while it is put back."""

    def __init__(self, work: Work, row: Difference) -> None:
        self.work, self.row = work, row
        self.effect: dict[str, Any] = row.effect or {}

    def run(self) -> str:
        """Put it back; why not, or nothing."""
        made = self.effect.get("made")
        key: int = made or self.row.subscriber_id or 0
        record = Subscriber.objects.select_for_update(no_key=True).filter(pk=key).first()
        if record is None:
            return _("The subscriber's record is gone.")
        if Contact.objects.filter(subscriber=record, recorded_at__gte=self.row.decided_at).exists():
            return _("The subscriber was contacted since.")
        if self.effect["deed"] == Deed.OFF:
            return self._put_on(record)
        if record.version != self.effect["version"]:
            return _("The subscriber's record was changed since, by hand or by an import.")
        if made:
            return self._unmake(record)
        self._put_back(record)
        return ""

    def _put_on(self, record: Subscriber) -> str:
        warning = ExpiryWarning.objects.filter(subscriber=record, month=self.row.month).first()
        if warning is None or warning.withdrawn_by_id is None or warning.withdrawn_at != self.row.decided_at:
            return _("The subscriber was put back on the list since.")
        warning.withdrawn_by = None
        self.work.warnings[warning.pk] = warning
        return ""

    def _unmake(self, record: Subscriber) -> str:
        for model in (Contact, SubscriberNote, SubscriberNumber, PastContract):
            if model._default_manager.filter(subscriber=record).exists():
                return _("Something was noted about the subscriber since.")
        Difference.objects.filter(subscriber=record).update(subscriber=None)
        ExpiryWarning.objects.filter(subscriber=record).delete()
        Subscriber.objects.filter(pk=record.pk).delete()
        return ""

    def _put_back(self, record: Subscriber) -> None:
        was = dict(self.effect["was"])
        if was["expires_on"]:
            was["expires_on"] = date.fromisoformat(was["expires_on"])
        self.work.write({record.pk: record}, {record.pk: was})
        warning = ExpiryWarning.objects.filter(subscriber=record, month=self.row.month).first()
        if warning is not None and self.effect["deed"] == Deed.RESTORE:  # off the list before the roster closes it
            self.work.take_off(self.work.warnings.get(warning.pk, warning), self.effect.get("withdrawn_by"))
