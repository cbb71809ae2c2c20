"""Reports to be pasted into a chat group: as text, and as a picture that the browser draws (S7)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from channels.models import Agent
from gridops.accounts.guards import for_roles
from renewals.choices import Medium, Outcome, State
from renewals.follow import Followed
from renewals.models import Contact, DayTally, ExpiryWarning, Tally
from renewals.rules_follow import Counts
from renewals.rules_reports import AgentLine, Done, Facts, day_report, week_of, week_ranking
from renewals.views import READERS
from renewals.views_follow import Page

DAY, WEEK = "day", "week"


@require_GET
@for_roles(*READERS)
def reports(request: HttpRequest) -> HttpResponse:
    """The day report, or the ranking of the week, of a grid or a unit."""
    page = Page(request)
    kind = WEEK if request.GET.get("kind") == WEEK else DAY
    context: dict[str, Any] = {"page": page, "choice": page.choice, "kind": kind, "day": _day(request, page.today)}
    context["kinds"] = [(DAY, _("Day report")), (WEEK, _("Ranking of the week"))]
    if not page.every_grid:
        return render(request, "renewals/reports.html", {**context, "page": None})
    if page.followed.is_made:
        first, last = week_of(context["day"]) if kind == WEEK else (context["day"], context["day"])
        facts = facts_of(page.followed, _place(page), first, min(last, page.today))
        report = week_ranking(facts) if kind == WEEK else day_report(facts)
        context |= {"report": report, "drawing": {**asdict(report), "file": _file_name(page, report.title)}}
        context["text_rows"] = report.text.count("\n") + 4  # some lines are broken on a phone
    return render(request, "renewals/reports.html", context)


def facts_of(followed: Followed, place: str, first: date, last: date) -> Facts:
    """The figures of a month's lists, with what was done from ``first`` to ``last``; a constant number of queries."""
    lists, day = followed.own(followed.month), min(last, followed.days[-1])
    counted: dict[int | None, Counts] = Tally.objects.filter(warning_list__in=lists).by("agent")
    done = _done_by_agent(lists, first, last)
    names: dict[int | None, str] = {None: _("manager's pool")}
    names |= {agent.pk: agent.name for agent in Agent.objects.filter(pk__in={key for key in counted if key})}
    return Facts(
        place=place,
        month=followed.month.first,
        first=first,
        last=last,
        counts=followed.counts,
        done=_done(lists, first, last),
        expected=followed.expected.shares.get(day),
        basis=followed.expected.basis,
        agents=[AgentLine(names[key], one, done.get(key, Done())) for key, one in counted.items()],
        losses=followed.losses,
    )


def _done(lists: list[int], first: date, last: date) -> Done:
    names = ("calls", "visits", "renewed", "lost")
    days = DayTally.objects.filter(warning_list__in=lists, day__range=(first, last))
    return Done(**days.aggregate(**{name: Sum(name, default=0) for name in names}))


def _done_by_agent(lists: list[int], first: date, last: date) -> dict[int | None, Done]:
    """By who followed a warning when it was spoken about; renewed ones by who follows them now."""
    begin, end = (timezone.make_aware(datetime.combine(day, time())) for day in (first, last + timedelta(days=1)))
    told = Contact.objects.filter(warning__warning_list__in=lists, at__gte=begin, at__lt=end, corrected_by=None)
    sums: dict[int | None, dict[str, int]] = defaultdict(dict)
    rows = told.exclude(outcome=Outcome.VOID).order_by().values_list("agent", "medium").annotate(Count("pk"))
    for agent, medium, number in rows:
        sums[agent]["calls" if medium == Medium.CALL else "visits"] = number
    renewed = ExpiryWarning.objects.filter(warning_list__in=lists, state=State.RENEWED, renewed_on__range=(first, last))
    for agent, number in renewed.order_by().values_list("agent").annotate(Count("pk")):
        sums[agent]["renewed"] = number
    return {agent: Done(**numbers) for agent, numbers in sums.items()}


def _day(request: HttpRequest, today: date) -> date:
    """The day asked for, today at the latest."""
    try:
        return min(date.fromisoformat(request.GET.get("day", "")), today)
    except ValueError:
        return today


def _place(page: Page) -> str:
    return f"{page.unit} {page.grid}" if page.grid else str(page.unit)


def _file_name(page: Page, title: str) -> str:
    return f"{title}-{_place(page)}-{page.today:%Y%m%d}.png"
