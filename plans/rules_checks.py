"""What the handbook asks of a plan and this one lacks: pure functions over what was read of it (S1 to S4, S6, S7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridops.common.months import Month
from gridops.common.templatetags.gridops import day as day_name
from gridops.common.templatetags.gridops import figure
from gridops.common.versions import as_text
from plans.models import GOALS, ActionStep, AgentShare, Plan, ProjectShare, goal_label
from plans.rules_targets import moves

NAMED = 5
SPLIT, WARNINGS = "split", "warnings"  # pages other than the plan's own


@dataclass(frozen=True, slots=True)
class Problem:
    """Something found in a plan; an error keeps it from being submitted.

    ``rule`` is the handbook's id. ``anchor`` names its place on the plan's page, or on ``page`` where that is another.
    """

    text: str
    error: bool = False
    rule: str = ""
    anchor: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """The promotion sessions of a day: how many, and how many lack something (S3, S4)."""

    number: int
    unagreed: int = 0
    no_people: int = 0
    no_place: int = 0
    no_materials: int = 0


@dataclass(slots=True)
class Facts:
    """What the checks of one plan look at."""

    plan: Plan
    owed: int
    target: Mapping[str, Any] | None = None
    shares: list[ProjectShare] = field(default_factory=list)
    agents: list[AgentShare] = field(default_factory=list)
    steps: list[ActionStep] = field(default_factory=list)
    held: dict[date, Held] = field(default_factory=dict)
    free_ports: Mapping[int, int] = field(default_factory=dict)
    expiring: Mapping[int | None, int] = field(default_factory=dict)
    has_list: bool = False
    open_comments: int = 0


def is_carried(step: ActionStep) -> bool:
    """Whether the step is last month's and still unfinished, so that it owes an improvement measure (S2)."""
    return step.carried_from is not None and step.carried_from.done_on is None and step.done_on is None


def find(facts: Facts) -> list[Problem]:
    """Errors first, then what is worth a look, each in the order of the plan's page."""
    found = [*_goals(facts), *_steps(facts), *_split(facts), *_renewals(facts), *_timetable(facts), *_review(facts)]
    return sorted(found, key=lambda problem: not problem.error)


def _named(names: Iterable[str]) -> str:
    """A few names, and that there are more."""
    kept = list(names)
    return "、".join(kept[:NAMED]) + ("…" if len(kept) > NAMED else "")


# --- Goals (S1) ---


def _goals(facts: Facts) -> Iterator[Problem]:
    plan, target = facts.plan, facts.target
    if target is None:
        yield Problem(_("The unit has not handed down a target for this month yet."), rule="S1", anchor="plan-goals")
    below = []
    for name in GOALS:
        planned, asked = getattr(plan, name), (target or {}).get(name)
        if planned is None and asked is not None:
            text = _("The goal “%(goal)s” is missing: the unit asks for %(target)s.")
            values = {"goal": goal_label(name), "target": figure(asked, name)}
            yield Problem(text % values, error=True, rule="S1", anchor=f"goal-{name}")
        elif planned is None:
            text = _("The goal “%(goal)s” is missing.") % {"goal": goal_label(name)}
            yield Problem(text, rule="S1", anchor=f"goal-{name}")
        elif asked is not None and planned < asked:
            below.append(name)
    if below and not plan.note.strip():
        text = _("Below the target: %(goals)s. Say in the notes why.") % {"goals": "、".join(map(goal_label, below))}
        yield Problem(text, rule="S1", anchor="plan-note")


# --- Steps (S1, S2) ---


def _steps(facts: Facts) -> Iterator[Problem]:
    for step in facts.steps:
        yield from _carry_over(step)
    if not facts.steps:
        yield Problem(_("There is no action step."), rule="S1", anchor="plan-steps")
    month = Month.of(facts.plan.month)
    for step in facts.steps:
        yield from _unclear(step, month)


def _carry_over(step: ActionStep) -> Iterator[Problem]:
    place, called = f"step-{step.pk}", {"step": step.what}
    if not step.what.strip():
        yield Problem(_("A step says nothing: write what it is, or remove it."), error=True, rule="S1", anchor=place)
    if is_carried(step) and not step.improvement.strip():
        text = _("Last month's unfinished step “%(step)s” needs an improvement measure.")
        yield Problem(text % called, error=True, rule="S2", anchor=place)
    elif step.carried_from is not None and step.done_on and not step.carried_from.done_on and not step.done_note:
        text = _("Last month's step “%(step)s” is marked done: say what came of it.")
        yield Problem(text % called, error=True, rule="S2", anchor=place)


def _unclear(step: ActionStep, month: Month) -> Iterator[Problem]:
    place = f"step-{step.pk}"
    lacks = [
        label
        for value, label in (
            (step.who, _("person responsible")),
            (step.due_on, _("by when")),
            (step.measure, _("how it is measured")),
        )
        if not value
    ]
    if lacks and step.what and not step.done_on:
        text = _("The step “%(step)s” does not say: %(lacks)s.") % {"step": step.what, "lacks": "、".join(lacks)}
        yield Problem(text, rule="S1", anchor=place)
    if step.due_on and not month.first <= step.due_on <= month.last and not step.done_on:
        text = _("The step “%(step)s” is due on %(day)s, outside the month of the plan.")
        yield Problem(text % {"step": step.what, "day": day_name(step.due_on)}, rule="S1", anchor=place)


