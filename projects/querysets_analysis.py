"""What the efficiency analysis reads: everything in scope at once, in a constant number of queries (P4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

from django.db.models import Case, F, FloatField, Max, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast

from gridops.accounts.models import Grid, Unit, User
from gridops.accounts.rulebook import RULES, rules_by_unit
from gridops.common.months import Month
from projects.models import MonthlyIndicator, Project, ProjectSnapshot, RivalOffer
from projects.rules import net_adds, share
from projects.rules_analysis import Lines, MonthFigures, Standing, Thresholds, lines_at

TREND_MONTHS = 24
RULE_NAMES = tuple(name for name in RULES if name.startswith("analysis_"))

Indicators = QuerySet[MonthlyIndicator, MonthlyIndicator]


@dataclass(frozen=True, slots=True)
class Territory:
    """What an analysis is of: one grid, one unit's grids or all, always within a person's scope."""

    user: User
    grid: Grid | None = None
    unit: Unit | None = None

    def narrow(self, rows: QuerySet[Any, Any], path: str) -> QuerySet[Any, Any]:
        """``rows`` of this territory; ``path`` leads to their grid."""
        found: QuerySet[Any, Any] = rows.for_user(self.user)  # type: ignore[attr-defined]
        if self.grid:
            return found.filter(**{path: self.grid.pk})
        return found.filter(**{f"{path}__unit": self.unit.pk}) if self.unit else found

    @property
    def indicators(self) -> Indicators:
        """Its month indicators."""
        return self.narrow(MonthlyIndicator.objects.all(), "project__grid")


def _as_float(name: str) -> Cast:
    return Cast(name, FloatField())


# The fields of ``MonthFigures``, in its order.
_FIGURES: tuple[Any, ...] = (
    "billing_users",
    _as_float("billing_revenue"),
    "net_adds",
    "renewals_due",
    "renewals_done",
    "ports",
    "ports_used",
    _as_float("commission"),
    "target_net_adds",
    "target_renewals",
    _as_float("target_port_utilisation"),
)


@dataclass
class Analysis:
    """The material of the analysis of ``month``, read when it is asked for."""

    territory: Territory
    month: Month
    today: date

    @cached_property
    def rules(self) -> dict[int | None, dict[str, int]]:
        """The thresholds by unit, those for all units under None."""
        units = Unit.objects.for_user(self.territory.user)
        return rules_by_unit(RULE_NAMES, units)

    @property
    def own_rules(self) -> dict[str, int]:
        """The thresholds of the unit shown; those for all units where several are."""
        unit = self.territory.grid.unit_id if self.territory.grid else getattr(self.territory.unit, "pk", None)
        return self.rules.get(unit, self.rules[None])

    @cached_property
    def limits(self) -> dict[int, Thresholds]:
        """The thresholds of what stands out, by unit."""
        return {unit: Thresholds.of(values) for unit, values in self.rules.items() if unit is not None}

    @cached_property
    def figures(self) -> dict[Month, dict[int, MonthFigures]]:
        """Each project's figures of this month, the last, and that of a year ago."""
        months = [self.month, self.month.plus(-1), self.month.plus(-12)]
        rows = self.territory.indicators.filter(month__in=[month.first for month in months], project__is_active=True)
        found: dict[Month, dict[int, MonthFigures]] = {month: {} for month in months}
        for project, month, *values in rows.order_by().values_list("project", "month", *_FIGURES):
            found[Month.of(month)][project] = MonthFigures(*values)
        return found

    @cached_property
    def net_adds(self) -> dict[int, tuple[int | None, ...]]:
        """Each project's net adds of this month, the one before, and so on, as far as any threshold looks back."""
        length = max(values["analysis_negative_months"] for values in self.rules.values())
        months = [self.month.plus(-back).first for back in range(length + 1)]
        rows = self.territory.indicators.filter(month__in=months, project__is_active=True).order_by()
        found: dict[int, dict[date, tuple[int | None, int | None]]] = defaultdict(dict)
        for project, month, adds, users in rows.values_list("project", "month", "net_adds", "billing_users"):
            found[project][month] = adds, users
        nothing = (None, None)
        return {
            project: tuple(
                net_adds(*by_month.get(month, nothing), by_month.get(before, nothing)[1])
                for month, before in pairwise(months)
            )
            for project, by_month in found.items()
        }

    @cached_property
    def basics(self) -> dict[int, tuple[int | None, Any, Any]]:
        """Households, occupancy and market share as they stood when the month ended, of those with a record of it."""
        rows = self.territory.narrow(ProjectSnapshot.objects.of_month(self.month.first), "project__grid")
        found = rows.order_by().values_list("project", "households", _as_float("occupancy"), _as_float("market_share"))
        return {project: (households, occupancy, share) for project, households, occupancy, share in found}

    @cached_property
    def shares_before(self) -> dict[int, float]:
        """Each project's market share at the newest record of the basic ledger before the month."""
        rows = self.territory.narrow(ProjectSnapshot.objects.filter(month__lt=self.month.first), "project__grid")
        newest = rows.aggregate(newest=Max("month"))["newest"]
        known = rows.filter(month=newest, market_share__isnull=False).order_by()
        return dict(known.values_list("project", _as_float("market_share")))

    @cached_property
    def offers(self) -> set[int]:
        """The projects in which a rival was seen lately with an offer."""
        until = min(self.today, self.month.last)
        first = until - timedelta(days=self.own_rules["analysis_offer_days"] - 1)
        rows = RivalOffer.objects.filter(seen_on__range=(first, until)).exclude(text="")
        return set(self.territory.narrow(rows, "project__grid").order_by().values_list("project", flat=True).distinct())

    @cached_property
    def standings(self) -> list[Standing]:
        """Every project in service, in order of code."""
        now, before, year_ago = self.figures.values()
        rows = self.territory.narrow(Project.objects.filter(is_active=True), "grid").order_by("code")
        nothing, found = MonthFigures(), []
        own: tuple[Any, ...] = ("households", _as_float("occupancy"), _as_float("market_share"))
        for pk, code, name, grid, unit, *basics in rows.values_list("pk", "code", "name", "grid", "grid__unit", *own):
            households, occupancy, surveyed = self.basics.get(pk, basics)
            found.append(
                Standing(
                    pk, code, name, grid, unit,
                    now.get(pk, nothing), before.get(pk, nothing), year_ago.get(pk, nothing),
                    self.net_adds.get(pk, ()), households, occupancy, surveyed,
                    self.shares_before.get(pk), pk in self.offers,
                )
            )  # fmt: skip
        return found

    # --- The unit, as the yardstick ---

    @cached_property
    def unit_rows(self) -> list[tuple[int, MonthFigures, float | None]]:
        """Of every project in service of the units concerned: its unit, figures and market position.

        Nothing but medians and sums of it is shown.
        """
        grid = self.territory.grid
        if grid is None:
            return [(row.unit, row.now, row.position) for row in self.standings]
        rows = MonthlyIndicator.objects.filter(
            month=self.month.first, project__is_active=True, project__grid__unit=grid.unit_id
        )
        basics = ("project__households", _as_float("project__occupancy"), _as_float("project__market_share"))
        found = []
        for *values, households, occupancy, surveyed in rows.order_by().values_list(*_FIGURES, *basics):
            figures = MonthFigures(*values)
            one = Standing(0, "", "", 0, 0, figures, households=households, occupancy=occupancy, share=surveyed)
            found.append((grid.unit_id, figures, one.position))
        return found

    @cached_property
    def unit_rates(self) -> dict[int, float | None]:
        """Each unit's renewal rate."""
        sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        for unit, figures, _position in self.unit_rows:
            if figures.due is not None and figures.done is not None:
                sums[unit][0] += figures.done
                sums[unit][1] += figures.due
        return {unit: share(done, due) for unit, (done, due) in sums.items()}

    @cached_property
    def lines(self) -> Lines:
        """Where the quadrants part: as set, or at the median."""
        rules = self.own_rules
        positions = [position for _unit, _figures, position in self.unit_rows]
        used = [figures.utilisation for _unit, figures, _position in self.unit_rows]
        return lines_at(rules["analysis_line_utilisation"], rules["analysis_line_share"], used, positions)

    # --- 24 months ---

    @cached_property
    def trend(self) -> dict[Month, MonthFigures]:
        """The sums of each of the last 24 months, oldest first; a month without any figure is empty."""
        return trend(self.territory.indicators, self.month)


