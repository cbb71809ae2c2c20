"""First steps that the figures propose for a plan: pure functions; the manager keeps, changes or removes them (S1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from gridops.common.months import Month
from gridops.common.templatetags.gridops import day as day_name
from plans.rules import Figures

MOST = 12
EARLY, MIDDLE, LATE, LAST = 10, 15, 20, 28  # days of the month by which a step is proposed
NAMED = 3


@dataclass(frozen=True, slots=True)
class Step:
    """An action step to be written."""

    what: str
    project: int | None = None
    who: str = ""
    due_on: date | None = None
    measure: str = ""
    carried_from: int | None = None
    goal: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """The unit's thresholds: port utilisation (0 to 100) that is weak or nearly full, months of loss that stand out."""

    weak: int = 50
    full: int = 90
    losing: int = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A project: its figures, its utilisation (0 to 100; None: not known), its share of the net adds."""

    id: int
    name: str
    figures: Figures
    utilisation: float | None
    share: int


@dataclass(frozen=True, slots=True)
class Behind:
    """A goal of the month that runs which lags: what it has come to by a day, and its target."""

    goal: str
    value: int
    target: int
    as_of: date


@dataclass(slots=True)
class Hints:
    """What else is known of a grid: project -> (months of loss running, users lost), goals behind, new projects."""

    losing: dict[int, tuple[int, int]] = field(default_factory=dict)
    behind: list[Behind] = field(default_factory=list)
    prospects: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ground:
    """What steps are proposed from. ``goals`` by name; ``expiring`` contracts, of them ``pool`` without an agent."""

    places: Sequence[Place]
    goals: Mapping[str, object]
    expiring: int
    pool: int
    hints: Hints


def propose(ground: Ground, month: Month, who: str, limits: Limits) -> list[Step]:
    """The steps, the most telling first within each kind; never more than ``MOST``."""
    parts = (_behind, _largest, _nearly_full, _weakest, _losing, _renewals, _new_ground)
    found = [step for part in parts for step in part(ground, limits)]
    return [
        Step(what[:200], project, who, month.day(min(by, month.length)), measure[:120])
        for what, measure, by, project in found[:MOST]
    ]


Raw = tuple[str, str, int, int | None]  # what, how it is measured, by which day, project


def _behind(ground: Ground, _limits: Limits) -> Iterator[Raw]:
    texts = {
        "net_adds": _("Catch up on net adds: %(value)d of %(target)d by %(day)s"),
        "installs": _("Catch up on new installs: %(value)d of %(target)d by %(day)s"),
        "renewals": _("Catch up on renewals: %(value)d of %(target)d by %(day)s"),
    }
    for one in ground.hints.behind:
        values = {"value": one.value, "target": one.target, "day": day_name(one.as_of)}
        measure = _("causes named, %(number)d made up for") % {"number": one.target - one.value}
        yield texts[one.goal] % values, measure, EARLY, None


def _largest(ground: Ground, _limits: Limits) -> Iterator[Raw]:
    for place in sorted(ground.places, key=lambda one: (-one.share, one.figures.code))[:NAMED]:
        if place.share > 0:
            text = _("Promote %(project)s: %(free)d ports are free, %(share)d net adds planned")
            values = {"project": place.name, "free": place.figures.free_ports, "share": place.share}
            yield text % values, _("net adds: %(number)d") % {"number": place.share}, LAST, place.id


def _nearly_full(ground: Ground, limits: Limits) -> Iterator[Raw]:
    full = [
        (place.utilisation, place)
        for place in ground.places
        if place.utilisation is not None and place.utilisation >= limits.full and place.figures.unserved > 0
    ]
    for utilisation, place in sorted(full, key=lambda one: (-one[1].figures.unserved, one[1].figures.code))[:2]:
        text = _("Have ports added in %(project)s: %(percent).0f %% are in use, %(households)d households could join")
        values = {"project": place.name, "percent": utilisation, "households": place.figures.unserved}
        yield text % values, _("ports ordered, day of delivery known"), EARLY, place.id


def _weakest(ground: Ground, limits: Limits) -> Iterator[Raw]:
    low = [
        (place.utilisation, place.figures.code, place)
        for place in ground.places
        if place.utilisation is not None and place.utilisation < limits.weak
    ]
    if low:
        utilisation, _code, place = min(low, key=lambda one: one[:2])
        text = _("Find out why only %(percent).0f %% of the ports of %(project)s are in use")
        yield text % {"percent": utilisation, "project": place.name}, _("causes and measures"), EARLY, place.id


def _losing(ground: Ground, limits: Limits) -> Iterator[Raw]:
    names = {place.id: place.name for place in ground.places}
    losing = [
        (-lost, pk, months)
        for pk, (months, lost) in ground.hints.losing.items()
        if months >= limits.losing and pk in names
    ]
    for lost, pk, months in sorted(losing)[:2]:
        text = _("Stop the losses in %(project)s: %(lost)d users fewer in %(months)d months running")
        values = {"project": names[pk], "lost": -lost, "months": months}
        yield text % values, _("those who left asked why; net adds not below 0"), MIDDLE, pk


def _renewals(ground: Ground, _limits: Limits) -> Iterator[Raw]:
    if ground.expiring:
        text = _("Have all %(number)d expiring subscribers contacted") % {"number": ground.expiring}
        yield text, _("contacts made"), LATE, None
    if ground.pool:
        text = _("Take care of %(number)d expiring subscribers without an agent") % {"number": ground.pool}
        yield text, _("contacts made"), EARLY, None


def _new_ground(ground: Ground, _limits: Limits) -> Iterator[Raw]:
    if talks := ground.goals["talks"]:
        names = "、".join(ground.hints.prospects[:NAMED])
        if names:
            text = _("Hold %(number)d new-project talks, first with: %(names)s") % {"number": talks, "names": names}
        else:
            text = _("Hold %(number)d new-project talks") % {"number": talks}
        yield text, _("talks held"), 25, None
    if outlets := ground.goals["new_outlets"]:
        yield _("Develop %(number)d new outlets") % {"number": outlets}, _("outlets won"), 25, None
