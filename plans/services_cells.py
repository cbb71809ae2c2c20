"""Saving goals, notes and steps of a plan, field by field: each only over the value that its writer saw (S1, S2).

This is the one way in, for what a page saves as it is typed and for a form that is sent whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from gridops.accounts.models import User
from gridops.common.templatetags.gridops import day
from gridops.common.versions import as_text
from plans import workflow
from plans.cells import CONFLICT, FAULT, GONE, SAVED, Cell, CellResult, Place, compare, locked, say_conflict
from plans.forms_cells import STEP_FIELDS, Fault, read
from plans.models import GOALS, ActionStep, Plan
from plans.services_edit import SPLIT_GOALS, edits_of, held, split_again
from projects.models import Project


def save_cells(plan: Plan, cells: Sequence[Cell], by: User) -> list[CellResult]:
    """Save what was typed where it can be taken, and split again what follows from a goal (S6, S7).

    A step or a project that is not this plan's refuses everything (404). ``plan`` is brought up to date.
    """
    with transaction.atomic():
        now = held(plan)
        sheet = Sheet(now)
        sheet.demand_own(cells)
        if now.state not in workflow.EDITABLE:
            results = locked(cells)
        else:
            results = [sheet.take(cell) for cell in cells]
            sheet.write(by)
        sheet.say_who(results)
    _refresh(plan, now)
    return results


def _refresh(plan: Plan, now: Plan) -> None:
    for name in (*GOALS, "note", "state", "shortfall", "version"):
        setattr(plan, name, getattr(now, name))


def stored_cells(plan: Plan, steps: Iterable[ActionStep]) -> dict[Place, str]:
    """Every field as stored, as text."""
    found: dict[Place, str] = {("goal", name): as_text(getattr(plan, name)) for name in GOALS}
    found["note", "note"] = plan.note
    for step in steps:
        found |= {(f"step:{step.pk}", name): as_text(_value(step, name)) for name in STEP_FIELDS}
    return found


def _value(step: ActionStep, name: str) -> Any:
    if name == "done":
        return step.done_on is not None
    return step.project_id if name == "project" else getattr(step, name)


def projects_for(plan: Plan) -> models.QuerySet[Project, Project]:
    """The projects that a step may be for: those in service, and those that its steps name already."""
    named = plan.steps.exclude(project=None).values("project")
    mine = Project.objects.filter(grid=plan.grid_id)
    return mine.filter(models.Q(is_active=True) | models.Q(pk__in=named)).order_by("code")


class Sheet:
    """A locked plan while cells are written into it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        # Who ticks a step off holds the step, not the plan.
        steps = plan.steps.select_for_update(of=("self",), no_key=True).order_by("pk")
        self.steps = {step.pk: step for step in steps}
        self.names = dict(projects_for(plan).values_list("pk", "name"))
        self.stored = stored_cells(plan, self.steps.values())
        self.removed: set[int] = set()
        self.changes: dict[str, dict[str, Any]] = defaultdict(dict)

    def demand_own(self, cells: Iterable[Cell]) -> None:
        """404 unless every step and project is the plan's, or was until someone removed the step."""
        wanted = list(cells)
        unknown = {cell.pk for cell in wanted if cell.kind == "step"} - self.steps.keys()
        self.removed = _removed(self.plan, unknown)
        chosen = {read("step", "project", cell.value) for cell in wanted if cell.field == "project"}
        others = {pk for pk in chosen if isinstance(pk, int)} - self.names.keys()
        own = Project.objects.filter(pk__in=others, grid=self.plan.grid_id).count() if others else 0
        if unknown - self.removed or own < len(others):
            raise Http404

    def take(self, cell: Cell) -> CellResult:
        """What becomes of one cell; what is to be written is noted."""
        if cell.kind == "step" and cell.pk in self.removed:
            return CellResult(cell, GONE, text=_("This step was removed meanwhile. Copy what you typed."))
        now, new = self.stored[cell.place], read(cell.kind, cell.field, cell.value)
        if isinstance(new, Fault):
            return CellResult(cell, FAULT, now, new.text)
        if cell.field == "project" and new is not None and new not in self.names:
            return CellResult(cell, FAULT, now, _("This project was taken out of service meanwhile."))
        result = compare(cell, as_text(new), now)
        if result.state == SAVED:
            self.changes[cell.line][cell.field] = new
        return result

    def write(self, by: User) -> None:
        """Write what was noted; the plan's version says that it moved."""
        if not self.changes:
            return
        today = timezone.localdate()
        for line, fields in self.changes.items():
            if line.startswith("step:"):
                _write_step(self.steps[int(line.partition(":")[2])], fields, by, today)
            else:
                for name, value in fields.items():
                    setattr(self.plan, name, value)
        if SPLIT_GOALS & self.changes.get("goal", {}).keys():
            split_again(self.plan, edits_of(self.plan))
        self.plan.version += 1
        self.plan.save()

    def say_who(self, results: Iterable[CellResult]) -> None:
        """Put conflicts into words: whose value stands there, and what it is."""
        clashing = [result for result in results if result.state == CONFLICT]
        if not clashing:
            return
        steps = {result.cell.pk for result in clashing if result.cell.kind == "step"}
        known = {("step", pk, name): who for (pk, name), who in authors_of(ActionStep, steps).items()}
        if any(result.cell.kind != "step" for result in clashing):
            known |= {("", pk, name): who for (pk, name), who in authors_of(Plan, {self.plan.pk}).items()}
        for result in clashing:
            cell = result.cell
            key = ("step", cell.pk) if cell.kind == "step" else ("", self.plan.pk)
            name = {"done": "done_on"}.get(cell.field, cell.field)
            say_conflict(result, self.shown(cell, result.value), known.get((*key, name), ""))

    def shown(self, cell: Cell, text: str) -> str:
        """Stored text as people read it."""
        if cell.field == "project" and text:
            return self.names.get(int(text), text)
        if cell.field == "due_on" and text:
            return day(date.fromisoformat(text))
        if cell.field == "done":
            return _("done") if text == "True" else _("not done")
        return text


