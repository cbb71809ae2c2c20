"""The review inbox: where the plans of up to hundreds of grids stand, in a constant number of queries (S1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import Grid, Membership, User
from gridops.common.months import Month
from plans.checks import Problem, problems_of
from plans.models import GOALS, Plan, PlanComment, PlanVersion, Target, goal_label
from plans.pages import APPROVED, LATE, MISSING, RETURNED, WAITING, GridState, overview

SHOWN = 500  # rows of a tab on one page, and decisions of one post
MAIN_GOALS = ("net_adds", "renewals", "installs")


@dataclass(frozen=True, slots=True)
class GoalCell:
    """A goal as planned, beside what the unit hands down."""

    name: str
    planned: Any
    target: Any

    @property
    def below(self) -> bool:
        """Whether less is planned than the unit hands down."""
        return self.target is not None and (self.planned is None or self.planned < self.target)

    @property
    def label(self) -> str:
        """The goal in words."""
        return goal_label(self.name)


@dataclass(slots=True)
class Row:
    """A grid in the inbox. ``late_days``: after the due day, until handed in, else until today; 0 in time."""

    state: GridState
    tab: str
    manager: str = ""
    late_days: int = 0
    goals: list[GoalCell] = field(default_factory=list)
    number: int = 0
    changed: bool = False
    comments: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def plan(self) -> Plan | None:
        """The plan, when there is one."""
        return self.state.plan

    @property
    def main_goals(self) -> list[GoalCell]:
        """Those with a column of their own."""
        return [cell for name in MAIN_GOALS for cell in self.goals if cell.name == name]

    @property
    def others_below(self) -> list[GoalCell]:
        """The other goals that are below their target."""
        return [cell for cell in self.goals if cell.below and cell.name not in MAIN_GOALS]

    @property
    def gap(self) -> int:
        """How far the net adds are below their target; 0 when they are not."""
        cell = self.main_goals[0] if self.goals else None
        return cell.target - (cell.planned or 0) if cell and cell.below else 0

    @property
    def errors(self) -> list[Problem]:
        """What must be mended."""
        return [problem for problem in self.problems if problem.error]

    @property
    def warnings(self) -> list[Problem]:
        """What is worth a look."""
        return [problem for problem in self.problems if not problem.error]


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of the inbox."""

    name: str
    title: str | Promise
    icon: str
    number: int = 0


TABS = (
    Tab(WAITING, _("Waiting for review"), "hourglass"),
    Tab(LATE, _("Late: not handed in"), "alert-triangle"),
    Tab(MISSING, _("Not handed in yet"), "pencil"),
    Tab(RETURNED, _("Returned to the manager"), "arrow-back-up"),
    Tab(APPROVED, _("Approved"), "circle-check"),
)


# --- Reading ---


def rows(user: User, month: Month, today: date) -> list[Row]:
    """Every grid of the person's scope; ``check`` adds what the checks find."""
    states = overview(user, month, today)
    found = [Row(state, LATE if state.standing == MISSING and state.late else state.standing) for state in states]
    plans = []
    for row in found:
        if row.plan:
            row.plan.grid = row.state.grid  # read already
            plans.append(row.plan)
    targets = {row["grid_id"]: row for row in _targets(user, month)}
    managers = Membership.objects.manager_names(Grid.objects.for_user(user), today)
    versions, comments = _versions(plans), _open_comments(plans)
    for row in found:
        plan, grid = row.plan, row.state.grid
        row.manager = managers.get(grid.pk, "")
        row.late_days = _late_days(row, today)
        target = targets.get(grid.pk, {})
        row.goals = [GoalCell(name, getattr(plan, name, None), target.get(name)) for name in GOALS] if plan else []
        if plan:
            row.number, seen = versions.get(plan.pk, (0, 0))
            row.changed = _changed(row, plan, seen)
            row.comments = comments[plan.pk]
    return found


def check(found: Sequence[Row]) -> None:
    """Run the checks on the plans of these rows; what is approved is not checked any more."""
    checked = [row for row in found if row.plan and row.tab != APPROVED]
    problems = problems_of([row.plan for row in checked if row.plan])
    for row in checked:
        row.problems = problems[row.plan.pk] if row.plan else []


def _targets(user: User, month: Month) -> Any:
    return Target.objects.for_user(user).filter(month=month.first).values("grid_id", *GOALS)


def _versions(plans: Sequence[Plan]) -> dict[int, tuple[int, int]]:
    """Of each plan: the number of its last version, and what ``Plan.version`` was then."""
    own = PlanVersion.objects.filter(plan__in=plans).order_by()
    last = dict(own.values_list("plan").annotate(Max("number")))
    seen: dict[int, tuple[int, int]] = {}
    for plan, number, at in own.filter(number__in=set(last.values())).values_list("plan", "number", "content__version"):
        if last[plan] == number:
            seen[plan] = (number, int(at or 0))
    return seen


