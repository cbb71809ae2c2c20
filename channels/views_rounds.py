"""The manager's round: proposed for a day or the rest of the week, moved by hand, followed, printed (C5)."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from channels.forms_rounds import WEEK, ChangeForm, WishForm, read_day
from channels.rounds import MORNING, RoundBook, summary
from channels.services_rounds import (
    RoundChanged,
    last_place,
    lay_by_hand,
    moved,
    order_of,
    propose_rounds,
    reordered,
)
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role

AHEAD = timedelta(weeks=8)
STEPS = {"up": -1, "down": 1}


def _book(request: HttpRequest, day: date | None) -> RoundBook:
    now = timezone.now()
    if day is None or abs(day - timezone.localdate(now)) > AHEAD:
        raise Http404
    return RoundBook(signed_in(request), day, now)


def _address(day: date) -> str:
    return f"{reverse('channels:round')}?day={day.isoformat()}"


@require_GET
@for_roles(Role.GRID_MANAGER)
def round_page(request: HttpRequest) -> HttpResponse:
    """The round of a day: its stops in order, what does not fit and why, and the form that proposes it."""
    book = _book(request, read_day(request.GET.get("day", ""), timezone.localdate()))
    return render(request, "channels/round.html", _context(book, WishForm(initial=_initial(book))))


@require_GET
@for_roles(Role.GRID_MANAGER)
def round_print(request: HttpRequest) -> HttpResponse:
    """The round of a day on paper, with room to write."""
    book = _book(request, read_day(request.GET.get("day", ""), timezone.localdate()))
    rows = book.shown()
    return render(
        request,
        "channels/round_print.html",
        {"book": book, "rows": rows, "sum": summary(rows, book.rules["round_stop_minutes"])},
    )


@require_POST
@for_roles(Role.GRID_MANAGER)
def round_propose(request: HttpRequest) -> HttpResponse:
    """Propose the round of a day, or those of the rest of its week, anew."""
    form = WishForm(request.POST)
    if not form.is_valid():
        if "day" in form.errors:
            return HttpResponseBadRequest(_("There is no such day."))
        return render(
            request, "channels/round.html", _context(_book(request, form.cleaned_data["day"]), form), status=422
        )
    book = _book(request, form.cleaned_data["day"])
    days = book.working_days() if form.cleaned_data["span"] == WEEK else [book.day]
    days = [day for day in days if day >= book.today]
    if not days:
        messages.warning(request, _("There is no day left in this week."))
        return redirect(_address(book.day))
    try:
        count = propose_rounds(book, days, form.wish)
    except RoundChanged:
        messages.warning(request, _("The round was changed elsewhere. This is how it is now."))
    else:
        messages.success(request, _proposed(count, len(days)))
    return redirect(_address(days[0] if book.day not in days else book.day))


def _proposed(stops: int, days: int) -> str:
    if days == 1:
        return ngettext("A round of %(count)d stop is proposed.", "A round of %(count)d stops is proposed.", stops) % {
            "count": stops
        }
    return _("Rounds for %(days)d days with %(stops)d stops are proposed.") % {"days": days, "stops": stops}


@require_POST
@for_roles(Role.GRID_MANAGER)
def round_change(request: HttpRequest) -> HttpResponse:
    """Move, fix, put in or take out by hand; what is moved is fixed, and stays when the rest is proposed again."""
    form = ChangeForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(_("There is no such day."))
    book = _book(request, form.cleaned_data["day"])
    if book.day < book.today:
        messages.warning(request, _("The round of a day that is over stands."))
        return redirect(_address(book.day))
    order = _changed(book, form)
    row = book.round
    try:
        if (row.version if row else 0) != form.cleaned_data["version"]:
            raise RoundChanged
        lay_by_hand(book, book.day, order)
    except RoundChanged:
        messages.warning(request, _("The round was changed elsewhere. This is how it is now."))
    return redirect(_address(book.day))


def _changed(book: RoundBook, form: ChangeForm) -> list[tuple[int, bool]]:
    """The new order; 404 for outlets that are not the person's, or not on the round."""
    order, wanted = order_of(book, book.day), form.order()
    keys = [key for key, _fixed in order]
    if wanted:
        if sorted(wanted) != sorted(keys):
            raise Http404
        return reordered(order, wanted, form.cleaned_data["dragged"] or 0)
    act, outlet = form.act()
    if act == "add" and outlet in book.outlets and outlet not in keys:
        return [*order, (outlet, True)]
    if act in ("", "add") or outlet not in keys:
        raise Http404
    if act in STEPS:
        return moved(order, outlet, STEPS[act])
    if act == "remove":
        return [one for one in order if one[0] != outlet]
    return [(key, act == "fix" if key == outlet else fixed) for key, fixed in order]


def _initial(book: RoundBook) -> dict[str, Any]:
    row = book.round
    place = (row.longitude, row.latitude) if row and row.longitude is not None else last_place(book.user)
    return {
        "day": book.day,
        "starts_at": row.starts_at if row else MORNING,
        "budget": row.budget_minutes if row else book.budget,
        "place": f"{place[0]}, {place[1]}" if place else "",
    }


def _context(book: RoundBook, form: WishForm) -> dict[str, Any]:
    rows, week = book.shown(), book.week
    working = book.working_days()
    return {
        "book": book,
        "form": form,
        "rows": rows,
        "sum": summary(rows, book.rules["round_stop_minutes"]),
        "next": next((row for row in rows if not row.done), None) if book.day == book.today else None,
        "call_key": uuid.uuid4(),
        "left": book.left(),
        "placeless": book.placeless(),
        "days": [(day, len(book.stops.get(day, [])), day in working) for day in week.days],
        "before": week.first - timedelta(days=7),
        "after": week.first + timedelta(days=7),
        "over": book.day < book.today,
        "version": book.round.version if book.round else 0,
        "more_days": len(working) > 1,
    }
