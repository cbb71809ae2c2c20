"""The roster of what rivals offer (P3): one column an operator, which are data, and what we suggest against it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Self

from django.db.models import QuerySet
from django.utils import timezone

from gridops.common.months import Month
from gridops.workbooks.columns import Column, Ignored, Text
from gridops.workbooks.headers import names_of
from gridops.workbooks.lookups import LookUp
from gridops.workbooks.models import Batch, Row
from gridops.workbooks.objects import ObjectStore, Stored, Values
from gridops.workbooks.sheet import GRID, Sheet, register, sheet_of
from gridops.workbooks.store import delete_free
from projects.models import CounterMeasure, Operator, Project, RivalOffer
from projects.services_rivals import lock_projects, note_measures, note_offers

OFFER, MEASURE = "offer-", "measure"
NAME = "项目名称"
PROJECT = LookUp(
    field="project_id",
    header="项目编码",
    synonyms=("项目编号",),
    model="projects.Project",
    required=True,
    or_by="name",
    or_header=NAME,
    example="P000001",
)


GRID_SHOWN = Ignored(field="grid", header=GRID.header, synonyms=GRID.synonyms)


def offer_field(operator: int) -> str:
    """The field of an operator's column."""
    return f"{OFFER}{operator}"


def other_headers() -> set[str]:
    """The headers, as they are compared, that are not an operator's: none may be called so."""
    return {name for name, field in names_of(sheet_of("rivals")).items() if not field.startswith(OFFER)}


class RivalStore(ObjectStore):
    """Every project has a row: what each operator was seen to offer last, and what we suggest; a change is added."""

    sheet: RivalSheet

    def load(self, leading: Collection[Any]) -> list[Stored]:
        """The projects, with what was known on the day that the file is of; three queries."""
        offers: dict[tuple[int, int], str] = {}
        measures: dict[int, str] = {}
        for some in _pieces(sorted(leading)):
            newest = RivalOffer.objects.filter(project__in=some).latest(self.sheet.day)
            offers |= {(one, by): text for one, by, text in newest.values_list("project", "operator", "text")}
            noted = CounterMeasure.objects.filter(project__in=some).latest(self.sheet.day)
            measures |= dict(noted.values_list("project", "text"))
        operators = [int(name.removeprefix(OFFER)) for name in self._fields if name.startswith(OFFER)]
        return [
            Stored(
                project,
                0,
                {
                    "project_id": project,
                    **{offer_field(operator): offers.get((project, operator), "") for operator in operators},
                    MEASURE: measures.get(project, ""),
                },
            )
            for some in _pieces(sorted(leading))
            for project in Project.objects.filter(pk__in=some).order_by("pk").values_list("pk", flat=True)
        ]

    @property
    def _fields(self) -> list[str]:
        return [column.field for column in self.sheet.columns]

    def apply(self, batch: Batch) -> None:
        """Verify that the preview still holds, then add what has changed; nobody else writes in between."""
        self.batch = batch
        changed = Row.objects.filter(batch=batch, state=Row.State.CHANGED).values("object_id")
        lock_projects(Project.objects.filter(pk__in=changed))
        super().apply(batch)

    def change(self, rows: Sequence[tuple[Stored, Values]]) -> None:
        """New texts become new offers of the day, and new measures."""
        offers: list[tuple[int, int, str]] = []
        measures: list[tuple[int, str]] = []
        for stored, wanted in rows:
            for name, text in wanted.items():
                if name == "project_id" or stored.values[name] == text:
                    continue
                if name == MEASURE:
                    measures.append((stored.pk, text))
                else:
                    offers.append((stored.pk, int(name.removeprefix(OFFER)), text))
        note_offers(offers, self.batch.uploaded_by, self.sheet.day, self.batch)
        note_measures(measures, self.batch.uploaded_by, self.sheet.day, self.batch)

    def undo(self, batch: Batch) -> int:
        """Take the batch's offers and measures away; those that somebody edited, answered or pictured are kept."""
        left: set[int] = set()
        for model in (RivalOffer, CounterMeasure):
            delete_free(model, self.sheet.kind, "t.created_batch_id = %s AND t.version = 1", [batch.pk])
            left |= set(model._default_manager.filter(created_batch=batch).values_list("project", flat=True))
        kept = Row.objects.filter(batch=batch, state=Row.State.CHANGED, object_id__in=left)
        return kept.update(kept=True)


def _pieces(ids: list[int], size: int = 10_000) -> list[list[int]]:
    """So many as SQLite takes in one question."""
    return [ids[at : at + size] for at in range(0, len(ids), size)]


@register
class RivalSheet(Sheet):
    """项目竞争信息, one row a project."""

    kind = "rivals"
    title = "项目竞争信息"
    model = "projects.Project"
    key = ("project_id",)
    store = RivalStore
    dated = True
    in_history = False  # an offer knows the import that made it
    keeps_same = True
    columns: tuple[Column, ...] = (PROJECT,)
    day: date

    def current(self, month: date | None = None) -> Self:
        """With a column for each operator; offers are seen today, or on the last day of the past month in the title."""
        sheet = type(self)()
        sheet.columns = (PROJECT, Ignored(field="project_name", header=NAME), *self._texts(), GRID_SHOWN)
        today = timezone.localdate()
        sheet.day = min(today, Month.of(month).last) if month else today
        return sheet

    @staticmethod
    def _texts() -> list[Column]:
        operators: QuerySet[Operator, Operator] = Operator.objects.all()
        columns: list[Column] = [
            Text(field=offer_field(one.pk), header=one.name, limit=500, keeps=True, example="50M包年480元,送路由器")
            if one.is_active
            else Ignored(field=offer_field(one.pk), header=one.name)
            for one in operators
        ]
        measure = Text(
            field=MEASURE,
            header="建议应对措施",
            synonyms=("应对措施", "建议措施"),
            limit=500,
            keeps=True,
            example="驻点促销,主推融合套餐",
        )
        return [*columns, measure]

    def column(self, name: str) -> Column:
        """The column of ``name``, also of an operator that is no more."""
        known = [column for column in self.columns if column.field == name]
        return known[0] if known else Ignored(field=name, header=name.removeprefix(OFFER))
