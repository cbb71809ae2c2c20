"""Which agents, pools and projects of a unit lag in a month: read from what is counted, in constant queries (S7).

An agent is judged over the whole unit, with its part in each grid beside it; who has grids of their own is shown what
lags there. Every test that is made is counted, and said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from channels.models import Agent
from gridops.accounts.models import Grid, Unit
from gridops.accounts.rulebook import rules_by_unit
from gridops.common.months import Month
from gridops.common.templatetags.gridops import number, percent
from projects.models import Project
from renewals.models import RenewalTask, Tally, WarningList
from renewals.rules_anomaly import CONTACTS, RENEWALS, Comparison, Counts, compare, firm

AGENT, POOL, PROJECT = "agent", "pool", "project"
RULES = ("renewal_anomaly_percent", "renewal_anomaly_least", "renewal_task_days")
_COLUMNS = {CONTACTS: ("due_contacted", "due"), RENEWALS: ("expired_renewed", "expired")}


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose work it is: an agent, the pool of a grid's manager, or a project; ``pk`` of a pool is the grid's."""

    kind: str
    pk: int

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.kind}-{self.pk}"


@dataclass(frozen=True, slots=True)
class Tested:
    """One test: of contacts or renewals of a subject. ``parts``: the subject's counts in each grid, by its id."""

    subject: Subject
    kind: str
    found: Comparison
    parts: Mapping[int, Counts]
    firm: bool = False

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.kind}-{self.subject.key}"

    def lagging(self) -> list[int]:
        """The grids in which the subject stays behind the others' pace."""
        return sorted(grid for grid, part in self.parts.items() if part.done < part.of * self.found.pace)

    def numbers(self, findings: Findings, grid: int) -> dict[str, Any]:
        """The test as a task keeps it."""
        part = self.parts[grid]
        return {
            "done": self.found.own.done,
            "of": self.found.own.of,
            "others_done": self.found.others.done,
            "others_of": self.found.others.of,
            "chance": self.found.chance,
            "percent": findings.percent,
            "tested": findings.tested,
            "part_done": part.done,
            "part_of": part.of,
            "day": findings.day.isoformat(),
        }


@dataclass(slots=True)
class Findings:
    """All tests of a unit's month by a day; ``few``: how many were not made, because there was too little to judge."""

    day: date
    percent: int
    least: int
    tests: list[Tested] = field(default_factory=list)
    few: int = 0

    @property
    def tested(self) -> int:
        """How many tests were made."""
        return len(self.tests)

    @property
    def by_chance(self) -> float:
        """How many would stand out on the average where nobody lags."""
        return self.tested * self.percent / 100

    @property
    def anomalies(self) -> list[Tested]:
        """Those that lag; the most that is missing first."""
        found = [one for one in self.tests if one.found.lags(self.percent)]
        return sorted(found, key=lambda one: (-one.found.missing, one.key))

    def within(self, grids: Collection[int] | None) -> list[Tested]:
        """Anomalies that concern one of ``grids`` (None: all)."""
        found = self.anomalies
        return found if grids is None else [one for one in found if not set(one.lagging()).isdisjoint(grids)]


def findings_of(units: Iterable[Unit], month: Month, today: date) -> dict[int, Findings]:
    """Unit -> its tests of ``month``, as the lists were counted last; ``today`` is what is said of the day."""
    here = {unit.pk: unit for unit in units}
    rules = rules_by_unit(RULES, here.values())
    sums = {name: Sum(name) for columns in _COLUMNS.values() for name in columns}
    rows = Tally.objects.filter(warning_list__month=month.first, warning_list__grid__unit__in=here).order_by()
    grouped = rows.values("warning_list__grid__unit", "warning_list__grid", "agent", "project").annotate(**sums)
    of_unit: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in grouped:
        of_unit[row["warning_list__grid__unit"]].append(dict(row))
    found = {}
    for pk in here:
        mine = rules[pk]
        found[pk] = Findings(today, mine["renewal_anomaly_percent"], mine["renewal_anomaly_least"])
        _test(found[pk], of_unit[pk])
    return found


def _test(findings: Findings, rows: list[dict[str, Any]]) -> None:
    for kind, (done, of) in _COLUMNS.items():
        parts: dict[Subject, dict[int, Counts]] = defaultdict(lambda: defaultdict(lambda: Counts(0, 0)))
        total = Counts(0, 0)
        for row in rows:
            counts, grid = Counts(row[done], row[of]), row["warning_list__grid"]
            total += counts
            owner = Subject(AGENT, row["agent"]) if row["agent"] else Subject(POOL, grid)
            for subject in (owner, Subject(PROJECT, row["project"])):
                parts[subject][grid] += counts
        for subject, by_grid in parts.items():
            own = sum(by_grid.values(), Counts(0, 0))
            if compared := compare(own, total - own, findings.least):
                findings.tests.append(Tested(subject, kind, compared, dict(by_grid)))
            elif own.of:
                findings.few += 1
    hold = firm([one.found.chance for one in findings.tests], findings.percent)
    findings.tests = [
        Tested(one.subject, one.kind, one.found, one.parts, stays)
        for one, stays in zip(findings.tests, hold, strict=True)
    ]


# --- In words ---


