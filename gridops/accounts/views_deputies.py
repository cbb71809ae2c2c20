"""Deputies during leave: mine, whom I stand in for, my unit's; an admin names one for anybody."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridops.accounts.forms_deputies import DeputyForm
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Membership, Role, User
from gridops.accounts.querysets import MembershipQuerySet
from gridops.accounts.services_deputies import deputised, end_deputyship
from gridops.common.ids import read_id

READERS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.ADMIN)
DEPUTISED = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.ADMIN)


@for_roles(*READERS)
def deputies(request: HttpRequest) -> HttpResponse:
    """Who stands in for whom, and the form to name one; ``?person=`` is an admin's, for that person."""
    user, today = signed_in(request), timezone.localdate()
    away = _away(request, user)
    form = None
    if deputised(away, today).exists():
        form = DeputyForm(request.POST or None, away=away, today=today)
    if request.method == "POST" and form and form.is_valid() and (made := form.save()):
        messages.success(request, _("%(name)s stands in.") % {"name": made.user.name})
        return redirect(_address(away, user))
    context = {"away": away, "form": form, "today": today, **_lists(request, user, away, today)}
    return render(request, "accounts/deputies.html", context, status=422 if form and form.errors else 200)


@require_POST
@for_roles(*DEPUTISED)
def end_deputy(request: HttpRequest, pk: int) -> HttpResponse:
    """End a deputy's time early: one's own deputy's, or as an admin."""
    user, rows = signed_in(request), Membership.objects.deputyships().lasting(timezone.localdate())
    if not user.scope.everything:
        rows = rows.filter(stands_in_for=user)
    row = get_object_or_404(rows.select_related("user", "stands_in_for"), pk=pk)
    away = row.stands_in_for or user
    end_deputyship(row)
    messages.success(request, _("%(name)s does not stand in any more.") % {"name": row.user.name})
    return redirect(_address(away, user))


def _away(request: HttpRequest, user: User) -> User:
    asked = request.GET.get("person", "")
    if not asked:
        return user
    people = User.objects.all() if user.scope.everything else User.objects.filter(pk=user.pk)
    found: User = get_object_or_404(people, pk=read_id(asked))
    return found


def _address(away: User, user: User) -> str:
    address = reverse("accounts:deputies")
    return address if away == user else f"{address}?person={away.pk}"


def _lists(request: HttpRequest, user: User, away: User, today: date) -> dict[str, Any]:
    """The own deputies of all times, whom the person stands in for, and those of the unit, or of all for an admin."""
    rows = (
        Membership.objects.deputyships()
        .select_related("user", "stands_in_for", "unit", "grid")
        .order_by("-starts_on", "-pk")
    )
    return {
        "mine": rows.filter(stands_in_for=away),
        "theirs": rows.filter(user=away),
        "others": Paginator(_of_others(rows, user, away, today), 50).get_page(request.GET.get("page")),
    }


def _of_others(rows: MembershipQuerySet, user: User, away: User, today: date) -> MembershipQuerySet:
    running = rows.lasting(today).exclude(Q(stands_in_for=away) | Q(user=away))
    if user.scope.everything:
        return running if away == user else rows.none()
    units = user.scope.unit_ids
    return running.filter(Q(unit__in=units) | Q(grid__unit__in=units))
