"""A month as a calendar: what is due for a person on which day, and where it stands (S1 to S7, F1, P).

A constant number of queries, however many grids: counts come by grid for who manages grids, by unit for the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels.choices import MatterState
from channels.models import Matter, Meeting
from desk.items import DONE, DUE, LATE, OPEN, Item, standing
from gridops.accounts.models import Grid, Membership, Role, User
from gridops.accounts.rulebook import rules_by_unit
from gridops.common.months import Month, due_date
from gridops.common.templatetags.gridops import month as month_name
from gridops.jobs.models import Job
from gridops.jobs.registry import MonthlyKind, closing_kinds, monthly_kinds
from plans.models import ActionStep, Plan, Target
from projects.models import Ledger, Preparation, Project, Prospect
from promotions.models import Session
from renewals.models import RenewalTask, WarningList

RULES = ("plan_due_day", "warning_list_due_day", "ledger_urgent_days", "sessions_per_day")
RESULTS = {"plans.drafts": "plans:list", "renewals.warning-lists": "renewals:lists"}
OF_SPECIALISTS = ("renewals.warning-lists",)
Rules = Mapping[int | None, Mapping[str, int]]
Counts = Mapping[tuple[int, date], tuple[int, int]]  # (grid or unit, day) -> how many, how many of them done


@dataclass(slots=True)
class Day:
    """A day of the calendar; ``sessions`` are the promotion sessions planned on it, ``owed`` what is asked for (S4)."""

    day: date
    items: list[Item] = field(default_factory=list)
    sessions: int = 0
    owed: int = 0
    sessions_url: str = ""

    @property
    def short(self) -> bool:
        """Whether fewer sessions are planned than are owed."""
        return self.sessions < self.owed


@dataclass(frozen=True, slots=True)
class Place:
    """What a person answers for as one: a grid they manage, a unit, or for an admin units with the same due days.

    ``keys`` are the ids by which counts are found: of the grid, or of units.
    """

    name: str
    grids: frozenset[int]
    keys: frozenset[int]
    rules: Mapping[str, int]
    role: str

    @property
    def is_managed(self) -> bool:
        """Whether it is a grid, seen by its manager."""
        return self.role == Role.GRID_MANAGER


def calendar(user: User, month: Month, today: date) -> list[Day]:
    """Every day of ``month`` with what is due for ``user``."""
    days = {day: Day(day) for day in month.days}
    grids = list(Grid.objects.for_user(user).select_related("unit").order_by("unit__name", "name"))
    units = {grid.unit_id: grid.unit for grid in grids}
    rules = rules_by_unit([*RULES, *_rules_of_kinds()], units.values())
    places = list(_places(user, grids, rules, today))
    work = _Work(month, today, places, several=len(places) > 1)
    for item in [*_runs(user, month, today, rules, units), *work.items()]:
        if item.due in days:
            days[item.due].items.append(item)
    work.put_sessions(days)
    return list(days.values())


def weekdays() -> list[str]:
    """From Monday to Sunday, as short as people write them."""
    return [str(name) for name in WEEKDAYS_ABBR.values()]


def _places(user: User, grids: list[Grid], rules: Rules, today: date) -> Iterator[Place]:
    held = Membership.objects.current(today).filter(user=user).values_list("role", "unit", "grid")
    roles: dict[str, set[int]] = defaultdict(set)
    for name, unit_id, grid_id in held:
        roles[name].add(grid_id or unit_id or 0)
    for grid in grids:
        if grid.pk in roles[Role.GRID_MANAGER]:
            own = frozenset([grid.pk])
            yield Place(grid.name, own, own, rules[grid.unit_id], Role.GRID_MANAGER)
    by_unit: dict[int, list[Grid]] = defaultdict(list)
    for grid in grids:
        by_unit[grid.unit_id].append(grid)
    for role in (Role.SUPERVISOR, Role.RENEWAL_SPECIALIST):
        if role == Role.RENEWAL_SPECIALIST and user.scope.everything:
            continue
        for unit, inside in by_unit.items():
            if unit in roles[role] and not (role == Role.RENEWAL_SPECIALIST and unit in roles[Role.SUPERVISOR]):
                yield _units(inside, [unit], rules[unit], role)
    if user.scope.everything:
        alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for unit in by_unit:
            alike[tuple(rules[unit][key] for key in RULES)].append(unit)
        for same in alike.values():
            yield _units([grid for unit in same for grid in by_unit[unit]], same, rules[same[0]], Role.ADMIN)


def _units(grids: list[Grid], units: list[int], rules: Mapping[str, int], role: str) -> Place:
    words = ngettext("%(count)s unit", "%(count)s units", len(units)) % {"count": len(units)}
    name = grids[0].unit.name if len(units) == 1 else words
    return Place(name, frozenset(grid.pk for grid in grids), frozenset(units), rules, role)


class _Work:
    """What people owe in a month, by place."""

    def __init__(self, month: Month, today: date, places: list[Place], *, several: bool) -> None:
        self.month, self.following, self.today, self.several = month, month.plus(1), today, several
        self.places = places
        here = frozenset(grid for place in places for grid in place.grids)
        grids = Grid.objects.filter(pk__in=here)
        rows = Plan.objects.filter(grid__in=grids)
        self.handed_in = set(rows.filter(month=self.following.first).handed_in().values_list("grid", flat=True))
        targets = Target.objects.filter(grid__in=grids, month=self.following.first)
        self.targets = set(targets.values_list("grid", flat=True))
        self.unsettled = WarningList.objects.unsettled(grids, self.following.first)
        of_months = rows.filter(month__in=[month.first, self.following.first], grid__in=self._within(managed=True))
        self.plans = {(plan.grid_id, plan.month): plan for plan in of_months.current()}
        self.fresh = {row["grid"]: row for row in Project.objects.filter(grid__in=grids).freshness(month.first)}
        self.counts = {
            managed: self._counts("grid" if managed else "grid__unit", within)
            for managed in (True, False)
            if (within := self._within(managed=managed))
        }

    def _within(self, *, managed: bool) -> frozenset[int]:
        """The grids whose work is counted by grid, or by unit."""
        held = (place for place in self.places if place.role != Role.RENEWAL_SPECIALIST)
        return frozenset(grid for place in held if place.is_managed is managed for grid in place.grids)

    def _counts(self, path: str, grids: Iterable[int]) -> dict[str, Counts]:
        span = (self.month.first, self.month.last)
        here = Grid.objects.filter(pk__in=grids)
        steps = ActionStep.objects.filter(plan__grid__in=here, plan__state=Plan.State.APPROVED, due_on__range=span)
        talks = Prospect.objects.filter(grid__in=here, next_step_on__range=span).under_way()
        preparing = Preparation.objects.filter(prospect__grid__in=here, due_on__range=span, prospect__closed_on=None)
        sessions = Session.objects.filter(grid__in=here, day__range=span)
        tasks = RenewalTask.objects.filter(grid__in=here, due_on__range=span)
        matters = Matter.objects.filter(grid__in=here, due_on__range=span)
        meetings = Meeting.objects.filter(grid__in=here).exclude(state=Meeting.State.CANCELLED)
        meetings = meetings.filter(starts_at__date__range=span).annotate(day=TruncDate("starts_at"))
        done = Q(done_on__isnull=False)
        return {
            "steps": _counted(steps, f"plan__{path}", "due_on", done),
            "talks": _counted(talks, path, "next_step_on"),
            "preparing": _counted(preparing, f"prospect__{path}", "due_on", done),
            "sessions": _counted(sessions, path, "day"),
            "tasks": _counted(tasks, path, "due_on", done),
            "matters": _counted(matters, path, "due_on", Q(state=MatterState.CLOSED)),
            "meetings": _counted(meetings, path, "day", Q(state=Meeting.State.HELD)),
        }

    def items(self) -> Iterator[Item]:
        """In the handbook's order within a place."""
        for place in self.places:
            yield self._renewals(place)
            if place.role == Role.RENEWAL_SPECIALIST:
                continue
            if not place.is_managed:
                yield self._targets(place)
            yield self._plans(place)
            yield from self._steps(place)
            yield from self._tasks(place)
            yield from self._channels(place)
            yield from self._prospects(place)
            if ledgers := self._ledgers(place):
                yield ledgers

    def put_sessions(self, days: Mapping[date, Day]) -> None:
        """How many sessions each day has, of how many that are owed: days of a plan that nobody made yet owe none."""
        for place in self.places:
            if place.role == Role.RENEWAL_SPECIALIST:
                continue
            counts = self._of(place)["sessions"]
            if not any(key in place.keys for key, _day in counts):
                continue
            for day in days.values():
                day.sessions += sum(counts.get((key, day.day), (0, 0))[0] for key in place.keys)
                day.owed += place.rules["sessions_per_day"] * len(place.grids)
                day.sessions_url = self._url(place, self.month, f"#day-{day.day.day}")

    def _of(self, place: Place) -> dict[str, Counts]:
        return self.counts[place.is_managed]

    def _item(self, place: Place, title: str, detail: str, state: str, url: str, due: date) -> Item:
        return Item(f"{title} · {place.name}" if self.several else title, detail, state, url, due)

    def _share(self, done: int, place: Place) -> str:
        words = _("%(count)s of %(all)s grids") % {"count": done, "all": len(place.grids)}
        return words if not place.is_managed else ""

    def _url(self, place: Place, month: Month, part: str = "") -> str:
        """The plan's page for the manager of a grid that has one, else the list or the inbox of the month."""
        if place.is_managed:
            plan = self._plan(place, month)
            return reverse("plans:plan", args=[plan.pk]) + part if plan else reverse("plans:list") + f"?month={month}"
        return reverse("plans:inbox" if not part else "plans:list") + f"?month={month}"

    def _renewals(self, place: Place) -> Item:
        due = due_date(self.following, place.rules["warning_list_due_day"])
        left = [grid for grid in place.grids if grid in self.unsettled]
        pool = sum(self.unsettled[grid] or 0 for grid in left)
        words = [self._share(len(place.grids) - len(left), place)]
        if pool:
            words.append(_("%(count)s without an agent") % {"count": pool})
        title = _("Renewal split for %(month)s") % {"month": month_name(self.following.first)}
        url = reverse("renewals:lists") + f"?month={self.following}"
        state = standing(due, self.today, done=not left)
        return self._item(place, title, " · ".join(word for word in words if word), state, url, due)

    def _targets(self, place: Place) -> Item:
        due = due_date(self.following, place.rules["plan_due_day"])
        done = len(place.grids & self.targets)
        title = _("Targets for %(month)s") % {"month": month_name(self.following.first)}
        url = reverse("plans:targets") + f"?month={self.following}"
        state = standing(due, self.today, done=done >= len(place.grids))
        return self._item(place, title, self._share(done, place), state, url, due)

    def _plans(self, place: Place) -> Item:
        due = due_date(self.following, place.rules["plan_due_day"])
        done = len(place.grids & self.handed_in)
        title = _("Plans for %(month)s") % {"month": month_name(self.following.first)}
        state = standing(due, self.today, done=done >= len(place.grids))
        detail, plan = self._share(done, place), self._plan(place, self.following)
        if plan:
            detail = plan.get_state_display()
            # It was handed in: it is to be mended, not late.
            state = DUE if plan.state == Plan.State.RETURNED else state
        return self._item(place, title, detail, state, self._url(place, self.following), due)

    def _plan(self, place: Place, month: Month) -> Plan | None:
        """The current plan of the grid that the place is; of a unit there is none."""
        return self.plans.get((next(iter(place.grids)), month.first)) if place.is_managed else None

    def _steps(self, place: Place) -> Iterator[Item]:
        plan = self._plan(place, self.month)
        url = reverse("plans:progress-list") + f"?month={self.month}"
        url = reverse("plans:progress", args=[plan.pk]) + "#steps-now" if plan else url
        for day, (number, done) in self._days(place, "steps"):
            title = ngettext("%(count)s step of the plan", "%(count)s steps of the plan", number) % {"count": number}
            detail = _("%(done)s of %(all)s done") % {"done": done, "all": number}
            state = standing(day, self.today, done=done >= number)
            yield self._item(place, title, detail, state, url, day)

    def _tasks(self, place: Place) -> Iterator[Item]:
        """About renewals, by the day by which they are to be done (S7)."""
        for day, (number, done) in self._days(place, "tasks"):
            words = ngettext("%(count)s task about renewals", "%(count)s tasks about renewals", number)
            state = standing(day, self.today, done=done >= number)
            detail = _("%(done)s of %(all)s done") % {"done": done, "all": number}
            yield self._item(place, words % {"count": number}, detail, state, reverse("renewals:tasks"), day)

    def _channels(self, place: Place) -> Iterator[Item]:
        """Meetings with agents and outlets, and what they asked for, by the day that was said (C1)."""
        for name in ("meetings", "matters"):
            for day, (number, done) in self._days(place, name):
                words = (
                    ngettext("%(count)s meeting", "%(count)s meetings", number)
                    if name == "meetings"
                    else ngettext("%(count)s matter to deal with", "%(count)s matters to deal with", number)
                )
                state = standing(day, self.today, done=done >= number)
                detail = _("%(done)s of %(all)s done") % {"done": done, "all": number}
                asked = f"?state=all&day={day}" if name == "matters" else f"?day={day}"
                yield self._item(
                    place, words % {"count": number}, detail, state, reverse(f"channels:{name}") + asked, day
                )

    def _prospects(self, place: Place) -> Iterator[Item]:
        for name in ("talks", "preparing"):
            for day, (number, done) in self._days(place, name):
                words = (
                    ngettext("%(count)s next step of a new project", "%(count)s next steps of new projects", number)
                    if name == "talks"
                    else ngettext("%(count)s preparation step", "%(count)s preparation steps", number)
                )
                state = standing(day, self.today, done=done >= number)
                url = reverse("projects:prospects") + ("?attention=overdue" if state == LATE else "")
                yield self._item(place, words % {"count": number}, "", state, url, day)

    def _days(self, place: Place, name: str) -> list[tuple[date, tuple[int, int]]]:
        found: dict[date, tuple[int, int]] = {}
        for (key, day), (number, done) in self._of(place)[name].items():
            if key in place.keys:
                before = found.get(day, (0, 0))
                found[day] = (before[0] + number, before[1] + done)
        return sorted(found.items())

    def _ledgers(self, place: Place) -> Item | None:
        """Every ledger of every project is seen to at least once a month (P)."""
        rows = [self.fresh[grid] for grid in place.grids if grid in self.fresh]
        if not rows:
            return None
        left = sum(row["projects"] - row[ledger.value] for row in rows for ledger in Ledger)
        words = ngettext("%(count)s ledger not seen to", "%(count)s ledgers not seen to", left) % {"count": left}
        url = reverse("projects:freshness") + f"?month={self.month}"
        last, urgent = self.month.last, (self.month.last - self.today).days < place.rules["ledger_urgent_days"]
        state = DONE if not left else LATE if self.today > last else DUE if urgent else OPEN
        return self._item(place, _("Ledgers of the month"), words if left else "", state, url, last)


