"""The manager's round: which shops, in which order, when; proposed, moved by hand, followed (C5)."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels.forms_rounds import WishForm
from channels.models import Outlet, Round, RoundStop
from channels.rounds import WORDS, RoundBook
from channels.rules_rounds import DAY, Course, Stop, Terms, Why, course, nearest_first, why_not
from channels.rules_rounds_solver import Effort, propose
from channels.services_rounds import RoundChanged, Wish, lay_by_hand, propose_rounds
from gridops.accounts.models import Absence, Grid, User
from gridops.common.weeks import Week
from tests import factories
from tests.factories_channels import make_visit

QUICK = Effort(3_000, tries=60)
TERMS = Terms((104.1, 30.65), 9 * 60, 240, 15, 15)
MONDAY = Week.of(timezone.localdate()).plus(1).first
EAST = Decimal("0.01")


def shops(number: int, seed: int, *, hours: bool = False) -> list[Stop]:
    rng = random.Random(seed)
    made = []
    for key in range(number):
        opens, closes = (rng.choice([540, 600, 660]), rng.choice([720, 840, 1080])) if hours else (0, DAY)
        place = 104.06 + rng.random() * 0.08, 30.61 + rng.random() * 0.08
        made.append(Stop(key, place, opens, closes, weeks_missed=rng.randrange(3)))
    return made


# --- Pure ---


def test_times_follow_from_the_way_the_speed_and_the_visits() -> None:
    east = [Stop(n, (104.1 + n * 0.0104, 30.65)) for n in (1, 2)]  # a kilometre each: four minutes
    legs = course(east, TERMS).legs
    assert [leg.arrives for leg in legs] == [544, 563]
    assert all(990 < leg.metres < 1_000 for leg in legs)
    late = course([replace(east[0], opens=600)], TERMS).legs[0]
    assert (late.arrives, late.begins) == (544, 600)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"place": None}, Why.NO_PLACE),
        ({"closed_day": True}, Why.CLOSED_DAY),
        ({"closes": 550}, Why.CLOSED),
        ({"opens": 770}, Why.CLOSED),
        ({"place": (105.0, 30.65)}, Why.TOO_FAR),
    ],
)
def test_it_is_said_why_a_shop_can_not_be_visited(changes: dict[str, Any], why: Why | None) -> None:
    assert why_not(replace(Stop(1, (104.1, 30.65)), **changes), TERMS) is why


@pytest.mark.parametrize("hours", [False, True])
@pytest.mark.parametrize(("number", "budget"), [(1, 240), (5, 240), (12, 240), (12, 900)])
def test_a_round_is_never_worse_than_going_to_the_nearest_next(number: int, budget: int, hours: bool) -> None:
    for seed in range(3):
        offered, terms = shops(number, seed, hours=hours), replace(TERMS, budget=budget)
        near, found = nearest_first(offered, terms), propose(offered, terms, QUICK)
        assert found.fits
        assert found.merit <= near.merit
        again = nearest_first(found.stops, terms)  # the same shops
        assert len(again.legs) < len(found.legs) or found.metres <= again.metres


@pytest.mark.parametrize("hours", [False, True])
def test_forty_shops_are_never_longer_than_nearest_first(hours: bool) -> None:
    offered, terms = shops(40, 40, hours=hours), replace(TERMS, budget=1_200)
    near, found = nearest_first(offered, terms), propose(offered, terms, QUICK)
    assert found.fits
    assert found.merit <= near.merit
    assert hours or (len(found.legs) == 40 and found.metres < near.metres)


def test_the_same_shops_give_the_same_round() -> None:
    offered = shops(15, 7)
    assert propose(offered, TERMS, QUICK) == propose(offered, TERMS, QUICK)


def test_the_most_overdue_come_first_when_not_all_fit() -> None:
    near = [Stop(n, (104.1 + n * 0.0001, 30.65)) for n in range(4)]
    far = Stop(9, (104.14, 30.65), weeks_missed=2)
    found = propose([*near, far], replace(TERMS, budget=45), QUICK)
    assert 9 in [stop.key for stop in found.stops]
    assert found.fits


def test_what_was_fixed_stays_in_its_order_even_where_it_does_not_fit() -> None:
    offered = shops(8, 3)
    fixed = [replace(offered[n], fixed=True) for n in (6, 2)]
    closed = Stop(99, (104.1, 30.65), closed_day=True, fixed=True)
    nowhere = Stop(98, None, fixed=True)
    found = propose([*fixed, closed, nowhere, *(stop for stop in offered if stop.key not in (6, 2))], TERMS, QUICK)
    keys = [stop.key for stop in found.stops]
    assert [key for key in keys if key in (6, 2, 99, 98)] == [6, 2, 99, 98]
    assert [leg.stop.key for leg in found.legs if leg.trouble is Why.CLOSED_DAY] == [99]


def test_without_a_starting_place_the_first_stop_costs_no_way() -> None:
    found = propose(shops(5, 2), replace(TERMS, place=None), QUICK)
    assert found.legs[0].metres == 0
    assert found.legs[0].arrives == TERMS.begins


# --- Kept ---


@pytest.fixture
def row(grid: Grid) -> list[Outlet]:
    """Five shops in a row, a kilometre apart, none visited."""
    made = []
    for n in range(5):
        place: Any = {"longitude": Decimal("104.1") + n * EAST, "latitude": Decimal("30.65")}
        made.append(factories.make_outlet(grid, f"W{n}", **place))
    return made


def book(user: User, day: date = MONDAY, now: datetime | None = None) -> RoundBook:
    return RoundBook(user, day, now or timezone.now())


def wish(budget: int = 240) -> Wish:
    return Wish(time(9), budget, (Decimal("104.1"), Decimal("30.65")))


def laid(user: User, day: date = MONDAY) -> list[int]:
    stops = RoundStop.objects.for_user(user).filter(round__day=day).order_by("position")
    return list(stops.values_list("outlet", flat=True))


def sent(client: Client, **more: Any) -> Any:
    held = Round.objects.filter(day=MONDAY).first()
    return client.post("/channels/round/change/", {"day": MONDAY, "version": held.version if held else 0, **more})


@pytest.mark.django_db
def test_a_round_is_proposed_kept_and_shown(row: list[Outlet], manager: User) -> None:
    client = factories.client_of(manager)
    data = {"day": MONDAY, "starts_at": "09:00", "budget": 60, "place": "104.1, 30.65", "span": "day"}
    assert client.post("/channels/round/propose/", data).status_code == 302
    assert laid(manager) == [row[n].pk for n in range(3)]
    shown = client.get(f"/channels/round/?day={MONDAY}").context
    assert [one.outlet for one in shown["left"]] == row[3:]
    assert shown["sum"]["count"] == 3
    assert "W0" not in client.get(f"/channels/round/print/?day={MONDAY}").content.decode()  # names, not codes


@pytest.mark.django_db
def test_the_rest_of_the_week_visits_each_shop_once_and_skips_leave(row: list[Outlet], manager: User) -> None:
    away = MONDAY + timedelta(days=1)
    Absence.objects.create(user=manager, starts_on=away, ends_on=away, made_by=manager)
    client = factories.client_of(manager)
    data = {"day": MONDAY, "starts_at": "09:00", "budget": 45, "place": "104.1, 30.65", "span": "week"}
    client.post("/channels/round/propose/", data)
    assert laid(manager, away) == []
    all_days = [key for n in range(7) for key in laid(manager, MONDAY + timedelta(days=n))]
    assert sorted(all_days) == sorted(one.pk for one in row)


@pytest.mark.django_db
def test_moved_and_added_by_hand_is_fixed_and_stays(row: list[Outlet], manager: User) -> None:
    propose_rounds(book(manager), [MONDAY], wish(60), QUICK)
    client = factories.client_of(manager)
    sent(client, up=row[2].pk)
    sent(client, add=row[4].pk)
    assert laid(manager) == [row[n].pk for n in (0, 2, 1, 4)]
    sent(client, remove=row[1].pk)
    propose_rounds(book(manager), [MONDAY], wish(90), QUICK)
    order = laid(manager)
    assert [key for key in order if key in (row[2].pk, row[4].pk)] == [row[2].pk, row[4].pk]
    assert set(RoundStop.objects.filter(fixed=True).values_list("outlet", flat=True)) == {row[2].pk, row[4].pk}


@pytest.mark.django_db
def test_a_dragged_order_is_kept_and_only_the_dragged_one_fixed(row: list[Outlet], manager: User) -> None:
    propose_rounds(book(manager), [MONDAY], wish(), QUICK)
    wanted = [row[n].pk for n in (3, 0, 1, 2, 4)]
    sent(factories.client_of(manager), outlets=wanted, dragged=row[3].pk)
    assert laid(manager) == wanted
    assert list(RoundStop.objects.filter(fixed=True).values_list("outlet", flat=True)) == [row[3].pk]


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["add", "remove", "up", "fix"])
def test_foreign_outlets_are_not_there(row: list[Outlet], manager: User, foreign_grid: Grid, act: str) -> None:
    foreign = factories.make_outlet(foreign_grid, "X1")
    propose_rounds(book(manager), [MONDAY], wish(), QUICK)
    client, before = factories.client_of(manager), laid(manager)
    assert sent(client, **{act: foreign.pk}).status_code == 404
    assert sent(client, outlets=[*before[:-1], foreign.pk]).status_code == 404
    assert sent(client, outlets=[*before, foreign.pk]).status_code == 404
    assert laid(manager) == before


@pytest.mark.django_db
def test_who_comes_second_overwrites_nothing(row: list[Outlet], manager: User) -> None:
    propose_rounds(book(manager), [MONDAY], wish(), QUICK)
    mine, theirs = book(manager), book(manager)
    lay_by_hand(theirs, MONDAY, [(row[0].pk, True)])
    with pytest.raises(RoundChanged):
        lay_by_hand(mine, MONDAY, [])
    with pytest.raises(RoundChanged):
        propose_rounds(mine, [MONDAY], wish(), QUICK)
    assert laid(manager) == [row[0].pk]
    factories.client_of(manager).post("/channels/round/change/", {"day": MONDAY, "version": 1, "remove": row[0].pk})
    assert laid(manager) == [row[0].pk]


@pytest.mark.django_db
def test_what_is_done_stays_in_front_and_the_rest_begins_from_there_now(row: list[Outlet], manager: User) -> None:
    now = timezone.make_aware(datetime.combine(MONDAY, time(11)))
    propose_rounds(book(manager, now=now), [MONDAY], wish(), QUICK)
    make_visit(row[1], manager, at=now)
    again = book(manager, now=now)
    propose_rounds(again, [MONDAY], wish(), QUICK)
    assert laid(manager)[0] == row[1].pk
    shown = book(manager, now=now).shown()
    assert [one.done for one in shown] == [True, *[False] * (len(shown) - 1)]
    assert len(shown) < 6


@pytest.mark.django_db
def test_in_the_evening_no_time_is_left_and_that_is_said(row: list[Outlet], manager: User) -> None:
    late = timezone.make_aware(datetime.combine(MONDAY, time(20)))
    assert propose_rounds(book(manager, now=late), [MONDAY], wish(), QUICK) == 0
    assert {one.why for one in book(manager, now=late).left()} == {WORDS[Why.NO_TIME]}


@pytest.mark.django_db
def test_a_shop_without_a_place_is_listed_apart_and_put_in_by_hand(row: list[Outlet], manager: User) -> None:
    Outlet.objects.filter(pk=row[0].pk).update(longitude=None, latitude=None)
    propose_rounds(book(manager), [MONDAY], wish(), QUICK)
    assert row[0].pk not in laid(manager)
    assert [one.outlet.pk for one in book(manager).placeless()] == [row[0].pk]
    sent(factories.client_of(manager), add=row[0].pk)
    assert laid(manager)[-1] == row[0].pk
    assert book(manager).placeless() == []


@pytest.mark.django_db
def test_the_page_asks_as_much_about_few_outlets_as_about_many(row: list[Outlet], manager: User) -> None:
    client, counts = factories.client_of(manager), []
    propose_rounds(book(manager), [MONDAY], wish(), QUICK)
    client.get(f"/channels/round/?day={MONDAY}")
    for _round in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/channels/round/?day={MONDAY}")
        counts.append(len(asked))
        added = [factories.make_outlet(row[0].grid, f"V{n}").pk for n in range(4)] if not counts[1:] else []
        for outlet in added:
            sent(client, add=outlet)
    assert counts[0] == counts[1] <= 22


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["104.1", "abc, def", "30.65, 104.1", "200, 10"])
def test_a_place_that_is_none_is_refused_at_its_field(manager: User, place: str) -> None:
    data = {"day": MONDAY, "starts_at": "09:00", "budget": 60, "place": place, "span": "day"}
    answer = factories.client_of(manager).post("/channels/round/propose/", data)
    assert answer.status_code == 422
    assert answer.context["form"].errors["place"]


@pytest.mark.parametrize("mark", [",", ", ", "\uff0c", "\uff1b", "、", " "])
def test_a_place_may_be_typed_with_the_marks_of_a_chinese_keyboard(mark: str) -> None:
    form = WishForm({"day": MONDAY, "starts_at": "09:00", "budget": 60, "place": f"104.1{mark}30.65", "span": "day"})
    assert form.is_valid()
    assert form.wish.place == (Decimal("104.1"), Decimal("30.65"))


@pytest.mark.django_db
@pytest.mark.parametrize("day", ["x", "2020-01-01", "9999-12-31", "2026-13-01"])
def test_a_day_far_off_is_not_there(manager: User, day: str) -> None:
    assert factories.client_of(manager).get(f"/channels/round/?day={day}").status_code == 404


def test_a_round_of_nothing_is_empty() -> None:
    assert propose([], TERMS, QUICK) == Course(())
