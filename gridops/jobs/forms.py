"""Which runs to show, and which month to run."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import Unit
from gridops.common.months import Month
from gridops.jobs.registry import closing_kinds, monthly_kinds

# How far from the month at hand an admin may run one again: mistyped years make no plans.
MONTHS_BACK, MONTHS_AHEAD = 24, 2


class MonthField(forms.CharField):
    """A month, as browsers and people write it."""

    widget = forms.TextInput(attrs={"type": "month", "placeholder": "2026-12"})

    def clean(self, value: Any) -> Month | None:
        """The month, or None when left empty."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return Month.parse(text)
        except ValueError:
            raise forms.ValidationError(_("This is not a month. Please write it like 2026-12.")) from None


def kind_choices() -> list[tuple[str, Any]]:
    """The kinds of work that the calendar owes."""
    return [(kind.name, kind.title) for kind in (*monthly_kinds(), *closing_kinds())]


class RunFilterForm(forms.Form):
    """The runs of a month, a kind, a state."""

    STATES = [
        ("", _("any state")),
        ("waiting", _("waiting")),
        ("running", _("running")),
        ("done", _("done")),
        ("faults", _("done with faults")),
        ("failed", _("failed")),
    ]

    month = MonthField(label=_("Month"), required=False)
    kind = forms.ChoiceField(label=_("Work"), required=False)
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("any work")), *kind_choices()]  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-control" if name == "month" else "form-select"


class RunMonthForm(forms.Form):
    """Run monthly work again for a month, for one unit or for all."""

    kind = forms.ChoiceField(label=_("Work"))
    month = MonthField(label=_("Month"))
    unit = forms.ModelChoiceField(Unit.objects.all(), label=_("Unit"), required=False, empty_label=_("all units"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kind_choices()  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.add_input(Submit("run", _("Run"), css_class="btn btn-primary"))

    def clean_month(self) -> Month:
        """Only months that people still work on."""
        month: Month = self.cleaned_data["month"]
        this = Month.of(timezone.localdate())
        if not this.plus(-MONTHS_BACK) <= month <= this.plus(MONTHS_AHEAD):
            raise forms.ValidationError(_("This month is too far away."))
        if month >= this and self.cleaned_data.get("kind") in {kind.name for kind in closing_kinds()}:
            raise forms.ValidationError(_("This work is for months that are over."))
        return month

    def units(self) -> list[Unit]:
        """The units chosen."""
        one = self.cleaned_data["unit"]
        return [one] if one else list(Unit.objects.with_grids())
