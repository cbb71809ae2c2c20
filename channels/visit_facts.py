"""What stands out about visits, as facts: who reads them judges (C5)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels.models import Outlet, Visit
from channels.querysets_visits import VisitQuerySet
from channels.rules_visits import CLOSE, LATE_AFTER
from channels.week import span
from gridops.accounts.models import User
from gridops.common.places import metres
from gridops.common.templatetags.gridops import number
from gridops.common.weeks import Week

MOST_CLOSE = 3
FAR, LATE, NEAR_IN_TIME, NOWHERE = "far", "late", "close", "nowhere"
KINDS = {
    FAR: gettext_lazy("far from the shop"),
    LATE: gettext_lazy("sent more than a day later"),
    NEAR_IN_TIME: gettext_lazy("two outlets within 5 minutes"),
    NOWHERE: gettext_lazy("without a place"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that stands out, in words."""

    kind: str
    text: str
    other: Visit | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody's visits of a week, and of how many what stands out: kind, its words, number."""

    user: User
    week: Week
    visits: int
    facts: Sequence[tuple[str, Promise | str, int]]


def stand_outs(visits: VisitQuerySet, week: Week) -> list[Person]:
    """Per person who visited in ``week`` how much stands out, in the order of names; two queries."""
    rows = visits.effective().filter(span(week)).count_by_person()
    users = User.objects.in_bulk([row["own"] for row in rows])
    found = []
    for row in rows:
        facts: list[tuple[str, Promise | str, int]] = [(kind, label, row[kind]) for kind, label in KINDS.items()]
        found.append(Person(users[row["own"]], week, row["visits"], facts))
    return sorted(found, key=lambda one: one.user.name)


def facts_of(visits: Sequence[Visit]) -> dict[int, list[Fact]]:
    """Visit -> what stands out about it; one query. Read with outlet and people."""
    others = _close_ones(visits)
    return {visit.pk: list(_facts(visit, others[visit.pk])) for visit in visits}


def _facts(visit: Visit, others: Iterable[Visit]) -> Iterable[Fact]:
    if visit.far_reason:
        yield Fact(FAR, _far(visit))
    if (late := visit.first_said_at - visit.at) > LATE_AFTER:
        text = ngettext("recorded %(days)s day later", "recorded %(days)s days later", late.days)
        yield Fact(LATE, text % {"days": late.days})
    for other in others:
        minutes = round(abs((other.at - visit.at).total_seconds()) / 60)
        text = ngettext(
            "%(minutes)s minute from a visit to %(outlet)s", "%(minutes)s minutes from a visit to %(outlet)s", minutes
        )
        said = text % {"minutes": minutes, "outlet": other.outlet.name}
        yield Fact(NEAR_IN_TIME, _apart(said, visit.outlet, other.outlet), other)
    if visit.distance_m is None and visit.outlet.longitude is not None:
        yield Fact(NOWHERE, _("the phone told no place"))


def _far(visit: Visit) -> str:
    if visit.distance_m is None:
        return _("far from the shop: %(reason)s") % {"reason": visit.far_reason}
    return _("%(metres)s m from the shop: %(reason)s") % {
        "metres": number(visit.distance_m),
        "reason": visit.far_reason,
    }


def _apart(text: str, here: Outlet, there: Outlet) -> str:
    """With how far the two outlets are from each other, if both places are known."""
    if here.longitude is None or here.latitude is None or there.longitude is None or there.latitude is None:
        return text
    apart = round(metres((here.longitude, here.latitude), (there.longitude, there.latitude)))
    return _("%(text)s, %(metres)s m away") % {"text": text, "metres": number(apart)}


def _close_ones(visits: Sequence[Visit]) -> dict[int, list[Visit]]:
    """Visit -> the same person's first ``MOST_CLOSE`` visits to other outlets within ``CLOSE`` of it; one query."""
    found: dict[int, list[Visit]] = defaultdict(list)
    if not visits:
        return found
    first, last = min(one.at for one in visits) - CLOSE, max(one.at for one in visits) + CLOSE
    people = {one.first_by_id or one.by_id for one in visits}
    rows = Visit.objects.effective().of_people(people).filter(at__range=(first, last)).select_related("outlet")
    by_person: dict[int, list[Visit]] = defaultdict(list)
    for row in rows.order_by("at"):
        by_person[row.first_by_id or row.by_id].append(row)
    for visit in visits:
        own = by_person[visit.first_by_id or visit.by_id]
        start = bisect_left(own, visit.at - CLOSE, key=_at)
        end = bisect_right(own, visit.at + CLOSE, key=_at)
        found[visit.pk] = list(islice((one for one in own[start:end] if one.outlet_id != visit.outlet_id), MOST_CLOSE))
    return found


def _at(visit: Visit) -> datetime:
    return visit.at
