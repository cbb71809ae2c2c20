"""What commission paid may be filtered by."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from channels.choices import PaidFor
from channels.models import Agent, Paid
from channels.querysets_commission import PaidQuerySet
from channels.rules_commission import paid_for
from gridops.common.forms import MonthField
from gridops.common.months import Month
from projects.filters import GridFilter, ScopedFilterSet


class MonthFilter(django_filters.Filter):  # type: ignore[misc]
    """A month."""

    field_class = MonthField


class AgentChoice(django_filters.ModelChoiceFilter):  # type: ignore[misc]
    """One of the person's agents."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, queryset=Agent.objects.none(), label=_("agent"), empty_label=_("all agents"), **kwargs)


class SumsFilter(ScopedFilterSet):
    """By grid, agent, what it was paid for."""

    grid = GridFilter(field_name="project__grid")
    agent = AgentChoice()
    paid_for = django_filters.ChoiceFilter(
        choices=PaidFor.choices, label=_("paid for"), empty_label=_("all"), method="by_paid_for"
    )

    def offer(self) -> None:
        """Grids and agents in the person's scope; no choice where there is only one."""
        super().offer()
        agents = Agent.objects.for_user(self.user).order_by("name")
        if self.user.scope.has("agent_staff") and not self.user.scope.grid_ids and agents.count() < 2:
            del self.filters["agent"]
        else:
            self.filters["agent"].queryset = agents

    def by_paid_for(self, rows: PaidQuerySet, _name: str, value: str) -> PaidQuerySet:
        """Of the kinds, as rosters call them, that mean it."""
        kinds = Paid.objects.order_by().values_list("kind", flat=True).distinct()
        return rows.filter(kind__in=[kind for kind in kinds if paid_for(kind) == value])


class PaidFilter(SumsFilter):
    """By words and months besides."""

    q = django_filters.CharFilter(label=_("search"), method="by_words")
    since = MonthFilter(label=_("from month"), method="by_since")
    until = MonthFilter(label=_("until month"), method="by_until")

    def by_words(self, rows: PaidQuerySet, _name: str, words: str) -> PaidQuerySet:
        """Code or name of agent or project, or the kind, contain the words."""
        places = ("agent__code", "agent__name", "project__code", "project__name", "kind")
        found = Q()
        for place in places:
            found |= Q(**{f"{place}__icontains": words})
        return rows.filter(found)

    def by_since(self, rows: PaidQuerySet, _name: str, month: Month) -> PaidQuerySet:
        """From that month on."""
        return rows.filter(month__gte=month.first)

    def by_until(self, rows: PaidQuerySet, _name: str, month: Month) -> PaidQuerySet:
        """Up to that month."""
        return rows.filter(month__lte=month.first)
