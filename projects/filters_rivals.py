"""What rivals' moves may be filtered by."""

from __future__ import annotations

from datetime import timedelta

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.filters import GridFilter, ScopedFilterSet
from projects.models import Operator, RivalOffer
from projects.querysets_rivals import RivalOfferQuerySet

PERIODS = [("7", _("last 7 days")), ("30", _("last 30 days")), ("90", _("last 90 days")), ("365", _("last year"))]
ANSWERED = [("no", _("unanswered only")), ("yes", _("answered only"))]


class OfferFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Of one project: by operator and kind."""

    operator = django_filters.ModelChoiceFilter(
        queryset=Operator.objects.all(), label=_("operator"), empty_label=_("all operators")
    )
    kind = django_filters.ChoiceFilter(choices=RivalOffer.Kind.choices, label=_("kind"), empty_label=_("all kinds"))


class MoveFilter(ScopedFilterSet):
    """Of all in scope: by words, grid, operator, kind, whether answered, how long ago."""

    q = django_filters.CharFilter(label=_("search"), method="by_words")
    grid = GridFilter(field_name="project__grid")
    operator = django_filters.ModelChoiceFilter(
        queryset=Operator.objects.all(), label=_("operator"), empty_label=_("all operators")
    )
    kind = django_filters.ChoiceFilter(choices=RivalOffer.Kind.choices, label=_("kind"), empty_label=_("all kinds"))
    answered = django_filters.ChoiceFilter(
        choices=ANSWERED, label=_("our answer"), empty_label=_("all"), method="by_answer"
    )
    period = django_filters.ChoiceFilter(
        choices=PERIODS, label=_("period"), empty_label=_("whole history"), method="by_period"
    )

    def by_words(self, rows: RivalOfferQuerySet, _name: str, words: str) -> RivalOfferQuerySet:
        """The project's code or name, the offer or our answer contain the words."""
        project = Q(project__code__icontains=words) | Q(project__name__icontains=words)
        return rows.filter(project | Q(text__icontains=words) | Q(answer__icontains=words))

    def by_answer(self, rows: RivalOfferQuerySet, _name: str, value: str) -> RivalOfferQuerySet:
        """Answered, or offering something without an answer of ours."""
        return rows.unanswered() if value == "no" else rows.exclude(answer="")

    def by_period(self, rows: RivalOfferQuerySet, _name: str, value: str) -> RivalOfferQuerySet:
        """Seen in the last so many days."""
        return rows.filter(seen_on__gt=timezone.localdate() - timedelta(days=int(value)))