# --- The split of net adds (S6) ---


def _split(facts: Facts) -> Iterator[Problem]:
    plan, shares = facts.plan, facts.shares
    if plan.net_adds is None:
        yield Problem(_("There is no net-add goal, so nothing is split."), rule="S6", anchor="goal-net_adds")
        return
    total = sum(share.net_adds for share in shares)
    if total + plan.shortfall != plan.net_adds:
        text = _("The shares add up to %(total)d, but the net-add target is %(target)d: change a figure set by hand.")
        yield _on_split(text % {"total": total, "target": plan.net_adds}, error=True)
    if plan.shortfall:
        yield _on_split(_("%(number)d net adds find no free port in any project.") % {"number": plan.shortfall})
    if without := [share.project.name for share in shares if share.net_adds == 0]:
        text = ngettext(
            "%(number)d project has no share: %(projects)s", "%(number)d projects have no share: %(projects)s",
            len(without),
        )  # fmt: skip
        yield _on_split(text % {"number": len(without), "projects": _named(without)})
    yield from _by_hand(facts)


def _by_hand(facts: Facts) -> Iterator[Problem]:
    by_hand = [share for share in facts.shares if share.is_manual]
    over = [
        share.project.name
        for share in by_hand
        if share.net_adds > max(facts.free_ports.get(share.project_id, share.net_adds), 0)
    ]
    if over:
        text = ngettext(
            "%(number)d project has more set by hand than it has free ports: %(projects)s",
            "%(number)d projects have more set by hand than they have free ports: %(projects)s",
            len(over),
        )
        yield _on_split(text % {"number": len(over), "projects": _named(over)})
    if silent := [share.project.name for share in by_hand if not share.remark.strip()]:
        text = ngettext(
            "%(number)d project has a figure set by hand without a remark that says why: %(projects)s",
            "%(number)d projects have a figure set by hand without a remark that says why: %(projects)s",
            len(silent),
        )
        yield _on_split(text % {"number": len(silent), "projects": _named(silent)})


def _on_split(text: str, error: bool = False) -> Problem:
    return Problem(text, error, "S6", "plan-split", SPLIT)


# --- Renewals (S7) ---


def _renewals(facts: Facts) -> Iterator[Problem]:
    plan, total = facts.plan, sum(share.renewals for share in facts.agents)
    again = _("split them again")
    if plan.renewals is not None and total != plan.renewals:
        text = _("The renewals by agent add up to %(total)d, but the goal is %(goal)d: %(again)s.")
        values = {"total": total, "goal": plan.renewals, "again": again}
        yield Problem(text % values, rule="S7", anchor="plan-agents")
    elif {share.agent_id: share.expiring for share in facts.agents if share.expiring} != dict(facts.expiring):
        text = _("The contracts expiring have changed since the renewals were split: %(again)s.") % {"again": again}
        yield Problem(text, rule="S7", anchor="plan-agents")
    if not facts.has_list:
        text = _("The warning list of this month is not made yet: who expires is counted from the subscribers.")
        yield Problem(text, rule="S7", page=WARNINGS)
    if pool := facts.expiring.get(None, 0):
        text = ngettext(
            "%(number)d contract expiring in the manager's pool has no agent.",
            "%(number)d contracts expiring in the manager's pool have no agent.",
            pool,
        )
        yield Problem(text % {"number": pool}, rule="S7", anchor="plan-agents")


# --- The timetable (S3, S4) ---


def _timetable(facts: Facts) -> Iterator[Problem]:
    days = Month.of(facts.plan.month).days
    if short := [day for day in days if facts.held.get(day, Held(0)).number < facts.owed]:
        text = ngettext(
            "%(number)d day has fewer than %(owed)d promotion sessions: %(days)s",
            "%(number)d days have fewer than %(owed)d promotion sessions: %(days)s",
            len(short),
        )
        values = {"number": len(short), "owed": facts.owed, "days": _named(map(day_name, short))}
        yield Problem(text % values, rule="S4", anchor=f"day-{short[0].day}")
    held = facts.held.values()
    lacks = [
        f"{what} ({number})"
        for what, number in (
            (_("agreement of the property company"), sum(day.unagreed for day in held)),
            (_("people taking part"), sum(day.no_people for day in held)),
            (_("place"), sum(day.no_place for day in held)),
            (_("materials"), sum(day.no_materials for day in held)),
        )
        if number
    ]
    if lacks:
        text = _("Promotion sessions that still lack something: %(lacks)s.")
        yield Problem(text % {"lacks": "、".join(lacks)}, rule="S3", anchor="timetable")


# --- What others asked for ---


def _review(facts: Facts) -> Iterator[Problem]:
    plan = facts.plan
    target = {name: as_text((facts.target or {}).get(name)) for name in GOALS}
    planned = {name: as_text(getattr(plan, name)) for name in GOALS}
    if facts.target and (moved := moves(plan.handed_down, target, planned)):
        text = _("The unit has changed the target since this plan was made: %(goals)s.")
        names = "、".join(goal_label(one.goal) for one in moved)
        yield Problem(text % {"goals": names}, rule="S1", anchor="target-changed")
    if facts.open_comments:
        text = ngettext(
            "%(number)d comment of the reviewer is not seen to yet.",
            "%(number)d comments of the reviewer are not seen to yet.",
            facts.open_comments,
        )
        yield Problem(text % {"number": facts.open_comments}, rule="S1", anchor="open-comments")
