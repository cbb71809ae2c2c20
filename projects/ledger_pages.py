"""What a ledger's page is made of: which ledger, month and grid are asked for, its set-up for the script, its list."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridops.accounts.guards import signed_in
from gridops.accounts.models import Grid
from gridops.common.lists import Column, Listing, ListSpec
from gridops.common.month_choice import MonthChoice, chosen_month
from gridops.common.months import Month
from gridops.common.paging import Order
from projects.filters_ledgers import LedgerFilter
from projects.grids_rows import Book, Row
from projects.models import Ledger, Project
from projects.services_ledgers import kept_layout

LONGEST_LIST = 500
REVEALED, REVEAL_SECONDS = "ledger_revealed", 15 * 60
EMPTY = _("No projects in service yet. They come with the roster of projects, by import.")
NOTHING_KEPT = _("No record was kept of this month. Basic ledgers are kept when a month ends.")


def ledger_named(name: str) -> Ledger:
    """The ledger of an address; 404 for any other name."""
    if name not in Ledger.values:
        raise Http404
    return Ledger(name)


def month_of_today() -> Month:
    """The running month."""
    return Month.of(timezone.localdate())


def chosen(request: HttpRequest, ledger: Ledger) -> MonthChoice:
    """The month asked for; basics and rivals are those of today when it has not begun."""
    choice = chosen_month(request, month_of_today())
    if ledger == Ledger.INDICATORS or choice.month <= month_of_today():
        return choice
    return MonthChoice(month_of_today())


def book_of(request: HttpRequest, ledger: Ledger, month: Month) -> Book:
    """The ledger of ``month`` for the person of ``request``, narrowed to ``?grid=``; 404 for a grid not theirs."""
    asked = asked_grid(request)
    grid = asked.pk if asked else None
    revealed = _revealed(request, ledger, month, grid)
    return Book(ledger, signed_in(request), month, month_of_today(), grid, revealed=revealed)


def asked_grid(request: HttpRequest) -> Grid | None:
    """The grid of ``?grid=``, or None when none is asked for; 404 for one that is not the person's."""
    asked = request.GET.get("grid", "")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        raise Http404
    return get_object_or_404(Grid.objects.for_user(signed_in(request)).select_related("unit"), pk=int(asked))


# --- Contacts in clear: for a quarter of an hour, for the ledger that was asked for and nothing else ---


def _revealed(request: HttpRequest, ledger: Ledger, month: Month, grid: int | None) -> bool:
    kept = request.session.get(REVEALED)
    if ledger != Ledger.BASICS or not isinstance(kept, dict):
        return False
    fresh = kept.get("until", 0) > time.time()
    return fresh and kept.get("month") == str(month) and kept.get("grid") in (None, grid)


def reveal(request: HttpRequest, book: Book) -> None:
    """Show the contacts of ``book`` in this session for a while; to be written down before."""
    until = int(time.time()) + REVEAL_SECONDS
    request.session[REVEALED] = {"until": until, "month": str(book.month), "grid": book.grid}


# --- The page ---


def address(name: str, book: Book, *args: object, month: bool = True) -> str:
    """An address about ``book``, with its month and grid."""
    query = {"month": str(book.month)} if month else {}
    if book.grid is not None:
        query["grid"] = str(book.grid)
    made = reverse(f"projects:{name}", args=[book.ledger.value, *args])
    return f"{made}?{urlencode(query)}" if query else made


def came_from(request: HttpRequest) -> str:
    """The query of the list from which a card was opened: its search, its filters, its page."""
    told = request.POST if "list" in request.POST else request.GET
    return told.get("list", "")[:LONGEST_LIST]


def card_address(book: Book, pk: int, listed: str) -> str:
    """The address of a row's card, which leads back to the list that it was opened from."""
    made = address("ledger-row", book, pk)
    return f"{made}&{urlencode({'list': listed})}" if listed else made


def list_address(book: Book, pk: int, listed: str) -> str:
    """The list as it was, at the row of a card."""
    base = reverse("projects:ledger", args=[book.ledger.value])
    return f"{f'{base}?{listed}' if listed else address('ledger', book)}#p{pk}"


def setup_of(book: Book) -> dict[str, Any]:
    """What the grid's script has to know."""
    return {
        "ledger": book.ledger.value,
        "month": str(book.month),
        "person": book.user.pk,
        "readonly": book.readonly,
        "revealed": book.revealed,
        "urls": {
            "rows": address("ledger-rows", book),
            "save": address("ledger-save", book, month=False),
            "confirm": address("ledger-confirm", book, month=False),
            "layout": address("ledger-layout", book, month=False),
            "history": address("ledger-cell-history", book, 0, "FIELD"),
            "export": address("ledger-export", book),
            "reveal": address("ledger-reveal", book),
            "card": address("ledger-row", book, 0),
        },
        "columns": [column.as_setup(book.takes(column)) for column in book.columns],
        "layout": kept_layout(book),
    }


def listing_of(request: HttpRequest, book: Book) -> Listing[Project]:
    """Its rows as a list of cards: how much of each is filled, what is asked."""
    rows = book.projects().in_list()

    def decorate(page: list[Project]) -> None:
        told = {row["id"]: row for row in book.rows([project.pk for project in page])}
        for project in page:
            _tell(project, told.get(project.pk, {}), book, request.GET.urlencode())

    filters = LedgerFilter(request.GET, queryset=rows, user=book.user)
    return Listing(request, _spec(book), filters, decorate=decorate)


def _tell(project: Any, row: Row, book: Book, listed: str) -> None:
    project.cells = row
    project.filled = sum(row.get(name) is not None for name in book.typed)
    project.fillable = len(book.typed)
    project.card = card_address(book, project.pk, listed)
    project.asked = sum(map(len, row.get("_q", {}).values()))


def _spec(book: Book) -> ListSpec:
    return ListSpec(
        name=f"ledger-{book.ledger.value}",
        title=book.ledger.label,
        columns=[Column(_("project"), sort="code"), Column(_("grid")), Column(_("filled")), Column(_("to be checked"))],
        rows="projects/_ledger_rows.html",
        order=Order("code"),
        empty=NOTHING_KEPT if book.from_snapshots else EMPTY,
        search=_("Code, name or address"),
    )
