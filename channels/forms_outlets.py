"""Forms about outlets: the register, a shop found, a step on its way, its people, its photo (O5, C10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Div, Fieldset, Layout, Row
from django import forms
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from channels import rules_pipeline as rules
from channels.choices import Stage
from channels.models import Outlet, OutletStaff
from channels.services_outlets import CODE_TAKEN, FAULTS, PROVISIONAL
from gridops.accounts.models import Grid, User
from gridops.common.photos import Photo, PhotosField
from gridops.common.places import metres
from gridops.common.versions import VersionedForm
from gridops.workbooks.cleaning import CellFault, to_phone
from gridops.workbooks.faults import message
from projects.forms import ADMIN_FIELDS, limit, offer_admin_fields, save_or_leave
from projects.forms_prospects import DayField
from projects.forms_rivals import DayInput
from projects.models import Project
from projects.services import editable_grids

WEEKDAYS = [
    ("1", _("Monday")),
    ("2", _("Tuesday")),
    ("3", _("Wednesday")),
    ("4", _("Thursday")),
    ("5", _("Friday")),
    ("6", _("Saturday")),
    ("7", _("Sunday")),
]
PLACE_HALF = _("A place has both a longitude and a latitude.")
HOURS_ORDER = _("The shop closes after it has opened.")


class ClockInput(forms.TimeInput):
    """A time of day, as browsers ask for it."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class WeekdaysField(forms.MultipleChoiceField):
    """Days of the week, ticked; kept as their numbers in order."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> Any:
        """The numbers as one text."""
        return "".join(sorted(super().clean([one for one in value or () if one])))

    def prepare_value(self, value: Any) -> Any:
        """One text as the numbers."""
        return list(value) if isinstance(value, str) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """By what is ticked."""
        return "".join(sorted(data or [])) != (initial or "")


class ProjectsPick(forms.SelectMultiple):
    """Projects, ticked: those chosen first, then by distance; a search narrows the list where scripts run."""

    place: tuple[float, float] | None = None

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:  # noqa: ARG002
        """All that are offered, each once."""
        chosen = {str(one) for one in value or ()}
        choices: Any = self.choices
        rows = [_Near(project, str(project.pk) in chosen, self.place) for project in choices.queryset]
        context = {
            "name": name,
            "id": (attrs or {}).get("id", name),
            "rows": sorted(rows, key=lambda row: row.key),
            "chosen": sum(row.chosen for row in rows),
        }
        return mark_safe(render_to_string("channels/_projects_pick.html", context))  # noqa: S308 - a template's text


class _Near:
    """A project offered, how far it is in metres, whether it is chosen."""

    def __init__(self, project: Project, chosen: bool, place: tuple[float, float] | None) -> None:
        self.project, self.chosen = project, chosen
        known = place and project.longitude is not None and project.latitude is not None
        there = (float(project.longitude or 0), float(project.latitude or 0))
        self.metres = round(metres(place, there)) if known and place else None

    @property
    def key(self) -> tuple[bool, bool, int, str]:
        """Chosen first, then the nearest."""
        return not self.chosen, self.metres is None, self.metres or 0, self.project.code

    @property
    def distance(self) -> str:
        """How far, as people read it."""
        if self.metres is None:
            return ""
        if self.metres < 1000:
            return _t("%(n)s m") % {"n": self.metres}
        return _t("%(n)s km") % {"n": f"{self.metres / 1000:.1f}"}


def clean_phone(form: Any, name: str = "phone") -> str:
    """A new number is taken as the rosters take it."""
    phone: str = form.cleaned_data[name]
    try:
        return to_phone(phone) if phone and name in form.changed_data else phone
    except CellFault as fault:
        raise forms.ValidationError(message(fault.code, fault.params)) from None


def _place_of(form: Any) -> tuple[float, float] | None:
    row = form.instance
    return (
        (float(row.longitude), float(row.latitude)) if row.longitude is not None and row.latitude is not None else None
    )


def _offer_projects(form: Any, user: User, grids: Any) -> None:
    near: Any = form.fields["nearby_projects"]
    near.widget = ProjectsPick()
    near.queryset = Project.objects.for_user(user).filter(grid__in=grids).only("code", "name", "longitude", "latitude")
    near.widget.choices = near.choices
    near.widget.place = _place_of(form)
    near.help_text = ""


def _place() -> Div:
    """Longitude and latitude: typed, or taken from the phone by ``place.js``."""
    return Div(
        Row(Column("longitude"), Column("latitude")),
        HTML('{% include "channels/_outlet_place.html" %}'),
        data_place="",
        data_asking=_t("Asking for the place …"),
        data_found=_t("The phone's place is entered, to about # m. Save to keep it."),
        data_denied=_t("The phone did not tell its place."),
        css_class="mb-3",
    )


def _check_place(form: Any) -> None:
    data = form.cleaned_data
    if (data.get("longitude") is None) != (data.get("latitude") is None) and not form.errors:
        form.add_error("latitude" if data.get("latitude") is None else "longitude", PLACE_HALF)


class OutletForm(VersionedForm[Outlet]):
    """An outlet (O5). Code and grid are an admin's matter; projects around outside the person's scope stay."""

    rest_days = WeekdaysField(label=_("closed on"), choices=WEEKDAYS, required=False)

    class Meta:
        model = Outlet
        fields = (
            *ADMIN_FIELDS,
            "name",
            "address",
            "owner_name",
            "phone",
            "opens_at",
            "closes_at",
            "rest_days",
            "longitude",
            "latitude",
            "nearby_projects",
            "opened_on",
            "note",
            "is_active",
        )
        widgets: Mapping[str, Any] = {
            "opened_on": DayInput,
            "opens_at": ClockInput,
            "closes_at": ClockInput,
            "note": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user, self.arguments = user, {"user": user}
        super().__init__(*args, **kwargs)
        own = [Row(Column("code"), Column("grid"))] if self.user.scope.everything else []
        won = [Row(Column("opened_on"), Column())] if "opened_on" in self.fields else []
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Fieldset(_("Shop"), *own, Row(Column("name"), Column("address")), "note", "is_active"),
            Fieldset(_("Owner and hours"), Row(Column("owner_name"), Column("phone")), *self._hours(), *won),
            Fieldset(_("Place"), _place()),
            Fieldset(_("projects around"), "nearby_projects"),
            "version",
            "base",
            *save_or_leave(),
        )

    def _hours(self) -> list[Any]:
        return [
            Row(Column("opens_at"), Column("closes_at")),
            Div("rest_days", css_class="weekday-ticks"),
        ]

    def prepare(self) -> None:
        """Offer the projects of the outlet's unit that the person may see; the day it was won once it sells."""
        offer_admin_fields(self, self.user)
        limit(self, longitude=(-180, 180), latitude=(-90, 90))
        _offer_projects(self, self.user, Grid.objects.filter(unit__grids=self.instance.grid_id))
        self.fields["nearby_projects"].label = ""
        if self.instance.stage == Stage.SELLING:
            self.fields["opened_on"].help_text = _("The plan of that month counts it as a new outlet.")
        else:
            del self.fields["opened_on"]

    def clean_code(self) -> str:
        """No outlet that has its own code goes back to a provisional one."""
        code: str = self.cleaned_data["code"]
        if "code" in self.changed_data and rules.is_provisional(code):
            raise forms.ValidationError(PROVISIONAL)
        return code

    def clean_phone(self) -> str:
        """As the roster takes it."""
        return clean_phone(self)

    def clean_nearby_projects(self) -> list[Project]:
        """The chosen projects, and those linked already that the person can't see."""
        chosen = list(self.cleaned_data["nearby_projects"])
        offered: Any = self.fields["nearby_projects"]
        hidden = Project.objects.filter(nearby_outlets=self.instance).exclude(pk__in=offered.queryset.values("pk"))
        return [*chosen, *hidden]

    def clean(self) -> dict[str, Any]:
        """Half a place is none; a shop closes after it has opened."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        _check_place(self)
        if data.get("opens_at") and data.get("closes_at") and data["closes_at"] <= data["opens_at"]:
            self.add_error("closes_at", HOURS_ORDER)
        return data


class FoundForm(forms.ModelForm[Outlet]):
    """A shop that may become an outlet: where it is, who owns it, which projects are around (C10)."""

    on = DayField(label=_("found on"), past=True)
    remark = forms.CharField(
        label=_("remark"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    class Meta:
        model = Outlet
        fields = ("grid", "name", "address", "owner_name", "phone", "longitude", "latitude", "nearby_projects")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grids = Grid.objects.filter(pk__in=editable_grids(user)).select_related("unit")
        self.fields["grid"].queryset = grids  # type: ignore[attr-defined]
        if len(grids) == 1:
            self.fields["grid"].initial = grids[0].pk
        limit(self, longitude=(-180, 180), latitude=(-90, 90))
        _offer_projects(self, user, grids)
        self.fields["nearby_projects"].label = ""
        self.fields["on"].initial = timezone.localdate()
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Row(Column("name"), Column("grid")),
            "address",
            Row(Column("owner_name"), Column("phone")),
            Fieldset(_("Place"), _place()),
            Fieldset(_("projects around"), "nearby_projects"),
            Row(Column("on"), Column("remark")),
            *save_or_leave(),
        )

    def clean_phone(self) -> str:
        """As the roster takes it."""
        return clean_phone(self)

    def clean(self) -> dict[str, Any]:
        """Half a place is none."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        _check_place(self)
        return data


