"""The first lines of the page that follows a month: each figure with the month and the year before (S7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from gridops.common.templatetags.gridops import NOTHING, money, number, percent
from projects.views_analysis_figures import Kind, delta
from renewals.follow import Followed
from renewals.rules_follow import Counts, Course, share

SHARE = Kind(gettext_lazy("renewal rate"), 1, "%")


@dataclass(frozen=True, slots=True)
class Change:
    """A figure against another month's: what that was, and the difference in words, an icon and a way (good, bad)."""

    label: str
    was: str
    text: str = ""
    icon: str = ""
    way: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, what it is of, its changes; ``query`` shows its warnings in a list."""

    name: str
    title: str | Promise
    value: str
    note: str = ""
    changes: tuple[Change, ...] = ()
    state: str = ""
    query: str = ""


def figures_of(page: Followed) -> list[Figure]:
    """What stands in the first lines."""
    now = page.counts
    return [
        Figure("rate", _("renewal rate"), percent(now.rate), _of(now.renewed, now.expiring),
               _on_same_day(page, now.rate, Course.renewed_by)),
        Figure("contacted", pgettext("renewals", "contacted"), percent(now.contact_share),
               _of(now.contacted, now.expiring), _on_same_day(page, now.contact_share, Course.contacted_by)),
        Figure("visits", _("second visits made"), percent(now.visit_share), _of(now.visits_made, now.visits_owed),
               _whole(page, lambda one: one.visit_share)),
        Figure("lost", _("lost"), percent(now.loss_share), _of(now.lost, now.expiring),
               _whole(page, lambda one: one.loss_share, more_is_good=False), query="?state=lost"),
        Figure("confirmed", _("seen in the roster"), percent(share(now.confirmed, now.renewed)),
               _of(now.confirmed, now.renewed), _whole(page, lambda one: share(one.confirmed, one.renewed)),
               query="?state=claimed"),
        Figure("promised", _("promised, still open"), number(now.promised), query="?state=contacted"),
        Figure("overdue", _("overdue"), number(now.overdue), state="late" if now.overdue else "", query="?overdue=yes"),
        Figure("fees", _("monthly fees still open (yuan)"), money(now.fees), query="?state=open"),
    ]  # fmt: skip


def _of(part: int, whole: int) -> str:
    return f"{part:,} / {whole:,}"


def _change(label: str, now: float | None, was: float | None, *, more_is_good: bool = True) -> Change:
    found = delta(SHARE, now, was)
    if found.way not in ("up", "down"):
        return Change(label, percent(was), found.text if was is not None else "", found.icon)
    way = "good" if (found.way == "up") == more_is_good else "bad"
    return Change(label, percent(was), found.text, found.icon, way)


def _on_same_day(page: Followed, now: float | None, reached: Callable[..., int]) -> tuple[Change, ...]:
    """Against the same day of the month before and of the year before."""
    found = []
    for label, month in ((_("same day last month"), page.before), (_("same day last year"), page.year_ago)):
        course, day = page.on_same_day(month)
        found.append(_change(label, now, share(reached(course, day), course.size)))
    return tuple(found)


def _whole(page: Followed, read: Callable[[Counts], float | None], *, more_is_good: bool = True) -> tuple[Change, ...]:
    """Against what the month before and the year before have come to by now: nobody knows what they were on the day.

    While the month runs, a difference is neither good nor bad.
    """
    found, is_over = [], page.today > page.month.last
    for label, month in ((_("last month in all"), page.before), (_("last year in all"), page.year_ago)):
        one = page.totals.get(month)
        change = _change(label, read(page.counts), read(one) if one else None, more_is_good=more_is_good)
        found.append(change if is_over else replace(change, way=""))
    return tuple(found)


def sentence_of(page: Followed) -> str:
    """Where the month stands, as one says it."""
    now = page.counts
    if not now.expiring:
        return NOTHING
    return _("%(renewed)s of %(expiring)s renewed, %(open)s still open.") % {
        "renewed": number(now.renewed),
        "expiring": number(now.expiring),
        "open": number(now.expiring - now.renewed - now.lost),
    }
