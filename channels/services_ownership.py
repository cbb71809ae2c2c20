"""Who owns which project since when: by hand from a day on, in step with the roster; what goes along (S7).

Apps above register what moves with a project by ``on_owner_change``. A change for a day to come waits, and nothing
moves before that day. Whoever writes ownership holds the project first, then the lock below, then what the hooks need.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.models import Agent, OwnerChange, Ownership
from gridops.accounts.models import User
from gridops.common.bulk import copy_rows
from gridops.workbooks.dialect import is_postgresql
from projects.models import Project

AHEAD = timedelta(days=366)  # a day further ahead is a slip of the year


@dataclass(frozen=True, slots=True)
class Move:
    """A project (id) that passes from an agent to another; None: nobody owns it."""

    project: int
    before: int | None
    after: int | None


class OwnerHook(Protocol):
    """Open work that goes along with projects."""

    name: str

    def count(self, move: Move) -> int:
        """How much would move now."""

    def move(self, moves: Sequence[Move], by: User | None, why: str, now: datetime) -> int:
        """Move it, in the caller's transaction, in sets; how much moved."""

    def said(self, count: int) -> str:
        """``count`` in words: "12 open warnings"."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a change: carried out or waiting, and in words what went along."""

    change: OwnerChange
    along: list[str]

    @property
    def waits(self) -> bool:
        """Whether its day is yet to come."""
        return self.change.done_at is None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a change would mean, said before it is made: who has it until when, and what would go along as of today."""

    owner: Agent | None
    waits: bool
    along: list[str]
    replaced: OwnerChange | None


_hooks: dict[str, OwnerHook] = {}


def on_owner_change(hook: OwnerHook) -> None:
    """Let ``hook`` move what goes along with a project."""
    _hooks[hook.name] = hook


def in_words(moved: dict[str, int]) -> list[str]:
    """What went along, as ``OwnerChange.moved`` keeps it."""
    return [_hooks[name].said(count) for name, count in sorted(moved.items()) if count and name in _hooks]


# --- By hand ---


def first_day(project: Project) -> date | None:
    """The earliest day from which another can own ``project``: not before the last owner began, or was there last."""
    last = Ownership.objects.filter(project=project).order_by("-starts_on", "-pk").first()
    if last is None:
        return None
    return last.starts_on if last.ends_on is None else last.ends_on + timedelta(days=1)


def foresee(project: Project, agent: Agent | None, on: date, today: date) -> Foreseen:
    """What ``change_owner`` would do; ValidationError where it would refuse."""
    _check(project, agent, on, today)
    owner = _owner_on(project, today)
    move = Move(project.pk, owner.pk if owner else None, agent.pk if agent else None)
    along = in_words({name: hook.count(move) for name, hook in _hooks.items()})
    waiting = OwnerChange.objects.waiting().filter(project=project).select_related("to_agent", "by").first()
    return Foreseen(owner, on > today, along, waiting)


@transaction.atomic
def change_owner(
    project: Project, agent: Agent | None, on: date, by: User, now: datetime | None = None, why: str = ""
) -> Moved:
    """Give ``project`` to ``agent`` (None: nobody) from ``on``; a change that still waits gives way to this one.

    The ledger's agent name follows, with history, and open work goes along. ValidationError, by field, where the day
    or the agent can't be.
    """
    moment = now or timezone.now()
    today = timezone.localdate(moment)
    held = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    hold_ownership()
    _check(held, agent, on, today)
    OwnerChange.objects.waiting().filter(project=held).delete()
    owner = _owner_on(held, today)
    change = OwnerChange.objects.create(
        project=held, from_agent=owner, to_agent=agent, starts_on=on, by=by, why=why, made_at=moment
    )
    if on > today:
        return Moved(change, [])
    return _carry_out(change, held, moment)


@transaction.atomic
def withdraw(change: OwnerChange) -> bool:
    """Take back a change that still waits; False when it was carried out, or taken back, meanwhile."""
    return bool(OwnerChange.objects.waiting().filter(pk=change.pk).delete()[0])


def carry_out_due(now: datetime | None = None) -> int:
    """Carry out the changes whose day has come; those to an agent who no longer works wait. How many were."""
    moment = now or timezone.now()
    due = OwnerChange.objects.waiting().filter(starts_on__lte=timezone.localdate(moment))
    ready = due.filter(Q(to_agent=None) | Q(to_agent__is_active=True)).order_by("starts_on", "pk")
    return sum(_carry_out_one(pk, project, moment) for pk, project in list(ready.values_list("pk", "project")))


@transaction.atomic
def _carry_out_one(pk: int, project: int, now: datetime) -> bool:
    held = Project.objects.select_for_update(no_key=True).get(pk=project)
    hold_ownership()
    waiting = OwnerChange.objects.waiting().select_for_update(of=("self",)).select_related("to_agent", "by")
    change = waiting.filter(pk=pk).first()  # nobody takes it back meanwhile
    if change is None:
        return False
    _carry_out(change, held, now)
    return True


def _carry_out(change: OwnerChange, project: Project, now: datetime) -> Moved:
    """Write a change whose day has come, in the caller's transaction, which holds the project and ownership."""
    agent, owner = change.to_agent, _owner_on(project, timezone.localdate(now))
    # a roster may have given it to somebody else meanwhile
    day = max(change.starts_on, first_day(project) or change.starts_on)
    _write(project, agent, day)
    name = agent.name if agent else ""
    if project.agent_name != name:
        Project.objects.filter(pk=project.pk).update(version=F("version") + 1)
        project.version, project.agent_name = project.version + 1, name
        project.save(update_fields=["agent_name", "updated_at"])
    move = Move(project.pk, owner.pk if owner else None, agent.pk if agent else None)
    change.from_agent, change.done_at = owner, now
    change.moved = _move_along([move], change.by, change.why or _("the project changed hands"), now)
    change.save(update_fields=["from_agent", "done_at", "moved"])
    return Moved(change, in_words(change.moved))


