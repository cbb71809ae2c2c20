"""What the list of subscribers may be filtered by."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridops.common.forms import MonthField
from gridops.common.months import Month
from projects.filters import GridFilter, ScopedFilterSet
from projects.models import Project
from projects.querysets import ProjectQuerySet
from renewals.choices import Household
from renewals.filters_search import Found, search
from renewals.models import Subscriber
from renewals.querysets import SubscriberQuerySet

FEW_GRIDS = 3
MANY_PROJECTS = 1_000
NUMBERS = [("wrong", _("number wrong")), ("none", _("no phone on record"))]


class MonthFilter(django_filters.Filter):  # type: ignore[misc]
    """By a month."""

    field_class = MonthField


class SubscriberFilter(ScopedFilterSet):
    """By words, grid, project, month of expiry, status, household, whether there is a number to call."""

    q = django_filters.CharFilter(label=_("search"), method="by_words")
    grid = GridFilter(field_name="project__grid")
    project = django_filters.ModelChoiceFilter(
        queryset=Project.objects.none(), label=_("project"), empty_label=_("all projects")
    )
    expires = MonthFilter(label=_("expires in"), method="by_month")
    status = django_filters.ChoiceFilter(
        choices=Subscriber.Status.choices, label=_("status"), empty_label=_("all states")
    )

    household = django_filters.ChoiceFilter(
        choices=Household.choices, label=_("household"), empty_label=_("all households"), method="by_household"
    )
    number = django_filters.ChoiceFilter(
        choices=NUMBERS, label=_("phone"), empty_label=_("all numbers"), method="by_number"
    )

    def offer(self) -> None:
        """Offer the projects of the scope; to those with many grids the project comes by a link only."""
        super().offer()
        self.filters["project"].queryset = Project.objects.for_user(self.user).only("code", "name", "grid_id")
        if self.user.scope.everything or len(self.user.scope.grid_ids) > FEW_GRIDS:
            self.filters["project"].extra["widget"] = forms.HiddenInput

    def by_words(self, rows: SubscriberQuerySet, _name: str, _words: str) -> SubscriberQuerySet:
        """Account, phone or name begin so, the project is called so, the address in it goes on so."""
        return rows.filter(self.found.condition)

    @cached_property
    def found(self) -> Found:
        """What the words find; nothing is looked for when there are none."""
        return search(self._asked("q") or "", self._named(), self._near)

    def by_month(self, rows: SubscriberQuerySet, _name: str, month: Month | None) -> SubscriberQuerySet:
        """The contract expires in that month."""
        return rows.filter(expires_on__range=(month.first, month.last)) if month else rows

    def by_household(self, rows: SubscriberQuerySet, _name: str, household: str) -> SubscriberQuerySet:
        """What became of the household; few rows, which have an index of their own."""
        return rows.exclude(household="").filter(household=household)

    def by_number(self, rows: SubscriberQuerySet, _name: str, state: str) -> SubscriberQuerySet:
        """The number on record was found wrong, or there never was one."""
        return rows.number_wrong() if state == "wrong" else rows.without_number()

    def projects(self) -> list[int] | None:
        """The ids of the projects that the rows can lie in, or None when that is no narrowing (or a long one)."""
        if not self._asked("q") or not self.found.only_projects:
            return self._near
        named = self._named().filter(pk__in=self.found.projects)
        return list(named.order_by("pk").values_list("pk", flat=True))

    @property
    def by_project(self) -> bool:
        """Whether the rows may be read project by project: not where few of a project's rows are wanted."""
        rare = self._asked("household") or self._asked("number")
        return not rare and (not self._asked("q") or self.found.only_projects)

    @property
    def hint(self) -> str | Promise:
        """What to type so that more is found, or nothing."""
        return self.found.hint if self._asked("q") else ""

    def _asked(self, name: str) -> Any:
        return self.form.cleaned_data.get(name) if self.form.is_valid() else None

    def _named(self) -> ProjectQuerySet:
        """The projects that the other filters leave."""
        rows = Project.objects.for_user(self.user)
        if project := self._asked("project"):
            return rows.filter(pk=project.pk)
        return rows.filter(grid=self._asked("grid")) if self._asked("grid") else rows

    @cached_property
    def _near(self) -> list[int] | None:
        if self.user.scope.everything and not self._asked("project") and not self._asked("grid"):
            return None
        found = list(self._named().order_by("pk").values_list("pk", flat=True)[: MANY_PROJECTS + 1])
        return found if len(found) <= MANY_PROJECTS else None
