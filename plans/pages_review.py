"""What the review and the comparing of versions show: each line with what became of it, in words (S1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from gridops.common.templatetags.gridops import NOTHING, day, figure
from plans.compare import REMOVED, SAME, Content, Field, Line, content_of, differences
from plans.models import ActionStep, Plan, PlanEvent, PlanVersion, goal_label
from plans.pages import GoalRow, goal_rows, last_plan
from plans.results import results_of_projects
from plans.workflow import IN_WORK

TITLES: Mapping[str, str | Promise] = {
    "planned": gettext_lazy("planned"),
    "target": gettext_lazy("target"),
    "text": gettext_lazy("notes"),
    "net_adds": gettext_lazy("net adds"),
    "manual": gettext_lazy("set by hand"),
    "adjustment": gettext_lazy("adjustment"),
    "remark": gettext_lazy("remark"),
    "expiring": gettext_lazy("contracts expiring"),
    "renewals": gettext_lazy("renewals"),
    "what": gettext_lazy("step"),
    "project": gettext_lazy("project"),
    "who": gettext_lazy("person responsible"),
    "due_on": gettext_lazy("by when"),
    "measure": gettext_lazy("how it is measured"),
    "improvement": gettext_lazy("improvement measure"),
    "done_on": gettext_lazy("done on"),
}
PARTS: Mapping[str, str | Promise] = {
    "goals": gettext_lazy("Goals"),
    "note": gettext_lazy("notes"),
    "shares": gettext_lazy("Net adds by project"),
    "agents": gettext_lazy("Renewals by agent"),
    "steps": gettext_lazy("Action steps"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A value that differs, as it is read."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A line of a plan and what became of it since the content it is compared with."""

    line: Line

    @property
    def title(self) -> str:
        """The line in words."""
        part, key = self.line.part, self.line.key.partition(":")[2]
        if part == "goals":
            return goal_label(key)
        return str(PARTS["note"]) if part == "note" else self.line.title or _("manager's pool")

    @property
    def changes(self) -> list[Change]:
        """What differs, before and after."""
        return [
            Change(str(TITLES[one.name]), self._text(one, one.before), self._text(one, one.after))
            for one in self.line.changes
        ]

    @property
    def said(self) -> list[Change]:
        """What a line that is new or gone says."""
        gone = self.line.kind == REMOVED
        values = [(one, one.before if gone else one.after) for one in self.line.fields]
        return [
            Change(str(TITLES[one.name]), "", self._text(one, value))
            for one, value in values
            if value not in (None, "")
        ]

    def _text(self, one: Field, value: Any) -> str:
        if value is None or value == "":
            return NOTHING
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if one.name in ("due_on", "done_on"):
            return day(date.fromisoformat(value))
        if isinstance(value, int | float):
            return figure(value, self.line.key)
        return str(value)


def parts_of(old: Content, new: Content, *, only: bool = False) -> list[tuple[str, list[Seen], int]]:
    """Every part that has lines: its title, its lines, how many of them are the same (and left out with ``only``)."""
    found: dict[str, list[Seen]] = defaultdict(list)
    same: dict[str, int] = defaultdict(int)
    for line in differences(old, new):
        same[line.part] += line.kind == SAME
        if line.kind != SAME or not only:
            found[line.part].append(Seen(line))
    return [(str(PARTS[part]), found[part], same[part]) for part in PARTS if found[part] or same[part]]


# --- The review ---


@dataclass(frozen=True, slots=True)
class Base:
    """What a plan is compared with: a version handed in before, or the approved plan that it revises."""

    title: str
    content: Content


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the plan under review: as it is, since the last version, and last month's beside it.

    ``now`` and ``last`` are the line's values by name; without one there was none.
    """

    key: str
    title: str
    now: Mapping[str, Any] | None
    seen: Seen | None = None
    last: Mapping[str, Any] | None = None
    result: Any = None
    goal: GoalRow | None = None
    done_on: date | None = None
    carried: bool = False

    @property
    def kind(self) -> str:
        """What became of it."""
        return self.seen.line.kind if self.seen else SAME


@dataclass(slots=True)
class Review:
    """A plan beside last month's and beside what it is compared with."""

    base: Base | None
    last: Plan | None
    goals: list[Row] = field(default_factory=list)
    shares: list[Row] = field(default_factory=list)
    agents: list[Row] = field(default_factory=list)
    steps: list[Row] = field(default_factory=list)
    note: Row | None = None
    last_note: str = ""
    last_steps: list[Row] = field(default_factory=list)
    hidden: int = 0

    @property
    def changed(self) -> int:
        """How many lines differ from the base."""
        rows = [*self.goals, *self.shares, *self.agents, *self.steps, *([self.note] if self.note else [])]
        return sum(1 for row in rows if row.kind != SAME)


def base_of(plan: Plan) -> Base | None:
    """What a reviewer saw last: the version before, for a new revision the approved plan's."""
    versions = list(plan.versions.order_by("-number")[:2])
    if not plan.is_editable:
        versions = versions[1:]
    if versions:
        return Base(version_title(plan, versions[0].number), versions[0].content)
    before = Plan.objects.filter(grid=plan.grid_id, month=plan.month, revision__lt=plan.revision)
    revised = before.filter(state__in=[Plan.State.APPROVED, Plan.State.SUPERSEDED]).order_by("-revision").first()
    if revised is None:
        return None
    last = revised.versions.order_by("-number").first()
    title = version_title(revised, last.number if last else 0)
    return Base(title, last.content if last else content_of(revised))


def version_title(plan: Plan, number: int) -> str:
    """A version in words: its revision where there are several, its number."""
    if plan.revision > 1:
        return _("revision %(revision)d, version %(number)d") % {"revision": plan.revision, "number": number}
    return _("version %(number)d") % {"number": number}


