"""Editing agents and outlets."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.utils.translation import gettext_lazy as _

from channels.models import Agent, Outlet
from gridops.accounts.models import User
from gridops.common.versions import VersionedForm
from projects.forms import ADMIN_FIELDS, offer_admin_fields, save_or_leave
from projects.models import Project


class AgentForm(VersionedForm[Agent]):
    """An agent's name and whether they still work for us; the code is their key."""

    class Meta:
        model = Agent
        fields = ("name", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout("name", "is_active", "version", "base", *save_or_leave())


class OutletForm(VersionedForm[Outlet]):
    """An outlet (O5). Code and grid are an admin's matter; projects around outside the person's scope stay."""

    class Meta:
        model = Outlet
        fields = (
            *ADMIN_FIELDS,
            "name",
            "address",
            "owner_name",
            "phone",
            "longitude",
            "latitude",
            "nearby_projects",
            "opened_on",
            "is_active",
        )
        widgets = {"opened_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user, self.arguments = user, {"user": user}
        super().__init__(*args, **kwargs)
        own = [Row(Column("code"), Column("grid"))] if self.user.scope.everything else []
        self.helper = FormHelper()
        self.helper.layout = Layout(
            *own,
            Row(Column("name"), Column("address")),
            Row(Column("owner_name"), Column("phone")),
            Row(Column("longitude"), Column("latitude")),
            "nearby_projects",
            Row(Column("opened_on")),
            "is_active",
            "version",
            "base",
            *save_or_leave(),
        )

    def prepare(self) -> None:
        """Offer the projects of the outlet's unit that the person may see."""
        offer_admin_fields(self, self.user)
        near: Any = self.fields["nearby_projects"]
        near.queryset = Project.objects.for_user(self.user).filter(grid__unit__grids=self.instance.grid_id)
        near.widget.attrs["size"] = 8
        self.fields["opened_on"].help_text = _("The plan of that month counts it as a new outlet.")
        near.help_text = _("Hold Ctrl (Command on a Mac) to choose several.")

    def clean_nearby_projects(self) -> list[Project]:
        """The chosen projects, and those linked already that the person can't see."""
        chosen = list(self.cleaned_data["nearby_projects"])
        offered: Any = self.fields["nearby_projects"]
        hidden = Project.objects.filter(nearby_outlets=self.instance).exclude(pk__in=offered.queryset)
        return [*chosen, *hidden]
