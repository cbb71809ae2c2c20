"""What the efficiency analysis reads: everything in scope at once, in a constant number of queries (P4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import FloatField, Max, QuerySet, Sum
from django.db.models.functions import Cast

from gridops.accounts.models import Grid, Unit, User
from gridops.accounts.rulebook import RULES, rules_by_unit
from gridops.common.months import Month
from projects.models import MonthlyIndicator, Project, ProjectSnapshot, RivalOffer
from projects.querysets_trend import Indicators, trend
from projects.rules import net_adds, share
from projects.rules_analysis import Lines, MonthFigures, Standing, Thresholds, lines_at
from projects.rules_totals import MonthSums

RULE_NAMES = tuple(name for name in RULES if name.startswith("analysis_"))


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

    @property
    def is_running(self) -> bool:
        """Whether the month is not over yet."""
        return self.month >= Month.of(self.today)

    @cached_property
    def figures(self) -> dict[Month, dict[int, MonthFigures]]:
        """Each project's figures of this month, the last, and that of a year ago."""
        months = [self.month, self.month.plus(-1), self.month.plus(-12)]
        rows = self.territory.indicators.filter(month__in=[month.first for month in months])
        found: dict[Month, dict[int, MonthFigures]] = {month: {} for month in months}
        for project, month, *values in rows.order_by().values_list("project", "month", *_FIGURES):
            found[Month.of(month)][project] = MonthFigures(*values)
        for month, by_project in found.items():
            for project, figures in by_project.items():
                by_project[project] = replace(figures, net_adds=self.net_adds[project].get(month))
        return found

    @cached_property
    def looking_back(self) -> list[Month]:
        """The month, the one before, and so on, one further than any threshold looks back."""
        length = 1 + max(values["analysis_negative_months"] for values in self.rules.values())
        return [self.month.plus(-back) for back in range(length)]

    @cached_property
    def net_adds(self) -> dict[int, dict[Month, int | None]]:
        """Each project's net adds of these months and of a year ago: as reported, else what its users grew by."""
        months = [*self.looking_back, self.month.plus(-12)]
        days = {near.first for month in months for near in (month, month.plus(-1))}
        rows = self.territory.indicators.filter(month__in=days).order_by()
        found: dict[int, dict[date, tuple[int | None, int | None]]] = defaultdict(dict)
        for project, day, adds, users in rows.values_list("project", "month", "net_adds", "billing_users"):
            found[project][day] = adds, users
        nothing, pairs = (None, None), [(month, month.first, month.plus(-1).first) for month in months]
        return {
            project: {
                month: net_adds(*by_day.get(day, nothing), by_day.get(before, nothing)[1])
                for month, day, before in pairs
            }
            for project, by_day in found.items()
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
        now, before, year_ago = self.compared
        rows = self.territory.narrow(Project.objects.filter(is_active=True), "grid").order_by("code")
        nothing, found = MonthFigures(), []
        own: tuple[Any, ...] = ("households", _as_float("occupancy"), _as_float("market_share"))
        for pk, code, name, grid, unit, *basics in rows.values_list("pk", "code", "name", "grid", "grid__unit", *own):
            households, occupancy, surveyed = self.basics.get(pk, basics)
            found.append(
                Standing(
                    pk, code, name, grid, unit,
                    now.get(pk, nothing), before.get(pk, nothing), year_ago.get(pk, nothing),
                    self._adds(pk), households, occupancy, surveyed,
                    self.shares_before.get(pk), pk in self.offers,
                )
            )  # fmt: skip
        return found

    def _adds(self, project: int) -> tuple[int | None, ...]:
        found = self.net_adds.get(project, {})
        return tuple(found.get(month) for month in self.looking_back)

    # --- Yardsticks ---

    @cached_property
    def unit_rates(self) -> dict[int, float | None]:
        """The renewal rate of each unit concerned, over all its projects in service."""
        grid, unit = self.territory.grid, self.territory.unit
        units = [grid.unit_id] if grid else [unit.pk] if unit else list(self.limits)
        rows = MonthlyIndicator.objects.filter(
            month=self.month.first, project__is_active=True, project__grid__unit__in=units,
            renewals_due__isnull=False, renewals_done__isnull=False,
        )  # fmt: skip
        sums = rows.order_by().values_list("project__grid__unit").annotate(Sum("renewals_done"), Sum("renewals_due"))
        return {unit: share(done, due) for unit, done, due in sums}

    @cached_property
    def lines(self) -> Lines:
        """Where the quadrants part: as set, or at the median of the projects drawn."""
        rules = self.own_rules
        drawn = [row for row in self.standings if row.utilisation is not None and row.position is not None]
        used, positions = [row.utilisation for row in drawn], [row.position for row in drawn]
        return lines_at(rules["analysis_line_utilisation"], rules["analysis_line_share"], used, positions)

    # --- 24 months ---

    @cached_property
    def trend(self) -> dict[Month, MonthSums]:
        """The sums of each of the last 24 months, oldest first; a month without any figure is empty."""
        return trend(self.territory.indicators, self.month)

    @property
    def compared(self) -> tuple[Mapping[int, MonthFigures], Mapping[int, MonthFigures], Mapping[int, MonthFigures]]:
        """Each project's figures of this month, the last, and that of a year ago."""
        now, before, year_ago = self.figures.values()
        return now, before, year_ago
