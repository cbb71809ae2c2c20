"""Matters: the list, a new one, one with its steps, and taking a step (C1, C5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from channels import services_matters as services
from channels.filters_matters import MatterFilter
from channels.forms_matters import MatterForm, StepForm
from channels.ledger_matters import MATTERS
from channels.models import Agent, Matter, MatterStep
from channels.querysets_meetings import MatterQuerySet
from channels.rules_matters import ANSWER, NOTE, PASS_ON, REOPEN, TOLD_BACK, TRANSITIONS, is_late
from channels.views import READERS
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid, Role, User
from gridops.common.ids import read_id
from gridops.common.lists import Listing, ListSpec
from gridops.workbooks.downloads import download

SUBJECTS = ("agent", "outlet", "project")
EVERYONE = (*READERS, Role.AGENT_STAFF)


def is_staff(user: User) -> bool:
    """Whether the person looks at their own agent's alone."""
    return user.scope.has(Role.AGENT_STAFF) and not user.scope.everything


def without_export(spec: ListSpec, user: User) -> ListSpec:
    """The list as agent staff see it: nothing to take out; for others as it is."""
    return replace(spec, export="") if is_staff(user) else spec


def _listing(request: HttpRequest) -> Listing[Matter]:
    user, today = signed_in(request), timezone.localdate()
    rows: MatterQuerySet = Matter.objects.for_user(user)

    def decorate(page: list[Matter]) -> None:
        for row in page:
            row.late = is_late(row.state, row.due_on, today)  # type: ignore[attr-defined]

    found = MatterFilter(request.GET, queryset=rows.in_list(), user=user)
    return Listing(request, without_export(MATTERS, user), found, decorate=decorate)


@require_GET
@for_roles(*EVERYONE)
def matters(request: HttpRequest) -> HttpResponse:
    """What agents and outlets brought up, in the person's scope; due first on top."""
    user = signed_in(request)
    counts = Matter.objects.for_user(user).counts(user, timezone.localdate())
    return _listing(request).answer("channels/matters.html", counts=counts, is_staff=is_staff(user))


@require_GET
@for_roles(*READERS)
def matters_export(request: HttpRequest) -> HttpResponseBase:
    """The list's rows as a workbook."""
    return download(request, _listing(request), "channels:matters")


# --- A new one ---


def asked_grid(request: HttpRequest, grids: Sequence[Grid]) -> Grid | None:
    """The grid of ``grids`` that the address names, else the only one; None: it has to be chosen first."""
    asked = read_id(request.GET.get("grid", ""))
    if asked and asked not in {one.pk for one in grids}:
        raise Http404
    return next((one for one in grids if one.pk == asked), grids[0] if len(grids) == 1 else None)


@require_http_methods(["GET", "POST"])
@for_roles(*EVERYONE)
def matter_new(request: HttpRequest) -> HttpResponse:
    """Write down what was asked for; in several grids, the grid comes first."""
    user, today = signed_in(request), timezone.localdate()
    rows = services.grids_of_agent(user) if is_staff(user) else Grid.objects.for_user(user)
    grids = list(rows.select_related("unit").order_by("unit__name", "name"))
    grid = asked_grid(request, grids)
    form, status = None, 200
    if grid:
        form = MatterForm(user, grid, today, request.POST or None, initial=_initial(request, user, grid))
        if request.method == "POST":
            if form.is_valid() and (matter := _raise(form, grid, user)):
                messages.success(request, _("Written down. It stays open until the answer was told back."))
                return redirect("channels:matter", matter.pk)
            status = 422
    context = {
        "form": form,
        "grids": grids if len(grids) > 1 else [],
        "grid": grid,
        "kept": [(name, request.GET[name]) for name in SUBJECTS if name in request.GET],
        "is_staff": is_staff(user),
    }
    return render(request, "channels/matter_new.html", context, status=status)


def _initial(request: HttpRequest, user: User, grid: Grid) -> dict[str, Any]:
    today = timezone.localdate()
    named = {name: read_id(request.GET.get(name, "")) or None for name in SUBJECTS}
    try:
        owner = services.first_owner(grid, user, today).pk
    except ValidationError:
        owner = None
    return {"kind": "problem", "owner": owner, "due_on": services.due_by_default(grid, today), **named}


