"""What a list of projects may be filtered by."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import Grid, User
from projects.models import Project

IN_SERVICE = [("yes", _("in service")), ("no", _("not in service"))]


class GridFilter(django_filters.ModelChoiceFilter):  # type: ignore[misc]
    """One of the person's grids; offered only to those who have several."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, queryset=Grid.objects.none(), label=_("grid"), empty_label=_("all grids"), **kwargs)


class ScopedFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """A filter set that knows for whom it filters: its choices are in the person's scope."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.offer()
        for name, described in self.form.fields.items():
            if name != "q":
                chosen = isinstance(described, forms.ChoiceField)
                described.widget.attrs["class"] = "form-select" if chosen else "form-control"

    def offer(self) -> None:
        """Fill the choices from the person's scope."""
        if self.user.scope.everything or len(self.user.scope.grid_ids) > 1:
            self.filters["grid"].queryset = Grid.objects.for_user(self.user).select_related("unit")
        else:
            del self.filters["grid"]


class ProjectFilter(ScopedFilterSet):
    """By words, grid, nature, access, whether in service."""

    q = django_filters.CharFilter(label=_("search"), method="by_words")
    grid = GridFilter()
    nature = django_filters.ChoiceFilter(
        choices=Project.Nature.choices, label=_("project nature"), empty_label=_("all natures")
    )
    access = django_filters.ChoiceFilter(
        choices=Project.Access.choices, label=_("access type"), empty_label=_("all access types")
    )
    service = django_filters.ChoiceFilter(
        choices=IN_SERVICE, label=_("in service"), empty_label=_("all"), method="by_service"
    )

    def by_words(
        self, rows: models.QuerySet[Project, Project], _name: str, words: str
    ) -> models.QuerySet[Project, Project]:
        """Code, name or address contain the words."""
        return rows.filter(Q(code__icontains=words) | Q(name__icontains=words) | Q(address__icontains=words))

    def by_service(
        self, rows: models.QuerySet[Project, Project], _name: str, value: str
    ) -> models.QuerySet[Project, Project]:
        """In service or not."""
        return rows.filter(is_active=value == "yes")
