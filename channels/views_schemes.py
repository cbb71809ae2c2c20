"""Commission schemes, and what one pays on a day (P5, C7)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from channels.choices import PaidFor, Payee
from channels.forms_commission import (
    AskForm,
    EndForm,
    NameForm,
    NextForm,
    SchemeForm,
    left_out,
    rate_lines,
)
from channels.models import Scheme
from channels.services_commission import (
    Changed,
    Taken,
    drop_scheme,
    end_scheme,
    may_edit_scheme,
    rates_of,
    rename_scheme,
    save_scheme,
    succeed,
    units_seen,
)
from channels.views_commission import PAID_READERS
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role, Unit
from gridops.workbooks.pages import answer_history

SCHEME_WRITERS = (Role.SUPERVISOR, Role.ADMIN)


def _scheme(request: HttpRequest, pk: int) -> Scheme:
    rows = Scheme.objects.for_user(signed_in(request)).select_related("unit", "campaign").distinct()
    return get_object_or_404(rows, pk=pk)


def _own(request: HttpRequest, pk: int) -> Scheme:
    scheme = _scheme(request, pk)
    if not may_edit_scheme(signed_in(request), scheme):
        raise PermissionDenied
    return scheme


def _page(scheme: Scheme) -> str:
    return reverse("channels:scheme", args=[scheme.pk])


@require_GET
@for_roles(*PAID_READERS)
def schemes(request: HttpRequest) -> HttpResponse:
    """Those in force, those to come, those that are over."""
    user, today = signed_in(request), timezone.localdate()
    rows = Scheme.objects.for_user(user).shown().distinct()
    found = list(rows.order_by("payee", "unit__name", "campaign__name", "-starts_on")[:500])
    context = {
        "today": today,
        "current": [one for one in found if one.holds_on(today)],
        "to_come": [one for one in found if one.starts_on > today],
        "over": [one for one in found if one.ends_on and one.ends_on < today],
        "may_write": user.scope.has(*SCHEME_WRITERS),
    }
    return render(request, "channels/schemes.html", context)


@require_GET
@for_roles(*PAID_READERS)
def scheme(request: HttpRequest, pk: int) -> HttpResponse:
    """One scheme with its rates, and the speeds of which it says nothing."""
    found, today = _scheme(request, pk), timezone.localdate()
    rates = sorted(found.rates.all(), key=lambda rate: (PaidFor.values.index(rate.paid_for), rate.speed_from))
    context = {
        "scheme": found,
        "rates": rates,
        "left_out": left_out(rates),
        "silent": [label for kind, label in PaidFor.choices if kind not in {rate.paid_for for rate in rates}],
        "today": today,
        "in_force": found.holds_on(today),
        "has_run": found.has_run(today),
        "is_over": bool(found.ends_on and found.ends_on < today),
        "may_edit": may_edit_scheme(signed_in(request), found),
        "end_form": EndForm(scheme=found, today=today, initial={"last": today}),
        "next_form": NextForm(scheme=found, today=today),
    }
    return render(request, "channels/scheme.html", context)


# --- Writing ---


@require_http_methods(["GET", "POST"])
@for_roles(*SCHEME_WRITERS)
def scheme_new(request: HttpRequest) -> HttpResponse:
    """A new scheme with its rates."""
    user, today = signed_in(request), timezone.localdate()
    form = SchemeForm(request.POST or None, user=user, today=today, initial={"starts_on": today})
    return _write(request, form, None)


@require_http_methods(["GET", "POST"])
@for_roles(*SCHEME_WRITERS)
def scheme_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """All of one that has not run; of another what it is called."""
    found, today = _own(request, pk), timezone.localdate()
    if found.has_run(today):
        return _rename(request, found)
    form = SchemeForm(request.POST or None, instance=found, user=signed_in(request), today=today)
    return _write(request, form, found)


def _write(request: HttpRequest, form: SchemeForm, found: Scheme | None) -> HttpResponse:
    lines = rate_lines(request.POST or None, list(found.rates.all()) if found else None)
    status = 200
    if request.method == "POST":
        valid = form.is_valid()
        if lines.is_valid() and valid:
            expected = form.cleaned_data["version"] or 0 if found else None
            try:
                saved = save_scheme(
                    form.instance, lines.rates, signed_in(request), expected=expected, today=timezone.localdate()
                )
            except Changed:
                status = 409
                messages.error(request, _("Somebody saved this scheme meanwhile, or it has begun. Look at it anew."))
            except Taken as taken:
                text = _("“%(name)s” already says on these days what is paid for the same. End it first.")
                form.add_error("starts_on", text % {"name": taken.other.name})
            else:
                messages.success(request, _("Saved."))
                return redirect(_page(saved))
    context = {
        "form": form,
        "lines": lines,
        "scheme": found,
        "back": _page(found) if found else reverse("channels:schemes"),
        "left_out": lines.left_out if request.method == "POST" else [],
    }
    return render(request, "channels/scheme_form.html", context, status=status)


def _rename(request: HttpRequest, found: Scheme) -> HttpResponse:
    form, status = NameForm(request.POST or None, instance=found), 200
    if request.method == "POST" and form.is_valid():
        try:
            rename_scheme(form.instance, form.cleaned_data["version"])
        except Changed:
            status = 409
            messages.error(request, _("Somebody saved this scheme meanwhile, or it has begun. Look at it anew."))
        else:
            messages.success(request, _("Saved."))
            return redirect(_page(found))
    context = {"form": form, "scheme": found, "back": _page(found)}
    return render(request, "channels/scheme_form.html", context, status=status)


@require_POST
@for_roles(*SCHEME_WRITERS)
def scheme_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which day is its last."""
    found, today = _own(request, pk), timezone.localdate()
    form = EndForm(request.POST, scheme=found, today=today)
    if not form.is_valid():
        return _refused(request, form, found)
    try:
        end_scheme(found, form.cleaned_data["last"], today)
    except Changed:
        messages.error(request, _("Somebody saved this scheme meanwhile, or it has begun. Look at it anew."))
    else:
        messages.success(request, _("It ends on %(day)s.") % {"day": form.cleaned_data["last"]})
    return redirect(_page(found))


