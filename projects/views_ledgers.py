"""The three ledgers: the page, its rows, saving cells, what belongs to a cell (P1, P2, P3)."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib import messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gridops.accounts.guards import for_roles
from gridops.accounts.models import AccessRecord
from gridops.accounts.services import record_access
from gridops.common.month_choice import FIRST, LAST
from gridops.common.months import Month
from projects.grids import full_title
from projects.grids_rows import Book
from projects.ledger_pages import (
    address,
    book_of,
    came_from,
    card_address,
    chosen,
    ledger_named,
    listing_of,
    reveal,
    setup_of,
)
from projects.models import Ledger
from projects.services import demand_edit
from projects.services_cells import Cell, NotACell, save
from projects.services_ledgers import NotAsked, confirm, keep_layout
from projects.trails import cell_trail
from projects.views import EDITORS, READERS

MOST_CELLS, LONGEST = 10_000, 4_000
NOTE_LIMIT = 200


def _book(request: HttpRequest, ledger: str) -> Book:
    named = ledger_named(ledger)
    return book_of(request, named, chosen(request, named).month)


@require_GET
@for_roles(*READERS)
def ledger_page(request: HttpRequest, ledger: str) -> HttpResponse:
    """A ledger of a month: as a grid, and as a list of cards where there is no room or no script for one."""
    named = ledger_named(ledger)
    choice = chosen(request, named)
    book = book_of(request, named, choice.month)
    return listing_of(request, book).answer(
        "projects/ledger.html", setup=setup_of(book), ledger=named, choice=choice, book=book
    )


@require_GET
@for_roles(*READERS)
def ledger_rows(request: HttpRequest, ledger: str) -> HttpResponse:
    """All rows of a ledger of a month."""
    return HttpResponse(orjson.dumps({"rows": _book(request, ledger).rows()}), content_type="application/json")


# --- Saving ---


class _TooMany(Exception):
    """More cells than one request may hold."""


def _told(request: HttpRequest) -> dict[str, Any]:
    """The body of a request as an object; 400 when it is none."""
    try:
        told = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise SuspiciousOperation("not JSON") from error
    if not isinstance(told, dict):
        raise SuspiciousOperation("not an object")
    return told


def _demand_same_person(request: HttpRequest, told: dict[str, Any]) -> None:
    """What one person typed is not saved as another's who signed in at the same desk meanwhile."""
    if told.get("person", request.user.pk) != request.user.pk:
        raise PermissionDenied


def _month(told: object) -> Month:
    try:
        month = Month.parse(told if isinstance(told, str) else "")
    except ValueError as error:
        raise SuspiciousOperation("no month") from error
    if not FIRST <= month <= LAST:
        raise SuspiciousOperation("no month of ours")
    return month


def _cells(told: object) -> list[Cell]:
    if not isinstance(told, list):
        raise SuspiciousOperation("no cells")
    if len(told) > MOST_CELLS:
        raise _TooMany
    return [_cell(one) for one in told]


def _cell(told: object) -> Cell:
    one: dict[str, Any] = told if isinstance(told, dict) else {}
    row, field, value = one.get("row"), one.get("field"), one.get("value")
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(row, int) or isinstance(row, bool) or not 0 < row < 2**63:
        raise SuspiciousOperation("not a row")
    if not isinstance(field, str) or not isinstance(value, str | None):
        raise SuspiciousOperation("not a cell")
    # No cell takes as much: the rest need not be read to say so.
    return Cell(row, field, value and value[:LONGEST], one.get("was"))


@require_POST
@for_roles(*EDITORS)
def ledger_save(request: HttpRequest, ledger: str) -> HttpResponse:
    """Save cells; each is answered by itself, and a row that is not the person's refuses them all."""
    told = _told(request)
    _demand_same_person(request, told)
    book = book_of(request, ledger_named(ledger), _month(told.get("month")))
    try:
        saved = save(book, _cells(told.get("cells")))
    except _TooMany:
        return JsonResponse({"error": _("At most %(most)s cells at once.") % {"most": MOST_CELLS}}, status=413)
    except NotACell as error:
        raise SuspiciousOperation("not to be typed into") from error
    return HttpResponse(orjson.dumps(saved.as_json()), content_type="application/json")


@require_POST
@for_roles(*EDITORS)
def ledger_confirm(request: HttpRequest, ledger: str) -> HttpResponse:
    """Figures that contradict each other were found right; by the grid's script, or by a card's form."""
    plain = request.content_type != "application/json"
    told: dict[str, Any] = request.POST.dict() if plain else _told(request)
    book = book_of(request, ledger_named(ledger), _month(told.get("month")))
    project = get_object_or_404(book.scoped(), pk=_pk(told.get("row")))
    demand_edit(book.user, project.grid_id)
    code, note = str(told.get("code") or ""), str(told.get("note") or "").replace("\0", "").strip()
    error = ""
    if not note or len(note) > NOTE_LIMIT:
        error = _("Write in a few words why it is right (at most %(limit)s characters).") % {"limit": NOTE_LIMIT}
    elif not book.open:
        error = _("This month can't be changed here.")
    else:
        try:
            confirm(book, project, code, str(told.get("numbers") or ""), note)
        except NotAsked:
            error = _("The figures have changed meanwhile. Look at them again.")
    if plain:
        return _back_to_card(request, book, project.pk, error)
    answer = {"row": next(iter(book.rows([project.pk])), None), "error": error}
    return HttpResponse(orjson.dumps(answer), content_type="application/json", status=400 if error else 200)


def _back_to_card(request: HttpRequest, book: Book, pk: int, error: str) -> HttpResponse:
    if error:
        messages.error(request, error)
    else:
        messages.success(request, _("Kept with your name."))
    return redirect(card_address(book, pk, came_from(request)))


def _pk(told: object) -> int:
    text = str(told)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)


@require_POST
@for_roles(*READERS)
def ledger_layout(request: HttpRequest, ledger: str) -> HttpResponse:
    """Keep which columns the person wants to see, how wide and how sorted."""
    keep_layout(_book(request, ledger), _told(request))
    return HttpResponse(status=204)


# --- What belongs to a cell ---


@require_GET
@for_roles(*READERS)
def cell_history(request: HttpRequest, ledger: str, pk: int, field: str) -> HttpResponse:
    """Who changed a cell from what to what, when: a part of a page."""
    book = _book(request, ledger)
    project = get_object_or_404(book.scoped(), pk=pk)
    column = book.typed.get(field)
    if column is None:
        raise Http404
    context = {"project": project, "title": full_title(column), "entries": cell_trail(book, project, column)}
    return render(request, "projects/_cell_history.html", context)


@require_POST
@for_roles(*READERS)
def ledger_reveal(request: HttpRequest, ledger: str) -> HttpResponse:
    """Show the property companies' contacts for a quarter of an hour; written down first."""
    if ledger_named(ledger) != Ledger.BASICS:
        raise Http404
    book = _book(request, ledger)
    with transaction.atomic():
        record_access(
            request, AccessRecord.Kind.REVEAL, f"projects:ledger:{ledger}:{book.month}", book.projects().count()
        )
    reveal(request, book)
    row = request.POST.get("row", "")
    return redirect(card_address(book, _pk(row), came_from(request)) if row else address("ledger", book))
