"""One pattern for every list: search, filters kept in the address, sorting, a count, pages, the rows of an export."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, Generic, TypeVar

from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.functional import Promise

from gridops.common.paging import Edge, Order, Page, Token, paginate

M = TypeVar("M", bound=models.Model)
EXPORT_CHUNK = 2_000
EXPORT_LIMIT = 50_000
KEPT_SEARCHES = 20
StrPromise = str | Promise


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, what an export writes, the table's column it sorts by, whether it holds numbers.

    ``value`` None: shown on the page only. ``page`` False: in the export only.
    """

    title: StrPromise
    value: Callable[[Any], object] | None = None
    sort: str = ""
    number: bool = False
    page: bool = True


@dataclass(frozen=True, slots=True)
class ListSpec:
    """What one list is.

    ``rows`` is the template of its rows, ``name`` goes into records of an export,
    ``export`` is the name of its address.

    ``count_up_to``: above it the count only says so, 0 counts exactly. ``private``: what is searched for may be a
    person's name or number, so the session keeps it and the address carries a key.
    """

    name: str
    title: StrPromise
    columns: Sequence[Column]
    rows: str
    order: Order
    empty: StrPromise
    search: StrPromise
    export: str = ""
    count_up_to: int = 0
    private: bool = False

    @property
    def sorts(self) -> frozenset[str]:
        """The columns that may be sorted by."""
        return frozenset(column.sort for column in self.columns if column.sort)


@dataclass(frozen=True, slots=True)
class Head:
    """A column's header: where a click leads, and how the list is sorted by it now."""

    title: StrPromise
    number: bool
    href: str = ""
    aria: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, and the address without it."""

    label: StrPromise
    value: str
    href: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows: ``at_least`` when the list stopped counting."""

    number: int
    at_least: bool = False


