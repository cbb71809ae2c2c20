"""A month's lists by agent, person, project, grid and day: sorted in the database, page by page (S7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, FloatField, Min, Sum
from django.db.models.functions import Cast, NullIf
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from channels.models import Agent, AgentStaff
from gridops.accounts.models import Grid
from gridops.common.templatetags.gridops import money, number, percent
from projects.models import Project
from renewals.follow import Followed
from renewals.models import DayTally, Tally
from renewals.querysets_follow import counts_of
from renewals.rules_follow import Counts, share

PER_PAGE = 30
AGENT, STAFF, PROJECT, GRID, DAY = "agent", "staff", "project", "grid", "day"
#: what a table is by -> its title, the columns of the tally
TABLES: Mapping[str, tuple[Promise, tuple[str, ...]]] = {
    AGENT: (gettext_lazy("agent"), ("agent",)),
    STAFF: (gettext_lazy("agent staff"), ("agent", "staff")),
    PROJECT: (gettext_lazy("project"), ("project",)),
    GRID: (gettext_lazy("grid"), ("warning_list__grid",)),
    DAY: (gettext_lazy("day"), ()),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of a row: as text, what it is of, and how long its bar is (percent; None: it has none)."""

    title: str | Promise
    text: str
    note: str = ""
    bar: float | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line: its name, what stands below it, where it leads, its figures."""

    name: str
    below: str
    href: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Measure:
    """A column: its title, the sum(s) it is sorted by, how it is shown."""

    title: Promise
    part: str
    whole: str = ""
    written: Callable[[Any], str] = number

    def cell(self, counts: Counts) -> Cell:
        """The column's cell of a row."""
        part = getattr(counts, self.part)
        if not self.whole:
            return Cell(self.title, self.written(part))
        whole = getattr(counts, self.whole)
        value = share(part, whole)
        return Cell(self.title, percent(value), f"{part:,}/{whole:,}" if whole else "", value)

    def value(self, counts: Counts) -> object:
        """What an export writes: of a share the two numbers are columns of their own."""
        part = getattr(counts, self.part)
        value = share(part, getattr(counts, self.whole)) if self.whole else part
        return round(value, 1) if isinstance(value, float) else value


MEASURES: Mapping[str, Measure] = {
    "expiring": Measure(gettext_lazy("expiring"), "expiring"),
    "rate": Measure(gettext_lazy("renewal rate"), "renewed", "expiring"),
    "contacted": Measure(pgettext_lazy("renewals", "contacted"), "contacted", "expiring"),
    "visits": Measure(gettext_lazy("second visits made"), "visits_made", "visits_owed"),
    "confirmed": Measure(gettext_lazy("seen in the roster"), "confirmed", "renewed"),
    "promised": Measure(gettext_lazy("promised"), "promised"),
    "overdue": Measure(gettext_lazy("overdue"), "overdue"),
    "lost": Measure(gettext_lazy("lost"), "lost"),
    "fees": Measure(gettext_lazy("fees still open (yuan)"), "fees", written=money),
}


