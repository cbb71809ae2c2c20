"""Following a plan through its month."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from plans.models import ActionStep
from plans.services import may_manage
from plans.services_follow import tick as tick_off


@require_POST
@for_roles(Role.GRID_MANAGER)
def tick(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a step done, or not done."""
    rows = ActionStep.objects.for_user(signed_in(request)).select_related("plan__grid")
    step = get_object_or_404(rows, pk=pk)
    if not may_manage(signed_in(request), step.plan):
        raise PermissionDenied
    tick_off(step, "done" in request.POST, timezone.localdate())
    return redirect(reverse("plans:plan", args=[step.plan_id]) + "#steps-now")
