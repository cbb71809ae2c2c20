"""What the page of a split shows: each project with its figures, its last months, its share and why (S6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from gridops.accounts.models import Grid
from gridops.common.months import Month
from plans.cells import CONFLICT, CellResult, Place
from plans.drafting import Rules
from plans.editing import Input
from plans.forms_split import FIELDS, LIMITS, SHARE_FIELDS
from plans.material import ProjectFigures
from plans.models import Plan, ProjectShare
from plans.results import results_of_projects
from plans.rules import Figures, Split, Weights, split_net_adds
from plans.services_edit import projects_of
from plans.services_split import stored_shares
from projects.models import MonthlyIndicator

MONTHS_BACK = 3
ORDERS = ("code", "share", "existing", "free_ports", "unserved", "last")
KINDS_OF_INPUT = {"manual": "number", "adjustment": "number", "locked": "check", "remark": "text"}
TREND_HEIGHT = 20


@dataclass(frozen=True, slots=True)
class Past:
    """Net adds of a past month: a figure, and its bar in a drawing ``TREND_HEIGHT`` high."""

    month: date
    value: int | None
    x: int = 0
    y: str = "0"
    height: str = "0"


@dataclass(slots=True)
class Row:
    """A project in the split. ``proposal`` is what the rule gives when nothing is set by hand."""

    project: ProjectFigures
    share: ProjectShare | None
    past: list[Past]
    proposal: int | None = None
    inputs: dict[str, Input] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """Its name among the lines of the plan."""
        return f"share:{self.project.id}"

    @property
    def figures(self) -> Figures:
        """What the split looks at."""
        return self.project.figures

    @property
    def net_adds(self) -> int | None:
        """Its share as stored."""
        return self.share.net_adds if self.share else None

    @property
    def by_hand(self) -> bool:
        """Whether its share is kept as it is."""
        return self.share is not None and self.share.is_manual

    @property
    def over(self) -> int:
        """By how many net adds it is above its free ports."""
        return max((self.net_adds or 0) - self.figures.free_ports, 0)

    @property
    def full(self) -> bool:
        """Whether an automatic share takes every free port."""
        return not self.by_hand and bool(self.net_adds) and self.net_adds == self.figures.free_ports

    @property
    def lacks_remark(self) -> bool:
        """Whether it departs from the rule and nobody has said why."""
        return self.share is not None and (self.by_hand or bool(self.share.adjustment)) and not self.share.remark

    @property
    def last(self) -> int | None:
        """Net adds of the newest month known."""
        return next((past.value for past in reversed(self.past) if past.value is not None), None)


def longest_bar(shares: Iterable[ProjectShare]) -> float:
    """What the longest bar of ``shares`` stands for, so that all can be compared: net adds, what is taken away too."""
    return max((sum(map(abs, share.why.values())) for share in shares), default=0) or 1


@dataclass(slots=True)
class SplitPage:
    """The whole split of a plan. ``stale``: its figures or weights have moved since it was split last."""

    plan: Plan
    rows: list[Row]
    weights: Weights
    months: list[date]
    stored: dict[Place, str]
    stale: bool = False

    @property
    def shares(self) -> list[ProjectShare]:
        """The shares that the plan has."""
        return [row.share for row in self.rows if row.share]

    @property
    def total(self) -> int:
        """The sum of all shares."""
        return sum(share.net_adds for share in self.shares)

    @property
    def by_hand(self) -> list[Row]:
        """Those that are kept as they are."""
        return [row for row in self.rows if row.by_hand]

    @property
    def by_hand_total(self) -> int:
        """The sum of what is kept as it is."""
        return sum(row.net_adds or 0 for row in self.by_hand)

    @property
    def over(self) -> list[Row]:
        """Those above their free ports."""
        return [row for row in self.rows if row.over]

    @property
    def lacking_remark(self) -> list[Row]:
        """Those that depart from the rule without a word."""
        return [row for row in self.rows if row.lacks_remark]

    @property
    def gap(self) -> int:
        """Target less the sum and the shortfall: other than 0 only when all is set by hand and does not add up."""
        return 0 if self.plan.net_adds is None else self.plan.net_adds - self.total - self.plan.shortfall

    @property
    def excess(self) -> int:
        """By how much the figures set by hand exceed the target, so that the others are below 0."""
        target = self.plan.net_adds
        below = any(not row.by_hand and (row.net_adds or 0) < 0 for row in self.rows)
        return max(self.by_hand_total - target, 0) if target is not None and target >= 0 and below else 0

    @property
    def room(self) -> int:
        """Free ports of all projects."""
        return sum(row.figures.free_ports for row in self.rows)

    @property
    def longest(self) -> float:
        """What the longest bar stands for."""
        return longest_bar(self.shares)

    def edited(self) -> list[Figures]:
        """The figures with what the manager says about each."""
        return [
            row.figures._replace(
                manual=row.share.net_adds if row.share and row.share.is_manual else None,
                adjustment=row.share.adjustment if row.share else 0,
            )
            for row in self.rows
        ]


def split_page(plan: Plan, refused: Iterable[CellResult] = (), order: str = "code") -> SplitPage:
    """Everything the page shows; ``refused`` is what was typed and could not be taken."""
    projects = projects_of(plan)
    shares = {share.project_id: share for share in plan.project_shares.select_related("project")}
    months = [Month.of(plan.month).plus(-back) for back in range(MONTHS_BACK, 0, -1)]
    past = past_of(plan.grid_id, months, timezone.localdate())
    stored = stored_shares(projects, shares)
    weights = Rules.of(plan.grid.unit).weights
    rows = [Row(project, shares.get(project.id), drawn(months, past.get(project.id, {}))) for project in projects]
    page = SplitPage(plan, rows, weights, [month.first for month in months], stored)
    _propose(page)
    said = {result.cell.place: result for result in refused}
    for row in rows:
        row.inputs = {name: _input(row, name, stored, said) for name in SHARE_FIELDS}
    page.rows = sorted(rows, key=lambda row: _place(row, order))
    return page


def _propose(page: SplitPage) -> None:
    """What the rule gives without any figure set by hand, and whether the stored split is out of date."""
    if page.plan.net_adds is None:
        return
    edited = page.edited()
    free = split_net_adds(page.plan.net_adds, [figures._replace(manual=None) for figures in edited], page.weights)
    now = split_net_adds(page.plan.net_adds, edited, page.weights)
    for row in page.rows:
        row.proposal = free.net_adds[row.figures.code]
    left_out = page.plan.project_shares.exclude(project__in=[row.project.id for row in page.rows]).exists()
    page.stale = left_out or any(row.net_adds != now.net_adds[row.figures.code] for row in page.rows)


def _input(row: Row, name: str, stored: Mapping[Place, str], said: Mapping[Place, CellResult]) -> Input:
    was = stored[row.line, name]
    made = Input(row.line, name, str(FIELDS[name].label), was, was, KINDS_OF_INPUT[name], limits=LIMITS.get(name, {}))
    if result := said.get((row.line, name)):
        made.value, made.said, made.in_conflict = result.cell.value, result.text, result.state == CONFLICT
    return made


def _place(row: Row, order: str) -> tuple[float, str]:
    """Highest first, what is not known last, then by code."""
    values: dict[str, int | None] = {
        "share": row.net_adds,
        "existing": row.figures.existing,
        "free_ports": row.figures.free_ports,
        "unserved": row.figures.unserved,
        "last": row.last,
    }
    value = values.get(order, 0)
    return (float("inf") if value is None else -value, row.figures.code)


def past_of(grid: int, months: Sequence[Month], today: date) -> dict[int, dict[date, int]]:
    """Project -> month -> net adds: the ledger's, and of the newest month what has been reported so far."""
    found: dict[int, dict[date, int]] = defaultdict(dict)
    newest = months[-1]
    for project, results in results_of_projects(Grid.objects.filter(pk=grid), newest, today).items():
        if "net_adds" in results:
            found[project][newest.first] = int(results["net_adds"].value)
    before = MonthlyIndicator.objects.filter(project__grid=grid, month__in=[month.first for month in months[:-1]])
    ledger = before.with_net_adds(months[:-1]).filter(adds__isnull=False).order_by()
    for project, month, value in ledger.values_list("project", "month", "adds"):
        found[project][month] = value
    return found


