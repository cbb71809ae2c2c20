"""Where the cells of each ledger are stored: locked, read and written in sets, with their history (P1, P2, P3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Protocol

import orjson
from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone

from gridops.common.journal import Step, write_steps
from gridops.workbooks.dialect import is_postgresql, quoted, update_many
from gridops.workbooks.models import Row as ImportedRowOfBatch
from projects.grids import FED_MARKS, MEASURE, OFFER, fed_words, plain, wired
from projects.grids_rows import (
    BASIC_FIELDS,
    FIGURE_FIELDS,
    TARGET_FIELDS,
    Book,
    Row,
    basic_rows,
    head_fields,
    indicator_rows,
    newest_figures,
    rival_rows,
)
from projects.models import CounterMeasure, Ledger, MonthlyIndicator, Project, RivalOffer
from projects.services_rivals import Known, Newest, newest_measures, newest_offers, note_measures, note_offers

Changes = Mapping[int, Mapping[str, Any]]  # project -> field -> its new value
Key = tuple[int, str]
Authors = dict[Key, tuple[str, datetime]]
LOOK_BACK = timedelta(days=60)


class Store(Protocol):
    """What saving cells needs of a ledger."""

    book: Book

    def __init__(self, book: Book) -> None: ...

    def lock(self, rows: Collection[int]) -> dict[int, int]:
        """Lock projects in the person's scope, in the order of their ids; project -> grid."""

    def load(self, to_write: Collection[int]) -> None:
        """Read what is stored; ``to_write``: those whose row has to be there."""

    def stored(self, row: int, field: str) -> Any:
        """The value stored in a cell."""

    def refuses(self, row: int, field: str) -> str:
        """Why a cell is not typed into, in words, whoever types; empty where it is."""

    def write(self, changes: Changes) -> None:
        """Store new values, each step into the history."""

    def fresh(self, changes: Changes) -> list[Row]:
        """The rows as the grid shows them, with what was changed."""

    def who(self, keys: Collection[Key]) -> Authors:
        """Who last changed cells, and when, where that is known."""


class _Locking:
    """The part that all share."""

    names: tuple[str, ...] = ()

    def __init__(self, book: Book) -> None:
        self.book = book
        self.projects: dict[int, Row] = {}

    def refuses(self, row: int, field: str) -> str:  # noqa: ARG002
        """No cell is another's matter."""
        return ""

    def lock(self, rows: Collection[int]) -> dict[int, int]:
        """Lock projects in the person's scope."""
        scoped = self.book.scoped().filter(pk__in=rows).order_by("pk")
        locked = scoped.select_for_update(of=("self",), no_key=True).values(*head_fields(self.book), *self.names)
        self.projects = {row["pk"]: row for row in locked}
        return {pk: row["grid_id"] for pk, row in self.projects.items()}


class BasicsStore(_Locking):
    """Fields of the projects themselves (P1)."""

    names = BASIC_FIELDS

    def load(self, to_write: Collection[int]) -> None:
        """All was read with the lock."""

    def stored(self, row: int, field: str) -> Any:
        """The value stored in a cell."""
        return self.projects[row][field]

    def write(self, changes: Changes) -> None:
        """Update, with versions and history."""
        rows = {pk: (self.projects[pk], changed) for pk, changed in changes.items()}
        _update(Project, rows)
        steps = [_step(pk, old["name"], old, new) for pk, (old, new) in rows.items()]
        write_steps(Project, steps, self.book.user.pk)

    def fresh(self, changes: Changes) -> list[Row]:
        """The rows as the grid shows them."""
        figures = newest_figures(self.book, self.projects)
        rows = (row | _typed(Project, changes.get(pk, {})) | figures[pk] for pk, row in self.projects.items())
        return basic_rows(self.book, rows)

    def who(self, keys: Collection[Key]) -> Authors:
        """From the history."""
        return _authors(Project, "projects", {pk: pk for pk, _field in keys}, keys)


