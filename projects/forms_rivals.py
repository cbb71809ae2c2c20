"""Forms about rivals: an offer with photos, its correction, our answer, the suggested measure, the operators."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Div, Layout, Row, Submit
from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from gridops.common.photos import TOO_MANY, Photo, PhotosField
from gridops.common.versions import VersionedForm
from gridops.workbooks.headers import normal
from projects.models import CounterMeasure, Operator, RivalOffer
from projects.sheets_rivals import other_headers

EARLIEST = date(2000, 1, 1)
SALT = "projects.operators"
OFFER_FIELDS = ("operator", "kind", "text", "monthly_fee", "seen_on", "source")


class DayInput(forms.DateInput):
    """A day, picked."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


WIDGETS = {"seen_on": DayInput(), "answered_on": DayInput(), "text": forms.Textarea(attrs={"rows": 3})}


def check_day(day: date | None) -> date | None:
    """A day on which something can have been seen."""
    if day and day > timezone.localdate():
        raise ValidationError(_("This day is still to come."), code="future")
    if day and day < EARLIEST:
        raise ValidationError(_("This day is too long ago."), code="past")
    return day


def _buttons() -> list[Any]:
    return [
        Div(
            Submit("save", _("Save"), css_class="btn-lg"),
            HTML(format_lazy('<a class="btn btn-lg" href="{{{{ back }}}}">{}</a>', _("Cancel"))),
            css_class="rival-buttons",
        )
    ]


class _OfferChecks(forms.ModelForm[RivalOffer]):
    """What every form of an offer asks for and checks."""

    gone = forms.BooleanField(
        label=_("They offer nothing any more"),
        required=False,
        help_text=_("Ends everything that was seen of this operator before."),
    )

    def offer_operators(self) -> None:
        """The operators in use, and the row's own."""
        described: Any = self.fields["operator"]
        own = Q(pk=self.instance.operator_id)
        described.queryset = Operator.objects.filter(own | Q(is_active=True))
        described.empty_label = None if self.instance.operator_id else "—"
        self.fields["monthly_fee"].widget.attrs |= {"min": 0, "inputmode": "decimal"}
        self.initial["gone"] = bool(self.instance.pk) and not self.instance.text

    def clean_seen_on(self) -> date | None:
        """Not in the future."""
        return check_day(self.cleaned_data["seen_on"])

    def clean_monthly_fee(self) -> Any:
        """Not negative."""
        fee = self.cleaned_data["monthly_fee"]
        if fee is not None and fee < 0:
            raise ValidationError(_("A fee is not negative."), code="negative")
        return fee

    def clean_text(self) -> str:
        """Without spaces around it."""
        return str(self.cleaned_data["text"]).strip()

    def check_gone(self, data: dict[str, Any]) -> None:
        """Either a text, or that there is nothing any more."""
        if "text" not in data:
            return
        if data.get("gone") and data["text"]:
            self.add_error("gone", _("Either describe what they offer, or say that there is nothing any more."))
        if not data.get("gone") and not data["text"]:
            self.add_error("text", _("Describe what they offer."))

    def layout(self) -> list[Any]:
        """The fields, as they stand below each other on a phone."""
        return [
            Row(Column("operator", css_class="col-6"), Column("kind", css_class="col-6")),
            "text",
            Row(
                Column("monthly_fee", css_class="col-6 col-md"),
                Column("seen_on", css_class="col-6 col-md"),
                Column("source", css_class="col-12 col-md"),
            ),
        ]


class _WithPhotos(forms.Form):
    """Photos of camera and album."""

    camera = PhotosField(label=_("Take a photo"), camera=True)
    photos = PhotosField(label=_("Photos from the album"), help_text=_("JPEG, PNG or WebP."))

    @property
    def limits(self) -> dict[str, int]:
        """What the script beside the fields keeps to."""
        return dict(settings.PHOTO_LIMITS)

    @property
    def pictures(self) -> list[Photo]:
        """The photos of camera and album."""
        return [*self.cleaned_data.get("camera", []), *self.cleaned_data.get("photos", [])]

    def check_number(self) -> None:
        """Camera and album together are not too many."""
        count = self.limits["count"]
        if len(self.pictures) > count:
            self.add_error("photos", ValidationError(TOO_MANY, code="photo", params={"limit": count}))


class NewOfferForm(_WithPhotos, _OfferChecks):
    """An offer as it was just seen, with photos."""

    class Meta:
        model = RivalOffer
        fields = OFFER_FIELDS
        widgets = WIDGETS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_operators()
        self.helper = FormHelper()
        self.helper.layout = Layout(*self.layout(), photo_picker(), "gone", *_buttons())

    def clean(self) -> dict[str, Any]:
        """A text, and not too many photos; photos that came with a faulty form have to be chosen again."""
        data = super().clean() or self.cleaned_data
        self.check_gone(data)
        self.check_number()
        if self.errors and self.files and "photos" not in self.errors:
            self.add_error("photos", _("The form was not saved: choose the photos again."))
        return data


def photo_picker() -> Div:
    """Camera and album; a script makes photos smaller before they are sent and shows them."""
    return Div(
        Div("camera", css_class="photo-source"),
        Div("photos", css_class="photo-source"),
        HTML('{% include "projects/_photo_picker.html" %}'),
        css_class="photo-picker",
        data_photo_picker="",
    )


