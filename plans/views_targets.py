"""Targets: what the unit hands down to its grids, month by month (O1)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import AccessRecord, Grid
from gridops.accounts.services import record_access
from gridops.common import versions
from gridops.common.history import entries_of, who_changed
from gridops.common.month_choice import FIRST, LAST, MonthChoice, chosen_month
from gridops.common.months import Month
from gridops.workbooks.export import XLSX, write_sheet
from gridops.workbooks.trail import trail
from plans.forms import TargetForm
from plans.forms_targets import TargetsForm
from plans.models import GOALS, Target
from plans.pages_targets import SETTERS, Board, Scene, board, supervised_units
from plans.services_handdown import UNIT, Outcome, Stored, Wanted, hand_down, parted, place_of, would_touch
from plans.services_targets import touched
from plans.sheets import TargetSheet
from projects.services import demand_supervisor

HISTORY = 20
Again = Callable[[Wanted], HttpResponse]


def scene_of(request: HttpRequest) -> Scene | None:
    """The unit and month of an address; None where the person has no unit. Another's unit answers 404."""
    units = list(supervised_units(signed_in(request)))
    choice = chosen_month(request, Month.of(timezone.localdate()).plus(1))
    asked = request.GET.get("unit", "")
    if not asked:
        return Scene(units[0], units, choice) if units else None
    for unit in units:
        if str(unit.pk) == asked:
            return Scene(unit, units, choice)
    raise Http404


def table_form(scene: Scene, stored: Stored, data: Any = None) -> TargetsForm:
    """The table as a form."""
    names = dict(Grid.objects.filter(unit=scene.unit).values_list("pk", "name"))
    return TargetsForm(scene.unit.pk, scene.month, names, stored.texts(), data)


@require_http_methods(["GET", "POST"])
@for_roles(*SETTERS)
def targets(request: HttpRequest) -> HttpResponse:
    """The targets of a unit for a month, all grids at once, to be typed in."""
    scene = scene_of(request)
    if scene is None:
        return render(request, "plans/targets.html", {"scene": None}, status=404 if request.method == "POST" else 200)
    stored = Stored.of(scene.unit, scene.month)
    form = table_form(scene, stored, request.POST if request.method == "POST" else None)
    if request.method == "GET":
        return _table(request, scene, stored, form)
    if not form.is_valid():
        messages.error(request, _("Not saved: please look at the fields marked below."))
        return _table(request, scene, stored, form, status=422)
    return ask_or_write(request, scene, form.wanted(), lambda wanted: _conflict(request, scene, wanted))


def _table(
    request: HttpRequest,
    scene: Scene,
    stored: Stored,
    form: TargetsForm,
    status: int = 200,
    clashes: list[str] | None = None,
) -> HttpResponse:
    shown = board(scene, stored, form.typed() if form.is_bound and form.is_valid() else None)
    _fill(shown, form, stored, clashes or [])
    context = {
        "scene": scene,
        "choice": scene.choice,
        "board": shown,
        "form": form,
        "clashes": len(clashes or []),
        "waiting": len(touched(Grid.objects.filter(unit=scene.unit), scene.month)),
    }
    return render(request, "plans/targets.html", context, status=status)


def _fill(shown: Board, form: TargetsForm, stored: Stored, clashes: list[str]) -> None:
    """Give each figure its input; at those that clash, what stands there now and who wrote it."""
    now = stored.texts()
    for cell in [*(goal.cell for goal in shown.goals), *(cell for row in shown.rows for cell in row.cells)]:
        cell.field = form[cell.place]
        if cell.place in clashes:
            owner, goal = parted(cell.place)
            row = stored.unit if owner == UNIT else stored.grids.get(int(owner))
            cell.theirs = now.get(cell.place, "")
            cell.by = who_changed(entries_of(row, HISTORY), goal) if row else None


def _conflict(request: HttpRequest, scene: Scene, wanted: Wanted) -> HttpResponse:
    """The table as it is now, with what was typed: at each figure that somebody else changed, both values (409)."""
    stored = Stored.of(scene.unit, scene.month)
    now = stored.texts()
    fresh = table_form(scene, stored)
    data = dict(now) | {place: new for place, (new, _was) in wanted.cells.items()}
    form = table_form(scene, stored, {**data, "base": fresh.initial["base"]})
    return _table(request, scene, stored, form, 409, wanted.clashes(now))


# --- Asking, writing ---


def ask_or_write(request: HttpRequest, scene: Scene, wanted: Wanted, again: Again) -> HttpResponse:
    """Write the figures; before that show which plans they touch, and ask (S1)."""
    if wanted.clashes(Stored.of(scene.unit, scene.month).texts()):
        return again(wanted)
    if plans := would_touch(wanted):
        context = {
            "scene": scene,
            "plans": plans,
            "packed": wanted.packed(signed_in(request)),
            "open": sum(1 for one in plans if one.plan.is_editable and one.follows),
            "back": reverse("plans:targets") + scene.query,
        }
        return render(request, "plans/targets_ask.html", context)
    return write(request, scene, wanted, again)


