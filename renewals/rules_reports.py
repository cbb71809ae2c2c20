"""The day report and the week's ranking as they are pasted into a chat group: figures and agents' names, nobody else's.

Pure: what the text and the picture show is one ``Report``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.translation import gettext as _

from gridops.common.templatetags.gridops import day as day_text
from gridops.common.templatetags.gridops import month as month_text
from gridops.common.templatetags.gridops import number, percent
from renewals.rules_follow import Basis, Counts, share

NO_VALUE = "—"
REASONS_NAMED = 4


@dataclass(frozen=True, slots=True)
class Done:
    """What was done in a stretch of days."""

    calls: int = 0
    visits: int = 0
    renewed: int = 0
    lost: int = 0

    @property
    def contacts(self) -> int:
        """Calls and visits."""
        return self.calls + self.visits


@dataclass(frozen=True, slots=True)
class AgentLine:
    """An agent (or a pool): how the month stands for them, and what they did meanwhile."""

    name: str
    counts: Counts
    done: Done


@dataclass(frozen=True, slots=True)
class Facts:
    """What a report is made of; ``expected`` is the share that the day should show, in percent."""

    place: str
    month: date
    first: date
    last: date
    counts: Counts
    done: Done
    expected: float | None
    basis: Basis
    agents: Sequence[AgentLine]
    losses: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Title, lines below it, figures (label, value), and a table whose last column is a share of 100."""

    title: str
    lines: Sequence[str]
    figures: Sequence[tuple[str, str]]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    shares: Sequence[float] = field(default=())
    notes: Sequence[str] = ()

    @property
    def text(self) -> str:
        """As it is pasted."""
        figures = [_("%(label)s: %(value)s") % {"label": label, "value": value} for label, value in self.figures]
        parts = [f"【{self.title}】", *self.lines, "", *figures]
        if self.rows:
            parts += ["", " | ".join(self.head), *(" | ".join(row) for row in self.rows)]
        return "\n".join([*parts, *(["", *self.notes] if self.notes else [])])


def day_report(facts: Facts) -> Report:
    """How the month stands and what the day has brought; agents with the highest renewal rate first."""
    counts, done = facts.counts, facts.done
    agents = sorted(facts.agents, key=lambda line: (-(line.counts.rate or 0), -line.counts.expiring, line.name))
    return Report(
        title=_("Renewals, day report"),
        lines=_lines(facts, day_text(facts.last)),
        figures=[
            (_("Expiring / due by today"), f"{number(counts.expiring)} / {number(counts.expired)}"),
            (_("Renewed"), f"{number(counts.renewed)} ({_percent(counts.rate)})"),
            (_("This day should show"), _expected(facts)),
            (_("Contacted"), f"{number(counts.contacted)} ({_percent(counts.contact_share)})"),
            (_("Second visits made / owed"), f"{number(counts.visits_made)} / {number(counts.visits_owed)}"),
            (_("On the day: calls / visits"), f"{number(done.calls)} / {number(done.visits)}"),
            (_("On the day: renewed / lost"), f"{number(done.renewed)} / {number(done.lost)}"),
            (_("Overdue"), number(counts.overdue)),
        ],
        head=[_("Agent"), _("Renewed / all"), _("Day's contacts"), _("Renewal rate")],
        rows=[(line.name, _of(line.counts), number(line.done.contacts), _percent(line.counts.rate)) for line in agents],
        shares=[line.counts.rate or 0 for line in agents],
        notes=_losses(facts),
    )


def week_ranking(facts: Facts) -> Report:
    """Agents by what they renewed in the ISO week; equal ones (also in contacts) share a place."""
    agents = sorted(facts.agents, key=lambda line: (*_merit(line), line.name))
    places = _places([_merit(line) for line in agents])
    week = facts.first.isocalendar().week
    rate = _("Renewal rate of the month")
    return Report(
        title=_("Renewals, ranking of week %(week)s") % {"week": week},
        lines=_lines(facts, f"{day_text(facts.first)} – {day_text(facts.last)}"),
        figures=[
            (_("Renewed in the week"), number(facts.done.renewed)),
            (_("Contacts in the week"), number(facts.done.contacts)),
            (rate, _percent(facts.counts.rate)),
            (_("Lost in the week"), number(facts.done.lost)),
        ],
        head=[_("Rank"), _("Agent"), _("Renewed"), _("Contacts made"), _("Renewal rate")],
        rows=[
            (str(place), line.name, number(line.done.renewed), number(line.done.contacts), _percent(line.counts.rate))
            for place, line in zip(places, agents, strict=True)
        ],
        shares=[line.counts.rate or 0 for line in agents],
    )


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of the ISO week of ``day``."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _merit(line: AgentLine) -> tuple[int, int]:
    return -line.done.renewed, -line.done.contacts


def _places(merits: Iterable[tuple[int, int]]) -> list[int]:
    found: list[int] = []
    before: tuple[int, int] | None = None
    for at, merit in enumerate(merits, start=1):
        found.append(found[-1] if merit == before else at)
        before = merit
    return found


def _lines(facts: Facts, days: str) -> list[str]:
    return [f"{facts.place} · {days}", _("Contracts that end in %(month)s") % {"month": month_text(facts.month)}]


def _percent(value: float | None) -> str:
    return NO_VALUE if value is None else percent(value)


def _of(counts: Counts) -> str:
    return f"{number(counts.renewed)}/{number(counts.expiring)}"


def _expected(facts: Facts) -> str:
    if facts.expected is None or facts.counts.rate is None:
        return NO_VALUE
    gap = facts.counts.rate - facts.expected
    text = _("%(share)s, %(gap)s points") % {"share": percent(facts.expected), "gap": f"{gap:+.1f}"}
    return f"{text}*" if facts.basis == Basis.EXPIRY else text


def _losses(facts: Facts) -> list[str]:
    notes = []
    if facts.losses:
        lost = sum(count for _reason, count in facts.losses)
        named = "、".join(
            f"{reason} {number(count)} ({_percent(share(count, lost))})"
            for reason, count in facts.losses[:REASONS_NAMED]
        )
        notes.append(_("Lost %(n)s: %(reasons)s") % {"n": number(lost), "reasons": named})
    if facts.basis == Basis.EXPIRY and facts.expected is not None:
        notes.append(_("* if everybody renewed by the day of expiry: earlier months are too few to go by"))
    return notes
