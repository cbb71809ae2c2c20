"""The monthly plan as a form: its four pages, in values, for the workbook and for print (S1, S6, S7)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridops.common.templatetags.gridops import day as day_name
from gridops.common.templatetags.gridops import month as month_name
from gridops.workbooks.printed_pages import Cell, Head, Page, Pairs, Prose, Table
from plans.models import FACTOR_LABELS, ActionStep, Outcome, PlanEvent, ProjectShare, goal_label
from plans.paper import Goal, Paper, difference
from plans.results import source_title
from plans.rules import EVEN, MANUAL
from plans.rules_targets import UTILISATION

PLAN_RASTER = (6.4,) * 18
AGENT_RASTER = (6.0, 12.0, 34.0, 14.0, 14.0, 14.0)
SESSION_RASTER = (12.0, 9.0, 9.0, 28.0, 22.0, 22.0, 24.0, 12.0)


def pages_of(paper: Paper) -> list[Page]:
    """The plan's pages: the plan itself, both splits, the timetable; in the language of the moment."""
    return [_plan_page(paper), _split_page(paper), _agents_page(paper), _timetable_page(paper)]


def _titled(paper: Paper, name: str) -> str:
    return f"{name} · {paper.plan.grid.name} · {month_name(paper.plan.month)}"


def _footer() -> str:
    return _("page &P of &N")


# --- The plan ---


def _plan_page(paper: Paper) -> Page:
    blocks: list[Pairs | Table | Prose] = [_head(paper), _goals(paper)]
    if any(goal.outcome for goal in paper.goals):
        blocks.append(_outcomes(paper))
    blocks += [_carried(paper), _steps(paper), Prose(_("notes"), paper.plan.note)]
    signatures = (_("Filled in by: "), _("Reviewed by: "), _("Date: "))
    return Page(
        capfirst(_("monthly plan")),
        _titled(paper, capfirst(_("monthly plan"))),
        PLAN_RASTER,
        blocks,
        signatures=signatures,
        footer=_footer(),
    )


def _head(paper: Paper) -> Pairs:
    plan = paper.plan
    version = _("revision %(number)s") % {"number": plan.revision}
    if paper.handed_in:
        times = ngettext("handed in once", "handed in %(number)s times", paper.handed_in)
        version += f" · {times % {'number': paper.handed_in}}"
    pairs = [
        (_("unit"), plan.grid.unit.name),
        (_("grid"), plan.grid.name),
        (_("grid manager"), paper.manager),
        (_("month"), month_name(plan.month)),
        (_("state"), str(plan.get_state_display())),
        (_("version"), version),
        (_("handed in"), _deed(paper.submission) + (f" · {_('late')}" if paper.late else "")),
        (_("decision"), _decision(paper)),
    ]
    if plan.revision_reason:
        pairs.append((_("reason for the revision"), plan.revision_reason))
    return Pairs(pairs, (2, 7))


def _decision(paper: Paper) -> str:
    event = paper.decision
    if event is None:
        return ""
    text = f"{event.get_action_display()} · {_deed(event)}"
    return f"{text}\n{event.reason}" if event.reason else text


def _deed(event: PlanEvent | None) -> str:
    """When, by whom, and for whom they stood in."""
    if event is None:
        return ""
    text = f"{timezone.localtime(event.at):%Y-%m-%d %H:%M}"
    if event.by:
        text += f" {event.by.name or event.by.employee_no}"
    if event.stands_in_for:
        text += f" ({_('deputy of')} {event.stands_in_for.name})"
    return text


def _kind(goal: str) -> str:
    return "percent" if goal == UTILISATION else "integer"


def _gap_kind(goal: str) -> str:
    return "points" if goal == UTILISATION else "signed"


def _goals(paper: Paper) -> Table:
    heads = [
        Head(_("goal"), 4),
        Head(_("target"), 3, "integer"),
        Head(_("planned"), 2, "integer"),
        Head(_("last month's target"), 3, "integer"),
        Head(_("last month's result"), 3, "integer"),
        Head(_("gap"), 3, "signed"),
    ]
    notes = []
    if paper.last_as_of:
        notes.append(_("Last month's results as known by %(day)s.") % {"day": day_name(paper.last_as_of)})
    return Table(_("Goals"), heads, [_goal_row(goal) for goal in paper.goals], notes=notes)