def review(plan: Plan, *, only: bool = False) -> Review:
    """Everything that the reviewer compares; ``only``: what differs from the base."""
    base, last = base_of(plan), last_plan(plan)
    now, before = _now(plan), content_of(last) if last else {}
    found = Review(base, last, last_note=before.get("note", ""))
    lines = {line.key: line for line in differences(base.content if base else now, now)}
    goals = {f"goal:{row.name}": row for row in goal_rows(plan)}
    carried = {f"step:{step['id']}" for step in now.get("steps", []) if step.get("from")}
    beside = {line.key: line for line in differences(before, now)}
    results = _results(plan)
    for key, line in lines.items():
        row = _row(line, beside.get(key), base is not None, goals.get(key), results, carried)
        if only and base and row.kind == SAME:
            found.hidden += 1
        elif line.part == "note":
            found.note = row
        else:
            getattr(found, line.part).append(row)
    if not only:
        left = [line for key, line in beside.items() if line.part == "shares" and key not in lines]
        found.shares += [_row(line, line, False, None, results) for line in left if line.kind == REMOVED]
    found.last_steps = _last_steps(before, now)
    return found


def _now(plan: Plan) -> Content:
    """What the plan says; of a plan that was decided on, what was handed in: steps are ticked off since."""
    kept = None if plan.state in IN_WORK else plan.versions.order_by("-number").first()
    return kept.content if kept else content_of(plan)


def _row(
    line: Line,
    beside: Line | None,
    compared: bool,
    goal: GoalRow | None,
    results: Mapping[str, Any],
    carried: Collection[str] = (),
) -> Row:
    now = None if line.kind == REMOVED else {one.name: one.after for one in line.fields}
    last = {one.name: one.before for one in beside.fields} if beside else None
    seen = Seen(line)
    due = (now or {}).get("due_on") if line.part == "steps" else None
    if now is not None and due:
        now["due_on"] = date.fromisoformat(due)
    return Row(
        line.key,
        seen.title,
        now,
        seen if compared else None,
        last,
        results.get(line.key),
        goal,
        carried=line.key in carried,
    )


def _results(plan: Plan) -> dict[str, Any]:
    """What each project brought last month, by the line of its share."""
    grids = Grid.objects.filter(pk=plan.grid_id)
    found = results_of_projects(grids, Month.of(plan.month).plus(-1), timezone.localdate())
    return {f"share:{project}": row["net_adds"] for project, row in found.items() if "net_adds" in row}


def _last_steps(before: Content, now: Content) -> list[Row]:
    """Last month's steps: done, or carried over into this plan, or neither; the same in every revision of its plan."""
    taken = {step["from"] for step in now.get("steps", []) if step.get("from")}
    words = set(ActionStep.objects.filter(pk__in=taken).values_list("what", "project"))
    rows = []
    for step in before.get("steps", []):
        carried = step["id"] in taken or (step["what"], step["project_id"]) in words
        done = date.fromisoformat(step["done_on"]) if step["done_on"] else None
        rows.append(Row(f"step:{step['id']}", step["what"], {**step, "carried": carried}, done_on=done))
    return rows


# --- Walking from plan to plan ---


@dataclass(frozen=True, slots=True)
class Walk:
    """The plans of the month that wait, in the order of the inbox, seen from one of them."""

    number: int
    waiting: int
    previous: int | None = None
    next: int | None = None


def walk(user: User, plan: Plan) -> Walk:
    """Where ``plan`` stands among those that wait; number 0 when it does not wait itself."""
    rows = Plan.objects.for_user(user).filter(month=plan.month).filter(Q(state=Plan.State.SUBMITTED) | Q(pk=plan.pk))
    pks = list(rows.order_by("grid__unit__name", "grid__name", "pk").values_list("pk", flat=True))
    at = pks.index(plan.pk)
    waits = plan.state == Plan.State.SUBMITTED
    return Walk(
        number=at + 1 if waits else 0,
        waiting=len(pks) - (not waits),
        previous=pks[at - 1] if at else None,
        next=pks[at + 1] if at + 1 < len(pks) else None,
    )


# --- Versions ---


@dataclass(slots=True)
class Handed:
    """A plan handed in once: the version, the step of its course, and what came of it."""

    version: PlanVersion
    event: PlanEvent | None = None
    decision: PlanEvent | None = None

    @property
    def title(self) -> str:
        """The version in words."""
        return version_title(self.version.plan, self.version.number)


def handed_in(plan: Plan) -> list[Handed]:
    """Every version of this grid and month over all revisions, the newest first, each with its decision."""
    same = PlanVersion.objects.filter(plan__grid=plan.grid_id, plan__month=plan.month)
    versions = same.select_related("plan", "by").defer("content").order_by("plan__revision", "number")
    events: dict[int, list[PlanEvent]] = defaultdict(list)
    course = PlanEvent.objects.filter(plan__grid=plan.grid_id, plan__month=plan.month)
    for event in course.select_related("by", "stands_in_for"):
        events[event.plan_id].append(event)
    found = [Handed(version, *_came_of(version.at, events[version.plan_id])) for version in versions]
    return found[::-1]


def _came_of(at: datetime, events: list[PlanEvent]) -> tuple[PlanEvent | None, PlanEvent | None]:
    """The step that handed it in then, and the next decision on it."""
    ends = (PlanEvent.Action.RETURNED, PlanEvent.Action.APPROVED, PlanEvent.Action.WITHDRAWN)
    starts = [event for event in events if event.action == PlanEvent.Action.SUBMITTED and event.at == at]
    if not starts:
        return None, None
    rest = events[events.index(starts[0]) + 1 :]
    return starts[0], next((event for event in rest if event.action in ends), None)
