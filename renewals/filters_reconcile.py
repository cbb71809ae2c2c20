"""What the differences of a month may be filtered by."""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import Grid, Unit
from projects.filters import GridFilter, ScopedFilterSet
from projects.models import Project
from renewals.models import Difference
from renewals.querysets_lists import DifferenceQuerySet

KEPT, SETTLED, AGAIN, ALL = "kept", "settled", "again", "all"
STATES = [
    (KEPT, _("decided, still there")),
    (SETTLED, _("decided and settled")),
    (AGAIN, _("open again: the days have changed")),
    (ALL, _("all of them")),
]


class DifferenceFilter(ScopedFilterSet):
    """By kind, reason, grid, project, and what was decided; open ones unless others are asked for."""

    kind = django_filters.ChoiceFilter(
        choices=Difference.Kind.choices, label=_("where they differ"), empty_label=_("all kinds")
    )
    reason = django_filters.ChoiceFilter(
        choices=Difference.Reason.choices, label=_("reason"), empty_label=_("all reasons")
    )
    grid = GridFilter(field_name="project__grid")
    project = django_filters.ModelChoiceFilter(
        queryset=Project.objects.none(), label=_("project"), empty_label=_("all projects")
    )
    state = django_filters.ChoiceFilter(
        choices=STATES, label=_("what was decided"), empty_label=_("still open"), method="by_state"
    )

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        self.unit = unit
        super().__init__(*args, **kwargs)

    def offer(self) -> None:
        """Grids of the unit, and projects that differences are about."""
        grids = Grid.objects.for_user(self.user).filter(unit=self.unit)
        if grids.count() > 1:
            self.filters["grid"].queryset = grids
        else:
            del self.filters["grid"]
        about = self.queryset.order_by().values("project")
        self.filters["project"].queryset = Project.objects.filter(pk__in=about).only("code", "name")

    def filter_queryset(self, queryset: DifferenceQuerySet) -> DifferenceQuerySet:
        """Open ones unless others are asked for."""
        rows: DifferenceQuerySet = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.undecided()

    def by_state(self, rows: DifferenceQuerySet, _name: str, state: str) -> DifferenceQuerySet:
        """Decided ones, or all."""
        if state == AGAIN:
            return rows.undecided().exclude(earlier="")
        if state == ALL:
            return rows
        return rows.exclude(decision="").filter(settled_at__isnull=state == KEPT)
