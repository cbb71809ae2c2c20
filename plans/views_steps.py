"""Steps that an analysis suggests: putting one into the next plan, taking it back, and where each stands (P4, S1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid, Role
from gridops.common.months import Month
from plans.models import ProposedStep
from plans.services import Refused
from plans.services_steps import Suggestion, plan_for, propose, withdraw
from plans.views import READERS
from projects.models import Project
from projects.services import demand_edit, may_edit

EDITORS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.ADMIN)
SHOWN = 50


class ProposeForm(forms.Form):
    """A suggested step as it is sent."""

    grid = forms.IntegerField(min_value=1)
    project = forms.IntegerField(min_value=1, required=False)
    what = forms.CharField(max_length=200)
    measure = forms.CharField(max_length=120, required=False)
    finding = forms.SlugField(max_length=40, required=False)


@dataclass(frozen=True, slots=True)
class Button:
    """What the analysis page's button needs to be drawn again (``projects/_analysis_step.html``)."""

    code: str
    project: int | None
    step: str
    measure: str

    @property
    def key(self) -> str:
        """What the button and its state go by."""
        return f"{self.code}-{self.project or 0}"

    @classmethod
    def of(cls, proposal: ProposedStep) -> Button:
        """For the same step once more."""
        return cls(proposal.finding, proposal.project_id, proposal.what, proposal.measure)


def next_month() -> Month:
    """The month whose plan is made now."""
    return Month.of(timezone.localdate()).plus(1)


def _back(request: HttpRequest, done: str = "", refused: str = "") -> HttpResponse:
    """Without scripts: the page that the button stands on, with what came of it said above."""
    if done:
        messages.success(request, done)
    if refused:
        messages.error(request, refused)
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else "plans:list")


def _state(request: HttpRequest, button: Button, grid: Grid, **more: Any) -> HttpResponse:
    context = {
        "one": button,
        "grid": grid.pk,
        "month": next_month().first,
        "plan": plan_for(grid, next_month()),
        **more,
    }
    context["back"] = request.POST.get("back", "")
    return render(request, "plans/_proposed_step.html", context)


@require_POST
@for_roles(*EDITORS)
def propose_step(request: HttpRequest) -> HttpResponse:
    """Put a suggested step into next month's plan of a grid, or keep it for its draft."""
    form, user = ProposeForm(request.POST), signed_in(request)
    if not form.is_valid():
        return HttpResponseBadRequest(_("This step can't be read."))
    data = form.cleaned_data
    grid = get_object_or_404(Grid.objects.for_user(user).select_related("unit"), pk=data["grid"])
    demand_edit(user, grid.pk)
    project = None
    if data["project"]:
        project = get_object_or_404(Project.objects.for_user(user), pk=data["project"], grid=grid)
    button = Button(data["finding"], data["project"], data["what"], data["measure"])
    suggestion = Suggestion(data["what"], data["measure"], project, data["finding"])
    try:
        proposal = propose(grid, next_month(), suggestion, user, timezone.now())
    except Refused as refusal:
        text = str(refusal)
        return _state(request, button, grid, refused=text) if _is_htmx(request) else _back(request, refused=text)
    if _is_htmx(request):
        return _state(request, button, grid, proposal=proposal)
    return _back(request, done=_("Put into the next plan.") if proposal.step_id else _("Noted for the next plan."))


@require_POST
@for_roles(*EDITORS)
def withdraw_step(request: HttpRequest) -> HttpResponse:
    """Take a suggested step back."""
    user, sent = signed_in(request), request.POST.get("proposal", "")
    if not sent.isdecimal() or len(sent) > 18:
        return HttpResponseBadRequest(_("This step can't be read."))
    rows = ProposedStep.objects.for_user(user).select_related("grid__unit", "step__plan")
    proposal = rows.filter(pk=sent).first()
    if proposal is None:  # taken back already, by someone else or by a first click
        return _back(request, done=_("Taken back.")) if not _is_htmx(request) else HttpResponse()
    demand_edit(user, proposal.grid_id)
    button, grid = Button.of(proposal), proposal.grid
    try:
        withdraw(proposal)
    except Refused as refusal:
        text = str(refusal)
        if _is_htmx(request):
            return _state(request, button, grid, proposal=proposal, refused=text)
        return _back(request, refused=text)
    return _state(request, button, grid) if _is_htmx(request) else _back(request, done=_("Taken back."))


@for_roles(*READERS)
def proposed_steps(request: HttpRequest) -> HttpResponse:
    """Where the steps that an analysis suggests stand, for the buttons that it shows (``shown``: their keys)."""
    asked, user = request.GET.get("grid", ""), signed_in(request)
    if not asked.isdecimal() or len(asked) > 18:
        return HttpResponseBadRequest(_("Say which grid."))
    grid = get_object_or_404(Grid.objects.for_user(user).select_related("unit"), pk=asked)
    month, shown = next_month(), set(request.GET.getlist("shown")[:SHOWN])
    rows = ProposedStep.objects.filter(grid=grid, month=month.first).select_related("step__plan")
    states = [(Button.of(row), row) for row in rows]
    context = {
        "grid": grid.pk,
        "month": month.first,
        "plan": plan_for(grid, month),
        "states": [(button, row) for button, row in states if button.key in shown],
        "back": request.headers.get("HX-Current-URL", ""),
        "may_propose": may_edit(user, grid.pk),
    }
    return render(request, "plans/_proposed_steps.html", context)


def _is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))