@require_POST
@for_roles(*SCHEME_WRITERS)
def scheme_next(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next one with the same rates, to be changed before it runs."""
    found, today = _own(request, pk), timezone.localdate()
    form = NextForm(request.POST, scheme=found, today=today)
    if not form.is_valid():
        return _refused(request, form, found)
    try:
        fresh = succeed(found, form.cleaned_data["first"], signed_in(request), today)
    except (Changed, Taken):
        messages.error(request, _("On these days there is another scheme already, or somebody changed this one."))
        return redirect(_page(found))
    messages.success(request, _("The next scheme is made, the old one ends the day before. Change its rates now."))
    return redirect("channels:scheme-edit", fresh.pk)


@require_POST
@for_roles(*SCHEME_WRITERS)
def scheme_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away one that has not begun."""
    found = _own(request, pk)
    try:
        drop_scheme(found, timezone.localdate())
    except Changed:
        messages.error(request, _("It has begun: end it instead."))
        return redirect(_page(found))
    messages.success(request, _("Deleted."))
    return redirect("channels:schemes")


def _refused(request: HttpRequest, form: Any, found: Scheme) -> HttpResponse:
    for errors in form.errors.values():
        for text in errors:
            messages.error(request, text)
    return redirect(_page(found))


@require_GET
@for_roles(*PAID_READERS)
def scheme_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what, and when."""
    found = _scheme(request, pk)
    return answer_history(request, found, found.name, _page(found))


# --- What does one pay? ---


@require_GET
@for_roles(*PAID_READERS)
def rates(request: HttpRequest) -> HttpResponse:
    """What one new install of a speed pays on a day, to whom, by which scheme; and all that holds on that day."""
    user, today = signed_in(request), timezone.localdate()
    units = units_seen(user)
    first = units.first()
    asked = {"paid_for": PaidFor.NEW_INSTALL, "speed": "500", "day": today.isoformat()}
    told = asked | {"unit": str(first.pk) if first else ""} | dict(request.GET.items())
    form = AskForm(told, units=units)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        context |= {"asked": form.cleaned_data, "answers": _answers(user, **form.cleaned_data)}
        context["kind"] = PaidFor(form.cleaned_data["paid_for"]).label
    return render(request, "channels/rates.html", context)


def _answers(user: Any, *, paid_for: str, speed: int, day: Any, unit: Unit) -> list[dict[str, Any]]:
    """Per payee: the general rate and those of campaigns, and all that holds."""
    payees = Payee.choices if not _only_agents(user) else [(Payee.AGENT, Payee.AGENT.label)]
    found = []
    for payee, label in payees:
        held = rates_of(unit, payee, day)
        campaigns = [(campaign, held.find(paid_for, speed, campaign)) for campaign in held.campaigns]
        general = held.find(paid_for, speed)
        whole = [(None, held.general), *held.campaigns.items()]
        found.append({"payee": label, "general": general, "campaigns": campaigns, "whole": whole})
    return found


def _only_agents(user: Any) -> bool:
    scope = user.scope
    return bool(scope.has(Role.AGENT_STAFF) and not (scope.everything or scope.unit_ids or scope.grid_ids))