def _goal_row(goal: Goal) -> list[Any]:
    figures = (goal.target, goal.planned, goal.last_target, goal.last_result)
    return [
        goal_label(goal.name),
        *(Cell(value, _kind(goal.name)) for value in figures),
        Cell(goal.gap, _gap_kind(goal.name)),
    ]


def _outcomes(paper: Paper) -> Table:
    heads = [
        Head(_("goal"), 4),
        Head(_("planned"), 3, "integer"),
        Head(_("result"), 3, "integer"),
        Head(_("gap"), 3, "signed"),
        Head(_("as of"), 2, "date"),
        Head(_("source"), 3),
    ]
    rows = [_outcome_row(goal.outcome) for goal in paper.goals if goal.outcome]
    return Table(_("What became of it"), heads, rows)


def _outcome_row(outcome: Outcome) -> list[Any]:
    kind = _kind(outcome.goal)
    return [
        goal_label(outcome.goal),
        Cell(outcome.planned, kind),
        Cell(outcome.done, kind),
        Cell(difference(outcome.done, outcome.planned), _gap_kind(outcome.goal)),
        outcome.as_of,
        _source(outcome),
    ]


def _source(outcome: Outcome) -> str:
    """Where the result was read, and how many projects are not in it."""
    text = source_title(outcome.source)
    if outcome.missing:
        missing = ngettext(
            "%(number)s project had not reported", "%(number)s projects had not reported", outcome.missing
        )
        text += f" ({missing % {'number': outcome.missing}})"
    return text


def _carried(paper: Paper) -> Table:
    heads = [Head("#", 1, "integer", centred=True), Head(_("step"), 5), Head(_("project"), 4)]
    heads.append(Head(_("improvement measure"), 8))
    steps = [step for step in paper.steps if step.carried_from_id]
    rows = [[at, step.what, str(step.project or ""), _measure(step)] for at, step in enumerate(steps, start=1)]
    return Table(_("Not finished last month, and how it will be"), heads, rows, empty=_("Nothing is carried over."))


def _measure(step: ActionStep) -> str:
    """What is to make it good; of a step that was ticked off where it came from, when."""
    finished = step.carried_from.done_on if step.carried_from else None
    return step.improvement if step.improvement or not finished else f"{_('finished since')} {day_name(finished)}"


def _steps(paper: Paper) -> Table:
    heads = [
        Head("#", 1, "integer", centred=True),
        Head(_("step"), 4),
        Head(_("project"), 3),
        Head(_("person responsible"), 2),
        Head(_("by when"), 2, "date"),
        Head(_("how it is measured"), 3),
        Head(_("done"), 3),
    ]
    # a goal that fell short stands among what became of the month
    steps = [step for step in paper.steps if step.carried_from_id or not step.goal]
    rows = [
        [at, step.what, str(step.project or ""), step.who, step.due_on, step.measure, _done(step)]
        for at, step in enumerate(steps, start=1)
    ]
    return Table(_("Action steps"), heads, rows, empty=_("No action step."))


def _done(step: Any) -> str:
    if step.done_on is None:
        return ""
    return f"{step.done_on.isoformat()} {step.done_note}".strip()


# --- The splits ---


def _split_page(paper: Paper) -> Page:
    settled = any(share.done is not None for share in paper.shares)
    columns: list[tuple[Head, float]] = [
        (Head("#", kind="integer", centred=True), 5),
        (Head(_("project code"), centred=True), 15),
        (Head(_("project")), 22),
        (Head(_("existing users"), kind="integer"), 10),
        (Head(_("free ports"), kind="integer"), 10),
        (Head(_("occupancy"), kind="percent"), 10),
        (Head(_("net adds"), kind="integer"), 10),
        (Head(_("adjustment"), kind="signed"), 9),
        (Head(_("why")), 48),
        (Head(_("remark")), 24),
    ]
    if settled:
        columns.insert(7, (Head(_("result"), kind="integer"), 10))
    rows = [_share_row(at, share, paper, settled=settled) for at, share in enumerate(paper.shares, start=1)]
    table = Table(
        _("Split of net adds"),
        [head for head, _width in columns],
        rows,
        total=_share_total(paper, settled=settled),
        empty=_("The grid has no project in service."),
        notes=_split_notes(paper),
    )
    name = _("Split of net adds")
    raster = [width for _head, width in columns]
    return Page(name, _titled(paper, name), raster, [table], landscape=True, footer=_footer())


