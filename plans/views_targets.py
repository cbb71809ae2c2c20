"""Targets: what the unit hands down to its grids, month by month (O1)."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid, Role
from gridops.common import versions
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from gridops.common.templatetags.gridops import month as month_name
from gridops.workbooks.trail import trail
from plans.forms import TargetForm
from plans.models import Target
from projects.services import demand_supervisor

SETTERS = (Role.SUPERVISOR, Role.ADMIN)


@for_roles(*SETTERS)
def targets(request: HttpRequest) -> HttpResponse:
    """The targets of a month, grid by grid."""
    choice = chosen_month(request, Month.of(timezone.localdate()).plus(1))
    grids = Grid.objects.for_user(signed_in(request)).select_related("unit").order_by("unit__name", "name")
    known = {t.grid_id: t for t in Target.objects.for_user(signed_in(request)).filter(month=choice.first)}
    rows = [(grid, known.get(grid.pk)) for grid in grids]
    return render(request, "plans/targets.html", {"choice": choice, "rows": rows})


@for_roles(*SETTERS)
def target(request: HttpRequest, grid: int, month: str) -> HttpResponse:
    """Hand down, or change, the target of a grid for a month."""
    user = signed_in(request)
    place = get_object_or_404(Grid.objects.for_user(user).select_related("unit"), pk=grid)
    demand_supervisor(user, place.unit_id)
    try:
        first = Month.parse(month).first
    except ValueError as error:
        raise Http404 from error
    row = Target.objects.filter(grid=place, month=first).first() or Target(grid=place, month=first)
    form = TargetForm(request.POST or None, instance=row)
    found = None
    if request.method == "POST" and form.is_valid():
        if _save(form):
            messages.success(request, _("Saved."))
            return redirect(reverse("plans:targets") + f"?month={month}")
        row = Target.objects.get(grid=place, month=first)
        form = form if form.instance.pk else TargetForm(request.POST, instance=row)
        form.is_valid()
        found = versions.conflict(form, trail(row))
    context = {
        "form": found.form if found else form,
        "conflict": found,
        "subject": f"{place} · {month_name(first)}",
        "back": reverse("plans:targets") + f"?month={month}",
    }
    return render(request, "common/edit.html", context, status=409 if found else 200)


def _save(form: TargetForm) -> bool:
    if form.instance.pk:
        return versions.save(form)
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        # Somebody handed down this very target a moment ago.
        form.instance.pk = None
        return False
    return True
