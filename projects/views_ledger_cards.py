"""One project's row of a ledger as a page with a form: for phones, and where no script runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gridops.accounts.guards import for_roles
from projects.forms_ledgers import CardForm, shown
from projects.grids import fed_words, full_title
from projects.grids_rows import Book, Row
from projects.ledger_pages import (
    address,
    book_of,
    came_from,
    card_address,
    chosen,
    ledger_named,
    list_address,
)
from projects.models import Project
from projects.services import demand_edit
from projects.services_cells import save
from projects.views import READERS


@dataclass(frozen=True, slots=True)
class Fact:
    """A value of the row that is not typed into here."""

    title: Any
    text: str
    formula: Any = ""


@require_http_methods(["GET", "POST"])
@for_roles(*READERS)
def card(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """A project's row: what may be typed as a form, the rest as facts; the neighbours are one click away."""
    named = ledger_named(ledger)
    choice = chosen(request, named)
    book = book_of(request, named, choice.month)
    project = get_object_or_404(book.scoped().select_related("grid"), pk=pk)
    row = next(iter(book.rows([pk])), None)
    form = CardForm(book, row) if row and row["e"] else None
    if request.method == "POST":
        demand_edit(book.user, project.grid_id)
        if form is None or row is None:
            messages.error(request, _("This month can't be changed here."))
        else:
            found = _save(request, book, project, CardForm(book, row, request.POST))
            if isinstance(found, HttpResponse):
                return found
            form = found
    return _page(request, book, project, form)


def _save(request: HttpRequest, book: Book, project: Project, form: CardForm) -> HttpResponse | CardForm:
    """Save what was typed: on to the next page, or the form with what was not taken."""
    valid = form.is_valid()
    cells = form.cells() if valid else None
    if cells is None:
        messages.error(request, _("This form could not be read. Nothing was saved: check it and save again."))
        return CardForm(book, form.row) if valid else form
    saved = save(book, cells)
    refused = [*saved.of("fault"), *saved.of("conflict")]
    if refused:
        counts = {"saved": len(saved.of("saved")), "refused": len(refused)}
        messages.error(request, _("Saved: %(saved)s. Not saved: %(refused)s, see the fields marked below.") % counts)
        return form.after(refused, saved.rows[0], request.POST)
    messages.success(request, _("Saved.") if saved.of("saved") else _("Nothing was changed."))
    following = _neighbours(book, project)[1] if "next" in request.POST else None
    return redirect(card_address(book, following.pk if following else project.pk, came_from(request)))


def _page(request: HttpRequest, book: Book, project: Project, form: CardForm | None) -> HttpResponse:
    row = form.row if form else next(iter(book.rows([project.pk])), None)
    before, after = _neighbours(book, project)
    listed = came_from(request)
    context = {
        "book": book,
        "ledger": book.ledger,
        "choice": chosen(request, book.ledger),
        "project": project,
        "form": form,
        "kept": row is not None,
        "facts": _facts(book, row, form) if row else [],
        "questions": _questions(book, row) if row else [],
        "may_confirm": bool(row and row["e"]),
        "confirm_url": address("ledger-confirm", book, month=False),
        "reveal_url": address("ledger-reveal", book) if row and _hidden(book, row) else "",
        "previous": card_address(book, before.pk, listed) if before else "",
        "next": card_address(book, after.pk, listed) if after else "",
        "back": list_address(book, project.pk, listed),
        "listed": listed,
    }
    return render(request, "projects/ledger_card.html", context, status=409 if form and form.errors else 200)


def _neighbours(book: Book, project: Project) -> tuple[Project | None, Project | None]:
    """The project before and the one after in the order of the ledger."""
    rows = book.projects().only("pk", "code")
    before = rows.filter(code__lt=project.code).order_by("-code").first()
    return before, rows.filter(code__gt=project.code).order_by("code").first()


def _facts(book: Book, row: Row, form: CardForm | None) -> list[Fact]:
    told = set(form.told) if form else set()
    return [
        Fact(
            full_title(column),
            shown(column, row.get(column.field)),
            fed_words(column.field) if column.field in row.get("_fed", ()) else column.formula,
        )
        for column in book.columns
        if column.field not in told and not column.frozen
    ]


def _questions(book: Book, row: Row) -> list[dict[str, Any]]:
    titles = {column.field: full_title(column) for column in book.columns}
    return [
        question | {"title": titles.get(field, field)}
        for field, asked in row.get("_q", {}).items()
        for question in asked
    ]


def _hidden(book: Book, row: Row) -> bool:
    """Whether a contact is there, but masked."""
    return not book.revealed and any(row.get(column.field) for column in book.columns if column.masked)
