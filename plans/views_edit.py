"""The plan's page: filled by its manager, saved as it is typed or sent whole, read by everyone else (S1, S2)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gridops.accounts.guards import for_roles, signed_in
from gridops.accounts.models import Membership, Role
from gridops.common.ids import read_id
from plans import pages, services, services_cells
from plans.cells import CONFLICT, LOCKED, REFUSED, SAVED, CellResult, Place, TooManyCells, answer, read_post, too_many
from plans.checks import problems
from plans.editing import PlanForm, posted_cells
from plans.forms import ReasonForm
from plans.forms_cells import KINDS
from plans.models import ActionStep, Plan
from plans.services_comments import comments_of
from plans.services_targets import moved_of
from plans.views import READERS, SUBMITTED, common, plan_of, take

REMOVED = "plans.removed-step"  # in the session: the step that was taken out last, to be put back
SPLIT_PARTS = (("plans/_split.html", "plan-split"), ("plans/_agents.html", "plan-agents"))


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*READERS)
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan: its manager's form while it may be changed, a page to read otherwise."""
    found = plan_of(request, pk)
    manages = services.may_manage(signed_in(request), found)
    if request.method == "POST":
        if not manages:
            raise PermissionDenied
        return _save(request, found)
    return _edit(request, found) if manages and found.is_editable else _read(request, found)


def _managed(request: HttpRequest, pk: int) -> Plan:
    found = plan_of(request, pk)
    if not services.may_manage(signed_in(request), found):
        raise PermissionDenied
    return found


# --- Saved as it is typed ---


@require_POST
@for_roles(Role.GRID_MANAGER)
def cells(request: HttpRequest, pk: int) -> HttpResponse:
    """Save cells; each is answered by itself, with the parts of the page that look different now."""
    found = _managed(request, pk)
    try:
        post = read_post(request, KINDS)
    except TooManyCells:
        return too_many()
    results = services_cells.save_cells(found, post.cells, signed_in(request))
    moved = post.version is not None and _moved_since(post.version, found, results)
    stored: dict[Place, str] = {}
    if moved:
        stored = services_cells.stored_cells(found, found.steps.all())
    return answer(found.version, results, _parts(request, found, results, moved), stored)


def _moved_since(version: int, plan: Plan, results: Iterable[CellResult]) -> bool:
    """Whether someone else changed the plan: what was saved here has raised its version by one."""
    mine = any(result.state == SAVED for result in results)
    return plan.version - mine != version


def _parts(request: HttpRequest, plan: Plan, results: Iterable[CellResult], moved: bool) -> dict[str, str]:
    """The parts of the page that what was saved changes: always what still stands against submitting."""
    goals = {result.cell.field for result in results if result.state == SAVED and result.cell.kind == "goal"}
    context: dict[str, Any] = {**pages.problem_context(plan), "plan": plan, "manages": True, "linked": True}
    names = [("plans/_problems.html", "plan-problems"), ("plans/_submit_count.html", "submit-count")]
    if goals or moved:
        context |= pages.split_context(plan) | {"goals": pages.goal_rows(plan), "goal_inputs": PlanForm(plan).goals()}
        names += [*SPLIT_PARTS, ("plans/_goals_form.html", "plan-goals")]
    if goals or moved:
        context["comments"] = comments_of(plan, signed_in(request))
    if moved:
        context["form"] = PlanForm(plan)
        names.append(("plans/_steps_form.html", "plan-steps"))
    return {part: render_to_string(name, context, request) for name, part in names}


# --- Sent whole ---


def _save(request: HttpRequest, plan: Plan) -> HttpResponse:
    """What was changed is saved where it can be, the rest shown with the reason; then on to what was pressed."""
    known, then = read_id(request.POST.get("version", "")), request.POST.get("then", "")
    results = services_cells.save_cells(plan, posted_cells(plan, request.POST, KINDS), signed_in(request))
    moved = _moved_since(known, plan, results)
    refused = [result for result in results if result.state in REFUSED]
    if refused or plan.state not in (Plan.State.DRAFT, Plan.State.RETURNED):
        return _refused(request, plan, refused)
    if then == "submit":
        return _submit(request, plan, moved)
    if then == "step":
        return _added(request, plan)
    if then.startswith("remove:"):
        step = _step(plan, then.removeprefix("remove:"))
        return _removed(request, plan, step)
    if then == "split":
        return _split(request, plan)
    messages.success(request, _("Saved."))
    return redirect("plans:plan", plan.pk)


def _refused(request: HttpRequest, plan: Plan, refused: Collection[CellResult]) -> HttpResponse:
    states = {result.state for result in refused}
    status = 409 if states & {CONFLICT, LOCKED} or not plan.is_editable else 422
    return (_edit if plan.is_editable else _read)(request, plan, refused, status)


