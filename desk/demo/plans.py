"""What the demo's people write into plans: steps, improvements, remarks in review, and what they mend after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from desk.demo import rosters
from gridops.accounts.models import Role, User
from gridops.common.months import Month
from gridops.common.versions import as_text
from plans import services, services_cells, services_comments, services_edit, services_split
from plans.cells import REFUSED, Cell, CellResult, Place
from plans.models import Plan, PlanComment, ProjectShare
from promotions.models import Session

Lines = Mapping[str, Mapping[str, object]]  # line of a plan's page -> field -> what is typed

# what, how it is measured, the day of the month by which; the last two are what people tend not to finish
STEPS = (
    ("与物业敲定周末促销场地，领取场地确认单", "场地确认单", 5),
    ("逐栋更换楼道贴，补齐活动海报", "完成楼栋数", 10),
    ("培训受理点坐店人员96868电话订购流程", "培训签到表", 12),
    ("对到期未接通用户组织二次上门", "上门记录", 18),
    ("拜访在建楼盘开发商，洽谈弱电管道进场", "洽谈纪要", 20),
    ("新增一家小区周边受理点", "受理点协议", 22),
)
UNFINISHED = tuple(what for what, _, _ in STEPS[-2:])
IMPROVEMENT = "与代理商负责人共同上门，每周五复盘进度，次月10日前完成"
PLACES = ("东门岗亭旁", "物业服务中心门口", "小区中心广场", "南门快递柜旁")
MATERIALS = ("易拉宝1个、单页200张", "帐篷1顶、单页300张", "X展架1个、海报5张")
RETURN_REASON = "空闲端口多的两个项目任务偏少，请重新分解并写明促销安排"
ON_GOAL = "净增压在月末，请说明上半月达到多少"
ON_SHARE = "端口空闲多，净增可再加一些"
ON_STEP = "请写明与哪家物业谈、哪天谈"
NOTE = "上半月完成净增的55%，周末集中在空闲端口多的项目促销；雨天改为楼内地推。"
MORE = 2  # net adds that the project in question takes on top, after the review
REVISION_REASON = "物业12日起封闭施工两周，该项目本月无法上门，任务调给其他项目"
MENDED = "与物业经理周三敲定周末促销场地，领取场地确认单"


def fill_in(plan: Plan) -> None:
    """Write the steps of a draft, as its manager would; it is loaded anew first."""
    plan.refresh_from_db()
    type_in(plan, carried(plan))
    for fields in list(own_steps(plan)):
        services_cells.add_step(plan, **fields)


def type_in(plan: Plan, lines: Lines) -> None:
    """Type values into lines of the plan's page; it is loaded anew first."""
    plan.refresh_from_db()
    stored = services_cells.stored_cells(plan, plan.steps.all())
    _save(plan, services_cells.save_cells(plan, _cells(lines, stored), manager_of(plan)))


def set_share(plan: Plan, share: ProjectShare, net_adds: int, remark: str) -> None:
    """Set a project's share by hand on the page of the split, with a remark."""
    shares = {one.project_id: one for one in plan.project_shares.all()}
    stored = services_split.stored_shares(services_edit.projects_of(plan), shares)
    lines = {f"share:{share.project_id}": {"manual": net_adds, "remark": remark}}
    _save(plan, services_split.save_shares(plan, _cells(lines, stored)))


def _cells(lines: Lines, stored: Mapping[Place, str]) -> list[Cell]:
    return [
        Cell(line, field, as_text(value), stored[line, field])
        for line, fields in lines.items()
        for field, value in fields.items()
    ]


def _save(plan: Plan, results: Iterable[CellResult]) -> None:
    if refused := [result for result in results if result.state in REFUSED]:
        raise RuntimeError(f"the plan {plan} did not take {refused}")


def carried(plan: Plan) -> Lines:
    """How what last month left is brought to an end, by when, and what is to show for it."""
    due = Month.of(plan.month).day(10)
    return {
        f"step:{step.pk}": {"improvement": IMPROVEMENT, "due_on": due, "measure": step.measure or "差额补齐"}
        for step in plan.steps.filter(carried_from__isnull=False)
    }


def see_to_sessions(plan: Plan, last: date) -> None:
    """The sessions until ``last`` have a place, people and materials, and the property company agrees to most."""
    who = manager_of(plan).name
    rows = list(Session.objects.filter(grid=plan.grid, day__range=(plan.month, last)).order_by("day", "slot", "pk"))
    for number, row in enumerate(rows):
        row.place, row.materials = PLACES[number % len(PLACES)], MATERIALS[number % len(MATERIALS)]
        row.people, row.property_agreed = f"{who}、代理商业务员{2 + number % 2}人", number % 7 != 6
    Session.objects.bulk_update(rows, ["place", "materials", "people", "property_agreed"])


def own_steps(plan: Plan) -> Iterator[dict[str, object]]:
    """Steps of the month, each in a project of the grid, for its manager."""
    who, projects = manager_of(plan).name, list(plan.project_shares.order_by("-net_adds", "pk")[: len(STEPS)])
    known = set(plan.steps.filter(carried_from__isnull=False).values_list("what", flat=True))
    for (what, measure, day), share in zip(STEPS, projects, strict=True):
        if what not in known:
            due = Month.of(plan.month).day(day)
            yield {"what": what, "project": share.project, "who": who, "due_on": due, "measure": measure}


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
    type_in(plan, {f"step:{step.pk}": {"what": MENDED}, "note": {"note": NOTE}})
    set_share(plan, share, share.net_adds + MORE, "新交付两栋，先占端口")
    for row in PlanComment.objects.filter(plan=plan):
        services_comments.settle(row, manager_of(plan), now=mend)


def lower(plan: Plan) -> None:
    """The largest share goes down to what is there; the rest is split again."""
    plan.refresh_from_db()
    share = plan.project_shares.order_by("-net_adds", "pk")[0]
    set_share(plan, share, share.net_adds // 2, "封闭施工两周")


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
