"""The columns of the list of differences, and of its export."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import Unit
from gridops.common.lists import Column, Listing, ListSpec
from gridops.common.paging import Order
from renewals.models import Difference, SpecialistLine, SubscriberNumber

DIFFERENCES = ListSpec(
    name="differences",
    title=_("Differences of the lists"),
    columns=[
        Column(""),
        Column(_("account"), lambda row: row.account, sort="account"),
        Column(_("subscriber")),
        Column(_("subscriber name"), lambda row: row.name, page=False),
        Column(_("phone"), lambda row: row.phone, page=False),
        Column(_("grid"), lambda row: row.project.grid.name, page=False),
        Column(_("project code"), lambda row: row.project.code, page=False),
        Column(_("project"), lambda row: row.project.name),
        Column(_("where they differ"), lambda row: row.get_kind_display()),
        Column(_("reason"), lambda row: row.get_reason_display(), page=False),
        Column(_("our expiry"), lambda row: row.ours_on, sort="ours_on"),
        Column(_("the specialist's expiry"), lambda row: row.theirs_on, sort="theirs_on"),
        Column(_("what was decided"), lambda row: row.get_decision_display() if row.decision else ""),
        Column(_("remark"), lambda row: row.note, page=False),
        Column(_("decided by"), lambda row: row.decided_by.name if row.decision else "", page=False),
        Column(_("decided on"), lambda row: _moment(row) if row.decision else None, page=False),
    ],
    rows="renewals/_difference_rows.html",
    order=Order("account"),
    empty=_("No difference waits for a decision."),
    search="",
    export="renewals:reconcile-export",
)


def _moment(row: Difference) -> object:
    """When it was decided, as a workbook takes it: without a zone."""
    return timezone.localtime(row.decided_at).replace(tzinfo=None) if row.decided_at else None


class Differences(Listing[Difference]):
    """The differences of a unit's month as a list."""

    unit: Unit

    @property
    def export_url(self) -> str:
        """The address of an export of exactly what the list holds."""
        return reverse(self.spec.export, args=[self.unit.pk]) + self.query


def put_people_on(rows: list[Difference]) -> None:
    """Set on each difference whom it is about, with the number to call: by our record, else by their line."""
    SubscriberNumber.objects.put_on([row.subscriber for row in rows if row.subscriber])
    asked: Any = {(row.month, row.account) for row in rows if row.subscriber is None}
    found = SpecialistLine.objects.filter(
        month__in={month for month, _account in asked}, account__in=[account for _month, account in asked]
    )
    lines = {(line.month, line.account): line for line in found} if asked else {}
    for row in rows:
        who: Any = row.subscriber or lines.get((row.month, row.account))
        phone = row.subscriber.number if row.subscriber else who.phone if who else ""
        row.name, row.phone = who.name if who else "", phone  # type: ignore[attr-defined]
