"""Agents: the list, one agent with staff and projects, editing, history, revealing a number."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from channels.filters import AgentFilter
from channels.forms import AgentForm
from channels.ledger import AGENTS, agent_counts
from channels.models import Agent, AgentStaff, Outlet, Ownership
from channels.services import may_edit_agent
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from gridops.accounts.reveal import answer_reveal, just_revealed
from gridops.common.lists import Listing
from gridops.workbooks.downloads import download
from gridops.workbooks.pages import answer_edit, answer_history
from projects.models import Project

READERS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.ADMIN)
AGENT_EDITORS = (Role.SUPERVISOR, Role.ADMIN)


def _listing(request: HttpRequest) -> Listing[Agent]:
    user = signed_in(request)
    rows = AgentFilter(request.GET, queryset=Agent.objects.for_user(user), user=user)
    return Listing(request, AGENTS, rows, decorate=agent_counts(user))


def _agent(request: HttpRequest, pk: int) -> Agent:
    return get_object_or_404(Agent.objects.for_user(signed_in(request)), pk=pk)


@for_roles(*READERS)
def agents(request: HttpRequest) -> HttpResponse:
    """The agents who own, or owned, a project in the person's scope (O4)."""
    return _listing(request).answer()


@for_roles(*READERS)
def agents_export(request: HttpRequest) -> HttpResponseBase:
    """The list's rows as a workbook."""
    return download(request, _listing(request), "channels:agents")


@for_roles(*READERS)
def agent(request: HttpRequest, pk: int) -> HttpResponse:
    """One agent: staff, and the projects they own or owned."""
    subject, user = _agent(request, pk), signed_in(request)
    owned = Ownership.objects.for_user(user).filter(agent=subject).select_related("project__grid")
    context = {
        "agent": subject,
        "staff": subject.staff.all(),
        "ownerships": owned.order_by("ends_on", "-starts_on", "project__code")[:200],
        "may_edit": may_edit_agent(user, subject),
        "revealed": just_revealed(request),
    }
    return render(request, "channels/agent.html", context)


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
def reveal_staff(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the number of one of an agent's staff, once, written down."""
    person = get_object_or_404(AgentStaff.objects.for_user(signed_in(request)), pk=pk)
    return answer_reveal(request, person, reverse("channels:agent", args=[person.agent_id]), phone=person.phone)


@for_roles(*READERS)
def around(request: HttpRequest, pk: int) -> HttpResponse:
    """Who owns a project and owned it before, and the outlets around it: a part of the project's page."""
    user = signed_in(request)
    project = get_object_or_404(Project.objects.for_user(user), pk=pk)
    context = {
        "project": project,
        "ownerships": Ownership.objects.filter(project=project).select_related("agent")[:50],
        "outlets": Outlet.objects.for_user(user).near(project).order_by("code")[:50],
    }
    part = getattr(request, "htmx", None)
    return render(request, "channels/_around.html" if part else "channels/around.html", context)
