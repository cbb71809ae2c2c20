"""What is known of outlets' business and lay-out by month, for pages and lists: a constant number of queries (C10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.utils import timezone

from channels.choices import Piece
from channels.models import Outlet, OutletMonth, Visit
from channels.rules_assessment import (
    BEFORE,
    GRADE_MONTHS,
    GRADE_RULES,
    Fade,
    Known,
    fade,
    five,
    grade,
    known,
    mean_orders,
)
from channels.week import midnight
from gridops.accounts.models import Unit
from gridops.accounts.rulebook import rules_by_unit
from gridops.common.months import Month

RULES = (*GRADE_RULES, "fading_percent")
PIECES = tuple(Piece.values)
LOOKED_AT = Q(*((f"{piece}__isnull", False) for piece in PIECES), _connector=Q.OR)


@dataclass(slots=True)
class Figures:
    """Orders and commission of an outlet by month."""

    orders: dict[Month, Known] = field(default_factory=dict)
    commission: dict[Month, Known] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Business:
    """An outlet's grade, with the mean orders a month that it comes from (and of how many months), and its trend."""

    grade: str = ""
    mean: Decimal | None = None
    months: int = 0
    fade: Fade | None = None

    @property
    def fades(self) -> bool:
        """Whether its orders fell as far as the rule says."""
        return self.fade is not None and self.fade.fades


@dataclass(frozen=True, slots=True)
class Check:
    """The last look at the five ones: on which day, each piece present (True), missing (False) or not looked at."""

    on: date
    pieces: Mapping[str, bool | None]

    @property
    def whole(self) -> bool:
        """All five are there."""
        return five(list(self.pieces.values())) is True

    @property
    def present(self) -> int:
        """How many are there."""
        return sum(piece is True for piece in self.pieces.values())


def last_whole_month(today: date) -> Month:
    """The month before this one."""
    return Month.of(today).plus(-1)


def within(first: Month, last: Month, path: str = "") -> Q:
    """When something was done, from one month to another; ``path`` leads to the visit."""
    return Q((f"{path}at__gte", midnight(first.first)), (f"{path}at__lt", midnight(last.plus(1).first)))


def months_of(outlets: QuerySet[Outlet], first: Month, last: Month) -> dict[int, Figures]:
    """Outlet -> orders and commission by month; the roster's where it has them, else what its visits add up to.

    A visit's figures are those since the visit before: they count for the month of the visit (*ours*).
    """
    ids = outlets.order_by().values("pk")
    rostered = OutletMonth.objects.filter(outlet__in=ids, month__range=(first.first, last.first)).order_by()
    rows = {
        (outlet, Month.of(month)): (orders, paid)
        for outlet, month, orders, paid in rostered.values_list("outlet", "month", "orders", "commission")
    }
    said = _visits(ids, first, last)
    found: dict[int, Figures] = defaultdict(Figures)
    for key in rows.keys() | said.keys():
        outlet, month = key
        for name, roster, visits in zip(
            ("orders", "commission"), rows.get(key, (None, None)), said.get(key, (None, None)), strict=True
        ):
            if one := known(roster, visits):
                getattr(found[outlet], name)[month] = one
    return dict(found)


def month_number(first: Month, last: Month) -> Case:
    """0 for what was done in the first month, 1 in the next …: comparisons alone, an index or none."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    whens = [When(at__lt=midnight(first.plus(n + 1).first), then=Value(n)) for n in range(count)]
    return Case(*whens, output_field=IntegerField())


def _visits(ids: Any, first: Month, last: Month) -> dict[tuple[int, Month], tuple[Any, Any]]:
    rows = Visit.objects.effective().filter(within(first, last), outlet__in=ids).order_by()
    rows = rows.filter(Q(orders__isnull=False) | Q(commission__isnull=False))
    summed = rows.annotate(nth=month_number(first, last)).values("outlet", "nth")
    totals = summed.annotate(orders_sum=Sum("orders"), paid=Sum("commission"))
    wanted = totals.values_list("outlet", "nth", "orders_sum", "paid")
    return {(outlet, first.plus(nth)): (orders, paid) for outlet, nth, orders, paid in wanted}


def unit_rules(outlets: QuerySet[Outlet]) -> tuple[dict[int, int], dict[int | None, dict[str, int]]]:
    """Outlet -> its unit, and unit -> the rules that outlets are graded by; three queries."""
    units = dict(outlets.order_by().values_list("pk", "grid__unit"))
    return units, rules_by_unit(RULES, Unit.objects.filter(pk__in=set(units.values())))


def judged(figures: Figures, last: Month, rules: Mapping[str, int]) -> Business:
    """Grade and trend of one outlet at the end of month ``last``."""
    mean = mean_orders(figures.orders, last, GRADE_MONTHS)
    trend = fade(figures.orders, last, rules["fading_percent"])
    if mean is None:
        return Business(fade=trend)
    return Business(grade(mean[0], rules), mean[0], mean[1], trend)


def business(outlets: QuerySet[Outlet], last: Month) -> dict[int, Business]:
    """Outlet -> grade and trend at the end of month ``last``; five queries."""
    figures = months_of(outlets, last.plus(-BEFORE), last)
    units, rules = unit_rules(outlets)
    return {pk: judged(figures.get(pk, Figures()), last, rules[unit]) for pk, unit in units.items()}


def last_checks(outlets: QuerySet[Outlet], until: date | None = None) -> dict[int, Check]:
    """Outlet -> the last look at its five ones (C8), up to and with day ``until``; those never looked at are missing.

    A visit at which only some were looked at counts as a look: what was left out is not shown to be there.
    """
    looks = Visit.objects.effective().filter(LOOKED_AT, outlet=OuterRef("pk"))
    if until:
        looks = looks.filter(at__lt=midnight(until + timedelta(days=1)))
    newest = Subquery(looks.order_by("-at", "-pk").values("pk")[:1])
    rows = Visit.objects.filter(pk__in=outlets.order_by().values_list(newest)).order_by()
    return {
        outlet: Check(timezone.localdate(at), dict(zip(PIECES, pieces, strict=True)))
        for outlet, at, *pieces in rows.values_list("outlet", "at", *PIECES)
    }
