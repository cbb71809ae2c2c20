"""Forms of the timetable."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import Grid
from gridops.common.versions import VersionedForm
from projects.models import Project
from promotions.models import Session

# A day further away than this, in either direction, is a slip of the year.
REACH = timedelta(days=366)


class SessionForm(VersionedForm[Session]):
    """A session: which project, when, where, who, with what (S3)."""

    class Meta:
        model = Session
        fields = ("project", "day", "slot", "place", "people", "materials", "property_agreed")
        widgets = {"day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, grid: Grid, **kwargs: Any) -> None:
        self.arguments = {"grid": grid}
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        """Only projects of the session's own grid."""
        projects: Any = self.fields["project"]
        projects.queryset = Project.objects.filter(grid=self.arguments["grid"]).order_by("code")
        self.helper = FormHelper()
        self.helper.add_input(Submit("save", _("Save")))

    def clean_day(self) -> date:
        """A day that some page will show."""
        day: date = self.cleaned_data["day"]
        if abs(day - timezone.localdate()) > REACH:
            raise forms.ValidationError(_("Choose a day within a year from today."))
        return day

    def clean(self) -> dict[str, Any]:
        """One session a project, day and slot."""
        data = super().clean() or {}
        if all(data.get(name) for name in ("project", "day", "slot")):
            same = Session.objects.filter(project=data["project"], day=data["day"], slot=data["slot"])
            if same.exclude(pk=self.instance.pk).exists():
                self.add_error("slot", _("The project has a session on this day in this slot already."))
        return data