def _raise(form: MatterForm, grid: Grid, user: User) -> Matter | None:
    said = dict(form.cleaned_data)
    if is_staff(user):
        said["agent"] = Agent.objects.filter(staff__user=user).first()
    try:
        return services.raise_matter(grid, said.pop("what"), user, now=timezone.now(), **said)
    except ValidationError as refused:
        _say(form, refused)
        return None


# --- One matter ---


def _matter(request: HttpRequest, pk: int) -> Matter:
    rows = Matter.objects.for_user(signed_in(request)).in_list()
    return get_object_or_404(rows.select_related("meeting", "visit", "raised_by"), pk=pk)


@require_GET
@for_roles(*EVERYONE)
def matter(request: HttpRequest, pk: int) -> HttpResponse:
    """One matter: what it is about, its answer, its steps, and what may be done now."""
    return _page(request, _matter(request, pk))


@require_POST
@for_roles(*EVERYONE)
def matter_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take a step; what is refused is said, and what was typed stays."""
    subject, user, today = _matter(request, pk), signed_in(request), timezone.localdate()
    if step not in TRANSITIONS:
        raise Http404
    if not (services.handles(user, subject) or (TRANSITIONS[step].asked and services.asked_for(user, subject))):
        raise PermissionDenied
    form = StepForm(subject, today, request.POST, passing=step == PASS_ON)
    if not form.is_valid():
        return _page(request, subject, step, form, status=422)
    try:
        _take(step, subject, form, user)
    except services.ChangedMeanwhile:
        form.add_error(None, _("Somebody took a step meanwhile; look at it, then send yours again."))
        return _page(request, _matter(request, pk), step, form, status=409)
    except ValidationError as refused:
        _say(form, refused)
        return _page(request, subject, step, form, status=422)
    messages.success(request, _done(step))
    return redirect("channels:matter", pk)


def _take(step: str, subject: Matter, form: StepForm, user: User) -> None:
    said, more = form.cleaned_data, {"now": timezone.now(), "version": form.cleaned_data["version"]}
    text: str = said["text"]
    if step == PASS_ON:
        services.pass_on(subject, said["owner"], said["due_on"], user, text=text, **more)
    elif step == TOLD_BACK:
        services.told_back(subject, user, text=text, **more)
    else:
        {NOTE: services.note, ANSWER: services.answer, REOPEN: services.reopen}[step](subject, text, user, **more)


def _done(step: str) -> str:
    return {
        NOTE: _("The note was kept."),
        PASS_ON: _("Passed on."),
        ANSWER: _("Answered. Now tell whoever asked, then tick that off."),
        TOLD_BACK: _("Closed: the answer was told back."),
        REOPEN: _("Open again."),
    }[step]


def _say(form: Any, refused: ValidationError) -> None:
    """Put what a service refused at its field, or at the head of the form."""
    for name, texts in getattr(refused, "error_dict", {None: refused.error_list}).items():
        form.add_error(name if name in form.fields else None, texts)


def _page(
    request: HttpRequest, subject: Matter, step: str = "", form: StepForm | None = None, status: int = 200
) -> HttpResponse:
    user, today = signed_in(request), timezone.localdate()
    possible = services.steps_for(user, subject)
    context = {
        "matter": subject,
        "late": is_late(subject.state, subject.due_on, today),
        "steps": _steps(subject, user),
        "possible": possible,
        "owners": services.owners(subject.grid, today) if PASS_ON in possible else [],
        "open_step": step or _first(subject, possible, user),
        "form": form,
        "is_staff": is_staff(user),
        "today": today,
    }
    return render(request, "channels/matter.html", context, status=status)


def _first(subject: Matter, possible: frozenset[str], user: User) -> str:
    """The step that is next: it stands open on the page."""
    if TOLD_BACK in possible:
        return TOLD_BACK
    return ANSWER if ANSWER in possible and subject.owner_id == user.pk else ""


def _steps(subject: Matter, user: User) -> Any:
    """Its steps; those who asked see what was said to them and what they said."""
    rows = subject.steps.select_related("by", "to")
    if not is_staff(user):
        return rows
    inner = (MatterStep.What.NOTED, MatterStep.What.PASSED_ON)
    return rows.exclude(pk__in=subject.steps.filter(what__in=inner).exclude(by__agent_staff__agent=subject.agent_id))
