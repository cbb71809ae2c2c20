"""The week: per outlet what is owed and done; per manager for those who look after a unit (C5)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from channels.pages_week import WeekPage, managed_grids
from channels.views import READERS
from gridops.accounts.guards import for_roles, signed_in


@require_GET
@for_roles(*READERS)
def week(request: HttpRequest) -> HttpResponse:
    """A week's outlets, overdue first: visits and calls owed and done. Who manages them records from here."""
    user, today = signed_in(request), timezone.localdate()
    page = WeekPage(user, today, request.GET)
    context = {
        "page": page,
        "rows": page.rows(),
        "total": page.total(),
        "managers": page.managers() if len(page.grids) > 1 and not page.start else [],
        "projects": page.projects(),
        "manages": bool(managed_grids(user, today)),
        "today": today,
        "this": page.week.first <= today <= page.week.last,
        "before": page.week.plus(-1),
        "after": page.week.plus(1),
    }
    return render(request, "channels/week.html", context)
