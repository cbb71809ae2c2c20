"""The columns of the list of commission paid, and of its export."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from channels.models import Paid
from channels.rules_commission import apiece
from gridops.common.lists import Column, ListSpec
from gridops.common.paging import Order


def _apiece(row: Paid) -> Any:
    return apiece(row.amount, row.quantity)


PAID = ListSpec(
    name="commission",
    title=_("Commission paid"),
    columns=[
        Column(_("month"), lambda row: f"{row.month:%Y-%m}", sort="month"),
        Column(_("agent code"), lambda row: row.agent.code),
        Column(_("agent"), lambda row: row.agent.name),
        Column(_("project code"), lambda row: row.project.code, page=False),
        Column(_("project"), lambda row: row.project.name),
        Column(_("grid"), lambda row: row.project.grid.name),
        Column(_("kind of commission"), lambda row: row.kind, sort="kind"),
        Column(_("quantity"), lambda row: row.quantity, number=True),
        Column(_("amount (yuan)"), lambda row: row.amount, sort="amount", number=True),
        Column(_("apiece (yuan)"), _apiece, number=True),
    ],
    rows="channels/_commission_rows.html",
    order=Order("month", descending=True),
    empty=_("No commission yet. It comes with the roster 佣金发放, by import."),
    search=_("Agent, project or kind"),
    export="channels:commission-export",
    count_up_to=100_000,
)


def set_apiece(rows: list[Paid]) -> None:
    """Gives rows what one cost."""
    for row in rows:
        row.apiece = _apiece(row)  # type: ignore[attr-defined]