def _write(project: Project, agent: Agent | None, day: date) -> None:
    """End who owns it the day before; who never held a whole day never did."""
    for row in Ownership.objects.filter(project=project).exclude(ends_on__lt=day):
        if row.starts_on >= day:
            row.delete()
        else:
            row.ends_on = day - timedelta(days=1)
            row.save(update_fields=["ends_on"])
    if agent is None:
        return
    # who gets back on the day after they lost it never lost it
    before = Ownership.objects.filter(project=project, agent=agent, ends_on=day - timedelta(days=1)).first()
    row = before or Ownership(project=project, agent=agent, starts_on=day)
    row.ends_on = None
    row.save()


def _owner_on(project: Project, day: date) -> Agent | None:
    rows = Ownership.objects.on(day).filter(project=project).select_related("agent")
    found = rows.order_by("-starts_on", "-pk").first()  # where two touch on a day, the later one holds
    return found.agent if found else None


def _check(project: Project, agent: Agent | None, on: date, today: date) -> None:
    earliest = first_day(project)
    if earliest and on < earliest:
        said = _("Until then it was settled who owns the project. Choose %(day)s or later.")
        raise ValidationError({"on": said % {"day": earliest.isoformat()}})
    if on > today + AHEAD:
        raise ValidationError({"on": _("Choose a day within a year from today.")})
    if agent and not agent.is_active:
        raise ValidationError({"agent": _("This agent no longer works for us.")})
    if _owner_on(project, max(on, today)) == agent:
        said = _("This agent owns the project then anyway.") if agent else _("Nobody owns the project then anyway.")
        raise ValidationError({"agent": said})


# --- By the roster ---


def hold_ownership() -> None:
    """One writer of ownership at a time, until the transaction ends; SQLite's transactions are that already."""
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [zlib.crc32(b"channels:ownership")])


@transaction.atomic
def assign_owners(day: date, by: User | None = None, now: datetime | None = None) -> int:
    """Bring ownership into line with the ledger's agent names from ``day``; returns how many projects got an owner.

    A project is owned by the one active agent of that name; a name that several agents share, or none, gives no
    owner, unless one of them was given it by hand. Set-based and idempotent: what already fits is not touched, what no
    longer fits ends the day before. Open work goes along, as when the owner is changed by hand.
    """
    hold_ownership()
    unique = Agent.objects.filter(is_active=True).order_by().values("name").annotate(n=Count("pk")).filter(n=1)
    by_name = Agent.objects.filter(name=OuterRef("agent_name"), is_active=True, name__in=unique.values("name"))
    projects = Project.objects.annotate(owner=Subquery(by_name.values("pk")[:1]))

    current = Ownership.objects.filter(ends_on__isnull=True)
    owner_now = projects.filter(pk=OuterRef("project")).values("owner")[:1]
    chosen = OwnerChange.objects.done().filter(project=OuterRef("project"), to_agent=OuterRef("agent"))
    by_hand = Q(agent__is_active=True, agent__name=F("project__agent_name")) & Exists(chosen)
    ending = current.annotate(owner=Subquery(owner_now)).exclude(Q(owner__isnull=False) & Q(owner=F("agent")))
    ended = {pk: (project, agent) for pk, project, agent in _triples(ending.exclude(by_hand))}
    Ownership.objects.filter(pk__in=ended, starts_on__gte=day).delete()  # never held a whole day
    Ownership.objects.filter(pk__in=ended).update(ends_on=day - timedelta(days=1))

    open_now = Ownership.objects.filter(ends_on__isnull=True).values("project")
    missing = projects.filter(owner__isnull=False).exclude(pk__in=open_now).values_list("pk", "owner")
    rows = [(project, owner, day) for project, owner in missing.iterator(chunk_size=5_000)]
    made = copy_rows(Ownership._meta.db_table, ["project_id", "agent_id", "starts_on"], rows)

    before = dict(ended.values())
    after = {project: owner for project, owner, _day in rows}
    moves = [Move(project, before.get(project), after.get(project)) for project in sorted({*before, *after})]
    _move_along(moves, by, _("the roster names another agent"), now or timezone.now())
    return made


def _triples(rows: Iterable[Ownership]) -> list[tuple[int, int, int]]:
    return [(row.pk, row.project_id, row.agent_id) for row in rows]


def _move_along(moves: Sequence[Move], by: User | None, why: str, now: datetime) -> dict[str, int]:
    changed = [move for move in moves if move.before != move.after]
    return {name: hook.move(changed, by, why, now) for name, hook in _hooks.items()} if changed else {}
