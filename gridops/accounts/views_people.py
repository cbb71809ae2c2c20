"""Admins look after people: roles, set-up links, disabling."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridops.accounts import services
from gridops.accounts.forms import MembershipForm
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Membership, Role, User


@for_roles(Role.ADMIN)
def people(request: HttpRequest) -> HttpResponse:
    """Everyone, with today's roles; searched by name or employee number."""
    words = request.GET.get("q", "").replace("\x00", "\ufffd").strip()  # PostgreSQL's texts hold no NUL
    today = Membership.objects.current(timezone.localdate()).select_related("unit", "grid", "stands_in_for")
    rows = (
        User.objects.filter(Q(name__icontains=words) | Q(employee_no__icontains=words)) if words else User.objects.all()
    )
    rows = rows.order_by("employee_no").prefetch_related(Prefetch("memberships", today, to_attr="roles_now"))
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    return render(request, "accounts/people.html", {"page": page, "words": words})


@for_roles(Role.ADMIN)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: roles with their dates; a new role can be added."""
    subject = get_object_or_404(User, pk=pk)
    form = MembershipForm(request.POST or None, instance=Membership(user=subject))
    if request.method == "POST" and form.is_valid():
        services.give_role(form.save(commit=False))
        messages.success(request, _("The role was added."))
        return redirect("accounts:person", pk=pk)
    memberships = subject.memberships.select_related("unit", "grid", "stands_in_for")
    return render(
        request,
        "accounts/person.html",
        {"subject": subject, "form": form, "memberships": memberships, "today": timezone.localdate()},
    )


@require_POST
@for_roles(Role.ADMIN)
def end_role(request: HttpRequest, pk: int) -> HttpResponse:
    """End a role of a person; one's own admin role stays."""
    membership = get_object_or_404(Membership.objects.select_related("user"), pk=pk)
    if membership.user == signed_in(request) and membership.role == Role.ADMIN:
        messages.error(request, _("Nobody can take the admin role from themselves."))
    else:
        services.end_role(membership)
        messages.success(request, _("The role has ended."))
    return redirect("accounts:person", pk=membership.user_id)


@require_POST
@for_roles(Role.ADMIN)
def set_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Disable or enable a person."""
    subject = get_object_or_404(User, pk=pk)
    if subject == signed_in(request):
        messages.error(request, _("Nobody can disable themselves."))
    else:
        services.set_active(subject, request.POST.get("active") == "yes")
        messages.success(request, _("Saved."))
    return redirect("accounts:person", pk=pk)


@require_POST
@for_roles(Role.ADMIN)
def set_up_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a one-time link with which the person chooses a password; the admin never knows it."""
    subject = get_object_or_404(User, pk=pk, is_active=True)
    if subject.is_superuser and not signed_in(request).is_superuser:
        messages.error(request, _("Only a superuser makes a link for a superuser."))
        return redirect("accounts:person", pk=pk)
    uid, token = services.set_up_path(subject)
    link = request.build_absolute_uri(reverse("accounts:set-up", args=[uid, token]))
    return render(request, "accounts/set_up_link.html", {"subject": subject, "link": link})
