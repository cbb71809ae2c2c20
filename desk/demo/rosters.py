"""Writes the rosters of the demo unit as a unit would hand them over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from desk.demo import figures, rivals, targets
from desk.demo.facts import (
    AGENTS,
    GRIDS,
    OUTLETS_PER_GRID,
    PROJECTS_PER_GRID,
    UNIT,
    DemoProject,
    Maker,
)
from gridops.common.months import Month

ADMIN_NO, STAFF_NO = "A1001", "Y1001"
STAFF_NOS = (STAFF_NO, "Y1006")  # of two agents in two grids
SUPERVISOR_NO, SPECIALIST_NO = "S1001", "R1001"
MANAGER_NOS = tuple(f"G{1001 + n}" for n in range(len(GRIDS)))
SHOPS = ("通信店", "手机城", "便民店", "数码店", "家电行", "生活超市")
WON_LAST_MONTH, WON_THIS_MONTH = 0, 1  # places in GRIDS
APIECE = (8_000, 1_500)  # cents for a new install, for a renewal
MONTHS_PAID = 6  # for which there is a roster of what agents were paid
MONTHS_OF_BASICS = 5  # of which there is a ledger before this month's
HEADERS: dict[str, Sequence[str]] = {
    "组织人员": ("工号", "姓名", "联系电话", "角色", "经营单位", "网格"),
    "项目基础信息台账": (
        *("项目编码", "网格", "项目名称", "项目详细地址", "建成时间", "项目性质", "覆盖户数", "接入方式", "端口数"),
        *(
            "物业方",
            "物业联系人",
            "联系电话",
            "物业返利情况",
            "入住情况",
            "竞争对手情况",
            "市场份额",
            "代理商",
            "经度",
            "纬度",
        ),
    ),
    "项目经营指标": (
        *("月份", "项目编码", "项目名称", "出账用户数", "出账收入", "净增用户"),
        *("续费到期数", "续费完成数", "端口数", "占用端口数", "佣金返利"),
    ),
    "代理商名册": ("代理商编码", "代理商名称", "业务人员", "联系电话", "岗位"),
    "受理点名册": (
        *("受理点编码", "网格", "受理点名称", "地址", "店老板", "联系电话"),
        *("拓展日期", "坐店人员", "周边项目编码", "经度", "纬度"),
    ),
    "受理点业务量": ("月份", "受理点编码", "受理点名称", "网格", "受理订单数", "佣金(元)"),
    "佣金发放": ("月份", "代理商编码", "项目编码", "佣金类别", "数量", "金额"),
    "用户名册": (
        *("用户账号", "用户姓名", "联系电话", "装机地址", "项目编码", "项目名称"),
        *("产品", "速率", "月费", "入网日期", "到期日期", "状态"),
    ),
    "项目竞争信息": ("项目编码", "项目名称", *rivals.OPERATORS, "建议应对措施"),
    "新项目储备": (
        *("网格", "新项目名称", "地址", "类型", "开发商", "预计户数", "规划端口数", "立项开始时间", "施工周期(月)"),
        *("预计投产时间", "阶段", "联系人", "联系电话", "经度", "纬度"),
    ),
    "日通报": ("日期", "项目编码", "项目名称", "发展", "净增", "续费", "占用端口数"),
    "任务下达": ("月份", "网格", "发展", "净增", "续费", "端口资源利用率", "新项目洽谈", "渠道网点拓展"),
}


@dataclass(frozen=True, slots=True)
class Roster:
    """A file of the demo: what it is, and on which day of the past it came in (None: today).

    ``late``: after the lists of expiring contracts were worked at.
    """

    title: str
    file: Path
    came_in: date | None = None
    late: bool = False


def write(folder: Path, today: date) -> list[Roster]:
    """Write them into ``folder`` for the month of ``today``, in the order of importing."""
    maker = Maker(Month.of(today))
    people = list(_people(maker))
    projects = maker.projects()
    agents = list(_agents(maker))
    outlets = list(_outlets(maker, projects, today))
    subscribers = list(maker.subscribers(projects, today))  # counts what expires: the figures need it
    before = [maker.before(row, today) for row in subscribers]
    earlier = [old or row for old, row in zip(before, subscribers, strict=True)]
    changed = [row for old, row in zip(before, subscribers, strict=True) if old]
    known = [figures.figures(maker, project, today) for project in projects]
    handed_down = list(targets.rows(maker, projects, known, today))
    days = list(_days(projects, known, today))
    months = [_reported(project, rows) for project, rows in zip(projects, known, strict=True)]
    return [
        _save(folder, "组织人员", people),
        *(_basics(folder, maker, projects, back) for back in range(MONTHS_OF_BASICS, -1, -1)),
        _save(folder, "项目经营指标", _past(maker, months), maker.month.plus(-1), rivals.day_of(maker, 1)),
        _save(folder, "项目经营指标", _present(maker, months)),
        _save(folder, "代理商名册", agents),
        _save(folder, "受理点名册", outlets),
        _save(folder, "受理点业务量", _business(maker, outlets)),
        _save(folder, "佣金发放", _paid(projects, known)),
        _save(folder, "用户名册", earlier, maker.month.plus(-3), maker.month.plus(-3).day(20)),
        _save(folder, "任务下达", handed_down),
        _save(folder, "日通报", days, maker.month),
        *(_rivals(folder, maker, projects, back) for back in rivals.BACK),
        _save(folder, "新项目储备", rivals.prospects(maker)),
        replace(_save(folder, "用户名册", changed, maker.month), late=True),
    ]


def _basics(folder: Path, maker: Maker, projects: list[DemoProject], back: int) -> Roster:
    rows = map(_ledger_row, rivals.basics(projects, back))
    return _save(folder, "项目基础信息台账", rows, maker.month.plus(-back), rivals.day_of(maker, back))


def _rivals(folder: Path, maker: Maker, projects: list[DemoProject], back: int) -> Roster:
    rows = rivals.offers(projects, back)
    return _save(folder, "项目竞争信息", rows, maker.month.plus(-back), rivals.day_of(maker, back))


def _save(
    folder: Path,
    title: str,
    rows: Iterable[Sequence[object]],
    month: Month | None = None,
    came_in: date | None = None,
) -> Roster:
    """Write a roster; ``month`` is the one that its file's name says."""
    name = f"{title}{month.year}年{month.month}月" if month else title
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    header = [WriteOnlyCell(sheet, value=text) for text in HEADERS[title]]
    for cell in header:
        cell.font = Font(bold=True)
    sheet.append(header)
    for row in rows:
        sheet.append(row)
    book.save(folder / f"{name}.xlsx")
    return Roster(title, folder / f"{name}.xlsx", came_in)


