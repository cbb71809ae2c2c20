"""The supervisor's side of plans: what waits, a plan beside last month's and its last version, deciding on it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from plans import inbox as box
from plans import pages_review, services, services_review
from plans.cells import clean
from plans.forms import ReasonForm
from plans.models import Plan
from plans.pages import problem_context
from plans.services_rights import is_own
from plans.views import REVIEWERS, common, plan_of

LONGEST_REASON = 500
UNDECIDED = "plans.undecided"  # what was ticked and typed for a decision that could not be taken


@for_roles(*REVIEWERS)
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for the supervisor, what is late, returned, not handed in, approved."""
    today = timezone.localdate()
    choice = chosen_month(request, Month.of(today).plus(1))
    found = box.inbox(box.rows(signed_in(request), choice.month, today), box.Choice.of(request.GET.dict()))
    context = {
        "choice": choice,
        "inbox": found,
        "found_titles": box.FOUND_TITLES,
        "sort_titles": box.SORT_TITLES,
        "all_chosen": request.GET.get("all") == "1",
        "here": request.get_full_path(),
        **request.session.pop(UNDECIDED, {}),
    }
    return render(request, "plans/inbox.html", context)


@require_POST
@for_roles(*REVIEWERS)
def decide(request: HttpRequest) -> HttpResponse:
    """Approve or return the chosen plans; the answer names each."""
    asked, decision = _asked(request), request.POST.get("decision", "")
    reason = clean(request.POST.get("reason", ""))
    if fault := _fault(asked, decision, reason):
        messages.error(request, fault)
        request.session[UNDECIDED] = {"ticked": list(asked)[: box.SHOWN], "reason": request.POST.get("reason", "")}
        return redirect(_back(request))
    rows = Plan.objects.for_user(signed_in(request)).filter(pk__in=asked).select_related("grid__unit")
    plans = list(rows.order_by("grid__unit__name", "grid__name"))
    if len(plans) != len(asked):
        raise Http404
    chosen = [(plan, asked[plan.pk]) for plan in plans]
    made = services_review.decide(chosen, signed_in(request), decision, reason=reason, now=timezone.now())
    context = {
        "approved": decision == services_review.APPROVE,
        "reason": reason,
        "done": [one for one in made if not one.refused],
        "left": [one for one in made if one.refused],
        "back": _back(request),
    }
    return render(request, "plans/decided.html", context)


def _asked(request: HttpRequest) -> dict[int, int]:
    """The ids of the plans that were ticked, with the versions seen."""
    asked: dict[int, int] = {}
    for text in request.POST.getlist("plan"):
        pk, _colon, version = text.partition(":")
        if not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in (pk, version)):
            raise Http404
        asked[int(pk)] = int(version)
    return asked


def _fault(asked: dict[int, int], decision: str, reason: str) -> str:
    """Why nothing at all is decided; empty when something is."""
    if not asked:
        return _("No plan was chosen.")
    if len(asked) > box.SHOWN:
        return _("At most %(number)d plans are decided at once.") % {"number": box.SHOWN}
    if decision not in (services_review.APPROVE, services_review.RETURN):
        return _("Nothing was decided: neither approve nor return was chosen.")
    if decision == services_review.RETURN and not reason:
        return _("Nothing was returned: please give a reason.")
    return _too_long(reason)


def _too_long(reason: str) -> str:
    """What to say of a reason that can't be kept whole."""
    length = len(clean(reason))
    return (
        _("A reason has at most %(number)d characters.") % {"number": LONGEST_REASON} if length > LONGEST_REASON else ""
    )


def _back(request: HttpRequest) -> str:
    """The inbox as it was: only its own query is taken from what was sent."""
    inbox_page = reverse("plans:inbox")
    asked = request.POST.get("back", "")
    return asked if asked.startswith(f"{inbox_page}?") else inbox_page


# --- One plan ---


@for_roles(*REVIEWERS)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan beside last month's and its last version, to be approved or returned."""
    return _review(request, plan_of(request, pk))


def _review(request: HttpRequest, plan: Plan, reason: str = "", status: int = 200) -> HttpResponse:
    only = request.GET.get("only") == "1"
    shared = common(request, plan)
    context = {
        **shared,
        "review": pages_review.review(plan, only=only),
        "only": only,
        "own": {share.line: share for share in shared["shares"]},
        "walk": pages_review.walk(signed_in(request), plan),
        **problem_context(plan),
        "is_own": is_own(signed_in(request), plan),
        "reason": reason,
    }
    return render(request, "plans/review.html", context, status=status)


@require_POST
@for_roles(*REVIEWERS)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve the plan."""
    done = _("%(plan)s: approved. Its shares are the month's targets now.")
    return _decided(request, plan_of(request, pk), done, services.approve)


@require_POST
@for_roles(*REVIEWERS)
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the plan with a reason."""
    reason = request.POST.get("reason", "")
    return _decided(request, plan_of(request, pk), _("%(plan)s: returned to the manager."), services.send_back, reason)


def _decided(
    request: HttpRequest, plan: Plan, done: str, act: Callable[..., None], reason: str | None = None
) -> HttpResponse:
    """Decide, then go on to the next plan that waits; what could not be decided is shown again, with what was typed."""
    form, fields = ReasonForm(request.POST), {} if reason is None else {"reason": reason}
    waits = pages_review.walk(signed_in(request), plan)
    if fault := _too_long(reason or ""):
        messages.error(request, fault)
        return _review(request, plan, reason or "", status=422)
    try:
        version = form.cleaned_data["version"] if form.is_valid() else 0
        act(plan, version, signed_in(request), now=timezone.now(), **fields)
    except services.Refused as refusal:
        messages.error(request, str(refusal))
        return _review(request, plan_of(request, plan.pk), reason or "", status=409)
    onwards = waits.next or waits.previous
    text = done % {"plan": plan}
    if onwards:
        left = waits.waiting - 1
        text += " " + ngettext("%(number)d plan waits.", "%(number)d plans wait.", left) % {"number": left}
    messages.success(request, text)
    address = reverse("plans:review", args=[onwards or plan.pk])
    return redirect(address + ("?only=1" if request.POST.get("only") == "1" else ""))
