"""What lags in a unit's month, with the test in words, and a click that makes a task of it (S7)."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Unit, User
from gridops.accounts.rulebook import rule
from gridops.accounts.services_calendar import workday_after
from gridops.common.ids import read_id
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from renewals.anomalies import PROJECT, Names, Shown, findings_of
from renewals.forms_tasks import AskForm
from renewals.models import WarningList
from renewals.services_tally import counted_today
from renewals.services_tasks import make_from, now_asked
from renewals.views import READERS


def units_of(user: User) -> list[Unit]:
    """The units in which ``user`` sees something."""
    return list(Unit.objects.for_user(user).order_by("name"))


def grids_of(user: User, unit: Unit) -> frozenset[int] | None:
    """The grids of ``unit`` that ``user`` sees; None: all of them."""
    whole = user.scope.everything or unit.pk in user.scope.unit_ids
    return None if whole else user.scope.grid_ids


@require_GET
@for_roles(*READERS)
def anomalies(request: HttpRequest) -> HttpResponse:
    """What lags in a unit's month: the unit's people see all of it, a manager what concerns own grids."""
    user, today = signed_in(request), timezone.localdate()
    choice, units = chosen_month(request, Month.of(today)), units_of(signed_in(request))
    asked = read_id(request.GET.get("unit", ""))
    unit = next((one for one in units if one.pk == asked), units[0] if units else None)
    if unit is None or (asked and unit.pk != asked):
        if asked:
            raise Http404
        return render(request, "renewals/anomalies.html", {"choice": choice})
    lists = list(WarningList.objects.filter(grid__unit=unit, month=choice.first).values_list("pk", flat=True))
    counted_today(lists, today)
    findings, grids = findings_of([unit], choice.month, today)[unit.pk], grids_of(user, unit)
    found = findings.within(grids)
    seen = [one for one in findings.tests if grids is None or not grids.isdisjoint(one.parts)]
    names = Names(seen, choice.month, grids)
    context = {
        "choice": choice,
        "unit": unit,
        "units": units if len(units) > 1 else [],
        "findings": findings,
        "anomalies": _parted([names.shown(findings, one) for one in found]),
        "tests": sorted((names.shown(findings, one) for one in seen), key=lambda row: row.tested.found.chance),
        "has_lists": bool(lists),
        "due_on": workday_after(today, rule("renewal_task_days", unit)),
        "today": today,
    }
    return render(request, "renewals/anomalies.html", context)


def _parted(found: list[Shown]) -> list[tuple[str, list[Shown]]]:
    """Who works first, then where."""
    where = [one for one in found if one.tested.subject.kind == PROJECT]
    who = [one for one in found if one.tested.subject.kind != PROJECT]
    return [(title, rows) for title, rows in ((_("Agents and pools"), who), (_("Projects"), where)) if rows]


@require_POST
@for_roles(*READERS)
def make_task(request: HttpRequest, unit: int, month: str) -> HttpResponse:
    """Make a task of an anomaly, in each grid concerned; once, however often it is clicked."""
    user, today = signed_in(request), timezone.localdate()
    place = get_object_or_404(Unit.objects.for_user(user), pk=unit)
    try:
        about = Month.parse(month)
    except ValueError as error:
        raise Http404 from error
    back = f"{reverse('renewals:anomalies')}?month={about}&unit={place.pk}"
    form = AskForm(request.POST)
    if not form.is_valid():
        for field, faults in form.errors.items():
            messages.error(request, f"{form.fields[field].label}{_(': ')}{' '.join(str(text) for text in faults)}")
        return redirect(back)
    findings, grids = findings_of([place], about, today)[place.pk], grids_of(user, place)
    found = {one.key: one for one in findings.within(grids)}.get(request.POST.get("anomaly", ""))
    if found is None:
        messages.info(request, _("This is no anomaly any more: the figures have moved."))
        return redirect(back)
    asked = now_asked(form.cleaned_data["what"], form.cleaned_data["due_on"], user)
    made = make_from(findings, found, about, asked, grids)
    _say(request, [task.grid.name for task in made])
    return redirect(f"{reverse('renewals:tasks')}?month={about}" if made else back)


def _say(request: HttpRequest, grids: Collection[str]) -> None:
    if not grids:
        messages.info(request, _("This is a task already."))
        return
    text = ngettext("%(count)s task made: %(grids)s.", "%(count)s tasks made: %(grids)s.", len(grids))
    messages.success(request, text % {"count": len(grids), "grids": "、".join(grids)})
