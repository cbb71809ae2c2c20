"""What the page of a held meeting offers, and what came back from it: only what is the meeting's own (C1, C9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from channels.choices import MatterKind
from channels.models import AgendaItem, Agent, Attendee, Briefing, Matter, Meeting, Outlet
from channels.parts_trainings import people
from channels.rules_trainings import Learner
from channels.services_agenda import agents_of, matters_of, outlets_of, projects_of, today_of
from channels.services_meetings import Came, Raised, Said
from gridops.accounts.models import User
from gridops.common.forms import without_nul
from gridops.common.ids import read_id
from projects.models import Project

ROWS = 3  # empty rows for matters, and for people who came unasked
NAME_LENGTH = 60


@dataclass
class Offered:
    """The meeting's own: who was asked, what is on the agenda, what may be ticked off."""

    meeting: Meeting
    attendees: list[Attendee]
    agenda: list[AgendaItem]
    agents: dict[int, Agent]
    outlets: dict[int, Outlet]
    projects: dict[int, Project]
    answered: list[Matter]
    briefings: list[Any]  # in words
    learners: dict[int, list[Learner]] = field(default_factory=dict)
    known: set[tuple[int, str]] = field(default_factory=set)  # outlet and person, whenever trained
    may_tell: Any = None  # the briefings of those asked that the person answers for, told or not

    @classmethod
    def of(cls, meeting: Meeting, user: User) -> Offered:
        """All of it, in a constant number of queries."""
        agents, outlets = agents_of(meeting), outlets_of(meeting)
        shops = {one.pk: one for one in Outlet.objects.filter(pk__in=outlets).select_related("grid__unit")}
        day = today_of(meeting)
        may_tell = Briefing.objects.for_user(user).filter(Q(outlet__in=outlets) | Q(agent__in=agents))
        learners = people(shops.values())
        return cls(
            meeting,
            list(meeting.attendees.select_related("agent", "outlet")),
            list(meeting.agenda.all()),
            {one.pk: one for one in Agent.objects.filter(pk__in=agents)},
            shops,
            {one.pk: one for one in projects_of(meeting)},
            list(matters_of(meeting).untold().select_related("agent", "outlet")),
            may_tell.open().order_by("due_on", "pk").about(),
            {pk: [one for one in found if one.trained_on != day] for pk, found in learners.items()},
            {(pk, one.name) for pk, found in learners.items() for one in found},
            may_tell,
        )

    @property
    def subjects(self) -> list[tuple[str, str]]:
        """What a matter may be about, as its select box offers it."""
        kinds: tuple[tuple[str, Mapping[int, Any]], ...] = (
            ("agent", self.agents),
            ("outlet", self.outlets),
            ("project", self.projects),
        )
        return [(f"{kind}-{pk}", str(one)) for kind, rows in kinds for pk, one in rows.items()]

    @property
    def parties(self) -> list[tuple[str, str]]:
        """To whom somebody who came unasked may belong."""
        return [(key, name) for key, name in self.subjects if not key.startswith("project")]

    def subject(self, key: str) -> dict[str, Any]:
        """The row that a select box names; what it never offered is not found."""
        kind, _dash, number = key.partition("-")
        rows: Any = {"agent": self.agents, "outlet": self.outlets, "project": self.projects}.get(kind, {})
        if read_id(number) not in rows:
            raise Http404
        return {kind: rows[read_id(number)]}


# --- What came back ---


def read(data: QueryDict, offered: Offered) -> Said:
    """What was said; ValidationError names the part that is wrong, an id that was not offered is not found."""
    return Said(
        note=without_nul(data.get("note", "")),
        present=_own(data, "present", {one.pk for one in offered.attendees}),
        came=_came(data, offered),
        explained=_own(data, "explained", {one.pk for one in offered.agenda}),
        raised=_raised(data, offered),
        answers_told=_answers(data, offered),
        briefings=_briefings(data, offered),
        trained=_trained(data, offered),
    )


def _own(data: QueryDict, name: str, offered: set[int]) -> frozenset[int]:
    ids = _ids(data, name)
    if not ids <= offered:
        raise Http404
    return ids


def _answers(data: QueryDict, offered: Offered) -> list[Matter]:
    """Those ticked whose answer was not told back meanwhile, elsewhere."""
    asked = Q(agent__in=offered.agents) | Q(outlet__in=offered.outlets)
    known = Matter.objects.filter(asked, grid=offered.meeting.grid_id, pk__in=_ids(data, "answer"))
    ids = _own(data, "answer", set(known.values_list("pk", flat=True)))
    return [one for one in offered.answered if one.pk in ids]


def _briefings(data: QueryDict, offered: Offered) -> frozenset[int]:
    """Those ticked; of what was told meanwhile nothing changes."""
    known = offered.may_tell.filter(pk__in=_ids(data, "briefing"))
    return _own(data, "briefing", set(known.values_list("pk", flat=True)))


def _ids(data: QueryDict, name: str) -> frozenset[int]:
    return frozenset(read_id(text) for text in data.getlist(name))


def _came(data: QueryDict, offered: Offered) -> list[Came]:
    found = []
    for n in range(1, ROWS + 1):
        name = " ".join(without_nul(data.get(f"came_{n}_name", "")).split())
        if not name:
            continue
        if len(name) > NAME_LENGTH:
            raise ValidationError({f"came_{n}": _("This name is too long.")})
        found.append(Came(name, **offered.subject(data.get(f"came_{n}_of", ""))))
    return found


def rows_of(data: Mapping[str, str]) -> int:
    """How many rows for matters the page has: one more each time that it asks for more."""
    asked = read_id(str(data.get("rows", "")))
    return max(ROWS, min(asked, 20))


def _raised(data: QueryDict, offered: Offered) -> list[Raised]:
    found = []
    for n in range(1, rows_of(data) + 1):
        what = without_nul(data.get(f"matter_{n}_what", "")).strip()
        if not what:
            continue
        kind, key, due = (data.get(f"matter_{n}_{name}", "") for name in ("kind", "about", "due"))
        if kind not in MatterKind.values:
            raise ValidationError({f"matter_{n}": _("Say whether it is a problem or support asked for.")})
        if not key:
            raise ValidationError({f"matter_{n}": _("Say whom it is about: an agent, an outlet or a project.")})
        found.append(Raised(what, kind, f"matter_{n}", due_on=_day(due, f"matter_{n}"), **offered.subject(key)))
    return found


def _day(text: str, name: str) -> date | None:
    try:
        day = parse_date(text) if text else None
    except ValueError:
        day = None
    if text and day is None:
        raise ValidationError({name: _("This is not a day.")})
    return day


def _trained(data: QueryDict, offered: Offered) -> dict[Outlet, list[str]]:
    found: dict[Outlet, list[str]] = {}
    for text in data.getlist("trained"):
        number, _bar, name = text.partition("|")
        outlet = offered.outlets.get(read_id(number))
        if outlet is None or (outlet.pk, name) not in offered.known:
            raise Http404
        found.setdefault(outlet, []).append(name)
    return found
