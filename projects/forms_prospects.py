"""Forms about new projects."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms.bootstrap import InlineCheckboxes
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Fieldset, Layout, Row
from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import Grid, User
from gridops.common.versions import VersionedForm
from projects import rules_prospects as rules
from projects import services_prospects as services
from projects.forms import MANY, limit, save_or_leave
from projects.forms_rivals import DayInput
from projects.models import Operator, Preparation, PreparationTemplate, Project, Prospect, ProspectTalk, Stage
from projects.services import editable_grids

STAGE_LABELS = dict(Stage.choices)
LONGEST_KEY = 18  # digits


class DayField(forms.DateField):
    """A day of this century; ``past``: one that has come."""

    widget = DayInput

    def __init__(self, *, past: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.past = past

    def clean(self, value: Any) -> Any:
        """The day, or nothing where nothing is asked for."""
        day = super().clean(value)
        check_day(day, past=self.past)
        return day


def check_day(day: date | None, *, past: bool) -> None:
    """A day outside this century is a slip of the year; ValidationError."""
    if day and not rules.FIRST_DAY <= day <= rules.LAST_DAY:
        raise forms.ValidationError(_("Choose a day between 2000 and 2099."))
    if day and past and day > timezone.localdate():
        raise forms.ValidationError(services.MOVE_FAULTS["future"])


class RivalsField(forms.ModelMultipleChoiceField[Operator]):
    """Operators; what is too long for a key is none of them."""

    def clean(self, value: Any) -> Any:
        """Those that were ticked."""
        if any(len(str(key)) > LONGEST_KEY for key in value or ()):
            raise forms.ValidationError(self.error_messages["invalid_choice"], params={"value": "…"})
        return super().clean(value)


class ProspectForm(VersionedForm[Prospect]):
    """All about a new project; the days on which stages were reached as far as it has come (F2)."""

    sure = forms.BooleanField(label=_("These days are right all the same."), required=False, widget=forms.HiddenInput)

    class Meta:
        model = Prospect
        fields = (
            "grid",
            "name",
            "kind",
            "address",
            "developer",
            "households",
            "ports",
            "longitude",
            "latitude",
            "rivals",
            "contact",
            "contact_phone",
            "found_on",
            "approval_planned_on",
            "approval_on",
            "agreement_planned_on",
            "agreement_on",
            "building_planned_on",
            "building_on",
            "building_months",
            "accepted_planned_on",
            "accepted_on",
            "live_planned_on",
            "live_on",
            "next_step",
            "next_step_on",
            "note",
        )
        widgets = {
            "rivals": forms.CheckboxSelectMultiple,
            "note": forms.Textarea(attrs={"rows": 3}),
            "contact_phone": forms.TextInput(attrs={"type": "tel"}),
        }
        field_classes = {
            name: DayField for stage in rules.STAGES for name in (f"{stage}_planned_on", f"{stage}_on")
        } | {"next_step_on": DayField, "rivals": RivalsField}
        help_texts = {
            "accepted_planned_on": _("left empty: worked out from the start of construction and its months"),
            "live_planned_on": _("left empty: two weeks after acceptance"),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user, self.arguments = user, {"user": user}
        super().__init__(*args, **kwargs)
        self.before = services.plan_of(self.instance)
        self.followed: list[str] = []
        self.helper = FormHelper()
        self.helper.layout = self._layout()

    def prepare(self) -> None:
        """The person's own grids; actual days only of stages that were reached; rivals in use."""
        row: Any = self.instance  # has no key yet when it is new
        fields = self.fields
        grids: Any = fields["grid"]
        grids.queryset = Grid.objects.filter(pk__in=editable_grids(self.user)).select_related("unit")
        if row.pk is None and len(grids.queryset) == 1:
            row.grid = grids.queryset[0]
            del fields["grid"]
        operators: Any = fields["rivals"]
        kept = Q(prospects=row) if row.pk else Q()
        operators.queryset = Operator.objects.filter(Q(is_active=True) | kept).distinct()
        for stage in rules.not_reached(row.stage):
            del fields[f"{stage}_on"]
        for stage in rules.STAGES:
            if f"{stage}_on" in fields:
                fields[f"{stage}_on"].past = True  # type: ignore[attr-defined]
        limit(self, longitude=(-180, 180), latitude=(-90, 90))
        limit(self, building_months=(0, 240), households=MANY, ports=MANY)
        if row.pk is None:
            self.initial["found_on"] = self.initial.get("found_on") or timezone.localdate()

    def _layout(self) -> Layout:
        def rows(*names: tuple[str, ...], css: str = "col-sm") -> list[Row]:
            kept = [[name for name in group if name in self.fields] for group in names]
            return [Row(*(Column(name, css_class=css) for name in group)) for group in kept if group]

        course = [(f"{stage}_planned_on", f"{stage}_on") for stage in rules.STAGES]
        course[rules.rank(Stage.BUILDING)] += ("building_months",)  # type: ignore[assignment]
        parts = [
            Fieldset(
                _("New project"),
                *rows(("grid", "name", "kind"), ("address", "developer")),
                *rows(("households", "ports"), ("longitude", "latitude"), css="col-6"),
                InlineCheckboxes("rivals"),
            ),
            Fieldset(_("Who decides"), *rows(("contact", "contact_phone"))),
            Fieldset(_("What comes next"), *rows(("next_step", "next_step_on"))),
            Fieldset(_("Course"), *rows(*course, css="col-6 col-sm-4"), "sure"),
            Fieldset(_("Notes"), "note"),
        ]
        return Layout(*parts, "version", "base", *save_or_leave())

    def clean(self) -> dict[str, Any]:
        """One of this name in a grid; days in order, the planned ones unless the person insists."""
        data = super().clean() or {}
        grid = data.get("grid") or getattr(self.instance, "grid", None)
        same = Prospect.objects.filter(grid=grid, name=data.get("name", "")).exclude(pk=self.instance.pk)
        if grid and data.get("name") and same.exists():
            self.add_error("name", _("The grid has a new project of this name already."))
        self._order("{}_on", data, insist=False)
        if not self.errors:
            self._order("{}_planned_on", data, insist=bool(data.get("sure")))
        return data

    def _order(self, names: str, data: dict[str, Any], *, insist: bool) -> None:
        days = [(stage, data.get(names.format(stage))) for stage in rules.STAGES]
        wrong = None if insist else rules.out_of_order(days)
        if wrong is None:
            return
        later, earlier = wrong
        self.add_error(names.format(later), _too_early(earlier, data[names.format(earlier)]))
        if names != "{}_on":
            self.fields["sure"].widget = forms.CheckboxInput()

    def save(self, commit: bool = True) -> Prospect:
        """Keep it, with the planned days that follow and the steps that a new project needs."""
        self.followed = services.set_plan(self.instance, self.before)
        self.instance.looked_at = timezone.now()
        row: Prospect = super().save(commit)
        services.keep_up(Prospect.objects.filter(pk=row.pk))
        return row