@dataclass
class Table:
    """One table of the page: ``by`` what, sorted and turned to a page as the address says."""

    page: Followed
    by: str
    asked: QueryDict

    @property
    def title(self) -> Promise:
        """What it is by."""
        return TABLES[self.by][0]

    @cached_property
    def sort(self) -> tuple[str, bool]:
        """The column it is sorted by, and whether the highest come first; the worst rate first where nobody asked."""
        asked = self.asked.get("sort", "")
        name = asked.removeprefix("-")
        return (name, asked.startswith("-")) if name in MEASURES else ("rate", False)

    @property
    def heads(self) -> list[tuple[Promise, str, str]]:
        """Title, what a click sorts by, how it is sorted now."""
        by, descending = self.sort
        return [
            (
                one.title,
                name if name == by and descending else f"-{name}",
                "none" if name != by else "descending" if descending else "ascending",
            )
            for name, one in MEASURES.items()
        ]

    # --- Its rows ---

    @cached_property
    def agent(self) -> int | None:
        """The agent to whom it is narrowed."""
        text = self.asked.get("agent", "")
        return int(text) if text.isdecimal() and len(text) < 10 else None

    @property
    def narrowed_to(self) -> Agent | None:
        """The same, by name."""
        return Agent.objects.filter(pk=self.agent).first() if self.agent else None

    @property
    def _tallies(self) -> Any:
        rows = Tally.objects.filter(warning_list__in=self.page.own(self.page.month))
        return rows.filter(agent=self.agent) if self.agent else rows

    @cached_property
    def count(self) -> int:
        """How many rows it has."""
        return int(self._tallies.order_by().values(*TABLES[self.by][1]).distinct().count())

    @property
    def pages(self) -> int:
        """How many pages."""
        return max(1, -(-self.count // PER_PAGE))

    @cached_property
    def number(self) -> int:
        """The page shown."""
        text = self.asked.get("page", "")
        return min(max(int(text) if text.isdecimal() and len(text) < 6 else 1, 1), self.pages)

    def _sums(self) -> Any:
        """All its rows, sorted."""
        name, descending = self.sort
        one, keys = MEASURES[name], TABLES[self.by][1]
        key: Any = F(f"sum_{one.part}")
        if one.whole:
            key = Cast(key, FloatField()) / NullIf(Cast(F(f"sum_{one.whole}"), FloatField()), 0.0)
        rows = self._tallies.sums(*keys).annotate(
            list=Min("warning_list"), lists=Count("warning_list", distinct=True), key=key
        )
        ordered = F("key").desc(nulls_last=True) if descending else F("key").asc(nulls_last=True)
        return rows.order_by(ordered, "-sum_expiring", *keys)

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of the page shown."""
        first = (self.number - 1) * PER_PAGE
        return list(self._named(list(self._sums()[first : first + PER_PAGE])))

    def _named(self, rows: Sequence[Mapping[str, Any]]) -> Iterable[Row]:
        names = self._names(rows)
        for row in rows:
            counts, (name, below) = counts_of(row), names(row)
            cells = [one.cell(counts) for one in MEASURES.values()]
            yield Row(name, below, self._link(row), cells)

    def _names(self, rows: Sequence[Mapping[str, Any]]) -> Callable[[Mapping[str, Any]], tuple[str, str]]:
        """What gives a row's name and what stands below it; two queries at most."""
        if self.by == PROJECT:
            projects = Project.objects.select_related("grid").in_bulk([row["project"] for row in rows])
            return lambda row: (projects[row["project"]].name, projects[row["project"]].code)
        if self.by == GRID:
            grids: dict[int, Grid] = {grid.pk: grid for grid in self.page.grids}
            return lambda row: (grids[row["warning_list__grid"]].name, "")
        agents = Agent.objects.in_bulk([row["agent"] for row in rows if row["agent"]])

        def agent(row: Mapping[str, Any]) -> tuple[str, str]:
            found = agents.get(row["agent"])
            return (found.name, found.code) if found else (_("manager's pool"), "")

        if self.by == AGENT:
            return agent
        people = AgentStaff.objects.in_bulk([row["staff"] for row in rows if row["staff"]])
        return lambda row: (people[row["staff"]].name if row["staff"] else _("nobody in particular"), agent(row)[0])

    def _link(self, row: Mapping[str, Any]) -> str:
        """To the warnings of the row where they are one list's, else to their grids."""
        agent = self.agent or row.get("agent")
        asked = {AGENT: agent or "pool"} if "agent" in row or self.agent else {}
        asked |= {name: row[name] for name in (STAFF, PROJECT) if row.get(name)}
        if row["lists"] == 1:
            return f"{reverse('renewals:list', args=[row['list']])}?{urlencode(asked)}"
        if not agent:
            return ""
        asked = {"by": GRID, "agent": agent, "month": self.page.month, "unit": self.page.unit.pk}
        return f"{reverse('renewals:follow')}?{urlencode(asked)}#table"

    # --- Its export ---

    def header(self) -> list[str]:
        """The header of its export."""
        names = [str(self.title), *([_("agent")] if self.by == STAFF else [_("code")])]
        for one in MEASURES.values():
            names += [_("%(title)s, number") % {"title": one.title}] if one.whole else []
            names.append(f"{one.title} (%)" if one.whole else str(one.title))
        return names

    def export_rows(self) -> list[list[object]]:
        """All its rows."""
        rows = list(self._sums())
        names, found = self._names(rows), []
        for row in rows:
            counts, line = counts_of(row), list[object](names(row))
            for one in MEASURES.values():
                line += [getattr(counts, one.part)] if one.whole else []
                line.append(one.value(counts))
            found.append(line)
        return found


# --- By day ---

RATE = 3  # its place among the titles
DAYS = ("expiring", "renewed", "lost", "contacted", "calls", "visits")
DAY_TITLES: tuple[Promise, ...] = (
    gettext_lazy("expiring"), gettext_lazy("renewed"), gettext_lazy("renewed so far"), gettext_lazy("renewal rate"),
    gettext_lazy("lost"), gettext_lazy("contacted for the first time"),
    pgettext_lazy("renewals", "calls"), pgettext_lazy("renewals", "visits"),
)  # fmt: skip


def day_values(page: Followed) -> list[tuple[date, list[int | float | None]]]:
    """Each day on which something expires or was done, with the values of ``DAY_TITLES``."""
    rows: Any = DayTally.objects.filter(warning_list__in=page.own(page.month)).order_by("day").values("day")
    found, total, size = [], 0, page.counts.expiring
    for row in rows.annotate(**{f"sum_{name}": Sum(name) for name in DAYS}):
        expiring, renewed, *rest = (row[f"sum_{name}"] for name in DAYS)
        total += renewed
        so_far = (total, share(total, size)) if row["day"] <= page.today else (None, None)
        found.append((row["day"], [expiring, renewed, *so_far, *rest]))
    return found


def day_rows(page: Followed) -> list[tuple[date, list[Cell]]]:
    """The same as cells, the newest first."""
    return [
        (
            day,
            [
                Cell(title, percent(value), bar=value) if at == RATE else Cell(title, number(value))
                for at, (title, value) in enumerate(zip(DAY_TITLES, values, strict=True))
            ],
        )
        for day, values in reversed(day_values(page))
    ]


def days_table(page: Followed) -> tuple[list[str], list[list[object]]]:
    """The same as an export."""
    rows = [[day, *(round(value, 1) if value else value for value in values)] for day, values in day_values(page)]
    header = [f"{title} (%)" if at == RATE else str(title) for at, title in enumerate(DAY_TITLES)]
    return [str(_("day")), *header], [list[object](row) for row in rows]
