"""Which ledgers were seen to this month, per manager and per project; and saying that one was found right (P)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Grid, Membership, Role, Unit
from gridops.accounts.rulebook import rules_by_unit
from gridops.common.lists import Column, Listing, ListSpec
from gridops.common.month_choice import chosen_month
from gridops.common.months import Month
from gridops.common.paging import Order
from projects.filters_freshness import FreshnessFilter
from projects.models import Ledger, LedgerTouch, Project
from projects.rules_freshness import LATE, standing
from projects.services import editable_grids
from projects.services_ledgers import touch
from projects.views import EDITORS, READERS

MOST_AT_ONCE = 5_000
FRESHNESS = ListSpec(
    name="freshness",
    title=_("Ledgers seen to"),
    columns=[
        Column(_("project"), sort="code"),
        Column(_("grid")),
        *(Column(label) for label in Ledger.labels),
    ],
    rows="projects/_freshness_rows.html",
    order=Order("code"),
    empty=_("No projects in service yet. They come with the roster of projects, by import."),
    search=_("Code or name"),
)


@dataclass(slots=True)
class Seen:
    """How far one ledger of a grid, or of all, was seen to: ``oldest`` is the month of the one left alone longest."""

    ledger: str
    label: str
    seen: int = 0
    never: int = 0
    projects: int = 0
    oldest: date | None = None
    state: str = ""

    @property
    def unseen(self) -> int:
        """How many were not seen to this month."""
        return self.projects - self.seen


@dataclass(slots=True)
class GridFreshness:
    """A grid, who answers for it, and its three ledgers."""

    grid: Grid
    projects: int
    ledgers: list[Seen]
    managers: list[str] = field(default_factory=list)


@require_GET
@for_roles(*READERS)
def freshness(request: HttpRequest) -> HttpResponse:
    """Which ledgers were seen to in a month, by grid and by project (P: at least monthly)."""
    user, today = signed_in(request), timezone.localdate()
    choice = chosen_month(request, Month.of(today))
    month, running = choice.month, choice.month == Month.of(today)
    editable = editable_grids(user) if running and user.scope.has(*EDITORS) else frozenset()
    rows = Project.objects.for_user(user).filter(is_active=True).there_in(month)

    def decorate(page: list[Project]) -> None:
        touches = LedgerTouch.objects.latest_of([row.pk for row in page], month.first)
        for row in page:
            row.cells = [  # type: ignore[attr-defined]
                _cell(touches.get((row.pk, ledger.value)), ledger, month, row.grid_id in editable) for ledger in Ledger
            ]

    filters = FreshnessFilter(request.GET, queryset=rows.in_list(), user=user, month=month)
    grids = _by_grid(rows, month, today)
    return Listing(request, FRESHNESS, filters, decorate=decorate).answer(
        "projects/freshness.html",
        choice=choice,
        grids=grids,
        totals=_totals(grids),
        may_confirm=bool(editable),
        ledgers=Ledger.choices,
        back=request.GET.urlencode(),
        late=LATE,
    )


def _cell(found: LedgerTouch | None, ledger: Ledger, month: Month, editable: bool) -> dict[str, Any]:
    return {
        "ledger": ledger.value,
        "label": ledger.label,
        "touch": found,
        "seen": found is not None and found.month == month.first,
        "editable": editable,
    }


def _by_grid(rows: Any, month: Month, today: date) -> list[GridFreshness]:
    """Each grid's ledgers, with where they stand by the unit's own rule, and who answered for it at the month's end."""
    counted = rows.freshness(month.first)
    grids = Grid.objects.select_related("unit").in_bulk([row["grid"] for row in counted])
    units: set[Unit] = {grid.unit for grid in grids.values()}
    days = rules_by_unit(["ledger_urgent_days"], units)
    names: dict[int, list[str]] = {}
    held = Membership.objects.current(min(today, month.last)).own().filter(role=Role.GRID_MANAGER, grid__in=grids)
    if today <= month.last:
        held = held.filter(user__is_active=True)
    for grid_id, name, number in held.order_by("pk").values_list("grid", "user__name", "user__employee_no"):
        names.setdefault(grid_id or 0, []).append(name or number)
    found = [
        GridFreshness(
            grids[row["grid"]], row["projects"], [_seen(row, one, month) for one in Ledger], names.get(row["grid"], [])
        )
        for row in counted
    ]
    for one in found:
        for seen in one.ledgers:
            seen.state = standing(seen.unseen, month, today, days[one.grid.unit_id]["ledger_urgent_days"])
    return sorted(found, key=lambda one: (one.grid.unit.name, one.grid.name))


def _seen(row: dict[str, Any], ledger: Ledger, month: Month) -> Seen:
    name = ledger.value
    never = row["projects"] - row[f"{name}_ever"]
    oldest = row[f"{name}_oldest"]
    left = oldest if oldest and oldest < month.first else None
    return Seen(name, str(ledger.label), row[name], never, row["projects"], left)


def _totals(grids: list[GridFreshness]) -> list[Seen]:
    """The three ledgers of all grids together."""
    made = [Seen(ledger.value, str(ledger.label)) for ledger in Ledger]
    for grid in grids:
        for total, one in zip(made, grid.ledgers, strict=True):
            total.seen += one.seen
            total.never += one.never
            total.projects += one.projects
    return made


@require_POST
@for_roles(*EDITORS)
def confirm(request: HttpRequest) -> HttpResponse:
    """Found right, nothing to change: one ledger of one project (``one``), or of the chosen ones. All or none."""
    user = signed_in(request)
    one, _sep, ledger = request.POST.get("one", "").partition(":")
    chosen = [one] if one else request.POST.getlist("project")
    if not all(text.isdecimal() and len(text) < 19 for text in chosen):
        raise Http404
    ids = {int(text) for text in chosen}
    ledger = ledger if one else request.POST.get("ledger", "")
    if ledger not in Ledger.values or len(ids) > MOST_AT_ONCE:
        raise BadRequest("no such ledger, or too many projects")
    with transaction.atomic():
        grids = dict(Project.objects.for_user(user).filter(pk__in=ids, is_active=True).values_list("pk", "grid"))
        if ids - grids.keys():
            raise Http404
        if set(grids.values()) - editable_grids(user):
            raise PermissionDenied
        touch(sorted(ids), ledger, user, LedgerTouch.How.CONFIRMED, timezone.now())
    _say(request, Ledger(ledger).label, len(ids))
    back = QueryDict(request.POST.get("back", "")[:1_000]).urlencode()
    return redirect(reverse("projects:freshness") + (f"?{back}" if back else ""))


def _say(request: HttpRequest, ledger: Any, number: int) -> None:
    if not number:
        messages.info(request, _("No project was chosen: tick those whose ledger you found right."))
        return
    text = ngettext(
        "%(ledger)s of %(n)d project: found right, nothing to change.",
        "%(ledger)s of %(n)d projects: found right, nothing to change.",
        number,
    )
    messages.success(request, text % {"ledger": ledger, "n": number})
