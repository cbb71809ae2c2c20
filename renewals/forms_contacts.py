"""What is said about a contact: by a tap on the work list, in the form of a warning, or as a correction."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridops.common.photos import TOO_MANY, Photo, PhotosField
from renewals.choices import Loss, Medium, Outcome
from renewals.rules_course import Said

PLACES = 6  # decimals of a degree that are kept
SAYABLE = [(value, label) for value, label in Loss.choices if value != Loss.LAPSED]
AT_ONCE = [(value, label) for value, label in SAYABLE if value != Loss.MOVED]  # who moved away has an own result


@dataclass(frozen=True, slots=True)
class Place:
    """Where a telephone says it is, in degrees, and how sure it is, in metres."""

    longitude: Any = None
    latitude: Any = None
    accuracy_m: int | None = None


class SaidForm(forms.Form):
    """A contact. ``promise`` and ``refusal`` are buttons: the result together with its day, or with its reason."""

    key = forms.UUIDField(required=False)
    medium = forms.ChoiceField(label=_("how"), choices=Medium.choices)
    outcome = forms.ChoiceField(label=_("result"), choices=Outcome.choices)
    at = forms.DateTimeField(label=_("when"), required=False)
    promised_on = forms.DateField(label=_("promised for"), required=False)
    loss = forms.ChoiceField(label=_("reason"), choices=[("", "—"), *SAYABLE], required=False)
    note = forms.CharField(label=_("remark"), max_length=300, required=False)
    longitude = forms.DecimalField(required=False, min_value=-180, max_value=180)
    latitude = forms.DecimalField(required=False, min_value=-90, max_value=90)
    accuracy_m = forms.DecimalField(required=False, min_value=0)
    camera = PhotosField(label=_("Take a photo"), camera=True)
    photos = PhotosField(label=_("Photos from the album"), help_text=_("JPEG, PNG or WebP."))

    def __init__(self, data: Mapping[str, Any], files: Any = None) -> None:
        told = {name: data[name] for name in data}
        if told.get("promise"):
            told |= {"outcome": Outcome.PROMISED.value, "promised_on": told["promise"]}
        if "refusal" in told:
            told |= {"outcome": Outcome.REFUSED.value, "loss": told["refusal"]}
        super().__init__(told, files)

    @property
    def limits(self) -> dict[str, int]:
        """What the script beside the photos keeps to."""
        return dict(settings.PHOTO_LIMITS)

    @property
    def pictures(self) -> list[Photo]:
        """The photos of camera and album."""
        return [*self.cleaned_data.get("camera", []), *self.cleaned_data.get("photos", [])]

    def clean_at(self) -> Any:
        """Now, unless it is told; a telephone's clock that is ahead is not believed."""
        now = timezone.now()
        return min(self.cleaned_data["at"] or now, now)

    def clean(self) -> dict[str, Any]:
        """Camera and album together are not too many."""
        data = super().clean() or self.cleaned_data
        if len(self.pictures) > self.limits["count"]:
            self.add_error("photos", ValidationError(TOO_MANY, code="photo", params={"limit": self.limits["count"]}))
        return data

    def place(self) -> Place:
        """Where it took place; half a place is none."""
        data = self.cleaned_data
        longitude, latitude, accuracy = (data.get(name) for name in ("longitude", "latitude", "accuracy_m"))
        if longitude is None or latitude is None:
            return Place()
        metres = None if accuracy is None else min(int(accuracy), 10**6)
        return Place(round(longitude, PLACES), round(latitude, PLACES), metres)

    def said(self) -> Said:
        """The contact as the course knows it."""
        data, place = self.cleaned_data, self.place()
        return Said(
            medium=data["medium"],
            outcome=data["outcome"],
            at=data["at"],
            promised_on=data["promised_on"],
            loss=data["loss"],
            note=data["note"],
            longitude=place.longitude,
            latitude=place.latitude,
            accuracy_m=place.accuracy_m,
            key=data["key"] or uuid.uuid4(),
        )

    def all_errors(self) -> list[str]:
        """All that is wrong, each in a sentence."""
        return [str(text) for texts in self.errors.values() for text in texts]

    def first_error(self) -> str:
        """What is wrong, in a sentence."""
        return next(iter(self.all_errors()), "")
