"""What the list of matters may be filtered by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from channels.choices import MatterKind, MatterState
from channels.models import Agent, Outlet
from channels.querysets_meetings import MatterQuerySet
from gridops.accounts.models import Role
from gridops.common.ids import read_id
from projects.filters import GridFilter, ScopedFilterSet
from projects.models import Project

ALL = "all"
WHOSE = [("mine", _("mine to deal with")), ("raised", _("raised by me"))]
WHEN = [("late", _("late")), ("soon", _("due by tomorrow"))]
STATES = [*MatterState.choices, (ALL, _("all"))]


def one_of(model: Any, label: Any) -> django_filters.ModelChoiceFilter:
    """A single row that another page's link names; offered as no list."""
    return django_filters.ModelChoiceFilter(queryset=model.objects.none(), label=label, widget=forms.HiddenInput)


class MatterFilter(ScopedFilterSet):
    """By words, whose, when due, kind, state, grid, agent; by the day, outlet or project that a link names.

    Without a state: those that wait for an answer, or whose answer was not told back.
    """

    q = django_filters.CharFilter(label=_("search"), method="by_words")
    whose = django_filters.ChoiceFilter(
        choices=WHOSE, label=pgettext_lazy("matters", "whose"), empty_label=_("all"), method="by_whose"
    )
    when = django_filters.ChoiceFilter(choices=WHEN, label=_("due on"), empty_label=_("all"), method="by_when")
    kind = django_filters.ChoiceFilter(choices=MatterKind.choices, label=_("kind"), empty_label=_("all"))
    state = django_filters.ChoiceFilter(
        choices=STATES, label=_("state"), empty_label=_("not closed"), method="by_state"
    )
    grid = GridFilter()
    agent = django_filters.ModelChoiceFilter(queryset=Agent.objects.none(), label=_("agent"), empty_label=_("all"))
    day = django_filters.DateFilter(field_name="due_on", label=_("due on"), widget=forms.HiddenInput)  # the calendar's
    outlet = one_of(Outlet, _("outlet"))
    project = one_of(Project, _("project"))

    def offer(self) -> None:
        """The person's agents; of outlets and projects the one that the address names."""
        super().offer()
        if self.user.scope.has(Role.AGENT_STAFF) and not self.user.scope.everything:
            for name in ("whose", "when", "day", "agent", "outlet", "project"):
                del self.filters[name]
        else:
            self.filters["agent"].queryset = Agent.objects.for_user(self.user)
            self._name("outlet", Outlet)
            self._name("project", Project)

    def _name(self, name: str, model: Any) -> None:
        asked = read_id(str(self.data.get(name, "")))
        self.filters[name].queryset = model.objects.for_user(self.user).filter(pk=asked)

    def filter_queryset(self, queryset: MatterQuerySet) -> MatterQuerySet:
        """What is closed shows when asked for only."""
        rows: MatterQuerySet = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.waiting()

    def by_words(self, rows: MatterQuerySet, _name: str, words: str) -> MatterQuerySet:
        """What it is about, or the name of its outlet, agent or project, contains the words."""
        about = ("what", "answer", "outlet__name", "agent__name", "project__name")
        found = Q()
        for name in about:
            found |= Q(**{f"{name}__icontains": words})
        return rows.filter(found)

    def by_whose(self, rows: MatterQuerySet, _name: str, value: str) -> MatterQuerySet:
        """Those that the person deals with or raised."""
        return rows.owned_by(self.user, timezone.localdate()) if value == "mine" else rows.filter(raised_by=self.user)

    def by_when(self, rows: MatterQuerySet, _name: str, value: str) -> MatterQuerySet:
        """Late, or due by tomorrow."""
        today = timezone.localdate()
        if value == "late":
            return rows.late(today)
        return rows.waiting().filter(due_on__range=(today, today + timedelta(days=1)))

    def by_state(self, rows: MatterQuerySet, _name: str, value: str) -> MatterQuerySet:
        """One state, or all of them."""
        return rows if value == ALL else rows.filter(state=value)
