"""What rivals offer in the demo's projects, month by month, and the new projects that the unit goes after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from desk.demo.facts import GRIDS, PROJECTS_PER_GRID, DemoProject, Maker

OPERATORS = ("电信", "移动", "长宽", "艾普", "其他")
# Months before this one of which there is a file; of this month, only what was sent so far.
BACK = (2, 1, 0)
OFFERS = {
    "电信": ("300M融合129元/月，送IPTV", "500M光纤包年999元", "千兆149元/月，楼道贴海报", "老用户续费送100元话费"),
    "移动": ("办139元套餐免费送宽带", "宽带1元体验3个月", "小区摆摊送米油，宽带0元装", "全家享199元含500M"),
    "长宽": ("100M包年480元，送路由器", "200M包两年880元", "以旧换新，包年减100元", "上门地推，当场装机"),
    "艾普": ("50M包年360元", "包年送路由器与半年电视", "学生包半年260元", "100M包年420元"),
    "其他": ("物业自营宽带包年600元", "房东代收，每月30元", "广电电视加宽带包年580元", "联通合约号送宽带"),
}
MEASURES = (
    "主推融合300M，预存返费，由代理商驻点两周",
    "对到期用户提前一个月上门，续约送提速",
    "与物业谈独家摆摊，周末在出入口促销",
    "逐栋更换楼道贴，突出提速不加价",
    "老用户推荐新装各减一个月",
)
ANSWERS = (
    "已在小区门口驻点两周，新装21户",
    "楼道贴已全部更换，附提速对比",
    "对异网到期用户逐户上门",
    "与物业签了周末独家摆摊",
)
KINDS = ("拟建楼盘", "未覆盖成熟楼盘")
DEVELOPERS = ("云泽城建置业", "江枫地产", "北城安居投资", "学府置业", "锦程开发")
COMPOUNDS = ("江枫", "望湖", "学府", "云锦", "东篱", "北辰", "长堤", "新河", "翠屏", "云栖")
ENDINGS = ("壹号", "雅苑", "公馆", "新城", "花园", "府", "广场", "小镇", "家园")
# stage, months from now of the planned approval and of the planned day in service
COURSES = (
    ("发现", 2, 20),
    ("发现", 4, 26),
    ("立项", -1, 14),
    ("立项", 1, 18),
    ("洽谈", -4, 10),
    ("洽谈", -3, 9),
    ("在建", -12, 4),
    ("在建", -14, 2),
    ("验收", -18, 0),
    ("验收", -20, 0),
)


def offers(projects: list[DemoProject], back: int) -> Iterator[Sequence[object]]:
    """The rows of 项目竞争信息 of so many months ago: each month some of the texts are new, others stay."""
    for index, project in enumerate(projects):
        if back == 0 and index % 4 == 1:
            continue  # not looked at this month yet
        texts: list[str] = []
        for place, operator in enumerate(OPERATORS):
            # Some operators came lately, some change their offer every second month.
            present = (index * 7 + place * 3) % 5 < 3 and not (place == index % 5 and back == max(BACK))
            known = OFFERS[operator]
            texts.append(known[(index + (max(BACK) - back + place) // 2) % len(known)] if present else "")
        measure = MEASURES[(index + (back == 0)) % len(MEASURES)] if index % 3 else ""
        yield project.code, project.name, *texts, measure


def prospects(maker: Maker) -> Iterator[Sequence[object]]:
    """The rows of 新项目储备: some of every stage, spread over the grids."""
    random = maker.random
    for index, (stage, approval, live) in enumerate(COURSES):
        grid = index % len(GRIDS)
        households = random.randrange(4, 24) * 60
        yield (
            *(GRIDS[grid], f"{COMPOUNDS[index % len(COMPOUNDS)]}{ENDINGS[index * 4 % len(ENDINGS)]}", maker.street()),
            *(KINDS[index % 3 == 1], random.choice(DEVELOPERS), households, round(households * 0.7)),
            *(maker.month.plus(approval).day(10), random.choice((9, 12, 14)), maker.month.plus(live).day(20), stage),
            *(maker.person(), maker.phone()),
            round(112.40 + grid * 0.03 + random.uniform(0, 0.025), 6),
            round(30.20 + random.uniform(0, 0.03), 6),
        )


def basics(projects: list[DemoProject], back: int) -> list[DemoProject]:
    """The ledger as the unit had it ``back`` months ago; of this month, the projects that were looked at so far."""
    if back == 0:
        return [project for index, project in enumerate(projects) if index % PROJECTS_PER_GRID % 5 != 3]
    return [project.before(back) for project in projects]


def day_of(maker: Maker, back: int) -> date | None:
    """When the files of so many months ago were handed in; None: today."""
    return maker.month.plus(-back).last if back else None
