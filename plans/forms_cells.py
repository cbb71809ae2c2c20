"""Reading one field of a plan at a time: what each takes, and what is said when it can't be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plans.forms import BOUNDS
from plans.models import GOALS, ActionStep, Plan

STEP_FIELDS = ("what", "project", "who", "due_on", "measure", "improvement", "done", "done_note")
KINDS: Mapping[str, tuple[str, ...]] = {"goal": GOALS, "note": ("note",), "step": STEP_FIELDS}
NOTE_LENGTH = 10_000


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something typed can't be taken."""

    text: str


def _of_model(model: type[models.Model], name: str) -> forms.Field:
    field = cast("models.Field[Any, Any]", model._meta.get_field(name))
    made: forms.Field = field.formfield(required=False)  # type: ignore[assignment]
    return made


def _goal(name: str) -> forms.Field:
    """Within what a grid can mean; the database's own limits are wider."""
    field, (low, high) = _of_model(Plan, name), BOUNDS[name]
    own = [one for one in field.validators if not isinstance(one, MinValueValidator | MaxValueValidator)]
    field.validators = [*own, MinValueValidator(low), MaxValueValidator(high)]
    return field


FIELDS: Mapping[tuple[str, str], forms.Field] = {
    **{("goal", name): _goal(name) for name in GOALS},
    ("note", "note"): forms.CharField(label=_("notes"), required=False, max_length=NOTE_LENGTH),
    ("step", "what"): forms.CharField(
        label=_("step"), max_length=200, error_messages={"required": _("Say what the step is.")}
    ),
    ("step", "project"): forms.IntegerField(label=_("project"), required=False, min_value=1, max_value=2**63 - 1),
    ("step", "done"): forms.BooleanField(label=_("done"), required=False),
    **{
        ("step", name): _of_model(ActionStep, name) for name in ("who", "due_on", "measure", "improvement", "done_note")
    },
}


def read(kind: str, name: str, text: str) -> Any | Fault:
    """The value of a typed text, or why it can't be taken. A project is its id."""
    try:
        return FIELDS[kind, name].clean(text or None)
    except ValidationError as error:
        return Fault(" ".join(str(said) for said in error.messages))
