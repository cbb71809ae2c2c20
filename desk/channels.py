"""What agents and outlets ask for: visits and calls of the week, matters, news to tell, meetings (C1, C5 to C7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels.models import Briefing, Contract, Matter, Meeting, Outlet
from channels.pages_agents import covers
from channels.rules_agents import Cover
from channels.week import Standing, standings
from desk.items import DONE, DUE, LATE, OPEN, WAITING, Item
from gridops.accounts.models import Grid, Unit, User
from gridops.common.templatetags.gridops import number
from gridops.common.weeks import Week

MEETINGS_AHEAD = timedelta(days=7)


class ChannelsAgenda:
    """The items of some grids, asked for in a constant number of queries, whoever shows them."""

    def __init__(self, grids: dict[int, Grid], today: date) -> None:
        self.grids, self.today = grids, today
        outlets = Outlet.objects.filter(grid__in=grids)
        self.standings: dict[int, list[Standing]] = defaultdict(list)
        for one in standings(outlets.selling(), Week.of(today), today).values():
            self.standings[one.grid].append(one)
        self.briefings = Briefing.objects.live(today).filter(outlet__grid__in=grids).count_by_grid(today)
        waiting = Matter.objects.filter(grid__in=grids).waiting().order_by()
        late_too = {"many": Count("pk"), "late": Count("pk", filter=Q(due_on__lt=today))}
        counted = waiting.values_list("grid").annotate(**late_too)
        self.matters = {grid: (many, late) for grid, many, late in counted}
        self.meetings: dict[int, list[Meeting]] = defaultdict(list)
        planned = Meeting.objects.filter(grid__in=grids, state=Meeting.State.PLANNED)
        for meeting in planned.filter(starts_at__lt=timezone.now() + MEETINGS_AHEAD).order_by("starts_at", "pk"):
            self.meetings[meeting.grid_id].append(meeting)

    # --- A manager's ---

    def of_grid(self, grid: Grid) -> Iterator[Item]:
        """The week's visits and calls, what is to be told, meetings of the next days and those not recorded."""
        if rows := self.standings.get(grid.pk):
            yield self._week(str(grid), rows, f"?grid={grid.pk}")
        many, late, _briefings = self.briefings.get(grid.pk, (0, 0, 0))
        if many:
            words = ngettext("%(count)s outlet has to hear of news", "%(count)s outlets have to hear of news", many)
            title = _("To be told · %(place)s") % {"place": grid}
            yield self._counted(title, words, many, late, reverse("channels:briefings") + f"?grid={grid.pk}")
        yield from map(self._meeting, self.meetings.get(grid.pk, []))

    def of_user(self, user: User) -> Iterator[Item]:
        """What the person deals with in any grid of theirs: matters, and agents that have to hear of news."""
        rows = Matter.objects.for_user(user).waiting().owned_by(user, self.today)
        found = rows.aggregate(many=Count("pk"), late=Count("pk", filter=Q(due_on__lt=self.today)))
        if found["many"]:
            words = ngettext("%(count)s matter waits for you", "%(count)s matters wait for you", found["many"])
            url = reverse("channels:matters") + "?whose=mine"
            yield self._counted(_("Matters of agents and outlets"), words, found["many"], found["late"], url)

        told = Briefing.objects.for_user(user).live(self.today).filter(agent__isnull=False)
        late_too = {"late": Count("agent", filter=Q(due_on__lt=self.today), distinct=True)}
        agents = told.aggregate(many=Count("agent", distinct=True), **late_too)
        if agents["many"]:
            words = ngettext(
                "%(count)s agent has to hear of news", "%(count)s agents have to hear of news", agents["many"]
            )
            url = reverse("channels:briefings")
            yield self._counted(_("To be told to agents"), words, agents["many"], agents["late"], url)

    # --- A unit's ---

    def of_unit(self, unit: Unit) -> Iterator[Item]:
        """How the week stands, matters and news that are overdue, contracts that end."""
        inside = [grid for grid in self.grids.values() if grid.unit_id == unit.pk]
        if rows := [one for grid in inside for one in self.standings.get(grid.pk, [])]:
            yield self._week(str(unit), rows, "")
        late = sum(self.matters.get(grid.pk, (0, 0))[1] for grid in inside)
        if late:
            words = ngettext("%(count)s matter is overdue", "%(count)s matters are overdue", late)
            title = _("Matters of agents and outlets · %(place)s") % {"place": unit}
            yield Item(title, words % {"count": number(late)}, LATE, reverse("channels:matters") + "?when=late")
        untold = sum(self.briefings.get(grid.pk, (0, 0, 0))[2] for grid in inside)
        if untold:
            words = ngettext("%(count)s briefing is overdue", "%(count)s briefings are overdue", untold)
            title = _("To be told · %(place)s") % {"place": unit}
            yield Item(title, words % {"count": number(untold)}, LATE, reverse("channels:briefings") + "?show=late")
        yield from self._contracts(unit)

    def _contracts(self, unit: Unit) -> Iterator[Item]:
        signed = Contract.objects.filter(unit=unit, agent__is_active=True).select_related("unit")
        ending = sum(one.cover == Cover.ENDING for one in covers(signed, self.today).values())
        if ending:
            words = ngettext(
                "%(count)s contract with an agent ends soon", "%(count)s contracts with agents end soon", ending
            )
            title = _("Contracts with agents · %(place)s") % {"place": unit}
            yield Item(title, words % {"count": number(ending)}, OPEN, reverse("channels:agents"))

    # --- In words ---

    def _week(self, place: str, rows: list[Standing], query: str) -> Item:
        visits, calls = (sum(getattr(one, name) for one in rows) for name in ("visits_due", "calls_due"))
        late = sum(one.overdue for one in rows)
        parts = [
            ngettext("%(count)s visit left", "%(count)s visits left", visits) % {"count": number(visits)},
            ngettext("%(count)s call left", "%(count)s calls left", calls) % {"count": number(calls)},
        ]
        if late:
            parts.append(
                ngettext("%(count)s outlet overdue", "%(count)s outlets overdue", late) % {"count": number(late)}
            )
        state = LATE if late else DUE if visits or calls else DONE
        title = _("Outlets this week · %(place)s") % {"place": place}
        return Item(title, " · ".join(parts), state, reverse("channels:week") + query, Week.of(self.today).last)

    def _counted(self, title: str, words: str, many: int, late: int, url: str) -> Item:
        detail = words % {"count": number(many)}
        if late:
            detail += " · " + _("%(count)s overdue") % {"count": number(late)}
        return Item(title, detail, LATE if late else DUE, url)

    def _meeting(self, meeting: Meeting) -> Item:
        day = timezone.localdate(meeting.starts_at)
        over = meeting.starts_at < timezone.now()
        words = _("record what came of it") if over else _("planned: look at the agenda")
        state = LATE if day < self.today else DUE if day == self.today else OPEN
        title = _("Meeting “%(title)s”") % {"title": meeting.title}
        return Item(title, words, state, reverse("channels:meeting", args=[meeting.pk]), day)


def of_agent_staff(user: User) -> Iterator[Item]:
    """What agent staff hear from the manager: meetings to come, answers to what they asked for."""
    ahead = Meeting.objects.for_user(user).filter(state=Meeting.State.PLANNED, starts_at__gte=timezone.now())
    for meeting in ahead.order_by("starts_at", "pk")[:3]:
        title = _("Meeting “%(title)s”") % {"title": meeting.title}
        day = timezone.localdate(meeting.starts_at)
        yield Item(title, meeting.place or _("planned"), OPEN, reverse("channels:meeting", args=[meeting.pk]), day)
    found = Matter.objects.for_user(user).aggregate(
        open=Count("pk", filter=Q(state="open")), answered=Count("pk", filter=Q(state="answered"))
    )
    if found["open"] or found["answered"]:
        words = _("%(answered)s answered · %(open)s waiting for an answer") % found
        state = DUE if found["answered"] else WAITING
        yield Item(_("What we asked for"), words, state, reverse("channels:matters"))
