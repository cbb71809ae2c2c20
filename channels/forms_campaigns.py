"""Writing campaigns, and ending one early (C7)."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.utils.translation import gettext_lazy as _

from channels.models import Campaign
from gridops.accounts.models import Role, Unit, User
from gridops.common.attachments import ACCEPT, AttachmentField
from gridops.common.versions import VersionedForm
from projects.forms import save_or_leave

FIELDS = ("unit", "name", "starts_on", "ends_on", "products", "offer", "commission", "selling_points")
DATE = {"type": "date"}
AFTER_START = _("The last day lies before the first.")
ALL_UNITS = _("all units")


def offered_units(user: User, today: date) -> Any:
    """The units for which the person writes campaigns."""
    return Unit.objects.all() if user.scope.everything else Unit.objects.served_by(user, Role.SUPERVISOR, today)


class _CampaignFields(forms.ModelForm[Campaign]):
    """What both forms share: units, the look of the fields, the order of the days."""

    def lay_out(self, user: User, today: date, *hidden: str) -> None:
        """Offer the units of ``user``; admins may leave it to all."""
        if "unit" in self.fields:
            units: Any = self.fields["unit"]
            units.queryset = offered_units(user, today)
            units.required = not user.scope.everything
            units.empty_label = str(ALL_UNITS) if user.scope.everything else None
            if units.required and not self.instance.unit_id:
                units.initial = units.queryset.first()
        self.fields["name"].label, self.fields["starts_on"].label = _("campaign name"), _("first day")
        self.fields["ends_on"].label = _("last day")
        self.fields["products"].help_text = _("which of our products it is about, as customers know them")
        self.fields["offer"].help_text = _("what the customer gets and pays; it is printed on the sheet")
        self.fields["commission"].help_text = _("what outlets and agents earn by it")
        self.fields["selling_points"].help_text = _("one a line: what to say at the counter")
        self.helper = FormHelper()
        first = [Column("unit")] if "unit" in self.fields else []
        self.helper.layout = Layout(
            Row(Column("name", css_class="col-md-6"), *first),
            Row(Column("starts_on"), Column("ends_on")),
            "products",
            "offer",
            "commission",
            "selling_points",
            *hidden,
            *save_or_leave(),
        )

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", AFTER_START)
        return cleaned


WIDGETS = {
    "starts_on": forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
    "ends_on": forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
    "offer": forms.Textarea(attrs={"rows": 4}),
    "commission": forms.Textarea(attrs={"rows": 3}),
    "selling_points": forms.Textarea(attrs={"rows": 5}),
}


class CampaignForm(_CampaignFields):
    """A new campaign: a draft until it is published."""

    class Meta:
        model = Campaign
        fields = FIELDS
        widgets = WIDGETS

    def __init__(self, *args: Any, user: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(user, today)


class CampaignEditForm(_CampaignFields, VersionedForm[Campaign]):
    """Changing a campaign. Once it was published its unit stays: others would not know that it is no longer theirs."""

    class Meta:
        model = Campaign
        fields = FIELDS
        widgets = WIDGETS

    def __init__(self, *args: Any, user: User, today: date, **kwargs: Any) -> None:
        self.arguments = {"user": user, "today": today}
        super().__init__(*args, **kwargs)
        self.lay_out(user, today, "version", "base")

    def prepare(self) -> None:
        """Take the unit away where it can't be changed."""
        if self.instance.published_at or self.instance.news.exists():
            del self.fields["unit"]


class EndForm(forms.Form):
    """The last day of a campaign that ends early."""

    last = forms.DateField(label=_("last day"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))


class FileForm(forms.Form):
    """A file to go with a campaign."""

    file = AttachmentField(
        label=_("file"), required=True, widget=forms.FileInput(attrs={"accept": ACCEPT, "class": "form-control w-auto"})
    )
