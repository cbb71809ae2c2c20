"""What is to be told, in words: news of a project or campaign as the outlet or agent has to hear it (C6, C7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from django.utils.translation import gettext as _

from channels.models import Briefing
from channels.models_campaigns import Campaign, News
from channels.rules_news import MADE, PUBLISHED, Changes, add_up, lines_of, title_of
from gridops.common.templatetags.gridops import day as day_name
from projects.models import Project

# what is said of a new project, where it is known
FACTS = ("address", "access", "households", "ports")
FIRST = 2  # lines of what is long: when, and what
LONG = ("offer", "commission", "selling_points")


@dataclass(frozen=True, slots=True)
class About:
    """One briefing as it is said: ``lines`` each stand alone, ``text`` is all of them."""

    briefing: Briefing
    title: str
    lines: list[str]

    @property
    def pk(self) -> int:
        """The briefing's."""
        return self.briefing.pk

    @property
    def text(self) -> str:
        """All that is to be said, one thing a line."""
        return "\n".join(self.lines)

    @property
    def first(self) -> list[str]:
        """The lines that are always shown."""
        return self.lines if len(self.lines) <= FIRST + 1 else self.lines[:FIRST]

    @property
    def rest(self) -> list[str]:
        """Those that are shown when asked for."""
        return self.lines[len(self.first) :]

    @property
    def due_on(self) -> date:
        """The day by whose end it is to be told."""
        return self.briefing.due_on

    @property
    def told_at(self) -> datetime | None:
        """When it was told."""
        return self.briefing.told_at


def in_words(briefings: Iterable[Briefing]) -> list[About]:
    """``briefings`` in words, in their order. What was not told before news came stands in the newer news."""
    rows: Iterable[Briefing] = briefings
    if hasattr(briefings, "select_related"):
        rows = briefings.select_related("news__project", "news__campaign", "outlet", "agent", "told_by")
    found = list(rows)
    earlier = earlier_of(one.pk for one in found)
    return [_about(one, earlier.get(one.pk, [])) for one in found]


def earlier_of(briefings: Iterable[int]) -> dict[int, list[News]]:
    """Briefing -> the news that it took the place of, the oldest first; one query."""
    found: dict[int, list[News]] = defaultdict(list)
    rows = Briefing.objects.filter(replaced_by__in=list(briefings)).select_related("news").order_by("news_id")
    for row in rows:
        if row.replaced_by_id and row.replaced_by_id != row.pk:
            found[row.replaced_by_id].append(row.news)
    return found


def whole(news: News, earlier: Iterable[News]) -> Changes:
    """What somebody has to hear who heard of neither ``news`` nor what came ``earlier``."""
    return add_up(one.changes for one in chain(earlier, [news]))


def _about(briefing: Briefing, earlier: list[News]) -> About:
    news = briefing.news
    changes = whole(news, earlier) if earlier else news.changes
    if news.campaign:
        title = title_of(changes, news.campaign.name, campaign=True)
        return About(briefing, title, campaign_lines(changes, news.campaign))
    project = news.project or Project()
    return About(briefing, title_of(changes, project.name, campaign=False), project_lines(changes, project))


def project_lines(changes: Changes, project: Project) -> list[str]:
    """Of a new project what is known, else what changed."""
    if MADE not in changes:
        return lines_of(changes, campaign=False)
    labels = {name: str(Project._meta.get_field(name).verbose_name) for name in FACTS}  # type: ignore[union-attr]
    values = {name: getattr(project, name) for name in FACTS}
    return [
        _("%(field)s: %(value)s") % {"field": labels[name], "value": values[name]} for name in FACTS if values[name]
    ]


def campaign_lines(changes: Changes, campaign: Campaign) -> list[str]:
    """Of a new campaign all that has to be known, else what changed, long texts as they are now."""
    dates = _("from %(first)s to %(last)s") % {
        "first": day_name(campaign.starts_on),
        "last": day_name(campaign.ends_on),
    }
    new = PUBLISHED in changes
    short = {name: pair for name, pair in changes.items() if name not in LONG}
    found = [dates] if new else lines_of(short, campaign=True)
    for name in LONG:
        text = getattr(campaign, name).strip()
        if (new and text) or name in changes:
            label = str(Campaign._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            found.append(_("%(field)s: %(value)s") % {"field": label, "value": text or _("nothing")})
    return found