def _open_comments(plans: Sequence[Plan]) -> Counter[int]:
    found = PlanComment.objects.open().filter(plan__in=plans).order_by().values_list("plan").annotate(Count("pk"))
    return Counter(dict(found))


def _late_days(row: Row, today: date) -> int:
    plan = row.plan
    if not row.state.late:
        return 0
    until = timezone.localdate(plan.submitted_at) if plan and plan.submitted_at else today
    return max((until - row.state.due).days, 0)


def _changed(row: Row, plan: Plan, seen: int) -> bool:
    """Handed in again; or, with its manager, edited since: returning and taking back count one."""
    if row.tab in (WAITING, APPROVED):
        return row.number > 1 or plan.revision > 1
    return bool(seen) and plan.version > seen + 1


# --- Choosing ---


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address asks for: a tab, words, marks, an order. What it does not know is left out."""

    tab: str = ""
    q: str = ""
    changed: bool = False
    found: str = ""
    sort: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Choice:
        """Read an address."""
        names = {tab.name for tab in TABS}
        return cls(
            tab=asked.get("tab", "") if asked.get("tab", "") in names else "",
            q=asked.get("q", "").strip()[:100],
            changed=asked.get("changed") == "1",
            found=asked.get("found", "") if asked.get("found", "") in FOUND else "",
            sort=asked.get("sort", "") if asked.get("sort", "") in SORTS else "",
        )

    @property
    def looks_at_problems(self) -> bool:
        """Whether what the checks find decides which rows are shown, or in which order."""
        return self.found in CHECKED or self.sort == "problems"

    @property
    def narrows(self) -> bool:
        """Whether anything is filtered away."""
        return bool(self.q or self.changed or self.found)

    def takes(self, row: Row) -> bool:
        """Whether the row passes the filters; a tab is not one of them."""
        text = f"{row.state.grid.unit.name} {row.state.grid.name} {row.manager}".casefold()
        return (
            all(word in text for word in self.q.casefold().split())
            and (not self.changed or row.changed)
            and (not self.found or FOUND[self.found](row))
        )


FOUND: Mapping[str, Callable[[Row], bool]] = {
    "errors": lambda row: bool(row.errors),
    "warnings": lambda row: bool(row.warnings),
    "below": lambda row: any(cell.below for cell in row.goals),
    "comments": lambda row: row.comments > 0,
    "clean": lambda row: row.plan is not None and not row.problems and not any(cell.below for cell in row.goals),
}
CHECKED = ("errors", "warnings", "clean")
FOUND_TITLES = (
    ("errors", _("with errors")),
    ("warnings", _("with warnings")),
    ("below", _("below target")),
    ("comments", _("with open comments")),
    ("clean", _("nothing found")),
)
LAST = datetime.max.replace(tzinfo=timezone.get_default_timezone())


def _handed_in(row: Row) -> datetime:
    return row.plan.submitted_at if row.plan and row.plan.submitted_at else LAST


SORTS: Mapping[str, Callable[[Row], Any]] = {
    "submitted": _handed_in,
    "late": lambda row: -row.late_days,
    "gap": lambda row: -row.gap,
    "comments": lambda row: -row.comments,
    "problems": lambda row: (-len(row.errors), -len(row.warnings)),
}
SORT_TITLES = (
    ("", _("by unit and grid")),
    ("submitted", _("first handed in first")),
    ("late", _("most days late first")),
    ("gap", _("furthest below target first")),
    ("comments", _("most open comments first")),
    ("problems", _("most found first")),
)


@dataclass(frozen=True, slots=True)
class Inbox:
    """What one request sees: the tabs with their counts, the rows of the open one."""

    choice: Choice
    tabs: list[Tab]
    tab: Tab
    rows: list[Row]
    hidden: int = 0

    @property
    def decidable(self) -> bool:
        """Whether there is something to decide here."""
        return self.tab.name == WAITING and bool(self.rows)


def inbox(found: Sequence[Row], choice: Choice) -> Inbox:
    """Sort the rows into tabs, check what is shown; without a tab asked for, the first that has rows opens."""
    if choice.looks_at_problems:
        check(found)
    taken = [row for row in found if choice.takes(row)]
    counts = Counter(row.tab for row in taken)
    tabs = [Tab(tab.name, tab.title, tab.icon, counts[tab.name]) for tab in TABS]
    opened = next((tab for tab in tabs if tab.name == choice.tab), None) or next((t for t in tabs if t.number), tabs[0])
    chosen = [row for row in taken if row.tab == opened.name]
    if choice.sort:
        chosen.sort(key=SORTS[choice.sort])
    if not choice.looks_at_problems:
        check(chosen[:SHOWN])
    return Inbox(choice, tabs, opened, chosen[:SHOWN], max(len(chosen) - SHOWN, 0))