def _submit(request: HttpRequest, plan: Plan, moved: bool) -> HttpResponse:
    if any(problem.error for problem in problems(plan)):
        messages.warning(request, _("Saved, but not submitted yet: see below what must be mended."))
    elif moved:
        messages.warning(
            request, _("Saved, but not submitted: someone else changed the plan meanwhile. Look at it, then submit.")
        )
    else:
        return take(request, plan, plan.version, SUBMITTED, services.submit)
    return redirect("plans:plan", plan.pk)


def _split(request: HttpRequest, plan: Plan) -> HttpResponse:
    if services_cells.split_now(plan):
        messages.success(request, _("Saved, and the targets split again."))
    return redirect("plans:plan", plan.pk)


# --- Steps come and go ---


def _step(plan: Plan, pk: str) -> ActionStep:
    return get_object_or_404(plan.steps.all(), pk=read_id(pk))


@require_POST
@for_roles(Role.GRID_MANAGER)
def step_new(request: HttpRequest, pk: int) -> HttpResponse:
    """An empty step, to be filled."""
    return _added(request, _managed(request, pk))


def _added(request: HttpRequest, plan: Plan) -> HttpResponse:
    who = Membership.objects.manager_names([plan.grid_id], timezone.localdate()).get(plan.grid_id, "")
    step = services_cells.add_step(plan, who=who)
    if step is None:
        return _steps(request, plan, locked=True)
    return _steps(request, plan, focus=step.pk)


@require_POST
@for_roles(Role.GRID_MANAGER)
def step_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a step out; the page offers to put it back."""
    step = get_object_or_404(ActionStep.objects.for_user(signed_in(request)).select_related("plan"), pk=pk)
    return _removed(request, _managed(request, step.plan_id), step)


def _removed(request: HttpRequest, plan: Plan, step: ActionStep) -> HttpResponse:
    if step.carried_from_id is not None:
        messages.error(
            request, _("What last month left unfinished stays: mark it done, or name what will be done better.")
        )
    elif kept := services_cells.remove_step(plan, step):
        request.session[REMOVED] = {"plan": plan.pk, **kept}
    else:
        return _steps(request, plan, locked=True)
    return _steps(request, plan)


@require_POST
@for_roles(Role.GRID_MANAGER)
def step_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Put back the step that was taken out last."""
    plan, kept = _managed(request, pk), request.session.get(REMOVED)
    if not kept or kept["plan"] != plan.pk:
        return _steps(request, plan)
    step = services_cells.restore_step(plan, kept)
    if step is None:
        return _steps(request, plan, locked=True)
    del request.session[REMOVED]
    return _steps(request, plan, focus=step.pk)


def _steps(request: HttpRequest, plan: Plan, focus: int = 0, locked: bool = False) -> HttpResponse:
    """The steps as they are now: as a part of the page for htmx, as the page itself otherwise."""
    if not request.htmx:  # type: ignore[attr-defined]
        if locked:
            messages.error(request, _("The plan was handed in or approved meanwhile and can't be changed."))
        address = redirect("plans:plan", plan.pk)
        address["Location"] += f"#step-{focus}" if focus else "#plan-steps"
        return address
    context = {
        "plan": plan,
        "form": PlanForm(plan),
        "focus": focus,
        "steps_locked": locked,
        "removed": _to_restore(request, plan),
        "linked": True,
        "comments": comments_of(plan, signed_in(request)),
        **pages.problem_context(plan),
    }
    return render(request, "plans/_steps_answer.html", context)


def _to_restore(request: HttpRequest, plan: Plan) -> dict[str, Any] | None:
    kept: dict[str, Any] | None = request.session.get(REMOVED)
    return kept if kept and kept["plan"] == plan.pk and not plan.steps.filter(pk=kept["pk"]).exists() else None


# --- The pages ---


def _edit(request: HttpRequest, plan: Plan, refused: Iterable[CellResult] = (), status: int = 200) -> HttpResponse:
    form = PlanForm(plan, refused)
    context = {
        **common(request, plan),
        "form": form,
        "goal_inputs": form.goals(),
        **pages.problem_context(plan),
        "removed": _to_restore(request, plan),
        "moved": moved_of(plan),
        "today": timezone.localdate(),
    }
    return render(request, "plans/edit.html", context, status=status)


def _read(request: HttpRequest, plan: Plan, refused: Iterable[CellResult] = (), status: int = 200) -> HttpResponse:
    context = {
        **common(request, plan),
        "unsaved": PlanForm(plan, refused).unsaved() if refused else [],
        "late_typed": status == 409,
        "steps": plan.steps.select_related("project", "carried_from", "done_by").prefetch_related("proposals"),
        "revise_form": ReasonForm(initial={"version": plan.version}),
        "moved": moved_of(plan),
    }
    return render(request, "plans/plan.html", context, status=status)
