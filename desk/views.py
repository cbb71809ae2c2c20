"""The first page after sign-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from desk.agenda import agenda
from gridops.accounts.guards import signed_in


def home(request: HttpRequest) -> HttpResponse:
    """What is due this month and what waits, per role."""
    today = timezone.localdate()
    return render(request, "desk/home.html", {"items": agenda(signed_in(request), today), "today": today})
