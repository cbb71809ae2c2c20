"""What the pages of warning lists show of a month, from its tallies: in a constant number of queries (S7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from channels.models import Agent
from gridops.accounts.models import Grid
from renewals.models import Tally, WarningList
from renewals.querysets_follow import counts_of
from renewals.rules_follow import COUNTED, Counts
from renewals.services_tally import counted_today


@dataclass(frozen=True, slots=True)
class Share:
    """What an agent has of a list; ``agent`` None is the manager's pool."""

    agent: Agent | None
    counts: Counts

    @property
    def key(self) -> str:
        """As the filter writes it."""
        return str(self.agent.pk) if self.agent else "pool"


@dataclass(frozen=True, slots=True)
class ListOfGrid:
    """A grid with its list of the month (None: not made yet), and how each agent stands."""

    grid: Grid
    list: WarningList | None
    shares: tuple[Share, ...]

    @property
    def total(self) -> Counts:
        """All agents together."""
        return added(share.counts for share in self.shares)


def added(counts: Iterable[Counts]) -> Counts:
    """The sum."""
    rows = list(counts)
    return Counts(**{name: sum(getattr(row, name) for row in rows) for name in COUNTED})


def shares_of(lists: Collection[int], today: date) -> dict[int, tuple[Share, ...]]:
    """For each of ``lists`` (ids) its agents by code, the pool last."""
    counted_today(lists, today)
    rows = list(Tally.objects.filter(warning_list__in=lists).sums("warning_list", "agent"))
    agents = Agent.objects.in_bulk({row["agent"] for row in rows if row["agent"]})
    found: dict[int, list[Share]] = {pk: [] for pk in lists}
    for row in rows:
        found[row["warning_list"]].append(Share(agents.get(row["agent"]), counts_of(row)))
    return {pk: tuple(sorted(shares, key=_by_code)) for pk, shares in found.items()}


def _by_code(share: Share) -> tuple[bool, str]:
    return share.agent is None, share.agent.code if share.agent else ""


def lists_of(grids: Iterable[Grid], month: date, today: date) -> list[ListOfGrid]:
    """Each of ``grids`` with its list of the month that begins on ``month``."""
    grids = list(grids)
    made = {row.grid_id: row for row in WarningList.objects.filter(grid__in=grids, month=month)}
    shares = shares_of([row.pk for row in made.values()], today)
    rows = []
    for grid in grids:
        found = made.get(grid.pk)
        rows.append(ListOfGrid(grid, found, shares[found.pk] if found else ()))
    return rows
