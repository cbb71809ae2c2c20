"""Who is told of matters: whoever has to deal with one, and whoever asked, once there is an answer (C1, C5).

A notice leaves the app: it names the agent, outlet or project, never what was written down about it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels import notices_meetings, notices_news
from channels.choices import MatterState
from channels.models import AgentStaff, Matter
from gridops.accounts.models import Membership, User
from gridops.common.templatetags.gridops import day as day_name
from gridops.notices.registry import notice_kind
from gridops.notices.reminders import LATE_FOR, in_lines, is_time
from gridops.notices.services import Message, Say, notify, notify_each

MATTER = notice_kind("channels.matter", gettext_lazy("Problems and support asked for"))


def tell_owner(matter: Matter) -> None:
    """Tell whoever has to deal with ``matter`` now, in the caller's transaction."""
    notify([matter.owner], MATTER, f"matter:{matter.pk}:owner:{matter.version}", _yours(matter), address(matter))


def tell_answered(matter: Matter, by: User) -> None:
    """There is an answer: who raised it and who deals with it tell it on; the agent's staff who asked read it."""
    people = {user.pk: user for user in (matter.raised_by, matter.owner) if user.pk != by.pk}
    asked = set(AgentStaff.objects.filter(user__in=people).values_list("user", flat=True))
    key = f"matter:{matter.pk}:answered:{matter.version}"
    notify_each(
        Message(user, MATTER, key, _answered(matter, to_read=pk in asked), address(matter))
        for pk, user in people.items()
    )


def address(matter: Matter) -> str:
    """Where a matter is worked at."""
    return reverse("channels:matter", args=[matter.pk])


def about(matter: Matter) -> str:
    """The outlet, agent or project that a matter is about; else its grid."""
    return str(matter.outlet or matter.agent or matter.project or matter.grid)


def _yours(matter: Matter) -> Say:
    def say() -> tuple[str, str]:
        values = {"kind": matter.get_kind_display(), "who": about(matter), "day": day_name(matter.due_on)}
        return (
            _("For you to deal with by %(day)s: %(kind)s, %(who)s") % values,
            _("Answer it, and see that the answer is told back."),
        )

    return say


def _answered(matter: Matter, *, to_read: bool) -> Say:
    def say() -> tuple[str, str]:
        values = {"kind": matter.get_kind_display(), "who": about(matter)}
        if to_read:
            return _("There is an answer: %(kind)s, %(who)s") % values, _("Read it, and confirm that you have it.")
        return (
            _("Answered, to be told back: %(kind)s, %(who)s") % values,
            _("Tell whoever asked, then tick it off: only then is it closed."),
        )

    return say


# --- Each hour ---


def remind(now: datetime) -> None:
    """Remind owners of matters due by tomorrow or late, once a day, and of meetings, in the caller's transaction."""
    if is_time(now):
        today = timezone.localdate(now)
        notify_each([*due_messages(today), *notices_meetings.due_messages(today), *notices_news.due_messages(today)])


def due_messages(today: date) -> Iterator[Message]:
    """One notice a day for each owner, and for whoever stands in for them."""
    rows = Matter.objects.due(today + timedelta(days=1)).filter(due_on__gte=today - timedelta(days=LATE_FOR))
    by_owner: dict[int, list[Matter]] = defaultdict(list)
    for matter in rows.select_related("owner", "outlet", "agent", "project", "grid").order_by("due_on", "pk"):
        by_owner[matter.owner_id].append(matter)
    if not by_owner:
        return
    deputies = Membership.objects.current(today).deputyships().filter(stands_in_for__in=by_owner)
    told = {(matters[0].owner, owner) for owner, matters in by_owner.items()}
    told |= {(held.user, held.stands_in_for_id or 0) for held in deputies.select_related("user")}
    url = reverse("channels:matters") + "?whose=mine"
    for user, owner in sorted(told, key=lambda pair: (pair[1], pair[0].pk)):
        yield Message(user, MATTER, f"matters-due:{owner}:{today}", _due(by_owner[owner], today), url)


def _due(matters: list[Matter], today: date) -> Say:
    def say() -> tuple[str, str]:
        late = sum(1 for matter in matters if matter.due_on < today)
        soon = len(matters) - late
        told = [
            words % {"count": count}
            for count, words in (
                (late, ngettext("%(count)s matter is late", "%(count)s matters are late", late)),
                (soon, ngettext("%(count)s matter is due by tomorrow", "%(count)s matters are due by tomorrow", soon)),
            )
            if count
        ]
        return _("Agents and outlets: %(matters)s") % {"matters": " · ".join(told)}, in_lines(map(_line, matters))

    return say


def _line(matter: Matter) -> str:
    words = [day_name(matter.due_on), str(matter.get_kind_display()), about(matter)]
    return " · ".join([*words, _("answered, not told back yet")] if matter.state == MatterState.ANSWERED else words)
