"""Drafting next month's plans: loaded for a whole unit, computed in Python, stored in sets (S1 to S7)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone, translation

from gridops.accounts.models import Grid, Unit
from gridops.accounts.rulebook import rules_of
from gridops.common.bulk import copy_rows
from gridops.common.months import Month
from gridops.common.versions import as_text
from gridops.jobs.run import Run, describe
from plans.carry_over import Grids
from plans.material import Expiring, Material, load
from plans.material_steps import load_hints
from plans.models import GOALS, ActionStep, AgentShare, Plan, PlanEvent, ProjectShare, ProposedStep
from plans.rules import Weights, split_net_adds, split_renewals
from plans.rules_steps import Ground, Limits, Place, Step, propose
from promotions.rules import Planned, fair_rotation
from promotions.services import store_drafts

log = logging.getLogger(__name__)

WEIGHT_RULES = ("split_weight_existing", "split_weight_free_ports", "split_weight_unserved")
LIMIT_RULES = ("plan_low_utilisation", "analysis_nearly_full", "analysis_negative_months")
SUGGESTED_DAY = 20
NO_GOALS = dict.fromkeys(GOALS)


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted plan: (project, net adds, why as JSON), (agent, expiring, renewals), steps, sessions.

    ``handed_down`` is the target that its goals were taken from, as JSON.
    """

    grid: int
    goals: Sequence[object]
    handed_down: str
    shortfall: int
    projects: list[tuple[int, int, str]]
    agents: list[tuple[int | None, int, int]]
    steps: list[Step]
    sessions: list[Planned]


@dataclass(frozen=True, slots=True)
class Rules:
    """The unit's thresholds that drafting needs."""

    weights: Weights
    sessions_per_day: int
    limits: Limits
    red_percent: int

    @classmethod
    def of(cls, unit: Unit) -> Rules:
        """As set for ``unit``, in one query."""
        values = rules_of([*WEIGHT_RULES, *LIMIT_RULES, "sessions_per_day", "progress_red_percent"], unit)
        limits = Limits(*(values[name] for name in LIMIT_RULES))
        weights = Weights(*(values[name] for name in WEIGHT_RULES))
        return cls(weights, values["sessions_per_day"], limits, values["progress_red_percent"])


def draft_plans(month: Month, unit: Unit, run: Run) -> None:
    """Draft the plan of ``month`` for every grid of ``unit`` that has none yet, in one transaction (S1, S2, S6).

    When the set fails, each grid is tried by itself: a grid whose data break is recorded as a fault of the run, the
    others get their drafts.
    """
    with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
        run.fence()
        # Two runs for one unit and month, the early and the due one, come one after the other.
        Unit.objects.held(unit.pk)
        rules, now = Rules.of(unit), timezone.now()
        grids = Grid.objects.filter(unit=unit).exclude(plans__month=month.first)
        try:
            with transaction.atomic():
                _draft(grids, month, rules, now)
        except OperationalError:
            raise
        except Exception as error:
            log.error("plans of unit %s for %s fail, trying grid by grid: %s", unit.pk, month, describe(error))
            _grid_by_grid(list(grids.order_by("pk")), month, rules, now, run)


def _grid_by_grid(grids: list[Grid], month: Month, rules: Rules, now: datetime, run: Run) -> None:
    for number, grid in enumerate(grids):
        run.progress(number, len(grids), "grids")
        try:
            with transaction.atomic():
                _draft(Grid.objects.filter(pk=grid.pk), month, rules, now)
        except OperationalError:
            raise
        except Exception as error:
            run.fault(grid.name, describe(error))


def _draft(grids: Grids, month: Month, rules: Rules, now: datetime) -> None:
    today = timezone.localdate(now)
    materials, hints = load(grids, month, today), load_hints(grids, month, today, rules.red_percent)
    for material in materials:
        material.hints = hints.get(material.grid, material.hints)
    store([compute(material, month, rules) for material in materials], month, now)


def compute(material: Material, month: Month, rules: Rules) -> Draft:
    """One grid's draft from its material: no queries."""
    goals = material.target or NO_GOALS
    wanted = goals["net_adds"]
    split = split_net_adds(wanted or 0, [project.figures for project in material.projects], rules.weights)
    projects = [
        (
            project.id,
            split.net_adds[project.figures.code],
            json.dumps(split.why(project.figures.code)) if wanted else "{}",
        )
        for project in material.projects
    ]
    agents = agent_shares(goals["renewals"] or 0, material.expiring)
    sessions = fair_rotation(
        [project.id for project in material.projects], month.days, rules.sessions_per_day, material.sessions
    )
    steps = _carried(material) + _proposed(material, goals, split.net_adds, month, rules.limits)
    steps += _suggested(material, month, {(step.what, step.project) for step in steps})
    taken = json.dumps(taken_over(material.target)) if material.target else "{}"
    return Draft(material.grid, list(goals.values()), taken, split.shortfall, projects, agents, steps, sessions)


