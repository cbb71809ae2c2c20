"""What the work list shows: a page of what is due, in a constant number of queries that read the due rows only."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, F, IntegerField, Value, When
from django.http import Http404, QueryDict

from channels.models import Agent, AgentStaff
from gridops.accounts.models import Grid, User
from gridops.common.ids import read_id
from projects.models import Project
from renewals.choices import OPEN, Medium, Outcome, Step
from renewals.models import ExpiryWarning, SubscriberNumber, WarningList
from renewals.querysets import WarningQuerySet
from renewals.rules_course import refusal
from renewals.rules_work import (
    STEPS,
    Facts,
    Group,
    Reason,
    building_order,
    expiry_words,
    group_of,
    next_words,
    promise_days,
    usual_medium,
    why,
)
from renewals.services_chance import alike

PAGE = 30
CAP = 1_000  # so many are counted and paged through; what lies beyond comes up as they are done
WINDOW = 300  # of so many, those due first, an order is made at a time
WALK = 500  # rows of one project that are put into the order of a walk
LISTS_BACK = timedelta(days=400)
POOL = "pool"
TOMORROW = "tomorrow"
KINDS = {
    Group.PROMISES.value: (Step.PROMISE,),
    Group.VISITS.value: (Step.VISIT,),
    Group.CALLS.value: (Step.CALL,),
    Group.NUMBERS.value: (Step.NUMBER,),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A warning as the work list shows it; ``key`` is the one that its form sends."""

    warning: ExpiryWarning
    group: Group
    reasons: Sequence[Reason]
    days: Sequence[tuple[str, date]]
    expiry: str
    key: str

    @property
    def medium(self) -> Medium:
        """How its next step is done."""
        return usual_medium(self.warning.next_step)

    @property
    def next(self) -> str:
        """What follows now."""
        warning = self.warning
        confirmed = warning.confirmed_on is not None
        return next_words(warning.state, warning.next_step, warning.next_on, confirmed=confirmed)

    @property
    def impossible(self) -> str:
        """Why nothing can be recorded about it; '' when something can."""
        return refusal(self.warning.state, Medium.CALL, Outcome.RENEWED)


@dataclass(slots=True)
class Work:
    """Whose work, of which day, narrowed to what: as the address asks, within what the person may see."""

    user: User
    today: date
    asked: QueryDict
    staff: AgentStaff | None = None
    grid: Grid | None = None
    grids: list[Grid] = field(default_factory=list)
    agents: list[Agent] = field(default_factory=list)
    projects: list[Project] = field(default_factory=list)
    base: WarningQuerySet = field(init=False)

    def __post_init__(self) -> None:
        if self.user.scope.has("agent_staff") and not self.user.scope.grid_ids and not self.user.scope.everything:
            self.base = self._of_agent()
        else:
            self.base = self._of_grid()
        if self.project:
            self.base = self.base.filter(subscriber__project=self.project)

    # --- Whose ---

    def _of_agent(self) -> WarningQuerySet:
        self.staff = AgentStaff.objects.filter(user=self.user).select_related("agent").first()
        if self.staff is None:
            return ExpiryWarning.objects.none()
        owned = Project.objects.filter(ownerships__in=self.staff.agent.ownerships.on(self.today))
        self.projects = list(owned.order_by("name"))
        rows = ExpiryWarning.objects.filter(agent=self.staff.agent_id)
        return rows.filter(staff=self.staff) if self.mine else rows

    def _of_grid(self) -> WarningQuerySet:
        self.grids = list(Grid.objects.for_user(self.user).select_related("unit").order_by("unit__name", "name"))
        wanted = self.asked.get("grid", "")
        chosen = [grid for grid in self.grids if grid.pk == read_id(wanted)] if wanted else self.grids
        if wanted and not chosen:
            raise Http404
        if not chosen:
            return ExpiryWarning.objects.none()
        self.grid = chosen[0]
        self.projects = list(Project.objects.filter(grid=self.grid).order_by("name"))
        self.agents = list(Agent.objects.owning_in(self.grid, self.today).order_by("code"))
        lists = WarningList.objects.filter(grid=self.grid, month__gte=self.today - LISTS_BACK)
        rows = ExpiryWarning.objects.filter(warning_list__in=list(lists.values_list("pk", flat=True)))
        if self.agent == POOL:
            return rows.filter(agent=None)
        return rows.filter(agent=read_id(self.agent)) if self.agent else rows

    # --- Asked for ---

    @property
    def mine(self) -> bool:
        """Only what this person follows."""
        return self.staff is not None and self.asked.get("who") == "mine"

    @property
    def agent(self) -> str:
        """An agent's id, the pool, or '' for all."""
        return self.asked.get("agent", "")

    @property
    def project(self) -> int:
        """A project's id among those offered, or 0."""
        wanted = self.asked.get("project", "")
        if wanted and read_id(wanted) not in [project.pk for project in self.projects]:
            raise Http404
        return read_id(wanted)

    @property
    def kind(self) -> str:
        """A group, or '' for all."""
        kind = self.asked.get("kind", "")
        return kind if kind in Group.values else ""

    @property
    def tomorrow(self) -> bool:
        """A look ahead at what comes up tomorrow."""
        return self.asked.get("day") == TOMORROW

    @property
    def day(self) -> date:
        """The day whose work is shown."""
        return self.today + timedelta(days=self.tomorrow)

    @property
    def start(self) -> int:
        """How many rows come before the page."""
        return min(read_id(self.asked.get("start", "")), CAP * len(STEPS))

    # --- Answered ---

    def due(self, step: Step) -> WarningQuerySet:
        """What is due by the day, or on it alone when it is a look ahead."""
        return self.base.to_do(step, self.day if self.tomorrow else None, self.day)

    def counts(self) -> dict[str, int]:
        """By kind, how many are due; ``CAP`` + 1 stands for more. Calls include those to win back."""
        return {
            kind: sum(self.due(step).order_by()[: CAP + 1].count() for step in steps) for kind, steps in KINDS.items()
        }

    def rows(self, counts: dict[str, int]) -> tuple[list[ExpiryWarning], int]:
        """The page's warnings and how many there are of what is asked for, as far as they are counted."""
        if self.project:
            return self._walk()
        if self.kind == Group.WINBACK:
            rows = self._winback()
            return fetched(rows[:PAGE]), self.start + len(rows)
        kinds = [self.kind] if self.kind else list(KINDS)
        found: list[int] = []
        before = 0
        for kind in kinds:
            many = min(counts[kind], CAP)
            first = max(self.start + len(found) - before, 0)
            if first < many and len(found) < PAGE:
                found += self._stretch(KINDS[kind][0], first, min(PAGE - len(found), many - first))
            before += many
        return fetched(found), before

    def _stretch(self, step: Step, first: int, most: int) -> list[int]:
        """The ids of a stretch of what is due; a row's other tables are read for the page alone.

        Those due first are put in order, ``WINDOW`` after ``WINDOW``: it costs the same however much has gathered.
        """
        rows: list[int] = []
        while len(rows) < most:
            at = (first + len(rows)) % WINDOW
            start = first + len(rows) - at
            due = self.due(step).order_by("next_on", "pk").values("pk")[start : start + WINDOW]
            picked = in_order(ExpiryWarning.objects.filter(pk__in=due), step, self.today)
            found = list(picked.values_list("pk", flat=True)[at : at + most - len(rows)])
            if not found:
                break
            rows += found
        return rows

    def _winback(self) -> list[int]:
        """The ids of the page's expired ones, and one more when there is more."""
        end = self.start + PAGE + 1
        rows: list[int] = []
        for step in STEPS:
            expired = self.due(step).filter(expires_on__lt=self.today)
            due = expired.order_by("next_on", "pk").values("pk")[:CAP]
            picked = in_order(ExpiryWarning.objects.filter(pk__in=due), step, self.today)
            rows += picked.values_list("pk", flat=True)[:end]
        return rows[self.start : end]

    def _walk(self) -> tuple[list[ExpiryWarning], int]:
        """All that is due in a project, as one walks from door to door."""
        steps = KINDS.get(self.kind, STEPS)
        rows = self.base.filter(next_step__in=steps, next_on__lte=self.day, state__in=OPEN)
        if self.tomorrow:
            rows = rows.filter(next_on=self.day)
        if self.kind == Group.WINBACK:
            rows = rows.filter(expires_on__lt=self.today)
        addresses = rows.order_by("next_on", "pk").values_list("pk", "subscriber__address")[:WALK]
        walk = [pk for pk, _address in sorted(addresses, key=lambda one: (building_order(one[1]), one[0]))]
        return fetched(walk[self.start : self.start + PAGE]), len(walk)


