"""The plan's page as fields: each with what is stored, what was typed over it and could not be taken, and why."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.core import signing
from django.http import Http404, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from gridops.common.ids import read_id
from plans.cells import CONFLICT, ROWS, Cell, CellResult, Place, clean
from plans.checks import is_carried
from plans.forms_cells import FIELDS, KINDS
from plans.models import GOALS, ActionStep, Plan
from plans.services_cells import projects_for, stored_cells

SALT = "plans.editing"
BREAK = "|"  # between line and field in the name of an input
KINDS_OF_INPUT: Mapping[str, str] = {
    "project": "select",
    "done": "check",
    "due_on": "date",
    "note": "area",
    **dict.fromkeys(("what", "done_note", "improvement"), "line"),  # grows with its text, so that all of it is seen
}


@dataclass(slots=True)
class Input:
    """One field of the page. ``was`` is what is stored, ``said`` why ``value`` could not be taken."""

    line: str
    field: str
    label: str
    was: str
    value: str
    kind: str
    said: str = ""
    in_conflict: bool = False
    required: bool = False
    choices: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    limits: Mapping[str, object] = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        """As a form sends it."""
        return f"{self.line}{BREAK}{self.field}"

    @property
    def id(self) -> str:
        """As the page finds it."""
        return f"cell-{self.line.replace(':', '-')}-{self.field}"


@dataclass(slots=True)
class StepRow:
    """A step with its fields by name."""

    step: ActionStep
    inputs: dict[str, Input]

    @property
    def carried(self) -> bool:
        """Whether last month left it unfinished (S2)."""
        return self.step.carried_from_id is not None

    @property
    def owes(self) -> bool:
        """Whether it still owes an improvement measure: neither it nor what it was carried from is done."""
        return is_carried(self.step)


class PlanForm:
    """The goals, notes and steps of one plan; ``refused`` is what was typed and could not be taken."""

    def __init__(self, plan: Plan, refused: Iterable[CellResult] = ()) -> None:
        self.plan = plan
        self.refused = {result.cell.place: result for result in refused}
        rows = plan.steps.select_related("project", "carried_from").prefetch_related("proposals")
        self.steps = list(rows)
        self.stored = stored_cells(plan, self.steps)
        self.projects = [("", "—"), *((str(pk), name) for pk, name in projects_for(plan).values_list("pk", "name"))]

    # --- Showing ---

    def goals(self) -> dict[str, Input]:
        """The goals' fields."""
        return {name: self._input("goal", "goal", name) for name in GOALS}

    def note(self) -> Input:
        """The notes."""
        return self._input("note", "note", "note")

    def step_rows(self) -> Iterator[StepRow]:
        """Each step with its fields."""
        for step in self.steps:
            yield self.row(step)

    def carried(self) -> list[StepRow]:
        """What last month left unfinished."""
        return [row for row in self.step_rows() if row.carried]

    def own(self) -> list[StepRow]:
        """The steps of this month."""
        return [row for row in self.step_rows() if not row.carried]

    def row(self, step: ActionStep) -> StepRow:
        """One step with its fields."""
        line = f"step:{step.pk}"
        made = StepRow(step, {name: self._input(line, "step", name) for name in KINDS["step"]})
        made.inputs["improvement"].required = made.owes
        return made

    def base(self) -> str:
        """What the page begins with, signed."""
        return signed_base(self.plan, self.stored)

    def _input(self, line: str, kind: str, name: str) -> Input:
        described, was = FIELDS[kind, name], self.stored[line, name]
        made = Input(line, name, str(described.label), was, was, self._kind(kind, name), limits=_limits(kind, name))
        if made.kind == "select":
            made.choices = self.projects
        if result := self.refused.get((line, name)):
            made.value, made.said = result.cell.value, result.text
            made.in_conflict = result.state == CONFLICT
        return made

    def _kind(self, kind: str, name: str) -> str:
        return "number" if kind == "goal" else KINDS_OF_INPUT.get(name, "text")

    # --- What could not be taken, for people without scripts ---

    def unsaved(self) -> list[tuple[str, str, str]]:
        """(field, what was typed, why it was not taken) of all that was refused."""
        names = {f"step:{step.pk}": step.what for step in self.steps}
        return [
            (_label(names.get(result.cell.line, ""), FIELDS[result.cell.kind, result.cell.field].label),
             self._typed(result.cell), result.text)
            for result in self.refused.values()
        ]  # fmt: skip

    def _typed(self, cell: Cell) -> str:
        return dict(self.projects).get(cell.value, cell.value) if cell.field == "project" else cell.value


def _limits(kind: str, name: str) -> dict[str, object]:
    longest = 12 if kind == "goal" else getattr(FIELDS[kind, name], "max_length", None)
    return {"maxlength": longest} if longest else {}


def _label(subject: str, label: str | Promise | None) -> str:
    return _("%(subject)s: %(field)s") % {"subject": subject, "field": label} if subject else str(label)


# --- A form that is sent whole ---


def signed_base(plan: Plan, stored: Mapping[Place, str]) -> str:
    """What a page of the plan begins with, signed: what comes back is compared with it."""
    values = {f"{line}{BREAK}{name}": value for (line, name), value in stored.items()}
    return signing.dumps(values, salt=f"{SALT}.{plan.pk}", compress=True)


def posted_cells(plan: Plan, data: QueryDict, kinds: Mapping[str, Collection[str]]) -> list[Cell]:
    """What a form that was sent whole changes: cells that differ from what its page began with.

    404 for a line that names no row; inputs of other kinds of lines, or other fields, are ignored. Without the page's
    own beginnings every difference counts as typed.
    """
    try:
        base: dict[str, str] = signing.loads(data.get("base", ""), salt=f"{SALT}.{plan.pk}")
    except signing.BadSignature:
        base = {}
    cells = []
    for name in data:
        line, found, field = name.partition(BREAK)
        kind, colon, pk = line.partition(":")
        if not found or field not in kinds.get(kind, ()):
            continue
        if (kind in ROWS) != bool(colon) or (colon and not read_id(pk)):
            raise Http404
        value, was = clean(str(data[name])), base.get(name)
        if was is None or value != clean(was):
            cells.append(Cell(line, field, value, was if was is None else clean(was)))
    return cells
