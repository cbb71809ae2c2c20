"""A unit's figures split over its grids: seen at once, handed down when it is right (O1, S6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gridops.accounts.guards import for_roles
from gridops.accounts.models import Grid
from gridops.common.versions import as_text
from plans.drafting import Rules
from plans.forms_targets import CHOSEN, LOCK, TargetsForm
from plans.material_targets import grid_figures
from plans.models import GOALS
from plans.pages_targets import SETTERS, Scene
from plans.pages_targets_split import SplitBoard, split_board
from plans.rules_targets import GoalSplit, GridFigures, split_goal
from plans.services_handdown import UNIT, Stored, Wanted, place_of, value_of
from plans.views_targets import ask_or_write, scene_of, table_form


class Splitting:
    """What is split: the unit's figures and those set by hand as typed (at first: as stored), the rest computed."""

    def __init__(self, scene: Scene, data: Any = None) -> None:
        self.scene, self.stored = scene, Stored.of(scene.unit, scene.month)
        self.form: TargetsForm = table_form(scene, self.stored, data)
        self.weights = Rules.of(scene.unit).weights
        self.figures: dict[int, GridFigures] = grid_figures(
            Grid.objects.filter(unit=scene.unit), scene.month, timezone.localdate()
        )
        self.valid = data is None or self.form.is_valid()
        self.texts = {**self.stored.texts(), **(self.form.typed() if data is not None else {})}
        self.chosen = self._chosen(data)
        self.locks = self._locks(data)
        self.splits = {goal: split for goal in GOALS if (split := self._split(goal)) is not None}

    def _chosen(self, data: Any) -> set[str]:
        """The goals to be split: at first those of which no grid has a figure, so that none is lost unasked."""
        if data is not None:
            return {goal for goal in GOALS if f"{CHOSEN}{goal}" in data}
        return {goal for goal in GOALS if not any(self.texts[place_of(pk, goal)] for pk in self.figures)}

    def _locks(self, data: Any) -> set[str]:
        """The places whose figures stay; an empty one does not."""
        if data is None:
            kept = {place_of(pk, goal) for pk, row in self.stored.grids.items() if row for goal in row.by_hand}
        else:
            kept = {name.removeprefix(LOCK) for name in data if name.startswith(LOCK)}
        return {place for place in kept if self.texts.get(place)}

    def _split(self, goal: str) -> GoalSplit | None:
        figure = value_of(goal, self.texts.get(place_of(UNIT, goal), ""))
        if figure is None or not self.figures or goal not in self.chosen:
            return None
        by_hand = {}
        for pk in self.figures:
            place = place_of(pk, goal)
            if place in self.locks and (value := value_of(goal, self.texts[place])) is not None:
                by_hand[pk] = value
        return split_goal(goal, figure, list(self.figures.values()), by_hand, self.weights)

    def result(self) -> dict[str, str]:
        """Place -> figure as text: of every goal that is split."""
        return {
            place_of(pk, goal): as_text(value)
            for goal, split in self.splits.items()
            for pk, value in split.shares.items()
        }

    def board(self) -> SplitBoard:
        """As the page shows it."""
        return split_board(self.scene, self.stored, self.figures, self.splits, self.texts, self.locks)

    def wanted(self) -> Wanted:
        """The unit's figures and the shares, to be handed down."""
        units = {place_of(UNIT, goal): self.texts[place_of(UNIT, goal)] for goal in self.splits}
        locks = [place for place in self.result() if place in self.locks]
        return self.form.wanted(typed={**units, **self.result()}, split=list(self.splits), locks=locks)

    def as_seen(self, typed: Mapping[str, str]) -> bool:
        """Whether what the person saw is what would be written."""
        return all(typed.get(place, text) == text for place, text in self.result().items())


@require_http_methods(["GET", "POST"])
@for_roles(*SETTERS)
def split(request: HttpRequest) -> HttpResponse:
    """The unit's figures, split over its grids; a post hands down, or without a script splits again."""
    scene = scene_of(request)
    if scene is None:
        raise Http404
    if request.method == "GET":
        return _page(request, Splitting(scene))
    found = Splitting(scene, request.POST)
    if not found.valid:
        messages.error(request, _("Not saved: please look at the fields marked below."))
        return _page(request, found, status=422)
    if request.POST.get("act") != "hand-down":
        return _page(request, found)
    if not found.splits:
        messages.info(request, _("Enter a figure of the unit first, and choose to split it."))
        return _page(request, found, status=422)
    if not found.as_seen(found.form.typed()):
        messages.warning(
            request, _("Nothing was written: the shares are others than you saw. Look at them and hand down.")
        )
        return _page(request, found, status=409)
    return ask_or_write(request, scene, found.wanted(), lambda _wanted: _moved(request, scene))


@require_POST
@for_roles(*SETTERS)
def preview(request: HttpRequest) -> HttpResponse:
    """The table as it would be: for the page's script, which asks with each figure typed."""
    scene = scene_of(request)
    if scene is None:
        raise Http404
    found = Splitting(scene, request.POST)
    return render(request, "plans/_targets_split.html", _context(found), status=200 if found.valid else 422)


def _moved(request: HttpRequest, scene: Scene) -> HttpResponse:
    """Somebody handed down meanwhile: the split as typed, beside what is stored now (409)."""
    data = request.POST.copy()
    data["base"] = str(table_form(scene, Stored.of(scene.unit, scene.month)).initial["base"])
    text = _("Nothing was written: someone handed down other figures in the meantime. They are shown as “now”.")
    messages.warning(request, text)
    return _page(request, Splitting(scene, data), status=409)


def _context(found: Splitting) -> dict[str, Any]:
    board = found.board()
    for cell in [*(column.cell for column in board.columns), *(cell for row in board.rows for cell in row.cells)]:
        cell.field = found.form[cell.place]
    scene = found.scene
    return {"scene": scene, "choice": scene.choice, "board": board, "form": found.form, "weights": found.weights}


def _page(request: HttpRequest, found: Splitting, status: int = 200) -> HttpResponse:
    return render(request, "plans/targets_split.html", _context(found), status=status)
