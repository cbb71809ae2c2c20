"""The three ledgers as grids: their rows for a person and a month, in a constant number of queries (P1, P2, P3)."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Exists, IntegerField, OuterRef, Q, Subquery
from django.utils import timezone

from gridops.accounts.models import User
from gridops.common.months import Month
from gridops.common.templatetags.gridops import mask_name, mask_phone
from projects import rules
from projects.grids import FED_MARKS, MEASURE, OFFER, GridColumn, columns_of, question, typed_fields, wired
from projects.models import (
    ConfirmedFigure,
    CounterMeasure,
    Ledger,
    MonthlyIndicator,
    Project,
    ProjectSnapshot,
    RivalOffer,
)
from projects.querysets import ProjectQuerySet
from projects.rules import Contradiction, Figures
from projects.services import editable_grids

Row = dict[str, Any]
MASKS = {"property_contact": mask_name, "property_phone": mask_phone}
BASIC_FIELDS = (
    "address",
    "built_on",
    "nature",
    "households",
    "access",
    "ports",
    "property_company",
    "property_contact",
    "property_phone",
    "property_rebate",
    "occupancy",
    "rivals",
    "market_share",
)
FIGURE_FIELDS = (
    "billing_users",
    "billing_revenue",
    "net_adds",
    "renewals_due",
    "renewals_done",
    "ports",
    "ports_used",
    "commission",
)
TARGET_FIELDS = ("target_net_adds", "target_renewals", "target_port_utilisation")


@dataclass
class Book:
    """A ledger of a month as one person sees it.

    ``grid`` narrows it, ``revealed``: contacts are shown in clear, ``found``: the contradictions in the rows last read.
    """

    ledger: Ledger
    user: User
    month: Month
    today: Month
    grid: int | None = None
    revealed: bool = False
    found: dict[int, list[Contradiction]] = dataclasses.field(default_factory=dict)

    @cached_property
    def editable(self) -> frozenset[int]:
        """The grids whose rows the person may change."""
        return editable_grids(self.user)

    @cached_property
    def columns(self) -> tuple[GridColumn, ...]:
        """Its columns."""
        scope = self.user.scope
        return columns_of(self.ledger, scope.everything or len(scope.grid_ids) > 1)

    @cached_property
    def typed(self) -> dict[str, GridColumn]:
        """The columns that are typed into, by field."""
        return typed_fields(self.columns)

    @property
    def open(self) -> bool:
        """Whether the month may still be filled: basics and rivals today's, figures of any month up to the next."""
        if self.ledger == Ledger.INDICATORS:
            return self.month <= self.today.plus(1)
        return self.month == self.today

    @property
    def readonly(self) -> bool:
        """Whether the person changes nothing here."""
        return not self.open or not self.editable

    def may_edit(self, grid: int) -> bool:
        """Whether the person may change rows of ``grid`` here."""
        return self.open and grid in self.editable

    def takes(self, column: GridColumn) -> bool:
        """Whether cells of ``column`` may be typed into here."""
        return column.reader is not None and not self.readonly and (not column.masked or self.revealed)

    @property
    def from_snapshots(self) -> bool:
        """Whether the rows are those that were kept when the month ended."""
        return self.ledger == Ledger.BASICS and self.month < self.today

    @property
    def until(self) -> date:
        """The day up to which rivals' offers count: the month's last, or today."""
        return min(self.month.last, timezone.localdate())

    def scoped(self) -> ProjectQuerySet:
        """The projects that it may hold: the person's, in the grid that it is narrowed to."""
        rows = Project.objects.for_user(self.user)
        return rows if self.grid is None else rows.filter(grid=self.grid)

    def projects(self) -> ProjectQuerySet:
        """The projects that have a row in it."""
        rows = self.scoped()
        if self.from_snapshots:
            kept = ProjectSnapshot.objects.filter(project=OuterRef("pk"), month=self.month.first, is_active=True)
            return rows.filter(Exists(kept))
        if self.ledger == Ledger.INDICATORS:
            figures = MonthlyIndicator.objects.filter(project=OuterRef("pk"), month=self.month.first)
            return rows.filter(Q(is_active=True) | Exists(figures))
        return rows.filter(is_active=True)

    def rows(self, only: Collection[int] | None = None) -> list[Row]:
        """Its rows in the order of codes; those of projects ``only`` when given, whether in service or not."""
        projects = self.projects() if only is None else self.scoped().filter(pk__in=only)
        return READERS[self.ledger](self, projects)

    def asked_at(self, project: int, field: str) -> list[Contradiction]:
        """What contradicts itself at a cell, found right or not."""
        return [one for one in contradictions_of(self, project) if one.field == field]

    def masked(self, row: Row) -> Row:
        """Contacts hidden, unless the person just asked to see them."""
        if not self.revealed:
            for field, mask in MASKS.items():
                if row.get(field):
                    row[field] = mask(row[field])
        return row


