"""The weights of a unit: what others would do to the split of every grid, and keeping them (S6)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import RuleValue, Unit
from gridops.accounts.rulebook import SPLIT_WEIGHTS
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from plans.forms_split import WeightsForm
from plans.rules import Weights
from plans.services import Refused
from plans.services_weights import drafts_of, effects, keep_weights, units_of, weights_of
from plans.views import REVIEWERS

NAMES = ("existing", "free_ports", "unserved")


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*REVIEWERS)
def weights(request: HttpRequest) -> HttpResponse:
    """What the weights asked for would do to all grids of a unit; posted, they become the unit's."""
    data = request.POST if request.method == "POST" else request.GET
    units = units_of(signed_in(request))
    unit = _chosen(units, data.get("unit", ""))
    if unit is None:
        return render(request, "plans/weights.html", {"unit": None})
    if request.method == "POST":
        return _keep(request, units, unit)
    now = weights_of(unit)
    asked = any(name in data for name in NAMES)
    form = WeightsForm(data if asked else None, initial={name: getattr(now, name) for name in NAMES})
    return _page(request, units, unit, form, now)


def _chosen(units: list[Unit], asked: str) -> Unit | None:
    """The unit asked for, 404 when it is not the person's; the first one otherwise."""
    if not asked:
        return units[0] if units else None
    found = next((unit for unit in units if str(unit.pk) == asked), None)
    if found is None:
        raise Http404
    return found


def _keep(request: HttpRequest, units: list[Unit], unit: Unit) -> HttpResponse:
    form, now = WeightsForm(request.POST), weights_of(unit)
    if not form.is_valid():
        return _page(request, units, unit, form, now, 422)
    try:
        kept = keep_weights(unit, form.weights, _known(request), signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _page(request, units, unit, form, now, 409)
    if kept:
        messages.success(
            request, _("Kept as the weights of the unit. Plans in work follow at their next split, none in silence.")
        )
    return redirect(f"{reverse('plans:weights')}?unit={unit.pk}")


def _known(request: HttpRequest) -> Weights:
    """The weights that the page showed as holding; ones that hold nowhere when it does not say."""
    parts = request.POST.get("known", "").split(",")
    known = [int(part) if part.isascii() and part.isdigit() and len(part) < 9 else -1 for part in parts]
    return Weights(*known) if len(known) == len(NAMES) else Weights(-1, -1, -1)


def _page(
    request: HttpRequest, units: list[Unit], unit: Unit, form: WeightsForm, now: Weights, status: int = 200
) -> HttpResponse:
    choice = chosen_month(request, Month.of(timezone.localdate()).plus(1))
    then = form.weights if form.is_bound and form.is_valid() else now
    rows = effects(unit, choice.month, now, then)
    own = RuleValue.objects.filter(unit=unit, key__in=SPLIT_WEIGHTS).select_related("changed_by")
    context: dict[str, Any] = {
        "units": units,
        "unit": unit,
        "choice": choice,
        "form": form,
        "now": now,
        "then": then,
        "differs": then != now,
        "known": ",".join(str(getattr(now, name)) for name in NAMES),
        "rows": rows,
        "touched": sum(1 for row in rows if row.effect and row.effect.moved),
        "drafts": drafts_of(unit),
        "changed": own.order_by("-changed_at").first(),
    }
    return render(request, "plans/weights.html", context, status=status)
