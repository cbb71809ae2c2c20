"""The split of a plan's net adds: worked on by its manager, read by everyone else; what other weights would do (S6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Role
from plans import services
from plans.cells import CONFLICT, LOCKED, REFUSED, CellResult, TooManyCells, answer, read_post, too_many
from plans.checks import due_on, is_late
from plans.editing import posted_cells, signed_base
from plans.forms_split import FIELDS, KINDS, WeightsForm
from plans.models import Plan
from plans.pages_split import ORDERS, SplitPage, WhatIf, split_page, what_if
from plans.services_comments import comments_of
from plans.services_split import forget, save_shares, split_anew
from plans.services_weights import drafts_of, may_keep
from plans.views import READERS, plan_of

UNLOCK, RESET, AGAIN = "unlock", "reset", "split"


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*READERS)
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """The split as a table: its manager's to work in while the plan may be changed, to read otherwise."""
    found = plan_of(request, pk)
    manages = services.may_manage(signed_in(request), found)
    if request.method != "POST":
        return _page(request, found, manages)
    if not manages:
        raise PermissionDenied
    results = save_shares(found, posted_cells(found, request.POST, KINDS))
    refused = [result for result in results if result.state in REFUSED]
    if refused or not found.is_editable:
        states = {result.state for result in refused}
        status = 409 if states & {CONFLICT, LOCKED} or not found.is_editable else 422
        return _page(request, found, manages, refused, status)
    _then(request, found, request.POST.get("then", ""))
    return redirect("plans:split", found.pk)


def _then(request: HttpRequest, plan: Plan, pressed: str) -> None:
    """On to what was pressed, and what came of it said."""
    if pressed in (UNLOCK, RESET):
        if forget(plan, everything=pressed == RESET):
            messages.success(request, _("Nothing is set by hand any more, and everything is split again."))
    elif pressed != AGAIN or split_anew(plan):
        messages.success(request, _("Saved, and the rest split again."))


@require_POST
@for_roles(Role.GRID_MANAGER)
def split_cells(request: HttpRequest, pk: int) -> HttpResponse:
    """Save what was typed, each by itself; the answer holds every share as it is split now."""
    found = plan_of(request, pk)
    if not services.may_manage(signed_in(request), found):
        raise PermissionDenied
    try:
        post = read_post(request, KINDS)
    except TooManyCells:
        return too_many()
    results = save_shares(found, post.cells)
    page = split_page(found)
    return answer(found.version, results, _parts(request, page), page.stored)


def _parts(request: HttpRequest, page: SplitPage) -> dict[str, str]:
    """The computed parts of the page by their ids; fields are left alone."""
    shared = {"page": page, "plan": page.plan, "edits": page.plan.is_editable}
    parts: dict[str, str] = {
        "split-summary": render_to_string("plans/_split_summary.html", shared, request),
        "split-total": render_to_string("plans/_split_total.html", shared),
    }
    for row in page.rows:
        context = {**shared, "row": row}
        parts[f"split-share-{row.project.id}"] = render_to_string("plans/_split_row.html", context)
        parts[f"split-hint-{row.project.id}"] = render_to_string("plans/_split_hint.html", context)
    return parts


def _typed_late(page: SplitPage, refused: Iterable[CellResult]) -> list[tuple[str, str, str]]:
    """(project, field, what was typed) of what came after the plan had left its manager's hands."""
    names = {row.project.id: row.project.name for row in page.rows}
    late = [result.cell for result in refused if result.state == LOCKED]
    return [(names.get(cell.pk, ""), str(FIELDS[cell.field].label), cell.value) for cell in late]


def _page(
    request: HttpRequest, plan: Plan, manages: bool, refused: Iterable[CellResult] = (), status: int = 200
) -> HttpResponse:
    user, order = signed_in(request), request.GET.get("order", "")
    page = split_page(plan, refused, order if order in ORDERS else ORDERS[0])
    context: dict[str, Any] = {
        "plan": plan,
        "page": page,
        "order": order if order in ORDERS else ORDERS[0],
        "edits": manages and plan.is_editable,
        "manages": manages,
        "late_typed": _typed_late(page, refused),
        "base": signed_base(plan, page.stored),
        "due": due_on(plan),
        "late": is_late(plan, timezone.localdate()),
        "comments": comments_of(plan, user),
        **_asked(request, page),
    }
    return render(request, "plans/split.html", context, status=status)


# --- What if the weights were others? ---


def _asked(request: HttpRequest, page: SplitPage) -> dict[str, Any]:
    """The form of the weights, and what the weights asked for would do; nothing of it is kept."""
    now, unit = page.weights, page.plan.grid.unit
    known = {"existing": now.existing, "free_ports": now.free_ports, "unserved": now.unserved}
    asked = any(name in request.GET for name in known)
    form = WeightsForm(request.GET if asked else None, initial=known)
    effect: WhatIf | None = None
    if asked and form.is_valid() and page.plan.net_adds is not None and page.rows:
        projects = [row.project for row in page.rows]
        effect = what_if(page.plan.net_adds, projects, page.edited(), now, form.weights)
    keeps = may_keep(signed_in(request), unit)
    return {
        "weights_form": form,
        "weights_now": now,
        "effect": effect,
        "asked": asked,
        "may_keep": keeps,
        "drafts": drafts_of(unit) if keeps and effect else 0,
    }
