"""A month's lists of a unit or a grid as its page shows them: what is counted, by month, by day, by whom (S7).

Read from what is counted (``Tally``, ``DayTally``, ``LossTally``) in a constant number of queries, never from warnings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q, Sum

from gridops.accounts.models import Grid, Unit
from gridops.accounts.rulebook import rules_of
from gridops.common.months import Month
from renewals.choices import Loss
from renewals.models import DayTally, LossTally, Tally, WarningList
from renewals.querysets_follow import counts_of
from renewals.rules_follow import PAST_MONTHS, Counts, Course, Expected, days_shown, expected, same_day
from renewals.services_tally import counted_today

RULES = ("renewal_call_first", "renewal_winback_days", "renewal_course_least")


@dataclass
class Followed:
    """The lists of ``month`` of ``grids``, which lie in ``unit``, as they stand on ``today``."""

    unit: Unit
    grids: Sequence[Grid]
    month: Month
    today: date

    @cached_property
    def rules(self) -> dict[str, int]:
        """The unit's rules."""
        return rules_of(RULES, self.unit)

    @property
    def before(self) -> Month:
        """The month before."""
        return self.month.plus(-1)

    @property
    def year_ago(self) -> Month:
        """The same month a year before."""
        return self.month.plus(-12)

    @cached_property
    def lists(self) -> dict[Month, dict[int, int]]:
        """Month -> grid -> list, of the whole unit: this month, those it is compared with; all are counted."""
        months = {self.year_ago, *(self.month.plus(-n) for n in range(PAST_MONTHS + 1))}
        rows = WarningList.objects.filter(grid__unit=self.unit, month__in=[month.first for month in months])
        found: dict[Month, dict[int, int]] = {month: {} for month in months}
        stale = []
        for pk, grid, first, day in rows.values_list("pk", "grid", "month", "tallied_on"):
            month = Month.of(first)
            found[month][grid] = pk
            if day is None or (month == self.month and day < self.today):
                stale.append(pk)
        if stale:
            counted_today(stale, self.today)
        return found

    def own(self, month: Month) -> list[int]:
        """The lists of a month that are shown."""
        return [pk for grid in self.grids if (pk := self.lists[month].get(grid.pk))]

    @property
    def is_made(self) -> bool:
        """Whether there is a list of the month."""
        return bool(self.own(self.month))

    @cached_property
    def totals(self) -> dict[Month, Counts]:
        """The sums of the month, of the one before and of a year before; nothing of a month without lists."""
        lists = [pk for month in (self.month, self.before, self.year_ago) for pk in self.own(month)]
        rows = Tally.objects.filter(warning_list__in=lists).sums("warning_list__month")
        return {Month.of(row["warning_list__month"]): counts_of(row) for row in rows}

    @property
    def counts(self) -> Counts:
        """The sums of this month."""
        return self.totals.get(self.month, Counts())

    @cached_property
    def losses(self) -> list[tuple[str, int]]:
        """Reason of loss -> how many, the most frequent first."""
        rows = LossTally.objects.filter(warning_list__in=self.own(self.month)).order_by().values_list("loss")
        found = rows.annotate(sum_lost=Sum("lost"))
        return sorted(((str(Loss(loss).label), lost) for loss, lost in found), key=lambda row: -row[1])

    # --- Days ---

    @cached_property
    def _courses(self) -> tuple[dict[Month, Course], dict[Month, Course]]:
        """Of the grids shown, and of the whole unit."""
        every = [pk for lists in self.lists.values() for pk in lists.values()]
        own = [pk for month in self.lists for pk in self.own(month)]
        names = ("expiring", "renewed", "contacted")
        sums = {f"unit_{name}": Sum(name) for name in names}
        if len(own) < len(every):
            sums |= {f"own_{name}": Sum(name, filter=Q(warning_list__in=own), default=0) for name in names}
        rows: Any = DayTally.objects.filter(warning_list__in=every).order_by().values("warning_list__month", "day")
        found: dict[str, Any] = {"own": defaultdict(lambda: ({}, {}, {})), "unit": defaultdict(lambda: ({}, {}, {}))}
        for row in rows.annotate(**sums):
            for whose in ("own", "unit"):
                for place, name in enumerate(names):
                    number = row.get(f"{whose}_{name}", row[f"unit_{name}"])
                    if number:
                        found[whose][Month.of(row["warning_list__month"])][place][row["day"]] = number
        own_courses, unit_courses = (
            {month: Course(month, *found[whose][month]) for month in self.lists} for whose in ("own", "unit")
        )
        return own_courses, unit_courses

    @property
    def courses(self) -> dict[Month, Course]:
        """The months by days, of the grids shown."""
        return self._courses[0]

    @cached_property
    def days(self) -> list[date]:
        """The days of the curve."""
        return days_shown(self.month, self.today, self.rules["renewal_call_first"], self.rules["renewal_winback_days"])

    @property
    def day(self) -> date:
        """The day that the figures are of."""
        return min(self.today, self.days[-1])

    @cached_property
    def expected(self) -> Expected:
        """What each day should show."""
        past = [self.month.plus(-n) for n in range(1, PAST_MONTHS + 1)]
        own, unit = ([courses[month] for month in past] for courses in self._courses)
        least = self.rules["renewal_course_least"]
        return expected(self.courses[self.month], own, unit, self.days, self.today, least)

    def on_same_day(self, other: Month) -> tuple[Course, date]:
        """Another month, and its day that stands where ``day`` stands in this one."""
        return self.courses[other], same_day(self.month, self.day, other)
