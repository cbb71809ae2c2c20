"""Editing a project."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Fieldset, Layout, Row, Submit
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import Grid, User
from gridops.common.versions import VersionedForm
from gridops.workbooks.cleaning import CellFault, to_phone
from gridops.workbooks.faults import message
from projects.models import Project

ADMIN_FIELDS = ("code", "grid")
MANY = (0, 1_000_000)  # as the rosters take it


class ProjectForm(VersionedForm[Project]):
    """All of the basic ledger (P1). Code and grid are an admin's matter."""

    class Meta:
        model = Project
        fields = (
            *ADMIN_FIELDS,
            "name",
            "address",
            "built_on",
            "nature",
            "access",
            "households",
            "ports",
            "occupancy",
            "is_active",
            "property_company",
            "property_contact",
            "property_phone",
            "property_rebate",
            "rivals",
            "market_share",
            "longitude",
            "latitude",
        )
        widgets = {"built_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user, self.arguments = user, {"user": user}
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(*self._groups(), "version", "base", *save_or_leave())

    def prepare(self) -> None:
        """Admins choose among all grids; others don't get the fields at all."""
        offer_admin_fields(self, self.user)
        limit(self, longitude=(-180, 180), latitude=(-90, 90), households=MANY, ports=MANY)

    def clean_property_phone(self) -> str:
        """A new number is taken as the roster takes it: what is exported must import again."""
        phone: str = self.cleaned_data["property_phone"]
        try:
            return to_phone(phone) if phone and "property_phone" in self.changed_data else phone
        except CellFault as fault:
            raise forms.ValidationError(message(fault.code, fault.params)) from None

    def _groups(self) -> list[Any]:
        own = [Row(Column("code"), Column("grid"))] if self.user.scope.everything else []
        return [
            Fieldset(
                _("Project"),
                *own,
                Row(Column("name"), Column("address")),
                Row(Column("built_on"), Column("nature"), Column("access")),
                Row(Column("households"), Column("ports"), Column("occupancy")),
                Row(Column("longitude"), Column("latitude")),
                "is_active",
            ),
            Fieldset(
                _("Property company"),
                Row(Column("property_company"), Column("property_rebate")),
                Row(Column("property_contact"), Column("property_phone")),
            ),
            Fieldset(_("Market"), Row(Column("rivals"), Column("market_share"))),
        ]


def offer_admin_fields(form: Any, user: User) -> None:
    """Code and grid are an admin's matter: others don't get the fields, so what they post for them is ignored."""
    if user.scope.everything:
        form.fields["grid"].queryset = Grid.objects.for_user(user)
    else:
        for name in ADMIN_FIELDS:
            del form.fields[name]


def limit(form: Any, **limits: tuple[int, int]) -> None:
    """Take numbers of the named fields between the lowest and the highest, both among them."""
    for name, (low, high) in limits.items():
        form.fields[name].validators += [MinValueValidator(low), MaxValueValidator(high)]
        form.fields[name].widget.attrs |= {"min": low, "max": high}


def save_or_leave() -> list[Any]:
    """The buttons below an edit form."""
    return [
        Submit("save", _("Save")),
        HTML(format_lazy('<a class="btn" href="{{{{ back }}}}">{}</a>', _("Cancel"))),
    ]
