"""What is done to a new project: moved on, looked at, talked about, prepared, given up, put into service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.workbooks.pages import answer_edit
from projects import forms_prospects as forms
from projects import rules_prospects as rules
from projects import services_prospects as services
from projects.models import Preparation, Prospect, Stage
from projects.services import demand_edit
from projects.views import EDITORS
from projects.views_prospects import prospect_of, show


def _mine(request: HttpRequest, pk: int) -> Prospect:
    """The new project, if the person may change it."""
    prospect = prospect_of(request, pk)
    demand_edit(signed_in(request), prospect.grid_id)
    return prospect


def _step(request: HttpRequest, pk: int) -> Preparation:
    rows = Preparation.objects.for_user(signed_in(request)).select_related("prospect")
    step = get_object_or_404(rows, pk=pk)
    demand_edit(signed_in(request), step.prospect.grid_id)
    return step


def _to_steps(step: Preparation) -> HttpResponse:
    return redirect(reverse("projects:prospect", args=[step.prospect_id]) + "#preparation")


def _took(request: HttpRequest, pk: int, act: Callable[[], object], done: str) -> HttpResponse:
    """Do it and say so, or say why it can't be done."""
    try:
        act()
    except services.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("projects:prospect", pk)


# --- Stages ---


@require_http_methods(["GET", "POST"])
@for_roles(*EDITORS)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """To the next stage, or ``?to=`` another; a stage that is skipped is asked about."""
    prospect = _mine(request, pk)
    to = request.GET.get("to") or rules.following(prospect.stage) or ""
    if to == Stage.LIVE and prospect.is_under_way:
        return redirect("projects:prospect-live", pk)
    if to not in rules.STAGES or to == prospect.stage or not prospect.is_under_way:
        messages.error(request, _("This new project can't be moved there."))
        return redirect("projects:prospect", pk)
    form, status = forms.MoveForm(request.POST or None, prospect=prospect, to=to), 200
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        version, days, reason = data["version"], forms.given_days(form), data.get("reason", "")
        try:
            services.move(prospect, version, to, days, timezone.localdate(), reason)
        except services.Refused as refusal:
            form.add_error(None, str(refusal))
            status = 409
        except rules.MoveFault as fault:
            forms.say_fault(form, fault)
        else:
            messages.success(request, _("It stands at “%(stage)s” now.") % {"stage": Stage(to).label})
            return redirect("projects:prospect", pk)
    context = {"form": form, "prospect": prospect, "stage": Stage(to).label, "back": _page(pk)}
    return render(request, "projects/prospect_move.html", context, status=status)


def _page(pk: int) -> str:
    return reverse("projects:prospect", args=[pk])


@require_http_methods(["GET", "POST"])
@for_roles(*EDITORS)
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """投产: the new project becomes a row of the ledger, and keeps its history (F2)."""
    prospect = _mine(request, pk)
    if not prospect.is_under_way:
        return _not_again(request, prospect)
    form, status = forms.LiveForm(request.POST or None, prospect=prospect), 200
    if request.method == "POST" and form.is_valid():
        try:
            made = services.go_live(
                prospect,
                form.cleaned_data["version"],
                form.save(commit=False),
                forms.given_days(form),
                signed_in(request),
                timezone.localdate(),
            )
        except services.Refused as refusal:
            form.add_error(None, str(refusal))
            status = 409
        except services.CodeTaken:
            form.add_error("code", services.CODE_TAKEN)
        except rules.MoveFault as fault:
            forms.say_fault(form, fault)
        else:
            messages.success(request, _("In service. The ledger has it as %(code)s now.") % {"code": made.code})
            return redirect("projects:detail", made.pk)
    context = {"form": form, "prospect": prospect, "back": _page(pk)}
    return render(request, "projects/prospect_live.html", context, status=status)


def _not_again(request: HttpRequest, prospect: Prospect) -> HttpResponse:
    if prospect.project is not None:
        messages.info(request, _("It is in service already: %(code)s.") % {"code": prospect.project.code})
        return redirect("projects:detail", prospect.project.pk)
    messages.error(request, _("This new project was given up; take it up again first."))
    return redirect("projects:prospect", prospect.pk)


@require_POST
@for_roles(*EDITORS)
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow it no longer."""
    prospect, form = _mine(request, pk), forms.ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why it is given up."))
        return redirect("projects:prospect", pk)
    version, reason = form.cleaned_data["version"], form.cleaned_data["reason"]
    today = timezone.localdate()
    return _took(request, pk, lambda: services.give_up(prospect, version, reason, today), _("Given up."))


@require_POST
@for_roles(*EDITORS)
def take_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow it again."""
    prospect, form = _mine(request, pk), forms.VersionForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else 0
    return _took(request, pk, lambda: services.take_up(prospect, version), _("Taken up again."))


# --- Looked at, talked about, what comes next ---


@require_POST
@for_roles(*EDITORS)
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Looked at, nothing new (F1)."""
    prospect = _mine(request, pk)
    return _took(request, pk, lambda: services.look(prospect), _("Noted: looked at today."))


@require_http_methods(["GET", "POST"])
@for_roles(*EDITORS)
def next_step(request: HttpRequest, pk: int) -> HttpResponse:
    """What comes next, and by when."""
    prospect = _mine(request, pk)
    form = forms.NextStepForm(request.POST or None, instance=prospect)
    return answer_edit(request, form, prospect.name, _page(pk))


@require_POST
@for_roles(*EDITORS)
def talk(request: HttpRequest, pk: int) -> HttpResponse:
    """A talk that was held."""
    prospect, form = _mine(request, pk), forms.TalkForm(request.POST)
    if not form.is_valid():
        return show(request, prospect, talk=form, status=422)
    services.add_talk(prospect, form.save(commit=False), signed_in(request))
    messages.success(request, _("The talk is on record."))
    return redirect(_page(pk) + "#talks")


# --- Preparation ---


@require_POST
@for_roles(*EDITORS)
def add_step(request: HttpRequest, pk: int) -> HttpResponse:
    """A step of this new project alone."""
    prospect, form = _mine(request, pk), forms.StepForm(request.POST)
    if not form.is_valid():
        return show(request, prospect, step=form, status=422)
    services.add_step(prospect, form.save(commit=False))
    messages.success(request, _("The step was added."))
    return redirect(_page(pk) + "#preparation")


@require_POST
@for_roles(*EDITORS)
def tick(request: HttpRequest, pk: int) -> HttpResponse:
    """Done, or to be done after all (``undo``)."""
    step, form = _step(request, pk), forms.TickForm(request.POST)
    if not form.is_valid():
        messages.error(request, _first_error(form))
        return _to_steps(step)
    undo, noted = "undo" in request.POST, "note" in request.POST
    day = None if undo else form.cleaned_data["day"] or timezone.localdate()
    services.tick(step, signed_in(request), day, form.cleaned_data["note"] if noted else None)
    return _to_steps(step)


@require_POST
@for_roles(*EDITORS)
def due(request: HttpRequest, pk: int) -> HttpResponse:
    """By when a step is to be done, set by hand; empty: it follows the plan again."""
    step, form = _step(request, pk), forms.DueForm(request.POST)
    if form.is_valid():
        services.set_due(step, form.cleaned_data["day"])
    else:
        messages.error(request, _first_error(form))
    return _to_steps(step)


def _first_error(form: Any) -> str:
    return str(next(iter(form.errors.values()))[0])