def _head(book: Book, row: Row) -> Row:
    made = {"id": row["pk"], "e": book.may_edit(row["grid_id"]), "code": row["code"], "name": row["name"]}
    if "grid__name" in row:
        made["grid"] = row["grid__name"]
    return made


def head_fields(book: Book) -> list[str]:
    """What of a project every row needs."""
    names = ["pk", "code", "name", "grid_id"]
    return [*names, "grid__name"] if any(column.field == "grid" for column in book.columns) else names


def contradictions_of(book: Book, project: int) -> list[Contradiction]:
    """What the figures of one project say against each other, found right or not."""
    book.rows([project])
    return book.found.get(project, [])


def _with_questions(book: Book, rows: list[Row], found: dict[int, list[Contradiction]]) -> list[Row]:
    """Rows with what is asked at their cells: contradictions that nobody has found right as they are."""
    book.found = found
    month = book.month if book.ledger == Ledger.INDICATORS else None
    if not found:
        return rows
    confirmed = confirmed_figures(found, month)
    for row in rows:
        asked = defaultdict(list)
        for one in found.get(row["id"], ()):
            if (row["id"], one.code, one.numbers) not in confirmed:
                asked[one.field].append(question(one))
        if asked:
            row["_q"] = dict(asked)
    return rows


def confirmed_figures(projects: Iterable[int], month: Month | None) -> set[tuple[int, str, str]]:
    """(project, contradiction, its numbers) that were found right; one query."""
    rows = ConfirmedFigure.objects.filter(project__in=list(projects), month=month.first if month else None)
    return set(rows.values_list("project", "code", "numbers"))


# --- Basics ---


def _newest(field: str, known: str, project: str, until: Month) -> Subquery:
    rows = MonthlyIndicator.objects.filter(
        project=OuterRef(project), month__lte=until.first, **{f"{known}__isnull": False}
    ).order_by("-month")
    return Subquery(rows.values(field)[:1], output_field=IntegerField())


def _basics(book: Book, projects: ProjectQuerySet) -> list[Row]:
    return basic_rows(book, _kept_basics(book, projects) if book.from_snapshots else _basics_of_today(book, projects))


def basic_rows(book: Book, read: Iterable[Row]) -> list[Row]:
    """Rows of the basic ledger, of projects' fields and their newest figures."""
    found: dict[int, list[Contradiction]] = {}
    return _with_questions(book, [_basic_row(book, row, found) for row in read], found)


def newest_figures(book: Book, projects: Collection[int]) -> dict[int, Row]:
    """The newest figures of a few projects, as ``_figures_by`` finds those of many; one query that is soon made."""
    rows = MonthlyIndicator.objects.filter(project__in=projects, month__lte=book.month.first).order_by("month")
    found: dict[int, Row] = {pk: dict.fromkeys(("figure_users", "figure_used", "figure_ports")) for pk in projects}
    for project, users, used, ports in rows.values_list("project", "billing_users", "ports_used", "ports"):
        if users is not None:
            found[project]["figure_users"] = users
        if used is not None:
            found[project] |= {"figure_used": used, "figure_ports": ports}
    return found


def _figures_by(project: str, until: Month) -> dict[str, Subquery]:
    return {
        "figure_users": _newest("billing_users", "billing_users", project, until),
        "figure_used": _newest("ports_used", "ports_used", project, until),
        "figure_ports": _newest("ports", "ports_used", project, until),
    }


def _basics_of_today(book: Book, projects: ProjectQuerySet) -> Iterable[Row]:
    figures = _figures_by("pk", book.month)
    rows: Any = projects.order_by("code").annotate(**figures)
    return list(rows.values(*head_fields(book), *BASIC_FIELDS, *figures))


def _kept_basics(book: Book, projects: ProjectQuerySet) -> Iterable[Row]:
    kept = ProjectSnapshot.objects.of_month(book.month.first).filter(project__in=projects.values("pk"))
    figures = _figures_by("project", book.month)
    heads = {name: f"project__{name}" for name in head_fields(book) if name != "name"}
    rows = kept.order_by("project__code").annotate(**figures)
    for row in rows.values("name", *heads.values(), *BASIC_FIELDS, *figures):
        yield row | {name: row[path] for name, path in heads.items()}


def _basic_row(book: Book, row: Row, found: dict[int, list[Contradiction]]) -> Row:
    users, used, ports = row["figure_users"], row["figure_used"], row["figure_ports"]
    made = book.masked(_head(book, row) | {field: wired(row[field]) for field in BASIC_FIELDS})
    made |= {
        "port_utilisation": rules.share(used, ports),
        "penetration": rules.penetration(users, row["households"], row["occupancy"]),
        "free_ports": rules.difference(ports, used),
        "_used": used,
        "_ports": ports,
        "_users": users,
        "_homes": rules.occupied_households(row["households"], row["occupancy"]),
    }
    if not book.from_snapshots:
        figures = Figures(
            billing_users=users,
            ports_used=used,
            ports=row["ports"],
            households=row["households"],
            occupancy=row["occupancy"],
        )
        if asked := rules.basic_contradictions(figures):
            found[row["pk"]] = asked
    return made


