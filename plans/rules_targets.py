"""How a unit's six goals are split over its grids, and what a changed target does to a plan (O1, S1). No ORM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from plans.rules import EVEN, MANUAL, Figures, Weights, split_net_adds, split_renewals

UTILISATION = "port_utilisation"
#: goal -> the figure of a grid in proportion to which it is shared out; *ours* but for the contracts (S7)
IN_PROPORTION: Mapping[str, str] = {"renewals": "expiring", "talks": "prospects", "new_outlets": "without_outlet"}
TENTH = Decimal("0.1")
STANDS, RISE = "stands", "rise"

Value = int | Decimal


@dataclass(frozen=True, slots=True)
class GridFigures:
    """What a split over grids looks at: sums over the grid's projects in service.

    Users, ports and households as ``rules.Figures``; ``expiring``: contracts that end in the month; ``prospects``: new
    projects under way; ``without_outlet``: projects with no active outlet around them.
    """

    id: int
    existing: int = 0
    free_ports: int = 0
    unserved: int = 0
    ports: int = 0
    used: int = 0
    expiring: int = 0
    prospects: int = 0
    without_outlet: int = 0

    @property
    def code(self) -> str:
        """Decides ties: grids in the order in which they were made."""
        return f"{self.id:020d}"


@dataclass(frozen=True, slots=True)
class GoalSplit:
    """A goal split over grids (by grid id), and why. ``missing``: the unit's figure less what all grids got."""

    shares: Mapping[int, Value]
    missing: Value = 0
    why: Mapping[int, Mapping[str, float]] = field(default_factory=dict)


def split_goal(
    goal: str, figure: Value, grids: Sequence[GridFigures], by_hand: Mapping[int, Value], weights: Weights
) -> GoalSplit:
    """Split the unit's ``figure`` of ``goal`` over ``grids``; figures set by hand stay, the rest is shared out again.

    Net adds and new installs by the rule of S6, each new line needing a free port (for installs *ours*); renewals in
    proportion to the contracts expiring (S7); talks to the new projects under way, new outlets to the projects without
    one (both *ours*, evenly where there is none). Port utilisation is no sum: see ``raise_utilisation``.
    """
    if goal == UTILISATION:
        return raise_utilisation(Decimal(figure), grids, {pk: Decimal(value) for pk, value in by_hand.items()})
    fixed = {pk: int(value) for pk, value in by_hand.items()}
    if goal in IN_PROPORTION:
        return _in_proportion(IN_PROPORTION[goal], int(figure), grids, fixed)
    rows = [
        Figures(
            row.code,
            existing=row.existing,
            free_ports=row.free_ports,
            unserved=row.unserved,
            manual=fixed.get(row.id),
        )
        for row in grids
    ]
    split = split_net_adds(int(figure), rows, weights)
    return GoalSplit(
        {row.id: split.net_adds[row.code] for row in grids},
        split.missing,
        {row.id: split.why(row.code) for row in grids},
    )


def _in_proportion(name: str, figure: int, grids: Sequence[GridFigures], fixed: Mapping[int, int]) -> GoalSplit:
    weight = {row.code: int(getattr(row, name)) for row in grids if row.id not in fixed}
    rest = figure - sum(fixed[row.id] for row in grids if row.id in fixed)
    split = split_renewals(max(rest, 0), weight)  # none of these goals can be negative
    shares = {row.id: fixed.get(row.id, split.get(row.code, 0)) for row in grids}
    factor = name if any(weight.values()) else EVEN
    why = {row.id: {MANUAL if row.id in fixed else factor: float(shares[row.id])} for row in grids}
    return GoalSplit(shares, figure - sum(shares.values()), why)


def raise_utilisation(
    figure: Decimal, grids: Sequence[GridFigures], by_hand: Mapping[int, Decimal] | None = None
) -> GoalSplit:
    """Bring the unit's port utilisation to ``figure``: each grid rises from where it stands by the same points.

    *Ours.* Never below 0 nor above 100, in tenths; what such a bound cuts off is asked of the others. A grid without
    known ports gets the unit's figure. ``missing`` is ``figure`` less the mean of the grids weighed by ports.
    """
    fixed = by_hand or {}
    counted = [row for row in grids if row.ports]
    free = {row.id: Decimal(100 * min(row.used, row.ports)) / row.ports for row in counted if row.id not in fixed}
    ports = {row.id: row.ports for row in counted}
    wanted = figure * sum(ports.values()) - sum(fixed[pk] * ports[pk] for pk in ports if pk in fixed)
    levels = _level(free, ports, wanted)
    shares, why = {}, {}
    for row in grids:
        if row.id in fixed:
            shares[row.id], why[row.id] = fixed[row.id], {MANUAL: float(fixed[row.id])}
        elif row.id in levels:
            shares[row.id] = levels[row.id].quantize(TENTH, ROUND_HALF_UP)
            stands = float(free[row.id].quantize(TENTH, ROUND_HALF_UP))
            why[row.id] = {STANDS: stands, RISE: round(float(shares[row.id]) - stands, 1)}
        else:
            shares[row.id], why[row.id] = figure, {EVEN: float(figure)}
    return GoalSplit(shares, figure - mean if (mean := mean_utilisation(shares, grids)) is not None else Decimal(), why)


def mean_utilisation(shares: Mapping[int, Value], grids: Sequence[GridFigures]) -> Decimal | None:
    """The grids' utilisations weighed by their ports, in tenths; None where no ports are known."""
    counted = [row for row in grids if row.ports and row.id in shares]
    if not (ports := sum(row.ports for row in counted)):
        return None
    return (sum((Decimal(shares[row.id]) * row.ports for row in counted), Decimal()) / ports).quantize(
        TENTH, ROUND_HALF_UP
    )


def _level(free: Mapping[int, Decimal], ports: Mapping[int, int], wanted: Decimal) -> dict[int, Decimal]:
    """Each of ``free`` moved by the same points so that they, weighed by ports, add up to ``wanted``, in bounds."""
    levels, moving = dict(free), set(free)
    while moving:
        held = sum((levels[pk] * ports[pk] for pk in levels if pk not in moving), Decimal())
        stand = sum((free[pk] * ports[pk] for pk in moving), Decimal())
        rise = (wanted - held - stand) / sum(ports[pk] for pk in moving)
        moved = {pk: free[pk] + rise for pk in moving}
        out = {pk for pk, level in moved.items() if not 0 <= level <= 100}
        levels |= {pk: min(max(level, Decimal()), Decimal(100)) for pk, level in moved.items()}
        if not out:
            break
        moving -= out
    return levels


# --- A target that moved after a plan was made ---


@dataclass(frozen=True, slots=True)
class Moved:
    """A goal whose target moved since the plan took it over; values as text, empty: none.

    ``follows``: whether taking over changes the plan, for its manager had left the goal at the old target, or empty.
    """

    goal: str
    old: str
    new: str
    planned: str

    @property
    def follows(self) -> bool:
        """A goal that its manager set otherwise stays, and so does one that the unit no longer asks for."""
        return bool(self.new) and self.planned in ("", self.old)


def moves(handed_down: Mapping[str, str], target: Mapping[str, str], planned: Mapping[str, str]) -> list[Moved]:
    """The goals whose ``target`` is another than the one ``handed_down`` to the plan, but for those planned like it."""
    found = []
    for goal, new in target.items():
        old = handed_down.get(goal, "")
        if new not in (old, planned.get(goal, "")):
            found.append(Moved(goal, old, new, planned.get(goal, "")))
    return found
