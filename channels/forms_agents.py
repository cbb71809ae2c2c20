"""Forms of an agent's file: the agent, contracts, staff, a sign-in, who owns a project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Layout, Row, Submit
from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from channels.models import Agent, AgentStaff, Contract
from channels.services_agents import contract_units
from gridops.accounts.models import User
from gridops.common.attachments import Attachment, AttachmentField
from gridops.common.photos import delete_on_commit
from gridops.common.versions import VersionedForm
from gridops.workbooks.cleaning import CellFault, tidy, to_phone
from gridops.workbooks.faults import message
from projects.forms import save_or_leave
from projects.models import Project

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
REMARK = forms.Textarea(attrs={"rows": 2})


class WithPhone(forms.BaseForm):
    """Takes a new number as the roster takes it: what is exported must import again."""

    def clean_phone(self) -> str:
        """As digits."""
        phone: str = self.cleaned_data["phone"]
        if not phone or "phone" not in self.changed_data:
            return phone
        try:
            return to_phone(phone)
        except CellFault as fault:
            raise forms.ValidationError(message(fault.code, fault.params)) from None


class AgentForm(WithPhone, VersionedForm[Agent]):
    """An agent's record; the code is their key and stays."""

    class Meta:
        model = Agent
        fields = ("name", "contact", "phone", "address", "note", "is_active")
        widgets = {"note": REMARK}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_active"].help_text = _("Who is not active gets no project; what they own by name ends.")
        self.helper = FormHelper()
        self.helper.layout = Layout(*_record(), "is_active", "version", "base", *save_or_leave())


def _record() -> list[Any]:
    return [Row(Column("name")), Row(Column("contact"), Column("phone")), "address", "note"]


class NewAgentForm(WithPhone, forms.ModelForm[Agent]):
    """An agent added by hand, with the code by which the rosters know it."""

    class Meta:
        model = Agent
        fields = ("code", "name", "contact", "phone", "address", "note")
        widgets = {"note": REMARK}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _("As the roster of agents has it: a later import then finds this agent.")
        self.helper = FormHelper()
        self.helper.layout = Layout(Row(Column("code")), *_record(), *save_or_leave())

    def clean_code(self) -> str:
        """As the roster writes it."""
        return tidy(self.cleaned_data["code"])


class ContractForm(VersionedForm[Contract]):
    """A contract of an agent with a unit that the person supervises; the paper stays unless another is given."""

    paper = AttachmentField(label=_("signed paper"))

    class Meta:
        model = Contract
        fields = ("unit", "number", "starts_on", "ends_on", "note")
        widgets = {"starts_on": DAY, "ends_on": DAY}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user, self.arguments = user, {"user": user}
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Row(Column("unit"), Column("number")),
            Row(Column("starts_on"), Column("ends_on")),
            "note",
            "paper",
            "version",
            "base",
            *save_or_leave(),
        )

    def prepare(self) -> None:
        """Offer the units for which the person may write."""
        units: Any = self.fields["unit"]
        units.queryset = contract_units(self.user)
        if self.instance._state.adding and units.queryset.count() == 1:
            units.initial = units.queryset.get()
        if self.instance.file:
            said = _("Kept: %(name)s. A new file takes its place.")
            self.fields["paper"].help_text = format_lazy("{}", said % {"name": self.instance.file_name})

    def clean_number(self) -> str:
        """Once per agent."""
        number: str = self.cleaned_data["number"].strip()
        same = Contract.objects.filter(agent=self.instance.agent_id, number=number).exclude(pk=self.instance.pk)
        if same.exists():
            raise forms.ValidationError(_("This agent has a contract of this number already."))
        return number

    def clean(self) -> dict[str, Any]:
        """It ends after it began."""
        data = super().clean() or {}
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("A contract ends after it has begun."))
        return data

    def save(self, commit: bool = True) -> Contract:
        """With the paper, if one was given."""
        paper: Attachment | None = self.cleaned_data.get("paper")
        if paper:
            if self.instance.file:
                delete_on_commit(self.instance.file)
            self.instance.file, self.instance.file_name = paper.content, paper.name
        return super().save(commit)


