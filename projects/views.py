"""Projects: the list, one project, editing it, its history."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from gridops.accounts.reveal import answer_reveal, just_revealed
from gridops.common.lists import Listing
from gridops.workbooks.downloads import download
from gridops.workbooks.pages import answer_edit, answer_history
from projects.filters import ProjectFilter
from projects.forms import ProjectForm
from projects.ledger import PROJECTS, set_latest
from projects.models import Ledger, MonthlyIndicator, Project
from projects.services import demand_edit, may_edit
from projects.services_ledgers import touch

READERS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.RENEWAL_SPECIALIST, Role.ADMIN)
EDITORS = (Role.GRID_MANAGER, Role.SUPERVISOR, Role.ADMIN)


def _listing(request: HttpRequest) -> Listing[Project]:
    user = signed_in(request)
    rows = Project.objects.for_user(user).in_list()
    return Listing(request, PROJECTS, ProjectFilter(request.GET, queryset=rows, user=user), decorate=set_latest)


def project_of(request: HttpRequest, pk: int) -> Project:
    """The project, if it is in the person's scope."""
    rows = Project.objects.for_user(signed_in(request)).select_related("grid__unit", "prospect")
    return get_object_or_404(rows, pk=pk)


@for_roles(*READERS)
def project_list(request: HttpRequest) -> HttpResponse:
    """The projects in the person's scope (P1)."""
    return _listing(request).answer("projects/list.html")


@for_roles(*READERS)
def export(request: HttpRequest) -> HttpResponseBase:
    """The list's rows as a workbook."""
    return download(request, _listing(request), "projects:list")


@for_roles(*READERS)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One project: its ledger (P1) and its figures of the last twelve months (P2)."""
    project = project_of(request, pk)
    context = {
        "project": project,
        "months": MonthlyIndicator.objects.last_months(project, timezone.localdate()),
        "may_edit": may_edit(signed_in(request), project.grid_id),
        "revealed": just_revealed(request),
    }
    return render(request, "projects/detail.html", context)


@for_roles(*EDITORS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit a project; whoever comes second sees what changed and keeps what they typed."""
    project, user = project_of(request, pk), signed_in(request)
    demand_edit(user, project.grid_id)
    name = project.name
    form = ProjectForm(request.POST or None, instance=project, user=user)
    with transaction.atomic():
        answer = answer_edit(request, form, name, reverse("projects:detail", args=[pk]))
        if answer.status_code == 302:
            touch([pk], Ledger.BASICS, user)
    return answer


@for_roles(*READERS)
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what in a project, and when."""
    project = project_of(request, pk)
    return answer_history(request, project, project.name, reverse("projects:detail", args=[pk]))


@require_POST
@for_roles(*READERS)
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the property company's contact in clear, once, written down."""
    project = project_of(request, pk)
    back = reverse("projects:detail", args=[pk])
    return answer_reveal(request, project, back, phone=project.property_phone)
