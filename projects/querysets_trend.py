"""The sums of 24 months, of one project or of many (P4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import (
    Count,
    F,
    FloatField,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.functions import Cast

from gridops.common.months import Month
from projects.models import MonthlyIndicator, Project, ProjectSnapshot
from projects.rules_totals import PARTS, MonthSums, expected_reports

TREND_MONTHS = 24

Indicators = QuerySet[MonthlyIndicator, MonthlyIndicator]


def trend(rows: Indicators, until: Month) -> dict[Month, MonthSums]:
    """The sums of ``rows`` of each of the 24 months up to ``until``, oldest first; a month without any is empty.

    What a ratio needs two figures of counts only where both are there; the target of the utilisation is weighed by
    ports. Net adds that a project did not report are what its billing users grew by.
    """
    months = [until.plus(-back) for back in range(TREND_MONTHS - 1, -1, -1)]
    within: Any = rows.filter(month__range=(months[0].first, until.first))
    expected = expected_reports(_spans(within), months)
    found = dict.fromkeys(months, MonthSums())
    for row in _summed(within.with_net_adds(months)):
        found[Month.of(row["month"])] = _sums(row, expected[Month.of(row["month"])])
    return found


def _spans(rows: Indicators) -> Iterable[tuple[Month, Month, bool]]:
    """The first and the last month of each project, and whether it is in service."""
    known = rows.filter(billing_users__isnull=False).order_by().values("project", "project__is_active")
    for row in known.annotate(first=Min("month"), last=Max("month")):
        yield Month.of(row["first"]), Month.of(row["last"]), row["project__is_active"]


def _both(*names: str) -> Q:
    return Q(**{f"{name}__isnull": False for name in names})


USERS, ADDS, REVENUE = _both("billing_users"), _both("adds"), _both("billing_revenue")
RENEWALS, PORTS = _both("renewals_due", "renewals_done"), _both("ports", "ports_used")
BILLED, PAID = _both("billing_revenue", "billing_users"), _both("commission", "billing_revenue")
AIMED = Q(target_port_utilisation__isnull=False, ports__gt=0)
AIMED_RENEWALS = _both("target_renewals", "renewals_due")


def _money(name: str, only: Q | None = None) -> Cast:
    return Cast(Sum(name, filter=only), FloatField())


def _summed(rows: Any) -> Iterable[dict[str, Any]]:
    weighed = Cast("target_port_utilisation", FloatField()) * F("ports")
    found: Iterable[dict[str, Any]] = rows.order_by("month").values("month").annotate(
        s_users=Sum("billing_users"),
        s_revenue=_money("billing_revenue"),
        s_net_adds=Sum("adds"),
        s_due=Sum("renewals_due", filter=RENEWALS),
        s_done=Sum("renewals_done", filter=RENEWALS),
        s_ports=Sum("ports", filter=PORTS),
        s_used=Sum("ports_used", filter=PORTS),
        s_commission=_money("commission"),
        s_target_net_adds=Sum("target_net_adds"),
        s_target_renewals=Sum("target_renewals"),
        s_aimed=Sum(weighed, filter=AIMED, output_field=FloatField()),
        s_aimed_ports=Sum("ports", filter=AIMED),
        s_both_revenue=_money("billing_revenue", BILLED),
        s_both_users=Sum("billing_users", filter=BILLED),
        s_both_commission=_money("commission", PAID),
        s_both_output=_money("billing_revenue", PAID),
        s_aimed_renewals=Sum("target_renewals", filter=AIMED_RENEWALS),
        s_aimed_due=Sum("renewals_due", filter=AIMED_RENEWALS),
        s_target_reported=Sum("target_net_adds", filter=ADDS),
        n_users=Count("pk", filter=USERS),
        n_adds=Count("pk", filter=ADDS),
        n_revenue=Count("pk", filter=REVENUE),
        n_renewal_rate=Count("pk", filter=RENEWALS),
        n_utilisation=Count("pk", filter=PORTS),
        n_arpu=Count("pk", filter=BILLED),
        n_commission_share=Count("pk", filter=PAID),
    )  # fmt: skip
    return found


def _sums(row: dict[str, Any], expected: int) -> MonthSums:
    return MonthSums(
        users=row["s_users"],
        revenue=row["s_revenue"],
        net_adds=row["s_net_adds"],
        due=row["s_due"],
        done=row["s_done"],
        ports=row["s_ports"],
        used=row["s_used"],
        commission=row["s_commission"],
        target_net_adds=row["s_target_net_adds"],
        target_renewals=row["s_target_renewals"],
        target_utilisation=row["s_aimed"] / row["s_aimed_ports"] if row["s_aimed_ports"] else None,
        both_revenue=row["s_both_revenue"],
        both_users=row["s_both_users"],
        both_commission=row["s_both_commission"],
        both_output=row["s_both_output"],
        aimed_renewals=row["s_aimed_renewals"],
        aimed_due=row["s_aimed_due"],
        target_net_adds_reported=row["s_target_reported"],
        expected=expected,
        reported={name: row[f"n_{name}"] for name in PARTS},
    )


def shares_of(project: Project, until: Month, today: date) -> dict[Month, float]:
    """A project's market share as each month's record of the basic ledger has it; today's for the month not over."""
    first = until.plus(1 - TREND_MONTHS).first
    rows = ProjectSnapshot.objects.filter(
        project=project, month__range=(first, until.first), market_share__isnull=False
    ).order_by("month")
    found = {Month.of(month): float(value or 0) for month, value in rows.values_list("month", "market_share")}
    now = Month.of(today)
    if project.market_share is not None and first <= now.first <= until.first:
        found.setdefault(now, float(project.market_share))
    return found