def _counted(rows: QuerySet[Any, Any], key: str, day: str, done: Q | None = None) -> Counts:
    many = rows.order_by().values_list(key, day).annotate(many=Count("pk"))
    if done is None:
        return {(place, on): (number, 0) for place, on, number in many}
    return {(place, on): (number, ready) for place, on, number, ready in many.annotate(ready=Count("pk", filter=done))}


# --- What the product does by itself ---


def _rules_of_kinds() -> list[str]:
    return [name for kind in monthly_kinds() for name in (kind.early_rule, kind.due_rule)]


def _runs(user: User, month: Month, today: date, rules: Rules, units: Mapping[int, Any]) -> Iterator[Item]:
    """Days on which drafts and lists are made ahead; for an admin what closes the month before, too."""
    kinds: list[Any] = [*monthly_kinds(), *(closing_kinds() if user.scope.everything else [])]
    if user.scope.roles == {Role.RENEWAL_SPECIALIST}:
        kinds = [kind for kind in kinds if kind.name in OF_SPECIALISTS]
    jobs = Job.objects.filter(kind__in=[kind.name for kind in kinds], unit__in=units)
    done: dict[tuple[str, date], set[int]] = defaultdict(set)
    for name, first, unit in jobs.filter(state=Job.State.DONE).values_list("kind", "month", "unit"):
        if first and unit:
            done[name, first].add(unit)
    for kind in kinds:
        ahead = isinstance(kind, MonthlyKind)
        about = month.plus(1) if ahead else month.plus(-1)
        by_day: dict[date, set[int]] = defaultdict(set)
        for unit in units:
            by_day[due_date(about, rules[unit][kind.early_rule]) if ahead else month.first].add(unit)
        for day, here in by_day.items():
            ready = here <= done[kind.name, about.first]
            state = DONE if ready else LATE if day < today and user.scope.everything else OPEN
            yield Item(
                _("%(work)s for %(month)s") % {"work": kind.title, "month": month_name(about.first)},
                _("made by the system"),
                state,
                _run_url(kind.name, about, user),
                day,
            )


def _run_url(kind: str, month: Month, user: User) -> str:
    if user.scope.everything:
        return reverse("jobs:runs")
    return reverse(RESULTS[kind]) + f"?month={month}" if kind in RESULTS else ""
