"""What the page of a visit shows: all that was found, said and left, and how it was corrected, in few queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from channels.choices import Piece
from channels.models import Briefing, Call, Matter, OrderTraining, Visit, VisitPhoto
from channels.rules_visits import PIECES, demands_reason
from channels.services_corrections import chain_of, may_correct
from channels.services_visits import FOUND
from channels.visit_facts import facts_of
from gridops.accounts.models import User
from gridops.common.templatetags.gridops import dash, number

SHOWN_CHANGES = ("at", *(name for name in FOUND if name not in ("longitude", "latitude", "accuracy_m")), "reached")


@dataclass(frozen=True, slots=True)
class Change:
    """A field that a correction changed, and both values, as people read them."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something said about the visit, and what it changed."""

    row: Visit | Call
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Found:
    """One of the five ones."""

    label: Any
    value: bool | None
    photos: list[VisitPhoto]


def page_of(visit: Visit, user: User, now: datetime) -> dict[str, Any]:
    """The page of ``visit``: what came with any of its corrections belongs to all of them."""
    chain = chain_of(visit)
    ids = [one.pk for one in chain]
    photos = list(VisitPhoto.objects.filter(visit__in=ids))
    last = chain[-1]
    trainings = OrderTraining.objects.standing().filter(visit__in=ids).order_by("person")
    return {
        "visit": visit,
        "last": last,
        "steps": steps_of(chain),
        "facts": facts_of([visit])[visit.pk],
        "five": [
            Found(Piece(piece).label, getattr(visit, piece), [one for one in photos if one.piece == piece])
            for piece in PIECES
        ],
        "photos": [one for one in photos if not one.piece],
        "campaigns": visit.campaigns.select_related("campaign"),
        "matters": Matter.objects.filter(visit__in=ids).select_related("owner"),
        "told": Briefing.objects.filter(visit__in=ids).order_by("pk").about(),
        "trained": trainings,
        "may_correct": last == visit and not visit.void and may_correct(user, visit),
        "needs_why": demands_reason(visit.whose == user, visit.first_said_at, now),
    }


def steps_of(chain: Sequence[Visit] | Sequence[Call]) -> list[Step]:
    """What was said, one after the other, each with what it changed."""
    rows: list[Visit | Call] = list(chain)
    return [Step(rows[0], []), *(Step(after, changes_of(before, after)) for before, after in pairwise(rows))]


def changes_of(before: Visit | Call, after: Visit | Call) -> list[Change]:
    """What ``after`` says otherwise; taking back changes nothing else."""
    if after.void:
        return []
    fields = {field.name: field for field in after._meta.fields}
    names = [name for name in SHOWN_CHANGES if name in fields and getattr(before, name) != getattr(after, name)]
    return [
        Change(str(fields[name].verbose_name), _shown(getattr(before, name)), _shown(getattr(after, name)))
        for name in names
    ]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return str(dash(value if isinstance(value, str) else number(value)))
