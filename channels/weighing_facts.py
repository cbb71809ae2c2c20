"""What a weighing begins with: figures that are known of an agent, each with where it comes from (P5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from channels.choices import PaidFor, Payee
from channels.commission_figures import Sums
from channels.models import Agent, Ownership, Paid, Rate
from channels.rules_weighing import MOST_LINES, Case, Line
from channels.services_commission import rates_of
from gridops.accounts.models import Unit, User
from gridops.common.months import Month
from projects.models import MonthlyIndicator
from projects.models_daily import DailyResult

Origin = dict[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """The figures of the month before, of the agent's projects in a unit; None: nobody said so."""

    month: Month
    projects: int
    staff: int
    paid: Sums  # without what was taken back
    taken_back: Decimal
    installs_reported: int | None
    renewals_reported: int | None
    renewals_in_ledger: int | None


def known_of(user: User, agent: Agent, unit: Unit, month: Month, today: date) -> Known:
    """What the person may know of the month before ``month``; seven queries."""
    before = month.plus(-1)
    projects = projects_of(user, agent, unit, today)
    rows = Paid.objects.for_user(user).filter(agent=agent, project__grid__unit=unit, month=before.first)
    paid = Sums()
    for row in rows.filter(amount__gte=0).sums("kind"):
        paid.add(row)
    back = rows.filter(amount__lt=0).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    daily = DailyResult.objects.so_far(projects, before, before.last).values()
    ledger = MonthlyIndicator.objects.filter(project__in=projects, month=before.first)
    return Known(
        before,
        len(projects),
        agent.staff.working(today).count(),
        paid,
        -back,
        _sum(one.get("installs") for one in daily),
        _sum(one.get("renewals") for one in daily),
        ledger.aggregate(done=Sum("renewals_done"))["done"],
    )


def projects_of(user: User, agent: Agent, unit: Unit, today: date) -> list[int]:
    """The agent's projects in the unit; of others than its own staff those in their scope."""
    owned = Ownership.objects.filter(agent=agent, project__grid__unit=unit).on(today)
    if not agent.staff.filter(user=user).exists():
        owned = owned.for_user(user)
    return sorted(set(owned.values_list("project", flat=True)))


def _sum(values: Any) -> int | None:
    found = [value for value in values if value is not None]
    return sum(found) if found else None


def first_case(user: User, agent: Agent, unit: Unit, month: Month, today: date) -> Case:
    """The first case, filled with what is known; everything else is nothing, to be typed."""
    known = known_of(user, agent, unit, month, today)
    rates = rates_of(unit, Payee.AGENT, max(today, month.first)).general
    origin: dict[str, Origin] = {}
    lines = _lines(rates, known, origin)
    if known.staff:
        origin["people"] = {"code": "staff", "value": str(known.staff)}
    back = known.taken_back
    if known.paid.by_kind or back:
        origin["output"] = {"code": "paid", "value": str(round(known.paid.paid - back, 2)), "month": str(known.month)}
    if back:
        origin["taken_back"] = {"code": "roster", "value": str(round(back, 2)), "month": str(known.month)}
    return Case(_("As it is"), people=Decimal(known.staff), taken_back=back, lines=tuple(lines), origin=origin)


def _lines(rates: Sequence[Rate], known: Known, origin: dict[str, Origin]) -> list[Line]:
    """A line for each rate in force; of what none speaks, one at what the roster paid on average."""
    lines: list[Line] = []
    for kind in PaidFor.values:
        own = [rate for rate in rates if rate.paid_for == kind]
        if not own and kind == PaidFor.OTHER:
            continue
        count, code = _count(kind, known)
        first = len(lines)
        if count:
            origin[f"count:{first}"] = {"code": code, "value": str(count), "month": str(known.month)}
            if len(own) > 1:
                origin[f"count:{first}"]["spread"] = "yes"
        for rate in own:
            origin[f"rate:{len(lines)}"] = {"code": "scheme", "value": str(rate.amount), "name": rate.scheme.name}
            place = count if len(lines) == first else 0
            lines.append(Line(kind, rate.speed_from, rate.speed_below, rate.amount, place))
        if not own:
            average = known.paid.apiece(kind) or Decimal(0)
            if average > 0:
                origin[f"rate:{first}"] = {"code": "average", "value": str(average), "month": str(known.month)}
            lines.append(Line(kind, rate=max(average, Decimal(0)), count=count))
    return lines[:MOST_LINES]


def _count(kind: str, known: Known) -> tuple[int, str]:
    """How many there were, and who says so: reports and ledger before the roster, which may pay later."""
    told: list[tuple[int | None, str]] = []
    if kind == PaidFor.NEW_INSTALL:
        told = [(known.installs_reported, "daily")]
    elif kind == PaidFor.RENEWAL:
        told = [(known.renewals_in_ledger, "ledger"), (known.renewals_reported, "daily")]
    told.append((known.paid.pieces(kind), "roster"))
    return next(((max(0, number), code) for number, code in told if number), (0, ""))


def origin_text(told: Mapping[str, str]) -> str:
    """Where a figure was taken from, with the figure, in words."""
    said = {
        "staff": _("people in the roster of agents"),
        "daily": _("daily reports of %(month)s"),
        "ledger": _("month indicators of %(month)s"),
        "roster": _("roster 佣金发放 of %(month)s"),
        "paid": _("paid in all by the roster 佣金发放 of %(month)s, to compare with"),
        "scheme": _("scheme %(name)s"),
        "average": _("paid apiece on average by the roster of %(month)s"),
    }
    text = said.get(told.get("code", ""), "") % {"month": told.get("month", ""), "name": told.get("name", "")}
    if told.get("spread"):
        text += _("; speeds are not known there: spread them over the tiers")
    value = told.get("value", "0")
    figure = f"{Decimal(value):,.2f}" if "." in value else f"{Decimal(value):,f}"  # sums carry more places in SQLite
    return f"{figure} · {text}" if text else ""
