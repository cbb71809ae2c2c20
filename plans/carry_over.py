"""What earlier plans left unfinished and no later plan has taken up: each line is carried once (S2).

A step is the same in every revision of its month's plan, whichever row it stands in there. One that is ticked off where
it was carried from is finished wherever it was carried to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from gridops.accounts.models import Grid
from gridops.common.months import Month
from plans.models import ActionStep, Plan

Grids = QuerySet[Grid, Grid]
LOOK_BACK = 3  # months


class Key(NamedTuple):
    """What makes a step the same one in every revision; a line of a goal fallen short is told by its goal."""

    month: date
    goal: str
    what: str
    project: int | None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A step of an earlier plan that the plan of a month has to take up."""

    step: int
    what: str
    project: int | None
    who: str
    measure: str
    goal: str = ""


@dataclass(slots=True)
class _Lines:
    """A grid's steps: what is undone, what was taken up from where, and by the plan that is asked for."""

    undone: list[tuple[Key, Unfinished]] = field(default_factory=list)
    came_from: dict[Key, Key] = field(default_factory=dict)
    taken: set[Key] = field(default_factory=set)
    own: set[Key] = field(default_factory=set)
    done: set[Key] = field(default_factory=set)


def unfinished_steps(grids: Grids, month: Month, have: Mapping[int, int] | None = None) -> dict[int, list[Unfinished]]:
    """Grid -> what the plan of ``month`` has to take up, the oldest first; two queries, however many grids.

    The plans of the three months before are looked at: the approved one of each, where there is none the latest.
    ``have``: grid -> a plan of ``month`` that there is already; what it has taken up, at however many removes, is
    left out.
    """
    plans = {pk: grid for grid, pk in counting_plans(grids, month.plus(-LOOK_BACK), month.plus(-1)).items()}
    own = {pk: grid for grid, pk in (have or {}).items()}
    found: dict[int, _Lines] = defaultdict(_Lines)
    for row in _rows([*plans, *own]):
        grid = own[row["plan"]] if row["plan"] in own else plans[row["plan"]][0]
        _take_in(found[grid], row, in_own=row["plan"] in own)
    return {grid: left for grid, lines in found.items() if (left := _left(lines))}


def counting_plans(grids: Grids, first: Month, last: Month) -> dict[tuple[int, date], int]:
    """(grid, month) -> the plan that counts in each month: the approved one, else the latest; one query."""
    rows = Plan.objects.filter(grid__in=grids, month__range=(first.first, last.first)).exclude(
        state=Plan.State.SUPERSEDED
    )
    found: dict[tuple[int, date], int] = {}
    for grid, month, pk in rows.approved_first().values_list("grid", "month", "pk"):
        found.setdefault((grid, month), pk)
    return found


def _rows(plans: list[int]) -> list[dict[str, Any]]:
    steps = ActionStep.objects.filter(Q(done_on=None) | Q(carried_from__isnull=False), plan__in=plans)
    names = ("plan__month", "goal", "what", "project", "carried_from")
    source = [f"carried_from__{name}" for name in names]
    own = ("pk", "plan", "who", "measure", "done_on", "carried_from__done_on", *names, *source)
    return list(steps.order_by("plan__month", "due_on", "pk").values(*own))


def _take_in(lines: _Lines, row: dict[str, Any], in_own: bool) -> None:
    key = _key(row)
    if row["carried_from"] is not None:
        before = _key(row, "carried_from__")
        lines.came_from[key] = before
        (lines.own if in_own else lines.taken).add(before)
        if row["carried_from__done_on"] is not None:
            lines.done.add(before)
    if row["done_on"] is None and not in_own:
        one = Unfinished(row["pk"], row["what"], row["project"], row["who"], row["measure"], row["goal"])
        lines.undone.append((key, one))


def _key(row: dict[str, Any], prefix: str = "") -> Key:
    month, goal, what, project = (row[prefix + name] for name in ("plan__month", "goal", "what", "project"))
    fell_short = bool(goal) and row[prefix + "carried_from"] is None
    return Key(month, goal, "", None) if fell_short else Key(month, "", what, project)


def _left(lines: _Lines) -> list[Unfinished]:
    taken, settled = lines.taken | lines.own, lines.own | lines.done
    return [one for key, one in lines.undone if key not in taken and not _ancestors(key, lines.came_from) & settled]


def _ancestors(key: Key, came_from: Mapping[Key, Key]) -> set[Key]:
    found: set[Key] = set()
    at = came_from.get(key)
    while at is not None and at not in found:
        found.add(at)
        at = came_from.get(at)
    return found
