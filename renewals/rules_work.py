"""What is to be done today, in which order, and why: pure, rows and days are passed in (C4, N4, *ours*).

The order: promises that are due, second visits that are due, calls to those who have not expired yet (the next to
expire first), calls to win back (the last to expire first), numbers to be checked. Where these tie, the higher monthly
fee comes first, then the better chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gridops.common.templatetags.gridops import day as written_day
from renewals.choices import Medium, State, Step

SATURDAY = 5
_PARTS = re.compile(r"\d+|\D+")


class Group(models.TextChoices):
    """What a row of the work list is for, in the order of the list."""

    PROMISES = "promises", gettext_lazy("Promises due")
    VISITS = "visits", gettext_lazy("Second visits")
    CALLS = "calls", gettext_lazy("Calls before expiry")
    WINBACK = "winback", gettext_lazy("Calls to win back")
    NUMBERS = "numbers", gettext_lazy("Numbers to check")


STEPS = (Step.PROMISE, Step.VISIT, Step.CALL, Step.NUMBER)  # in the order of the groups
_GROUPS = {
    Step.PROMISE.value: Group.PROMISES,
    Step.VISIT.value: Group.VISITS,
    Step.NUMBER.value: Group.NUMBERS,
}


def group_of(step: str, expires_on: date, today: date) -> Group:
    """The group of a warning whose next step is ``step``."""
    return _GROUPS.get(step) or (Group.CALLS if expires_on >= today else Group.WINBACK)


def usual_medium(step: str) -> Medium:
    """How a step is done, unless the person says otherwise."""
    return Medium.VISIT if step == Step.VISIT else Medium.CALL


# --- Why ---


@dataclass(frozen=True, slots=True)
class Facts:
    """What the reasons of a row are made of; ``alike``: how many of the like of them were counted for ``chance``."""

    step: str
    next_on: date
    expires_on: date
    contacts_made: int = 0
    chance: int | None = None
    alike: int = 0
    fee: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in words; ``late``: what it speaks of should have been done before."""

    text: str
    icon: str
    late: bool = False


def why(facts: Facts, today: date) -> list[Reason]:
    """Why a row stands where it stands: what is due first, then what ranks it inside its group."""
    return [_due(facts, today), *_ranked(facts, today)]


def expiry_words(expires_on: date, today: date) -> str:
    """How far off an expiry is."""
    days = (expires_on - today).days
    if days in (0, 1):
        return _("expires today") if days == 0 else _("expires tomorrow")
    if days > 0:
        return ngettext("expires in %(n)d day", "expires in %(n)d days", days) % {"n": days}
    return ngettext("expired %(n)d day ago", "expired %(n)d days ago", -days) % {"n": -days}


def _due(facts: Facts, today: date) -> Reason:
    days = (facts.next_on - today).days
    if facts.step == Step.PROMISE:
        return Reason(_promise(days, facts.next_on), "calendar-heart", late=days < 0)
    if facts.step == Step.VISIT:
        return Reason(_visit(days), "door-enter", late=days < 0)
    if facts.step == Step.NUMBER:
        return Reason(_("nobody was met: find the right number"), "phone-off", late=days < 0)
    late = facts.expires_on < today
    return Reason(expiry_words(facts.expires_on, today), "calendar-x" if late else "calendar-due", late=late)


def _promise(days: int, day: date) -> str:
    if days == 0:
        return _("promised to renew today")
    if days == 1:
        return _("promised to renew tomorrow")
    if days > 1:
        return _("promised to renew on %(day)s") % {"day": written_day(day)}
    text = ngettext("promised for %(n)d day ago, not kept", "promised for %(n)d days ago, not kept", -days)
    return text % {"n": -days}


def _visit(days: int) -> str:
    if days == 0:
        return _("second visit due today")
    if days > 0:
        return ngettext("second visit due in %(n)d day", "second visit due in %(n)d days", days) % {"n": days}
    return ngettext("second visit overdue by %(n)d day", "second visit overdue by %(n)d days", -days) % {"n": -days}


def _ranked(facts: Facts, today: date) -> Iterator[Reason]:
    if facts.step != Step.CALL:
        yield Reason(expiry_words(facts.expires_on, today), "calendar-due")
    elif not facts.contacts_made:
        yield Reason(_("not contacted yet"), "message-off")
    if facts.fee:
        yield Reason(_("%(fee)s yuan a month") % {"fee": f"{facts.fee.normalize():f}"}, "coin-yuan")
    if facts.chance is not None:
        text = _("of the like of them %(chance)d%% renewed") % {"chance": facts.chance}
        if facts.alike:
            text += _(" (%(n)s people)") % {"n": f"{facts.alike:,}"}
        yield Reason(text, "chart-bar")


# --- What comes next ---


def next_words(state: str, step: str, next_on: date | None, *, confirmed: bool = False) -> str:
    """What follows now, in words."""
    if state == State.RENEWED:
        return _("Seen in the roster: nothing more to do.") if confirmed else _("Closed; the roster will confirm it.")
    if state in (State.LOST, State.WITHDRAWN) or next_on is None:
        return _("Nothing more to do.")
    words = {
        Step.CALL.value: _("Next: call on %(day)s"),
        Step.PROMISE.value: _("Next: ask about the promise on %(day)s"),
        Step.VISIT.value: _("Next: second visit at the door by %(day)s"),
        Step.NUMBER.value: _("Next: find the right number by %(day)s"),
    }
    return words[step] % {"day": written_day(next_on)}


def promise_days(today: date, expires_on: date) -> list[tuple[str, date]]:
    """Days to promise for by one tap, each once, the earliest first."""
    tomorrow = today + timedelta(days=1)
    saturday = tomorrow + timedelta(days=(SATURDAY - tomorrow.weekday()) % 7)
    offered = {expires_on: _("day of expiry"), saturday: _("Saturday"), tomorrow: _("tomorrow")}
    return [(offered[day], day) for day in sorted(offered) if day >= tomorrow]


# --- Walking a compound ---


def building_order(address: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts addresses as one walks: building 2 before building 10, floor by floor; those without one last."""
    parts = _PARTS.findall(address.strip())
    if not parts:
        return ((1, 0, ""),)
    return tuple((0, int(part), "") if part.isdecimal() else (0, -1, part) for part in parts)
