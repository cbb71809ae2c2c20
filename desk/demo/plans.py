"""What the demo's people write into plans: steps, improvements, remarks in review, and what they mend after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from desk.demo import rosters
from gridops.accounts.models import Role, User
from gridops.common.months import Month
from plans import services, services_comments, services_edit
from plans.models import GOALS, Plan, PlanComment
from plans.services_edit import ShareEdit, StepEdit
from promotions.models import Session

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
PLACES = ("东门岗亭旁", "物业服务中心门口", "小区中心广场", "南门快递柜旁")
MATERIALS = ("易拉宝1个、单页200张", "帐篷1顶、单页300张", "X展架1个、海报5张")
RETURN_REASON = "空闲端口多的两个项目任务偏少,请重新分解并写明促销安排"
ON_GOAL = "净增压在月末,请说明上半月达到多少"
ON_SHARE = "端口空闲多,净增可再加一些"
ON_STEP = "请写明与哪家物业谈、哪天谈"
NOTE = "上半月完成净增的55%,周末集中在空闲端口多的项目促销;雨天改为楼内地推。"
MORE = 2  # net adds that the project in question takes on top, after the review
REVISION_REASON = "物业12日起封闭施工两周,该项目本月无法上门,任务调给其他项目"
MENDED = "与物业经理周三敲定周末促销场地,领取场地确认单"


def write(plan: Plan, steps: list[StepEdit], shares: dict[int, ShareEdit] | None = None, note: str = "") -> None:
    """Save the plan with these steps, as its manager would; it is loaded anew first."""
    plan.refresh_from_db()
    values = {**{name: getattr(plan, name) for name in GOALS}, "note": note or plan.note}
    if not services_edit.save_plan(plan, plan.version, values, shares or {}, steps):
        raise RuntimeError(f"the plan {plan} was changed by somebody else")
    plan.refresh_from_db()


def carried(plan: Plan) -> list[StepEdit]:
    """How what last month left is brought to an end, by when, and what is to show for it."""
    due = Month.of(plan.month).day(10)
    return [
        StepEdit(step.pk, {"improvement": IMPROVEMENT, "due_on": due, "measure": step.measure or "差额补齐"})
        for step in plan.steps.filter(carried_from__isnull=False)
    ]


def see_to_sessions(plan: Plan, last: date) -> None:
    """The sessions until ``last`` have a place, people and materials, and the property company agrees to most."""
    who = manager_of(plan).name
    rows = list(Session.objects.filter(grid=plan.grid, day__range=(plan.month, last)).order_by("day", "slot", "pk"))
    for number, row in enumerate(rows):
        row.place, row.materials = PLACES[number % len(PLACES)], MATERIALS[number % len(MATERIALS)]
        row.people, row.property_agreed = f"{who}、代理商业务员{2 + number % 2}人", number % 7 != 6
    Session.objects.bulk_update(rows, ["place", "materials", "people", "property_agreed"])


def own_steps(plan: Plan) -> Iterator[StepEdit]:
    """Steps of the month, each in a project of the grid, for its manager."""
    who, projects = manager_of(plan).name, list(plan.project_shares.order_by("-net_adds", "pk")[: len(STEPS)])
    known = set(plan.steps.filter(carried_from__isnull=False).values_list("what", flat=True))
    for (what, measure, day), share in zip(STEPS, projects, strict=True):
        if what not in known:
            due = Month.of(plan.month).day(day)
            fields = {"what": what, "project": share.project, "who": who, "due_on": due, "measure": measure}
            yield StepEdit(None, fields)


def send_back(plan: Plan, moment: datetime, mend: datetime | None = None) -> None:
    """The supervisor remarks on three lines and returns the plan; its manager mends it then, if ``mend`` says when."""
    share = plan.project_shares.order_by("-net_adds", "pk")[0]
    step = plan.steps.filter(carried_from=None).order_by("due_on", "pk")[0]
    remarks = (("goal:net_adds", ON_GOAL), (f"share:{share.project_id}", ON_SHARE), (f"step:{step.pk}", ON_STEP))
    for line, text in remarks:
        services_comments.comment(plan, line, text, supervisor(), now=moment)
    services.send_back(plan, plan.version, supervisor(), reason=RETURN_REASON, now=moment)
    plan.refresh_from_db()
    if mend is None:
        return
    more = {share.project_id: ShareEdit(share.net_adds + MORE, 0, "新交付两栋,先占端口")}
    write(plan, [StepEdit(step.pk, {"what": MENDED})], more, NOTE)
    for row in PlanComment.objects.filter(plan=plan):
        services_comments.settle(row, manager_of(plan), now=mend)


def lower(plan: Plan) -> None:
    """The largest share goes down to what is there; the rest is split again."""
    plan.refresh_from_db()
    share = plan.project_shares.order_by("-net_adds", "pk")[0]
    write(plan, [], {share.project_id: ShareEdit(share.net_adds // 2, 0, "封闭施工两周")})


def manager_of(plan: Plan) -> User:
    """The manager of the plan's grid."""
    found: User = User.objects.get(
        memberships__role=Role.GRID_MANAGER, memberships__grid=plan.grid, memberships__stands_in_for=None
    )
    return found


def supervisor() -> User:
    """The unit's supervisor."""
    found: User = User.objects.get(employee_no=rosters.SUPERVISOR_NO)
    return found
