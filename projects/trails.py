"""The history of one cell of a ledger, newest first: people's changes, imports, offers, figures found right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridops.common.templatetags.gridops import mask_name
from gridops.workbooks.trail import trail
from projects.grids import MEASURE, OFFER, GridColumn
from projects.grids_rows import Book
from projects.models import CounterMeasure, Ledger, MonthlyIndicator, Project, RivalOffer

MOST, LOOK_AT = 30, 300
FOUND_RIGHT = _("found right")


@dataclass(frozen=True, slots=True)
class CellStep:
    """One step of a cell. ``day``: the day for which it was written down; ``note``: a remark, or a source."""

    at: datetime
    who: str
    what: str | Promise
    old: str = ""
    new: str = ""
    day: date | None = None
    note: str = ""
    batch: int | None = None


def cell_trail(book: Book, project: Project, column: GridColumn) -> list[CellStep]:
    """The newest steps of a cell."""
    if book.ledger == Ledger.RIVALS:
        return _seen(project, column.field)
    row: Any = project
    if book.ledger == Ledger.INDICATORS:
        row = MonthlyIndicator.objects.filter(project=project, month=book.month.first).first()
    steps = [] if row is None else list(_changed(book, row, column))
    return sorted([*steps, *_confirmed(book, project, column)], key=lambda step: step.at, reverse=True)[:MOST]


def _changed(book: Book, row: Any, column: GridColumn) -> Any:
    hide = column.field == "property_contact" and not book.revealed
    for entry in trail(row, LOOK_AT):
        for change in entry.changes:
            if change.field == column.field:
                old, new = (mask_name(text) if hide and text else text for text in (change.old, change.new))
                yield CellStep(entry.at, entry.who, entry.what, old, new, batch=entry.batch)


def _confirmed(book: Book, project: Project, column: GridColumn) -> list[CellStep]:
    month = book.month.first if book.ledger == Ledger.INDICATORS else None
    asked = {one.code for one in book.asked_at(project.pk, column.field)}
    rows = project.confirmed_figures.filter(month=month, code__in=asked).select_related("by")
    return [CellStep(row.at, row.by.name, FOUND_RIGHT, new=row.numbers, note=row.note) for row in rows]


def _seen(project: Project, field: str) -> list[CellStep]:
    """Offers of an operator, or measures: each said what was known before it."""
    rows: list[Any]
    if field == MEASURE:
        measures = CounterMeasure.objects.filter(project=project).select_related("by")
        rows = list(measures.order_by("-noted_on", "-pk")[: MOST + 1])
    else:
        offers = RivalOffer.objects.filter(project=project, operator=int(field[len(OFFER) :])).select_related("by")
        rows = list(offers.order_by("-seen_on", "-pk")[: MOST + 1])
    steps = []
    for row, before in zip_longest(rows, rows[1:]):
        day, what = (row.noted_on, _("noted")) if field == MEASURE else (row.seen_on, _("seen"))
        source = "" if field == MEASURE else row.get_source_display()
        who = row.by.name if row.by else ""
        old = before.text if before else ""
        steps.append(CellStep(row.recorded_at, who, what, old, row.text, day, source, row.created_batch_id))
    return steps[:MOST]
