"""Plans: where each stands, the plan's page, and the steps of its course."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from gridops.accounts.rulebook import rule
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from plans import pages, services
from plans.checks import due_on, has_target, is_late
from plans.forms import ReasonForm
from plans.models import Plan
from plans.services_comments import comments_of

READERS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.ADMIN)
REVIEWERS = (Role.SUPERVISOR, Role.ADMIN)


def plan_of(request: HttpRequest, pk: int) -> Plan:
    """The plan of an address, out of the person's own."""
    rows = Plan.objects.for_user(signed_in(request)).select_related("grid__unit", "submitted_by", "reviewed_by")
    return get_object_or_404(rows, pk=pk)


@for_roles(*READERS)
def plan_list(request: HttpRequest) -> HttpResponse:
    """Where the plan of each grid stands, for a month; next month's unless another was chosen."""
    today = timezone.localdate()
    choice = chosen_month(request, Month.of(today).plus(1))
    states = pages.plan_list(signed_in(request), choice.month, today)
    return render(request, "plans/list.html", {"choice": choice, "states": states})


def common(request: HttpRequest, plan: Plan) -> dict[str, Any]:
    """What every page that shows a whole plan needs."""
    user, month = signed_in(request), Month.of(plan.month)
    owed = rule("sessions_per_day", plan.grid.unit)
    return {
        **pages.split_context(plan),
        "plan": plan,
        "goals": pages.goal_rows(plan),
        "days": pages.timetable(plan.grid, month, owed),
        "owed": owed,
        "events": pages.events(plan),
        "due": due_on(plan),
        "late": is_late(plan, timezone.localdate()),
        "has_target": has_target(plan),
        "manages": services.may_manage(user, plan),
        "reviews": services.may_review(user, plan),
        "comments": comments_of(plan, user),
    }


# --- The course: each of these posts takes one step ---

Act = Callable[..., Plan | None]
SUBMITTED = gettext_lazy("Submitted. The supervisor sees it now.")


def take(request: HttpRequest, plan: Plan, version: int, done: str | Promise, act: Act, **fields: str) -> HttpResponse:
    """Take a step of the course, and show the plan with what came of it."""
    try:
        made = act(plan, version, signed_in(request), now=timezone.now(), **fields)
    except services.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("plans:review" if request.POST.get("back") == "review" else "plans:plan", plan.pk)
    messages.success(request, str(done))
    return redirect("plans:plan", (made or plan).pk)


def posted(request: HttpRequest, pk: int, done: str | Promise, act: Act, *, reason: bool = False) -> HttpResponse:
    """The same with the version, and where the step needs it the reason, that were posted."""
    plan, form = plan_of(request, pk), ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The plan has changed in the meantime; look at it again."))
        return redirect("plans:plan", pk)
    fields = {"reason": form.cleaned_data["reason"]} if reason else {}
    return take(request, plan, form.cleaned_data["version"], done, act, **fields)


@require_POST
@for_roles(Role.GRID_MANAGER)
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the plan in."""
    return posted(request, pk, SUBMITTED, services.submit)


@require_POST
@for_roles(Role.GRID_MANAGER)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a plan back that waits for its review."""
    return posted(request, pk, _("Taken back: you can change it and submit it again."), services.withdraw)


@require_POST
@for_roles(Role.GRID_MANAGER)
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a revision of an approved plan."""
    return posted(request, pk, _("A new revision is in work."), services.revise, reason=True)
