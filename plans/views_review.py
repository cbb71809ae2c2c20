"""The supervisor's side of plans: what waits, a plan beside last month's, approving and returning."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from plans import pages, services
from plans.checks import problems
from plans.forms import ReasonForm
from plans.views import REVIEWERS, common, plan_of, posted


@for_roles(*REVIEWERS)
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for the supervisor, what is late, returned, not handed in."""
    today = timezone.localdate()
    choice = chosen_month(request, Month.of(today).plus(1))
    sections = pages.inbox(pages.overview(signed_in(request), choice.month, today))
    return render(request, "plans/inbox.html", {"choice": choice, "sections": sections})


@for_roles(*REVIEWERS)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan beside last month's, to be approved or returned."""
    found = plan_of(request, pk)
    last = pages.last_plan(found)
    context = {
        **common(request, found),
        "last": last,
        "shares_beside": pages.shares_beside(found, last),
        "steps": found.steps.select_related("project", "carried_from").prefetch_related("proposals"),
        "last_steps": last.steps.select_related("project").prefetch_related("proposals") if last else [],
        "problems": problems(found),
        "reason_form": ReasonForm(initial={"version": found.version}),
    }
    return render(request, "plans/review.html", context)


@require_POST
@for_roles(*REVIEWERS)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve the plan."""
    return posted(request, pk, _("Approved. Its shares are the month's targets now."), services.approve)


@require_POST
@for_roles(*REVIEWERS)
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the plan with a reason."""
    return posted(request, pk, _("Returned to the manager."), services.send_back, reason=True)
