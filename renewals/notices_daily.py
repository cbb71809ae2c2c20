"""What people are told about renewals once a day: lists handed to them, what is overdue, differences (S7, C4).

Asked of the database each hour, in a constant number of queries; every notice has a key that names its day, so that
asking again tells nobody twice. Numbers only: nothing here says who a subscriber is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels.models import Agent, AgentStaff
from gridops.accounts.models import Grid, Membership, Role, Unit, User
from gridops.common.months import Month
from gridops.common.templatetags.gridops import month as month_name
from gridops.notices.registry import notice_kind
from gridops.notices.reminders import ASKED_FROM, in_lines
from gridops.notices.services import Message, Say
from renewals.choices import Step
from renewals.models import Difference, ExpiryWarning, Handover, WarningList

HANDED = notice_kind("renewals.handed", gettext_lazy("Lists of expiring subscribers were made or handed to me"))
OVERDUE = notice_kind("renewals.overdue", gettext_lazy("Second visits and promises are overdue"))
DIFFERENCES = notice_kind("renewals.differences", gettext_lazy("The specialist's list differs from ours"))

TOLD_UNTIL = 12  # o'clock: what was handed over until the morning is told in the morning
People = Mapping[int, list[User]]


@dataclass(frozen=True, slots=True)
class About:
    """The day, and who answers for what."""

    now: datetime
    today: date
    managers: People
    specialists: People
    staff: People

    @classmethod
    def load(cls, now: datetime) -> About:
        """In three queries."""
        today, held = timezone.localdate(now), Membership.objects.all()
        staff: dict[int, list[User]] = defaultdict(list)
        for person in AgentStaff.objects.filter(user__is_active=True).select_related("user").order_by("pk"):
            if person.user:
                staff[person.agent_id].append(person.user)
        return cls(
            now,
            today,
            held.people_by_place(Role.GRID_MANAGER, today),
            held.people_by_place(Role.RENEWAL_SPECIALIST, today),
            staff,
        )

    @property
    def since(self) -> tuple[datetime, datetime]:
        """From yesterday morning to this morning."""
        morning = timezone.make_aware(datetime.combine(self.today, ASKED_FROM))
        return morning - timedelta(days=1), morning


def messages(now: datetime) -> Iterator[Message]:
    """Whatever is to be told on the day of ``now``."""
    about = About.load(now)
    if timezone.localtime(now).hour < TOLD_UNTIL:
        yield from _handed(about)
    yield from _overdue(about)
    yield from _differences(about)


# --- Lists made, subscribers handed over ---


def _handed(about: About) -> Iterator[Message]:
    """Agent staff: how many of a list became theirs; managers: their grid's list was made, and how many nobody has."""
    first, last = about.since
    lists = WarningList.objects.filter(month__gte=Month.of(about.today).first).select_related("grid")
    changed = {row.pk: row for row in lists.filter(refreshed_at__gte=first)}
    listed = ExpiryWarning.objects.live().filter(warning_list__in=changed, listed_at__gte=first, listed_at__lt=last)
    new = Counter(dict(_counted(listed.order_by().values_list("warning_list", "agent"))))
    handed = Handover.objects.filter(warning__warning_list__in=lists, at__gte=first, at__lt=last).order_by()
    moved = handed.exclude(to_agent=None).filter(warning__listed_at__lt=first)  # new ones are counted already
    new.update(dict(_counted(moved.values_list("warning__warning_list", "to_agent"))))
    by_pk = {row.pk: row for row in lists}
    for (pk, agent), number in sorted(new.items(), key=lambda item: (item[0][0], item[0][1] or 0)):
        row = by_pk.get(pk)
        if row and agent:
            url = reverse("renewals:lists") + f"?month={row.month:%Y-%m}"
            for user in about.staff.get(agent, ()):
                yield Message(user, HANDED, f"renewals-handed:{pk}:{agent}:{about.today}", _yours(row, number), url)
    for row in by_pk.values():
        if first <= row.made_at < last:
            total, pool = sum(number for (pk, _agent), number in new.items() if pk == row.pk), new[row.pk, None]
            url = reverse("renewals:list", args=[row.pk])
            for user in about.managers.get(row.grid_id, ()):
                yield Message(user, HANDED, f"renewals-made:{row.pk}", _made(row, total, pool), url)


def _counted(rows: Iterable[tuple[int, int | None]]) -> Iterator[tuple[tuple[int, int | None], int]]:
    annotated = rows.annotate(Count("pk", distinct=True))  # type: ignore[attr-defined]
    return (((pk, agent), number) for pk, agent, number in annotated)


def _yours(row: WarningList, number: int) -> Say:
    def say() -> tuple[str, str]:
        words = ngettext("%(count)s subscriber is yours to follow", "%(count)s subscribers are yours to follow", number)
        values = {"grid": row.grid.name, "month": month_name(row.month), "words": words % {"count": number}}
        return _("Expiring in %(month)s, %(grid)s: %(words)s") % values, _(
            "They stand in your list, and on their day in today's work."
        )

    return say


