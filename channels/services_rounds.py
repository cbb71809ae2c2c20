"""Rounds as they are kept: proposed, moved by hand (C5). They are looked for before anything is locked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from channels.models import Round, RoundStop
from channels.rounds import MORNING, RoundBook, clock, minutes, place_of
from channels.rules_rounds import Course, Terms, course
from channels.rules_rounds_solver import LONGEST_MS, Effort, propose
from gridops.accounts.models import User
from gridops.common.places import Place


class RoundChanged(Exception):
    """The round was changed elsewhere meanwhile; nothing was written."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a round is asked for: from where, when, for how long."""

    starts_at: time
    budget: int
    place: Place | None


def propose_rounds(book: RoundBook, days: Sequence[date], wish: Wish, effort: Effort | None = None) -> int:
    """Propose the rounds of ``days`` anew; what was fixed by hand or is done stays. How many stops there are now.

    All days together are looked for three seconds at most.
    """
    effort = effort or Effort(LONGEST_MS // max(1, len(days)))
    taken = {row.outlet_id for day, rows in book.stops.items() for row in rows if _stays(book, day, row, days)}
    found: list[tuple[date, Course]] = []
    for day in days:
        made = _propose_day(book, day, wish, taken, effort)
        taken.update(stop.key for stop in made.stops)
        found.append((day, made))
    _write(book, found, wish)
    return sum(len(made.legs) for _day, made in found)


def _stays(book: RoundBook, day: date, row: RoundStop, days: Sequence[date]) -> bool:
    """Whether an outlet is spoken for: on the round of another coming day, or fixed in one that is proposed."""
    return row.fixed or book.is_done(row.outlet_id, day) if day in days else day >= book.today


def _propose_day(book: RoundBook, day: date, wish: Wish, taken: set[int], effort: Effort) -> Course:
    rows = book.stops.get(day, [])
    done = [book.stop(row.outlet_id, day, fixed=row.fixed) for row in rows if book.is_done(row.outlet_id, day)]
    fixed = [
        book.stop(row.outlet_id, day, fixed=True) for row in rows if row.fixed and not book.is_done(row.outlet_id, day)
    ]
    free = [book.stop(outlet.pk, day) for outlet in book.candidates() if outlet.pk not in taken]
    terms = _wished(book, wish)
    made = propose([*fixed, *free], book.from_now(day, terms), effort)
    return course([*done, *made.stops], terms)


def _wished(book: RoundBook, wish: Wish) -> Terms:
    return replace(book.terms(None), place=wish.place, begins=minutes(wish.starts_at), budget=wish.budget)


@transaction.atomic
def _write(book: RoundBook, found: Sequence[tuple[date, Course]], wish: Wish) -> None:
    longitude, latitude = wish.place or (None, None)
    values = {"starts_at": wish.starts_at, "budget_minutes": wish.budget, "made_at": timezone.now()}
    places = {"longitude": longitude, "latitude": latitude}
    User.objects.select_for_update(no_key=True).get(pk=book.user.pk)  # one proposal of a person at a time
    for day, made in sorted(found, key=lambda one: one[0]):
        old = book.rounds.get(day)
        if old:
            _take(old, **values, **places)
        elif Round.objects.filter(by=book.user, day=day).exists():
            raise RoundChanged
        row = old or Round.objects.create(by=book.user, day=day, **values, **places)
        _lay(row, made)


def _take(row: Round, **values: object) -> None:
    """The next version is ours, or somebody was quicker."""
    here = Round.objects.filter(pk=row.pk, version=row.version)
    if not here.update(version=F("version") + 1, **values):
        raise RoundChanged


def _lay(row: Round, made: Course) -> None:
    row.stops.all().delete()
    RoundStop.objects.bulk_create(
        RoundStop(
            round=row,
            outlet_id=leg.stop.key,
            position=at,
            arrives_at=clock(leg.arrives),
            distance_m=leg.metres,
            fixed=leg.stop.fixed,
        )
        for at, leg in enumerate(made.legs, start=1)
    )


# --- By hand ---


@transaction.atomic
def lay_by_hand(book: RoundBook, day: date, order: Sequence[tuple[int, bool]]) -> Round:
    """Put the round of ``day`` into this order of (outlet, fixed); times follow. A round that was not there begins."""
    row = book.rounds.get(day)
    if row:
        _take(row)
    else:
        User.objects.select_for_update(no_key=True).get(pk=book.user.pk)
        row, made = Round.objects.get_or_create(
            by=book.user, day=day, defaults={"starts_at": MORNING, "budget_minutes": book.budget}
        )
        if not made:
            raise RoundChanged
    stops = [book.stop(outlet, day, fixed=fixed) for outlet, fixed in order]
    _lay(row, course(stops, book.terms(row)))
    return row


def order_of(book: RoundBook, day: date) -> list[tuple[int, bool]]:
    """The round of ``day`` as it lies: (outlet, fixed)."""
    return [(row.outlet_id, row.fixed) for row in book.stops.get(day, [])]


def moved(order: Sequence[tuple[int, bool]], outlet: int, by: int) -> list[tuple[int, bool]]:
    """``outlet`` so many places later (earlier when negative), and fixed there."""
    made = list(order)
    at = next(n for n, (key, _fixed) in enumerate(made) if key == outlet)
    made.pop(at)
    made.insert(max(0, at + by), (outlet, True))
    return made


def reordered(order: Sequence[tuple[int, bool]], wanted: Sequence[int], dragged: int) -> list[tuple[int, bool]]:
    """In the order ``wanted``; the one that was dragged is fixed there."""
    fixed = dict(order)
    return [(key, fixed[key] or key == dragged) for key in wanted]


def last_place(user: User) -> Place | None:
    """From where the person's latest round began."""
    row = Round.objects.for_user(user).filter(longitude__isnull=False).order_by("-made_at").first()
    return place_of(row) if row else None


def is_past(day: date, now: datetime) -> bool:
    """Whether ``day`` is over: its round stands."""
    return day < timezone.localdate(now)