def _people(maker: Maker) -> Iterable[Sequence[object]]:
    yield ADMIN_NO, maker.person(), maker.phone(), "管理员", "", ""
    yield SUPERVISOR_NO, maker.person(), maker.phone(), "主管", UNIT, ""
    yield SPECIALIST_NO, maker.person(), maker.phone(), "续费专员", UNIT, ""
    for number, grid in zip(MANAGER_NOS, GRIDS, strict=True):
        yield number, maker.person(), maker.phone(), "网格经理", UNIT, grid


def _ledger_row(project: DemoProject) -> Sequence[object]:
    return (
        *(project.code, project.grid, project.name, project.street, project.built_on, project.nature),
        *(project.households, project.access, project.ports, project.property_company, project.contact),
        *(project.phone, project.rebate, f"{project.occupancy}%", project.rivals, f"{project.market_share}%"),
        *(project.agent, project.longitude, project.latitude),
    )


def _days(projects: list[DemoProject], known: list[list[figures.Figures]], today: date) -> Iterable[Sequence[object]]:
    """The daily reports of this month, each up to and with its day, the last today's."""
    for day in range(1, today.day + 1):
        for project, rows in zip(projects, known, strict=True):
            yield today.replace(day=day), project.code, project.name, *rows[0].by(day, today.day)


