"""Giving a project to another agent: from which day, what that means, done; taking back what still waits (S7)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from channels.forms_agents import OwnerForm, ProjectChoiceForm
from channels.models import Agent, OwnerChange, Ownership
from channels.services import supervises
from channels.services_agents import contract_units
from channels.services_ownership import Foreseen, Moved, change_owner, foresee, withdraw
from channels.views import AGENT_EDITORS
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import User
from gridops.common.ids import read_id
from gridops.common.templatetags.gridops import day
from projects.models import Project

PROPOSED = 100


def _projects(user: User) -> Any:
    """The projects that the person may give to another."""
    return Project.objects.for_user(user).filter(grid__unit__in=contract_units(user), is_active=True)


@for_roles(*AGENT_EDITORS)
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Which project an agent is to be given; the next page asks from when."""
    user = signed_in(request)
    agent = get_object_or_404(Agent.objects.for_user(user), pk=pk)
    projects = _projects(user)
    form = ProjectChoiceForm(request.POST or None, projects=projects)
    if request.method == "POST" and form.is_valid() and form.project:
        return redirect(reverse("channels:owner", args=[form.project.pk]) + f"?agent={agent.pk}")
    owned = Ownership.objects.on(timezone.localdate()).values("project")
    context = {
        "form": form,
        "agent": agent,
        "unowned": projects.exclude(pk__in=owned).order_by("code")[:PROPOSED],
        "back": reverse("channels:agent", args=[pk]),
    }
    return render(request, "channels/agent_give.html", context)


@for_roles(*AGENT_EDITORS)
def owner(request: HttpRequest, pk: int) -> HttpResponse:
    """To whom and from when; then what that means; then doing it."""
    user = signed_in(request)
    rows = Project.objects.for_user(user).select_related("grid__unit")
    project = get_object_or_404(rows, pk=pk)
    if not supervises(user, project.grid.unit_id):
        raise PermissionDenied
    agents = Agent.objects.for_user(user).filter(is_active=True).order_by("name", "code")
    asked = read_id(request.GET.get("agent", ""))
    initial = {"agent": asked} if asked else {}
    form = OwnerForm(request.POST if request.method == "POST" else None, agents=agents, initial=initial)
    holds = Ownership.objects.on(timezone.localdate()).filter(project=project).select_related("agent")
    context: dict[str, Any] = {
        "form": form,
        "project": project,
        "back": _back(request, project),
        "holds": holds.first(),
    }
    found = _foreseen(form, project)
    if found is None:
        return render(request, "channels/agent_owner.html", context, status=422 if form.is_bound else 200)
    seen = str(found.owner.pk if found.owner else 0)
    if request.POST.get("seen") == seen and "do" in request.POST:
        return _done(request, form, project, user)
    overtaken = "do" in request.POST
    context |= {"found": found, "seen": seen, "overtaken": overtaken, "chosen": form.cleaned_data}
    return render(request, "channels/agent_owner.html", context, status=409 if overtaken else 200)


def _foreseen(form: OwnerForm, project: Project) -> Foreseen | None:
    if not form.is_valid():
        return None
    data = form.cleaned_data
    try:
        return foresee(project, data["agent"], data["on"], timezone.localdate())
    except ValidationError as refused:
        form.add_error(None, refused)
        return None


def _done(request: HttpRequest, form: OwnerForm, project: Project, user: User) -> HttpResponse:
    data = form.cleaned_data
    try:
        moved = change_owner(project, data["agent"], data["on"], user, why=data["why"])
    except ValidationError as refused:  # somebody was quicker
        form.add_error(None, refused)
        context = {"form": form, "project": project, "back": _back(request, project)}
        return render(request, "channels/agent_owner.html", context, status=409)
    messages.success(request, said(moved))
    return redirect(_back(request, project))


def said(moved: Moved) -> str:
    """What became of a change, in a sentence."""
    change = moved.change
    names = {
        "project": change.project.name,
        "agent": change.to_agent.name if change.to_agent else _("nobody"),
        "day": day(change.starts_on),
    }
    if moved.waits:
        return _("%(project)s passes to %(agent)s on %(day)s; until then all stays as it is.") % names
    begun = _("%(project)s belongs to %(agent)s from %(day)s.") % names
    along = "、".join(moved.along)
    return f"{begun} " + (_("Moved along: %(what)s.") % {"what": along} if along else _("No open work had to move."))


def _back(request: HttpRequest, project: Project) -> str:
    """The agent's page that the person came from, else the project's."""
    asked = read_id(request.GET.get("from", "")) or read_id(request.GET.get("agent", ""))
    if asked and Agent.objects.for_user(signed_in(request)).filter(pk=asked).exists():
        return reverse("channels:agent", args=[asked])
    return reverse("projects:detail", args=[project.pk])


@require_POST
@for_roles(*AGENT_EDITORS)
def owner_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a change that still waits."""
    user = signed_in(request)
    rows = OwnerChange.objects.for_user(user).select_related("project__grid")
    change = get_object_or_404(rows, pk=pk)
    if not supervises(user, change.project.grid.unit_id):
        raise PermissionDenied
    if withdraw(change):
        messages.success(request, _("The change was taken back; the project stays with its owner."))
    else:
        messages.warning(request, _("It had been carried out already."))
    return redirect(_back(request, change.project))
