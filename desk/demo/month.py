"""Lets the demo's months run: by the product's own jobs what the calendar owes, by its services what people do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from datetime import time as clock

from django.db import transaction
from django.utils import timezone

from channels.models import Ownership
from desk.demo import rosters
from desk.demo.facts import GRIDS
from gridops.accounts.models import Membership, Role, User
from gridops.common.months import Month
from gridops.jobs import calendar
from gridops.jobs import services as jobs
from gridops.jobs.models import Job
from plans import services as plans
from plans import services_edit
from plans.models import GOALS, Plan, PlanEvent
from plans.services_edit import StepEdit
from plans.services_follow import tick

Say = Callable[[str], object]
WAIT_SECONDS = 120
# what, how it is measured, the day of the month by which; the last two are what people tend not to finish
STEPS = (
    ("与物业敲定周末促销场地,领取场地确认单", "场地确认单", 5),
    ("逐栋更换楼道贴,补齐活动海报", "完成楼栋数", 10),
    ("培训受理点坐店人员96868电话订购流程", "培训签到表", 12),
    ("对到期未接通用户组织二次上门", "上门记录", 18),
    ("拜访在建楼盘开发商,洽谈弱电管道进场", "洽谈纪要", 20),
    ("新增一家小区周边受理点", "受理点协议", 22),
)
UNFINISHED = tuple(what for what, _, _ in STEPS[-2:])
IMPROVEMENT = "与代理商负责人共同上门,每周五复盘进度,次月10日前完成"
RETURN_REASON = "空闲端口多的两个项目任务偏少,请重新分解并写明促销安排"


def play(today: date, say: Say) -> None:
    """The running month as it went so far; the next as far as it is begun by ``today``."""
    backdate(Month.of(today).plus(-2).first)
    calendar.ensure_month(today)
    this, following = Month.of(today), Month.of(today).plus(1)
    drafted(this.plus(-1))  # what closes the month before
    for number, plan in enumerate(drafted(this)):
        agree(number, plan, today)
    for number, plan in enumerate(drafted(following)):
        begin(number, plan)
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


def agree(number: int, plan: Plan, today: date) -> None:
    """The running month's plan: handed in last month (the last grid late), approved, and partly done by now."""
    before = Month.of(plan.month).plus(-1)
    drafted, handed_in, reviewed = (at(before.day(day)) for day in (23, 26, 27))
    if number == len(GRIDS) - 1:
        handed_in, reviewed = at(before.last, 17), at(before.last, 18)
    Plan.objects.filter(pk=plan.pk).update(drafted_at=drafted)
    PlanEvent.objects.filter(plan=plan, action=PlanEvent.Action.DRAFTED).update(at=drafted)
    write(plan, [*own_steps(plan)])
    plans.submit(plan, plan.version, manager_of(plan), now=handed_in)
    plans.approve(plan, plan.version, supervisor(), now=reviewed)
    for step in plan.steps.exclude(what__in=UNFINISHED):
        if step.due_on and step.due_on < today:
            tick(step, done=True, today=step.due_on)


def begin(number: int, plan: Plan) -> None:
    """Next month's plan: one is a draft still, one waits for the supervisor, one came back."""
    if number == 0:
        return
    carried = [
        StepEdit(step.pk, {"improvement": IMPROVEMENT}) for step in plan.steps.filter(carried_from__isnull=False)
    ]
    write(plan, [*carried, *own_steps(plan)])
    now = timezone.now()
    plans.submit(plan, plan.version, manager_of(plan), now=now)
    if number == 2:
        plans.send_back(plan, plan.version, supervisor(), reason=RETURN_REASON, now=now)


def write(plan: Plan, steps: list[StepEdit]) -> None:
    """Save the plan with these steps, as its manager would; it is loaded anew first."""
    plan.refresh_from_db()
    values = {**{name: getattr(plan, name) for name in GOALS}, "note": plan.note}
    if not services_edit.save_plan(plan, plan.version, values, {}, steps):
        raise RuntimeError(f"the plan {plan} was changed by somebody else")
    plan.refresh_from_db()


def own_steps(plan: Plan) -> Iterator[StepEdit]:
    """Steps of the month, each in a project of the grid, for its manager."""
    who, projects = manager_of(plan).name, list(plan.project_shares.order_by("-net_adds", "pk")[: len(STEPS)])
    carried = set(plan.steps.filter(carried_from__isnull=False).values_list("what", flat=True))
    for (what, measure, day), share in zip(STEPS, projects, strict=True):
        if what not in carried:
            due = Month.of(plan.month).day(day)
            fields = {"what": what, "project": share.project, "who": who, "due_on": due, "measure": measure}
            yield StepEdit(None, fields)


def manager_of(plan: Plan) -> User:
    """The manager of the plan's grid."""
    found: User = User.objects.get(memberships__role=Role.GRID_MANAGER, memberships__grid=plan.grid)
    return found


def supervisor() -> User:
    """The unit's supervisor."""
    found: User = User.objects.get(employee_no=rosters.SUPERVISOR_NO)
    return found


def at(day: date, hour: int = 10) -> datetime:
    """That day, in working hours."""
    return timezone.make_aware(datetime.combine(day, clock(hour)) + timedelta(minutes=20))