def _write_step(step: ActionStep, fields: dict[str, Any], by: User, today: date) -> None:
    for name, value in fields.items():
        if name == "done":
            step.done_on, step.done_by = (today, by) if value else (None, None)
        else:
            setattr(step, "project_id" if name == "project" else name, value)
    step.save()


def _removed(plan: Plan, steps: Collection[int]) -> set[int]:
    """Those of ``steps`` that were this plan's until someone removed them: the history knows."""
    if not steps:
        return set()
    kind = ContentType.objects.get_for_model(ActionStep)
    gone = LogEntry.objects.filter(content_type=kind, object_id__in=steps, action=LogEntry.Action.DELETE)
    rows = gone.values_list("object_id", "changes")
    return {pk for pk, changes in rows if str((changes or {}).get("plan", [""])[0]) == str(plan.pk) and pk is not None}


def authors_of(model: type[models.Model], rows: Collection[int]) -> dict[tuple[int, str], str]:
    """(row, field) -> who changed it last, from the history."""
    if not rows:
        return {}
    kind = ContentType.objects.get_for_model(model)
    steps = LogEntry.objects.filter(content_type=kind, object_id__in=rows).order_by("timestamp", "pk")
    found: dict[tuple[int, str], str] = {}
    for pk, changes, who in steps.values_list("object_id", "changes", "actor__name"):
        if pk is not None:
            found |= {(pk, name): who or "" for name in changes or ()}
    return found


def split_now(plan: Plan) -> bool:
    """Split the goals again over projects and agents as they are now; False when the plan is locked."""
    with transaction.atomic():
        if not _moves(plan):
            return False
        plan.refresh_from_db(fields=GOALS)
        split_again(plan, edits_of(plan))
        plan.save(update_fields=["shortfall"])
    return True


# --- Steps come and go ---

KEPT = ("what", "who", "measure", "improvement", "done_note", "goal")


def add_step(plan: Plan, **fields: Any) -> ActionStep | None:
    """A new step, for its manager to fill; None when the plan is not theirs to change any more."""
    with transaction.atomic():
        return ActionStep.objects.create(plan=plan, **fields) if _moves(plan) else None


def remove_step(plan: Plan, step: ActionStep) -> dict[str, Any] | None:
    """Take a step out; answers what puts it back. What last month left unfinished stays: None (S2)."""
    if step.carried_from_id is not None:
        return None
    with transaction.atomic():
        if not _moves(plan):
            return None
        step = plan.steps.filter(pk=step.pk).first() or step  # as it was typed until now
        kept: dict[str, Any] = {name: getattr(step, name) for name in KEPT}
        kept |= {"pk": step.pk, "project": step.project_id, "done_by": step.done_by_id}
        kept |= {name: as_text(getattr(step, name)) for name in ("due_on", "done_on")}
        kept["proposals"] = list(step.proposals.values_list("pk", flat=True))
        step.delete()
    return kept


def restore_step(plan: Plan, kept: dict[str, Any]) -> ActionStep | None:
    """Put a removed step back as it was, under its old id: what others type in it is saved again."""
    with transaction.atomic():
        if not _moves(plan):
            return None
        found: ActionStep | None = plan.steps.filter(pk=kept["pk"]).first()
        if found:
            return found
        dates = {name: date.fromisoformat(kept[name]) if kept[name] else None for name in ("due_on", "done_on")}
        texts = {name: kept[name] for name in KEPT}
        step = ActionStep(
            pk=kept["pk"], plan=plan, project_id=kept["project"], done_by_id=kept["done_by"], **texts, **dates
        )
        step.save(force_insert=True)
        plan.grid.proposed_steps.filter(pk__in=kept["proposals"], step=None).update(step=step)
    return step


def _moves(plan: Plan) -> bool:
    """Raise the plan's version, if it may still be changed."""
    free = Plan.objects.filter(pk=plan.pk, state__in=workflow.EDITABLE)
    moved = free.update(version=models.F("version") + 1)
    plan.refresh_from_db(fields=["version", "state"])
    return bool(moved)
