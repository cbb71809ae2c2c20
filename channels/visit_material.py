"""What a visit is prepared with: for the form of one outlet and for the telephone's pack of all (C5 to C9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from channels.briefing_words import About
from channels.choices import Stage
from channels.models import Briefing, Campaign, Outlet, Visit
from channels.parts_trainings import people
from channels.querysets import OutletQuerySet
from channels.querysets_campaigns import campaigns_of
from channels.rules_trainings import Learner
from channels.week import Standing, standings
from gridops.accounts.models import Grid, User
from gridops.common.weeks import Week
from projects.models import MonthlyIndicator, Project


@dataclass(frozen=True, slots=True)
class Around:
    """A project around an outlet, and how many of its ports are free; None: not known."""

    project: Project
    free_ports: int | None


@dataclass(slots=True)
class Shop:
    """An outlet with what its visitor looks at, asks and tells."""

    outlet: Outlet
    standing: Standing
    last: Visit | None = None
    learners: list[Learner] = field(default_factory=list)
    around: list[Around] = field(default_factory=list)
    news: list[About] = field(default_factory=list)
    campaigns: list[Campaign] = field(default_factory=list)


def visited_by(user: User, today: date) -> OutletQuerySet:
    """The outlets that ``user`` visits: of the grids they manage on ``today``, also those that are yet to be won."""
    grids = Grid.objects.managed_by(user, today).values("pk")
    return Outlet.objects.filter(grid__in=grids, is_active=True).exclude(stage=Stage.GIVEN_UP)


def shops(outlets: OutletQuerySet, user: User, today: date) -> list[Shop]:
    """Each of ``outlets`` with what a visit needs; a constant number of queries."""
    rows = list(outlets.select_related("grid__unit"))
    ids = [row.pk for row in rows]
    standing = standings(outlets, Week.of(today), today)
    found = [Shop(row, standing[row.pk]) for row in rows]
    newest, learners = Visit.objects.newest_of(ids), people(rows)
    around, news, campaigns = _around(ids, user), _news(ids, today), campaigns_of(rows, today)
    for shop in found:
        pk = shop.outlet.pk
        shop.last, shop.learners = newest.get(pk), learners[pk]
        shop.around, shop.news, shop.campaigns = around[pk], news[pk], campaigns.get(pk, [])
    return found


def _around(outlets: Sequence[int], user: User) -> dict[int, list[Around]]:
    seen = Project.objects.for_user(user).filter(is_active=True)
    links = Outlet.nearby_projects.through.objects.filter(outlet__in=outlets, project__in=seen)
    pairs = list(links.order_by("project__code").values_list("outlet", "project"))
    projects = Project.objects.in_bulk({project for _outlet, project in pairs})
    months = MonthlyIndicator.objects.latest_of(projects.values())
    found: dict[int, list[Around]] = defaultdict(list)
    for outlet, pk in pairs:
        month = months.get(pk)
        free = None
        if month is not None and month.ports is not None and month.ports_used is not None:
            free = max(0, month.ports - month.ports_used)
        found[outlet].append(Around(projects[pk], free))
    return found


def _news(outlets: Sequence[int], today: date) -> dict[int, list[About]]:
    found: dict[int, list[About]] = defaultdict(list)
    for about in Briefing.objects.live(today).of_outlets(outlets).order_by("due_on", "pk").about():
        if about.briefing.outlet_id is not None:
            found[about.briefing.outlet_id].append(about)
    return found
