"""Handing targets down to the grids of a unit: by hand or split, nothing that others wrote is overwritten (O1, S1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from django.core import signing
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F

from gridops.accounts.models import Grid, Unit, User
from gridops.common.bulk import may_try_again
from gridops.common.months import Month
from plans.models import GOALS, Target, UnitTarget
from plans.notices_targets import TargetChange, tell_targets
from plans.services import Refused
from plans.services_targets import Touched, goals_of, remember, take_over, touched

SALT = "plans.hand-down"
UNIT = "u"
KEPT_SECONDS = 6 * 3600
TRIES = 3


class _Moved(Exception):
    """A row was changed between reading and writing it."""


def place_of(owner: object, goal: str) -> str:
    """Where a figure stands on a page: ``u-net_adds`` is the unit's, ``12-net_adds`` that of grid 12."""
    return f"{owner}-{goal}"


def parted(place: str) -> tuple[str, str]:
    """Owner and goal of a place."""
    owner, _, goal = place.partition("-")
    return owner, goal


@dataclass(frozen=True)
class Wanted:
    """Figures that a person wants to hand down: place -> (as text, what stood there when the page was shown).

    ``split`` are goals that were split: of them, the places in ``locks`` count as set by hand and no others. Elsewhere
    what is typed counts as set by hand.
    """

    unit: int
    month: str
    cells: Mapping[str, tuple[str, str | None]]
    split: list[str] = field(default_factory=list)
    locks: list[str] = field(default_factory=list)

    def packed(self, by: User) -> str:
        """Signed, for a page that asks before it is written."""
        return signing.dumps([by.pk, asdict(self)], salt=SALT, compress=True)

    @classmethod
    def unpacked(cls, text: str, by: User) -> Wanted:
        """What ``packed`` made for the same person. BadSignature otherwise."""
        person, kept = signing.loads(text, salt=SALT, max_age=KEPT_SECONDS)
        if person != by.pk:
            raise signing.BadSignature
        cells = {place: (new, was) for place, (new, was) in kept.pop("cells").items()}
        return cls(cells=cells, **kept)

    def of_grids(self, now: Mapping[str, str]) -> dict[int, dict[str, str]]:
        """Grid -> goal -> text: what differs from ``now``."""
        found: dict[int, dict[str, str]] = defaultdict(dict)
        for place, (new, _was) in self.cells.items():
            owner, goal = parted(place)
            if owner != UNIT and now.get(place) != new:
                found[int(owner)][goal] = new
        return dict(found)

    def clashes(self, now: Mapping[str, str]) -> list[str]:
        """Places that somebody else changed since, to something else."""
        return [place for place, (new, was) in self.cells.items() if now.get(place, "") not in (new, was)]


@dataclass
class Stored:
    """What a unit has handed down for a month: its own figures, and each grid's (None: nothing yet)."""

    unit: UnitTarget | None
    grids: dict[int, Target | None]

    @classmethod
    def of(cls, unit: Unit | int, month: Month) -> Stored:
        """As stored: three queries."""
        grids: dict[int, Target | None] = dict.fromkeys(
            Grid.objects.filter(unit=unit).order_by("name", "pk").values_list("pk", flat=True)
        )
        for row in Target.objects.filter(grid__unit=unit, month=month.first).select_related("grid"):
            grids[row.grid_id] = row
        return cls(UnitTarget.objects.filter(unit=unit, month=month.first).first(), grids)

    def texts(self) -> dict[str, str]:
        """Every figure as text, by its place."""
        rows: list[tuple[object, Target | UnitTarget | None]] = [(UNIT, self.unit), *self.grids.items()]
        return {place_of(owner, goal): text for owner, row in rows for goal, text in goals_of(row).items()}


@dataclass
class Outcome:
    """What came of handing down: places that clash (nothing was written), or the rows written and plans brought up."""

    clashes: list[str] = field(default_factory=list)
    changes: list[TargetChange] = field(default_factory=list)
    unit_changed: bool = False
    followed: list[Touched] = field(default_factory=list)
    left: list[Touched] = field(default_factory=list)


