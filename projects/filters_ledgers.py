"""What a ledger's list may be filtered by."""

from __future__ import annotations

import django_filters
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.filters import GridFilter, ScopedFilterSet
from projects.models import Project


class LedgerFilter(ScopedFilterSet):
    """The rows of a ledger."""

    q = django_filters.CharFilter(method="by_words", label=_("search"))
    grid = GridFilter()

    def by_words(
        self, rows: models.QuerySet[Project, Project], _name: str, words: str
    ) -> models.QuerySet[Project, Project]:
        """Code, name or address contain the words."""
        return rows.filter(Q(code__icontains=words) | Q(name__icontains=words) | Q(address__icontains=words))
