"""What the pages of targets show: a unit's figures and its grids', beside last month's, in few queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from gridops.accounts.models import Grid, Role, Unit, User
from gridops.common.month_choice import MonthChoice
from gridops.common.months import Month
from plans.models import GOALS, Target, goal_label
from plans.results import results_of
from plans.rules_targets import UTILISATION, Value
from plans.services_handdown import UNIT, Stored, place_of, value_of

NEAR = Decimal("0.5")
SETTERS = (Role.SUPERVISOR, Role.ADMIN)


def supervised_units(user: User) -> QuerySet[Unit, Unit]:
    """The units whose targets ``user`` hands down today: an admin's all, a supervisor's own (O1)."""
    if user.scope.everything:
        return Unit.objects.order_by("name")
    return Unit.objects.served_by(user, Role.SUPERVISOR, timezone.localdate()).order_by("name")


@dataclass(frozen=True, slots=True)
class Scene:
    """What a page of targets is about: a unit among those that the person hands targets down to, and a month."""

    unit: Unit
    units: list[Unit]
    choice: MonthChoice

    @property
    def month(self) -> Month:
        """The month."""
        return self.choice.month

    @property
    def query(self) -> str:
        """The query string of its pages."""
        return f"?month={self.month}&unit={self.unit.pk}"


@dataclass(slots=True)
class CellShown:
    """One figure of a grid on the page: its input, last month's, and what somebody else made of it meanwhile."""

    place: str
    goal: str
    label: str
    field: Any = None
    last_target: Any = None
    last_result: Any = None
    as_of: date | None = None
    by_hand: bool = False
    theirs: str | None = None
    by: Any = None


@dataclass(slots=True)
class GridShown:
    """A grid's row."""

    grid: Grid
    cells: list[CellShown]
    ports: int = 0
    missing: bool = False


@dataclass(slots=True)
class GoalShown:
    """A goal's column: the unit's own figure, and what the grids add up to."""

    goal: str
    label: str
    cell: CellShown
    total: Value | None
    difference: Value | None = None

    @property
    def over(self) -> Value:
        """By how much the grids have more than the unit."""
        return -self.difference if self.difference else 0


@dataclass(slots=True)
class Board:
    """All of it."""

    goals: list[GoalShown]
    rows: list[GridShown] = field(default_factory=list)


def board(scene: Scene, stored: Stored, typed: Mapping[str, str] | None = None) -> Board:
    """The page's columns and rows. ``typed``: figures to be added up instead of the stored ones."""
    texts = {**stored.texts(), **(typed or {})}
    grids = Grid.objects.filter(unit=scene.unit)
    before = scene.month.plus(-1)
    results = results_of(grids, before, timezone.localdate())
    last = {row.grid_id: row for row in Target.objects.filter(grid__unit=scene.unit, month=before.first)}
    rows = []
    for grid in grids.order_by("name", "pk"):
        target, found = stored.grids.get(grid.pk), results.get(grid.pk, {})
        cells = [
            CellShown(
                place_of(grid.pk, goal),
                goal,
                goal_label(goal),
                last_target=getattr(last.get(grid.pk), goal, None),
                last_result=found[goal].value if goal in found else None,
                as_of=found[goal].as_of if goal in found else None,
                by_hand=target is not None and goal in target.by_hand,
            )
            for goal in GOALS
        ]
        parts = found["port_utilisation"].parts if "port_utilisation" in found else None
        rows.append(GridShown(grid, cells, parts[1] if parts else 0, target is None))
    return Board([_column(goal, texts, rows) for goal in GOALS], rows)


def _column(goal: str, texts: Mapping[str, str], rows: list[GridShown]) -> GoalShown:
    place = place_of(UNIT, goal)
    ports = {str(row.grid.pk): row.ports for row in rows}
    total = total_of(goal, {str(row.grid.pk): texts.get(place_of(row.grid.pk, goal), "") for row in rows}, ports)
    figure = value_of(goal, texts.get(place, ""))
    gap = figure - total if figure is not None and total is not None else None
    if gap is not None and goal == UTILISATION and abs(Decimal(gap)) < NEAR:  # tenths rounded in each grid
        gap = 0
    return GoalShown(goal, goal_label(goal), CellShown(place, goal, goal_label(goal)), total, gap)


def total_of(goal: str, texts: Mapping[str, str], ports: Mapping[str, int]) -> Value | None:
    """What grids add up to; None where none has a figure. Utilisation: their mean, weighed by ports where known."""
    values = {key: value for key, text in texts.items() if (value := value_of(goal, text)) is not None}
    if not values:
        return None
    if goal != UTILISATION:
        return sum(values.values())
    weights = {key: ports.get(key, 0) for key in values}
    weights = weights if any(weights.values()) else dict.fromkeys(values, 1)
    return round(sum((Decimal(values[key]) * weights[key] for key in values), Decimal()) / sum(weights.values()), 1)
