"""How a round is asked for, and what is changed in it by hand."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.services_rounds import Wish
from gridops.common.ids import read_id
from gridops.common.places import Place

_PLACE = re.compile(r"(-?\d{1,3}(?:\.\d{1,12})?)\s*[,;、\uff0c\uff1b\s]\s*(-?\d{1,3}(?:\.\d{1,12})?)", re.ASCII)
DAY, WEEK = "day", "week"
LEAST, MOST = 15, 720  # minutes
ACTS = ("up", "down", "remove", "fix", "free", "add")


class WishForm(forms.Form):
    """Start, time, starting place; for a day or the rest of the week."""

    day = forms.DateField(widget=forms.HiddenInput)
    starts_at = forms.TimeField(
        label=gettext_lazy("Start"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    budget = forms.IntegerField(label=gettext_lazy("Time (minutes)"), min_value=LEAST, max_value=MOST)
    place = forms.CharField(
        label=gettext_lazy("Starting place (longitude, latitude)"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "104.066500, 30.657200", "autocomplete": "off"}),
        help_text=gettext_lazy("Empty: the round begins at its first stop."),
    )
    span = forms.ChoiceField(choices=[(DAY, ""), (WEEK, "")])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("starts_at", "budget", "place"):
            wrong = " is-invalid" if self.is_bound and name in self.errors else ""
            self.fields[name].widget.attrs["class"] = f"form-control{wrong}"

    def clean_place(self) -> Place | None:
        """Longitude and latitude in degrees, in the order in which Chinese maps copy them."""
        text = str(self.cleaned_data["place"]).strip()
        if not text:
            return None
        found = _PLACE.fullmatch(text)
        if not found:
            raise ValidationError(_("Write longitude, latitude, as in 104.066500, 30.657200."))
        longitude, latitude = (round(Decimal(part), 6) for part in found.groups())
        if abs(latitude) > 90 and abs(longitude) <= 90:
            raise ValidationError(_("Longitude first, then latitude."))
        if abs(longitude) > 180 or abs(latitude) > 90:
            raise ValidationError(_("There is no such place."))
        return longitude, latitude

    @property
    def wish(self) -> Wish:
        """What was asked for."""
        data = self.cleaned_data
        return Wish(data["starts_at"], data["budget"], data["place"])


class ChangeForm(forms.Form):
    """One change by hand: an outlet moved, fixed, put in or taken out, or the whole order."""

    day = forms.DateField()
    version = forms.IntegerField(min_value=0)
    dragged = forms.IntegerField(min_value=1, required=False)

    @property
    def sent(self) -> QueryDict:
        """As the page sent it."""
        return cast("QueryDict", self.data)

    def act(self) -> tuple[str, int]:
        """What is done to which outlet; ``("", 0)`` where the form says none."""
        found = [(name, read_id(self.data[name] or "0")) for name in ACTS if name in self.data]
        return found[0] if found else ("", 0)

    def order(self) -> list[int]:
        """The outlets in their new order; empty where the order is not sent."""
        return [read_id(text or "0") for text in self.sent.getlist("outlets")]


def read_day(text: str, today: date) -> date | None:
    """The day that an address asks for; without one today; None when it is none."""
    if not text:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
