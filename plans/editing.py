"""The plan's page as forms: bound to what was typed, compared with what others wrote meanwhile, saved as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from gridops.common.history import entries_of, who_changed
from gridops.common.templatetags.gridops import dash
from gridops.common.versions import FieldConflict, as_text
from plans.forms import STEP_FIELDS, GoalsForm, ShareFormSet, StepFormSet
from plans.material import ProjectFigures
from plans.models import GOALS, ActionStep, Plan, ProjectShare
from plans.services_edit import save_plan

SALT = "plans.editing"
SHARE_FIELDS = ("manual", "adjustment", "remark")
HISTORY = 20

# A place on the page: ("goal", 0, "net_adds"), ("share", project, "manual"), ("step", step, "who").
Place = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class PlanConflict:
    """What stands against saving: changed by both, and changed by others only."""

    clashing: list[FieldConflict]
    taken: list[FieldConflict]


class PlanForms:
    """The goals, the split and the steps of one plan, as one form."""

    def __init__(self, plan: Plan, projects: list[ProjectFigures], data: QueryDict | None = None) -> None:
        self.plan, self.projects = plan, projects
        self.shares = {share.project_id: share for share in plan.project_shares.all()}
        self.old_steps = list(plan.steps.select_related("project", "carried_from").prefetch_related("proposals"))
        choices = [(project.id, project.name) for project in projects]
        listed = {project.id for project in projects}
        choices += [
            (s.project_id, str(s.project)) for s in self.old_steps if s.project_id and s.project_id not in listed
        ]
        self._bind(data, choices)

    def _bind(self, data: QueryDict | None, choices: list[Any]) -> None:
        self.choices = choices
        self.goals = GoalsForm(data, instance=self.plan)
        self.split = ShareFormSet(
            data, prefix="shares", initial=[_share(p.id, self.shares.get(p.id)) for p in self.projects]
        )
        self.steps = StepFormSet(
            data, prefix="steps", initial=[_step(step) for step in self.old_steps], form_kwargs={"projects": choices}
        )
        if data is None:
            self.goals.initial["base"] = signing.dumps(_packed(self.now()), salt=SALT, compress=True)

    # --- Showing ---

    def rows(self) -> Iterator[tuple[ProjectFigures, ProjectShare | None, Any]]:
        """Each project with its figures, its share as stored, and its form."""
        by_id = {project.id: project for project in self.projects}
        for form in self.split:
            project = by_id.get(_number(form["project"].value()))
            if project:
                yield project, self.shares.get(project.id), form

    def step_rows(self) -> Iterator[tuple[Any, ActionStep | None]]:
        """Each step's form, and the step it is of."""
        known = {step.pk: step for step in self.old_steps}
        for form in self.steps:
            yield form, known.get(_number(form["id"].value()))

    # --- Saving ---

    def is_valid(self) -> bool:
        """Whether everything could be read, and no carry-over was emptied: it can't be removed (S2)."""
        valid = all([self.goals.is_valid(), self.split.is_valid(), self.steps.is_valid()])
        for form, step in self.step_rows():
            if step and step.carried_from_id and not form.errors and not form.cleaned_data.get("what"):
                form.add_error("what", _("Say what the step is."))
                valid = False
        return valid

    def save(self) -> bool:
        """Write what was typed; False when someone else was quicker."""
        listed = {project.id for project in self.projects}
        data = self.goals.cleaned_data
        shares = {
            form.cleaned_data["project"]: form.edit()
            for form in self.split
            if form.cleaned_data.get("project") in listed
        }
        edits = [edit for form in self.steps if form.cleaned_data and (edit := form.edit())]
        return save_plan(self.plan, data["version"], data, shares, edits)

    # --- Two people, one plan ---

    def now(self) -> dict[Place, str]:
        """The values as stored."""
        values = {("goal", 0, name): as_text(getattr(self.plan, name)) for name in (*GOALS, "note")}
        for project in self.projects:
            share = _share(project.id, self.shares.get(project.id))
            values |= {("share", project.id, name): as_text(share[name]) for name in SHARE_FIELDS}
        for step in self.old_steps:
            row = _step(step)
            values |= {("step", step.pk, name): as_text(row[name]) for name in (*STEP_FIELDS, "done")}
        return values

    def typed(self) -> dict[Place, tuple[str, str, str]]:
        """Place -> what was typed, the name of its input, its label."""
        found = {}
        for name in (*GOALS, "note"):
            found["goal", 0, name] = (as_text(self.goals.cleaned_data[name]), name, str(self.goals.fields[name].label))
        names = {project.id: project.name for project in self.projects}
        for form in self.split:
            pk = form.cleaned_data.get("project", 0)
            for name in SHARE_FIELDS:
                value = form.cleaned_data.get(name)
                text = as_text(value or 0) if name == "adjustment" else as_text(value)
                found["share", pk, name] = (
                    text,
                    form.add_prefix(name),
                    _label(names.get(pk, ""), form.fields[name].label),
                )
        for row in self.steps:
            data = row.cleaned_data
            if data and data.get("id"):
                for name in (*STEP_FIELDS, "done"):
                    found["step", data["id"], name] = (
                        as_text(data[name]),
                        row.add_prefix(name),
                        _label(data["what"], row.fields[name].label),
                    )
        return found

    def conflict(self, data: QueryDict) -> tuple[PlanForms, PlanConflict]:
        """Forms on the plan as it is now that still hold what was typed, and what others changed."""
        fresh = PlanForms(Plan.objects.get(pk=self.plan.pk), self.projects)
        now, began, typed = fresh.now(), _unpacked(self.goals.cleaned_data.get("base", "")), self.typed()
        entries = list(entries_of(self.plan, HISTORY))
        again = data.copy()
        clashing: list[FieldConflict] = []
        taken: list[FieldConflict] = []
        for place, (text, input_name, label) in typed.items():
            if place not in now:
                if place[0] == "step" and place[2] == "what":
                    # Someone removed the step: what was typed in it comes back as a new one.
                    again[input_name.removesuffix("what") + "id"] = ""
                continue
            theirs, before = now[place], began.get(place)
            if theirs in (text, before):
                continue
            mine = before is None or text != before
            by = who_changed(entries, place[2]) if place[0] == "goal" else None
            found = FieldConflict(input_name, label, str(dash(theirs)), str(dash(text)), by)
            (clashing if mine else taken).append(found)
            if not mine:
                again[input_name] = theirs if place[2] != "done" else ("on" if theirs == "True" else "")
        _append_new_steps(again, fresh, typed)
        again["version"] = str(fresh.plan.version)
        again["base"] = fresh.goals.initial["base"]
        return PlanForms(fresh.plan, self.projects, again), PlanConflict(clashing, taken)