def taken_over(target: Mapping[str, object]) -> dict[str, str]:
    """``Plan.handed_down`` of a plan that takes over ``target``: goal -> value as text, empty for none."""
    return {name: as_text(target[name]) for name in GOALS}


def agent_shares(target: int, expiring: Sequence[Expiring]) -> list[tuple[int | None, int, int]]:
    """(agent, contracts expiring, renewals): the target split over agents and pool; nobody: all is the pool's."""
    rows = list(expiring) or ([Expiring(None, "", 0)] if target else [])
    shares = split_renewals(target, {row.code: row.number for row in rows})
    return [(row.agent, row.number, shares[row.code]) for row in rows]


def _carried(material: Material) -> list[Step]:
    return [
        Step(one.what, one.project, one.who or material.manager, None, one.measure, one.step, one.goal)
        for one in material.unfinished
    ]


def _suggested(material: Material, month: Month, known: Set[tuple[str, int | None]]) -> list[Step]:
    """What the analysis suggested and someone noted for this plan, unless a step says it already (P4)."""
    return [
        Step(what, project, material.manager, month.day(SUGGESTED_DAY), measure)
        for what, project, measure in material.suggested
        if (what, project) not in known
    ]


def _proposed(
    material: Material, goals: Mapping[str, object], shares: dict[str, int], month: Month, limits: Limits
) -> list[Step]:
    """A few first steps from the figures; the manager keeps, changes or removes them."""
    places = [
        Place(row.id, row.name, row.figures, row.utilisation, shares[row.figures.code]) for row in material.projects
    ]
    expiring = sum(row.number for row in material.expiring)
    pool = sum(row.number for row in material.expiring if row.agent is None)
    return propose(Ground(places, goals, expiring, pool, material.hints), month, material.manager, limits)


# --- Storing: six COPYs (or executemanys), a query and an update, whatever the number of grids ---

PLAN_COLUMNS = (
    *GOALS,
    "handed_down",
    "grid_id",
    "month",
    "revision",
    "revision_reason",
    "state",
    "note",
    "shortfall",
    "drafted_at",
    "version",
)
PROJECT_COLUMNS = ("plan_id", "project_id", "net_adds", "is_manual", "adjustment", "remark", "why")
AGENT_COLUMNS = ("plan_id", "agent_id", "expiring", "renewals")
STEP_COLUMNS = ("plan_id", "what", "project_id", "who", "due_on", "measure", "carried_from_id", "improvement", "goal")
EVENT_COLUMNS = ("plan_id", "action", "at", "reason", "late")


def store(drafts: list[Draft], month: Month, now: datetime) -> None:
    """Write the drafts in the caller's transaction."""
    first, state = month.first, Plan.State.DRAFT.value
    copy_rows(
        Plan._meta.db_table,
        PLAN_COLUMNS,
        [(*d.goals, d.handed_down, d.grid, first, 1, "", state, "", d.shortfall, now, 1) for d in drafts],
    )
    made = Plan.objects.filter(grid__in=[d.grid for d in drafts], month=first, revision=1).order_by()
    ids = dict(made.values_list("grid_id", "pk"))
    plans = [(ids[d.grid], d) for d in drafts]
    copy_rows(
        ProjectShare._meta.db_table,
        PROJECT_COLUMNS,
        ((pk, project, share, False, 0, "", why) for pk, d in plans for project, share, why in d.projects),
    )
    copy_rows(AgentShare._meta.db_table, AGENT_COLUMNS, ((pk, *row) for pk, d in plans for row in d.agents))
    copy_rows(
        ActionStep._meta.db_table,
        STEP_COLUMNS,
        (
            (pk, s.what, s.project, s.who, s.due_on, s.measure, s.carried_from, "", s.goal)
            for pk, d in plans
            for s in d.steps
        ),
    )
    drafted = PlanEvent.Action.DRAFTED.value
    copy_rows(PlanEvent._meta.db_table, EVENT_COLUMNS, ((pk, drafted, now, "", False) for pk, _ in plans))
    _take_suggested(list(ids), month, now)
    store_drafts((d.grid, planned) for d in drafts for planned in d.sessions)


def _take_suggested(grids: list[int], month: Month, now: datetime) -> None:
    """Mark the suggested steps that the drafts of ``grids`` took over, each with its step."""
    steps = ActionStep.objects.annotate(of=Coalesce("project", 0)).filter(
        plan__grid=OuterRef("grid"),
        plan__month=month.first,
        what=OuterRef("what"),
        of=Coalesce(OuterRef("project"), 0),
    )
    waiting = ProposedStep.objects.filter(grid__in=grids).waiting(month.first)
    waiting.update(taken_at=now, step=Subquery(steps.order_by("pk").values("pk")[:1]))