def _made(row: WarningList, total: int, pool: int) -> Say:
    def say() -> tuple[str, str]:
        values = {"grid": row.grid.name, "month": month_name(row.month)}
        words = ngettext("%(count)s contract expires", "%(count)s contracts expire", total) % {"count": total}
        nobody = _("%(count)s without an agent") % {"count": pool}
        return _("Warning list for %(month)s made · %(grid)s") % values, f"{words} · {nobody}" if pool else words

    return say


# --- Overdue ---


def _overdue(about: About) -> Iterator[Message]:
    """Second visits and promises whose day is over: to agent staff theirs, to managers by agent; once a day."""
    yesterday, counts = about.today - timedelta(days=1), defaultdict[tuple[int, int | None], Counter[str]](Counter)
    for step in (Step.VISIT, Step.PROMISE):
        rows = ExpiryWarning.objects.to_do(step, None, yesterday).order_by().values_list("warning_list__grid", "agent")
        for grid, agent, number in rows.annotate(Count("pk")):
            counts[grid, agent][step] += number
    if not counts:
        return
    agents = Agent.objects.in_bulk({agent for _grid, agent in counts if agent})
    grids = Grid.objects.in_bulk({grid for grid, _agent in counts})
    of_agent: dict[int, Counter[str]] = defaultdict(Counter)
    of_grid: dict[int, list[tuple[Agent | None, Counter[str]]]] = defaultdict(list)
    for (grid, agent), found in counts.items():
        of_grid[grid].append((agents.get(agent or 0), found))
        if agent:
            of_agent[agent].update(found)
    work = reverse("renewals:work")
    for agent, found in of_agent.items():
        for user in about.staff.get(agent, ()):
            yield Message(user, OVERDUE, f"renewals-overdue:agent-{agent}:{about.today}", _of_agent(found), work)
    for grid, parts in of_grid.items():
        for user in about.managers.get(grid, ()):
            key = f"renewals-overdue:{grid}:{about.today}"
            yield Message(user, OVERDUE, key, _of_grid(grids[grid].name, parts), work)


def overdue_words(found: Mapping[str, int]) -> str:
    """How many second visits and promises are overdue."""
    visits, promises = found.get(Step.VISIT, 0), found.get(Step.PROMISE, 0)
    said = [
        words % {"count": number}
        for number, words in (
            (visits, ngettext("%(count)s second visit overdue", "%(count)s second visits overdue", visits)),
            (promises, ngettext("%(count)s promise not kept", "%(count)s promises not kept", promises)),
        )
        if number
    ]
    return " · ".join(said)


def _of_agent(found: Mapping[str, int]) -> Say:
    def say() -> tuple[str, str]:
        return _("Renewals: %(tasks)s") % {"tasks": overdue_words(found)}, _("They stand first in today's work.")

    return say


def _of_grid(grid: str, parts: list[tuple[Agent | None, Counter[str]]]) -> Say:
    def say() -> tuple[str, str]:
        total = sum((found for _agent, found in parts), Counter[str]())
        parts.sort(key=lambda part: -part[1].total())
        pool = _("manager's pool")
        lines = in_lines(f"{agent or pool} · {overdue_words(found)}" for agent, found in parts)
        return _("Renewals of %(grid)s: %(tasks)s") % {"grid": grid, "tasks": overdue_words(total)}, lines

    return say


# --- Differences to the specialist's list ---


def _differences(about: About) -> Iterator[Message]:
    """To the unit's specialists and to managers, once after each day on which some were found."""
    rows = Difference.objects.undecided().filter(month__gte=Month.of(about.today).first).order_by()
    counted = rows.values_list("unit", "month", "project__grid").annotate(Count("pk"), Max("found_at"))
    by_unit: dict[tuple[int, date], list[tuple[int, int, date]]] = defaultdict(list)
    for unit, month, grid, number, at in counted:
        by_unit[unit, month].append((grid, number, timezone.localdate(at)))
    if not by_unit:
        return
    grids = Grid.objects.in_bulk({grid for parts in by_unit.values() for grid, _number, _day in parts})
    units = Unit.objects.in_bulk({unit for unit, _month in by_unit})
    for (unit, month), parts in by_unit.items():
        url = reverse("renewals:reconcile") + f"?month={month:%Y-%m}"
        newest = max(day for _grid, _number, day in parts)
        lines = [(grids[grid].name, number) for grid, number, _day in parts]
        for user in about.specialists.get(unit, ()):
            key = f"renewals-differences:{unit}:{month:%Y-%m}:{newest}"
            yield Message(user, DIFFERENCES, key, _differ(units[unit].name, month, lines), url)
        for grid, number, day in parts:
            key = f"renewals-differences:grid-{grid}:{month:%Y-%m}:{day}"
            say = _differ(grids[grid].name, month, [(grids[grid].name, number)])
            for user in about.managers.get(grid, ()):
                yield Message(user, DIFFERENCES, key, say, url)


def _differ(place: str, month: date, parts: list[tuple[str, int]]) -> Say:
    def say() -> tuple[str, str]:
        total = sum(number for _name, number in parts)
        words = ngettext("%(count)s difference to decide", "%(count)s differences to decide", total) % {"count": total}
        values = {"place": place, "month": month_name(month), "words": words}
        title = _("The specialist's list of %(month)s, %(place)s: %(words)s") % values
        return title, in_lines(f"{name} · {number}" for name, number in sorted(parts)) if len(parts) > 1 else ""

    return say
