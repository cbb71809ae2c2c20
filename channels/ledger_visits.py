"""The columns of the lists of visits and of calls, and of their exports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.choices import Piece
from channels.models import Visit
from channels.visit_facts import facts_of
from gridops.common.lists import Column, ListSpec
from gridops.common.paging import Order


def _moment(name: str) -> Callable[[Any], object]:
    return lambda row: f"{timezone.localtime(getattr(row, name)):%Y-%m-%d %H:%M}"


def _answer(name: str) -> Callable[[Any], object]:
    words = {True: _("yes"), False: _("no"), None: ""}
    return lambda row: words[getattr(row, name)]


def _facts(row: Any) -> object:
    return "；".join(fact.text for fact in row.facts)


WHERE = [
    Column(_("when"), _moment("at"), sort="at"),
    Column(_("outlet"), lambda row: row.outlet.name),
    Column(_("outlet code"), lambda row: row.outlet.code, page=False),
    Column(_("grid"), lambda row: row.outlet.grid.name),
    Column(_("grid manager"), lambda row: row.whose.name),
]

VISITS = ListSpec(
    name="visits",
    title=_("Visits"),
    columns=[
        *WHERE,
        Column(_("five ones"), lambda row: row.present, number=True),
        *(Column(piece.label, _answer(piece.value), page=False) for piece in Piece),
        Column(_("orders"), lambda row: row.orders, number=True),
        Column(_("commission (yuan)"), lambda row: row.commission, number=True),
        Column(_("knows the manager"), _answer("knows_manager"), page=False),
        Column(_("knows the projects"), _answer("knows_projects"), page=False),
        Column(_("from the shop (m)"), lambda row: row.distance_m, number=True),
        Column(_("stands out"), _facts),
        Column(_("recorded"), _moment("first_said_at"), page=False),
        Column(_("remark"), lambda row: row.note, page=False),
    ],
    rows="channels/_visit_rows.html",
    order=Order("at", descending=True),
    empty=_("No visit is recorded yet."),
    search=_("Outlet or remark"),
    export="channels:visits-export",
)

CALLS = ListSpec(
    name="calls",
    title=_("Calls"),
    columns=[
        *WHERE,
        Column(_("spoken to"), _answer("reached")),
        Column(_("remark"), lambda row: row.note),
    ],
    rows="channels/_call_rows.html",
    order=Order("at", descending=True),
    empty=_("No call is recorded yet."),
    search=_("Outlet or remark"),
    export="channels:calls-export",
)


def with_facts(rows: list[Visit]) -> None:
    """Sets on visits what stands out about them."""
    found = facts_of(rows)
    for row in rows:
        row.facts = found[row.pk]
