"""What the warnings of a list may be filtered by."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.models import Agent, AgentStaff
from projects.models import Project
from renewals.choices import OPEN, State
from renewals.models import ExpiryWarning, WarningList
from renewals.querysets import WarningQuerySet

POOL, STILL_OPEN, YES = "pool", "open", "yes"
EXPIRED, WON_BACK, CLAIMED = "expired", "won_back", "claimed"  # what the page that follows a month counts


class WarningFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By agent, person, state, project, day of expiry, and whether the next step is overdue.

    Withdrawn ones only when they are asked for.
    """

    agent = django_filters.ChoiceFilter(label=_("agent"), empty_label=_("all agents"), method="by_agent")
    staff = django_filters.ModelChoiceFilter(
        queryset=AgentStaff.objects.none(), label=_("agent staff"), empty_label=_("all people")
    )
    state = django_filters.ChoiceFilter(
        choices=[
            (STILL_OPEN, _("being followed")),
            *State.choices,
            (EXPIRED, _("expired, still open")),
            (WON_BACK, _("won back after the expiry")),
            (CLAIMED, _("renewed, not in the roster yet")),
        ],
        label=_("state"),
        empty_label=_("all states"),
        method="by_state",
    )
    project = django_filters.ModelChoiceFilter(
        field_name="subscriber__project",
        queryset=Project.objects.none(),
        label=_("project"),
        empty_label=_("all projects"),
    )
    day = django_filters.DateFilter(
        field_name="expires_on", label=_("expires on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    overdue = django_filters.ChoiceFilter(
        choices=[(YES, _("overdue"))], label=_("next step"), empty_label=_("all"), method="by_overdue"
    )

    def __init__(self, *args: Any, listed: WarningList, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = ExpiryWarning.objects.filter(warning_list=listed).order_by()
        agents = Agent.objects.filter(pk__in=own.exclude(agent=None).values("agent"))
        choices = [(str(agent.pk), agent.name) for agent in agents]
        self.filters["agent"].extra["choices"] = [(POOL, _("manager's pool")), *choices]
        self.filters["staff"].queryset = AgentStaff.objects.filter(pk__in=own.exclude(staff=None).values("staff"))
        projects = Project.objects.filter(pk__in=own.values("subscriber__project"))
        self.filters["project"].queryset = projects.only("code", "name")
        for described in self.form.fields.values():
            chosen = isinstance(described, forms.ChoiceField)
            described.widget.attrs["class"] = "form-select" if chosen else "form-control"

    def filter_queryset(self, queryset: WarningQuerySet) -> WarningQuerySet:
        """Live ones unless withdrawn ones are asked for."""
        rows: WarningQuerySet = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") == State.WITHDRAWN else rows.live()

    def by_agent(self, rows: WarningQuerySet, _name: str, value: str) -> WarningQuerySet:
        """An agent's, or the pool's."""
        return rows.filter(agent=None if value == POOL else int(value))

    def by_state(self, rows: WarningQuerySet, _name: str, value: str) -> WarningQuerySet:
        """In one state, in any in which they are worked at, or by what became of them beside their state."""
        if value == EXPIRED:
            return rows.filter(state__in=OPEN, expires_on__lt=timezone.localdate())
        if value == WON_BACK:
            return rows.filter(state=State.RENEWED, renewed_on__gt=F("expires_on"))
        if value == CLAIMED:
            return rows.filter(state=State.RENEWED, confirmed_on=None)
        return rows.filter(state__in=OPEN if value == STILL_OPEN else [value])

    def by_overdue(self, rows: WarningQuerySet, _name: str, _value: str) -> WarningQuerySet:
        """The next step was due before today."""
        return rows.filter(next_on__lt=timezone.localdate(), state__in=OPEN)
