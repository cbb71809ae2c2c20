"""What agent staff read of themselves: their agent's figures and their own, and the agent's place in each unit (S7)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from channels.models import Agent, AgentStaff
from gridops.accounts.models import Unit, User
from gridops.accounts.rulebook import rules_by_unit
from gridops.common.months import Month
from projects.models import Project
from renewals.models import Tally, WarningList
from renewals.querysets_follow import counts_of
from renewals.rules_follow import Counts, Rank, rank
from renewals.services_tally import counted_today

LEAST = "renewal_rank_least"


@dataclass(frozen=True, slots=True)
class Place:
    """An agent's figures in a unit, and its place there; the month before beside it."""

    unit: Unit
    counts: Counts
    before: Counts
    rank: Rank
    rank_before: Rank
    least: int


@dataclass(frozen=True, slots=True)
class Own:
    """What a person reads of a month."""

    agent: Agent
    person: AgentStaff
    mine: Counts
    mine_before: Counts
    places: list[Place]


def own_figures(user: User, month: Month, today: date) -> Own | None:
    """The figures of ``user`` and of their agent; None when they work for nobody. Constant queries."""
    person = AgentStaff.objects.filter(user=user).select_related("agent").first()
    if person is None:
        return None
    months = (month.first, month.plus(-1).first)
    theirs = Tally.objects.filter(agent=person.agent, warning_list__month__in=months)
    owned = Project.objects.filter(ownerships__agent=person.agent)
    places = Q(pk__in=theirs.values("warning_list__grid__unit")) | Q(pk__in=owned.values("grid__unit"))
    units = {unit.pk: unit for unit in Unit.objects.filter(places).order_by("name")}
    lists = WarningList.objects.filter(grid__unit__in=units, month=month.first)
    counted_today(list(lists.values_list("pk", flat=True)), today)
    rows = Tally.objects.filter(warning_list__month__in=months, warning_list__grid__unit__in=units)
    found: dict[tuple[int, date], dict[int, Counts]] = defaultdict(dict)
    for row in rows.exclude(agent=None).sums("warning_list__grid__unit", "warning_list__month", "agent"):
        found[row["warning_list__grid__unit"], row["warning_list__month"]][row["agent"]] = counts_of(row)
    rules = rules_by_unit([LEAST], units.values())
    shown = [
        _place(unit, person.agent_id, found[unit.pk, months[0]], found[unit.pk, months[1]], rules[unit.pk][LEAST])
        for unit in units.values()
        if person.agent_id in found[unit.pk, months[0]]
    ]
    mine = theirs.filter(staff=person).by("warning_list__month")
    return Own(person.agent, person, mine.get(months[0], Counts()), mine.get(months[1], Counts()), shown)


def _place(unit: Unit, agent: int, now: dict[int, Counts], before: dict[int, Counts], least: int) -> Place:
    return Place(
        unit,
        now.get(agent, Counts()),
        before.get(agent, Counts()),
        rank(now, agent, least),
        rank(before, agent, least),
        least,
    )
