"""Reading what is typed on the page of a split: a project's share, the unit's weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gridops.accounts.rulebook import RULES, SPLIT_WEIGHTS
from plans.forms_cells import Fault
from plans.rules import Weights

SHARE_FIELDS = ("manual", "locked", "adjustment", "remark")
KINDS: Mapping[str, tuple[str, ...]] = {"share": SHARE_FIELDS}
FIELDS: Mapping[str, forms.Field] = {
    "manual": forms.IntegerField(label=_("set by hand"), required=False, min_value=-100_000, max_value=1_000_000),
    "locked": forms.BooleanField(label=_("locked"), required=False),
    "adjustment": forms.IntegerField(label=_("adjustment"), required=False, min_value=-100, max_value=100),
    "remark": forms.CharField(label=_("remark"), required=False, max_length=200),
}
LIMITS: Mapping[str, Mapping[str, object]] = {
    "manual": {"maxlength": 12},
    "adjustment": {"maxlength": 12},
    "remark": {"maxlength": 200},
}


def read_share(name: str, text: str) -> Any | Fault:
    """The value of a typed text, or why it can't be taken. No adjustment is one of 0."""
    try:
        value = FIELDS[name].clean(text or None)
    except ValidationError as error:
        return Fault(" ".join(str(said) for said in error.messages))
    return value or 0 if name == "adjustment" else value


class WeightsForm(forms.Form):
    """The three weights of a unit's splits (S6)."""

    existing = forms.IntegerField(label=_("existing users"))
    free_ports = forms.IntegerField(label=_("free ports"))
    unserved = forms.IntegerField(label=_("occupied households not yet ours"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field, key in zip(self.fields.values(), SPLIT_WEIGHTS, strict=True):
            known: Any = field
            known.min_value, known.max_value = RULES[key].low, RULES[key].high
            known.widget.attrs |= {"min": known.min_value, "max": known.max_value, "class": "form-control"}
            known.validators += forms.IntegerField(min_value=known.min_value, max_value=known.max_value).validators

    def clean(self) -> dict[str, Any]:
        """Something has to count."""
        data = super().clean() or {}
        if not self.errors and not any(data.values()):
            raise ValidationError(_("At least one weight has to be above 0: otherwise nothing tells projects apart."))
        return data

    @property
    def weights(self) -> Weights:
        """As the split takes them."""
        return Weights(**self.cleaned_data)
