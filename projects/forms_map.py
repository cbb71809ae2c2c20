"""Placing a project on the map."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

Place = tuple[Decimal | None, Decimal | None]


def _degrees(limit: int, label: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, min_value=-limit, max_value=limit, max_digits=15)


class PlaceForm(forms.Form):
    """Where a project lies, and where it lay when the page was made; both empty: nowhere."""

    longitude = _degrees(180, _("longitude"))
    latitude = _degrees(90, _("latitude"))
    was_longitude = _degrees(180, _("longitude"))
    was_latitude = _degrees(90, _("latitude"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            kept = name.startswith("was_")
            field.widget = (
                forms.HiddenInput() if kept else forms.NumberInput(attrs={"step": "0.000001", "class": "form-control"})
            )
            if not kept:
                field.widget.attrs.update({"min": field.min_value, "max": field.max_value})  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Half a place is none."""
        found: dict[str, Any] = super().clean() or {}
        place = found.get("longitude"), found.get("latitude")
        if not self.errors and (place[0] is None) != (place[1] is None):
            raise forms.ValidationError(_("A place has both a longitude and a latitude."))
        return found

    @property
    def place(self) -> Place:
        """Where it is to lie, to six decimals (a tenth of a metre)."""
        return _pair(self.cleaned_data["longitude"], self.cleaned_data["latitude"])

    @property
    def was(self) -> Place:
        """Where it lay when the page was made."""
        return _pair(self.cleaned_data["was_longitude"], self.cleaned_data["was_latitude"])


def _pair(longitude: Decimal | None, latitude: Decimal | None) -> Place:
    step = Decimal("0.000001")
    return (
        None if longitude is None else longitude.quantize(step),
        None if latitude is None else latitude.quantize(step),
    )
