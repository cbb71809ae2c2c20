"""Who may do what: ``TABLE`` is the documentation, ``access_world.make_side`` makes what its addresses point at.

The tests are in ``test_access.py``: they take the addresses from the resolver, so one that is missing here fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.access_world import Side

# M grid manager, S supervisor, R renewal specialist, A admin, G agent staff
READERS, EVERYONE, NOBODY = "MSRA", "MSRAG", ""
Address = Callable[[Side], list[Any]]


@dataclass(frozen=True)
class Rule:
    """Who is let in (others: 403), by which methods, and the address's arguments from one side's objects.

    Without arguments the page has no object. ``own_only``: foreign objects are those of other people, whatever the
    role. ``mine``: the object is one person's, here the manager's. ``open``: works before sign-in.
    ``private``: its asker's (the grid's manager) and the admins' only. ``sent_by``: of those who look, who may send.
    ``of_unit``: it is the unit's; whoever works in one of its grids looks at it.
    """

    roles: str
    methods: str = "GET"
    address: Address | None = None
    open: bool = False
    own_only: bool = False
    private: bool = False
    mine: bool = False
    of_unit: bool = False
    sent_by: str = ""


def page(roles: str, address: Address | None = None, **more: Any) -> Rule:
    """Looked at."""
    return Rule(roles, "GET", address, **more)


def form(roles: str, address: Address | None = None, **more: Any) -> Rule:
    """Looked at, then sent."""
    return Rule(roles, "GET POST", address, **more)


def deed(roles: str, address: Address | None = None, **more: Any) -> Rule:
    """Sent only; looking at it is refused (405)."""
    return Rule(roles, "POST", address, **more)


def of(name: str) -> Address:
    """The primary key of a side's object."""
    return lambda side: [getattr(side, name).pk]


