"""Who has to hear what is new: outlets around and owning agents of a project, those of a campaign's units (C6, C7).

All of it is written in sets, under one lock. A briefing that was not told yet gives way to the one that newer news of
the same thing makes, and is taken back (``replaced_by`` itself) when that leaves nothing to tell.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import itemgetter

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from channels.choices import Stage
from channels.models import Agent, Briefing, Campaign, News, NewsEntry, Outlet, Ownership
from channels.querysets import AgentQuerySet, OutletQuerySet
from channels.rules_news import MADE, PUBLISHED, YES, Changes, add_up
from channels.services_news_history import Step, anything_unread, begin, move_on, unread
from gridops.accounts.models import Unit, User
from gridops.accounts.rulebook import rules_by_unit
from gridops.accounts.services_calendar import LONGEST_BREAK, calendar
from gridops.common.bulk import copy_rows
from gridops.workbooks.dialect import is_postgresql, update_many
from projects.models import Project

CHUNK = 5_000
BATCH = 2_000
LATE_NEWS = timedelta(days=30)  # so long a new project is told to outlets that come to lie around it

Hearer = tuple[int | None, int | None]  # outlet or agent
Subject = tuple[int | None, int | None]  # project or campaign
Planned = list[tuple["Item", list[tuple[Hearer, date, list["Untold"]]]]]


def gather(now: datetime) -> int:
    """Make news of what happened to projects since the last time, and briefings of it; returns how many news.

    All or nothing: killed anywhere, the next time does it. The very first time only notes where it begins.
    """
    if not NewsEntry.objects.exists():
        with transaction.atomic():
            hold()
            if not NewsEntry.objects.exists():
                begin()
        return 0
    made = 0
    if anything_unread():
        with transaction.atomic():
            hold()
            made = _gather(now)
    move_on(now)
    return made


def hold() -> None:
    """One writer of news at a time; SQLite's transactions are that already."""
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [zlib.crc32(b"channels:news")])


def _gather(now: datetime) -> int:
    found = unread()
    made: dict[int, News] = {}
    steps = {pk: sorted(steps, key=lambda step: (step.at, abs(step.entry))) for pk, steps in found.steps.items()}
    due, projects = Due.load(now), list(steps)
    if len(projects) > CHUNK:  # held at once, in the order in which those who tick off hold them
        held = Briefing.objects.open().select_for_update(of=("self",)).order_by("pk")
        list(held.filter(news__project__in=projects).values_list("pk"))
    for start in range(0, len(projects), CHUNK):
        part = projects[start : start + CHUNK]
        made |= _of_projects({pk: steps[pk] for pk in part}, due)
    told_in = {step.entry: made[pk] for pk, steps_ in steps.items() if pk in made for step in steps_ if step.entry > 0}
    NewsEntry.objects.bulk_create(
        [NewsEntry(entry=entry, news=told_in.get(entry)) for entry in found.entries], batch_size=BATCH
    )
    return len(made)


# --- By when ---


@dataclass(frozen=True, slots=True)
class Due:
    """The day by whose end what is new today is told, by unit; None: where a unit has no say."""

    days: Mapping[int | None, date]

    @classmethod
    def load(cls, now: datetime) -> Due:
        """By each unit's rule, in working days; three queries."""
        today, units = timezone.localdate(now), list(Unit.objects.all())
        rules = rules_by_unit(["briefing_days"], units)
        most = max(one["briefing_days"] for one in rules.values())
        worked = calendar(today, today + timedelta(days=3 * most + LONGEST_BREAK))
        return cls({unit: worked.after(today, one["briefing_days"]) for unit, one in rules.items()})

    def of(self, unit: int | None) -> date:
        """The day for ``unit``."""
        return self.days.get(unit, self.days[None])


# --- What is written ---


@dataclass(slots=True)
class Item:
    """News to be written, and who has to hear it by when."""

    news: News
    hearers: list[tuple[Hearer, date]] = field(default_factory=list)


@dataclass(slots=True)
class Untold:
    """A briefing that is still open: by when, and all news in it, the oldest first; those that gave way to it."""

    pk: int
    due_on: date
    news: list[tuple[int, Changes]]
    followers: list[int] = field(default_factory=list)


