"""Handing out the warnings of a list: chosen on the list, to whom, what it would change, done (S7, C4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from channels.models import Agent
from gridops.accounts.guards import for_roles, signed_in
from gridops.common.picked import picked_rows
from renewals.filters_warnings import WarningFilter
from renewals.forms_assign import HandOutForm
from renewals.models import ExpiryWarning, WarningList
from renewals.services_assign import Overtaken, Warnings, changes, fingerprint, movable
from renewals.services_assign import hand_out as do_hand_out
from renewals.views import READERS


@for_roles(*READERS)
@require_POST
def hand_out(request: HttpRequest, pk: int) -> HttpResponse:
    """To whom, then what that changes, then doing it."""
    found = get_object_or_404(WarningList.objects.for_user(signed_in(request)).select_related("grid__unit"), pk=pk)
    chosen = _chosen(request, found)
    if chosen is None:
        messages.warning(request, _("Tick those that are to be handed out first."))
        return redirect(_back(request, found))
    given = request.POST if "how" in request.POST else None
    form = HandOutForm(given, unit=found.grid.unit, day=timezone.localdate())
    overtaken = False
    seen, _colon, choice = request.POST.get("seen", "").partition(":")
    if form.is_valid() and seen and choice == form.choice:
        try:
            return _done(request, found, form, chosen, seen)
        except Overtaken:
            overtaken = True
    return _asked(request, found, form, chosen, overtaken)


def _chosen(request: HttpRequest, found: WarningList) -> Warnings | None:
    rows = ExpiryWarning.objects.for_user(signed_in(request)).filter(warning_list=found)
    return picked_rows(request, rows, lambda query, rows: WarningFilter(query, queryset=rows, listed=found))


def _done(request: HttpRequest, found: WarningList, form: HandOutForm, chosen: Warnings, seen: str) -> HttpResponse:
    number = do_hand_out(
        chosen, form.plan, signed_in(request), why=form.cleaned_data["why"], staff=form.staff, seen=seen
    )
    said = ngettext("%(count)s contract handed over.", "%(count)s contracts handed over.", number)
    messages.success(request, said % {"count": number})
    return redirect(_back(request, found))


def _asked(
    request: HttpRequest, found: WarningList, form: HandOutForm, chosen: Warnings, overtaken: bool
) -> HttpResponse:
    rows = movable(chosen)
    picked = [] if "every" in request.POST else request.POST.getlist("pick")
    context: dict[str, Any] = {
        "list": found,
        "form": form,
        "picked": picked,
        "every": "every" in request.POST,
        "query": request.POST.get("query", ""),
        "back": _back(request, found),
        "total": len(rows),
        "closed": chosen.count() - len(rows),
        "pool": sum(row.agent_id is None for row in rows),
        "overtaken": overtaken,
    }
    if form.is_bound and form.is_valid():
        context |= {"targets": _targets(form, rows), "seen": f"{fingerprint(rows)}:{form.choice}"}
        context["moving"] = sum(number for _name, number in context["targets"])
    return render(request, "renewals/hand_out.html", context, status=409 if overtaken else 200)


def _targets(form: HandOutForm, rows: Sequence[ExpiryWarning]) -> list[tuple[str, int]]:
    """How many go to whom."""
    moved = changes(rows, form.plan(rows), form.staff)
    numbers = Counter(target for _row, target, _person in moved)
    # an owner need not be among those that are offered
    names = {pk: agent.name for pk, agent in form.known.items()} | _names(set(numbers) - {None} - set(form.known))
    person = form.staff
    told = [
        (_("manager's pool") if pk is None else f"{names[pk]} · {person.name}" if person else names[pk], number)
        for pk, number in numbers.items()
    ]
    return sorted(told, key=lambda one: (-one[1], one[0]))


def _names(pks: set[int | None]) -> dict[int, str]:
    return dict(Agent.objects.filter(pk__in=[pk for pk in pks if pk]).values_list("pk", "name"))


def _back(request: HttpRequest, found: WarningList) -> str:
    query = QueryDict(request.POST.get("query", "").lstrip("?")).urlencode()
    return reverse("renewals:list", args=[found.pk]) + (f"?{query}" if query else "")
