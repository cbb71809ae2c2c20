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
from plans.models import GOALS, Target

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


class ReasonForm(forms.Form):
    """A version and a reason: for returning and revising."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    # Browsers count the end of a line as one character and send two; what is kept is cut to 500 by the service.
    reason = forms.CharField(
        label=_("reason"), max_length=1_000, widget=forms.Textarea(attrs={"rows": 2, "required": True}), required=False
    )


class TickForm(forms.Form):
    """What came of a step."""

    note = forms.CharField(label=_("what came of it"), required=False, max_length=200)
