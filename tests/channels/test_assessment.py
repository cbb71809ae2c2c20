"""The assessment of outlets: its rules, its counts, its queries, its pages (C10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from channels.assessment import business, last_checks, months_of
from channels.assessment_lines import assess
from channels.models import Outlet, OutletMonth, VisitCampaign
from channels.rules_assessment import (
    ROSTER,
    VISITS,
    Known,
    Period,
    Rate,
    fade,
    five,
    grade,
    known,
    mean_orders,
    ranks,
    total,
)
from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from tests import factories
from tests import factories_channels as make
from tests.sheets import exported

RULES = {"grade_a_orders": 20, "grade_b_orders": 8, "fading_percent": 50}
NOVEMBER, TODAY = Month(2026, 11), date(2026, 11, 24)


def orders(*values: int | None) -> dict[Month, Known]:
    """Orders of the months up to and with November, the oldest first; None: not known."""
    first = NOVEMBER.plus(1 - len(values))
    return {first.plus(n): Known(Decimal(one), ROSTER) for n, one in enumerate(values) if one is not None}


# --- rules ---


@given(st.decimals(0, 200, places=2), st.decimals(0, 200, places=2))
def test_more_orders_never_give_a_lower_grade(one: Decimal, other: Decimal) -> None:
    low, high = sorted([one, other])
    assert grade(high, RULES) <= grade(low, RULES)
    assert grade(None, RULES) == ""


def test_grades_begin_at_their_bounds() -> None:
    assert [grade(n, RULES) for n in (20, Decimal("19.99"), 8, Decimal("7.99"), 0)] == ["A", "B", "B", "C", "C"]


@given(st.lists(st.one_of(st.none(), st.integers(0, 99)), min_size=3, max_size=3))
def test_the_mean_is_of_the_months_that_are_known(values: list[int | None]) -> None:
    there = [one for one in values if one is not None]
    assert mean_orders(orders(*values), NOVEMBER) == (
        (sum(map(Decimal, there), Decimal()) / len(there), len(there)) if there else None
    )


@given(st.lists(st.integers(0, 60), min_size=4, max_size=4), st.integers(1, 100))
def test_fading_is_a_fall_of_the_rule_s_share_or_more(values: list[int], percent: int) -> None:
    found = fade(orders(*values), NOVEMBER, percent)
    before, now = values[:3], values[3]
    if sum(before) < 6:
        assert found is None
    else:
        assert found is not None
        assert found.fades == (3 * now * 100 <= sum(before) * (100 - percent))


def test_nothing_is_said_of_a_trend_where_a_month_is_missing() -> None:
    assert fade(orders(10, None, 10, 1), NOVEMBER, 50) is None
    assert fade(orders(10, 10, 10, None), NOVEMBER, 50) is None


def test_the_roster_counts_before_the_visits() -> None:
    assert known(0, 7) == Known(Decimal(0), ROSTER)
    assert known(None, 7) == Known(Decimal(7), VISITS)
    assert known(None, None) is None


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).filter(lambda one: one[0] <= one[1])))
def test_rates_add_up_by_their_counts(counts: list[tuple[int, int]]) -> None:
    found = total(Rate(*one) for one in counts)
    assert (found.done, found.of) == (sum(a for a, _b in counts), sum(b for _a, b in counts))
    assert found.percent is None or 0 <= found.percent <= 100


@given(st.lists(st.one_of(st.none(), st.integers(0, 5).map(Decimal))))
def test_a_rank_is_one_more_than_those_that_are_better(values: list[Decimal | None]) -> None:
    for value, rank in zip(values, ranks(values), strict=True):
        assert rank == (None if value is None else 1 + sum(one is not None and one > value for one in values))


def test_five_ones_are_whole_only_when_all_were_seen() -> None:
    assert five([True] * 5) is True
    assert five([True] * 4 + [None]) is False
    assert five([None] * 5) is None


@given(st.integers(0, 60), st.sampled_from([1, 3, 6]))
def test_a_week_belongs_to_one_period_only(offset: int, months: int) -> None:
    period = Period(NOVEMBER.plus(-offset), months)
    later = date(2030, 1, 1)
    weeks, following = period.weeks(later), Period(period.last.plus(months), months).weeks(later)
    assert not set(weeks) & set(following)
    assert weeks[-1].plus(1) == following[0]
    assert all(period.first <= Month.of(week.days[3]) <= period.last for week in weeks)


# --- reading ---


def at(day: date) -> datetime:
    """Noon of a day."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def test_months_are_the_roster_s_else_what_visits_add_up_to(outlet: Outlet, manager: User) -> None:
    OutletMonth.objects.create(outlet=outlet, month=date(2026, 10, 1), orders=9)
    for day in (date(2026, 10, 5), date(2026, 11, 1), date(2026, 11, 20)):
        make.make_visit(outlet, manager, orders=4, commission=Decimal("10.50"), at=at(day))
    wrong = make.make_visit(outlet, manager, orders=100, at=at(date(2026, 11, 2)))
    make.make_visit(outlet, manager, orders=1, at=at(date(2026, 11, 2)), corrects=wrong)
    found = months_of(Outlet.objects.all(), NOVEMBER.plus(-3), NOVEMBER)[outlet.pk]
    assert found.orders == {Month(2026, 10): Known(Decimal(9), ROSTER), NOVEMBER: Known(Decimal(9), VISITS)}
    assert found.commission[Month(2026, 10)] == Known(Decimal("10.50"), VISITS)
    assert found.commission[NOVEMBER].value == 21


