"""What the lists of visits and calls may be filtered by."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from channels.models import Outlet
from channels.querysets_visits import CallQuerySet, VisitQuerySet
from channels.visit_facts import KINDS
from channels.week import span
from gridops.accounts.models import Membership, Role, User
from gridops.common.ids import read_id
from gridops.common.weeks import Week
from projects.filters import GridFilter, ScopedFilterSet

ANY = "any"
STANDS_OUT = [(ANY, _("anything")), *KINDS.items()]


class WeekField(forms.CharField):
    """An ISO week, as browsers write it: 2026-W48."""

    widget = forms.TextInput(attrs={"type": "week"})

    def clean(self, value: Any) -> Week | None:
        """The week; None for all."""
        text = super().clean(value)
        try:
            return Week.parse(text) if text else None
        except ValueError:
            raise ValidationError(_("Write a week as 2026-W48.")) from None


class WeekFilter(django_filters.Filter):  # type: ignore[misc]
    """What took place in one week."""

    field_class = WeekField

    def filter(self, rows: Any, value: Week | None) -> Any:
        """Those of the week."""
        return rows.filter(span(value)) if value else rows


class StandingFilter(ScopedFilterSet):
    """By words, week, who was there, grid; by the outlet that a link names."""

    q = django_filters.CharFilter(label=_("search"), method="by_words")
    week = WeekFilter(label=_("week"))
    by = django_filters.ModelChoiceFilter(
        queryset=User.objects.none(), label=_("grid manager"), empty_label=_("all"), method="by_person"
    )
    grid = GridFilter(field_name="outlet__grid")
    outlet = django_filters.ModelChoiceFilter(
        queryset=Outlet.objects.none(), label=_("outlet"), widget=forms.HiddenInput
    )

    def offer(self) -> None:
        """Managers of the person's grids, of now and before; the outlet that the address names."""
        super().offer()
        scope = self.user.scope
        held = Membership.objects.filter(role=Role.GRID_MANAGER)
        held = held if scope.everything else held.filter(grid__in=scope.grid_ids)
        self.filters["by"].queryset = User.objects.filter(memberships__in=held).distinct().order_by("name")
        named = read_id(self.data.get("outlet") or "0")
        self.filters["outlet"].queryset = Outlet.objects.for_user(self.user).filter(pk=named)

    def by_words(self, rows: Any, _name: str, words: str) -> Any:
        """Outlet or remark contain the words."""
        return rows.about(words)

    def by_person(self, rows: VisitQuerySet | CallQuerySet, _name: str, user: User | None) -> Any:
        """Who was there, whoever corrected it since."""
        return rows.of_people([user.pk]) if user else rows


class VisitFilter(StandingFilter):
    """Visits: also by what stands out."""

    facts = django_filters.ChoiceFilter(
        choices=STANDS_OUT, label=_("stands out"), empty_label=_("all visits"), method="by_facts"
    )

    def by_facts(self, rows: VisitQuerySet, _name: str, kind: str) -> VisitQuerySet:
        """Those of which something stands out."""
        return rows.standing_out("" if kind == ANY else kind)


class CallFilter(StandingFilter):
    """Calls: also by whether somebody was spoken to."""

    reached = django_filters.BooleanFilter(
        label=_("spoken to"), widget=forms.Select(choices=[("", _("all")), ("true", _("yes")), ("false", _("no"))])
    )