TABLE: dict[str, Rule] = {
    # first page, monitoring
    "desk:home": page(EVERYONE),
    "desk:calendar": page(READERS),
    "health": page(EVERYONE, open=True),
    # the own account
    "accounts:sign-in": form(EVERYONE, open=True),
    "accounts:sign-out": deed(EVERYONE, open=True),
    "accounts:set-up": form(EVERYONE, lambda _side: ["MQ", "x-y"], open=True, own_only=True),
    "accounts:language": deed(EVERYONE, open=True),
    "accounts:profile": form(EVERYONE),
    "accounts:password": form(EVERYONE),
    "accounts:second-factor": form(EVERYONE),
    "accounts:drop-second-factor": deed(EVERYONE),
    "accounts:menu": page(EVERYONE),
    # notices: each person's own, whatever their role
    "notices:list": page(EVERYONE),
    "notices:read-all": deed(EVERYONE),
    "notices:open": page(EVERYONE, of("notice"), mine=True),
    "notices:read": deed(EVERYONE, of("notice"), mine=True),
    "notices:settings": form(EVERYONE),
    "notices:trial": deed(EVERYONE),
    # deputies: who may have one names and ends their own
    "accounts:deputies": form(READERS),
    "accounts:end-deputy": deed("MSA", of("deputyship"), private=True),
    # leave: one's own, the supervisor's for the unit; whose it is stands in the form
    "accounts:leave": form(READERS),
    # people, rules, holidays, who looked: admins
    "accounts:holidays": form("A"),
    "accounts:people": page("A"),
    "accounts:person": form("A", of("manager")),
    "accounts:person-active": deed("A", of("manager")),
    "accounts:set-up-link": deed("A", of("manager")),
    "accounts:end-role": deed("A", of("membership")),
    "accounts:rules": form("A"),
    "accounts:access": page("A"),
    # projects: all but agent staff read; grid manager, supervisor and admin edit
    "projects:list": page(READERS),
    "projects:export": page(READERS),
    "projects:ledger": page(READERS, lambda _side: ["basics"], own_only=True),
    "projects:ledger-rows": page(READERS, lambda _side: ["basics"], own_only=True),
    "projects:ledger-save": deed("MSA", lambda _side: ["basics"], own_only=True),
    "projects:ledger-confirm": deed("MSA", lambda _side: ["basics"], own_only=True),
    "projects:ledger-layout": deed(READERS, lambda _side: ["basics"], own_only=True),
    "projects:ledger-reveal": deed(READERS, lambda _side: ["basics"], own_only=True),
    "projects:ledger-row": page(READERS, lambda side: ["basics", side.project.pk]),
    "projects:ledger-cell-history": page(READERS, lambda side: ["basics", side.project.pk, "address"]),
    "projects:ledger-export": page(READERS, lambda _side: ["basics"], own_only=True),
    "projects:analysis": page(READERS),
    "projects:analysis-export": page(READERS),
    "projects:project-analysis": page(READERS, of("project")),
    "projects:project-analysis-export": page(READERS, of("project")),
    "projects:detail": page(READERS, of("project")),
    "projects:edit": form("MSA", of("project")),
    "projects:history": page(READERS, of("project")),
    "projects:reveal": deed(READERS, of("project")),
    "projects:freshness": page(READERS),
    "projects:freshness-confirm": deed("MSA"),
    "projects:daily": page(READERS),
    "projects:daily-save": deed("MSA", lambda side: [side.grid.pk]),
    "projects:rivals": page(READERS, of("project")),
    "projects:rival-new": form("MSA", of("project")),
    "projects:rival-measure": form("MSA", of("project")),
    "projects:rival-moves": page(READERS),
    "projects:rival-moves-export": page(READERS),
    "projects:rival-edit": form("MSA", of("offer")),
    "projects:rival-answer": form("MSA", of("offer")),
    "projects:rival-again": deed("MSA", of("offer")),
    "projects:rival-photos": form("MSA", of("offer")),
    "projects:rival-remove": deed("MSA", of("offer")),
    "projects:rival-history": page(READERS, of("offer")),
    "projects:rival-photo": page(READERS, of("photo")),
    "projects:rival-photo-remove": deed("MSA", of("photo")),
    "projects:operators": form("A"),
    "projects:map": page(READERS),
    "projects:place": deed("MSA", of("project")),
    # new projects: as projects; what all of them are prepared with is the admins'
    "projects:prospects": page(READERS),
    "projects:prospect-table": page(READERS),
    "projects:prospect-export": page(READERS),
    "projects:prospect-new": form("MSA"),
    "projects:prospect": page(READERS, of("prospect")),
    "projects:prospect-edit": form("MSA", of("prospect")),
    "projects:prospect-history": page(READERS, of("prospect")),
    "projects:prospect-reveal": deed(READERS, of("prospect")),
    "projects:prospect-move": form("MSA", of("prospect")),
    "projects:prospect-live": form("MSA", of("prospect")),
    "projects:prospect-give-up": deed("MSA", of("prospect")),
    "projects:prospect-take-up": deed("MSA", of("prospect")),
    "projects:prospect-look": deed("MSA", of("prospect")),
    "projects:prospect-next-step": form("MSA", of("prospect")),
    "projects:prospect-talk": deed("MSA", of("prospect")),
    "projects:prospect-add-step": deed("MSA", of("prospect")),
    "projects:prospect-tick": deed("MSA", of("preparation")),
    "projects:prospect-due": deed("MSA", of("preparation")),
    "projects:preparations": form("A"),
    # agents and outlets: as projects; an agent works in several grids and is edited by the unit
    "channels:agents": page(READERS),
    "channels:agents-export": page(READERS),
    "channels:agent": page(READERS, of("agent")),
    "channels:my-agent": page("G"),
    "channels:agent-new": form("SA"),
    "channels:agent-edit": form("SA", of("agent")),
    "channels:reveal-agent": deed(READERS, of("agent")),
    "channels:contract-new": form("SA", of("agent")),
    "channels:contract": form("SA", of("contract")),
    "channels:contract-paper": page(EVERYONE, of("contract")),
    "channels:staff-new": form("SA", of("agent")),
    "channels:staff": form("SA", of("staff")),
    "channels:staff-sign-in": form("SA", of("staff")),
    "channels:staff-sign-in-link": deed("SA", of("staff")),
    "channels:staff-sign-in-end": deed("SA", of("staff")),
    "channels:agent-give": form("SA", of("agent")),
    "channels:owner": form("SA", of("project")),
    "channels:owner-withdraw": deed("SA", of("owner_change")),
    "renewals:agent": page(EVERYONE, of("agent")),
    "promotions:agent": page(EVERYONE, of("agent")),
    "channels:agent-history": page(READERS, of("agent")),
    "channels:reveal-staff": deed(READERS, of("staff")),
    "channels:outlets": page(READERS),
    "channels:outlets-export": page(READERS),
    "channels:outlet": page(READERS, of("outlet")),
    "channels:outlet-edit": form("MSA", of("outlet")),
    "channels:outlet-history": page(READERS, of("outlet")),
    "channels:reveal-outlet": deed(READERS, of("outlet")),
    "channels:outlet-photo": page(READERS, of("outlet")),
    "channels:outlet-photo-edit": form("MSA", of("outlet")),
    "channels:counter-new": form("MSA", of("outlet")),
    "channels:counter-edit": form("MSA", of("counter_staff")),
    "channels:counter-remove": deed("MSA", of("counter_staff")),
    "channels:reveal-counter": deed(READERS, of("counter_staff")),
    "channels:outlet-step": form("MSA", lambda side: [side.outlet.pk, "signed"]),
    "channels:pipeline": page(READERS),
    "channels:pipeline-table": page(READERS),
    "channels:pipeline-export": page(READERS),
    "channels:pipeline-new": form("MSA"),
    "channels:assessment": page(READERS),
    "channels:assessment-export": page(READERS),
    "channels:outlet-assessment": page(READERS, of("outlet")),
    "channels:around": page(READERS, of("project")),
    "channels:commission": page(EVERYONE),
    "channels:commission-chart": page(EVERYONE),
    "channels:commission-rows": page(EVERYONE),
    "channels:commission-export": page(EVERYONE),
    "channels:rates": page(EVERYONE),
    "channels:schemes": page(EVERYONE),
    "channels:scheme-new": form("SA"),
    "channels:scheme": page(EVERYONE, of("scheme"), of_unit=True),
    "channels:scheme-edit": form("SA", of("scheme")),
    "channels:scheme-end": deed("SA", of("scheme")),
    "channels:scheme-next": deed("SA", of("scheme")),
    "channels:scheme-drop": deed("SA", of("scheme")),
    "channels:scheme-history": page(EVERYONE, of("scheme"), of_unit=True),
    # input against output: all in scope read, renewal specialists write none
    "channels:weighings": page(EVERYONE),
    "channels:weighing-new": form("MSAG"),
    "channels:weighing": form(EVERYONE, of("weighing"), sent_by="MSAG"),
    "channels:weighing-copy": deed("MSAG", of("weighing")),
    "channels:weighing-drop": deed("MSAG", of("weighing")),
    "channels:weighing-paper": page(EVERYONE, of("weighing")),
    "channels:weighing-workbook": page(EVERYONE, of("weighing")),
    # the week: all in scope read
    "channels:campaigns": page(EVERYONE),
    "channels:campaign-new": form("SA"),
    "channels:campaign": page(EVERYONE, of("campaign"), of_unit=True),
    "channels:campaign-sheet": page(EVERYONE, of("campaign"), of_unit=True),
    "channels:campaign-history": page("SA", of("campaign"), of_unit=True),
    "channels:campaign-edit": form("SA", of("campaign")),
    "channels:campaign-publish": deed("SA", of("campaign")),
    "channels:campaign-end": deed("SA", of("campaign")),
    "channels:campaign-take-back": deed("SA", of("campaign")),
    "channels:campaign-copy": deed("SA", of("campaign")),
    "channels:campaign-drop": deed("SA", of("campaign")),
    "channels:campaign-file-add": deed("SA", of("campaign")),
    "channels:campaign-file": page(EVERYONE, of("campaign_file"), of_unit=True),
    "channels:campaign-file-remove": deed("SA", of("campaign_file")),
    "channels:briefings": page(READERS),
    "channels:briefings-tell": deed("MSA"),
    "channels:briefing-untell": deed("MSA", of("briefing")),
    "channels:briefing-coverage": page("SRA"),
    "channels:week": page(READERS),
    "channels:round": page("M"),
    "channels:round-print": page("M"),
    "channels:round-propose": deed("M"),
    "channels:round-change": deed("M"),
    # visits and calls: the grid's manager records, all in scope read
    "channels:pack": page("M"),
    "channels:visit-new": page("M", of("outlet")),
    "channels:visit-record": deed("M", of("outlet")),
    "channels:outlet-call": deed("M", of("outlet")),
    "channels:call-record": deed("M", of("outlet")),
    "channels:visits": page(READERS),
    "channels:visits-export": page(READERS),
    "channels:calls": page(READERS),
    "channels:calls-export": page(READERS),
    "channels:visit": page(READERS, of("visit")),
    "channels:visit-correct": form("MSA", of("visit")),
    "channels:call-correct": form("MSA", of("outlet_call")),
    "channels:visit-photo": page(READERS, of("visit_photo")),
    # meetings and trainings: planned, held and recorded by the grid; agent staff read what they are asked to
    "channels:meetings": page(EVERYONE),
    "channels:meetings-export": page(READERS),
    "channels:meeting-new": form("MSA"),
    "channels:meeting": page(EVERYONE, of("meeting")),
    "channels:meeting-edit": form("MSA", of("meeting")),
    "channels:meeting-agenda": deed("MSA", of("meeting")),
    "channels:meeting-cancel": deed("MSA", of("meeting")),
    "channels:meeting-paper": page(READERS, of("meeting")),
    "channels:meeting-history": page(READERS, of("meeting")),
    "channels:meeting-hold": form("MSA", of("meeting")),
    "channels:trainings": page(READERS),
    "channels:trainings-record": deed("MSA"),
    "channels:training-withdraw": deed("MSA", of("training")),
    "channels:outlet-trainings": form(READERS, of("outlet"), sent_by="MSA"),
    # matters: read by those of the grid and by the agent's staff; dealt with by the grid's people and the owner
    "channels:matters": page(EVERYONE),
    "channels:matters-export": page(READERS),
    "channels:matter-new": form(EVERYONE),
    "channels:matter": page(EVERYONE, of("matter")),
    "channels:matter-step": deed(EVERYONE, lambda side: [side.matter.pk, "note"], sent_by="MSAG"),
    # the visit page of the phone: the same for all who may have it; its worker and its sign hold nothing of anyone
    "channels:field": page("M"),
    "channels:field-worker": page(EVERYONE, open=True),
    "channels:field-manifest": page(EVERYONE, open=True),
    # subscribers: agent staff reach those assigned to their agent
    "renewals:subscribers": form(READERS),
    "renewals:subscribers-export": page(READERS),
    "renewals:subscriber": page(EVERYONE, of("subscriber")),
    "renewals:subscriber-history": page(READERS, of("subscriber")),
    "renewals:reveal": deed(EVERYONE, of("subscriber")),
    "renewals:reveal-number": deed(EVERYONE, of("number")),
    "renewals:subscriber-note": deed(EVERYONE, of("subscriber")),
    "renewals:subscriber-number": deed(EVERYONE, of("subscriber")),
    "renewals:number-judge": deed(EVERYONE, of("subscriber")),
    "renewals:subscriber-household": deed(EVERYONE, of("subscriber")),
    "renewals:duplicates": form(READERS),
    # today's work: whoever works at renewals; the course of a warning is read by all in scope
    "renewals:work": page("MRG"),
    "renewals:call": deed("MRG", of("warning")),
    "renewals:warning": page(EVERYONE, of("warning")),
    "renewals:record": deed("MRG", of("warning")),
    "renewals:reopen": deed("MSR", of("warning")),
    "renewals:correct": deed("MRG", of("contact")),
    "renewals:contact-photo": page(EVERYONE, of("contact_photo")),
    # warning lists
    "renewals:lists": page(EVERYONE),
    # the specialist's list beside ours: the unit decides, a manager reads what is about own grids
    "renewals:reconcile": page(READERS),
    "renewals:reconcile-unit": page(READERS, lambda side: [side.unit.pk], own_only=True),
    "renewals:reconcile-export": page(READERS, lambda side: [side.unit.pk], own_only=True),
    "renewals:reconcile-decide": deed("SRA", lambda side: [side.unit.pk], own_only=True),
    "renewals:reconcile-undo": deed("SRA", of("difference")),
    "renewals:list": page(READERS, of("warning_list")),
    "renewals:hand-out": deed(READERS, of("warning_list")),
    "renewals:list-sheets": page(READERS, of("warning_list")),
    "renewals:own-sheet": page("G"),
    "renewals:reports": page(READERS),
    # what lags, and what people do about it
    "renewals:follow": page(READERS),
    "renewals:follow-export": page(READERS),
    "renewals:my-figures": page("G"),
    "renewals:anomalies": page(READERS),
    "renewals:task-make": deed(READERS, lambda side: [side.unit.pk, "2026-12"], own_only=True),
    "renewals:tasks": page(READERS),
    "renewals:task-new": form(READERS),
    "renewals:task-done": deed(READERS, of("task")),
    "renewals:task-reopen": deed(READERS, of("task")),
    # plans: the manager writes and submits, the unit reviews; targets come from the unit
    "plans:list": page(READERS),
    "plans:inbox": page("SA"),
    "plans:plan": form(READERS, of("plan"), sent_by="M"),
    "plans:cells": deed("M", of("plan")),
    "plans:step-new": deed("M", of("plan")),
    "plans:step-restore": deed("M", of("plan")),
    "plans:step-remove": deed("M", of("step")),
    "plans:split": form(READERS, of("plan"), sent_by="M"),
    "plans:split-cells": deed("M", of("plan")),
    "plans:weights": form("SA"),
    "plans:review": page("SA", of("plan")),
    "plans:submit": deed("M", of("plan")),
    "plans:approve": deed("SA", of("plan")),
    "plans:return": deed("SA", of("plan")),
    "plans:decide": deed("SA"),
    "plans:versions": page(READERS, of("plan")),
    "plans:compare": page(READERS, of("plan")),
    "plans:comment": deed("MSA", of("plan")),
    "plans:comment-settle": deed("MSA", of("comment")),
    "plans:withdraw": deed("M", of("plan")),
    "plans:revise": deed("M", of("plan")),
    "plans:progress-list": page(READERS),
    "plans:progress": page(READERS, of("plan")),
    "plans:settle": deed("SA", of("plan")),
    "plans:tick": deed("M", of("step")),
    "plans:paper": page(READERS, of("plan")),
    "plans:workbook": page(READERS, of("plan")),
    "plans:workbooks": page("SA"),
    "plans:proposed-steps": page(READERS),
    "plans:propose-step": deed("MSA"),
    "plans:withdraw-step": deed("MSA"),
    "plans:targets": form("SA"),
    "plans:targets-write": deed("SA"),
    "plans:targets-export": page("SA"),
    "plans:target-split": form("SA"),
    "plans:target-split-preview": deed("SA"),
    "plans:renewal-targets": page(READERS),
    "plans:touched": form("SA"),
    "plans:take-over": deed("M", of("plan")),
    "plans:target": form("SA", lambda side: [side.grid.pk, "2026-12"]),
    # the promotion timetable of a plan
    "promotions:session": form("M", of("session")),
    "promotions:session-new": form("M", lambda side: [side.grid.pk]),
    "promotions:session-remove": deed("M", of("session")),
    # imports: everyone of what is theirs to import, each their own and the admins all; runs: admins; the progress of a
    # job is its asker's
    "workbooks:list": page(EVERYONE),
    "workbooks:upload": form(EVERYONE),
    "workbooks:template": page(EVERYONE, lambda _side: ["returned"], own_only=True),
    "workbooks:batch": page(EVERYONE, of("batch"), private=True),
    "workbooks:columns": form(EVERYONE, of("batch"), private=True),
    "workbooks:check": deed(EVERYONE, of("batch"), private=True),
    "workbooks:apply": deed(EVERYONE, of("batch"), private=True),
    "workbooks:undo": form(EVERYONE, of("batch"), private=True),
    "workbooks:again": deed(EVERYONE, of("batch"), private=True),
    "workbooks:marked": page(EVERYONE, of("batch"), private=True),
    "jobs:runs": page("A"),
    "jobs:run-month": form("A"),
    "jobs:run": page("A", of("run")),
    "jobs:run-again": deed("A", of("run")),
    "jobs:progress": page(EVERYONE, of("run"), private=True),
}
