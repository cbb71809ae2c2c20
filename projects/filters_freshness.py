"""What the list of ledgers not seen to may be filtered by."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridops.common.months import Month
from projects.filters import GridFilter, ScopedFilterSet
from projects.models import Ledger, Project
from projects.querysets import ProjectQuerySet

ANY = "any"
UNTOUCHED = [(ANY, _("any ledger")), *Ledger.choices]


class FreshnessFilter(ScopedFilterSet):
    """By words, grid, and which ledger was not seen to in the month shown."""

    q = django_filters.CharFilter(label=_("search"), method="by_words")
    grid = GridFilter()
    untouched = django_filters.ChoiceFilter(
        choices=UNTOUCHED, label=_("not seen to"), empty_label=_("all projects"), method="by_untouched"
    )

    def __init__(self, *args: Any, month: Month, **kwargs: Any) -> None:
        self.month = month
        super().__init__(*args, **kwargs)

    def by_words(
        self, rows: models.QuerySet[Project, Project], _name: str, words: str
    ) -> models.QuerySet[Project, Project]:
        """Code or name contain the words."""
        return rows.filter(Q(code__icontains=words) | Q(name__icontains=words))

    def by_untouched(self, rows: ProjectQuerySet, _name: str, value: str) -> ProjectQuerySet:
        """One ledger, or any of the three, was not seen to."""
        return rows.untouched(self.month.first, "" if value == ANY else value)
