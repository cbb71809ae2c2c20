"""A meeting's agenda: proposed from the month's figures, kept as it is typed and ordered (C1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from channels.choices import AgendaKind
from channels.models import AgendaItem, Campaign, Matter, Meeting, Outlet, Ownership
from channels.parts_trainings import people
from channels.rules_agenda import Item, Line, in_order, moved, propose_anew, shorten
from gridops.common.months import Month
from gridops.common.templatetags.gridops import day as day_name
from gridops.common.templatetags.gridops import month as month_name
from gridops.common.templatetags.gridops import number, percent
from projects.models import MonthlyIndicator, Project
from projects.rules import share

MOST_FIGURES = 12  # projects of which each has a line of its own figures; of more, all together
LOOK_BACK = 6  # months in which figures are looked for


class ChangedMeanwhile(Exception):
    """Somebody else changed the meeting since the page was shown."""


# --- Whom and what it concerns ---


def agents_of(meeting: Meeting) -> set[int]:
    """The agents who are asked."""
    rows = meeting.attendees.filter(agent__isnull=False).values_list("agent", flat=True)
    return {pk for pk in rows if pk}


def outlets_of(meeting: Meeting) -> set[int]:
    """The outlets that are asked."""
    rows = meeting.attendees.filter(outlet__isnull=False).values_list("outlet", flat=True)
    return {pk for pk in rows if pk}


def projects_of(meeting: Meeting) -> list[Project]:
    """The projects of the grid that the asked agents own on the day, and the one on whose site it is held."""
    day = timezone.localdate(meeting.starts_at)
    owned = Ownership.objects.on(day).filter(agent__in=agents_of(meeting)).values("project")
    rows = Project.objects.filter(Q(pk__in=owned) | Q(pk=meeting.project_id), grid=meeting.grid_id, is_active=True)
    return list(rows.order_by("code"))


def matters_of(meeting: Meeting) -> Any:
    """What the asked agents and outlets still wait for, or have not heard the answer to."""
    asked = Q(agent__in=agents_of(meeting)) | Q(outlet__in=outlets_of(meeting))
    return Matter.objects.waiting().filter(asked, grid=meeting.grid_id).order_by("due_on", "pk")


# --- Proposing ---


def propose(meeting: Meeting) -> None:
    """Propose the agenda, anew where it has been: nothing that was typed is lost."""
    items = propose_anew([_item(row) for row in meeting.agenda.all()], list(_lines(meeting)))
    kept = {item.pk for item in items if item.pk}
    meeting.agenda.exclude(pk__in=kept).delete()
    made: list[AgendaItem] = []
    changed: list[AgendaItem] = []
    for place, item in enumerate(items, start=1):
        line = item.line
        row = AgendaItem(
            pk=item.pk,
            meeting=meeting,
            position=place,
            kind=line.kind,
            project_id=line.project,
            campaign_id=line.campaign,
            matter_id=line.matter,
            text=line.text,
            proposed=item.proposed,
            explained=item.explained,
        )
        (changed if item.pk else made).append(row)
    AgendaItem.objects.bulk_create(made)
    AgendaItem.objects.bulk_update(changed, ["position", "text", "proposed"])


def _item(row: AgendaItem) -> Item:
    line = Line(row.kind, row.text, row.project_id, row.campaign_id, row.matter_id)
    return Item(line, row.proposed, row.explained, row.pk)


def _lines(meeting: Meeting) -> Iterator[Line]:
    projects = projects_of(meeting)
    yield from _figures(meeting, projects)
    yield from _campaigns(meeting)
    yield from _goals(meeting, projects)
    for matter in matters_of(meeting):
        yield Line(AgendaKind.MATTER, _of_matter(matter), matter=matter.pk)
    yield from _trainings(meeting)


def _figures(meeting: Meeting, projects: Sequence[Project]) -> Iterator[Line]:
    """How the newest month with figures ended: all projects together, and each where they are few."""
    goal = Month.of(meeting.month)
    months = [goal.plus(-n) for n in range(1, LOOK_BACK + 1)]
    rows = MonthlyIndicator.objects.filter(project__in=projects, billing_users__isnull=False)
    newest = rows.filter(month__in=[one.first for one in months]).order_by("-month").values_list("month", flat=True)
    month = newest.first() if projects else None
    if month is None:
        return
    found = rows.filter(month=month).with_net_adds([Month.of(month)])
    by_project: dict[int, Any] = {row.project_id: row for row in found}
    if len(projects) > 1:
        text = _("All %(count)s projects together in %(month)s: %(figures)s")
        if len(by_project) < len(projects):  # the rest has not been reported yet
            text = _("%(count)s of %(all)s projects together in %(month)s: %(figures)s")
        values = {"count": len(by_project), "all": len(projects), "month": month_name(month)}
        yield Line(AgendaKind.FIGURES, shorten(text % {**values, "figures": _in_words(list(by_project.values()))}))
    for project in projects if len(projects) <= MOST_FIGURES else ():
        row = by_project.get(project.pk)
        figures = _in_words([row]) if row else _("no figures yet")
        values = {"project": project.name, "month": month_name(month), "figures": figures}
        yield Line(AgendaKind.FIGURES, shorten(_("%(project)s in %(month)s: %(figures)s") % values), project.pk)


def _in_words(rows: Sequence[Any]) -> str:
    def total(name: str) -> Any:
        return None if all(getattr(row, name) is None for row in rows) else sum(getattr(row, name) or 0 for row in rows)

    both = [row for row in rows if row.renewals_due is not None and row.renewals_done is not None]
    rate = share(sum(row.renewals_done for row in both), sum(row.renewals_due for row in both))
    sockets = [row for row in rows if row.ports is not None and row.ports_used is not None]
    used = share(sum(row.ports_used for row in sockets), sum(row.ports for row in sockets))
    parts = (
        (_("billing users %(n)s"), total("billing_users"), number),
        (_("net adds %(n)s"), total("adds"), number),
        (_("renewal rate %(n)s"), rate, percent),
        (_("port utilisation %(n)s"), used, percent),
    )
    return listed(text % {"n": written(value)} for text, value, written in parts if value is not None)


def listed(parts: Iterable[str]) -> str:
    """Parts of a sentence, one after the other."""
    return pgettext("between parts of a sentence", ", ").join(parts)


def _campaigns(meeting: Meeting) -> Iterator[Line]:
    day = timezone.localdate(meeting.starts_at)
    rows = Campaign.objects.current(day).filter(Q(unit__isnull=True) | Q(unit=meeting.grid.unit_id))
    for campaign in rows.order_by("ends_on", "pk"):
        values = {"name": campaign.name, "day": day_name(campaign.ends_on), "offer": " ".join(campaign.offer.split())}
        text = _("%(name)s (until %(day)s): %(offer)s") % values
        if campaign.commission:
            text = f"{text} · " + _("commission: %(text)s") % {"text": " ".join(campaign.commission.split())}
        yield Line(AgendaKind.CAMPAIGN, shorten(text), campaign=campaign.pk)


def _goals(meeting: Meeting, projects: Sequence[Project]) -> Iterator[Line]:
    """Each project's goal of the month, as the approved plan set it (C1)."""
    rows = {row.project_id: row for row in MonthlyIndicator.objects.filter(project__in=projects, month=meeting.month)}
    month, lacking = month_name(meeting.month), []
    for project in projects:
        goal = listed(_goal(rows.get(project.pk)))
        if goal:
            values = {"project": project.name, "month": month, "goal": goal}
            yield Line(AgendaKind.GOAL, shorten(_("%(project)s, goal of %(month)s: %(goal)s") % values), project.pk)
        else:
            lacking.append(project.name)
    if lacking:
        text = _("Without a goal of %(month)s so far: %(projects)s")
        yield Line(AgendaKind.GOAL, shorten(text % {"month": month, "projects": "、".join(lacking)}))


