"""Meetings: planned with those asked, moved, cancelled, held (C1, C9).

Holding writes all that came of it in one transaction: who was there, what was explained, matters raised and told
back, briefings told, people trained.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from channels import services_matters
from channels.choices import MatterState, Way
from channels.models import Agent, AgentStaff, Attendee, Briefing, Matter, Meeting, Outlet, OutletStaff
from channels.notices_meetings import tell_cancelled, tell_planned
from channels.services_agenda import propose, take_version
from channels.services_news import told
from channels.services_trainings import trained
from gridops.accounts.models import User
from projects.models import Project

State = Meeting.State


# --- Planning ---


def plan(meeting: Meeting, agents: Iterable[Agent], outlets: Iterable[Outlet], by: User, now: datetime) -> Meeting:
    """A new meeting: who is asked is told, the agenda is proposed."""
    with transaction.atomic():
        meeting.made_by, meeting.made_at = by, now
        meeting.save()
        ask(meeting, agents, outlets)
        propose(meeting)
        tell_planned(meeting, by)
    return meeting


def ask(meeting: Meeting, agents: Iterable[Agent], outlets: Iterable[Outlet]) -> None:
    """Ask the people of ``agents`` and ``outlets``, and no others; of whom it was said that they were there stays."""
    wanted_agents, wanted_outlets = {one.pk: one for one in agents}, {one.pk: one for one in outlets}
    asked = list(meeting.attendees.all())
    gone = [
        one.pk
        for one in asked
        if one.present is None and one.agent_id not in wanted_agents and one.outlet_id not in wanted_outlets
    ]
    meeting.attendees.filter(pk__in=gone).delete()
    there = {(one.agent_id, one.outlet_id) for one in asked}
    new_agents = [agent for pk, agent in wanted_agents.items() if (pk, None) not in there]
    new_outlets = [outlet for pk, outlet in wanted_outlets.items() if (None, pk) not in there]
    rows = [*_people_of_agents(meeting, new_agents), *_people_of_outlets(meeting, new_outlets)]
    Attendee.objects.bulk_create(rows, ignore_conflicts=True)


def _people_of_agents(meeting: Meeting, agents: Sequence[Agent]) -> Iterable[Attendee]:
    working = AgentStaff.objects.working(timezone.localdate(meeting.starts_at))
    staff = working.filter(agent__in=agents).order_by("agent", "name")
    found: dict[int, list[AgentStaff]] = {}
    for one in staff:
        found.setdefault(one.agent_id, []).append(one)
    for agent in agents:
        for person in found.get(agent.pk, []):
            yield Attendee(meeting=meeting, agent=agent, staff=person, name=person.name)
        if agent.pk not in found:
            yield Attendee(meeting=meeting, agent=agent, name=(agent.contact or agent.name)[:60])


def _people_of_outlets(meeting: Meeting, outlets: Sequence[Outlet]) -> Iterable[Attendee]:
    found: dict[int, list[str]] = {one.pk: [one.owner_name] if one.owner_name else [] for one in outlets}
    for pk, name in OutletStaff.objects.filter(outlet__in=outlets).order_by("name").values_list("outlet", "name"):
        found[pk].append(name)
    for outlet in outlets:
        for name in dict.fromkeys(found[outlet.pk] or [outlet.name]):
            yield Attendee(meeting=meeting, outlet=outlet, name=name[:60])


def cancel(meeting: Meeting, why: str, by: User, version: int) -> None:
    """It is not held; who was asked is told."""
    reason = " ".join(why.split())
    if not reason:
        raise ValidationError(_("Say in a few words why it is not held."))
    with transaction.atomic():
        held = _held(meeting, version)
        if held.state != State.PLANNED:
            raise ValidationError(_("Only a planned meeting can be cancelled."))
        note = _("Cancelled: %(why)s") % {"why": reason}
        held.state, held.note = State.CANCELLED, "\n".join(filter(None, [held.note, note]))
        held.save()
        tell_cancelled(held, by)


def plan_again(meeting: Meeting, by: User, version: int) -> None:
    """A cancelled meeting is held after all."""
    with transaction.atomic():
        held = _held(meeting, version)
        if held.state != State.CANCELLED:
            raise ValidationError(_("This meeting is not cancelled."))
        held.state = State.PLANNED
        held.save()
        tell_planned(held, by, again=True)


def _held(meeting: Meeting, version: int) -> Meeting:
    """The meeting as it stands, ours until the transaction ends."""
    take_version(meeting, version)
    return Meeting.objects.select_related("grid__unit").get(pk=meeting.pk)


# --- Holding ---


@dataclass(frozen=True, slots=True)
class Raised:
    """A matter raised at a meeting; ``row`` names where on the page it was typed."""

    what: str
    kind: str
    row: str = ""
    agent: Agent | None = None
    outlet: Outlet | None = None
    project: Project | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """Somebody who was not asked and came: of an agent or of an outlet."""

    name: str
    agent: Agent | None = None
    outlet: Outlet | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What is said about a meeting that was held."""

    note: str = ""
    present: frozenset[int] = frozenset()  # attendees
    came: Sequence[Came] = ()
    explained: frozenset[int] = frozenset()  # items of the agenda
    raised: Sequence[Raised] = ()
    answers_told: Sequence[Matter] = ()
    briefings: frozenset[int] = frozenset()
    trained: Mapping[Outlet, Sequence[str]] = field(default_factory=dict)


