"""A month's renewal target by agent: each one's share, their sum against the target, what they have won (S7, N1).

The shares are those of the plan that counts, the approved one if there is one. Without a plan the target is split in
proportion to the contracts that expire with each, as a draft would do it: a proposal, and shown as such.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from channels.models import Agent
from gridops.accounts.models import Grid
from gridops.common.months import Month
from plans.models import AgentShare, Plan, Target
from plans.rules import split_renewals
from renewals.models import Tally
from renewals.querysets_follow import counts_of
from renewals.rules_follow import Counts


@dataclass(frozen=True, slots=True)
class AgentTarget:
    """An agent's (None: the manager's pool) share of a grid's target, and what it has won of those that expire."""

    agent: Agent | None
    target: int | None
    counts: Counts

    @property
    def lacking(self) -> int | None:
        """What is still to be won."""
        return None if self.target is None else max(self.target - self.counts.renewed, 0)

    @property
    def percent(self) -> float | None:
        """Won in percent of the share."""
        return 100 * self.counts.renewed / self.target if self.target else None


@dataclass(slots=True)
class GridTarget:
    """A grid's target and its agents' shares of it; ``plan`` None: the shares are a proposal."""

    grid: Grid
    target: int | None
    plan: Plan | None
    rows: list[AgentTarget] = field(default_factory=list)

    @property
    def total(self) -> int | None:
        """What the shares add up to."""
        shares = [row.target for row in self.rows if row.target is not None]
        return sum(shares) if shares else None

    @property
    def over(self) -> int | None:
        """By how much the shares are above the target, negative below; None where one of them is missing."""
        return None if self.total is None or self.target is None else self.total - self.target

    @property
    def under(self) -> int:
        """By how much they are below it."""
        return max(-(self.over or 0), 0)

    @property
    def done(self) -> Counts:
        """All together."""
        return sum_of(row.counts for row in self.rows)

    @property
    def percent(self) -> float | None:
        """Won in percent of the target."""
        return 100 * self.done.renewed / self.target if self.target else None


def sum_of(counts: Iterable[Counts]) -> Counts:
    """The renewed and the expiring of several."""
    rows = list(counts)
    return Counts(expiring=sum(row.expiring for row in rows), renewed=sum(row.renewed for row in rows))


def targets_of(grids: Iterable[Grid], month: Month) -> list[GridTarget]:
    """The targets of ``grids``, in a constant number of queries."""
    here = {grid.pk: grid for grid in grids}
    targets = dict(Target.objects.filter(grid__in=here, month=month.first).values_list("grid", "renewals"))
    plans: dict[int, Plan] = {}
    for plan in Plan.objects.filter(grid__in=here, month=month.first).approved_first():
        plans.setdefault(plan.grid_id, plan)
    shares: dict[int, dict[int | None, int]] = defaultdict(dict)
    owner = {plan.pk: grid for grid, plan in plans.items()}
    for plan_id, agent, number in AgentShare.objects.filter(plan__in=owner).values_list("plan", "agent", "renewals"):
        shares[owner[plan_id]][agent] = number
    counts: dict[int, dict[int | None, Counts]] = defaultdict(dict)
    rows = Tally.objects.filter(warning_list__grid__in=here, warning_list__month=month.first)
    for row in rows.sums("warning_list__grid", "agent"):
        counts[row["warning_list__grid"]][row["agent"]] = counts_of(row)
    known = {agent for grid in here for agent in {**shares[grid], **counts[grid]} if agent}
    agents = Agent.objects.in_bulk(known)
    return [
        _of_grid(GridTarget(grid, targets.get(pk), plans.get(pk)), shares[pk], counts[pk], agents)
        for pk, grid in here.items()
    ]


def _of_grid(
    one: GridTarget, shares: dict[int | None, int], counts: dict[int | None, Counts], agents: dict[int, Agent]
) -> GridTarget:
    if one.plan is None and one.target is not None:
        codes = {agents[agent].code if agent else "": agent for agent in counts}
        split = split_renewals(one.target, {code: counts[agent].expiring for code, agent in codes.items()})
        shares = {codes[code]: number for code, number in split.items()}
    one.rows = [
        AgentTarget(agents.get(agent or 0), shares.get(agent, 0) if shares else None, counts.get(agent, Counts()))
        for agent in {**shares, **counts}
    ]
    one.rows.sort(key=lambda row: (row.agent is None, row.agent.code if row.agent else ""))
    return one