def fetched(pks: Sequence[int]) -> list[ExpiryWarning]:
    """These warnings, in this order, with what a row shows."""
    by_pk = shown(ExpiryWarning.objects.filter(pk__in=pks)).in_bulk()
    return [by_pk[pk] for pk in pks if pk in by_pk]


def shown(rows: Any) -> Any:
    """With what a row of the work list shows."""
    return rows.select_related("subscriber__project", "warning_list__grid", "agent", "staff")


def in_order(rows: Any, step: Step, today: date) -> Any:
    """The order inside a step, see ``renewals.rules_work``."""
    value = [F("subscriber__monthly_fee").desc(nulls_last=True), F("chance").desc(nulls_last=True), F("pk").asc()]
    if step != Step.CALL:
        return rows.order_by("next_on", "expires_on", *value)
    expired = Case(When(expires_on__gte=today, then=Value(0)), default=Value(1), output_field=IntegerField())
    upcoming = Case(When(expires_on__gte=today, then=F("expires_on")))
    return rows.order_by(expired, upcoming, F("expires_on").desc(), *value)


def rows_of(warnings: Sequence[ExpiryWarning], today: date) -> list[Row]:
    """Warnings with their reasons, numbers to call and days to promise for; in a constant number of queries."""
    SubscriberNumber.objects.put_on([row.subscriber for row in warnings])
    counted = alike(warnings, {row.warning_list.grid.unit_id for row in warnings}) if warnings else {}
    return [_row(row, today, counted.get(row.pk, 0)) for row in warnings]


def _row(warning: ExpiryWarning, today: date, many: int) -> Row:
    facts = Facts(
        step=warning.next_step,
        next_on=warning.next_on or today,
        expires_on=warning.expires_on,
        contacts_made=warning.contacts_made,
        chance=warning.chance,
        alike=many,
        fee=warning.subscriber.monthly_fee,
    )
    return Row(
        warning=warning,
        group=group_of(warning.next_step, warning.expires_on, today),
        reasons=why(facts, today) if warning.next_step else [],
        days=promise_days(today, warning.expires_on),
        expiry=expiry_words(warning.expires_on, today),
        key=str(uuid.uuid4()),
    )