def write(request: HttpRequest, scene: Scene, wanted: Wanted, again: Again, *, follow: bool = False) -> HttpResponse:
    """Hand the figures down, and say what came of it."""
    outcome = hand_down(wanted, signed_in(request), follow=follow)
    if outcome.clashes:
        return again(wanted)
    _say(request, outcome)
    if outcome.left:
        return redirect(f"{reverse('plans:touched')}?month={scene.month}")
    return redirect(reverse("plans:targets") + scene.query)


def _say(request: HttpRequest, outcome: Outcome) -> None:
    if grids := len(outcome.changes):
        text = ngettext("Handed down to %(n)d grid.", "Handed down to %(n)d grids.", grids)
        messages.success(request, text % {"n": grids})
    elif outcome.unit_changed:
        messages.success(request, _("Saved."))
    else:
        messages.info(request, _("Nothing was changed."))
    if plans := len(outcome.followed):
        text = ngettext("%(n)d plan brought up to date.", "%(n)d plans brought up to date.", plans)
        messages.success(request, text % {"n": plans})


@require_POST
@for_roles(*SETTERS)
def write_targets(request: HttpRequest) -> HttpResponse:
    """Hand down what the page before asked about."""
    try:
        wanted = Wanted.unpacked(request.POST.get("packed", ""), signed_in(request))
    except signing.BadSignature:
        messages.warning(request, _("Nothing was written: this page was too old. Enter the figures again."))
        return redirect("plans:targets")
    units = list(supervised_units(signed_in(request)))
    unit = next((unit for unit in units if unit.pk == wanted.unit), None)
    if unit is None:
        raise Http404
    scene = Scene(unit, units, MonthChoice(Month.parse(wanted.month)))
    follow = request.POST.get("follow") == "yes"
    return write(request, scene, wanted, lambda again: _conflict(request, scene, again), follow=follow)


# --- One grid, one month ---


@require_http_methods(["GET", "POST"])
@for_roles(*SETTERS)
def target(request: HttpRequest, grid: int, month: str) -> HttpResponse:
    """The target of a grid for a month, with its history."""
    user = signed_in(request)
    place = get_object_or_404(Grid.objects.for_user(user).select_related("unit"), pk=grid)
    demand_supervisor(user, place.unit_id)
    scene = Scene(place.unit, [place.unit], MonthChoice(_month(month)))
    row = Target.objects.filter(grid=place, month=scene.choice.first).first()
    row = row or Target(grid=place, month=scene.choice.first)
    form = TargetForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        wanted = _wanted(form, scene, row)
        fresh = Stored.of(place.unit_id, scene.month)
        if not wanted.clashes(fresh.texts()):
            return ask_or_write(request, scene, wanted, lambda again: _conflict(request, scene, again))
        return _form(request, scene, place, form, fresh.grids[place.pk])
    return _form(request, scene, place, form, None)


def _wanted(form: TargetForm, scene: Scene, row: Target) -> Wanted:
    began = form.began_with()
    if began is None and form.cleaned_data["version"] == row.version:
        began = versions.values_now(form)
    cells: dict[str, tuple[str, str | None]] = {}
    for goal in GOALS:
        text = versions.as_text(form.cleaned_data[goal])
        was = None if began is None else began.get(goal, "")
        if text != was:
            cells[place_of(row.grid_id, goal)] = (text, was)
    return Wanted(scene.unit.pk, str(scene.month), cells)


def _form(request: HttpRequest, scene: Scene, grid: Grid, form: TargetForm, clash: Target | None) -> HttpResponse:
    found = None
    if clash is not None:
        form = TargetForm(request.POST, instance=clash)
        form.is_valid()
        found = versions.conflict(form, trail(clash))
    row = Target.objects.filter(grid=grid, month=scene.choice.first).first()
    context = {
        "form": found.form if found else form,
        "conflict": found,
        "scene": scene,
        "grid": grid,
        "steps": trail(row, HISTORY) if row else [],
        "back": reverse("plans:targets") + scene.query,
    }
    return render(request, "plans/target.html", context, status=409 if found else 200)


def _month(text: str) -> Month:
    try:
        month = Month.parse(text)
    except ValueError as error:
        raise Http404 from error
    if not FIRST <= month <= LAST:
        raise Http404
    return month


# --- The roster ---


@require_GET
@for_roles(*SETTERS)
def targets_export(request: HttpRequest) -> HttpResponseBase:
    """The month's targets of a unit as the very roster that can be imported; grids without one are there to fill in."""
    scene = scene_of(request)
    if scene is None:
        raise Http404
    sheet = TargetSheet()
    rows = Stored.of(scene.unit, scene.month).grids
    names = Grid.objects.filter(unit=scene.unit).order_by("name", "pk").values_list("pk", "name")
    lines = [[str(scene.month), name, *(_written(rows.get(pk), goal) for goal in GOALS)] for pk, name in names]
    file = write_sheet(sheet.title, [column.header for column in sheet.columns], lines)
    record_access(request, AccessRecord.Kind.EXPORT, f"plans:targets:{scene.unit.pk}:{scene.month}", len(lines))
    name = f"{sheet.title}-{scene.unit}-{scene.month}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


def _written(row: Target | None, goal: str) -> object:
    value = getattr(row, goal, None)
    return f"{value.normalize():f}%" if isinstance(value, Decimal) else value
