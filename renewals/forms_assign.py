"""To whom warnings are handed out."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels.models import Agent, AgentStaff
from gridops.accounts.models import Unit
from gridops.common.ids import read_id
from renewals.services_assign import MakePlan, agents_for, all_to, evenly, to_owners


class HandOutForm(forms.Form):
    """One agent or one of its people, several evenly, whoever owns the project, or the pool."""

    ONE, EVENLY, OWNERS, POOL = "one", "evenly", "owners", "pool"
    how = forms.ChoiceField(
        choices=[
            (ONE, _("to one agent")),
            (EVENLY, _("evenly to several agents")),
            (OWNERS, _("to the agent that owns the project today")),
            (POOL, _("back to the manager's pool")),
        ],
        widget=forms.RadioSelect,
        initial=ONE,
        label=_("to whom"),
    )
    who = forms.ChoiceField(required=False, label=_("agent or person"))
    agents = forms.ModelMultipleChoiceField(
        queryset=Agent.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label=_("several agents")
    )
    why = forms.CharField(
        required=False, max_length=200, label=_("reason"), widget=forms.TextInput(attrs={"class": "form-control"})
    )

    def __init__(self, *args: Any, unit: Unit, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = day
        rows = agents_for(unit, day)
        self.known = {agent.pk: agent for agent in rows}
        working = AgentStaff.objects.working(day).filter(agent__in=self.known)
        self.people = {one.pk: one for one in working.order_by("name")}
        by_agent: dict[int, list[tuple[str, Any]]] = {pk: [(f"agent-{pk}", _("anybody"))] for pk in self.known}
        for person in self.people.values():
            by_agent[person.agent_id].append((f"staff-{person.pk}", person.name))
        groups = [(agent.name, by_agent[pk]) for pk, agent in self.known.items()]
        described: Any = self.fields["who"]
        described.choices = [("", _("choose …")), *groups]
        described.widget.attrs["class"] = "form-select"
        several: Any = self.fields["agents"]
        several.queryset = rows

    def clean(self) -> dict[str, Any]:
        """One needs a name, several need two."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("how") == self.ONE and not data.get("who") and "who" not in self.errors:
            self.add_error("who", _("Choose an agent or a person."))
        if data.get("how") == self.EVENLY and len(data.get("agents") or ()) < 2 and "agents" not in self.errors:
            self.add_error("agents", _("Choose at least two agents."))
        return data

    @property
    def choice(self) -> str:
        """What was chosen, as the preview shows it: another choice wants to be seen before it is done."""
        data = self.cleaned_data
        to = {self.ONE: data["who"], self.EVENLY: "-".join(str(agent.pk) for agent in data["agents"])}
        return f"{data['how']}-{to.get(data['how'], '')}"

    @property
    def staff(self) -> AgentStaff | None:
        """The person chosen."""
        kind, _dash, pk = self.cleaned_data["who"].partition("-")
        return self.people[read_id(pk)] if self.cleaned_data["how"] == self.ONE and kind == "staff" else None

    @property
    def plan(self) -> MakePlan:
        """What was chosen."""
        how = self.cleaned_data["how"]
        if how == self.EVENLY:
            return evenly(list(self.cleaned_data["agents"]))
        if how == self.OWNERS:
            return to_owners(self.day)
        if how == self.POOL:
            return all_to(None)
        person = self.staff
        pk = person.agent_id if person else read_id(self.cleaned_data["who"].partition("-")[2])
        return all_to(self.known[pk])
