"""The columns of the list of meetings, and what it may be filtered by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from channels.models import Agent, Meeting
from channels.querysets_meetings import MeetingQuerySet
from gridops.accounts.models import Role
from gridops.common.lists import Column, ListSpec
from gridops.common.paging import Order
from projects.filters import GridFilter, ScopedFilterSet

COMING, UNWRITTEN, PAST = "coming", "unwritten", "past"
WHEN = [(COMING, _("from today on")), (UNWRITTEN, _("not written down yet")), (PAST, _("past"))]
KINDS = [("meeting", _("meeting")), ("training", _("training"))]
FOREVER = timedelta(days=36_500)


class MeetingFilter(ScopedFilterSet):
    """By words, grid, agent, when, kind, state."""

    q = django_filters.CharFilter(label=_("search"), method="by_words")
    when = django_filters.ChoiceFilter(choices=WHEN, label=_("when"), empty_label=_("all"), method="by_when")
    kind = django_filters.ChoiceFilter(choices=KINDS, label=_("kind"), empty_label=_("all"), method="by_kind")
    state = django_filters.ChoiceFilter(choices=Meeting.State.choices, label=_("state"), empty_label=_("all"))
    grid = GridFilter()
    agent = django_filters.ModelChoiceFilter(
        queryset=Agent.objects.none(), label=_("agent"), empty_label=_("all"), method="by_agent"
    )

    day = django_filters.DateFilter(
        field_name="starts_at", lookup_expr="date", label=_("when"), widget=forms.HiddenInput
    )  # the calendar's

    def offer(self) -> None:
        """The person's agents; agent staff are of one."""
        super().offer()
        if self.user.scope.has(Role.AGENT_STAFF) and not self.user.scope.everything:
            del self.filters["agent"]
        else:
            self.filters["agent"].queryset = Agent.objects.for_user(self.user)

    def by_words(self, rows: MeetingQuerySet, _name: str, words: str) -> MeetingQuerySet:
        """Title, place or project contain the words."""
        return rows.filter(Q(title__icontains=words) | Q(place__icontains=words) | Q(project__name__icontains=words))

    def by_when(self, rows: MeetingQuerySet, _name: str, value: str) -> MeetingQuerySet:
        """From today on, past, or past and not written down."""
        today = timezone.localdate()
        if value == COMING:
            return rows.between(today, today + FOREVER)
        return rows.unwritten(today) if value == UNWRITTEN else rows.between(today - FOREVER, today - timedelta(days=1))

    def by_kind(self, rows: MeetingQuerySet, _name: str, value: str) -> MeetingQuerySet:
        """Meetings or trainings."""
        return rows.filter(is_training=value == "training")

    def by_agent(self, rows: MeetingQuerySet, _name: str, agent: Agent | None) -> MeetingQuerySet:
        """Those to which the agent was asked."""
        return rows.filter(pk__in=Meeting.objects.filter(attendees__agent=agent).values("pk")) if agent else rows


def place_of(row: Any) -> str:
    """Where it is held: the project on whose site, and what was written beside it."""
    return " · ".join(filter(None, [row.project.name if row.project else "", row.place]))


MEETINGS = ListSpec(
    name="meetings",
    title=_("Meetings and trainings"),
    columns=[
        Column(_("begins"), lambda row: timezone.localtime(row.starts_at), sort="starts_at"),
        Column(_("title"), lambda row: row.title),
        Column(_("kind"), lambda row: _("training") if row.is_training else _("meeting")),
        Column(_("grid"), lambda row: row.grid.name),
        Column(_("place"), place_of),
        Column(_("asked"), lambda row: row.asked, number=True),
        Column(pgettext_lazy("meeting", "there"), lambda row: row.there, number=True),
        Column(_("state"), lambda row: row.get_state_display()),
    ],
    rows="channels/_meeting_rows.html",
    order=Order("starts_at", descending=True),
    empty=_("No meetings yet. Plan one with agents or outlets: its agenda is proposed from the month's figures."),
    search=_("Title, place or project"),
    export="channels:meetings-export",
)
