"""Planning a meeting: when, where, about which month, who is asked; parse only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from channels.models import Agent, Meeting, Outlet
from channels.notices_meetings import tell_planned
from channels.services_meetings import ask, plan
from gridops.accounts.models import User
from gridops.common.forms import MonthField
from gridops.common.months import Month
from gridops.common.versions import VersionedForm
from projects.models import Project

TOGETHER = [("True", _("all together")), ("False", _("one to one"))]


class _Shops(forms.ModelMultipleChoiceField[Outlet]):
    """Outlets; several may have one name."""

    def label_from_instance(self, obj: Outlet) -> str:
        """Name and code."""
        return f"{obj.name} {obj.code}"


class _MonthOfRow(MonthField):
    """A month whose row keeps its first day."""

    def prepare_value(self, value: Any) -> Any:
        """As the picker writes it."""
        return str(value)[:7] if value else value

    def clean(self, value: Any) -> Any:
        """The first day."""
        month = super().clean(value)
        return month.first if isinstance(month, Month) else month


class MeetingForm(VersionedForm[Meeting]):
    """A meeting of a grid; its project, agents and outlets are the grid's own."""

    month = _MonthOfRow(label=_("month"), help_text=_("The month whose goals are made clear."))
    together = forms.TypedChoiceField(
        label=pgettext_lazy("meeting", "with whom"),
        choices=TOGETHER,
        coerce=lambda text: text == "True",
        widget=forms.RadioSelect,
    )
    agents = forms.ModelMultipleChoiceField(
        Agent.objects.none(), label=_("agents"), required=False, widget=forms.CheckboxSelectMultiple
    )
    outlets = _Shops(Outlet.objects.none(), label=_("outlets"), required=False, widget=forms.CheckboxSelectMultiple)

    field_order = ("title", "is_training", "starts_at", "month", "project", "place", "together", "agents", "outlets")

    class Meta:
        model = Meeting
        fields = ("title", "is_training", "starts_at", "month", "project", "place", "together")
        widgets = {"starts_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user, self.arguments = user, {"user": user}
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        """Offer the grid's projects, the agents who own there and its outlets; note who is asked now."""
        meeting, offered, today = self.instance, dict[str, Any](self.fields), timezone.localdate()
        asked = list(meeting.attendees.all()) if meeting.pk else []
        agents, outlets = ({pk for one in asked if (pk := getattr(one, name))} for name in ("agent_id", "outlet_id"))
        owning = Agent.objects.owning_in(meeting.grid_id, today).filter(is_active=True)
        offered["agents"].queryset = Agent.objects.filter(pk__in={*owning.values_list("pk", flat=True), *agents})
        shops = Outlet.objects.filter(grid=meeting.grid_id)
        offered["outlets"].queryset = shops.filter(is_active=True) | shops.filter(pk__in=outlets)
        offered["project"].queryset = Project.objects.filter(grid=meeting.grid_id, is_active=True)
        offered["project"].empty_label = _("not at a project")
        offered["starts_at"].input_formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        if meeting.starts_at:
            self.initial["starts_at"] = timezone.localtime(meeting.starts_at)
        self.initial.setdefault("agents", sorted(agents))
        self.initial.setdefault("outlets", sorted(outlets))
        self.initial["together"] = str(meeting.together)

    def clean(self) -> dict[str, Any]:
        """Somebody is asked; one to one is with one."""
        data: dict[str, Any] = super().clean() or {}
        asked = len(data.get("agents") or ()) + len(data.get("outlets") or ())
        if not asked:
            self.add_error("agents", ValidationError(_("Choose at least one agent or outlet.")))
        if asked > 1 and data.get("together") is False:
            self.add_error("together", ValidationError(_("One to one is with one agent or outlet; choose one only.")))
        return data

    def save(self, commit: bool = True) -> Meeting:
        """Keep it with those asked; whoever signs in is told of a new time."""
        data = self.cleaned_data
        if self.instance._state.adding:
            return plan(self.instance, data["agents"], data["outlets"], self.user, timezone.now())
        meeting: Meeting = super().save(commit)
        ask(meeting, data["agents"], data["outlets"])
        tell_planned(meeting, self.user)
        return meeting
