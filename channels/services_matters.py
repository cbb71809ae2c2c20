"""Matters: raised, worked at, answered, answered back; each step is kept (C1, C5).

Lock order: the matter, then its steps. What may follow what is data of ``channels.rules_matters``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.choices import MatterKind, MatterState
from channels.models import Agent, AgentStaff, Matter, MatterStep, Meeting, Outlet, Visit
from channels.notices import tell_answered, tell_owner
from channels.rules_matters import ANSWER, NOTE, PASS_ON, REOPEN, TOLD_BACK, TRANSITIONS, possible
from gridops.accounts.models import Grid, Membership, Role, User
from gridops.accounts.rulebook import rule
from gridops.accounts.services_calendar import workday_after
from projects.models import Project
from projects.services import may_edit

WHAT_LENGTH, TEXT_LENGTH = 500, 1_000
OWNING = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.RENEWAL_SPECIALIST)
AHEAD = timedelta(days=366)
STEPS = MatterStep.What


class ChangedMeanwhile(Exception):
    """Somebody else took a step since the page was shown."""


# --- Who ---


def grids_of_agent(user: User) -> Any:
    """The grids in which the agent of this member of agent staff owns a project today."""
    today = timezone.localdate()
    held = Q(projects__ownerships__ends_on__isnull=True) | Q(projects__ownerships__ends_on__gte=today)
    own = Q(projects__ownerships__agent__staff__user=user, projects__ownerships__starts_on__lte=today)
    return Grid.objects.filter(own & held).distinct().order_by("unit__name", "name")


def handles(user: User, matter: Matter) -> bool:
    """Whether the person deals with it: its owner, the grid's manager, the unit's supervisor, admins."""
    return matter.owner_id == user.pk or may_edit(user, matter.grid_id)


def asked_for(user: User, matter: Matter) -> bool:
    """Whether the person belongs to those who asked: staff of the agent whom it is about."""
    if matter.agent_id is None:
        return False
    return AgentStaff.objects.filter(user=user, agent=matter.agent_id, left_on__isnull=True).exists()


def steps_for(user: User, matter: Matter) -> frozenset[str]:
    """The steps that the person may take now."""
    dealing = handles(user, matter)
    return possible(matter.state, handles=dealing) if dealing or asked_for(user, matter) else frozenset()


def owners(grid: Grid, today: date) -> Any:
    """To whom a matter of ``grid`` may be passed on: who manages it, who supervises or renews for its unit."""
    place = Q(unit=grid.unit_id) | Q(grid=grid)
    held = Membership.objects.current(today).filter(place, role__in=OWNING)
    return User.objects.filter(is_active=True, memberships__in=held).distinct().order_by("name", "pk")


def first_owner(grid: Grid, by: User, today: date) -> User:
    """Who deals with what ``by`` raises: themselves where they manage the grid, else its manager, else a supervisor."""
    if Grid.objects.managed_by(by, today).filter(pk=grid.pk).exists():
        return by
    found: User | None = User.objects.answering(Role.GRID_MANAGER, today, grid=grid).order_by("pk").first()
    found = found or User.objects.answering(Role.SUPERVISOR, today, unit=grid.unit_id).order_by("pk").first()
    if found is None:
        raise ValidationError({"owner": _("This grid has no manager and no supervisor now; choose who deals with it.")})
    return found


def due_by_default(grid: Grid, today: date) -> date:
    """The day proposed for dealing with a matter of ``grid``."""
    return workday_after(today, rule("matter_days", grid.unit))


# --- Raising ---


def raise_matter(
    grid: Grid,
    what: str,
    by: User,
    *,
    kind: str = MatterKind.PROBLEM,
    owner: User | None = None,
    due_on: date | None = None,
    agent: Agent | None = None,
    outlet: Outlet | None = None,
    project: Project | None = None,
    meeting: Meeting | None = None,
    visit: Visit | None = None,
    now: datetime,
) -> Matter:
    """Write down what was asked for or is wrong; its owner is told. ValidationError names the field that is wrong."""
    today = timezone.localdate(now)
    _demand_of_grid(grid, outlet=outlet, project=project)
    text = _text("what", what, WHAT_LENGTH)
    if kind not in MatterKind.values:
        raise ValidationError({"kind": _("There is no such kind of matter.")})
    owner = owner or first_owner(grid, by, today)
    due = due_on or due_by_default(grid, today)
    _demand_day(due, today)
    with transaction.atomic():
        matter = Matter.objects.create(
            grid=grid,
            kind=kind,
            what=text,
            agent=agent,
            outlet=outlet,
            project=project,
            meeting=meeting,
            visit=visit,
            raised_by=by,
            raised_at=now,
            owner=owner,
            due_on=due,
        )
        _step(matter, STEPS.RAISED, by, now, to=owner, due_on=due)
        if owner != by:
            tell_owner(matter)
    return matter


def _demand_of_grid(grid: Grid, **rows: Outlet | Project | None) -> None:
    for name, row in rows.items():
        if row is not None and row.grid_id != grid.pk:
            raise ValidationError({name: _("This lies in another grid.")})


def _demand_day(due: date, today: date) -> None:
    if due < today:
        raise ValidationError({"due_on": _("This day is over; choose today or a later one.")})
    if due > today + AHEAD:
        raise ValidationError({"due_on": _("This day is more than a year ahead.")})


# --- Working at it ---


def note(matter: Matter, text: str, by: User, *, now: datetime, version: int | None = None) -> Matter:
    """Write down how it goes on."""
    with _taking(NOTE, matter, by, version) as held:
        _step(held, STEPS.NOTED, by, now, text=_text("text", text, TEXT_LENGTH))
    return held


def pass_on(
    matter: Matter,
    owner: User,
    due_on: date,
    by: User,
    *,
    text: str = "",
    now: datetime,
    version: int | None = None,
) -> Matter:
    """Another person deals with it, or by another day; whoever gets it is told."""
    today = timezone.localdate(now)
    with _taking(PASS_ON, matter, by, version) as held:
        if owner.pk != held.owner_id and not owners(held.grid, today).filter(pk=owner.pk).exists():
            raise ValidationError({"owner": _("This person does not work for the matter's grid now.")})
        if due_on != held.due_on:
            _demand_day(due_on, today)
        if (owner.pk, due_on) == (held.owner_id, held.due_on):
            raise ValidationError({"owner": _("Choose another person or another day.")})
        changed = owner.pk != held.owner_id
        held.owner, held.due_on = owner, due_on
        _step(held, STEPS.PASSED_ON, by, now, text=_text("text", text, TEXT_LENGTH, False), to=owner, due_on=due_on)
        if changed and owner != by:
            tell_owner(held)
    return held


def answer(matter: Matter, text: str, by: User, *, now: datetime, version: int | None = None) -> Matter:
    """There is an answer; who raised it is told, and it stays open until whoever asked has heard it."""
    with _taking(ANSWER, matter, by, version) as held:
        held.answer = _text("text", text, TEXT_LENGTH)
        held.answered_at, held.told_at = now, None
        _step(held, STEPS.ANSWERED, by, now, text=held.answer)
        tell_answered(held, by)
    return held


def told_back(matter: Matter, by: User, *, text: str = "", now: datetime, version: int | None = None) -> Matter:
    """Whoever asked has heard the answer: the matter is closed."""
    with _taking(TOLD_BACK, matter, by, version) as held:
        held.told_at = now
        _step(held, STEPS.TOLD, by, now, text=_text("text", text, TEXT_LENGTH, False))
    return held


def reopen(matter: Matter, why: str, by: User, *, now: datetime, version: int | None = None) -> Matter:
    """The answer did not settle it: it is open again, due anew; the answer stays among its steps."""
    with _taking(REOPEN, matter, by, version) as held:
        held.answer, held.answered_at, held.told_at = "", None, None
        held.due_on = max(held.due_on, due_by_default(held.grid, timezone.localdate(now)))
        _step(held, STEPS.REOPENED, by, now, text=_text("text", why, TEXT_LENGTH), due_on=held.due_on)
        if held.owner_id != by.pk:
            tell_owner(held)
    return held


@contextmanager
def _taking(event: str, matter: Matter, by: User, version: int | None) -> Iterator[Matter]:
    """The matter, held, in a state from which ``event`` may be taken by ``by``; saved in its new state at the end."""
    transition = TRANSITIONS[event]
    with transaction.atomic():
        held = (
            Matter.objects.select_for_update(of=("self",), no_key=True).select_related("grid__unit").get(pk=matter.pk)
        )
        if version is not None and version != held.version:
            raise ChangedMeanwhile
        if not (handles(by, held) or (transition.asked and asked_for(by, held))):
            raise PermissionDenied
        if held.state not in transition.sources:
            raise ValidationError(_refusal(event, held.state))
        yield held
        held.state = transition.target or held.state
        held.version += 1
        held.save()


def _refusal(event: str, state: str) -> str:
    if event == TOLD_BACK and state == MatterState.OPEN:
        return _("There is no answer yet: nothing is closed without one.")
    if state == MatterState.CLOSED:
        return _("This matter is closed; reopen it first, and say why.")
    return _("This matter is open already.")


def _text(field: str, text: str, longest: int, needed: bool = True) -> str:
    words = "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
    if needed and not words:
        raise ValidationError({field: _("Please say it in a few words.")})
    if len(words) > longest:
        raise ValidationError({field: _("This is too long: at most %(count)s characters.") % {"count": longest}})
    return words


def _step(matter: Matter, what: str, by: User, now: datetime, **fields: Any) -> None:
    MatterStep.objects.create(matter=matter, what=what, by=by, at=now, **fields)
