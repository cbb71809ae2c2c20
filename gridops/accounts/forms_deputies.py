"""The form in which somebody names their deputy."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gridops.accounts.forms import helper
from gridops.accounts.models import Membership, User
from gridops.accounts.services_deputies import Refused, candidates, deputised, name_deputy, unit_of


class HeldChoice(forms.ModelChoiceField[Membership]):
    """A role with its place."""

    def label_from_instance(self, obj: Any) -> str:
        """``grid manager · Jinjiang 01``."""
        return f"{obj.get_role_display()} · {obj.grid or obj.unit}"


class DeputyForm(forms.Form):
    """Which role, who, from when until when. ``away`` is the person who will be away."""

    held = HeldChoice(Membership.objects.none(), label=_("Role"), empty_label=None)
    deputy = forms.ModelChoiceField(User.objects.none(), label=_("Deputy"))
    starts_on = forms.DateField(label=_("First day"))
    ends_on = forms.DateField(label=_("Last day"), help_text=_("Both days included."))

    def __init__(self, *args: Any, away: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = deputised(away, today)
        self.fields["held"].queryset = roles  # type: ignore[attr-defined]
        units = {unit_of(row) for row in roles}
        self.fields["deputy"].queryset = candidates(units, away, today)  # type: ignore[attr-defined]
        for name in ("starts_on", "ends_on"):
            attrs = {"type": "date", "min": today.isoformat()}
            self.fields[name].widget = forms.DateInput(attrs=attrs, format="%Y-%m-%d")
        self.helper = helper(_("Name deputy"))

    def save(self) -> Membership | None:
        """Name the deputy; None when it was refused, which the form then says."""
        data = self.cleaned_data
        try:
            return name_deputy(data["held"], data["deputy"], data["starts_on"], data["ends_on"])
        except Refused as refusal:
            self.add_error(None, str(refusal))
            return None
