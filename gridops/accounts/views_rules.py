"""Admins set the thresholds of the handbook, for all units or for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditlog.models import LogEntry
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from gridops.accounts.forms_rules import RulesForm
from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role, RuleValue, Unit
from gridops.accounts.rulebook import RULES
from gridops.accounts.services import set_rules

HISTORY_ROWS = 20


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A step in the history of the rules."""

    at: datetime
    who: str
    title: Promise | str
    unit: str
    old: str
    new: str


@for_roles(Role.ADMIN)
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule with its source, its default and its value; history below."""
    chosen = request.GET.get("unit", "")
    unit = get_object_or_404(Unit, pk=chosen) if chosen.isdecimal() and len(chosen) < 19 else None
    form = RulesForm(request.POST or None, unit=unit)
    if request.method == "POST" and form.is_valid():
        set_rules(unit, form.changes(), signed_in(request))
        messages.success(request, _("Saved."))
        return redirect(f"{reverse('accounts:rules')}?unit={unit.pk if unit else ''}")
    found = {"form": form, "unit": unit, "units": Unit.objects.all(), "changes": recent_changes()}
    return render(request, "accounts/rules.html", found, status=422 if form.errors else 200)


def recent_changes() -> list[RuleChange]:
    """The newest changes of any rule, as people read them."""
    rows = LogEntry.objects.get_for_model(RuleValue).select_related("actor")
    return [_change(row) for row in rows.order_by("-timestamp", "-pk")[:HISTORY_ROWS]]


def _change(row: Any) -> RuleChange:
    key, _space, unit = row.object_repr.partition(" ")
    pair = (row.changes or {}).get("value", ["", ""])
    old, new = ("" if value == "None" else value for value in pair)
    who = row.actor.name if row.actor else ""
    return RuleChange(row.timestamp, who, RULES[key].title if key in RULES else key, unit, old, new)