def drawn(months: Sequence[Month], values: Mapping[date, int]) -> list[Past]:
    """The months as small bars above or below a line in the middle of what they span."""
    known = [value for value in values.values() if value]
    high, low = max([*known, 0]), min([*known, 0])
    unit = TREND_HEIGHT / (high - low or 1)
    found = []
    for index, month in enumerate(months):
        value = values.get(month.first)
        size = abs(value or 0) * unit
        top = (high - max(value or 0, 0)) * unit
        found.append(Past(month.first, value, index * 10, f"{top:.1f}", f"{size:.1f}"))
    return found


# --- What if the weights were others? ---


@dataclass(frozen=True, slots=True)
class Change:
    """A project's share as the unit's weights give it, and as others would."""

    project: ProjectFigures
    now: int
    then: int
    by_hand: bool

    @property
    def difference(self) -> int:
        """More (or, negative, less) than now."""
        return self.then - self.now


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What other weights would do to a grid's split. Nothing of it is kept."""

    weights: Weights
    changes: list[Change]
    missing: int

    @property
    def moved(self) -> list[Change]:
        """The projects whose share would change."""
        return [change for change in self.changes if change.difference]

    @property
    def largest(self) -> Change | None:
        """The largest change; of several the first."""
        return max(self.moved, key=lambda change: abs(change.difference), default=None)

    @property
    def now_total(self) -> int:
        """The sum now."""
        return sum(change.now for change in self.changes)

    @property
    def then_total(self) -> int:
        """The sum then."""
        return sum(change.then for change in self.changes)


def what_if(
    target: int, projects: Sequence[ProjectFigures], edited: Sequence[Figures], now: Weights, then: Weights
) -> WhatIf:
    """The split of ``target`` by the weights ``now`` and by ``then``, on the same figures."""
    before: Split = split_net_adds(target, edited, now)
    after = split_net_adds(target, edited, then)
    changes = [
        Change(project, before.net_adds[row.code], after.net_adds[row.code], row.manual is not None)
        for project, row in zip(projects, edited, strict=True)
    ]
    return WhatIf(then, changes, after.missing)
