"""Forms of tasks about renewals: parse only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.models import Agent
from gridops.accounts.models import Grid, User
from gridops.common.forms import MonthField
from renewals.models import RenewalTask

AHEAD_DAYS = 366
_DAY = {"type": "date"}


class AskForm(forms.Form):
    """What is to be done, and by when."""

    what = forms.CharField(label=RenewalTask._meta.get_field("what").verbose_name, max_length=200)
    due_on = forms.DateField(
        label=RenewalTask._meta.get_field("due_on").verbose_name, widget=forms.DateInput(format="%Y-%m-%d", attrs=_DAY)
    )

    def clean_due_on(self) -> Any:
        """A day that has not passed, within a year."""
        day, today = self.cleaned_data["due_on"], timezone.localdate()
        if day < today:
            raise ValidationError(_("This day is over; choose today or a later one."))
        if day > today + timedelta(days=AHEAD_DAYS):
            raise ValidationError(_("This day is more than a year ahead."))
        return day


class TaskForm(AskForm):
    """A task made by hand: of one of the person's grids, about an agent perhaps."""

    grid = forms.ModelChoiceField(Grid.objects.none(), label=_("grid"))
    month = MonthField(label=_("month of expiry"))
    agent = forms.ModelChoiceField(Agent.objects.none(), label=_("agent"), required=False, empty_label=_("none"))

    field_order = ("grid", "month", "agent", "what", "due_on")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: Any = self.fields
        grids = Grid.objects.for_user(user).order_by("unit__name", "name")
        offered["grid"].queryset = grids
        if len(only := grids[:2]) == 1:
            offered["grid"].initial = only[0].pk
        offered["agent"].queryset = Agent.objects.for_user(user).filter(is_active=True)


class DoneForm(forms.Form):
    """What came of a task."""

    result = forms.CharField(max_length=300)
