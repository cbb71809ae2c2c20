"""What the demo's unit hands down: by roster for the months that went, by a split over its grids for the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from desk.demo.facts import GRIDS, DemoProject, Maker
from desk.demo.figures import Figures
from desk.demo.moments import told
from gridops.accounts.models import Grid, Unit, User
from gridops.common.months import Month
from gridops.common.versions import as_text
from plans.material_targets import grid_figures
from plans.models import GOALS, Target
from plans.rules import Weights
from plans.rules_targets import split_goal
from plans.services_handdown import UNIT, Stored, Wanted, hand_down, place_of

# What a grid's month brings, in parts of its target: over, a little short, far short.
LAST_MONTH = (
    {"net_adds": 1.1, "renewals": 1.02},
    {"net_adds": 0.82, "renewals": 1.0},
    {"net_adds": 1.0, "renewals": 0.93},
)
THIS_MONTH = (
    {"net_adds": 1.12, "renewals": 0.91},
    {"net_adds": 0.9, "renewals": 1.05},
    {"net_adds": 0.66, "renewals": 0.8},
)
INSTALLS = (1.05, 0.88, 0.95)
RISE = (0.2, 0.8, 2.0)  # points of port utilisation above what there is
NEXT_MONTH = {
    "net_adds": Decimal("1.05"),
    "installs": Decimal("1.04"),
    "renewals": Decimal(1),
    "talks": Decimal(1),
    "new_outlets": Decimal(1),
}
RISE_OF_ALL = Decimal("0.5")  # points of port utilisation
CHANGED = 6  # net adds that one grid is given on top, when its draft is there already


def rows(
    maker: Maker, projects: list[DemoProject], months: list[list[Figures]], today: date
) -> Iterator[Sequence[object]]:
    """The rows of 任务下达 of the last month and this one, so that some goals are reached and some are not."""
    for back, parts in ((1, LAST_MONTH), (0, THIS_MONTH)):
        month = maker.month.plus(-back)
        passed = 1.0 if back else today.day / month.length
        for number, grid in enumerate(GRIDS):
            own = [known[back] for project, known in zip(projects, months, strict=True) if project.grid == grid]
            net_adds, renewals, installs = (
                max(least, sum(values) / passed)
                for least, values in (
                    (12.0, [row.net_adds for row in own]),
                    (4.0, [row.renewals_done for row in own]),
                    (20.0, [row.installs for row in own]),
                )
            )
            used = 100 * sum(row.ports_used for row in own) / sum(row.ports for row in own)
            yield (
                *(str(month), grid, round(installs / INSTALLS[number]), round(net_adds / parts[number]["net_adds"])),
                *(round(renewals / parts[number]["renewals"]), f"{min(98, used + RISE[number]):.1f}%"),
                *(number + 1, (number + back) % 2),
            )


def hand_down_next(unit: Unit, month: Month, by: User, now: datetime) -> None:
    """The unit's figures of ``month``, a little above this month's, split over its grids by the product's own rule."""
    before = Target.objects.filter(grid__unit=unit, month=month.plus(-1).first)
    figures = grid_figures(Grid.objects.filter(unit=unit), month, now.date())
    cells: dict[str, tuple[str, str | None]] = {}
    for goal in GOALS:
        values = [Decimal(getattr(row, goal) or 0) for row in before]
        whole: int | Decimal
        if goal in NEXT_MONTH:
            whole = round(sum(values) * NEXT_MONTH[goal])
        else:
            whole = round(sum(values, Decimal()) / len(values) + RISE_OF_ALL, 1)
        cells[place_of(UNIT, goal)] = (as_text(whole), "")
        for pk, share in split_goal(goal, whole, list(figures.values()), {}, Weights()).shares.items():
            cells[place_of(pk, goal)] = (as_text(share), "")
    with told(now):
        hand_down(Wanted(unit.pk, str(month), cells, list(GOALS)), by)


def change_one(grid: Grid, month: Month, by: User, now: datetime) -> None:
    """The grid gets more net adds when its draft is there already: its manager is shown what moved."""
    place = place_of(grid.pk, "net_adds")
    was = Stored.of(grid.unit_id, month).texts()[place]
    with told(now):
        hand_down(Wanted(grid.unit_id, str(month), {place: (str(int(was or 0) + CHANGED), was)}), by)
