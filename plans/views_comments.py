"""Comments on single lines of a plan, written where the line stands."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from plans import services_comments as services
from plans.models import Plan, PlanComment
from plans.services import Refused
from plans.views import plan_of

WRITERS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.ADMIN)


@require_POST
@for_roles(*WRITERS)
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a comment on a line."""
    plan, line, fault = plan_of(request, pk), request.POST.get("line", "")[:40], ""
    typed = request.POST.get(f"text-{line}", "")
    try:
        services.comment(plan, line, typed, signed_in(request), now=timezone.now())
    except Refused as refusal:
        fault = str(refusal)
    return _answer(request, plan, line, fault, typed if fault else "")


@require_POST
@for_roles(*WRITERS)
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a comment as seen to."""
    rows = PlanComment.objects.for_user(signed_in(request)).select_related("plan__grid__unit")
    found, fault = get_object_or_404(rows, pk=pk), ""
    try:
        services.settle(found, signed_in(request), now=timezone.now())
    except Refused as refusal:
        fault = str(refusal)
    return _answer(request, found.plan, found.line, fault)


def _answer(request: HttpRequest, plan: Plan, line: str, fault: str, typed: str = "") -> HttpResponse:
    """The line's comments again, or the list of open ones; without scripts the page that it came from."""
    htmx = getattr(request, "htmx", None)
    if htmx:
        context = {
            "plan": plan,
            "comments": services.comments_of(plan, signed_in(request)),
            "line": line,
            "fault": fault,
            "typed": typed,
            "unfolded": True,
        }
        name = "_open_comments" if htmx.target == "open-comments" else "_comments"
        return render(request, f"plans/{name}.html", context)
    if fault:
        messages.error(request, fault)
    back = request.POST.get("back", "")
    if not (back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)):
        back = reverse("plans:plan", args=[plan.pk])
    return redirect(f"{back}#comments-{line}")