def hold(meeting: Meeting, said: Said, by: User, now: datetime, version: int) -> Meeting:
    """It was held: write down all that came of it, or nothing. May be added to afterwards."""
    with transaction.atomic():
        held = _held(meeting, version)
        _demand_begun(held, timezone.localdate(now))
        if not said.present and not said.came:
            raise ValidationError(_("Tick who was there; where nobody came, move the meeting or cancel it."))
        held.state, held.held_at, held.note = State.HELD, held.held_at or now, said.note.strip()
        held.save()
        _who_was_there(held, said)
        held.agenda.update(explained=False)
        held.agenda.filter(pk__in=said.explained).update(explained=True)
        for one in said.raised:
            _raise(held, one, by, now)
        for matter in said.answers_told:
            if matter.state == MatterState.ANSWERED:
                services_matters.told_back(matter, by, text=_("at the meeting"), now=now)
        told(Briefing.objects.filter(pk__in=said.briefings), Way.MEETING, by, now, meeting=held)
        for outlet, people in said.trained.items():
            trained(outlet, people, timezone.localdate(held.starts_at), by, meeting=held, now=now)
    return held


def _demand_begun(meeting: Meeting, today: date) -> None:
    if meeting.state == State.CANCELLED:
        raise ValidationError(_("This meeting was cancelled; plan it again first."))
    if timezone.localdate(meeting.starts_at) > today:
        raise ValidationError(_("This meeting lies ahead. If it was held earlier, move it to that day first."))


def _who_was_there(meeting: Meeting, said: Said) -> None:
    meeting.attendees.filter(pk__in=said.present).update(present=True)
    meeting.attendees.exclude(pk__in=said.present).update(present=False)
    for one in said.came:
        place: dict[str, Any] = {"agent": one.agent, "outlet": one.outlet}
        # somebody of that name who was asked did come, then
        Attendee.objects.update_or_create(meeting=meeting, name=one.name, **place, defaults={"present": True})


def _raise(meeting: Meeting, one: Raised, by: User, now: datetime) -> None:
    about: dict[str, Any] = {"agent": one.agent, "outlet": one.outlet, "project": one.project}
    try:
        services_matters.raise_matter(
            meeting.grid, one.what, by, kind=one.kind, due_on=one.due_on, meeting=meeting, now=now, **about
        )
    except ValidationError as refused:
        raise ValidationError({one.row: refused.messages}) from refused
