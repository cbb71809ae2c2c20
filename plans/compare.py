"""A plan as it was handed in, readable without the database, and what two of them differ in (S1).

``content_of`` reads a plan; ``differences`` is pure: contents in, lines out.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from plans.models import GOALS, Plan, Target

Content = Mapping[str, Any]
SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"
SHARE_FIELDS = ("net_adds", "manual", "adjustment", "remark")
AGENT_FIELDS = ("expiring", "renewals")
STEP_FIELDS = ("what", "project", "who", "due_on", "measure", "improvement", "done_on")


# --- Reading ---


def content_of(plan: Plan) -> dict[str, Any]:
    """All that a plan says, as JSON can hold it, with the names of projects and agents; five queries."""
    target = Target.objects.filter(grid=plan.grid_id, month=plan.month).first()
    return {
        "grid": plan.grid.name,
        "month": f"{plan.month:%Y-%m}",
        "revision": plan.revision,
        "version": plan.version,
        "shortfall": plan.shortfall,
        "note": plan.note.replace("\r\n", "\n"),
        "goals": {
            name: {"planned": _plain(getattr(plan, name)), "target": _plain(getattr(target, name, None))}
            for name in GOALS
        },
        "shares": {
            str(share.project_id): {
                "name": str(share.project),
                "net_adds": share.net_adds,
                "manual": share.is_manual,
                "adjustment": share.adjustment,
                "remark": share.remark,
            }
            for share in plan.project_shares.select_related("project")
        },
        "agents": {
            str(share.agent_id or 0): {
                "name": str(share.agent) if share.agent else "",
                "expiring": share.expiring,
                "renewals": share.renewals,
            }
            for share in plan.agent_shares.select_related("agent")
        },
        "steps": [
            {
                "id": step.pk,
                "from": step.carried_from_id,
                "what": step.what,
                "project": str(step.project) if step.project else "",
                "project_id": step.project_id,
                "who": step.who,
                "due_on": _plain(step.due_on),
                "measure": step.measure,
                "improvement": step.improvement,
                "done_on": _plain(step.done_on),
            }
            for step in plan.steps.select_related("project")
        ],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


# --- Comparing ---


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a line, before and after; None where the line was not there."""

    name: str
    before: Any
    after: Any

    @property
    def changed(self) -> bool:
        """Whether the two differ; nothing said and nothing there are the same."""
        return bool(_said(self.before) != _said(self.after))


def _said(value: Any) -> Any:
    return None if value is None or value is False or value == "" else value


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a plan in two contents: ``part`` it stands in, ``key`` as comments name it, what became of it."""

    part: str
    key: str
    title: str
    kind: str
    fields: tuple[Field, ...]

    @property
    def changes(self) -> list[Field]:
        """The values that differ."""
        return [one for one in self.fields if one.changed]

    @property
    def by_name(self) -> dict[str, Field]:
        """Its values by name."""
        return {one.name: one for one in self.fields}


def differences(old: Content, new: Content) -> list[Line]:
    """Every line of two contents: goals, the note, shares, agents, steps; those only in the old one come last."""
    return [
        *_goals(old, new),
        _line("note", "note", "", {"text": old.get("note", "")}, {"text": new.get("note", "")}, ("text",)),
        *_rows("shares", "share", SHARE_FIELDS, old, new),
        *_rows("agents", "agent", AGENT_FIELDS, old, new),
        *_steps(old.get("steps", []), new.get("steps", [])),
    ]


def _goals(old: Content, new: Content) -> list[Line]:
    before, after = old.get("goals", {}), new.get("goals", {})
    fields = ("planned", "target")
    return [_line("goals", f"goal:{name}", "", before.get(name, {}), after.get(name, {}), fields) for name in GOALS]


def _rows(part: str, kind: str, fields: Sequence[str], old: Content, new: Content) -> list[Line]:
    before, after = old.get(part, {}), new.get(part, {})
    keys = [*after, *(key for key in before if key not in after)]
    return [
        _line(part, f"{kind}:{key}", (after.get(key) or before[key])["name"], before.get(key), after.get(key), fields)
        for key in keys
    ]


def _steps(old: Sequence[Content], new: Sequence[Content]) -> list[Line]:
    pairs = _paired(old, new)
    taken = {before for before in pairs.values() if before is not None}
    lines = []
    for at, after in enumerate(new):
        found = pairs.get(at)
        before = old[found] if found is not None else None
        if before is not None and before.get("project_id") == after.get("project_id"):
            before = {**before, "project": after.get("project")}  # renamed since: the same project
        lines.append(_line("steps", f"step:{after['id']}", after["what"], before, after, STEP_FIELDS))
    left = [before for at, before in enumerate(old) if at not in taken]
    return [*lines, *(_line("steps", f"step:{one['id']}", one["what"], one, None, STEP_FIELDS) for one in left)]


def _line(
    part: str, key: str, title: str, before: Content | None, after: Content | None, fields: Sequence[str]
) -> Line:
    pairs = tuple(Field(name, (before or {}).get(name), (after or {}).get(name)) for name in fields)
    if before is None or after is None:
        return Line(part, key, title, REMOVED if after is None else ADDED, pairs)
    return Line(part, key, title, CHANGED if any(one.changed for one in pairs) else SAME, pairs)


Key = Callable[[Content], Hashable | None]


def _paired(old: Sequence[Content], new: Sequence[Content]) -> dict[int, int]:
    """Which step of the old content each step of the new one is: the surest sign first.

    Its id; what it was carried over from (a revision copies its steps, and next month's come from this month's);
    the same words at the same project; all the same but the words.
    """
    found: dict[int, int] = {}
    left_old, left_new = set(range(len(old))), set(range(len(new)))
    for of_old, of_new in _SIGNS:
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        for at in sorted(left_old):
            if (key := of_old(old[at])) is not None:
                waiting[key].append(at)
        for at in sorted(left_new):
            key = of_new(new[at])
            if key is not None and waiting.get(key):
                found[at] = waiting[key].popleft()
        left_old -= set(found.values())
        left_new -= set(found)
    return found


def _id(step: Content) -> Hashable | None:
    return step.get("id")


def _from(step: Content) -> Hashable | None:
    return step.get("from")


def _all(step: Content) -> Hashable:
    return (_rest(step, bare=True), step.get("what"))


def _words(step: Content) -> Hashable:
    return (step.get("what"), step.get("project_id"))


def _rest(step: Content, *, bare: bool = False) -> Hashable | None:
    rest = tuple(step.get(name) or None for name in ("project_id", "who", "due_on", "measure", "improvement"))
    return rest if bare or any(rest) else None


_SIGNS: tuple[tuple[Key, Key], ...] = (
    (_id, _id), (_from, _from), (_id, _from), (_from, _id), (_all, _all), (_words, _words), (_rest, _rest),
)  # fmt: skip