def _reported(project: DemoProject, rows: list[figures.Figures]) -> list[Sequence[object]]:
    """The project's months as the unit has them, the newest first."""
    return [
        (
            *(str(row.month), project.code, project.name, row.billing_users, row.revenue, row.net_adds),
            *(row.renewals_due, row.renewals_done, row.ports, row.ports_used, row.commission),
        )
        for row in figures.reported(project, rows)
    ]


def _past(maker: Maker, months: list[list[Sequence[object]]]) -> Iterable[Sequence[object]]:
    """All that was reported of months that are over."""
    return (row for rows in months for row in rows if row[0] != str(maker.month))


def _present(maker: Maker, months: list[list[Sequence[object]]]) -> Iterable[Sequence[object]]:
    """What was reported of the running month so far."""
    return (row for rows in months for row in rows if row[0] == str(maker.month))


def _agents(maker: Maker) -> Iterable[Sequence[object]]:
    for index, name in enumerate(AGENTS):
        for number in range(2 + index % 2):
            position = "业务人员" if number else "负责人"
            yield f"DL{index + 1:03d}", name, maker.person(), maker.phone(), position


def _outlets(maker: Maker, projects: list[DemoProject], today: date) -> Iterable[Sequence[object]]:
    for index, grid in enumerate(GRIDS):
        own = projects[index * PROJECTS_PER_GRID : (index + 1) * PROJECTS_PER_GRID]
        for number in range(OUTLETS_PER_GRID):
            near = maker.random.sample(own, 3)
            counter = "、".join(maker.person() for _ in range(1 + number % 2))
            yield (
                *(f"SL{index + 1:02d}{number + 1:02d}", grid, f"{near[0].name}{SHOPS[number]}", near[0].street),
                *(maker.person(), maker.phone(), _won_on(maker.month, today, index, number), counter),
                "、".join(project.code for project in near),
                *(near[0].longitude, near[0].latitude),
            )


def _paid(projects: list[DemoProject], known: list[list[figures.Figures]]) -> Iterable[Sequence[object]]:
    """What each project's agent was paid in the last months, by kind: it adds up to the project's commission."""
    for project, rows in zip(projects, known, strict=True):
        for row in rows[1 : 1 + MONTHS_PAID] if project.agent else ():
            code, total = f"DL{AGENTS.index(project.agent) + 1:03d}", round(row.commission * 100)
            taken_back = -round(total * 0.05) if row.net_adds < 0 else 0
            installs = min(row.installs * APIECE[0], total * 6 // 10)
            renewals = min(row.renewals_done * APIECE[1], total * 3 // 10)
            for kind, quantity, cents in (
                ("新装", row.installs, installs),
                ("续费", row.renewals_done, renewals),
                ("拆机扣回", row.net_adds, taken_back),
                ("考核奖励", None, total - installs - renewals - taken_back),
            ):
                if cents:
                    yield str(row.month), code, project.code, kind, quantity, cents / 100


def _business(maker: Maker, outlets: Iterable[Sequence[object]]) -> Iterable[Sequence[object]]:
    """What outlets took in orders in the months that are over, since they were won, and were paid for it."""
    for code, grid, name, *_, won_on, _staff, _near, _longitude, _latitude in outlets:
        for back in range(1, 1 + MONTHS_PAID):
            month = maker.month.plus(-back)
            if isinstance(won_on, date) and won_on <= month.first:
                orders = round(figures.WEEKS_A_MONTH * figures.strength(str(code), back))
                yield str(month), code, name, grid, orders, orders * 40


def _won_on(month: Month, today: date, grid: int, number: int) -> date:
    """One grid won an outlet last month, another this month; the others are years old."""
    if number == OUTLETS_PER_GRID - 1 and grid == WON_THIS_MONTH:
        return min(month.day(9), today)
    if number == OUTLETS_PER_GRID - 1 and grid == WON_LAST_MONTH:
        return month.plus(-1).day(14)
    return month.plus(-7 - 5 * (number + 2 * grid)).day(3 + number)