def _append_new_steps(data: QueryDict, fresh: PlanForms, typed: Mapping[Place, Any]) -> None:
    """Steps that others added meanwhile join the typed ones."""
    count = int(data.get("steps-TOTAL_FORMS", "0"))
    for step in fresh.old_steps:
        if ("step", step.pk, "what") not in typed:
            for name, value in _step(step).items():
                data[f"steps-{count}-{name}"] = "" if value in (None, False) else as_text(value)
            count += 1
    data["steps-TOTAL_FORMS"] = str(count)


def _share(project: int, share: ProjectShare | None) -> dict[str, Any]:
    if share is None:
        return {"project": project, "manual": None, "adjustment": 0, "remark": ""}
    manual = share.net_adds if share.is_manual else None
    return {"project": project, "manual": manual, "adjustment": share.adjustment, "remark": share.remark}


def _step(step: ActionStep) -> dict[str, Any]:
    row = {name: getattr(step, name) for name in STEP_FIELDS if name != "project"}
    return {"id": step.pk, "project": step.project_id, "done": step.done_on is not None, **row}


def _label(subject: str, label: str | Promise | None) -> str:
    return _("%(subject)s: %(field)s") % {"subject": subject, "field": label}


def _number(value: Any) -> int:
    text = str(value or "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _packed(values: Mapping[Place, str]) -> list[list[Any]]:
    return [[*place, value] for place, value in values.items()]


def _unpacked(text: str) -> dict[Place, str]:
    """The values the page began with; nothing when they are not ours, so that every difference counts as theirs."""
    try:
        return {(kind, pk, name): value for kind, pk, name, value in signing.loads(text, salt=SALT)}
    except signing.BadSignature:
        return {}
