"""Plans whose target moved after they were made: the supervisor's list of them, and the manager's take-over (S1)."""

from __future__ import annotations

from collections import Counter

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid, Role
from gridops.common.ids import read_id
from gridops.common.month_choice import MonthChoice, chosen_month
from gridops.common.months import Month
from plans import services
from plans.models import Plan
from plans.pages_targets import SETTERS, supervised_units
from plans.services_targets import Touched, moved_of, take_over, touched
from plans.views import plan_of

MOST = 300


@require_http_methods(["GET", "POST"])
@for_roles(*SETTERS)
def touched_plans(request: HttpRequest) -> HttpResponse:
    """Plans that targets moved away from, by state; drafts can be brought up to date, submitted ones returned."""
    choice = chosen_month(request, Month.of(timezone.localdate()).plus(1))
    found = touched(Grid.objects.filter(unit__in=supervised_units(signed_in(request))), choice.month)
    if request.method == "POST":
        return _act(request, choice, found)
    return _show(request, choice, found)


def _show(request: HttpRequest, choice: MonthChoice, found: list[Touched], status: int = 200) -> HttpResponse:
    shown = found[:MOST]
    context = {
        "choice": choice,
        "number": len(found),
        "more": len(found) - len(shown),
        "open": [one for one in shown if one.plan.is_editable],
        "submitted": [one for one in shown if one.plan.state == Plan.State.SUBMITTED],
        "approved": [one for one in shown if one.plan.state == Plan.State.APPROVED],
        "reason": request.POST.get("reason", ""),
        "chosen": request.POST.getlist("plan"),
    }
    return render(request, "plans/touched.html", context, status=status)


def _act(request: HttpRequest, choice: MonthChoice, found: list[Touched]) -> HttpResponse:
    chosen = _chosen(request, choice, found)
    returning = request.POST.get("act") == "return"
    if returning and not request.POST.get("reason", "").strip():
        messages.error(request, _("Please give a reason."))
        return _show(request, choice, found, status=422)
    done = Counter(_take(request, one, returning) for one in chosen)[True]
    if done and returning:
        text = ngettext("%(n)d plan returned.", "%(n)d plans returned.", done)
        messages.success(request, text % {"n": done})
    elif done:
        text = ngettext("%(n)d plan brought up to date.", "%(n)d plans brought up to date.", done)
        messages.success(request, text % {"n": done})
    elif not chosen:
        messages.info(request, _("No plan was chosen."))
    return redirect(f"{reverse('plans:touched')}?month={choice.month}")


def _chosen(request: HttpRequest, choice: MonthChoice, found: list[Touched]) -> list[Touched]:
    """The plans that were ticked; one that is not the person's refuses all of them (404)."""
    ids = {read_id(text) for text in request.POST.getlist("plan")}
    units = supervised_units(signed_in(request))
    if Plan.objects.filter(pk__in=ids, grid__unit__in=units, month=choice.first).count() != len(ids):
        raise Http404
    return [one for one in found if one.plan.pk in ids]


def _take(request: HttpRequest, one: Touched, returning: bool) -> bool:
    user, plan = signed_in(request), one.plan
    version = _version(request, f"version-{plan.pk}")
    try:
        if returning:
            reason = request.POST["reason"]
            services.send_back(plan, version, user, reason=reason, now=timezone.now())
        else:
            take_over(plan, version)
    except services.Refused as refusal:
        messages.warning(request, f"{plan.grid}{_(': ')}{refusal}")
        return False
    return True


def _version(request: HttpRequest, name: str) -> int:
    return read_id(request.POST.get(name, ""))


@require_POST
@for_roles(Role.GRID_MANAGER)
def take_over_target(request: HttpRequest, pk: int) -> HttpResponse:
    """The manager takes the changed target over into a draft or returned plan."""
    plan = plan_of(request, pk)
    if not services.may_manage(signed_in(request), plan):
        raise PermissionDenied
    if not moved_of(plan):
        return redirect("plans:plan", pk)
    try:
        moved = take_over(plan, _version(request, "version"))
    except services.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("plans:plan", pk)
    stays = [one for one in moved if not one.follows]
    if len(stays) < len(moved):
        messages.success(request, _("Taken over, and split again."))
    if stays:
        text = _("Left as you set it: %(goals)s")
        messages.info(request, text % {"goals": "、".join(one.label for one in stays)})
    return redirect("plans:plan", pk)