class IndicatorStore(_Locking):
    """A month's figures (P2); the first cell makes the row."""

    names = ("households", "occupancy")

    def __init__(self, book: Book) -> None:
        super().__init__(book)
        self.kept: dict[tuple[int, date], Row] = {}
        self.figures: dict[int, Row] = {}
        self.made: set[int] = set()

    def load(self, to_write: Collection[int]) -> None:
        """The rows of the month and of the two before it, locked; those that are wanted and missing are made first."""
        self._read()
        if missing := sorted(set(to_write) - self.figures.keys()):
            self.made = _make_rows(missing, self.book)
            self._read()

    def _read(self) -> None:
        months = [self.book.month.plus(back).first for back in (0, -1, -2)]
        rows = MonthlyIndicator.objects.filter(project__in=self.projects, month__in=months).order_by(
            "project_id", "month"
        )
        locked = rows.select_for_update(of=("self",)).values(
            "pk", "project_id", "month", *FIGURE_FIELDS, *TARGET_FIELDS, *FED_MARKS.values()
        )
        self.kept = {(row["project_id"], row["month"]): dict(row) for row in locked}
        self.figures = {pk: row for (pk, month), row in self.kept.items() if month == months[0]}

    def stored(self, row: int, field: str) -> Any:
        """The value stored in a cell."""
        return self.figures[row][field] if row in self.figures else None

    def refuses(self, row: int, field: str) -> str:
        """What a roster writes is its matter."""
        return fed_words(field) if field in FED_MARKS and self.figures.get(row, {}).get(FED_MARKS[field]) else ""

    def write(self, changes: Changes) -> None:
        """Update, with versions and history."""
        rows = {self.figures[project]["pk"]: (self.figures[project], new) for project, new in changes.items()}
        _update(MonthlyIndicator, rows)
        write_steps(MonthlyIndicator, [self._step(pk, *row) for pk, row in rows.items()], self.book.user.pk)

    def fresh(self, changes: Changes) -> list[Row]:
        """The rows as the grid shows them."""
        month = self.book.month.first
        figures = dict(self.kept)
        for pk, row in self.figures.items():
            figures[pk, month] = row | _typed(MonthlyIndicator, changes.get(pk, {}))
        return indicator_rows(self.book, self.projects.values(), figures)

    def _step(self, pk: int, old: Row, new: Mapping[str, Any]) -> Step:
        project, month = old["project_id"], self.book.month
        step = _step(pk, f"{self.projects[project]['name']} {month}", old, new)
        if pk not in self.made:
            return step
        made: dict[str, tuple[object, object]] = {"project": (None, project), "month": (None, month.first)}
        return Step(pk, step.called, made | dict(step.changes), made=True)

    def who(self, keys: Collection[Key]) -> Authors:
        """From the history."""
        rows = {pk: self.figures[pk]["pk"] for pk, _field in keys if pk in self.figures}
        return _authors(MonthlyIndicator, "indicators", rows, keys)


class RivalStore(_Locking):
    """The newest offer of each operator, and our newest measure (P3): a change is a new one of today."""

    def __init__(self, book: Book) -> None:
        super().__init__(book)
        self.today = timezone.localdate()
        self.offers: Newest = {}
        self.measures: Newest = {}

    def load(self, to_write: Collection[int]) -> None:  # noqa: ARG002 - a new text is a new row
        """What is newest today."""
        self.offers = newest_offers(list(self.projects), self.book.user, self.today)
        self.measures = newest_measures(list(self.projects), self.book.user, self.today)

    def _newest(self, row: int, field: str) -> Known | None:
        if field == MEASURE:
            return self.measures.get((row,))
        return self.offers.get((row, int(field[len(OFFER) :])))

    def stored(self, row: int, field: str) -> Any:
        """The value stored in a cell."""
        newest = self._newest(row, field)
        return newest.text if newest else ""

    def write(self, changes: Changes) -> None:
        """Note offers and measures as of today."""
        by, today = self.book.user, self.today
        cells = [(project, field, text) for project, new in changes.items() for field, text in new.items()]
        offers = [(project, int(field[len(OFFER) :]), text) for project, field, text in cells if field != MEASURE]
        measures = [(project, text) for project, field, text in cells if field == MEASURE]
        if offers:
            note_offers(offers, by, today, newest=self.offers)
        if measures:
            note_measures(measures, by, today, newest=self.measures)

    def fresh(self, changes: Changes) -> list[Row]:
        """The rows as the grid shows them."""
        texts: dict[int, Row] = {pk: {} for pk in self.projects}
        for (project, operator), offer in self.offers.items():
            texts[project][f"{OFFER}{operator}"] = wired(offer.text)
        for (project,), measure in self.measures.items():
            texts[project][MEASURE] = wired(measure.text)
        for project, new in changes.items():
            texts[project] |= {field: wired(text) for field, text in new.items()}
        return rival_rows(self.book, self.projects.values(), texts)

    def who(self, keys: Collection[Key]) -> Authors:
        """Who noted the newest one."""
        found: Authors = {}
        for model in (RivalOffer, CounterMeasure):
            wanted = {
                newest.pk: key
                for key in keys
                if (key[1] == MEASURE) == (model is CounterMeasure) and (newest := self._newest(*key))
            }
            rows: Any = model._default_manager.filter(pk__in=wanted)
            for pk, who, at in rows.values_list("pk", "by__name", "recorded_at") if wanted else ():
                found[wanted[pk]] = (who or "", at)
        return found


