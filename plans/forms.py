"""Forms of targets and plans: parse only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from gridops.common.versions import VersionedForm
from plans.models import GOALS, Plan, Target
from plans.services_edit import StepEdit

STEP_FIELDS = ("what", "project", "who", "due_on", "measure", "improvement")
NEW_STEPS = 3
BOUNDS: Mapping[str, tuple[int, int]] = {
    "installs": (-100_000, 1_000_000),
    "net_adds": (-100_000, 1_000_000),
    "renewals": (0, 1_000_000),
    "port_utilisation": (0, 100),
    "talks": (0, 10_000),
    "new_outlets": (0, 10_000),
}


def _bind_bounds(form: forms.ModelForm[Any]) -> None:
    """Goals stay within what a grid can mean; the database's own limits are wider."""
    for name, (low, high) in BOUNDS.items():
        field: Any = form.fields[name]
        field.min_value, field.max_value = low, high
        field.validators = [MinValueValidator(low), MaxValueValidator(high)]
        field.widget.attrs.update({"min": low, "max": high, "inputmode": "numeric"})


class Dressed(forms.BaseForm):
    """Bootstrap's classes, for forms whose pages place each input themselves; what could not be read is marked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            kinds: dict[type, str] = {forms.CheckboxInput: "form-check-input", forms.Select: "form-select"}
            field.widget.attrs["class"] = kinds.get(type(field.widget), "form-control")

    def full_clean(self) -> None:
        """Parse and mark."""
        super().full_clean()
        for name in self.errors:
            if name in self.fields:
                attrs = self.fields[name].widget.attrs
                attrs.update({"class": f"{attrs['class']} is-invalid", "aria-invalid": "true"})


class TargetForm(VersionedForm[Target]):
    """What the unit hands down to a grid."""

    class Meta:
        model = Target
        fields = GOALS

    def prepare(self) -> None:
        """Bounds and the button."""
        _bind_bounds(self)
        self.helper = FormHelper()
        self.helper.add_input(Submit("save", _("Save")))


class GoalsForm(Dressed, forms.ModelForm[Plan]):
    """The goals and the notes of a plan, with the version and the values that the page began with."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    base = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200_000)

    class Meta:
        model = Plan
        fields = (*GOALS, "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _bind_bounds(self)
        self.initial["version"] = self.instance.version

    def _post_clean(self) -> None:
        """The plan itself is left alone: ``services.save_plan`` writes it, under its version."""


class StepForm(Dressed, forms.Form):
    """An action step; an empty one is no step."""

    id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    what = forms.CharField(label=_("step"), required=False, max_length=200)
    project = forms.TypedChoiceField(label=_("project"), required=False, coerce=int, empty_value=None)
    who = forms.CharField(label=_("person responsible"), required=False, max_length=60)
    due_on = forms.DateField(
        label=_("by when"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    measure = forms.CharField(label=_("how it is measured"), required=False, max_length=120)
    improvement = forms.CharField(label=_("improvement measure"), required=False, max_length=300)
    done = forms.BooleanField(label=_("done"), required=False)
    remove = forms.BooleanField(label=_("remove"), required=False)

    def __init__(self, *args: Any, projects: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["project"]
        field.choices = [("", "—"), *projects]

    def clean(self) -> dict[str, Any]:
        """A step that says anything says what it is."""
        data = super().clean() or {}
        says = any(data.get(name) for name in STEP_FIELDS if name != "what")
        if says and not data.get("what") and not data.get("remove"):
            self.add_error("what", _("Say what the step is."))
        return data

    def edit(self) -> StepEdit | None:
        """What was typed, or None for an empty new row. An old step whose text is emptied is removed."""
        data = self.cleaned_data
        if not data["what"] and not data["id"]:
            return None
        fields = {
            "what": data["what"],
            "project_id": data["project"],
            **{name: data[name] for name in ("who", "due_on", "measure", "improvement")},
        }
        return StepEdit(data["id"], fields, done=data["done"], remove=data["remove"] or not data["what"])


StepFormSet = forms.formset_factory(StepForm, extra=NEW_STEPS, max_num=300, absolute_max=300)


class ReasonForm(forms.Form):
    """A version and a reason: for returning and revising."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    # Browsers count the end of a line as one character and send two; what is kept is cut to 500 by the service.
    reason = forms.CharField(
        label=_("reason"), max_length=1_000, widget=forms.Textarea(attrs={"rows": 2, "required": True}), required=False
    )