def test_an_outlet_fades_and_is_graded_by_its_unit_s_rules(outlet: Outlet) -> None:
    for n, sold in enumerate([24, 24, 24, 6]):
        OutletMonth.objects.create(outlet=outlet, month=NOVEMBER.plus(n - 4).first, orders=sold)
    found = business(Outlet.objects.all(), NOVEMBER.plus(-1))[outlet.pk]
    assert (found.grade, found.mean, found.months, found.fades) == ("B", Decimal(18), 3, True)
    assert found.fade
    assert (found.fade.orders, found.fade.before, found.fade.fall) == (Decimal(6), Decimal(24), Decimal(75))


def test_the_last_look_at_the_five_ones_counts(outlet: Outlet, manager: User) -> None:
    every = dict.fromkeys(["sign", "banner", "x_stand", "leaflets", "posters"], True)
    make.make_visit(outlet, manager, at=at(TODAY - timedelta(days=9)), **every)
    make.make_visit(outlet, manager, at=at(TODAY - timedelta(days=2)), **{**every, "banner": False})
    make.make_visit(outlet, manager, at=at(TODAY - timedelta(days=1)))
    check = last_checks(Outlet.objects.all())[outlet.pk]
    assert (check.on, check.whole, check.present) == (TODAY - timedelta(days=2), False, 4)
    assert last_checks(Outlet.objects.all(), TODAY - timedelta(days=5))[outlet.pk].whole


def test_knowledge_is_counted_by_the_times_it_was_asked(outlet: Outlet, manager: User) -> None:
    campaign = make.make_campaign(manager)
    for knows, owner in ((True, True), (False, None), (None, False)):
        visit = make.make_visit(outlet, manager, knows_manager=knows, at=at(TODAY - timedelta(days=10)))
        VisitCampaign.objects.create(visit=visit, campaign=campaign, owner_knows=owner, staff_know=True)
    line = assess(Outlet.objects.all(), Period(NOVEMBER, 1), TODAY).total
    assert (line.manager, line.owner, line.staff) == (Rate(1, 2), Rate(1, 2), Rate(3, 3))
    assert line.visits.of >= 3
    assert line.visits.done == 1


def test_the_assessment_asks_as_often_for_many_outlets_as_for_few(
    grid: Grid, manager: User, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for number in (3, 30):
        made = Outlet.objects.bulk_create(Outlet(grid=grid, code=f"W{number}-{n}", name="店") for n in range(number))
        for outlet in made[:3]:
            make.make_visit(outlet, manager, orders=3, knows_manager=True)
        with django_assert_max_num_queries(30) as captured:
            assess(Outlet.objects.filter(grid=grid), Period(Month.of(timezone.localdate()), 3), timezone.localdate())
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- pages ---


def test_grids_are_ranked_and_a_grid_s_outlets_are_listed(
    client_of: Callable[[User], Client], supervisor: User, outlet: Outlet, grid: Grid
) -> None:
    other = factories.make_outlet(factories.make_grid(grid.unit, "另一网格"), "W2")
    for shop, sold in ((outlet, 5), (other, 30)):
        OutletMonth.objects.create(outlet=shop, month=date(2026, 10, 1), orders=sold)
    browser, where = client_of(supervisor), {"month": "2026-10", "span": "1", "by": "orders"}
    page = browser.get(reverse("channels:assessment"), where)
    assert [(row.name, row.rank) for row in page.context["grids_ranked"]] == [("另一网格", 1), (grid.name, 2)]
    page = browser.get(reverse("channels:assessment"), {**where, "grid": str(grid.pk)})
    assert [row.pk for row in page.context["outlets_ranked"]] == [outlet.pk]
    rows = exported(browser.get(reverse("channels:assessment-export"), where))
    assert [row[0] for row in rows[1:]] == [outlet.code, other.code]
    single = browser.get(reverse("channels:outlet-assessment", args=[outlet.pk]), where)
    assert single.context["total"].orders == 5


def test_a_grid_out_of_scope_can_t_be_chosen(
    client_of: Callable[[User], Client], manager: User, outlet: Outlet, foreign_project: Any
) -> None:
    factories.make_outlet(foreign_project.grid, "W9")
    page = client_of(manager).get(reverse("channels:assessment"), {"grid": str(foreign_project.grid_id)})
    assert page.context["total"].outlets == 1
    assert {row.pk for row in page.context["outlets_ranked"]} <= {outlet.pk}