def write(items: Sequence[Item]) -> None:
    """Write news and briefings, each taking the place of those of the same thing that are still open.

    News that concerns nobody is not written: it gets no id. In the caller's transaction, under ``hold``.
    """
    untold = _untold([item.news for item in items])
    planned: Planned = []
    gone: list[int] = []
    for item in items:
        to_tell = []
        for hearer, due_on in item.hearers:
            olds = untold.get((_subject(item.news), hearer), [])
            before = sorted((one for old in olds for one in old.news), key=itemgetter(0))
            if not olds or add_up([*(changes for _pk, changes in before), item.news.changes]):
                to_tell.append((hearer, due_on, olds))
            else:
                gone += [old.pk for old in olds]
        if to_tell or MADE in item.news.changes:
            planned.append((item, to_tell))
    update_many(Briefing, "id", ["replaced_by_id"], [(pk, pk) for pk in gone])
    News.objects.bulk_create([item.news for item, _to_tell in planned], batch_size=BATCH)
    _write_briefings(planned)


def _subject(news: News) -> Subject:
    return news.project_id, news.campaign_id


def _untold(news: Iterable[News]) -> dict[tuple[Subject, Hearer], list[Untold]]:
    """Open briefings about the same things, by thing and hearer; held until the transaction ends."""
    subjects = [_subject(one) for one in news]
    rows = Briefing.objects.open().select_for_update(of=("self",)).order_by("pk")
    found: dict[tuple[Subject, Hearer], list[Untold]] = defaultdict(list)
    by_pk: dict[int, Untold] = {}
    for path, ids in (
        ("news__project", [p for p, _c in subjects if p]),
        ("news__campaign", [c for _p, c in subjects if c]),
    ):
        held = rows.filter(**{f"{path}__in": ids}) if ids else rows.none()
        names = ("pk", "due_on", "outlet", "agent", "news", "news__project", "news__campaign", "news__changes")
        for pk, due_on, outlet, agent, told, project, campaign, changes in held.values_list(*names):
            by_pk[pk] = Untold(pk, due_on, [(told, changes)])
            found[(project, campaign), (outlet, agent)].append(by_pk[pk])
    for start in range(0, len(by_pk), CHUNK):
        gave_way = Briefing.objects.filter(replaced_by__in=list(by_pk)[start : start + CHUNK]).order_by("news_id")
        for pk, by, told, changes in gave_way.values_list("pk", "replaced_by", "news", "news__changes"):
            newer = by_pk[by or 0]
            newer.news.append((told, changes))
            newer.followers.append(pk)
    return found


def _write_briefings(planned: Planned) -> None:
    rows = [
        # what was due before is not put off by what came after
        (item.news.pk, outlet, agent, min([due_on, *(old.due_on for old in olds)]), "")
        for item, to_tell in planned
        for (outlet, agent), due_on, olds in to_tell
    ]
    copy_rows(Briefing._meta.db_table, ["news_id", "outlet_id", "agent_id", "due_on", "way"], rows)
    olds_of = {(item.news.pk, *hearer): olds for item, to_tell in planned for hearer, _due_on, olds in to_tell if olds}
    pairs = []
    news = sorted({key[0] for key in olds_of})
    for start in range(0, len(news), CHUNK):
        made = Briefing.objects.filter(news__in=news[start : start + CHUNK]).values_list(
            "pk", "news", "outlet", "agent"
        )
        for pk, *key in made:
            for old in olds_of.get((key[0], key[1], key[2]), ()):
                pairs += [(gone, pk) for gone in (old.pk, *old.followers)]
    update_many(Briefing, "id", ["replaced_by_id"], pairs)


# --- Projects ---


def _of_projects(steps: Mapping[int, Sequence[Step]], due: Due) -> dict[int, News]:
    """News of some projects that are still there, by project; of what went and came back at once nothing is told."""
    summed: dict[int, Changes] = {pk: add_up(step.changes for step in found) for pk, found in steps.items()}
    hearers = hearers_of_projects([pk for pk, changes in summed.items() if changes], due)
    items = [
        Item(News(project_id=pk, changes=summed[pk], at=steps[pk][-1].at, by_id=steps[pk][-1].by), found)
        for pk, found in hearers.items()
    ]
    write(items)
    return {item.news.project_id: item.news for item in items if item.news.pk and item.news.project_id}


def hearers_of_projects(projects: Sequence[int], due: Due) -> dict[int, list[tuple[Hearer, date]]]:
    """Project -> selling outlets around it and the agent who owns it; those that are gone are not in it."""
    units = dict(Project.objects.filter(pk__in=projects).order_by("pk").values_list("pk", "grid__unit"))
    found: dict[int, list[tuple[Hearer, date]]] = {pk: [] for pk in units}
    around = Outlet.nearby_projects.through.objects.filter(
        project__in=list(units), outlet__is_active=True, outlet__stage=Stage.SELLING
    )
    for project, outlet, unit in around.order_by("pk").values_list("project", "outlet", "outlet__grid__unit"):
        found[project].append(((outlet, None), due.of(unit)))
    owned = Ownership.objects.on(timezone.localdate()).filter(project__in=list(units), agent__is_active=True)
    for project, agent in owned.order_by("pk").values_list("project", "agent"):
        found[project].append(((None, agent), due.of(units[project])))
    return found


