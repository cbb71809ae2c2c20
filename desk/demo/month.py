"""Lets the demo's months run: by the product's own jobs what the calendar owes, by its services what people do."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from channels.models import Ownership
from desk.demo import facts, rosters, targets
from desk.demo.moments import at, moments, told
from desk.demo.plans import (
    REVISION_REASON,
    UNFINISHED,
    fill_in,
    lower,
    manager_of,
    see_to_sessions,
    send_back,
    supervisor,
)
from gridops.accounts.models import Membership, Role, Unit, User
from gridops.accounts.services_deputies import name_deputy
from gridops.common.months import Month
from gridops.jobs import calendar
from gridops.jobs import services as jobs
from gridops.jobs.models import Job
from gridops.jobs.registry import monthly_kinds
from plans import services as plans
from plans.models import Plan, PlanEvent
from plans.notices_due import remind
from plans.services_follow import tick
from renewals.notices import remind as remind_renewals

Say = Callable[[str], object]
WAIT_SECONDS = 120
TARGETS_DAY = 20  # of the month before: the unit hands its targets down
LATE_GRID, TWICE_GRID, REVISED_GRID = 2, 1, 0
REVISED_DAY = 12
SEEN_TO = (0, 31, 20)  # up to this day the sessions of next month have people and a place
NOTES = ("场地确认单已交物业", "12栋已全部更换", "签到11人，现场演练3遍", "上门9户，续费6户")


def play(today: date, say: Say) -> None:
    """Last month and the running one as they went so far; the next as far as it is begun by ``today``."""
    last, this, following = (Month.of(today).plus(n) for n in (-1, 0, 1))
    backdate(this.plus(-2).first)
    unit = Unit.objects.get(name=facts.UNIT)
    jobs.start("plans.drafts", key=f"demo:{last}", month=last, unit=unit)
    for number, plan in enumerate(drafted(last)):
        agree(number, plan, last.last)
    if today >= this.day(TARGETS_DAY):
        targets.hand_down_next(unit, following, supervisor(), min(at(this.day(TARGETS_DAY), 9), timezone.now()))
    # What closes a month comes after this one's plans were agreed, though a worker may be waiting for it.
    for kind in monthly_kinds():
        jobs.start(kind.name, key=f"demo:{kind.name}:{this}", month=this, unit=unit)
    for number, plan in enumerate(drafted(this)):
        agree(number, plan, today)
        if number == REVISED_GRID and today > this.day(REVISED_DAY):
            change_course(plan, this.day(REVISED_DAY))
    with told(at(this.first, 1)):
        calendar.ensure_month(today)
        drafted(this)
        drafted(last)  # what closes the month before
    for number, plan in enumerate(drafted(following)):
        begin(number, plan)
    stand_in(today)
    now = timezone.now()
    with transaction.atomic(), told(min(at(today, 9), now)):
        remind(at(today, 10))
        remind_renewals(at(today, 10))
    say(f"  warning lists and plans of {this} and, as far as they are due, of {following}")


def drafted(month: Month) -> list[Plan]:
    """The plans of ``month``, after its work was done."""
    for job in Job.objects.filter(state=Job.State.WAITING, month=month.first).order_by("pk"):
        finish(job)
    return list(Plan.objects.filter(month=month.first).order_by("grid__pk"))


@transaction.atomic
def backdate(day: date) -> None:
    """The people and the agents have been there for a while: since ``day``."""
    Membership.objects.update(starts_on=day)
    Ownership.objects.update(starts_on=day)


def finish(job: Job) -> None:
    """Do the job here, or wait for the worker that has it."""
    jobs.work(job.pk)
    until = time.monotonic() + WAIT_SECONDS
    while Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).exists() and time.monotonic() < until:
        time.sleep(0.2)


@transaction.atomic  # a worker may be settling the month before
def agree(number: int, plan: Plan, today: date) -> None:
    """A plan of the past: handed in the month before (one late, one returned once), approved, and partly done."""
    before = Month.of(plan.month).plus(-1)
    drafted, handed_in, reviewed = (at(before.day(day)) for day in (23, 26, 27))
    if number == LATE_GRID:
        handed_in, reviewed = at(before.last, 16), at(before.last, 18)
    with told(drafted):
        date_draft(plan, drafted)
        fill_in(plan)
        see_to_sessions(plan, Month.of(plan.month).last)
    if number == TWICE_GRID:
        first, back, mended = (at(before.day(25), hour) for hour in (9, 14, 16))
        with told(first):
            plans.submit(plan, plan.version, manager_of(plan), now=first)
        with told(back):
            send_back(plan, back, mend=mended)
    with told(handed_in):
        plans.submit(plan, plan.version, manager_of(plan), now=handed_in)
    with told(reviewed):
        plans.approve(plan, plan.version, supervisor(), now=reviewed)
    due = plan.steps.exclude(what__in=UNFINISHED).filter(carried_from=None, due_on__lt=today)
    for note, step in zip([*NOTES, *[""] * due.count()], due.order_by("due_on", "pk"), strict=False):
        if step.due_on:
            tick(step, done=True, today=step.due_on, by=manager_of(plan), note=note)


def date_draft(plan: Plan, moment: datetime) -> None:
    """It was drafted at ``moment``."""
    Plan.objects.filter(pk=plan.pk).update(drafted_at=moment)
    PlanEvent.objects.filter(plan=plan, action=PlanEvent.Action.DRAFTED).update(at=moment)


def change_course(plan: Plan, day: date) -> None:
    """In mid-month an approved plan is revised with a reason, handed in and approved again."""
    asked, handed_in, reviewed = (at(day, hour) for hour in (9, 10, 16))
    with told(asked):
        made = plans.revise(plan, plan.version, manager_of(plan), reason=REVISION_REASON, now=asked)
        lower(made)
    with told(handed_in):
        plans.submit(made, made.version, manager_of(made), now=handed_in)
    with told(reviewed):
        plans.approve(made, made.version, supervisor(), now=reviewed)


@transaction.atomic
def begin(number: int, plan: Plan) -> None:
    """Next month's plan: a draft whose target moved, one handed in twice that waits, one that came back."""
    now = timezone.now()
    first = Month.of(plan.month).plus(-1).day(23)
    date_draft(plan, min(at(first, 0), now))
    steps = moments(first, 4, now)
    if number == 0:
        targets.change_one(plan.grid, Month.of(plan.month), supervisor(), steps[2])
        return
    fill_in(plan)
    see_to_sessions(plan, Month.of(plan.month).day(SEEN_TO[number]))
    with told(steps[0]):
        plans.submit(plan, plan.version, manager_of(plan), now=steps[0])
    with told(steps[1]):
        send_back(plan, steps[1], mend=steps[2] if number == TWICE_GRID else None)
    if number == TWICE_GRID:
        with told(steps[3]):
            plans.submit(plan, plan.version, manager_of(plan), now=steps[3])


def stand_in(today: date) -> None:
    """The supervisor is away next week: the renewal specialist stands in."""
    start = max(today, timezone.localdate())
    monday = start + timedelta(days=7 - start.weekday())
    held = Membership.objects.get(user=supervisor(), role=Role.SUPERVISOR)
    deputy = User.objects.get(employee_no=rosters.SPECIALIST_NO)
    with told(timezone.now()):
        name_deputy(held, deputy, monday, monday + timedelta(days=4))