def share_text(share: float | None) -> str:
    """A share as percent."""
    return percent(None if share is None else 100 * share)


def chance_text(chance: float) -> str:
    """A probability as percent: as many decimals as say something."""
    value = 100 * chance
    if value >= 1:
        return f"{value:.1f} %"
    return f"{value:.2f} %" if value >= 0.01 else _("less than 0.01 %")


def words_of(kind: str, numbers: Mapping[str, Any]) -> str:
    """The test with its numbers in words, as an anomaly shows it and as a task keeps it."""
    if not numbers:
        return ""
    own, others = Counts(numbers["done"], numbers["of"]), Counts(numbers["others_done"], numbers["others_of"])
    values = {
        "of": number(own.of),
        "done": number(own.done),
        "share": share_text(own.share),
        "others": share_text(others.share),
        "chance": chance_text(numbers["chance"]),
        "level": numbers["percent"],
    }
    said = (
        _("Of %(of)s to be called by now, %(done)s were contacted (%(share)s); of the unit's others %(others)s.")
        if kind == CONTACTS
        else _(
            "Of %(of)s contracts that have expired, %(done)s were renewed (%(share)s); of the unit's others %(others)s."
        )
    )
    if numbers["chance"] * 100 < numbers["percent"]:
        test = _("At the same pace so few come about with a probability of %(chance)s (below %(level)s %%).")
    else:
        test = _("At the same pace so few come about with a probability of %(chance)s (not below %(level)s %%).")
    return _("%(numbers)s %(test)s") % {"numbers": said % values, "test": test % values}


# --- With names, for pages ---


@dataclass(frozen=True, slots=True)
class Shown:
    """A test with the names of what it is about."""

    tested: Tested
    name: str
    words: str
    parts: list[Part]
    task: str
    may_make: bool

    @property
    def new_tasks(self) -> int:
        """How many tasks a click makes."""
        return sum(1 for part in self.parts if part.lags and not part.task)

    @property
    def own_share(self) -> str:
        """The subject's, as percent."""
        return share_text(self.tested.found.own.share)

    @property
    def others_share(self) -> str:
        """The others', as percent."""
        return share_text(self.tested.found.others.share)

    @property
    def chance(self) -> str:
        """How probable so few are, as percent."""
        return chance_text(self.tested.found.chance)

    @property
    def short(self) -> int:
        """By how many it stays behind, whole."""
        return round(self.tested.found.missing)


@dataclass(frozen=True, slots=True)
class Part:
    """What a subject did in one grid, with the list that it is on."""

    grid: Grid
    counts: Counts
    listed: int | None
    lags: bool
    task: RenewalTask | None


class Names:
    """Names of all that some tests are about, in five queries."""

    def __init__(self, tests: Collection[Tested], month: Month, grids: Collection[int] | None) -> None:
        of = {kind: {one.subject.pk for one in tests if one.subject.kind == kind} for kind in (AGENT, PROJECT)}
        self.agents, self.projects = Agent.objects.in_bulk(of[AGENT]), Project.objects.in_bulk(of[PROJECT])
        within = {grid for one in tests for grid in one.parts if grids is None or grid in grids}
        self.grids = Grid.objects.in_bulk(within)
        lists = WarningList.objects.filter(grid__in=within, month=month.first)
        self.lists = dict(lists.values_list("grid", "pk"))
        tasks = RenewalTask.objects.filter(grid__in=within, month=month.first).still_open()
        self.tasks = {(task.grid_id, task.kind, task.agent_id, task.project_id): task for task in tasks}

    def shown(self, findings: Findings, one: Tested) -> Shown:
        """``one`` as a page shows it."""
        lagging = one.lagging()
        parts = [
            Part(self.grids[pk], counts, self.lists.get(pk), pk in lagging, self._task(one, pk))
            for pk, counts in one.parts.items()
            if pk in self.grids and counts.of
        ]
        parts.sort(key=lambda part: part.grid.name)
        first = next(iter(one.parts))
        words = words_of(one.kind, one.numbers(findings, first))
        name = self.name(one.subject)
        may_make = any(part.lags for part in parts)
        return Shown(one, name, words, parts, what_to_do(one.kind, name), may_make)

    def name(self, subject: Subject) -> str:
        """Whose work it is, in words."""
        if subject.kind == POOL:
            return _("manager's pool of %(grid)s") % {"grid": self.grids[subject.pk].name}
        return str((self.agents if subject.kind == AGENT else self.projects).get(subject.pk, ""))

    def _task(self, one: Tested, grid: int) -> RenewalTask | None:
        return self.tasks.get((grid, one.kind, *owner_of(one.subject)))


def owner_of(subject: Subject) -> tuple[int | None, int | None]:
    """The agent and the project that a task about ``subject`` names."""
    return (subject.pk if subject.kind == AGENT else None), (subject.pk if subject.kind == PROJECT else None)


def what_to_do(kind: str, name: str) -> str:
    """What a task made from an anomaly asks for, until somebody writes it otherwise."""
    text = (
        _("%(name)s: have all called who are due and not contacted yet")
        if kind == CONTACTS
        else _("%(name)s: find out why expired contracts are not renewed, and visit their subscribers")
    )
    return (text % {"name": name})[:200]
