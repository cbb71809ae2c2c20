"""The map of projects: dots by coordinates, coloured by a measure; a project is placed or moved by a click (P4)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid, User
from gridops.common.lists import Column, Listing, ListSpec
from gridops.common.month_choice import MonthChoice, chosen_month
from gridops.common.months import Month
from gridops.common.paging import Order
from projects import map_data
from projects.filters_map import MapFilter
from projects.forms_map import PlaceForm
from projects.map_data import MEASURES, Dot, Measure
from projects.models import Project
from projects.services import demand_edit, editable_grids
from projects.services_map import place as put
from projects.views import EDITORS, READERS

UNPLACED_SHOWN = 30
UNDO = "map-undo"
MAP = ListSpec(
    name="map",
    title=gettext_lazy("Map"),
    columns=[
        Column(gettext_lazy("project"), sort="code"),
        Column(gettext_lazy("grid")),
        Column(gettext_lazy("figure"), number=True),
        Column(gettext_lazy("class")),
        Column(gettext_lazy("place")),
    ],
    rows="projects/_map_rows.html",
    order=Order("code"),
    empty=gettext_lazy("No projects in service yet. They come with the roster of projects, by import."),
    search=gettext_lazy("Code or name"),
)


@require_GET
@for_roles(*READERS)
def map_page(request: HttpRequest) -> HttpResponse:
    """The projects of a person's scope on a map, and in the table below it."""
    return _page(request)


def _page(
    request: HttpRequest, form: PlaceForm | None = None, placing: Project | None = None, status: int = 200
) -> HttpResponse:
    user, this = signed_in(request), Month.of(timezone.localdate())
    choice = _month(request, user, this)
    measure = MEASURES.get(request.GET.get("colour", ""), MEASURES["port_utilisation"])
    editable = editable_grids(user) if user.scope.has(*EDITORS) else frozenset()
    filters = MapFilter(
        request.GET, queryset=Project.objects.for_user(user).filter(is_active=True).in_list(), user=user
    )
    listing: Listing[Project] = Listing(request, MAP, filters)
    found = map_data.dots(listing.queryset, choice.month, this)  # type: ignore[arg-type]
    classes, steps = map_data.legend(found, measure)
    by_pk = {dot.pk: dot for dot in found}
    words = {line.step: line.words for line in classes}

    def decorate(rows: list[Project]) -> None:
        for row in rows:
            step, value = steps[row.pk], by_pk[row.pk].figures[measure.name]
            row.shown = {  # type: ignore[attr-defined]
                "value": measure.words(value),
                "step": step,
                "words": words[step],
                "editable": row.grid_id in editable,
            }

    listing.decorate = decorate
    unplaced = [dot for dot in found if dot.longitude is None and dot.grid_id in editable]
    placing = placing or _to_be_placed(request, editable)
    context = {
        "choice": choice,
        "is_so_far": measure.grows and choice.month == this,
        "measure": measure,
        "measures": MEASURES.values(),
        "classes": classes,
        "data": _data(request, found, steps, editable),
        "unplaced": unplaced[:UNPLACED_SHOWN],
        "unplaced_count": len(unplaced),
        "placed_count": sum(dot.longitude is not None for dot in found),
        "placing": placing,
        "form": form or (PlaceForm(initial=_lies(placing)) if placing else None),
        "undo": request.session.pop(UNDO, None),
        "back": _without_place(request.GET),
    }
    response = listing.answer("projects/map.html", **context)
    response.status_code = status
    return response


def _month(request: HttpRequest, user: User, this: Month) -> MonthChoice:
    choice = chosen_month(request, this)
    if "month" in request.GET or "month" in request.session:
        return choice
    return MonthChoice(map_data.newest_month(user, this))


def _to_be_placed(request: HttpRequest, editable: frozenset[int]) -> Project | None:
    """The project that the address asks to place, if the person may."""
    asked = request.GET.get("place", "")
    if not asked.isdecimal() or len(asked) > 18:
        return None
    rows = Project.objects.for_user(signed_in(request)).filter(pk=int(asked), grid__in=editable)
    return rows.select_related("grid").first()


def _lies(project: Project) -> dict[str, Any]:
    place = {"longitude": project.longitude, "latitude": project.latitude}
    return place | {f"was_{name}": value for name, value in place.items()}


def _data(
    request: HttpRequest, found: list[Dot], steps: dict[int, int | None], editable: frozenset[int]
) -> dict[str, Any]:
    """What the script draws: columns of equal length, so that thousands of dots stay small."""
    user = signed_in(request)
    placed = [dot for dot in found if dot.longitude is not None]
    names = dict(Grid.objects.for_user(user).values_list("pk", "name"))
    grid = request.GET.get("grid", "")
    new = map_data.prospects(user, int(grid) if grid.isdecimal() and len(grid) < 19 else None)
    return {
        "id": [dot.pk for dot in placed],
        "name": [dot.name for dot in placed],
        "grid": [names[dot.grid_id] for dot in placed],
        "lon": [dot.longitude for dot in placed],
        "lat": [dot.latitude for dot in placed],
        "step": [steps[dot.pk] for dot in placed],
        "editable": [int(dot.grid_id in editable) for dot in placed],
        "figures": {name: [dot.figures[name] for dot in placed] for name in MEASURES},
        "measures": [_described(one) for one in MEASURES.values()],
        "outlines": map_data.outlines(placed, names),
        "prospects": [
            {
                "name": row.name,
                "stage": str(row.get_stage_display()),
                "lon": float(row.longitude or 0),
                "lat": float(row.latitude or 0),
                "url": reverse("projects:prospect", args=[row.pk]),
            }
            for row in new
        ],
        "url": reverse("projects:detail", args=[0]),
        "move": "?" + (f"{query}&" if (query := _without_place(request.GET)) else "") + "place=0#map-place",
    }


def _described(measure: Measure) -> dict[str, Any]:
    return {
        "name": measure.name,
        "title": str(measure.title),
        "suffix": str(measure.suffix),
        "digits": measure.digits,
    }


def _without_place(params: QueryDict) -> str:
    kept = params.copy()
    kept.pop("place", None)
    return kept.urlencode()


@require_POST
@for_roles(*EDITORS)
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a project onto the map, or move it; 409 when somebody moved it meanwhile."""
    user = signed_in(request)
    project = get_object_or_404(Project.objects.for_user(user).select_related("grid"), pk=pk)
    demand_edit(user, project.grid_id)
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return _page(request, form, project, 400)
    if not put(pk, form.place, form.was, user):
        project.refresh_from_db()
        messages.error(request, _("Somebody moved this project meanwhile. Look where it lies now, then move it again."))
        return _page(request, PlaceForm(initial=_lies(project)), project, 409)
    messages.success(request, _("%(project)s was placed on the map.") % {"project": project.name})
    request.session[UNDO] = {"pk": pk, "name": project.name, "was": _texts(form.was), "now": _texts(form.place)}
    back = QueryDict(request.POST.get("back", "")[:1_000]).urlencode()
    return redirect(reverse("projects:map") + (f"?{back}" if back else "") + "#map")


def _texts(place: Any) -> list[str]:
    return ["" if value is None else str(value) for value in place]