def trend(rows: Indicators, until: Month) -> dict[Month, MonthFigures]:
    """The sums of ``rows`` of each of the 24 months up to ``until``, oldest first.

    What a ratio needs two figures of counts only where both are there; the target of the utilisation is weighed by
    ports. Net adds nobody reported are the difference of the billing users.
    """
    months = [until.plus(-back) for back in range(TREND_MONTHS, -1, -1)]
    both_ports = Q(ports__isnull=False, ports_used__isnull=False)
    both_renewals = Q(renewals_due__isnull=False, renewals_done__isnull=False)
    aimed = Q(target_port_utilisation__isnull=False, ports__gt=0)
    sums = rows.filter(month__range=(months[0].first, until.first)).order_by("month").values("month").annotate(
        s_users=Sum("billing_users"),
        s_revenue=Cast(Sum("billing_revenue"), FloatField()),
        s_net_adds=Sum("net_adds"),
        s_due=Sum("renewals_due", filter=both_renewals),
        s_done=Sum("renewals_done", filter=both_renewals),
        s_ports=Sum("ports", filter=both_ports),
        s_used=Sum("ports_used", filter=both_ports),
        s_commission=Cast(Sum("commission"), FloatField()),
        s_target_net_adds=Sum("target_net_adds"),
        s_target_renewals=Sum("target_renewals"),
        s_aimed=Sum(_as_float("target_port_utilisation") * F("ports"), filter=aimed, output_field=FloatField()),
        s_aimed_ports=Sum(Case(When(aimed, then=F("ports")), default=Value(0))),
    )  # fmt: skip
    return _filled(months, sums)


def _filled(months: list[Month], sums: Iterable[Any]) -> dict[Month, MonthFigures]:
    found: dict[Month, MonthFigures] = {}
    by_month = {Month.of(row["month"]): row for row in sums}
    for before, month in pairwise(months):
        row = by_month.get(month)
        if row is None:
            found[month] = MonthFigures()
            continue
        users_before = by_month.get(before, {}).get("s_users")
        found[month] = MonthFigures(
            row["s_users"],
            row["s_revenue"],
            net_adds(row["s_net_adds"], row["s_users"], users_before),
            row["s_due"],
            row["s_done"],
            row["s_ports"],
            row["s_used"],
            row["s_commission"],
            row["s_target_net_adds"],
            row["s_target_renewals"],
            row["s_aimed"] / row["s_aimed_ports"] if row["s_aimed_ports"] else None,
        )
    return found


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