class PhotosForm(_WithPhotos):
    """More photos of an offer that stands."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(photo_picker(), *_buttons())

    def clean(self) -> dict[str, Any]:
        """At least one."""
        data = super().clean() or self.cleaned_data
        self.check_number()
        if not self.errors and not self.pictures:
            self.add_error("photos", _("Choose a photo."))
        return data


class OfferForm(_OfferChecks, VersionedForm[RivalOffer]):
    """The correction of an offer."""

    class Meta:
        model = RivalOffer
        fields = OFFER_FIELDS
        widgets = WIDGETS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(*self.layout(), "gone", "version", "base", *_buttons())

    def prepare(self) -> None:
        """The operators, before the values are noted that the form begins with."""
        self.offer_operators()

    def clean(self) -> dict[str, Any]:
        """Either a text, or nothing any more; not seen again before it was seen."""
        data = super().clean() or self.cleaned_data
        self.check_gone(data)
        again = self.instance.seen_again_on
        if data.get("seen_on") and again and data["seen_on"] > again:
            self.add_error("seen_on", _("It was seen again before this day."))
        return data


class AnswerForm(VersionedForm[RivalOffer]):
    """What we do against an offer, and since when."""

    class Meta:
        model = RivalOffer
        fields = ("answer", "answered_on")
        widgets = {"answered_on": DayInput(), "answer": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout("answer", "answered_on", "version", "base", *_buttons())

    def prepare(self) -> None:
        """Since today, unless it says otherwise."""
        if not self.instance.answered_on and not self.instance.answer:
            self.initial["answered_on"] = timezone.localdate()

    def clean_answered_on(self) -> date | None:
        """Not in the future."""
        return check_day(self.cleaned_data["answered_on"])

    def clean(self) -> dict[str, Any]:
        """An answer has a day; without an answer there is none."""
        data = super().clean() or self.cleaned_data
        if "answer" in data and "answered_on" in data:
            data["answered_on"] = (data["answered_on"] or timezone.localdate()) if data["answer"] else None
        return data


class MeasureForm(forms.Form):
    """What we suggest against a project's rivals."""

    text = forms.CharField(
        label=_("suggested measure"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)  # which one the person began with

    def __init__(self, data: Any = None, *, newest: CounterMeasure | None) -> None:
        text, seen = (newest.text, newest.state) if newest else ("", "")
        super().__init__(data, initial={"text": text, "seen": seen})
        self.helper = FormHelper()
        self.helper.layout = Layout("text", "seen", *_buttons())

    def is_overtaken_by(self, newer: CounterMeasure) -> None:
        """Show what somebody wrote meanwhile; to send the form again is to have seen it."""
        text = _("Meanwhile someone put “%(theirs)s” here. You typed “%(yours)s”: save again to put yours.")
        params = {"theirs": newer.text or "—", "yours": self.cleaned_data["text"] or "—"}
        self.add_error("text", ValidationError(text, code="overtaken", params=params))
        self.data = {**dict(self.data.items()), "seen": newer.state}


# --- The list of operators ---


class OperatorForm(forms.ModelForm[Operator]):
    """A rival that has a column of its own in the ledger."""

    class Meta:
        model = Operator
        fields = ("name", "position", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, described in self.fields.items():
            described.widget.attrs["class"] = "form-check-input" if name == "is_active" else "form-control"
        if not self.instance.pk:
            self.initial["position"] = ""
            self.fields["position"].required = False

    def clean_position(self) -> int:
        """A new one without a place comes last."""
        given = self.cleaned_data["position"]
        return 99 if given is None else int(given)


class OperatorFormSet(forms.BaseModelFormSet[Operator, OperatorForm]):
    """All operators at once. One with offers is switched off instead of deleted."""

    def add_fields(self, form: OperatorForm, index: int | None) -> None:
        """With the box that deletes."""
        super().add_fields(form, index)
        form.fields["DELETE"].widget.attrs["class"] = "form-check-input"

    def clean(self) -> None:
        """Names are unlike all other headers; nothing with offers is deleted; one at least stays in use."""
        super().clean()
        kept = [form.instance.name for form in self.deleted_forms if form.instance.pk and form.instance.offers.exists()]
        if kept:
            text = _("%(names)s: offers are on record. Take it out of use instead of deleting it.")
            raise ValidationError(text, code="kept", params={"names": "、".join(kept)})
        left = [form for form in self.forms if form not in self.deleted_forms and form.cleaned_data.get("name")]
        taken = other_headers()
        for form in left:
            name = normal(form.cleaned_data["name"])
            if not name or name in taken:
                form.add_error("name", _("Another column of the ledger has this name, or one read alike."))
            taken.add(name)
        if not any(form.cleaned_data.get("is_active") for form in left):
            raise ValidationError(_("At least one operator has to stay in use."), code="none")


OPERATORS = forms.modelformset_factory(
    Operator, form=OperatorForm, formset=OperatorFormSet, extra=2, can_delete=True, max_num=20, validate_max=True
)


def state_of_operators() -> str:
    """The list as it stands, signed: whoever saves shows which list they began with."""
    return signing.dumps(_operators_now(), salt=SALT)


def began_with_current(state: str) -> bool:
    """Whether ``state`` is the list as it stands now."""
    try:
        began = signing.loads(state, salt=SALT)
    except signing.BadSignature:
        return False
    return bool(began == _operators_now())


def _operators_now() -> list[list[Any]]:
    rows = Operator.objects.order_by("pk").values_list("pk", "name", "position", "is_active")
    return [list(row) for row in rows]