# --- Those who come later ---


def catch_up(now: datetime) -> int:
    """Tell outlets and agents that came later of campaigns in force and of new projects around; how many briefings."""
    today = timezone.localdate(now)
    with transaction.atomic():
        hold()
        due = Due.load(now)
        made = sum(spread(one, due) for one in Campaign.objects.to_be_told(today).order_by("pk"))
        return made + _new_around(now, due)


def spread(campaign: Campaign, due: Due) -> int:
    """Tell those of ``campaign`` who have not been told, nor are to be; under ``hold``. A handful of queries."""
    known = Briefing.objects.filter(news__campaign=campaign).exclude(replaced_by=F("pk"))
    outlets = outlets_of(campaign).exclude(Exists(known.filter(outlet=OuterRef("pk")))).order_by("pk")
    agents = agents_of(campaign).exclude(Exists(known.filter(agent=OuterRef("pk")))).order_by("pk")
    hearers = listed(outlets, agents, campaign, due)
    if not hearers:
        return 0
    came_out = News.objects.filter(campaign=campaign, changes__has_key=PUBLISHED).order_by("-pk").first()
    # who was to hear of it, and then was not, has a row of that news already
    if came_out is None or Briefing.objects.filter(news=came_out, replaced_by=F("pk")).exists():
        came_out = News.objects.create(campaign=campaign, changes={PUBLISHED: ("", YES)}, by_id=campaign.made_by_id)
    rows = [
        Briefing(news=came_out, outlet_id=outlet, agent_id=agent, due_on=due_on) for (outlet, agent), due_on in hearers
    ]
    Briefing.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)


def tell_change(campaign: Campaign, changes: Changes, by: User, due: Due, now: datetime) -> None:
    """Tell those who know of ``campaign``, or are to hear of it, what is changed; under ``hold``."""
    known = Briefing.objects.filter(news__campaign=campaign).exclude(replaced_by=F("pk"))
    outlets = outlets_of(campaign).filter(Exists(known.filter(outlet=OuterRef("pk")))).order_by("pk")
    agents = agents_of(campaign).filter(Exists(known.filter(agent=OuterRef("pk")))).order_by("pk")
    write([Item(News(campaign=campaign, changes=changes, at=now, by=by), listed(outlets, agents, campaign, due))])


def listed(outlets: OutletQuerySet, agents: AgentQuerySet, campaign: Campaign, due: Due) -> list[tuple[Hearer, date]]:
    """Outlets and agents as those who have to hear of ``campaign``, each by its unit's day; two queries."""
    found: list[tuple[Hearer, date]] = []
    found += [((pk, None), due.of(unit)) for pk, unit in outlets.values_list("pk", "grid__unit")]
    found += [((None, pk), due.of(campaign.unit_id)) for pk in agents.values_list("pk", flat=True)]
    return found


def outlets_of(campaign: Campaign) -> OutletQuerySet:
    """The selling outlets that have to know ``campaign``."""
    rows = Outlet.objects.selling()
    return rows.filter(grid__unit=campaign.unit_id) if campaign.unit_id else rows


def agents_of(campaign: Campaign) -> AgentQuerySet:
    """The active agents that have to know it: those who own a project there today."""
    held = Ownership.objects.on(timezone.localdate()).filter(agent=OuterRef("pk"))
    if campaign.unit_id:
        held = held.filter(project__grid__unit=campaign.unit_id)
    return Agent.objects.filter(Exists(held), is_active=True)


def _new_around(now: datetime, due: Due) -> int:
    """New projects of late, to outlets around which they came to lie since."""
    fresh = News.objects.filter(at__gte=now - LATE_NEWS, changes__has_key=MADE, project__is_active=True)
    news = dict(fresh.order_by("pk").values_list("project", "pk"))
    link = Outlet.nearby_projects.through.objects.filter(
        project__in=list(news), outlet__is_active=True, outlet__stage=Stage.SELLING
    )
    heard = Briefing.objects.filter(news__project=OuterRef("project"), outlet=OuterRef("outlet"))
    missing = link.exclude(Exists(heard)).order_by("pk").values_list("project", "outlet", "outlet__grid__unit")
    rows = [Briefing(news_id=news[project], outlet_id=outlet, due_on=due.of(unit)) for project, outlet, unit in missing]
    Briefing.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)
