"""An agent's file: contracts with their papers, staff, and who of them may sign in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from channels.forms_agents import ContractForm, SignInForm, StaffForm
from channels.models import Agent, AgentStaff, Contract
from channels.services import may_edit_agent, supervises
from channels.services_agents import contract_units, give_sign_in, is_only_staff, may_sign_in, take_sign_in
from channels.views import AGENT_EDITORS, READERS
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role, User
from gridops.accounts.services import set_up_path
from gridops.common.attachments import answer_attachment
from gridops.common.versions import VersionedForm
from gridops.workbooks.pages import answer_edit


def _back(agent: int, part: str) -> str:
    return reverse("channels:agent", args=[agent]) + f"#{part}"


def _add(request: HttpRequest, form: VersionedForm[Any], title: str, agent: Agent, part: str) -> HttpResponse:
    """The form of a new row of an agent; once saved, back to its place on the agent's page."""
    back = _back(agent.pk, part)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect(back)
    return render(request, "channels/agent_form.html", {"form": form, "title": title, "agent": agent, "back": back})


# --- Contracts ---


@for_roles(*AGENT_EDITORS)
def contract_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a contract with a unit that the person supervises."""
    user = signed_in(request)
    agent = get_object_or_404(Agent.objects.for_user(user), pk=pk)
    if not contract_units(user).exists():
        raise PermissionDenied
    row = Contract(agent=agent, made_by=user, starts_on=timezone.localdate())
    form = ContractForm(request.POST or None, request.FILES or None, instance=row, user=user)
    return _add(request, form, _("New contract"), agent, "contracts")


def _contract(request: HttpRequest, pk: int) -> Contract:
    rows = Contract.objects.for_user(signed_in(request)).select_related("agent", "unit")
    return get_object_or_404(rows, pk=pk)


@for_roles(*AGENT_EDITORS)
def contract(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit a contract; its paper stays unless another is given."""
    row, user = _contract(request, pk), signed_in(request)
    if not supervises(user, row.unit_id):
        raise PermissionDenied
    subject = f"{row.agent} · {row.number}"
    form = ContractForm(request.POST or None, request.FILES or None, instance=row, user=user)
    return answer_edit(request, form, subject, _back(row.agent_id, "contracts"))


@require_GET
@for_roles(*READERS, Role.AGENT_STAFF)
def contract_paper(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The signed paper, as a download."""
    row = _contract(request, pk)
    if not row.file:
        raise Http404
    return answer_attachment(request, row.file, row.file_name)


# --- Staff ---


def _person(request: HttpRequest, pk: int) -> AgentStaff:
    """One of an agent's staff, for those who may write in the agent's file."""
    user = signed_in(request)
    person = get_object_or_404(AgentStaff.objects.for_user(user).select_related("agent", "user"), pk=pk)
    if not may_edit_agent(user, person.agent):
        raise PermissionDenied
    return person


@for_roles(*AGENT_EDITORS)
def staff_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add one of an agent's staff."""
    user = signed_in(request)
    agent = get_object_or_404(Agent.objects.for_user(user), pk=pk)
    if not may_edit_agent(user, agent):
        raise PermissionDenied
    form = StaffForm(request.POST or None, instance=AgentStaff(agent=agent))
    return _add(request, form, _("New agent staff"), agent, "staff")


@for_roles(*AGENT_EDITORS)
def staff(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit one of an agent's staff; who has left can't sign in from that moment on."""
    person = _person(request, pk)
    form = StaffForm(request.POST or None, instance=person)
    with transaction.atomic():
        answer = answer_edit(request, form, person.name, _back(person.agent_id, "staff"))
        if answer.status_code == 302 and person.has_left(timezone.localdate()) and take_sign_in(person):
            messages.info(request, _("The sign-in of %(name)s has ended.") % {"name": person.name})
    return answer


@for_roles(*AGENT_EDITORS)
def sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one of an agent's staff a sign-in: a number, then the link by which they choose a password."""
    person = _person(request, pk)
    if may_sign_in(person):
        return redirect(_back(person.agent_id, "staff"))
    given = person.user.employee_no if person.user else ""
    form = SignInForm(request.POST if request.method == "POST" and not given else None, initial=_proposed(person))
    if request.method == "POST" and (given or form.is_valid()):
        try:
            user = give_sign_in(person, given or form.cleaned_data["employee_no"])
        except ValidationError as refused:
            if given:
                messages.error(request, " ".join(refused.messages))
                return redirect(_back(person.agent_id, "staff"))
            form.add_error("employee_no", refused.messages[0])
        else:
            return _link(request, user, person)
    context = {"form": form, "person": person, "given": given, "back": _back(person.agent_id, "staff")}
    return render(request, "channels/agent_sign_in.html", context)


def _proposed(person: AgentStaff) -> dict[str, str]:
    return {"employee_no": f"{person.agent.code}-{person.pk}"}


def _link(request: HttpRequest, user: User, person: AgentStaff) -> HttpResponse:
    uid, token = set_up_path(user)
    link = request.build_absolute_uri(reverse("accounts:set-up", args=[uid, token]))
    context = {"person": person, "number": user.employee_no, "link": link, "back": _back(person.agent_id, "staff")}
    return render(request, "channels/agent_set_up_link.html", context)


@require_POST
@for_roles(*AGENT_EDITORS)
def sign_in_link(request: HttpRequest, pk: int) -> HttpResponse:
    """A new set-up link for one who has a sign-in; who holds other roles, too, gets theirs from an admin."""
    person = _person(request, pk)
    if person.user and may_sign_in(person) and is_only_staff(person.user):
        return _link(request, person.user, person)
    said = _("This person has other roles, too: an admin looks after their sign-in.")
    messages.error(request, said if may_sign_in(person) else _("This person has no sign-in."))
    return redirect(_back(person.agent_id, "staff"))


@require_POST
@for_roles(*AGENT_EDITORS)
def sign_in_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the sign-in away again; who is signed in is signed out at once."""
    person = _person(request, pk)
    if take_sign_in(person):
        messages.success(request, _("The sign-in of %(name)s has ended.") % {"name": person.name})
    return redirect(_back(person.agent_id, "staff"))
