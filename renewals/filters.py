"""What the list of subscribers may be filtered by."""

from __future__ import annotations

import re
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridops.common.forms import MonthField
from gridops.common.months import Month
from projects.filters import GridFilter, ScopedFilterSet
from projects.models import Project
from renewals.models import Subscriber
from renewals.querysets import SubscriberQuerySet

FEW_GRIDS = 3
MANY_PROJECTS = 1_000
_ACCOUNT = re.compile(r"[0-9A-Za-z_-]+")
_PHONE = re.compile(r"\+?\d{7,15}")


class MonthFilter(django_filters.Filter):  # type: ignore[misc]
    """By a month."""

    field_class = MonthField


class SubscriberFilter(ScopedFilterSet):
    """By words, grid, project, month of expiry, status."""

    q = django_filters.CharFilter(label=_("search"), method="by_words")
    grid = GridFilter(field_name="project__grid")
    project = django_filters.ModelChoiceFilter(
        queryset=Project.objects.none(), label=_("project"), empty_label=_("all projects")
    )
    expires = MonthFilter(label=_("expires in"), method="by_month")
    status = django_filters.ChoiceFilter(
        choices=Subscriber.Status.choices, label=_("status"), empty_label=_("all states")
    )

    def offer(self) -> None:
        """Offer the projects of the scope; to those with many grids the project comes by a link only."""
        super().offer()
        self.filters["project"].queryset = Project.objects.for_user(self.user).only("code", "name", "grid_id")
        if self.user.scope.everything or len(self.user.scope.grid_ids) > FEW_GRIDS:
            self.filters["project"].extra["widget"] = forms.HiddenInput

    def by_words(self, rows: SubscriberQuerySet, _name: str, words: str) -> SubscriberQuerySet:
        """Account begins so, phone is exactly so, name begins so, or the project is called so."""
        words = words.strip()
        found = Q(pk__in=[])
        if _ACCOUNT.fullmatch(words):
            found |= Q(account__gte=words, account__lte=words + "z" * 8, account__startswith=words)
        if _PHONE.fullmatch(words):
            found |= Q(phone=words)
        if not words.isdecimal():
            named = Project.objects.for_user(self.user).filter(Q(code__iexact=words) | Q(name__icontains=words))
            found |= Q(name__startswith=words) | Q(project__in=list(named.values_list("pk", flat=True)[:500]))
        return rows.filter(found)

    def by_month(self, rows: SubscriberQuerySet, _name: str, month: Month | None) -> SubscriberQuerySet:
        """The contract expires in that month."""
        return rows.filter(expires_on__range=(month.first, month.last)) if month else rows

    def projects(self) -> list[int] | None:
        """The ids of the projects that the rows can lie in, or None when that is no narrowing (or a long one)."""
        data: dict[str, Any] = self.form.cleaned_data if self.form.is_valid() else {}
        rows = Project.objects.for_user(self.user)
        if data.get("project"):
            return [data["project"].pk]
        if data.get("grid"):
            rows = rows.filter(grid=data["grid"])
        elif self.user.scope.everything:
            return None
        found = list(rows.order_by("pk").values_list("pk", flat=True)[: MANY_PROJECTS + 1])
        return found if len(found) <= MANY_PROJECTS else None