class StepForm(forms.Form):
    """A step on the way: when, why or what was said, and the outlet's own code once it is signed."""

    on = DayField(label=_("day"), past=True)
    note = forms.CharField(label=_("remark"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    code = forms.CharField(label=_("outlet code"), max_length=32, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, outlet: Outlet, step: rules.Transition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outlet, self.step = outlet, step
        self.fields["on"].initial, self.fields["version"].initial = timezone.localdate(), outlet.version
        self.needs_code = rules.needs_code(step.target, outlet.code)
        code = ["code"] if self.needs_code else []
        if self.needs_code:
            self.fields["code"].required = True
            self.fields["code"].help_text = _("The one that it has in the billing system; no two outlets share one.")
        else:
            del self.fields["code"]
        if step.reasoned:
            self.fields["note"].required = True
            self.fields["note"].label = _("reason")
            self.fields["note"].error_messages["required"] = FAULTS["reason"][1]
        self.helper = FormHelper()
        self.helper.layout = Layout("on", *code, "note", "version", *save_or_leave())

    def clean_code(self) -> str:
        """Said at the field, before anything is written."""
        code: str = self.cleaned_data["code"].strip()
        if rules.is_provisional(code):
            raise forms.ValidationError(PROVISIONAL)
        if Outlet.objects.filter(code=code).exclude(pk=self.outlet.pk).exists():
            raise forms.ValidationError(CODE_TAKEN)
        return code


class CounterForm(forms.ModelForm[OutletStaff]):
    """Somebody at the counter of an outlet."""

    class Meta:
        model = OutletStaff
        fields = ("name", "phone", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout("name", "phone", "position", *save_or_leave())

    def clean_name(self) -> str:
        """Each name once per outlet: trainings are kept by it."""
        name: str = self.cleaned_data["name"].strip()
        others = OutletStaff.objects.filter(outlet=self.instance.outlet, name=name).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(_("Somebody of this name is there already."))
        return name

    def clean_phone(self) -> str:
        """As the roster takes it."""
        return clean_phone(self)


class PhotoForm(forms.Form):
    """The outlet's photo: from the camera or the album."""

    camera = PhotosField(label=_("Take a photo"), camera=True)
    photos = PhotosField(label=_("Photos from the album"), help_text=_("JPEG, PNG or WebP."))

    def clean(self) -> dict[str, Any]:
        """One of the two has one."""
        data = super().clean() or self.cleaned_data
        if not self.errors and not self.picture:
            self.add_error("photos", _("Choose a photo."))
        return data

    @property
    def picture(self) -> Photo | None:
        """The newest of what was sent."""
        found = [*self.cleaned_data.get("camera", []), *self.cleaned_data.get("photos", [])]
        return found[0] if found else None

    @property
    def limits(self) -> dict[str, int]:
        """What the script beside the photos keeps to."""
        return {**settings.PHOTO_LIMITS, "count": 1}
