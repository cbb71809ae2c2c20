"""A visit or a call as a form or a telephone sends it (C5 to C9): parsed here, judged by the services."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.choices import MatterKind, Piece
from channels.rules_visits import ANSWERS, MATTER_LENGTH, MOST_MATTERS, PIECES, Known, Raised, Said
from gridops.common.ids import read_id
from gridops.common.photos import Photo, PhotosField

YES_NO = [("yes", _("yes")), ("no", _("no")), ("", _("not looked at"))]
MATTERS = range(1, MOST_MATTERS + 1)
ASKED = re.compile(r"campaign_([0-9]{1,18})_(owner|staff)")
MOST_METRES = 10**6


def yes_no(**kwargs: Any) -> forms.TypedChoiceField:
    """Yes, no, or None: not looked at."""
    given: dict[str, Any] = {"required": False, **kwargs}
    return forms.TypedChoiceField(choices=YES_NO, coerce=lambda value: value == "yes", empty_value=None, **given)


class StandingForm(forms.Form):
    """What visits and calls have in common."""

    key = forms.UUIDField(required=False)
    at = forms.DateTimeField(label=_("when"), required=False)
    note = forms.CharField(label=_("remark"), max_length=500, required=False)

    def clean_key(self) -> uuid.UUID:
        """The sender's, or a new one."""
        return self.cleaned_data["key"] or uuid.uuid4()

    def clean_at(self) -> datetime:
        """Now, unless it is told."""
        at: datetime = self.cleaned_data["at"] or timezone.now()
        return at

    def take(self, fault: ValidationError) -> None:
        """Show what a service refused at its fields."""
        told = fault.message_dict if hasattr(fault, "error_dict") else {"": fault.messages}
        for name, texts in told.items():
            for text in texts:
                self.add_error(name if name in self.fields else None, text)

    def all_faults(self) -> list[str]:
        """All that is wrong, each in a sentence, with the field's name where the page shows one."""
        found = []
        for name, texts in self.faults().items():
            label = self.fields[name].label if name in self.fields else None
            found += [f"{label}{_(': ')}{text}" if label else text for text in texts]
        return found

    def faults(self) -> dict[str, list[str]]:
        """What is wrong, by field; what belongs to none under ``__all__``."""
        return {name: [str(text) for text in texts] for name, texts in self.errors.items()}


class CallForm(StandingForm):
    """A call: whether somebody was spoken to."""

    reached = forms.TypedChoiceField(
        label=_("somebody was spoken to"), choices=YES_NO[:2], coerce=lambda value: value == "yes"
    )


class VisitForm(StandingForm):
    """A visit. Campaigns are asked about by ``campaign_<id>_owner`` and ``_staff``; matters are numbered."""

    longitude = forms.DecimalField(required=False, min_value=-180, max_value=180)
    latitude = forms.DecimalField(required=False, min_value=-90, max_value=90)
    accuracy_m = forms.DecimalField(required=False, min_value=0)
    far_reason = forms.CharField(label=_("why so far from the shop"), max_length=200, required=False)
    orders = forms.IntegerField(label=_("orders since the last visit"), min_value=0, max_value=10_000, required=False)
    commission = forms.DecimalField(
        label=_("commission received since the last visit (yuan)"),
        min_value=0,
        max_digits=10,
        decimal_places=2,
        required=False,
    )
    photos = PhotosField(label=_("Photos of the shop"))

    def __init__(self, data: Mapping[str, Any] | None = None, files: Any = None, **kwargs: Any) -> None:
        super().__init__(data, files, **kwargs)
        for name in ANSWERS:
            self.fields[name] = yes_no()
        for piece in PIECES:
            self.fields[f"photo_{piece}"] = PhotosField(label=Piece(piece).label, camera=True)
        for number in MATTERS:
            self.fields[f"matter_{number}_kind"] = forms.ChoiceField(
                choices=MatterKind.choices, required=False, initial=MatterKind.PROBLEM
            )
            self.fields[f"matter_{number}_what"] = forms.CharField(max_length=MATTER_LENGTH, required=False)
        for name in self.data:
            if ASKED.fullmatch(name):
                self.fields[name] = yes_no()
        self.fields["told"] = forms.Field(required=False, widget=forms.MultipleHiddenInput())
        self.fields["trained"] = forms.Field(required=False, widget=forms.MultipleHiddenInput())

    @property
    def limits(self) -> dict[str, int]:
        """What the script beside the photos keeps to."""
        return dict(settings.PHOTO_LIMITS)

    def listed(self, name: str) -> list[str]:
        """All that was sent under ``name``, or is proposed."""
        if isinstance(self.data, QueryDict):
            return self.data.getlist(name)
        return list(self.get_initial_for_field(self.fields[name], name) or [])

    def pictures(self) -> list[tuple[str, Photo]]:
        """The photos: of the shop, and of each of the five ones."""
        data = self.cleaned_data
        shop = [("", photo) for photo in data.get("photos") or []]
        return [*shop, *((piece, photo) for piece in PIECES for photo in data.get(f"photo_{piece}") or [])]

    def _campaigns(self) -> list[Known]:
        asked: dict[int, dict[str, bool | None]] = {}
        for name, value in self.cleaned_data.items():
            if found := ASKED.fullmatch(name):
                asked.setdefault(read_id(found[1]), {})[found[2]] = value
        return [Known(pk, **answers) for pk, answers in asked.items()]

    def said(self) -> Said:
        """The visit as the rules know it."""
        data = self.cleaned_data
        accuracy = data["accuracy_m"]
        return Said(
            at=data["at"],
            key=data["key"],
            longitude=data["longitude"],
            latitude=data["latitude"],
            accuracy_m=None if accuracy is None else int(min(accuracy, MOST_METRES)),
            far_reason=data["far_reason"],
            orders=data["orders"],
            commission=data["commission"],
            **{name: data[name] for name in ANSWERS},
            campaigns=self._campaigns(),
            told=[read_id(text) for text in self.listed("told")],
            trained=self.listed("trained"),
            matters=[
                Raised(data[f"matter_{n}_kind"] or MatterKind.PROBLEM.value, data[f"matter_{n}_what"]) for n in MATTERS
            ],
            note=data["note"],
        )
