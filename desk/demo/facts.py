"""A made-up unit: everything the rosters of the demo say, from one seed. Names, streets and numbers are invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from gridops.common.months import Month

UNIT = "云泽北城经营单位"
GRIDS = ("柳岸网格", "文昌网格", "东塘网格")
PROJECTS_PER_GRID = 20
SUBSCRIBERS = 12_000
AGENTS = ("顺达宽带服务部", "同心通信工程部", "北辰网络服务部", "万家通信科技部", "启明宽带经营部", "和顺通信服务部")
OUTLETS_PER_GRID = 6

STREETS = ("柳堤街", "槐荫路", "文昌巷", "东塘大街", "码头路", "学府路", "环湖南路", "机场支路", "石桥街", "广济路")
FIRST = ("听涛", "怡和", "书香", "云顶", "柳岸", "南苑", "嘉禾", "澜湾", "梧桐", "星河", "清溪", "盛世", "晨光", "桂语")
SECOND = ("里", "名邸", "嘉园", "佳苑", "水岸", "世家", "时代", "华庭", "新村", "大厦")
FAMILY = "陈林黄刘杨吴胡徐郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁"
GIVEN = (
    *("家明", "晓雯", "国栋", "雨桐", "志远", "美玲", "建平", "思琪", "海涛", "淑芬", "俊杰", "欣怡", "德胜", "婉清"),
    *("少峰", "玉兰", "立新", "佳慧", "振华", "秀英", "子轩", "春梅", "永康", "静怡", "向东", "丽华", "文斌", "梦洁"),
)
NATURES = ("住宅", "住宅", "住宅", "商住", "写字楼", "城中村", "安置房")
ACCESS = ("FTTH", "FTTH", "FTTH", "FTTB", "LAN")
REBATES = ("无", "按户返利，每户每年15元", "按出账收入4%返利", "每年定额3000元")
RIVALS = ("电信光纤已全覆盖", "移动推手机送宽带", "长宽包年让利", "艾普包年送路由器", "暂无明显竞争")
PLANS = (
    ("宽带100M包年", 100, 69),
    ("宽带200M包年", 200, 89),
    ("融合300M", 300, 119),
    ("融合500M", 500, 149),
    ("融合1000M", 1000, 189),
)
SIZES = (160, 240, 330, 420, 560, 700, 880, 1150, 1500, 1950, 2300)  # households, before all are scaled alike


# months from this one to a contract's end -> the terms that were added when it was renewed, each with its part of them
RENEWED: dict[int, tuple[tuple[int, float], ...]] = {
    10: ((12, 0.5),),
    11: ((12, 0.6),),
    12: ((13, 0.25), (12, 0.45)),
    13: ((13, 0.3), (12, 0.25)),
}
RENEWED_EARLY = timedelta(days=6)
RENEWED_AHEAD = 0.3  # of those whose contract ends later than that
STILL_ACTIVE = 0.4  # of those closed since the month before, when the roster before came


@dataclass(slots=True)
class DemoProject:
    """A project with its subscribers counted."""

    code: str
    grid: str
    name: str
    street: str
    built_on: date
    nature: str
    households: int
    access: str
    ports: int
    property_company: str
    contact: str
    phone: str
    rebate: str
    occupancy: int
    rivals: str
    market_share: int
    agent: str
    longitude: float
    latitude: float
    subscribers: int
    share_trend: float = 0.0  # points of market share a month
    expiring: dict[Month, int] = field(default_factory=dict)

    def before(self, months: int) -> DemoProject:
        """As the ledger had it so many months ago."""
        share = min(95, max(1, round(self.market_share - self.share_trend * months)))
        return replace(self, market_share=share, occupancy=max(40, self.occupancy - months // 2))


class Maker:
    """Draws every fact from one random source, in a fixed order: the same for the same month."""

    def __init__(self, month: Month) -> None:
        self.month = month
        self.random = Random(f"gridops {month}")  # noqa: S311 - nothing secret
        self._phones = 0

    def person(self) -> str:
        """A person's name."""
        return self.random.choice(FAMILY) + self.random.choice(GIVEN)

    def phone(self) -> str:
        """A number of a block that is given to nobody."""
        self._phones += 1
        return f"1990000{self._phones % 10_000:04d}"

    def street(self) -> str:
        """An address within the made-up town."""
        return f"云泽市北城区{self.random.choice(STREETS)}{self.random.randrange(1, 280)}号"

    def projects(self) -> list[DemoProject]:
        """All projects; together they hold exactly the subscribers of the demo."""
        count = len(GRIDS) * PROJECTS_PER_GRID
        sizes = [self.random.choice(SIZES) * self.random.uniform(0.85, 1.15) for _ in range(count)]
        share = [self.random.uniform(0.14, 0.42) for _ in range(count)]
        scale = SUBSCRIBERS / sum(size * part for size, part in zip(sizes, share, strict=True))
        users = [round(size * part * scale) for size, part in zip(sizes, share, strict=True)]
        users[0] += SUBSCRIBERS - sum(users)
        names = self.random.sample([a + b for a in FIRST for b in SECOND], count)
        return [self._project(index, names[index], round(sizes[index] * scale), users[index]) for index in range(count)]

    def _project(self, index: int, name: str, households: int, users: int) -> DemoProject:
        random = self.random
        grid, number = divmod(index, PROJECTS_PER_GRID)
        occupancy = random.randrange(55, 99)
        return DemoProject(
            code=f"YZ{grid + 1:02d}{number + 1:03d}",
            grid=GRIDS[grid],
            name=name,
            street=self.street(),
            built_on=date(random.randrange(1999, 2024), random.randrange(1, 13), 1),
            nature=random.choice(NATURES),
            households=households,
            access=random.choice(ACCESS),
            ports=-(-round(users / random.uniform(0.35, 0.96)) // 8) * 8,
            property_company=f"{random.choice(FIRST)}物业服务中心",
            contact=self.person(),
            phone=self.phone(),
            rebate=random.choice(REBATES),
            occupancy=occupancy,
            rivals=random.choice(RIVALS),
            market_share=min(95, round(100 * users / (households * occupancy / 100))),
            # Two projects of each grid have no agent: the manager follows those subscribers.
            agent=AGENTS[grid * 2 + number % 2] if number % 10 else "",
            longitude=round(112.40 + grid * 0.03 + random.uniform(0, 0.025), 6),
            latitude=round(30.20 + random.uniform(0, 0.03), 6),
            subscribers=users,
            share_trend=random.uniform(-1.4, 0.7),
        )

    def subscribers(self, projects: list[DemoProject], today: date) -> Iterator[list[object]]:
        """The rows of 用户名册; counts on the way what expires when in each project."""
        account = 0
        for project in projects:
            for number in range(project.subscribers):
                account += 1
                yield self._subscriber(project, 8800000000 + account, number, today)

    def before(self, row: list[object], today: date) -> list[object] | None:
        """A row of 用户名册 as it stood in the roster before: not yet renewed, not yet closed; None: it was like this.

        Drawn beside everything else, from the account alone.
        """
        expires, random = row[10], Random(f"before {row[0]}")  # noqa: S311 - nothing secret
        if not isinstance(expires, date):
            return None
        ahead, drawn = _months(self.month, expires), random.random()
        if row[11] != "在用":
            was_active = expires < today and (ahead < -1 or drawn < STILL_ACTIVE)
            return [*row[:11], "在用"] if was_active else None
        for term, part in RENEWED.get(ahead, ()):
            if drawn < part:
                ended = Month.of(expires).plus(-term).day(expires.day)
                if ended > today + RENEWED_EARLY and random.random() > RENEWED_AHEAD:
                    return None
                started = Month.of(ended).plus(-random.choice((12, 12, 24))).day(random.randrange(1, 29))
                return [*row[:9], started, ended, row[11]]
            drawn -= part
        return None

    def _subscriber(self, project: DemoProject, account: int, number: int, today: date) -> list[object]:
        random = self.random
        product, speed, fee = random.choice(PLANS)
        month = self.month.plus(random.randrange(-1, 23))
        expires = month.day(random.randrange(1, 29))
        ended = expires < today
        status = random.choices(("在用", "欠停", "拆机"), (55, 30, 15) if ended else (95, 3, 2))[0]
        if status == "在用":
            project.expiring[month] = project.expiring.get(month, 0) + 1
        term = 24 if month > self.month.plus(11) else random.choice((12, 12, 24))
        starts = min(month.plus(-term).first + timedelta(days=random.randrange(28)), today)
        if status != "在用" and month < self.month and account % 2:  # it left a month earlier
            expires, starts = (Month.of(day).plus(-1).day(min(day.day, 28)) for day in (expires, starts))
        home = f"{number % 12 + 1}栋{random.randrange(1, 4)}单元{random.randrange(1, 19)}{random.randrange(1, 5):02d}室"
        return [
            str(account),
            self.person(),
            self.phone(),
            f"{project.street}{project.name}{home}",
            project.code,
            project.name,
            product,
            f"{speed}M",
            fee,
            starts,
            expires,
            status,
        ]


def _months(first: Month, day: date) -> int:
    return (day.year - first.year) * 12 + day.month - first.month