class StaffForm(WithPhone, VersionedForm[AgentStaff]):
    """One of an agent's staff. Who left is kept: what they did stays theirs."""

    class Meta:
        model = AgentStaff
        fields = ("name", "phone", "position", "left_on")
        widgets = {"left_on": DAY}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left = [Row(Column("left_on"))] if "left_on" in self.fields else []
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Row(Column("name"), Column("position")), Row(Column("phone")), *left, "version", "base", *save_or_leave()
        )

    def prepare(self) -> None:
        """Who is new has not left."""
        if self.instance._state.adding:
            del self.fields["left_on"]
            return
        said = _("From this day on they are no longer offered anywhere, and their sign-in ends.")
        self.fields["left_on"].help_text = said

    def clean_name(self) -> str:
        """Once per agent: the name is what the roster knows them by."""
        name: str = self.cleaned_data["name"].strip()
        same = AgentStaff.objects.filter(agent=self.instance.agent_id, name=name).exclude(pk=self.instance.pk)
        if same.exists():
            raise forms.ValidationError(_("The agent has somebody of this name already."))
        return name


class SignInForm(forms.Form):
    """The employee number with which one of an agent's staff will sign in."""

    employee_no = forms.CharField(label=_("employee number"), max_length=32)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employee_no"].help_text = _("With it the person signs in. It can't be changed later.")
        self.helper = FormHelper()
        self.helper.layout = Layout(Row(Column("employee_no", css_class="col-md-6")), *_ask(_("Give a sign-in")))

    def clean_employee_no(self) -> str:
        """Nobody else's."""
        number: str = self.cleaned_data["employee_no"].strip()
        if User.objects.filter(employee_no=number).exists():
            raise forms.ValidationError(_("Somebody has this employee number already."))
        return number


NOBODY = "nobody"


class OwnerForm(forms.Form):
    """Which agent a project passes to, from which day, and why; what it means is shown before it is done.

    ``cleaned_data["agent"]`` is None for nobody.
    """

    agent = forms.ChoiceField(label=_("new agent"))
    on = forms.DateField(label=_("from"), widget=DAY)
    why = forms.CharField(label=_("reason"), max_length=200, required=False)

    def __init__(self, *args: Any, agents: Iterable[Agent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(agent.pk): agent for agent in agents}
        offered: Any = self.fields["agent"]
        named = [(pk, f"{agent.name} · {agent.code}") for pk, agent in self.known.items()]
        offered.choices = [("", _("choose")), *named, (NOBODY, _("nobody: the manager's own pool"))]
        self.fields["on"].initial = timezone.localdate()
        self.fields["on"].help_text = _("A day to come waits: until then all stays as it is.")
        self.helper = FormHelper()
        self.helper.layout = Layout(Row(Column("agent"), Column("on")), "why", *_ask(_("Show what this means")))

    def clean_agent(self) -> Agent | None:
        """One of those offered, or nobody."""
        return self.known.get(self.cleaned_data["agent"])


class ProjectChoiceForm(forms.Form):
    """The project that an agent is to be given, by its code."""

    code = forms.CharField(
        label=_("project code"), max_length=32, widget=forms.TextInput(attrs={"list": "unowned", "autocomplete": "off"})
    )

    def __init__(self, *args: Any, projects: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.projects = projects
        self.project: Project | None = None
        self.fields["code"].help_text = _("Those that nobody owns are proposed; any other of the unit will do, too.")
        self.helper = FormHelper()
        self.helper.layout = Layout(Row(Column("code", css_class="col-md-6")), *_ask(pgettext_lazy("form", "Next")))

    def clean_code(self) -> str:
        """One that the person may give away."""
        code = tidy(self.cleaned_data["code"])
        self.project = self.projects.filter(code=code).first()
        if self.project is None:
            raise forms.ValidationError(_("You look after no project of this code."))
        return code


def _ask(button: Any) -> Sequence[Any]:
    return [
        Submit("ask", button),
        HTML(format_lazy('<a class="btn" href="{{{{ back }}}}">{}</a>', _("Cancel"))),
    ]
