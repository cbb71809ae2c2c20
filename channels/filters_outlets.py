"""What the lists of outlets may be filtered by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels import rules_pipeline
from channels.assessment import business, last_checks, last_whole_month
from channels.choices import Stage
from channels.filters import ACTIVE
from channels.parts_trainings import people
from channels.querysets import OutletQuerySet
from channels.rules_assessment import GRADES
from channels.week import standings
from gridops.common.weeks import Week
from projects.filters import GridFilter, ScopedFilterSet

ATTENTION = [
    ("overdue", _("overdue this week")),
    ("due", _("visits or calls due this week")),
    ("fading", _("fading")),
    ("five", _("five ones incomplete or never checked")),
    ("training", _("training due")),
    ("place", _("no place on record")),
]


def _overdue(rows: OutletQuerySet, today: date) -> set[int]:
    return {pk for pk, one in standings(rows, Week.of(today), today).items() if one.overdue}


def _due(rows: OutletQuerySet, today: date) -> set[int]:
    return {pk for pk, one in standings(rows, Week.of(today), today).items() if one.due}


def _fading(rows: OutletQuerySet, today: date) -> set[int]:
    return {pk for pk, one in business(rows, last_whole_month(today)).items() if one.fades}


def _incomplete(rows: OutletQuerySet, today: date) -> set[int]:  # noqa: ARG001
    whole = {pk for pk, check in last_checks(rows).items() if check.whole}
    return set(rows.order_by().values_list("pk", flat=True)) - whole


def _training_due(rows: OutletQuerySet, today: date) -> set[int]:
    return {pk for pk, learners in people(rows).items() if any(one.is_due(today) for one in learners)}


FINDERS: dict[str, Callable[[OutletQuerySet, date], set[int]]] = {
    "overdue": _overdue,
    "due": _due,
    "fading": _fading,
    "five": _incomplete,
    "training": _training_due,
}


class OutletFilter(ScopedFilterSet):
    """By words, grid, stage, grade, what needs attention, whether active."""

    q = django_filters.CharFilter(label=_("search"), method="by_words")
    grid = GridFilter()
    stage = django_filters.ChoiceFilter(choices=Stage.choices, label=_("stage"), empty_label=_("all stages"))
    grade = django_filters.ChoiceFilter(
        choices=[*((one, one) for one in GRADES), ("none", _("not known"))],
        label=_("grade"),
        empty_label=_("all grades"),
        method="by_grade",
    )
    attention = django_filters.ChoiceFilter(
        choices=ATTENTION, label=_("attention"), empty_label=_("all"), method="by_attention"
    )
    active = django_filters.ChoiceFilter(choices=ACTIVE, label=_("state"), empty_label=_("all"), method="by_active")

    def by_words(self, rows: OutletQuerySet, _name: str, words: str) -> OutletQuerySet:
        """Code, name or address contain the words."""
        return rows.filter(Q(code__icontains=words) | Q(name__icontains=words) | Q(address__icontains=words))

    def by_grade(self, rows: OutletQuerySet, _name: str, value: str) -> OutletQuerySet:
        """Of outlets that sell: the grade of the last three whole months."""
        wanted = "" if value == "none" else value
        selling = rows.selling()
        found = business(selling, last_whole_month(timezone.localdate()))
        return rows.filter(pk__in=[pk for pk, one in found.items() if one.grade == wanted])

    def by_attention(self, rows: OutletQuerySet, _name: str, value: str) -> OutletQuerySet:
        """Of outlets that sell: what has to be seen to."""
        selling = rows.selling()
        if value == "place":
            return selling.filter(longitude__isnull=True)
        return rows.filter(pk__in=FINDERS[value](selling, timezone.localdate()))

    def by_active(self, rows: OutletQuerySet, _name: str, value: str) -> OutletQuerySet:
        """Active or not."""
        return rows.filter(is_active=value == "yes")


class PipelineFilter(ScopedFilterSet):
    """Shops on the way: by words, grid, stage; those that sell only where they are asked for."""

    q = django_filters.CharFilter(label=_("search"), method="by_words")
    grid = GridFilter()
    stage = django_filters.ChoiceFilter(
        choices=[(stage.value, stage.label) for stage in (*rules_pipeline.OPEN, Stage.GIVEN_UP)],
        label=_("stage"),
        empty_label=_("all stages"),
    )

    def by_words(self, rows: OutletQuerySet, _name: str, words: str) -> OutletQuerySet:
        """Code, name or address contain the words."""
        return rows.filter(Q(code__icontains=words) | Q(name__icontains=words) | Q(address__icontains=words))
