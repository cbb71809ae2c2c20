"""What people write into a subscriber's record."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import User
from gridops.workbooks import cleaning
from gridops.workbooks.cleaning import CellFault
from gridops.workbooks.faults import message
from renewals.choices import Household
from renewals.models import Subscriber, SubscriberNote

ROSTER = "roster"  # the number that the roster has, which is no row of its own
LIVED_IN = [("", _("lived in"))]


class NoteForm(forms.ModelForm[SubscriberNote]):
    """Something worth knowing."""

    class Meta:
        model = SubscriberNote
        fields = ("text",)
        widgets = {"text": forms.Textarea(attrs={"rows": 2})}


class NumberForm(forms.Form):
    """Another number, under which the subscriber is reached."""

    phone = forms.CharField(label=_("number"), max_length=30, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    note = forms.CharField(label=_("remark"), max_length=200, required=False)

    def clean_phone(self) -> str:
        """As the roster has numbers: digits alone."""
        try:
            return cleaning.to_phone(self.cleaned_data["phone"])
        except CellFault as fault:
            raise ValidationError(message(fault.code, fault.params), code=fault.code) from fault


class JudgeForm(forms.Form):
    """Whether a number on record is right; ``number`` is the roster's, or the id of one that was tried."""

    number = forms.RegexField(rf"{ROSTER}|[1-9]\d{{0,17}}")
    right = forms.TypedChoiceField(choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1")
    version = forms.IntegerField(min_value=1)


class HouseholdForm(forms.Form):
    """What became of a household; a duplicate names the account of the record that is kept."""

    household = forms.ChoiceField(label=_("household"), choices=LIVED_IN, required=False)
    account = forms.CharField(label=_("account of the record that stays"), max_length=32, required=False)
    note = forms.CharField(label=_("remark"), max_length=500, required=False)
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, subscriber: Subscriber, user: User, may_merge: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        offered = [choice for choice in Household.choices if may_merge or choice[0] != Household.DUPLICATE]
        self.fields["household"].choices = [*LIVED_IN, *offered]  # type: ignore[attr-defined]
        self.fields["household"].initial = subscriber.household
        self.fields["version"].initial = subscriber.version
        if subscriber.duplicate_of:
            self.fields["account"].initial = subscriber.duplicate_of.account
        if not may_merge:
            del self.fields["account"]

    def clean(self) -> dict[str, Any]:
        """The record that stays is one the person may see."""
        data = super().clean() or {}
        data["duplicate_of"] = None
        if data.get("household") == Household.DUPLICATE:
            rows = Subscriber.objects.for_user(self.user)
            data["duplicate_of"] = rows.filter(account=data.get("account") or "").first()
            if data["duplicate_of"] is None:
                self.add_error("account", _("There is no such account."))
        return data
