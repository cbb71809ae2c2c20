"""When people are reminded of what is due: the stages of a due day, each told once; days are local dates (*ours*)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridops.common.templatetags.gridops import day as day_name

FIRST, LAST, TODAY, LATE = "first", "last", "today", "late"
REMIND_RULES = ("remind_days_first", "remind_days_last", "escalate_days", "remind_waiting_days")
ASKED_FROM = time(7, 0)  # nobody is reminded in the night
LATE_FOR = 5  # so many days somebody is told that work is late; then it stands on the pages only
NAMED = 20


def is_time(now: datetime) -> bool:
    """Whether people are reminded at this hour."""
    return timezone.localtime(now).time() >= ASKED_FROM


def stage_of(due: date, today: date, rules: Mapping[str, int]) -> str:
    """The stage that work due on ``due`` has reached; "" when nobody is to be reminded.

    A stage lasts until the next begins: after a stand-still it is told late, never twice.
    """
    left = (due - today).days
    if left < 0:
        return LATE if -left <= LATE_FOR else ""
    if left == 0:
        return TODAY
    if left <= rules["remind_days_last"]:
        return LAST
    return FIRST if left <= rules["remind_days_first"] else ""


def is_escalated(due: date, today: date, rules: Mapping[str, int]) -> bool:
    """Whether ``today`` is one of the days on which the supervisor is told what is late."""
    begins = due + timedelta(days=rules["escalate_days"])
    return begins <= today < begins + timedelta(days=LATE_FOR)


def countdown(due: date, today: date) -> str:
    """How much time is left, in words."""
    left = (due - today).days
    if left < 0:
        return _("late since %(day)s") % {"day": day_name(due)}
    if left == 0:
        return _("today is the last day")
    return ngettext("%(count)s day left", "%(count)s days left", left) % {"count": left}


def in_lines(names: Iterable[str]) -> str:
    """Names one below the other, the first few."""
    found = list(names)
    more = len(found) - NAMED
    return "\n".join([*found[:NAMED], *([_("and %(n)s more") % {"n": more}] if more > 0 else [])])
