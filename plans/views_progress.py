"""Following a plan through its month: progress, steps ticked off, the outcome settled again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid, Role
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from plans import progress as pages
from plans import rules_progress as rules
from plans.forms import TickForm
from plans.models import GOALS, ActionStep, Plan, PlanEvent, goal_label
from plans.progress_days import chart_of, days_of
from plans.services import Refused, may_manage, may_review
from plans.services_follow import tick as tick_off
from plans.services_settling import settle_again
from plans.views import READERS, REVIEWERS, plan_of


@require_GET
@for_roles(*READERS)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How the approved plan of a grid and month stands: goals, projects, steps."""
    plan, today = plan_of(request, pk), timezone.localdate()
    month, grids = Month.of(plan.month), Grid.objects.filter(pk=plan.grid_id)
    found = pages.progress_of(grids, month, today)[0]
    if found.plan is None:
        return render(request, "plans/progress.html", {"plan": plan, "month": month})
    if found.plan.pk != plan.pk:
        return redirect("plans:progress", found.plan.pk)
    start = pages.levels(grids, month.plus(-1), today).get(plan.grid_id)
    days = days_of(plan.grid, month, today) if month.first <= today else {}
    charts = {one.name: chart_of(one, days[one.name], month, start) for one in found.goals} if days else {}
    limits = pages.limits_of([plan.grid])[plan.grid.unit_id]
    user = signed_in(request)
    context = {
        "plan": plan,
        "counts": True,
        "month": month,
        "today": today,
        "goals": [(one, charts.get(one.name)) for one in found.goals],
        "rows": pages.project_rows(plan, today, limits),
        "steps": pages.step_rows(plan, today),
        "limits": limits,
        "manages": may_manage(user, plan),
        "reviews": may_review(user, plan),
        **_revision(plan),
    }
    return render(request, "plans/progress.html", context)


def _revision(plan: Plan) -> dict[str, Any]:
    """Which revision holds since when, and the one that is in work."""
    approved = plan.events.filter(action=PlanEvent.Action.APPROVED).order_by("-at", "-pk").first()
    work = Plan.objects.in_work().filter(grid=plan.grid_id, month=plan.month, revision__gt=plan.revision).first()
    return {"since": approved.at if approved else plan.reviewed_at, "in_work": work}


@require_GET
@for_roles(*READERS)
def progress_list(request: HttpRequest) -> HttpResponse:
    """All grids of the person and how their goals stand in a month, the worst first."""
    today = timezone.localdate()
    choice = chosen_month(request, Month.of(today))
    grids = Grid.objects.for_user(signed_in(request)).order_by("unit__name", "name")
    found = pages.progress_of(grids, choice.month, today)
    states = [one.progress.state for row in found for one in row.goals]
    context = {
        "choice": choice,
        "over": today > choice.month.last,
        "rows": sorted(found, key=lambda row: row.rank),
        "goals": [goal_label(goal) for goal in GOALS],
        "counts": [(state, states.count(state)) for state in rules.SEVERITY if state != rules.NO_TARGET],
        "without": sum(1 for row in found if row.plan is None),
    }
    return render(request, "plans/progress_list.html", context)


@require_POST
@for_roles(Role.GRID_MANAGER)
def tick(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a step done, with a note, or not done."""
    rows = ActionStep.objects.for_user(signed_in(request)).select_related("plan__grid")
    step = get_object_or_404(rows, pk=pk)
    if not may_manage(signed_in(request), step.plan):
        raise PermissionDenied
    form = TickForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(text) for text in form.errors["note"]))
    else:
        try:
            tick_off(step, "done" in request.POST, timezone.localdate(), signed_in(request), form.cleaned_data["note"])
        except Refused as refusal:
            messages.error(request, str(refusal))
    name = "plans:progress" if request.POST.get("back") == "progress" else "plans:plan"
    return redirect(reverse(name, args=[step.plan_id]) + f"#step-{step.pk}")


@require_POST
@for_roles(*REVIEWERS)
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring the outcome of a plan up to date with figures that came since."""
    plan = plan_of(request, pk)
    try:
        settle_again(plan, signed_in(request), now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Settled with the figures of today."))
    return redirect(reverse("plans:progress", args=[pk]) + "#outcome")
