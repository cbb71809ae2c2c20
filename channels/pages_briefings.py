"""What the pages of what is to be told show: a card a shop or a thing, and how far managers are (C6, C7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min, Q

from channels.briefing_words import About
from channels.models import Briefing
from channels.querysets_campaigns import BriefingQuerySet
from gridops.accounts.models import Grid, Membership, User
from projects.services import editable_grids

CARDS, ROWS = 20, 60
BY_SHOP, BY_NEWS = "shop", "news"
TOLD_DAYS, COVERED_DAYS = 7, 28
# who is told, or what is said: a letter and the columns that name it
SUBJECTS: Mapping[str, str] = {"o": "outlet", "a": "agent", "p": "news__project", "c": "news__campaign"}


@dataclass(slots=True)
class Card:
    """Somebody with all that they are to be told, or something with all who are to be told of it."""

    key: str
    first: date
    rows: list[About] = field(default_factory=list)
    more: int = 0

    @property
    def one(self) -> Briefing:
        """Any of its briefings: what they share is said of it."""
        return self.rows[0].briefing

    @property
    def same(self) -> bool:
        """Whether everybody hears the same of it."""
        return len({(row.title, row.text) for row in self.rows}) == 1


@dataclass(slots=True)
class Place:
    """How far a grid's manager is: to be told, of these overdue; told of late, of these in time."""

    grid: Grid
    manager: str = ""
    open: int = 0
    late: int = 0
    told: int = 0
    in_time: int = 0

    @property
    def percent(self) -> float | None:
        """In time, in percent of what was told."""
        return 100 * self.in_time / self.told if self.told else None


def tellable(user: User) -> BriefingQuerySet:
    """What the person may tick off: of the grids that they answer for, of campaigns what they see."""
    grids = editable_grids(user)
    shops = Q(outlet__isnull=True) | Q(outlet__grid__in=grids)
    things = Q(outlet__isnull=False) | Q(news__project__isnull=True) | Q(news__project__grid__in=grids)
    rows = Briefing.objects.for_user(user)
    return rows if user.scope.everything else rows.filter(shops, things)


def in_grid(rows: BriefingQuerySet, grid: int) -> BriefingQuerySet:
    """Those of a grid's outlets, and what agents are to hear of its projects."""
    return rows.filter(Q(outlet__grid=grid) | Q(outlet__isnull=True, news__project__grid=grid))


def cards(rows: BriefingQuerySet, by: str, start: int) -> tuple[list[Card], bool]:
    """The cards of a page, what is due first on top, and whether there are more; four queries."""
    names = ("p", "c") if by == BY_NEWS else ("o", "a")
    keys = rows.order_by().values_list(*(SUBJECTS[name] for name in names)).annotate(first=Min("due_on"), n=Count("pk"))
    found = list(keys.order_by("first", *(SUBJECTS[name] for name in names))[start : start + CARDS + 1])
    made = {}
    for *ids, first, _n in found[:CARDS]:
        made[_key(names, ids)] = Card(_key(names, ids), first)
    wanted = Q(pk__in=[])
    for at, name in enumerate(names):
        wanted |= Q(**{f"{SUBJECTS[name]}__in": [row[at] for row in found[:CARDS] if row[at]]})
    shown = rows.filter(wanted).order_by("due_on", "outlet__code", "agent__code", "pk")
    for about in shown.select_related("outlet__grid", "news__campaign", "news__project")[: CARDS * ROWS].about():
        made[_key(names, [_id_of(about.briefing, name) for name in names])].rows.append(about)
    counts = {_key(names, ids): n for *ids, _first, n in found[:CARDS]}
    for card in made.values():
        card.more = counts[card.key] - len(card.rows[:ROWS])
        del card.rows[ROWS:]
    return [card for card in made.values() if card.rows], len(found) > CARDS


def _key(names: Iterable[str], ids: Iterable[int | None]) -> str:
    return next((f"{name}{pk}" for name, pk in zip(names, ids, strict=True) if pk), "")


def _id_of(briefing: Briefing, name: str) -> int | None:
    found: int | None = {
        "o": briefing.outlet_id,
        "a": briefing.agent_id,
        "p": briefing.news.project_id,
        "c": briefing.news.campaign_id,
    }[name]
    return found


def of_card(rows: BriefingQuerySet, key: str) -> BriefingQuerySet:
    """Those of one card; none when no card is called so."""
    column = SUBJECTS.get(key[:1])
    return rows.filter(**{column: int(key[1:])}) if column and key[1:].isdecimal() and len(key) < 19 else rows.none()


def counts(rows: BriefingQuerySet, today: date) -> dict[str, int]:
    """How many are to be told, and how many of them too late; one query."""
    found = rows.order_by().aggregate(open=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    return {"open": found["open"] or 0, "late": found["late"] or 0}


def places(user: User, grids: Iterable[Grid], today: date, now: datetime) -> list[Place]:
    """How far the manager of each grid is, over the last four weeks; four queries."""
    found = {grid.pk: Place(grid) for grid in grids}
    for pk, name in Membership.objects.manager_names(list(found), today).items():
        found[pk].manager = name
    rows, since = Briefing.objects.for_user(user), now - timedelta(days=COVERED_DAYS)
    sides: tuple[tuple[str, Any], ...] = (
        ("outlet__grid", rows.filter(outlet__isnull=False)),
        ("news__project__grid", rows.filter(agent__isnull=False, news__project__isnull=False)),
    )
    for path, part in sides:
        told = part.filter(told_at__gte=since).order_by().values_list(path)
        for pk, n, in_time in told.annotate(n=Count("pk"), k=Count("pk", filter=Q(told_at__date__lte=F("due_on")))):
            if pk in found:
                found[pk].told += n
                found[pk].in_time += in_time
        waits = part.live(today).order_by().values_list(path)
        for pk, n, late in waits.annotate(n=Count("pk"), k=Count("pk", filter=Q(due_on__lt=today))):
            if pk in found:
                found[pk].open += n
                found[pk].late += late
    return sorted(found.values(), key=lambda place: (-place.late, -place.open, place.grid.name))
