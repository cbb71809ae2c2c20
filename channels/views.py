"""Agents: the list, one agent with staff and projects, editing, history, revealing a number."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from channels import parts_briefings, parts_commission, parts_matters, parts_meetings
from channels.filters import AgentFilter
from channels.forms_agents import AgentForm, NewAgentForm
from channels.ledger import AGENTS, agent_counts
from channels.models import Agent, AgentStaff, Outlet, OwnerChange, Ownership
from channels.pages_agents import agent_page, changes_of
from channels.services import may_edit_agent, supervises
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from gridops.accounts.reveal import answer_reveal, just_revealed
from gridops.common.lists import Listing
from gridops.workbooks.downloads import download
from gridops.workbooks.pages import answer_edit, answer_history
from projects.models import Project

READERS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.ADMIN)
AGENT_EDITORS = (Role.SUPERVISOR, Role.ADMIN)
#: what others keep about an agent: the name of the part, and who says it
PARTS = {
    "matters": parts_matters.agent_part,
    "meetings": parts_meetings.agent_part,
    "briefings": parts_briefings.agent_part,
    "commission": parts_commission.agent_part,
}


def _listing(request: HttpRequest) -> Listing[Agent]:
    user = signed_in(request)
    rows = AgentFilter(request.GET, queryset=Agent.objects.for_user(user), user=user)
    return Listing(request, AGENTS, rows, decorate=agent_counts(user))


def _agent(request: HttpRequest, pk: int) -> Agent:
    return get_object_or_404(Agent.objects.for_user(signed_in(request)), pk=pk)


@for_roles(*READERS)
def agents(request: HttpRequest) -> HttpResponse:
    """The agents who own, or owned, a project in the person's scope (O4)."""
    return _listing(request).answer("channels/agents.html", may_add=signed_in(request).scope.has(*AGENT_EDITORS))


@for_roles(*READERS)
def agents_export(request: HttpRequest) -> HttpResponseBase:
    """The list's rows as a workbook."""
    return download(request, _listing(request), "channels:agents")


@for_roles(*READERS)
def agent(request: HttpRequest, pk: int) -> HttpResponse:
    """One agent: what matters now, its projects and their goals, and all that is kept about it."""
    subject, user, today = _agent(request, pk), signed_in(request), timezone.localdate()
    parts = {name: part(user, subject, today) for name, part in PARTS.items()}
    context = {**agent_page(subject, user, today), **parts, "revealed": just_revealed(request)}
    return render(request, "channels/agent.html", context)


@for_roles(*AGENT_EDITORS)
def agent_new(request: HttpRequest) -> HttpResponse:
    """Add an agent by hand; with the roster's code, so that an import finds it."""
    form = NewAgentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = form.save()
        messages.success(request, _("Saved. Now add a contract, staff and projects."))
        return redirect("channels:agent", made.pk)
    context = {"form": form, "back": reverse("channels:agents"), "title": _("New agent")}
    return render(request, "channels/agent_form.html", context)


@for_roles(*AGENT_EDITORS)
def agent_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit an agent; an agent works in several grids, so this is the unit's matter."""
    subject = _agent(request, pk)
    if not may_edit_agent(signed_in(request), subject):
        raise PermissionDenied
    name = subject.name
    form = AgentForm(request.POST or None, instance=subject)
    return answer_edit(request, form, name, reverse("channels:agent", args=[pk]))


@for_roles(*READERS)
def agent_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what about an agent, and when."""
    subject = _agent(request, pk)
    return answer_history(request, subject, subject.name, reverse("channels:agent", args=[pk]))


@require_POST
@for_roles(*READERS)
def reveal_agent(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the number of the person in charge, once, written down."""
    subject = _agent(request, pk)
    return answer_reveal(request, subject, reverse("channels:agent", args=[pk]), phone=subject.phone)


@require_POST
@for_roles(*READERS)
def reveal_staff(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the number of one of an agent's staff, once, written down."""
    person = get_object_or_404(AgentStaff.objects.for_user(signed_in(request)), pk=pk)
    return answer_reveal(request, person, reverse("channels:agent", args=[person.agent_id]), phone=person.phone)


@for_roles(*READERS)
def around(request: HttpRequest, pk: int) -> HttpResponse:
    """Who owns a project and owned it before, and the outlets around it: a part of the project's page."""
    user = signed_in(request)
    project = get_object_or_404(Project.objects.for_user(user).select_related("grid"), pk=pk)
    unit = project.grid.unit_id
    changes = changes_of(OwnerChange.objects.filter(project=project))
    context = {
        "project": project,
        "ownerships": Ownership.objects.filter(project=project).select_related("agent")[:50],
        "waiting": [row for row, _moved in changes if row.done_at is None],
        "changes": [pair for pair in changes if pair[0].done_at],
        "may_change": supervises(user, unit),
        "outlets": Outlet.objects.for_user(user).near(project).order_by("code")[:50],
    }
    part = getattr(request, "htmx", None)
    return render(request, "channels/_around.html" if part else "channels/around.html", context)