def would_touch(wanted: Wanted) -> list[Touched]:
    """Plans in force that these figures would move away from (S1)."""
    month = Month.parse(wanted.month)
    texts = wanted.of_grids(Stored.of(wanted.unit, month).texts())
    return touched(Grid.objects.filter(unit=wanted.unit), month, texts) if texts else []


def hand_down(wanted: Wanted, by: User, *, follow: bool = False) -> Outcome:
    """Write the figures in one transaction, or, when somebody else changed one of them meanwhile, nothing.

    The managers are told. ``follow``: drafts and returned plans are brought up to date, too.
    """
    for _attempt in range(TRIES):
        try:
            with transaction.atomic():
                return _write(wanted, by, follow)
        except (IntegrityError, _Moved):  # a row was made or changed that very moment: look again
            continue
        except OperationalError as error:  # a roster writes the same rows in its own order
            if not may_try_again(error):
                raise
    return Outcome(clashes=list(wanted.cells))


def _write(wanted: Wanted, by: User, follow: bool) -> Outcome:
    month = Month.parse(wanted.month)
    unit = Unit.objects.held(wanted.unit)
    stored = Stored.of(unit, month)
    now, found = stored.texts(), Outcome()
    found.clashes = wanted.clashes(now) + [place for place in wanted.cells if place not in now]  # a grid that left
    if found.clashes:
        return found
    found.unit_changed = _write_unit(wanted, stored.unit or UnitTarget(unit=unit, month=month.first), now)
    texts = wanted.of_grids(now)
    remember(month, {pk: goals_of(stored.grids[pk]) for pk in texts})
    for pk, row in stored.grids.items():
        target = row or Target(grid=Grid(pk=pk, unit=unit), month=month.first)
        if change := _write_grid(wanted, target, texts.get(pk, {}), row is None):
            found.changes.append(change)
    plans = touched(Grid.objects.filter(pk__in=list(texts)), month) if texts else []
    for plan in plans:
        (found.followed if follow and plan.plan.is_editable and _follow(plan) else found.left).append(plan)
    tell_targets(found.changes, month, by, followed={one.plan.pk for one in found.followed})
    return found


def _follow(one: Touched) -> bool:
    try:
        take_over(one.plan, one.plan.version)
    except Refused:  # its manager is at it
        return False
    return True


def _write_unit(wanted: Wanted, row: UnitTarget, now: Mapping[str, str]) -> bool:
    new = {
        goal: wanted.cells[place][0]
        for goal in GOALS
        if (place := place_of(UNIT, goal)) in wanted.cells and wanted.cells[place][0] != now[place]
    }
    for goal, text in new.items():
        setattr(row, goal, value_of(goal, text))
    if new:
        _save(row)
    return bool(new)


def _write_grid(wanted: Wanted, row: Target, new: Mapping[str, str], made: bool) -> TargetChange | None:
    before = goals_of(None if made else row)
    hand = _by_hand(wanted, row, new)
    if not new and hand == row.by_hand:
        return None
    for goal, text in new.items():
        setattr(row, goal, value_of(goal, text))
    row.by_hand = hand
    if made:
        row.grid = Grid.objects.get(pk=row.grid_id)
    _save(row)
    return TargetChange(row, {goal: (before[goal], text) for goal, text in new.items()}) if new else None


def _by_hand(wanted: Wanted, row: Target, new: Mapping[str, str]) -> list[str]:
    """The goals that count as set by hand, in the order of the goals; an empty one never does."""
    typed = {goal for goal in new if goal not in wanted.split}
    kept = set(row.by_hand) - set(wanted.split) | typed
    kept |= {goal for goal in wanted.split if place_of(row.grid_id, goal) in wanted.locks}
    texts = {**goals_of(row), **new}
    return [goal for goal in GOALS if goal in kept and texts[goal]]


def _save(row: Target | UnitTarget) -> None:
    if row.pk:
        held: Any = type(row)._default_manager.filter(pk=row.pk, version=row.version)
        if not held.update(version=F("version") + 1):
            raise _Moved
        row.version += 1
    row.save()


def value_of(goal: str, text: str) -> int | Decimal | None:
    """A figure from its text."""
    if not text:
        return None
    return Decimal(text) if goal == "port_utilisation" else int(text)