def _goal(row: MonthlyIndicator | None) -> list[str]:
    parts = (
        (_("net adds %(n)s"), row and row.target_net_adds, number),
        (_("renewals %(n)s"), row and row.target_renewals, number),
        (_("port utilisation %(n)s"), row and row.target_port_utilisation, percent),
    )
    return [text % {"n": written(value)} for text, value, written in parts if value is not None]


def _of_matter(matter: Matter) -> str:
    if matter.answer:
        return shorten(_("%(what)s · answer: %(answer)s") % {"what": matter.what, "answer": matter.answer})
    return shorten(_("%(what)s · due on %(day)s") % {"what": matter.what, "day": day_name(matter.due_on)})


def _trainings(meeting: Meeting) -> Iterator[Line]:
    day = timezone.localdate(meeting.starts_at)
    shops = list(Outlet.objects.filter(pk__in=outlets_of(meeting)).order_by("code"))
    found = people(shops)
    due = [(shop.name, [one.name for one in found[shop.pk] if one.is_due(day)]) for shop in shops]
    told = [_("%(outlet)s (%(people)s)") % {"outlet": shop, "people": "、".join(names)} for shop, names in due if names]
    if told:
        text = _("Ordering by phone (96868) is to be shown to %(people)s") % {"people": listed(told)}
        yield Line(AgendaKind.TRAINING, shorten(text))


# --- Keeping what is typed ---


@dataclass(frozen=True, slots=True)
class Typed:
    """What came back from the agenda's form: texts and places by item, what is dropped, a new line, what is wanted."""

    texts: Mapping[int, str] = field(default_factory=dict)
    places: Mapping[int, int] = field(default_factory=dict)
    dropped: frozenset[int] = frozenset()
    new: str = ""
    move: tuple[int, int] | None = None  # which item, by how many places
    propose: bool = False


def keep_agenda(meeting: Meeting, typed: Typed, version: int) -> None:
    """Keep what was typed, in the order asked for, then propose anew if that is wanted."""
    with transaction.atomic():
        take_version(meeting, version)
        rows = {row.pk: row for row in meeting.agenda.all()}
        order = in_order(typed.places, list(rows))
        if typed.move:
            order = moved(order, *typed.move)
        emptied = {pk for pk, text in typed.texts.items() if not text.strip()}
        gone = (typed.dropped | emptied) & set(rows)
        AgendaItem.objects.filter(pk__in=gone).delete()
        kept = [rows[pk] for pk in order if pk not in gone]
        for place, row in enumerate(kept, start=1):
            row.position = place
            row.text = shorten(" ".join(typed.texts.get(row.pk, row.text).split()))
        AgendaItem.objects.bulk_update(kept, ["position", "text"])
        if new := " ".join(typed.new.split()):
            meeting.agenda.create(position=len(kept) + 1, kind=AgendaKind.OTHER, text=shorten(new))
        if typed.propose:
            propose(meeting)


def take_version(meeting: Meeting, version: int) -> None:
    """The next version of the meeting is ours, until the transaction ends."""
    if not Meeting.objects.filter(pk=meeting.pk, version=version).update(version=F("version") + 1):
        raise ChangedMeanwhile
    meeting.version = version + 1


def today_of(meeting: Meeting) -> date:
    """The day on which it is held."""
    return timezone.localdate(meeting.starts_at)
