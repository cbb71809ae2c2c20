"""Columns that refer to rows of other tables."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from gridops.workbooks import cleaning
from gridops.workbooks.cleaning import CellFault, number_text, tidy
from gridops.workbooks.columns import Column


@dataclass(slots=True, kw_only=True)
class LookUp(Column):
    """A row of another table by its natural key; ids from a file are never taken.

    Rows out of the importer's scope are as unknown as those that do not exist. Without a column for the key, ``or_by``
    in the column ``or_header`` will do where it is one row's alone in the importer's scope.
    """

    model: str
    by: str = "code"
    or_by: str = ""
    or_header: str = ""
    ids: dict[str, int | None] = dataclasses.field(default_factory=dict, repr=False)
    others: dict[str, int | None] = dataclasses.field(default_factory=dict, repr=False)

    def load(self) -> None:
        """All keys that the importer may see, in one query."""
        manager: Any = apps.get_model(self.model)._default_manager.all()
        self._learn(manager if self._sees_everything else manager.for_user(self.context.user))  # type: ignore[union-attr]

    @property
    def _sees_everything(self) -> bool:
        return self.context is None or self.context.user.scope.everything

    def _learn(self, rows: Any) -> None:
        self.ids, self.others = {}, {}
        wanted = ["pk", self.by, *filter(None, [self.or_by])]
        for pk, key, *names in rows.order_by().values_list(*wanted).iterator(chunk_size=10_000):
            self.ids[key] = None if key in self.ids else pk
            for name in names:
                self.others[name] = None if name in self.others else pk

    def read(self, value: Any) -> Any:
        """One cell."""
        text = tidy(number_text(value))
        known = self.ids if text in self.ids else self.others
        if text not in known:
            raise CellFault("unknown" if self._sees_everything else "unknown_to_you", value=text[:40])
        if known[text] is None:
            raise CellFault("ambiguous", value=text[:40])
        return known[text]

    def text_of(self, instance: models.Model) -> str:
        """The natural key that ``instance`` refers to."""
        return str(getattr(getattr(instance, self.field.removesuffix("_id")), self.by))


@dataclass(slots=True, kw_only=True)
class LookUps(LookUp):
    """Several rows of another table in one cell; kept as a sorted list of ids."""

    blank: Any = dataclasses.field(default_factory=list)

    def read(self, value: Any) -> Any:
        """One cell; the first that is unknown is named."""
        one = super(LookUps, self).read
        return sorted({one(name) for name in cleaning.to_names(value)})
