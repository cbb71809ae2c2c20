"""A roster kind: its columns, key and table. Apps register theirs in ``sheets.py``; nothing here knows any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.apps import apps
from django.db import models

from gridops.accounts.models import Role, User
from gridops.workbooks.columns import Column, Ignored, MonthColumn
from gridops.workbooks.lookups import LookUp

if TYPE_CHECKING:
    from gridops.workbooks.models import Batch
    from gridops.workbooks.store import Store

#: the grid that a row belongs to, by name
GRID = LookUp(
    field="grid_id",
    header="网格",
    synonyms=("所属网格", "网格名称"),
    model="accounts.Grid",
    by="name",
    required=True,
    example="锦江01网格",
)
EXAMPLE = "示例"  # how the key of a template's example row begins


@dataclass(frozen=True, slots=True)
class Cross:
    """A check across columns of one row: ``bad`` gets their values and returns the fault's parameters, or None."""

    fields: tuple[str, ...]
    at: str
    code: str
    bad: Callable[..., dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Consequence:
    """What an import means beyond its own rows, in words, and where to look at it."""

    text: str
    url: str = ""


class Sheet:
    """Base of every roster kind. ``title`` is the roster's own name: data, not a word of the screen."""

    kind: ClassVar[str]
    title: ClassVar[str]
    model: ClassVar[str]
    key: ClassVar[tuple[str, ...]]
    columns: tuple[Column, ...]
    cross: ClassVar[tuple[Cross, ...]] = ()
    roles: ClassVar[tuple[str, ...]] = (Role.ADMIN,)
    store: ClassVar[type[Store]]
    #: headers that only rosters of another kind have, however alike the rest
    strangers: ClassVar[tuple[str, ...]] = ()
    #: fields that all rows with the same first part of the key have in common
    shared: ClassVar[tuple[str, ...]] = ()
    #: values a new row gets where the file has no column for them
    defaults: ClassVar[dict[str, Any]] = {}
    #: rows are of a month though no column holds it: that of the title, else today's
    dated: ClassVar[bool] = False
    #: whether its imports are steps in the history of the table's rows
    in_history: ClassVar[bool] = True
    #: rows that the file says are as they are stored are remembered, too: somebody looked at them
    keeps_same: ClassVar[bool] = False
    #: fields to be filled in a list that was handed out; a row in which all of them are empty is passed over
    filled: ClassVar[tuple[str, ...]] = ()

    def current(self, month: date | None = None) -> Self:  # noqa: ARG002
        """The sheet for a file of ``month``, if it names one, with the columns that it has now, where they are data."""
        return self

    @property
    def table(self) -> type[models.Model]:
        """The model whose rows the roster holds."""
        return apps.get_model(self.model)

    def column(self, name: str) -> Column:
        """The column that fills field ``name``."""
        return next(column for column in self.columns if column.field == name)

    def lead(self, columns: Mapping[int, str]) -> int:
        """The column, among those of a file (index -> field), of the first part of the key that has one."""
        indexes = {field: index for index, field in columns.items()}
        return next(indexes[name] for name in self.key if name in indexes)

    @property
    def month_field(self) -> str:
        """The field that holds the month of a row; empty: there is none."""
        return next((column.field for column in self.columns if isinstance(column, MonthColumn)), "")

    @property
    def needed(self) -> list[str]:
        """Fields without which no new row can be made."""
        return [column.field for column in self.columns if column.required]

    def check_rows(
        self,
        rows: Sequence[tuple[Any, ...]],  # noqa: ARG002
        fields: list[str],  # noqa: ARG002
        user: User,  # noqa: ARG002
    ) -> dict[int, tuple[str, str, dict[str, Any]]]:
        """Faults that show only across rows, or in what ``user`` may not see: position -> (field, code, parameters).

        In one pass for all rows; what has to be asked is asked for all of them at once.
        """
        return {}

    def consequences(self, batch: Batch) -> list[Consequence]:  # noqa: ARG002
        """What applying the batch would mean, or has meant, beyond its own rows: shown with preview and result."""
        return []

    def undoing(self, batch: Batch) -> list[str]:  # noqa: ARG002
        """What undoing the batch would mean beyond its own rows: said before it is asked for."""
        return []

    def key_of(self, instance: models.Model) -> str:
        """The natural key of ``instance``, as rows keep it."""
        parts = []
        for name in self.key:
            column = self.column(name)
            value = column.text_of(instance) if isinstance(column, LookUp) else getattr(instance, name)
            parts.append(value.isoformat() if isinstance(value, date) else str(value))
        return key_text(parts)


def key_text(parts: Sequence[object]) -> str:
    """How a natural key of one or more parts is written."""
    return " / ".join(map(str, parts))[:200]


SHEETS: dict[str, Sheet] = {}
Hook = Callable[[], object]
_after: dict[str, list[Hook]] = {}
_after_batch: dict[str, list[Callable[[Batch], object]]] = {}
_after_undone: dict[str, list[Callable[[Batch], object]]] = {}
_derived: dict[str, set[str]] = {}


def sheet_of(kind: str, month: date | None = None) -> Sheet:
    """The roster kind for a file of ``month``, with the columns that it has now."""
    return SHEETS[kind].current(month)


def sheets_for(user: User) -> dict[str, Sheet]:
    """Kind -> sheet of the rosters that ``user`` may import."""
    return {kind: sheet for kind, sheet in SHEETS.items() if user.scope.has(*sheet.roles)}


def register(sheet: type[Sheet]) -> type[Sheet]:
    """Make a roster kind known (a class decorator)."""
    SHEETS[sheet.kind] = sheet()
    return sheet


def after_applied(kind: str, hook: Hook) -> None:
    """Call ``hook`` in the transaction that applied, or undid, an import of ``kind``."""
    _after.setdefault(kind, []).append(hook)


def after_batch(kind: str, hook: Callable[[Batch], object]) -> None:
    """Call ``hook`` with the batch in the transaction that applied it."""
    _after_batch.setdefault(kind, []).append(hook)


def after_undone(kind: str, hook: Callable[[Batch], object]) -> None:
    """Call ``hook`` with the batch in the transaction that undid it; rows that were kept are marked by then."""
    _after_undone.setdefault(kind, []).append(hook)


def derived(kind: str, model: str, field: str) -> None:
    """Rows of ``model`` only follow from those of ``kind``: undoing deletes them along, and is not held up by them."""
    _derived.setdefault(kind, set()).add(f"{model}.{field}".lower())


def run_hooks(kind: str) -> None:
    """Call the hooks of ``kind``."""
    for hook in _after.get(kind, []):
        hook()


def run_batch_hooks(batch: Batch) -> None:
    """Call the hooks that follow from an applied batch."""
    for hook in _after_batch.get(batch.kind, []):
        hook(batch)


def run_undo_hooks(batch: Batch) -> None:
    """Call the hooks that follow from an undone batch."""
    for hook in _after_undone.get(batch.kind, []):
        hook(batch)


def derived_of(kind: str) -> set[str]:
    """``app.model.field`` of the rows that only follow from those of ``kind``."""
    return _derived.get(kind, set())


def imported(sheet: Sheet) -> list[Column]:
    """The columns that are imported."""
    return [column for column in sheet.columns if not isinstance(column, Ignored)]
