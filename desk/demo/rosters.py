"""Writes the seven rosters of the demo unit as a unit would hand them over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from desk.demo.facts import AGENTS, GRIDS, OUTLETS_PER_GRID, PROJECTS_PER_GRID, UNIT, DemoProject, Maker
from gridops.common.months import Month

ADMIN_NO, STAFF_NO = "A1001", "Y1001"
SUPERVISOR_NO, SPECIALIST_NO = "S1001", "R1001"
MANAGER_NOS = tuple(f"G{1001 + n}" for n in range(len(GRIDS)))
# In the order in which they are to be imported: later ones refer to earlier ones.
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
        *("坐店人员", "周边项目编码", "经度", "纬度"),
    ),
    "用户名册": (
        *("用户账号", "用户姓名", "联系电话", "装机地址", "项目编码", "项目名称"),
        *("产品", "速率", "月费", "入网日期", "到期日期", "状态"),
    ),
    "任务下达": ("月份", "网格", "发展", "净增", "续费", "端口资源利用率", "新项目洽谈", "渠道网点拓展"),
}


def write(folder: Path, today: date) -> dict[str, Path]:
    """Write them into ``folder`` for the month of ``today``. Title -> file, in the order of importing."""
    maker = Maker(Month.of(today))
    people = list(_people(maker))
    projects = maker.projects()
    agents = list(_agents(maker))
    outlets = list(_outlets(maker, projects))
    subscribers = list(maker.subscribers(projects, today))  # counts what expires: the figures need it
    rows: dict[str, Iterable[Sequence[object]]] = {
        "组织人员": people,
        "项目基础信息台账": map(_ledger_row, projects),
        "项目经营指标": _figures(maker, projects, today),
        "代理商名册": agents,
        "受理点名册": outlets,
        "用户名册": subscribers,
        "任务下达": _targets(maker, projects),
    }
    return {title: _save(folder / f"{title}.xlsx", title, rows[title]) for title in HEADERS}


def _save(file: Path, title: str, rows: Iterable[Sequence[object]]) -> Path:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    header = [WriteOnlyCell(sheet, value=text) for text in HEADERS[title]]
    for cell in header:
        cell.font = Font(bold=True)
    sheet.append(header)
    for row in rows:
        sheet.append(row)
    book.save(file)
    return file


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


def _figures(maker: Maker, projects: list[DemoProject], today: date) -> Iterable[Sequence[object]]:
    for project in projects:
        for row in maker.figures(project, today):
            yield (
                *(str(row.month), project.code, project.name, row.billing_users, row.revenue, row.net_adds),
                *(row.renewals_due, row.renewals_done, project.ports, row.ports_used, row.commission),
            )


def _agents(maker: Maker) -> Iterable[Sequence[object]]:
    for index, name in enumerate(AGENTS):
        for number in range(2 + index % 2):
            position = "业务人员" if number else "负责人"
            yield f"DL{index + 1:03d}", name, maker.person(), maker.phone(), position


def _outlets(maker: Maker, projects: list[DemoProject]) -> Iterable[Sequence[object]]:
    for index, grid in enumerate(GRIDS):
        own = projects[index * PROJECTS_PER_GRID : (index + 1) * PROJECTS_PER_GRID]
        for number in range(OUTLETS_PER_GRID):
            near = maker.random.sample(own, 3)
            counter = "、".join(maker.person() for _ in range(1 + number % 2))
            yield (
                *(f"SL{index + 1:02d}{number + 1:02d}", grid, f"{near[0].name}通信店", near[0].street),
                *(maker.person(), maker.phone(), counter, "、".join(project.code for project in near)),
                *(near[0].longitude, near[0].latitude),
            )


def _targets(maker: Maker, projects: list[DemoProject]) -> Iterable[Sequence[object]]:
    for month in (maker.month, maker.month.plus(1)):
        for grid in GRIDS:
            own = [project for project in projects if project.grid == grid]
            expiring = sum(project.expiring.get(month, 0) for project in own)
            utilisation = 100 * sum(p.subscribers for p in own) / sum(p.ports for p in own)
            yield (
                *(str(month), grid, maker.random.randrange(70, 120), maker.random.randrange(35, 70)),
                *(round(expiring * 0.85), f"{utilisation + 1.5:.1f}%", maker.random.randrange(1, 4)),
                maker.random.randrange(0, 3),
            )
