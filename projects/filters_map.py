"""Which projects the map shows."""

from __future__ import annotations

import django_filters
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.filters import GridFilter, ScopedFilterSet
from projects.models import Project


class MapFilter(ScopedFilterSet):
    """By words and grid."""

    q = django_filters.CharFilter(label=_("search"), method="by_words")
    grid = GridFilter()

    def by_words(
        self, rows: models.QuerySet[Project, Project], _name: str, words: str
    ) -> models.QuerySet[Project, Project]:
        """Code or name contain the words."""
        return rows.filter(Q(code__icontains=words) | Q(name__icontains=words))
