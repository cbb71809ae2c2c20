"""Forms about people."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from gridops.accounts.models import Membership, Role, User
from gridops.accounts.second_factor import accept


def helper(submit: Any, *, css: str = "btn btn-primary", tag: bool = True) -> FormHelper:
    """A crispy helper for a posted form with one main button."""
    made = FormHelper()
    made.form_tag = tag
    made.add_input(Submit("save", submit, css_class=css))
    return made


class SignInForm(AuthenticationForm):
    """Employee number and password."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("This employee number and password do not fit. Please check both."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Employee number")
        self.fields["password"].label = _("Password")
        self.helper = helper(_("Sign in"), css="btn btn-primary w-100")


class CodeForm(forms.Form):
    """Six digits from an authenticator app."""

    code = forms.CharField(
        label=_("Code"),
        min_length=6,
        max_length=6,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}),
    )

    def __init__(self, device: TOTPDevice, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.device = device
        self.helper = helper(_("Confirm"), css="btn btn-primary w-100")

    def clean_code(self) -> str:
        """The code, if the device accepts it."""
        code = str(self.cleaned_data["code"])
        if not accept(self.device, code):
            raise forms.ValidationError(_("This code is wrong or too old. After several wrong ones, wait a moment."))
        return code


class OwnPasswordForm(PasswordChangeForm):
    """A person changes their own password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(_("Change password"))


class FirstPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """A person who came by a set-up link chooses a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(_("Set password"), css="btn btn-primary w-100")


class ContactForm(forms.ModelForm[User]):
    """What a person may change about themselves."""

    class Meta:
        model = User
        fields = ("phone", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(_("Save"))


class MembershipForm(forms.ModelForm[Membership]):
    """A role from a day on; the place must fit the role."""

    class Meta:
        model = Membership
        fields = ("role", "unit", "grid", "starts_on")
        widgets = {"starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].label, self.fields["grid"].label = _("unit"), _("grid")
        self.fields["starts_on"].initial = timezone.localdate
        self.helper = helper(_("Add role"))

    def clean(self) -> dict[str, Any]:
        """Managers need a grid, supervisors and specialists a unit; a place that the role has no use for is dropped."""
        data = super().clean() or {}
        role = data.get("role")
        needs_grid = role == Role.GRID_MANAGER
        needs_unit = role in (Role.SUPERVISOR, Role.RENEWAL_SPECIALIST)
        if needs_grid and not data.get("grid"):
            self.add_error("grid", _("A grid manager needs a grid."))
        if needs_unit and not data.get("unit"):
            self.add_error("unit", _("This role needs a unit."))
        data["grid"] = data.get("grid") if needs_grid else None
        data["unit"] = data.get("unit") if needs_unit else None
        return data