@dataclass
class Listing(Generic[M]):
    """One request's view of a list. ``filterset`` holds the scoped rows and the person's filters.

    ``decorate`` gets the rows of a page (or of an export's chunk) and sets on them what needs a query of its own;
    ``default`` replaces the spec's order where the scope asks for another; ``edge`` see ``paging.Edge``;
    ``start`` is the value at which an unfiltered list opens, what lies before it is on the page before;
    ``hint`` is said above the rows.
    """

    request: HttpRequest
    spec: ListSpec
    filterset: Any
    decorate: Callable[[list[M]], None] | None = None
    edge: Edge | None = None
    default: Order | None = None
    unsorted: frozenset[str] = field(default_factory=frozenset)
    start: Any = None
    hint: StrPromise = ""

    @property
    def title(self) -> StrPromise:
        """Its heading."""
        return self.spec.title

    @cached_property
    def valid(self) -> bool:
        """Whether every filter could be read; if not, nothing is shown rather than everything."""
        key = self.request.GET.get("s", "") if self.spec.private else ""
        return bool(self.filterset.form.is_valid()) and (not key or key in kept_searches(self.request))

    @cached_property
    def queryset(self) -> models.QuerySet[M, M]:
        """The scoped rows that pass the filters."""
        found: models.QuerySet[M, M] = self.filterset.qs if self.valid else self.filterset.queryset.none()
        return found

    @cached_property
    def sorts(self) -> frozenset[str]:
        """The columns that this person may sort by."""
        return self.spec.sorts - self.unsorted

    @cached_property
    def order(self) -> Order:
        """The order asked for, if the list offers it."""
        asked = self.request.GET.get("sort", "")
        column = asked.removeprefix("-")
        return Order(column, asked.startswith("-")) if column in self.sorts else self.default or self.spec.order

    @cached_property
    def page(self) -> Page[M]:
        """The rows shown."""
        page = paginate(self.queryset, self.order, self.place, edge=self.edge if self.edged else None)
        if page.previous and self._at_start and not self._anything_before():
            page = Page(page.rows, next=page.next)
        if self.decorate:
            self.decorate(page.rows)
        return page

    def _anything_before(self) -> bool:
        return self.queryset.order_by().filter(**{f"{self.order.column}__lt": self.start}).exists()

    @cached_property
    def place(self) -> Mapping[str, str]:
        """Where in the order the page lies: as the address says, or at the start of an untouched list."""
        asked = {name: self.request.GET[name] for name in ("after", "before", "sort") if name in self.request.GET}
        if asked or self.start is None or self.chips or not self.valid:
            return asked
        return {"after": str(Token(0, self.start))}

    @property
    def _at_start(self) -> bool:
        return "after" in self.place and "after" not in self.request.GET

    @property
    def opened_midway(self) -> bool:
        """Whether the page shown is the start of an untouched list, with rows before it."""
        return self._at_start and bool(self.page.previous)

    @property
    def edged(self) -> bool:
        """Whether ``edge`` knows this order's column."""
        return self.order.column == (self.default or self.spec.order).column

    @cached_property
    def count(self) -> Count:
        """How many rows pass the filters."""
        cap = self.spec.count_up_to
        if not cap:
            return Count(self.queryset.count())
        found = self.queryset.order_by()[: cap + 1].count()
        return Count(min(found, cap), found > cap)

    def _href(self, **changes: str | None) -> str:
        params: QueryDict = self.request.GET.copy()
        for name in ("after", "before", "key"):
            if name not in changes:
                params.pop(name, None)
        for name, value in changes.items():
            params.pop(name, None)
            if value:
                params[name] = value
        if self.spec.private and "s" not in changes and self.request.GET.get("s"):
            params["s"] = self.request.GET["s"]
        return "?" + params.urlencode()

    @property
    def previous(self) -> str:
        """The address of the page before, or nothing."""
        return self._href(before=self.page.previous, after=None) if self.page.previous else ""

    @property
    def next(self) -> str:
        """The address of the next page, or nothing."""
        return self._href(after=self.page.next, before=None) if self.page.next else ""

    @property
    def export_url(self) -> str:
        """The address of an export of exactly what the list holds, if the list has one."""
        return reverse(self.spec.export) + self.query if self.spec.export else ""

    @property
    def query(self) -> str:
        """The query string that says which rows the list holds, without the place in it."""
        return self._href()

    @cached_property
    def heads(self) -> list[Head]:
        """The headers of the columns on the page; a click sorts, another turns the order round."""
        return [self._head(column) for column in self.spec.columns if column.page]

    def _head(self, column: Column) -> Head:
        if column.sort not in self.sorts:
            return Head(column.title, column.number)
        if column.sort != self.order.column:
            return Head(column.title, column.number, self._href(sort=column.sort), "none")
        turned = column.sort if self.order.descending else f"-{column.sort}"
        aria = "descending" if self.order.descending else "ascending"
        return Head(column.title, column.number, self._href(sort=turned), aria)

    @cached_property
    def chips(self) -> list[Chip]:
        """The filters in force, each with the address that takes it off."""
        if not self.valid:
            return []
        form, made = self.filterset.form, []
        for name, value in form.cleaned_data.items():
            if value in (None, "", []):
                continue
            label = form.fields[name].label or name
            removed = {"s": None} if self.spec.private and name == "q" else {name: None}
            made.append(Chip(label, shown_choice(form.fields[name], value), self._href(**removed)))
        return made

    @property
    def cleared(self) -> str:
        """The address without any filter."""
        return self.request.path

    @cached_property
    def too_long_to_export(self) -> bool:
        """Whether an export would hold more rows than a person can wait for."""
        return self.queryset.order_by()[: EXPORT_LIMIT + 1].count() > EXPORT_LIMIT

    def export_header(self) -> list[str]:
        """The header of an export."""
        return [str(column.title) for column in self.spec.columns if column.value]

    def export_rows(self) -> Iterator[list[object]]:
        """The rows of an export: exactly those that the list holds, in its order, read in chunks."""
        readers = [column.value for column in self.spec.columns if column.value]
        ordered = self.queryset.order_by(*self.order.clauses(self.queryset.model))
        rows = ordered.iterator(chunk_size=EXPORT_CHUNK)
        while chunk := list(islice(rows, EXPORT_CHUNK)):
            if self.decorate:
                self.decorate(chunk)
            for row in chunk:
                yield [read(row) for read in readers]

    @property
    def is_part(self) -> bool:
        """Whether htmx asks for the list alone."""
        htmx: Any = getattr(self.request, "htmx", None)
        return bool(htmx) and htmx.target == "list" and not htmx.history_restore_request

    def answer(self, template: str = "common/list.html", **context: Any) -> HttpResponse:
        """The whole page, or its list alone when htmx asks for that."""
        return render(self.request, "common/_list.html" if self.is_part else template, {"listing": self, **context})


def shown_choice(form_field: Any, value: Any) -> str:
    """A filter's value as people read it."""
    for key, label in getattr(form_field, "choices", ()) if not isinstance(value, models.Model) else ():
        if str(key) == str(value):
            return str(label)
    return str(value)


# --- Searches that may hold a person's name or number: the session keeps the words, the address a key ---


def keep_search(request: HttpRequest, names: frozenset[str]) -> HttpResponse:
    """Answer a posted search: its words go into the session, the other filters (``names``) into the address."""
    params = QueryDict(mutable=True)
    for name in sorted(names - {"q"} | {"sort"}):
        if value := request.POST.get(name, ""):
            params[name] = value
    if words := request.POST.get("q", "").strip()[:100]:
        key = get_random_string(8)
        request.session["searches"] = dict([*kept_searches(request).items(), (key, words)][-KEPT_SEARCHES:])
        params["s"] = key
    query = f"?{params.urlencode()}" if params else ""
    return HttpResponseRedirect(request.path + query, status=303)


def kept_searches(request: HttpRequest) -> dict[str, str]:
    """Key -> words, of this session."""
    kept: dict[str, str] = request.session.get("searches", {})
    return kept


def with_kept_search(request: HttpRequest) -> Mapping[str, str]:
    """The address's parameters, and the words that its key stands for."""
    params: QueryDict = request.GET.copy()
    params.pop("q", None)
    if words := kept_searches(request).get(request.GET.get("s", "")):
        params["q"] = words
    return params