class NextStepForm(VersionedForm[Prospect]):
    """What comes next and by when: the change made most often."""

    class Meta:
        model = Prospect
        fields = ("next_step", "next_step_on")
        field_classes = {"next_step_on": DayField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout("next_step", "next_step_on", "version", "base", *save_or_leave())

    def save(self, commit: bool = True) -> Prospect:
        """Keep it; it was looked at."""
        self.instance.looked_at = timezone.now()
        row: Prospect = super().save(commit)
        return row


class MoveForm(forms.Form):
    """To another stage: the day of each stage that is reached with it; a reason for going back."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, prospect: Prospect, to: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prospect, self.to, today = prospect, to, timezone.localdate()
        self.fields["version"].initial = prospect.version
        add_days(self, prospect, to, today)
        if not self.passed:
            self.fields["reason"] = forms.CharField(label=_("why it goes back"), max_length=200)
        self.helper = FormHelper()
        self.helper.layout = Layout(*self.fields, *save_or_leave())

    @property
    def passed(self) -> tuple[str, ...]:
        """The stages that are reached with it; the last one is where it goes, the others were skipped."""
        return rules.passed(self.prospect.stage, self.to)

    def clean(self) -> dict[str, Any]:
        """Days that can be."""
        data = super().clean() or {}
        if self.passed and not self.errors:
            check_move(self, self.prospect, self.to)
        return data


def add_days(form: Any, prospect: Prospect, to: str, today: date) -> None:
    """A field for the day of each stage that a move to ``to`` reaches; only the last begins with today.

    One that is skipped begins with what is known of it, or empty: nobody is to confirm a day that was made up.
    """
    for stage in rules.passed(prospect.stage, to):
        known = prospect.actual[stage] or (today if stage == to else prospect.planned[stage])
        start = known if known and known <= today else None
        form.fields[f"{stage}_on"] = DayField(label=STAGE_LABELS[stage], initial=start, past=True)


def given_days(form: Any) -> dict[str, date]:
    """Stage -> the day that the form holds for it."""
    data = form.cleaned_data
    return {stage: data[f"{stage}_on"] for stage in rules.STAGES if data.get(f"{stage}_on")}


def check_move(form: Any, prospect: Prospect, to: str) -> None:
    """Say at the field which day can't be."""
    try:
        rules.moved(prospect.stage, to, prospect.actual, given_days(form), timezone.localdate())
    except rules.MoveFault as fault:
        say_fault(form, fault)


def say_fault(form: Any, fault: rules.MoveFault) -> None:
    """A move that can't be, at the field of its day."""
    name = f"{fault.stage}_on"
    text = _too_early(*fault.earlier) if fault.earlier else services.MOVE_FAULTS[fault.code]
    form.add_error(name if name in form.fields else None, text)


def _too_early(stage: str, day: date) -> forms.ValidationError:
    params = {"stage": STAGE_LABELS[stage], "day": day.isoformat()}
    return forms.ValidationError(services.MOVE_FAULTS["order"], code="order", params=params)


class LiveForm(forms.ModelForm[Project]):
    """The ledger row that a new project becomes (P1), with the days until then."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    class Meta:
        model = Project
        fields = ("code", "name", "address", "built_on", "nature", "access", "households", "ports")
        widgets = {"built_on": DayInput}
        error_messages = {"code": {"unique": services.CODE_TAKEN}}

    def __init__(self, data: Any = None, *, prospect: Prospect) -> None:
        super().__init__(data, instance=services.ledger_row(prospect))
        self.prospect = prospect
        self.fields["version"].initial = prospect.version
        limit(self, households=MANY, ports=MANY)
        add_days(self, prospect, Stage.LIVE, timezone.localdate())
        days = [f"{stage}_on" for stage in rules.passed(prospect.stage, Stage.LIVE)]
        own = [("code", "name"), ("address",), ("built_on", "nature", "access"), ("households", "ports")]
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Fieldset(_("When"), Row(*(Column(name, css_class="col-sm") for name in days))),
            Fieldset(_("Ledger row"), *(Row(*(Column(name, css_class="col-sm") for name in row)) for row in own)),
            "version",
            *save_or_leave(),
        )

    def clean(self) -> dict[str, Any]:
        """Days that can be."""
        data = super().clean() or {}
        if not self.errors:
            check_move(self, self.prospect, Stage.LIVE)
        return data


class TalkForm(forms.ModelForm[ProspectTalk]):
    """A talk that was held."""

    class Meta:
        model = ProspectTalk
        fields = ("held_on", "with_whom", "text")
        field_classes = {"held_on": DayField}
        widgets = {"text": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["held_on"].past = True  # type: ignore[attr-defined]
        self.initial["held_on"] = self.initial.get("held_on") or timezone.localdate()


class StepForm(forms.ModelForm[Preparation]):
    """A preparation step of one new project alone."""

    class Meta:
        model = Preparation
        fields = ("title", "stage", "due_on")
        field_classes = {"due_on": DayField}


class TickForm(forms.Form):
    """When a step was done, and a remark."""

    day = DayField(past=True, required=False)
    note = forms.CharField(max_length=200, required=False)


class DueForm(forms.Form):
    """By when a step is to be done; empty: it follows the plan."""

    day = DayField(required=False)


class ReasonForm(forms.Form):
    """Why, on which version."""

    version = forms.IntegerField(min_value=1)
    reason = forms.CharField(max_length=200)


class VersionForm(forms.Form):
    """On which version something is done."""

    version = forms.IntegerField(min_value=1)


class TemplateForm(forms.ModelForm[PreparationTemplate]):
    """A preparation step that every new project needs."""

    days = forms.IntegerField(label=_("days from the planned day"), min_value=-999, max_value=999)

    class Meta:
        model = PreparationTemplate
        fields = ("stage", "title", "days", "position", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stages: Any = self.fields["stage"]
        stages.choices = [(stage, label) for stage, label in Stage.choices if stage != Stage.FOUND]


TemplateFormSet = forms.modelformset_factory(PreparationTemplate, TemplateForm, extra=1)


def templates_helper() -> FormHelper:
    """How the preparation steps of all new projects are laid out: one row each."""
    helper = FormHelper()
    helper.form_tag = False
    helper.layout = Layout(
        HTML('<div class="preparation-row">'),
        Row(
            Column("stage", css_class="col-6 col-lg-2"),
            Column("title", css_class="col-12 col-lg-5"),
            Column("days", css_class="col-6 col-lg-2"),
            Column("position", css_class="col-6 col-lg-1"),
            Column("is_active", css_class="col-6 col-lg-2 preparation-use"),
        ),
        HTML("</div>"),
    )
    return helper
