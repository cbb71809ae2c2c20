"""What is to be told: one card a shop or a thing, ticked off on the phone; what was told; coverage (C6, C7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from channels import services_news
from channels.choices import Way
from channels.models import Briefing
from channels.pages_briefings import (
    BY_NEWS,
    BY_SHOP,
    CARDS,
    COVERED_DAYS,
    TOLD_DAYS,
    cards,
    counts,
    in_grid,
    of_card,
    places,
    tellable,
)
from channels.querysets_campaigns import BriefingQuerySet
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid, Role
from gridops.common.ids import read_id
from gridops.notices.services import is_ours

READERS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.ADMIN)
TELLERS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.ADMIN)
TELL, LATE, TOLD = "tell", "late", "told"
MOST, TOLD_ROWS = 1_500, 100


@for_roles(*READERS)
def briefings(request: HttpRequest) -> HttpResponse:
    """What is to be told, what is due first on top; or what was told of late, when, how and by whom."""
    user, today, now = signed_in(request), timezone.localdate(), timezone.now()
    grids = list(Grid.objects.for_user(user).select_related("unit").order_by("unit", "name"))
    grid = next((one for one in grids if str(one.pk) == request.GET.get("grid")), None)
    rows = Briefing.objects.for_user(user)
    rows = in_grid(rows, grid.pk) if grid else rows
    live, told = rows.live(today), rows.told_since(now - timedelta(days=TOLD_DAYS))
    show = request.GET.get("show", TELL)
    context: dict[str, Any] = {
        "show": show if show in (TELL, LATE, TOLD) else TELL,
        "counts": counts(live, today) | {"told": told.count()},
        "grids": grids if len(grids) > 1 else [],
        "grid": grid,
        "by": BY_NEWS if request.GET.get("by") == BY_NEWS else BY_SHOP,
        "ways": Way.choices,
        "today": today,
        "told_days": TOLD_DAYS,
        "may_tell": user.scope.has(*TELLERS),
        "covers": user.scope.has(Role.SUPERVISOR, Role.ADMIN, Role.RENEWAL_SPECIALIST),
    }
    if context["show"] == TOLD:
        context |= _told(request, told)
    else:
        context |= _to_tell(request, live.filter(due_on__lt=today) if show == LATE else live, context["by"])
    return render(request, "channels/briefings.html", context)


def _to_tell(request: HttpRequest, rows: BriefingQuerySet, by: str) -> dict[str, Any]:
    start = read_id(request.GET.get("start") or "x")
    found, more = cards(rows, by, start)
    return {"cards": found, "start": start, "next": start + CARDS if more else 0}


def _told(request: HttpRequest, rows: BriefingQuerySet) -> dict[str, Any]:
    user, now = signed_in(request), timezone.now()
    found = rows.select_related("outlet__grid")[: TOLD_ROWS + 1].about()
    return {
        "told": [(row, services_news.may_untell(row.briefing, user, now)) for row in found[:TOLD_ROWS]],
        "told_more": len(found) > TOLD_ROWS,
    }


@require_POST
@for_roles(*TELLERS)
def tell(request: HttpRequest) -> HttpResponse:
    """Tick off what is picked of one card, told in one way; an id that is not the person's refuses all of it."""
    user = signed_in(request)
    ids = {read_id(text) for text in request.POST.getlist("pick")}
    mine = tellable(user).filter(pk__in=ids) if len(ids) <= MOST else Briefing.objects.none()
    if mine.count() != len(ids):
        raise Http404
    key, _dot, way = request.POST.get("told", "").rpartition(".")
    picked = of_card(mine, key)
    try:
        number = services_news.told(picked, way, user, timezone.now()) if ids else 0
    except ValidationError as fault:
        messages.error(request, fault.messages[0])
    else:
        text = ngettext("%(count)s ticked off as told.", "%(count)s ticked off as told.", number)
        nothing = _("Nothing was ticked off: choose what was told first.")
        (messages.success if number else messages.warning)(request, text % {"count": number} if number else nothing)
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    back = request.POST.get("back", "")
    return back if is_ours(back) else reverse("channels:briefings")


@require_POST
@for_roles(*TELLERS)
def untell(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back, within a day, that something was told."""
    user = signed_in(request)
    briefing = get_object_or_404(tellable(user), pk=pk)
    try:
        services_news.untell(briefing, user, timezone.now())
    except ValidationError as fault:
        messages.error(request, fault.messages[0])
    else:
        messages.success(request, _("Taken back: it is to be told again."))
    return redirect(_back(request))


@for_roles(Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.ADMIN)
def coverage(request: HttpRequest) -> HttpResponse:
    """How far each grid's manager is with telling."""
    user, today = signed_in(request), timezone.localdate()
    grids = list(Grid.objects.for_user(user).select_related("unit"))
    found = places(user, grids, today, timezone.now())
    context = {
        "places": found,
        "units": len({grid.unit_id for grid in grids}) > 1,
        "sums": {name: sum(getattr(place, name) for place in found) for name in ("open", "late", "told", "in_time")},
        "days": COVERED_DAYS,
    }
    return render(request, "channels/briefing_coverage.html", context)