STORES: dict[str, type[Store]] = {
    Ledger.BASICS: BasicsStore,
    Ledger.INDICATORS: IndicatorStore,
    Ledger.RIVALS: RivalStore,
}


def _step(pk: int, called: str, old: Row, new: Mapping[str, Any]) -> Step:
    return Step(pk, called, {name: (plain(old[name]), value) for name, value in new.items()})


def _typed(model: type[models.Model], new: Mapping[str, Any]) -> Row:
    """New values as the database will give them back."""
    fields: Any = model._meta
    return {name: fields.get_field(name).to_python(value) for name, value in new.items()}


def _update(model: type[models.Model], rows: Mapping[int, tuple[Row, Mapping[str, Any]]]) -> None:
    """Store new values of rows that are locked: id -> (what is stored, field -> new value); one statement."""
    names = sorted({name for _old, new in rows.values() for name in new})
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    written = [
        [pk, now, *(new[name] if name in new else plain(old[name]) for name in names)]
        for pk, (old, new) in rows.items()
    ]
    update_many(model, "id", ["updated_at", *names], written, increment=["version"])


def _make_rows(projects: list[int], book: Book) -> set[int]:
    """Make the month's rows of ``projects`` that are not there; the ids of those that were made."""
    source = "unnest(%s::bigint[]) AS v(value)" if is_postgresql() else "json_each(%s) AS v"
    statement = f"""
        INSERT INTO {quoted(MonthlyIndicator._meta.db_table)} (project_id, month, version, updated_at)
        SELECT v.value, %s, 1, %s FROM {source} WHERE true
        ON CONFLICT (project_id, month) DO NOTHING RETURNING id
    """  # noqa: S608 - the table's name; values are bound
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    listed = projects if is_postgresql() else orjson.dumps(projects).decode()
    with connection.cursor() as cursor:
        cursor.execute(statement, [book.month.first, now, listed])
        return {pk for (pk,) in cursor.fetchall()}


def _authors(model: type[models.Model], kind: str, rows: Mapping[int, int], keys: Collection[Key]) -> Authors:
    """Who last changed cells, from the history of people and of imports; ``rows`` is project -> row; two queries."""
    since = timezone.now() - LOOK_BACK
    found: Authors = {}
    wanted = {(rows[project], field): (project, field) for project, field in keys if project in rows}
    for pk, field, who, at in (*_by_hand(model, rows.values(), since), *_by_import(kind, rows.values(), since)):
        key = wanted.get((pk, field))
        if key is not None and (key not in found or found[key][1] < at):
            found[key] = (who, at)
    return found


def _by_hand(
    model: type[models.Model], rows: Iterable[int], since: datetime
) -> Iterable[tuple[int, str, str, datetime]]:
    kind = ContentType.objects.get_for_model(model)
    steps = LogEntry.objects.filter(content_type=kind, object_id__in=list(rows), timestamp__gte=since)
    for pk, changes, who, at in steps.values_list("object_id", "changes", "actor__name", "timestamp"):
        for field in changes or ():
            yield pk, field, who or "", at


def _by_import(kind: str, rows: Iterable[int], since: datetime) -> Iterable[tuple[int, str, str, datetime]]:
    of_kind = Q(batch__kind=kind, batch__applied_at__gte=since, state=ImportedRowOfBatch.State.CHANGED)
    changed = ImportedRowOfBatch.objects.filter(of_kind, object_id__in=list(rows))
    names = ("object_id", "values", "before", "batch__fields", "batch__uploaded_by__name", "batch__applied_at")
    for pk, after, before, fields, who, at in changed.values_list(*names):
        for field, new, old in zip(fields, after or (), before or (), strict=False):
            if new != old:
                yield pk, field, who, at
