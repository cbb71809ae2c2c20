"""What the list of agents may be filtered by."""

from __future__ import annotations

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.querysets import AgentQuerySet
from gridops.accounts.models import Grid
from projects.filters import GridFilter, ScopedFilterSet

ACTIVE = [("yes", _("active")), ("no", _("not active"))]


class AgentFilter(ScopedFilterSet):
    """By words, the grid whose projects they own today, whether active."""

    q = django_filters.CharFilter(label=_("search"), method="by_words")
    grid = GridFilter(method="by_grid")
    active = django_filters.ChoiceFilter(choices=ACTIVE, label=_("state"), empty_label=_("all"), method="by_active")

    def by_words(self, rows: AgentQuerySet, _name: str, words: str) -> AgentQuerySet:
        """Code or name contain the words."""
        return rows.filter(Q(code__icontains=words) | Q(name__icontains=words))

    def by_grid(self, rows: AgentQuerySet, _name: str, grid: Grid | None) -> AgentQuerySet:
        """Those who own a project there."""
        return rows.owning_in(grid, timezone.localdate()) if grid else rows

    def by_active(self, rows: AgentQuerySet, _name: str, value: str) -> AgentQuerySet:
        """Active or not."""
        return rows.filter(is_active=value == "yes")
