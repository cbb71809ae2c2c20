"""Keyset paging: a page starts after a row, so page 1,000 costs what page 1 costs; nothing is counted or skipped."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import OrderBy
from django.utils import timezone

SIZE = 50
_TOKEN = re.compile(r"(\d{1,18})(?::(.{0,100}))?", re.DOTALL)

M = TypeVar("M", bound=models.Model)
# Given the rows beyond the token, the column, the direction and how many are wanted: a value of the column that the
# wanted rows do not pass, or None. Lets a list whose index serves one parent at a time stay on that index.
Edge = Callable[["models.QuerySet[Any, Any]", str, bool, int], Any]


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list: one column of the table itself, ties by primary key, rows without a value last."""

    column: str
    descending: bool = False

    @property
    def text(self) -> str:
        """How an address writes it."""
        return f"-{self.column}" if self.descending else self.column

    def field(self, model: type[models.Model]) -> models.Field[Any, Any]:
        """The column's field; it lies on ``model`` itself."""
        return cast("models.Field[Any, Any]", model._meta.get_field(self.column))

    def clauses(self, model: type[models.Model], backwards: bool = False) -> list[OrderBy]:
        """ORDER BY, the same on both databases: plain (the index serves it) unless the column may be empty."""
        descending = self.descending != backwards
        made = [F(name).desc() if descending else F(name).asc() for name in (self.column, "pk")]
        if self.field(model).null:
            empty = {"nulls_first": True} if backwards else {"nulls_last": True}
            made[0] = F(self.column).desc(**empty) if descending else F(self.column).asc(**empty)
        return made


@dataclass(frozen=True, slots=True)
class Token:
    """A row's place in the order: its primary key, and its value of the column (None: it has none)."""

    pk: int
    value: Any

    @classmethod
    def read(cls, text: str, order: Order, model: type[models.Model]) -> Token | None:
        """The token an address carries, or None when it is not one: then the list starts at its beginning."""
        found = _TOKEN.fullmatch(text)
        if not found:
            return None
        field = order.field(model)
        if found[2] is None:
            return cls(int(found[1]), None) if field.null else None
        try:
            value = field.to_python(found[2])
        except (ValidationError, ValueError, TypeError):
            return None
        return None if value is None or "\x00" in found[2] or not _in_range(value) else cls(int(found[1]), value)

    @classmethod
    def of(cls, row: models.Model, order: Order) -> Token:
        """The place of ``row``."""
        return cls(int(row.pk), getattr(row, order.column))

    def __str__(self) -> str:
        if self.value is None:
            return str(self.pk)
        text = self.value.isoformat() if isinstance(self.value, date | datetime) else str(self.value)
        return f"{self.pk}:{text}"


def _in_range(value: Any) -> bool:
    if isinstance(value, datetime):
        return timezone.is_aware(value) and 1900 <= value.year <= 2200
    if isinstance(value, int):
        return abs(value) < 2**31
    return not isinstance(value, Decimal) or (value.is_finite() and abs(value) < 10**12)


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Some rows, and the tokens of the pages beside them (empty: there is none)."""

    rows: list[M]
    previous: str = ""
    next: str = ""


def paginate(
    queryset: models.QuerySet[M, M],
    order: Order,
    params: Mapping[str, str],
    *,
    size: int = SIZE,
    edge: Edge | None = None,
) -> Page[M]:
    """The page that ``params`` asks for by ``after`` or ``before``; the first when they ask for nothing sensible."""
    model = queryset.model
    after = Token.read(params.get("after", ""), order, model)
    before = None if after else Token.read(params.get("before", ""), order, model)
    backwards = before is not None
    token = after or before
    beyond = _beyond(queryset, order, token, backwards, size, edge)
    rows = list(beyond.order_by(*order.clauses(model, backwards))[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    if not rows:
        return Page([]) if token is None else paginate(queryset, order, {}, size=size, edge=edge)
    has_previous, has_next = (more, True) if backwards else (token is not None, more)
    return Page(
        rows,
        previous=str(Token.of(rows[0], order)) if has_previous else "",
        next=str(Token.of(rows[-1], order)) if has_next else "",
    )


def _beyond(
    queryset: models.QuerySet[M, M], order: Order, token: Token | None, backwards: bool, size: int, edge: Edge | None
) -> models.QuerySet[M, M]:
    """The rows on the far side of ``token``, narrowed by ``edge`` where it knows one."""
    column, up = order.column, order.descending == backwards
    side = "gt" if up else "lt"
    if token is not None and token.value is None:
        own = Q(**{f"{column}__isnull": True, f"pk__{side}": token.pk})
        return queryset.filter(own | Q(**{f"{column}__isnull": False})) if backwards else queryset.filter(own)
    far = Q()
    if token is not None:
        # "at or beyond" stands alone, so that an index can start there
        far = Q(**{f"{column}__{side}e": token.value}) & (
            Q(**{f"{column}__{side}": token.value}) | Q(**{f"pk__{side}": token.pk})
        )
    if edge is not None:
        limit = edge(queryset.filter(far), column, not up, size + 1)
        if limit is not None:
            return queryset.filter(far, **{f"{column}__{'lte' if up else 'gte'}": limit})
    if far and not backwards and order.field(queryset.model).null:
        far |= Q(**{f"{column}__isnull": True})
    return queryset.filter(far)