def _share_row(at: int, share: ProjectShare, paper: Paper, *, settled: bool) -> list[Any]:
    figures = paper.figures.get(share.project_id)
    known = (figures.figures.existing, figures.figures.free_ports) if figures else (None, None)
    return [
        at,
        share.project.code,
        share.project.name,
        *known,
        share.project.occupancy,
        share.net_adds,
        *([share.done] if settled else []),
        share.adjustment or None,
        why_of(share),
        share.remark,
    ]


def _share_total(paper: Paper, *, settled: bool) -> list[Any]:
    known = [paper.figures[share.project_id].figures for share in paper.shares if share.project_id in paper.figures]
    done = [share.done for share in paper.shares if share.done is not None]
    return [
        None,
        _("total"),
        None,
        sum(figures.existing for figures in known) if known else None,
        sum(figures.free_ports for figures in known) if known else None,
        None,
        sum(share.net_adds for share in paper.shares),
        *([sum(done) if done else None] if settled else []),
        None,
        None,
        None,
    ]


def _split_notes(paper: Paper) -> list[str]:
    plan, total = paper.plan, sum(share.net_adds for share in paper.shares)
    notes = []
    if plan.net_adds is not None and plan.net_adds != total:
        text = _("Planned are %(planned)s net adds, split %(total)s.")
        notes.append(text % {"planned": f"{plan.net_adds:,}", "total": f"{total:,}"})
    if plan.shortfall:
        text = _("shortfall %(number)s: no project has a free port for them")
        notes.append(text % {"number": f"{plan.shortfall:,}"})
    return notes


def why_of(share: ProjectShare) -> str:
    """What a share is made of, in words."""
    if MANUAL in share.why:
        return _("set by hand")
    if EVEN in share.why:
        return _("shared out evenly: no project has weight, or those that have are full")
    if share.why and not share.net_adds:
        return _("nothing falls to it: too little weight, or no free port")
    parts = [(name, share.why[name]) for name in FACTOR_LABELS if name in share.why]
    if not share.adjustment:
        parts = [(name, value) for name, value in parts if name != "adjustment"]
    return " · ".join(f"{FACTOR_LABELS[name]} {value:.1f}" for name, value in parts)


def _agents_page(paper: Paper) -> Page:
    heads = [
        Head("#", kind="integer", centred=True),
        Head(_("agent code"), centred=True),
        Head(_("agent")),
        Head(_("contracts expiring"), kind="integer"),
        Head(_("renewals"), kind="integer"),
        Head(_("renewal rate"), kind="percent"),
    ]
    rows: list[list[Any]] = []
    for at, share in enumerate(paper.agents, start=1):
        agent = (share.agent.code, share.agent.name) if share.agent else (None, _("manager's pool"))
        rows.append([at, *agent, share.expiring, share.renewals, _rate(share.renewals, share.expiring)])
    expiring, renewals = (sum(getattr(share, name) for share in paper.agents) for name in ("expiring", "renewals"))
    table = Table(
        _("Split of renewals"),
        heads,
        rows,
        total=[None, _("total"), None, expiring, renewals, _rate(renewals, expiring)],
        empty=_("Nobody's contract expires in this month."),
    )
    name = _("Split of renewals")
    return Page(name, _titled(paper, name), AGENT_RASTER, [table], footer=_footer())


def _rate(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


# --- The timetable ---


def _timetable_page(paper: Paper) -> Page:
    heads = [
        Head(_("day"), kind="date"),
        Head(_("weekday"), centred=True),
        Head(_("slot"), centred=True),
        Head(_("project")),
        Head(_("place")),
        Head(_("people taking part")),
        Head(_("materials")),
        Head(_("property company agreed"), centred=True),
    ]
    rows = [
        [
            session.day,
            date_format(session.day, "D"),
            str(session.get_slot_display()),
            str(session.project),
            session.place,
            session.people,
            session.materials,
            _("yes") if session.property_agreed else "",
        ]
        for session in paper.sessions
    ]
    name = _("Timetable")
    table = Table(name, heads, rows, empty=_("No promotion session is planned."), notes=_timetable_notes(paper))
    return Page(name, _titled(paper, name), SESSION_RASTER, [table], landscape=True, footer=_footer())


def _timetable_notes(paper: Paper) -> list[str]:
    number = len(paper.sessions)
    notes = [ngettext("%(number)s session.", "%(number)s sessions.", number) % {"number": number}]
    if short := paper.short_days:
        days = ", ".join(f"{day:%m-%d} ({held})" for day, held in short)
        notes.append(_("Days with fewer than %(owed)s sessions: ") % {"owed": paper.sessions_owed} + days)
    return notes
