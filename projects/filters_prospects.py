"""What the board and the table of new projects may be filtered by."""

from __future__ import annotations

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridops.common.months import Month
from projects.filters import GridFilter, ScopedFilterSet
from projects.models import Prospect, Stage
from projects.querysets_prospects import ProspectQuerySet

ATTENTION = [("overdue", _("with an overdue step")), ("unseen", _("not looked at this month"))]
STATES = [("open", _("under way")), ("live", Stage.LIVE.label), ("closed", _("given up"))]


class BoardFilter(ScopedFilterSet):
    """By words, grid, kind, what needs attention."""

    q = django_filters.CharFilter(label=_("search"), method="by_words")
    grid = GridFilter()
    kind = django_filters.ChoiceFilter(choices=Prospect.Kind.choices, label=_("kind"), empty_label=_("all kinds"))
    attention = django_filters.ChoiceFilter(
        choices=ATTENTION, label=_("needs attention"), empty_label=_("all"), method="by_attention"
    )

    def by_words(self, rows: ProspectQuerySet, _name: str, words: str) -> ProspectQuerySet:
        """Name, address or developer contain the words."""
        return rows.filter(Q(name__icontains=words) | Q(address__icontains=words) | Q(developer__icontains=words))

    def by_attention(self, rows: ProspectQuerySet, _name: str, value: str) -> ProspectQuerySet:
        """A step's day is over, or nobody has looked at it this month (F1)."""
        today = timezone.localdate()
        return rows.overdue(today) if value == "overdue" else rows.not_looked_at(Month.of(today))


class ProspectFilter(BoardFilter):
    """By stage, and whether under way, in service or given up, besides."""

    stage = django_filters.ChoiceFilter(choices=Stage.choices, label=_("stage"), empty_label=_("all stages"))
    state = django_filters.ChoiceFilter(
        choices=STATES, label=_("state"), empty_label=_("all states"), method="by_state"
    )

    def by_state(self, rows: ProspectQuerySet, _name: str, value: str) -> ProspectQuerySet:
        """Under way, in service, or given up."""
        if value == "open":
            return rows.under_way()
        if value == "live":
            return rows.filter(stage=Stage.LIVE)
        return rows.filter(closed_on__isnull=False)