# --- Indicators ---

_NO_FIGURES: Row = dict.fromkeys((*FIGURE_FIELDS, *TARGET_FIELDS, *FED_MARKS.values()))


def _indicators(book: Book, projects: ProjectQuerySet) -> list[Row]:
    months = [book.month.plus(back).first for back in (0, -1, -2)]
    kept = MonthlyIndicator.objects.filter(project__in=projects.values("pk"), month__in=months)
    figures = {
        (row["project"], row["month"]): row
        for row in kept.values("project", "month", *_NO_FIGURES).iterator(chunk_size=5_000)
    }
    read: Any = projects.order_by("code").values(*head_fields(book), "households", "occupancy")
    return indicator_rows(book, read, figures)


def indicator_rows(book: Book, projects: Iterable[Row], figures: Mapping[tuple[int, date], Row]) -> list[Row]:
    """Rows of the month's figures, of projects and (project, month) -> figures of three months."""
    months = [book.month.plus(back).first for back in (0, -1, -2)]
    found: dict[int, list[Contradiction]] = {}
    rows = []
    for project in projects:
        this, last, oldest = (figures.get((project["pk"], month), _NO_FIGURES) for month in months)
        rows.append(_indicator_row(book, project, this, last, oldest) | _fed(this))
        if asked := rules.contradictions(_figures_of(project, this, last)):
            found[project["pk"]] = asked
    return _with_questions(book, rows, found)


def _fed(figures: Row) -> Row:
    """Which cells a roster writes, if any."""
    fed = [field for field, mark in FED_MARKS.items() if figures[mark]]
    return {"_fed": fed} if fed else {}


def _figures_of(project: Row, this: Row, last: Row) -> Figures:
    names = ("billing_users", "net_adds", "renewals_due", "renewals_done", "ports", "ports_used")
    return Figures(
        users_before=last["billing_users"],
        households=project["households"],
        occupancy=project["occupancy"],
        **{name: this[name] for name in names},
    )


def _indicator_row(book: Book, project: Row, this: Row, last: Row, oldest: Row) -> Row:
    users, homes = this["billing_users"], rules.occupied_households(project["households"], project["occupancy"])
    return {
        **_head(book, project),
        **{name: wired(this[name]) for name in (*FIGURE_FIELDS, *TARGET_FIELDS)},
        "last_billing_users": last["billing_users"],
        "last_billing_revenue": wired(last["billing_revenue"]),
        "last_net_adds": rules.net_adds(last["net_adds"], last["billing_users"], oldest["billing_users"]),
        "net_adds_computed": rules.difference(users, last["billing_users"]),
        "last_renewal_rate": rules.share(last["renewals_done"], last["renewals_due"]),
        "renewal_rate": rules.share(this["renewals_done"], this["renewals_due"]),
        "last_port_utilisation": rules.share(last["ports_used"], last["ports"]),
        "port_utilisation": rules.share(this["ports_used"], this["ports"]),
        "last_commission": wired(last["commission"]),
        "penetration": rules.share(users, homes),
        "average_revenue": rules.average_revenue(this["billing_revenue"], users),
        "_homes": homes,
        "_last_done": last["renewals_done"],
        "_last_due": last["renewals_due"],
        "_last_used": last["ports_used"],
        "_last_ports": last["ports"],
    }


# --- Rivals ---


def _rivals(book: Book, projects: ProjectQuerySet) -> list[Row]:
    texts: dict[int, Row] = defaultdict(dict)
    offers = RivalOffer.objects.latest(book.until, projects)
    for project, operator, text in offers.values_list("project", "operator", "text"):
        texts[project][f"{OFFER}{operator}"] = wired(text)
    measures = CounterMeasure.objects.latest(book.until, projects)
    for project, text in measures.values_list("project", "text"):
        texts[project][MEASURE] = wired(text)
    read: Any = projects.order_by("code").values(*head_fields(book))
    return rival_rows(book, read, texts)


def rival_rows(book: Book, projects: Iterable[Row], texts: Mapping[int, Row]) -> list[Row]:
    """Rows of the ledger of rivals, of projects and project -> field -> text; operators not in use are left out."""
    empty = dict.fromkeys(book.typed)
    return [
        _head(book, row) | empty | {name: text for name, text in texts.get(row["pk"], {}).items() if name in empty}
        for row in projects
    ]


READERS = {Ledger.BASICS: _basics, Ledger.INDICATORS: _indicators, Ledger.RIVALS: _rivals}
