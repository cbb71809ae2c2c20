"""What rounds are made of and what their page shows: outlets, hours, what is owed; a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from channels.models import Outlet, Round, RoundStop
from channels.rules_rounds import DAY, Course, Leg, Stop, Terms, Why, course, why_not
from channels.week import Standing, standings
from gridops.accounts.models import Grid, User
from gridops.accounts.rulebook import rules_of
from gridops.accounts.services_calendar import away, calendar
from gridops.common.places import Place
from gridops.common.weeks import Week

RULES = ("round_minutes", "round_stop_minutes", "round_speed")
MORNING = time(9)
WORDS: dict[Why, Promise | str] = {
    Why.NO_PLACE: _("has no place on record"),
    Why.CLOSED_DAY: _("closed on this day"),
    Why.CLOSED: _("not open long enough then"),
    Why.TOO_FAR: _("too far: the way there takes the whole time"),
    Why.NO_TIME: _("no time left for it"),
}
CROWDED = pgettext_lazy("round", "no time left: more overdue or nearer ones come first")


def minutes(at: time) -> int:
    """Minutes after midnight."""
    return at.hour * 60 + at.minute


def clock(at: int) -> time:
    """The time of day; what lies after midnight is its last minute."""
    return time(*divmod(min(at, DAY - 1), 60))


def place_of(row: Outlet | Round) -> Place | None:
    """Where it lies, in degrees; None when nobody knows."""
    return None if row.longitude is None or row.latitude is None else (row.longitude, row.latitude)


def stop_of(outlet: Outlet, standing: Standing, day: date, *, fixed: bool = False) -> Stop:
    """The outlet as something to be visited on ``day``; hours beyond midnight count until midnight."""
    opens = minutes(outlet.opens_at) if outlet.opens_at else 0
    closes = minutes(outlet.closes_at) if outlet.closes_at else DAY
    return Stop(
        outlet.pk,
        place_of(outlet),
        opens,
        closes if closes > opens else DAY,
        str(day.isoweekday()) in outlet.rest_days,
        standing.weeks_missed + standing.overdue,
        fixed,
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A stop as the page shows it. ``done``: visited since the day began."""

    row: RoundStop
    leg: Leg
    standing: Standing
    number: int
    done: bool

    @property
    def outlet(self) -> Outlet:
        """Which shop."""
        return self.row.outlet

    @property
    def arrives(self) -> time:
        """When one is there."""
        return clock(self.leg.arrives)

    @property
    def waits(self) -> int:
        """Minutes until it opens."""
        return self.leg.begins - self.leg.arrives

    @property
    def trouble(self) -> Promise | str:
        """What does not fit; '' when nothing does not."""
        return "" if self.done or self.leg.trouble is None else WORDS[self.leg.trouble]


@dataclass(frozen=True, slots=True)
class Left:
    """An outlet that is owed a visit and is not on the round, and why."""

    outlet: Outlet
    standing: Standing
    why: Promise | str
    elsewhere: date | None = None  # it is on the round of this day


