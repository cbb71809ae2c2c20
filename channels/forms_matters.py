"""Forms of matters: parse only; what may follow what is said by ``channels.services_matters``."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from channels.choices import MatterKind
from channels.models import Agent, Matter, Outlet
from channels.services_matters import TEXT_LENGTH, WHAT_LENGTH, owners
from gridops.accounts.models import Grid, Role, User
from projects.models import Project

_DAY = {"type": "date"}


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs=_DAY))


class MatterForm(forms.Form):
    """What was asked for or is wrong in ``grid``: about whom, who deals with it, by when.

    Agent staff say what and about which of their agent's projects; the rest is seen to by the grid.
    """

    kind = forms.ChoiceField(label=_("kind"), choices=MatterKind.choices, widget=forms.RadioSelect)
    what = forms.CharField(
        label=_("what it is about"), max_length=WHAT_LENGTH, widget=forms.Textarea(attrs={"rows": 3})
    )
    agent = forms.ModelChoiceField(Agent.objects.none(), label=_("agent"), required=False, empty_label=_("none"))
    outlet = forms.ModelChoiceField(Outlet.objects.none(), label=_("outlet"), required=False, empty_label=_("none"))
    project = forms.ModelChoiceField(Project.objects.none(), label=_("project"), required=False, empty_label=_("none"))
    owner = forms.ModelChoiceField(User.objects.none(), label=_("dealt with by"), empty_label=None)
    due_on = _day(_("due on"))

    def __init__(self, user: User, grid: Grid, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: Any = self.fields
        projects = Project.objects.filter(grid=grid, is_active=True)
        if user.scope.has(Role.AGENT_STAFF) and not user.scope.everything:
            for name in ("agent", "outlet", "owner", "due_on"):
                del offered[name]
            own = {"ownerships__ends_on__isnull": True, "ownerships__agent__staff__user": user}
            offered["project"].queryset = projects.filter(**own).distinct()
            return
        offered["agent"].queryset = Agent.objects.filter(
            is_active=True, pk__in=Agent.objects.owning_in(grid, today).values("pk")
        )
        offered["outlet"].queryset = Outlet.objects.filter(grid=grid, is_active=True)
        offered["project"].queryset = projects
        offered["owner"].queryset = owners(grid, today)
        offered["due_on"].widget.attrs["min"] = today.isoformat()

    def clean(self) -> dict[str, Any]:
        """An answer has to go to somebody."""
        data: dict[str, Any] = super().clean() or {}
        if "agent" in self.fields and not any(data.get(name) for name in ("agent", "outlet", "project")):
            self.add_error("agent", ValidationError(_("Say whom it is about: an agent, an outlet or a project.")))
        return data


class StepForm(forms.Form):
    """A step of a matter: words, and for passing on a person and a day."""

    version = forms.IntegerField(min_value=1)
    text = forms.CharField(required=False, max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 3}))
    owner = forms.ModelChoiceField(User.objects.none(), label=_("dealt with by"), empty_label=None)
    due_on = _day(_("due on"))

    def __init__(self, matter: Matter, today: date, *args: Any, passing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: Any = self.fields
        if not passing:
            del offered["owner"], offered["due_on"]
            return
        here = Q(pk__in=owners(matter.grid, today).order_by().values("pk")) | Q(pk=matter.owner_id)
        offered["owner"].queryset = User.objects.filter(here).order_by("name", "pk")
