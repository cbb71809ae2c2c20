"""Who is told of meetings: agent staff who are asked, when one is planned, moved or cancelled, and the day before (C1).

A notice names the grid, the time and the place; never what is to be said.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import Attendee, Meeting
from gridops.accounts.models import Membership, Role, User
from gridops.common.templatetags.gridops import day as day_name
from gridops.notices.registry import notice_kind
from gridops.notices.reminders import LATE_FOR
from gridops.notices.services import Message, Say, notify

MEETING = notice_kind("channels.meeting", gettext_lazy("Meetings with agents and outlets"))


def tell_planned(meeting: Meeting, by: User, *, again: bool = False) -> None:
    """Tell agent staff who are asked of the meeting's time and place, in the caller's transaction; each once.

    ``again``: it was cancelled meanwhile.
    """
    when = f"{meeting.starts_at.astimezone(UTC):%Y%m%d%H%M}" + (f":{meeting.version}" if again else "")
    notify(_asked(meeting, by), MEETING, f"meeting:{meeting.pk}:{when}", _planned(meeting), address(meeting))


def tell_cancelled(meeting: Meeting, by: User) -> None:
    """Tell them that it is not held."""
    key = f"meeting:{meeting.pk}:cancelled:{meeting.version}"
    notify(_asked(meeting, by), MEETING, key, _cancelled(meeting), address(meeting))


def address(meeting: Meeting) -> str:
    """Where a meeting is looked at."""
    return reverse("channels:meeting", args=[meeting.pk])


def _asked(meeting: Meeting, by: User) -> Any:
    return User.objects.filter(agent_staff__attended__meeting=meeting).exclude(pk=by.pk).distinct()


def when_of(meeting: Meeting) -> str:
    """Day and time, as people write them."""
    local = timezone.localtime(meeting.starts_at)
    return f"{day_name(local.date())} {local:%H:%M}"


def _values(meeting: Meeting) -> dict[str, str]:
    kind = _("Training") if meeting.is_training else _("Meeting")
    return {"kind": kind, "grid": meeting.grid.name, "when": when_of(meeting)}


def _place(meeting: Meeting) -> str:
    return " · ".join(filter(None, [meeting.project.name if meeting.project else "", meeting.place]))


def _planned(meeting: Meeting) -> Say:
    def say() -> tuple[str, str]:
        return _("%(kind)s of %(grid)s: %(when)s") % _values(meeting), _place(meeting)

    return say


def _cancelled(meeting: Meeting) -> Say:
    def say() -> tuple[str, str]:
        return _("%(kind)s of %(grid)s, %(when)s: cancelled") % _values(meeting), _place(meeting)

    return say


# --- Each hour ---


def due_messages(today: date) -> Iterator[Message]:
    """The day before: the grid's managers and agent staff who are asked; the days after: who has not recorded it."""
    begin, end = today - timedelta(days=LATE_FOR), today + timedelta(days=1)
    rows = Meeting.objects.filter(state=Meeting.State.PLANNED).between(begin, end)
    near = list(rows.select_related("grid", "project").order_by("starts_at", "pk"))
    if not near:
        return
    managers = Membership.objects.people_by_place(Role.GRID_MANAGER, today)
    asked: dict[int, dict[int, User]] = {}
    there = Attendee.objects.filter(meeting__in=near, staff__user__is_active=True).select_related("staff__user")
    for one in there:
        if one.staff and one.staff.user:
            asked.setdefault(one.meeting_id, {})[one.staff.user.pk] = one.staff.user
    for meeting in near:
        day, people = timezone.localdate(meeting.starts_at), managers.get(meeting.grid_id, [])
        if day == today + timedelta(days=1):
            key = f"meeting:{meeting.pk}:tomorrow:{day}"
            people = [*people, *asked.get(meeting.pk, {}).values()]
            yield from (Message(one, MEETING, key, _tomorrow(meeting), address(meeting)) for one in people)
        elif day < today:
            key = f"meeting:{meeting.pk}:unwritten:{day}"
            yield from (Message(one, MEETING, key, _unwritten(meeting), address(meeting)) for one in people)


def _tomorrow(meeting: Meeting) -> Say:
    def say() -> tuple[str, str]:
        return _("Tomorrow: %(kind)s of %(grid)s, %(when)s") % _values(meeting), _place(meeting)

    return say


def _unwritten(meeting: Meeting) -> Say:
    def say() -> tuple[str, str]:
        text = _("Write down who was there and what came of it; or move it, or cancel it.")
        return _("Was it held? %(kind)s of %(grid)s, %(when)s") % _values(meeting), text

    return say