@dataclass(slots=True)
class RoundBook:
    """A person's rounds in the week of ``day``, with all outlets that they look after."""

    user: User
    day: date
    now: datetime
    outlets: dict[int, Outlet] = field(init=False)
    standings: dict[int, Standing] = field(init=False)
    rounds: dict[date, Round] = field(init=False)
    stops: dict[date, list[RoundStop]] = field(init=False)
    rules: dict[str, int] = field(init=False)
    grids: list[Grid] = field(init=False)

    def __post_init__(self) -> None:
        self.grids = list(Grid.objects.managed_by(self.user, self.today).select_related("unit"))
        mine = Outlet.objects.filter(grid__in=[grid.pk for grid in self.grids], is_active=True)
        self.outlets = mine.select_related("grid").in_bulk()
        self.standings = standings(mine, self.week, self.today)
        self.rules = rules_of(RULES, self.grids[0].unit if self.grids else None)
        rows = Round.objects.for_user(self.user).filter(day__gte=self.week.first, day__lte=self.week.last)
        self.rounds = {row.day: row for row in rows}
        self.stops = {day: [] for day in self.rounds}
        held = RoundStop.objects.filter(round__in=[row.pk for row in self.rounds.values()])
        for stop in held.select_related("round").order_by("position"):
            if stop.outlet_id in self.outlets:  # what was passed on to others is not shown any more
                stop.outlet = self.outlets[stop.outlet_id]
                self.stops[stop.round.day].append(stop)

    @property
    def today(self) -> date:
        """The day that it is."""
        return timezone.localdate(self.now)

    @property
    def week(self) -> Week:
        """The week of ``day``."""
        return Week.of(self.day)

    @property
    def round(self) -> Round | None:
        """The round of ``day``."""
        return self.rounds.get(self.day)

    def is_done(self, outlet: int, day: date) -> bool:
        """Whether it has been visited on ``day`` or later."""
        seen = self.standings[outlet].last_visit_on
        return seen is not None and seen >= day

    def working_days(self) -> list[date]:
        """The days of the week from today on that are worked and on which the person is not on leave."""
        week = self.week
        leave = away([self.user.pk], week.first, week.last).get(self.user.pk, set())
        days = calendar(week.first, week.last).days(week.first, week.last)
        return [day for day in days if day >= self.today and day not in leave]

    def candidates(self) -> list[Outlet]:
        """The outlets that are still owed a visit in the week, the most overdue first."""
        due = [one for one in self.standings.values() if one.visits_due]
        return [self.outlets[one.outlet] for one in sorted(due, key=lambda one: one.urgency)]

    def terms(self, row: Round | None) -> Terms:
        """As the round was asked for."""
        begins, budget = (minutes(row.starts_at), row.budget_minutes) if row else (minutes(MORNING), self.budget)
        rules = self.rules
        return Terms(place_of(row) if row else None, begins, budget, rules["round_stop_minutes"], rules["round_speed"])

    def from_now(self, day: date, terms: Terms) -> Terms:
        """What is left of them today: from the last stop that is done, not before now."""
        if day != self.today:
            return terms
        done = [place_of(row.outlet) for row in self.stops.get(day, []) if self.is_done(row.outlet_id, day)]
        place = next((one for one in reversed(done) if one), terms.place)
        begins = max(terms.begins, minutes(timezone.localtime(self.now).time()))
        return replace(terms, place=place, begins=begins, budget=max(0, terms.ends - begins))

    @property
    def budget(self) -> int:
        """Minutes for a day's round by rule."""
        return self.rules["round_minutes"]

    def stop(self, outlet: int, day: date, *, fixed: bool = False) -> Stop:
        """One of the outlets as something to be visited on ``day``."""
        return stop_of(self.outlets[outlet], self.standings[outlet], day, fixed=fixed)

    def course(self, day: date) -> Course:
        """The round of ``day`` with its times."""
        stops = [self.stop(row.outlet_id, day, fixed=row.fixed) for row in self.stops.get(day, [])]
        return course(stops, self.terms(self.rounds.get(day)))

    # --- Shown ---

    def shown(self) -> list[Shown]:
        """The stops of ``day``."""
        legs = self.course(self.day).legs
        rows = zip(self.stops.get(self.day, []), legs, strict=True)
        return [
            Shown(row, leg, self.standings[row.outlet_id], number, self.is_done(row.outlet_id, self.day))
            for number, (row, leg) in enumerate(rows, start=1)
        ]

    def left(self) -> list[Left]:
        """What is owed a visit and not on this round: why, or on which day's it is; without a place apart."""
        return [self._left(outlet) for outlet in self._missing() if place_of(outlet)]

    def placeless(self) -> list[Left]:
        """Those owed a visit of which nobody knows where they lie: put on a round by hand."""
        return [self._left(outlet) for outlet in self._missing() if not place_of(outlet)]

    def _missing(self) -> list[Outlet]:
        here = {row.outlet_id for row in self.stops.get(self.day, [])}
        return [outlet for outlet in self.candidates() if outlet.pk not in here]

    def _left(self, outlet: Outlet) -> Left:
        days = (day for day, rows in self.stops.items() if any(row.outlet_id == outlet.pk for row in rows))
        elsewhere = next((day for day in sorted(days) if day >= self.today), None)
        terms = self.from_now(self.day, self.terms(self.round))
        reason = why_not(self.stop(outlet.pk, self.day), terms) if self.round else None
        words = WORDS[reason] if reason else CROWDED if self.round else ""
        return Left(outlet, self.standings[outlet.pk], "" if elsewhere else words, elsewhere)


def summary(rows: Iterable[Shown], stop_minutes: int) -> dict[str, Any]:
    """How many stops, how far, until when, how many done."""
    made = list(rows)
    return {
        "count": len(made),
        "done": sum(row.done for row in made),
        "km": round(sum(row.leg.metres for row in made) / 1000, 1),
        "ends": clock(max(row.leg.begins for row in made) + stop_minutes) if made else None,
        "trouble": any(row.trouble for row in made),
    }
