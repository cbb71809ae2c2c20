"""What a split over grids is made from, for a set of grids at once: a constant number of queries."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db.models import Count, Exists, OuterRef

from channels.models import Outlet
from gridops.common.months import Month
from plans.material import Grids, expiring_by_project, figures_of
from plans.rules_targets import GridFigures
from projects.models import Project, Prospect


def grid_figures(grids: Grids, month: Month, today: date) -> dict[int, GridFigures]:
    """Each grid's figures, summed over its projects in service as last known before ``month``.

    Ports are those of projects whose ports in use are known, for both together are the grid's utilisation.
    """
    projects = figures_of(grids, month)
    expiring: Counter[int] = Counter()
    for (grid, _agent, _code), by_project in expiring_by_project(grids, month, today).items():
        expiring[grid] += sum(by_project.values())
    prospects = Prospect.objects.filter(grid__in=grids).under_way().per_grid()
    near = Outlet.nearby_projects.through.objects.filter(project=OuterRef("pk"), outlet__is_active=True)
    lacking = Project.objects.filter(~Exists(near), grid__in=grids, is_active=True).order_by()
    without = dict(lacking.values_list("grid").annotate(Count("pk")))
    return {
        pk: GridFigures(
            pk,
            existing=sum(row.figures.existing for row in projects.get(pk, [])),
            free_ports=sum(row.figures.free_ports for row in projects.get(pk, [])),
            unserved=sum(row.figures.unserved for row in projects.get(pk, [])),
            ports=sum(row.ports for row in projects.get(pk, []) if row.used is not None),
            used=sum(row.used or 0 for row in projects.get(pk, []) if row.ports),
            expiring=expiring[pk],
            prospects=prospects.get(pk, 0),
            without_outlet=without.get(pk, 0),
        )
        for pk in grids.order_by("pk").values_list("pk", flat=True)
    }
