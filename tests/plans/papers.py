"""A plan with much on it, for what is printed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from gridops.accounts.models import Grid, User
from gridops.common.months import Month
from plans.models import ActionStep, AgentShare, Plan, PlanEvent, ProjectShare
from promotions.models import Session, Slot
from tests import factories
from tests.plans.moments import SHANGHAI

DECEMBER = Month(2026, 12)
THE_26TH = datetime(2026, 11, 26, 10, 20, tzinfo=SHANGHAI)
FORMULA = '=HYPERLINK("http://x","y")'
WHY = {"existing": 1.2, "free_ports": 3.4, "unserved": 0.4, "adjustment": 0.0}
LONG = "与物业公司逐栋核对弱电井与空闲端口,张贴最新活动海报并登记未覆盖住户," * 4


def filled_plan(grid: Grid, manager: User, *, projects: int = 3, steps: int = 2, **fields: Any) -> Plan:
    """A submitted plan of December with ``projects`` shares, ``steps`` steps, an agent, and a session a day."""
    goals = {"installs": 1234, "net_adds": 5 * projects, "renewals": 77, "talks": 3, "new_outlets": 2}
    given: dict[str, Any] = {
        "month": DECEMBER.first,
        "state": Plan.State.SUBMITTED,
        "note": "第一段\n第二段",
        "shortfall": 9,
        "submitted_at": THE_26TH,
        "submitted_by": manager,
        "port_utilisation": "61.25",
    }
    plan = Plan.objects.create(grid=grid, **{**goals, **given, **fields})
    PlanEvent.objects.create(plan=plan, action=PlanEvent.Action.SUBMITTED, by=manager, at=THE_26TH)
    rows = factories.make_projects(grid, projects)
    factories.make_indicators(rows, DECEMBER.plus(-1), net_adds=4, renewals_done=6, renewals_due=8)
    shares = [ProjectShare(plan=plan, project=row, net_adds=5, why=WHY) for row in rows]
    shares[0].is_manual, shares[0].why, shares[0].remark = True, {"manual": 5.0}, "新楼交付,先占端口"
    shares[-1].adjustment, shares[-1].remark = -12, LONG
    ProjectShare.objects.bulk_create(shares)
    agent = factories.make_agent(name=f"{grid.name}代理")
    AgentShare.objects.create(plan=plan, agent=agent, expiring=90, renewals=70)
    AgentShare.objects.create(plan=plan, agent=None, expiring=10, renewals=7)
    _steps(plan, rows, steps)
    days = [DECEMBER.first + timedelta(days=n) for n in range(DECEMBER.length)]
    Session.objects.bulk_create(
        Session(
            grid=grid,
            project=rows[n % projects],
            day=day,
            slot=Slot.MORNING,
            place="东门岗亭旁",
            people="张经理、代理商业务员两人",
        )
        for n, day in enumerate(days)
    )
    return plan


def _steps(plan: Plan, rows: list[Any], number: int) -> None:
    last = Plan.objects.create(grid=plan.grid, month=DECEMBER.plus(-1).first, state=Plan.State.APPROVED)
    left = ActionStep.objects.create(plan=last, what="拜访开发商")
    ActionStep.objects.create(
        plan=plan,
        what="拜访开发商",
        who="张经理",
        due_on=date(2026, 12, 3),
        carried_from=left,
        improvement="每周五复盘",
    )
    ActionStep.objects.bulk_create(
        ActionStep(
            plan=plan,
            what=FORMULA if n == 0 else LONG[:200],
            project=rows[n % len(rows)],
            who="张经理",
            due_on=date(2026, 12, 4) + timedelta(days=n),
            measure="现场照片与签到表各一份,登记到台账",
        )
        for n in range(number)
    )
