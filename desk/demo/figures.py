"""Two years of a project's figures: its trend, the seasons, what rivals took, with a few figures to be questioned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from desk.demo.facts import DemoProject, Maker
from gridops.common.months import Month

MONTHS = 24
# What the season adds to the users of a month, in percent: after the Spring Festival, and when schools begin.
SEASON = {1: -0.4, 2: -1.0, 3: 1.2, 4: 0.5, 5: 0.2, 6: 0.0, 7: -0.5, 8: 0.3, 9: 1.3, 10: 0.7, 11: 0.3, 12: -0.1}
LOWEST_RATE, HIGHEST_RATE = 0.3, 0.98
# Projects whose figures of last month contradict each other, so that the ledger asks.
NET_ADDS_DIFFER = ("YZ01005", "YZ03012")
USERS_OVER_PORTS = ("YZ02008",)
QUESTIONED = {*NET_ADDS_DIFFER, *USERS_OVER_PORTS}
FADING = 0.2  # the part of the outlets that sell less from month to month
WEEKS_A_MONTH = 4.3
NOT_REPORTED = 4  # every so many projects (of its grid) has not sent this month's figures yet


@dataclass(slots=True)
class Figures:
    """A project's month."""

    month: Month
    billing_users: int
    net_adds: int
    revenue: float
    renewals_due: int
    renewals_done: int
    ports: int
    ports_used: int
    commission: float
    installs: int = 0

    def by(self, day: int, until: int) -> tuple[int, int, int, int]:
        """Installs, net adds, renewals and ports in use up to and with ``day``, of what there is by ``until``."""
        part = day / until
        joined = self.ports_used - round(self.net_adds * (1 - part))
        return (
            *(round(self.installs * part), round(self.net_adds * part), int(self.renewals_done * part)),
            max(0, min(self.ports, joined)),
        )


@dataclass(frozen=True, slots=True)
class Course:
    """A project's character: growth a month, since how many months rivals take users, revenue a user, renewal rate."""

    growth: float
    rivals_since: int
    fee: float
    fee_trend: float
    rate: float

    @classmethod
    def drawn(cls, random: Random) -> Course:
        """One of many; about every fourth project loses users to rivals of late."""
        return cls(
            growth=random.uniform(-0.002, 0.016),
            rivals_since=random.choice((0, 0, 0, random.randrange(3, 9))),
            fee=random.uniform(58, 84),
            fee_trend=random.uniform(-0.004, 0.003),
            rate=random.uniform(0.66, 0.93),
        )

    def share(self, month: Month, back: int, random: Random) -> float:
        """Net adds of a month as a part of the users before it."""
        taken = 0.022 if back < self.rivals_since else 0.0
        return self.growth - taken + SEASON[month.month] / 100 + random.uniform(-0.006, 0.006)

    def renewal_rate(self, back: int, random: Random) -> float:
        """The part of the contracts expiring that is renewed."""
        lost = 0.02 * max(0, self.rivals_since - back)
        return min(HIGHEST_RATE, max(LOWEST_RATE, self.rate - lost + random.uniform(-0.05, 0.05)))


def figures(maker: Maker, project: DemoProject, today: date) -> list[Figures]:
    """The project's last months, the newest first; the running one with what was done of it so far.

    Users of a month are those of the month before and its net adds, never more than ports; what is renewed was due.
    """
    random, course = maker.random, Course.drawn(maker.random)
    users, rows = sum(project.expiring.values()), []
    for back in range(MONTHS):
        month = maker.month.plus(-back)
        passed = today.day / month.length if back == 0 else 1.0
        part = course.share(month, back, random) * passed
        net = min(users, max(users - project.ports, round(users * part / (1 + part))))
        due = project.expiring.get(month, 0) or max(1, users // 18)
        revenue = round(users * course.fee * (1 - course.fee_trend) ** back * random.uniform(0.985, 1.015), 2)
        rows.append(
            Figures(
                month=month,
                billing_users=users,
                net_adds=net,
                revenue=revenue,
                renewals_due=due,
                renewals_done=int(due * course.renewal_rate(back, random) * passed),
                ports=project.ports,
                ports_used=min(project.ports, users + random.randrange(3)),
                commission=round(revenue * random.uniform(0.04, 0.06), 2),
                # who left is made up for by who came
                installs=max(0, net) + round(users * passed / 90),
            )
        )
        users -= net
    return rows


def reported(project: DemoProject, rows: list[Figures]) -> list[Figures]:
    """As the unit's file has them: last month of a few says what can't be, and some have not reported this month."""
    last = rows[1]
    if project.code in NET_ADDS_DIFFER:
        last.net_adds += 6
    if project.code in USERS_OVER_PORTS:
        last.ports = last.ports_used = max(1, last.billing_users - 8)
    missing = int(project.code[-3:]) % NOT_REPORTED == 0
    return rows[1:] if missing else rows


def strength(code: str, back: float) -> float:
    """Orders a week that an outlet takes; of some it has fallen in the two months up to now (``back`` in months)."""
    drawn = Random(f"strength {code}")  # noqa: S311 - nothing secret
    usual, fades = drawn.uniform(0.6, 7.5), drawn.random() < FADING
    return usual * (min(1.0, 0.1 + 0.3 * back) if fades else 1.0)
