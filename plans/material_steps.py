"""What steps are proposed from besides a plan's own material, for a set of grids in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from django.db.models import F, Max, Q

from gridops.common.months import Month
from plans.carry_over import Grids
from plans.models import Target
from plans.results import results_of
from plans.rules_progress import expected_count
from plans.rules_steps import Behind, Hints
from projects.models import MonthlyIndicator, Prospect

LOOK_BACK = 6  # months
COUNTED = ("net_adds", "installs", "renewals")


def load_hints(grids: Grids, month: Month, today: date, red_percent: int) -> dict[int, Hints]:
    """Grid -> what stands out in it; a goal is behind below ``red_percent`` of what the days gone by let expect."""
    found: dict[int, Hints] = defaultdict(Hints)
    _read_losses(found, grids, month.plus(-1))
    _read_behind(found, grids, month.plus(-1), today, red_percent)
    waiting = Prospect.objects.filter(grid__in=grids).under_way().annotate(last=Max("talks__held_on"))
    for grid, name in waiting.order_by(F("last").asc(nulls_first=True), "name").values_list("grid", "name"):
        found[grid].prospects.append(name)
    return found


def _read_losses(found: dict[int, Hints], grids: Grids, last: Month) -> None:
    """Months running with fewer users than before, up to the last one reported."""
    looked_at = [last.plus(-back) for back in range(LOOK_BACK + 1)]
    months = [month.first for month in looked_at]
    of_projects = MonthlyIndicator.objects.filter(project__grid__in=grids, project__is_active=True, month__in=months)
    reported = of_projects.with_net_adds(looked_at).order_by()
    rows = reported.filter(Q(adds__lt=0) | Q(month=last.first, adds__isnull=False))
    by_project: dict[tuple[int, int], dict[date, int]] = defaultdict(dict)
    for grid, project, month, net_adds in rows.values_list("project__grid", "project", "month", "adds"):
        by_project[grid, project][month] = net_adds
    for (grid, project), losses in by_project.items():
        running = months if months[0] in losses else months[1:]
        lost = number = 0
        for day in running:
            if losses.get(day, 0) >= 0:
                break
            lost, number = lost - losses[day], number + 1
        if number:
            found[grid].losing[project] = (number, lost)


def _read_behind(found: dict[int, Hints], grids: Grids, last: Month, today: date, red_percent: int) -> None:
    """Goals of the month that runs which have come to less than the days gone by would let expect."""
    if not last.first <= today <= last.last:
        return
    results = results_of(grids, last, today)
    targets = Target.objects.filter(grid__in=grids, month=last.first)
    for grid, *asked in targets.values_list("grid", *COUNTED):
        lags = []
        for goal, target in zip(COUNTED, asked, strict=True):
            result = results[grid].get(goal)
            if result is None or not target or target <= 0 or not result.whole:
                continue
            wanted = expected_count(target, result.as_of.day, last.length)
            if 100 * result.value < red_percent * wanted:
                behind = Behind(goal, int(result.value), target, result.as_of)
                lags.append((result.value / wanted, behind))
        if lags:
            found[grid].behind.append(min(lags, key=lambda one: one[0])[1])
