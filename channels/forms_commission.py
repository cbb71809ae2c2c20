"""Writing a commission scheme with its rates, ending it, beginning the next; asking what is paid (P5)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.choices import PaidFor, Payee
from channels.commission_words import tier_text
from channels.models import Campaign, Rate, Scheme
from channels.rules_commission import Tier, gaps, overlapping
from gridops.accounts.models import Role, Unit, User

BLANK_LINES, MOST_LINES = 4, 40
FASTEST = 100_000  # Mbit/s
DATE = {"type": "date", "class": "form-control"}


def units_of(user: User, today: date) -> Any:
    """The units whose schemes the person writes."""
    if user.scope.everything:
        return Unit.objects.order_by("name")
    return Unit.objects.served_by(user, Role.SUPERVISOR, today).order_by("name")


def _dress(form: forms.BaseForm) -> None:
    for described in form.fields.values():
        if isinstance(described, forms.BooleanField):
            described.widget.attrs["class"] = "form-check-input"
        elif isinstance(described, forms.ChoiceField):
            described.widget.attrs["class"] = "form-select"
        else:
            described.widget.attrs["class"] = "form-control"


class SchemeForm(forms.ModelForm[Scheme]):
    """A scheme that has not run. Its unit is one of those that the person answers for; admins may leave it to all."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Scheme
        fields = ("name", "unit", "payee", "campaign", "starts_on", "ends_on", "note")
        widgets = {
            "starts_on": forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
            "ends_on": forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, user: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit: Any = self.fields["unit"]
        unit.queryset = units_of(user, today)
        unit.required = not user.scope.everything
        unit.empty_label = _("all units") if user.scope.everything else None
        if unit.required and not self.instance.unit_id:
            self.initial.setdefault("unit", unit.queryset.first())
        campaign: Any = self.fields["campaign"]
        campaign.queryset = Campaign.objects.for_user(user).filter(ends_on__gte=today).order_by("-starts_on")
        campaign.empty_label = _("none: general, for every sale")
        campaign.help_text = _("with a campaign it pays in place of the general scheme, for what is sold under it")
        self.fields["ends_on"].help_text = _("empty: until it is ended")
        self.fields["version"].initial = self.instance.version
        self.fields["payee"].initial = Payee.AGENT
        payee: Any = self.fields["payee"]
        payee.choices = Payee.choices
        _dress(self)

    def clean(self) -> dict[str, Any]:
        """Days in order, within the campaign's; the campaign holds in the unit."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, last, campaign = cleaned.get("starts_on"), cleaned.get("ends_on"), cleaned.get("campaign")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day lies before the first."))
        elif campaign and first and (first < campaign.starts_on or (last or first) > campaign.ends_on):
            text = _("The campaign runs from %(first)s to %(last)s; outside these days it pays nothing.")
            self.add_error("campaign", text % {"first": campaign.starts_on, "last": campaign.ends_on})
        if campaign and campaign.unit_id and "unit" in cleaned and cleaned["unit"] != campaign.unit:
            self.add_error("campaign", _("This campaign is another unit's."))
        return cleaned


class NameForm(forms.ModelForm[Scheme]):
    """What may be changed of a scheme that has run: what it is called."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Scheme
        fields = ("name", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version
        _dress(self)


class RateForm(forms.Form):
    """One line of a scheme; an empty one is passed over."""

    paid_for = forms.ChoiceField(label=gettext_lazy("paid for"), choices=[("", "—"), *PaidFor.choices], required=False)
    speed_from = forms.IntegerField(
        label=gettext_lazy("speed from (Mbit/s)"), required=False, min_value=0, max_value=FASTEST
    )
    speed_below = forms.IntegerField(
        label=gettext_lazy("below (Mbit/s)"), required=False, min_value=1, max_value=FASTEST
    )
    amount = forms.DecimalField(
        label=gettext_lazy("apiece (yuan)"), required=False, min_value=0, max_digits=8, decimal_places=2
    )
    note = forms.CharField(label=gettext_lazy("remark"), required=False, max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self)
        for name, described in self.fields.items():
            described.widget.attrs["aria-label"] = str(described.label)
            if name != "paid_for" and name != "note":
                described.widget.attrs["inputmode"] = "decimal" if name == "amount" else "numeric"

    def clean(self) -> dict[str, Any]:
        """What is paid for, how much, and a range of speeds."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors or self.is_blank:
            return cleaned
        for name in ("paid_for", "amount"):
            if cleaned.get(name) in (None, ""):
                self.add_error(name, _("must not be empty"))
        low, below = cleaned.get("speed_from") or 0, cleaned.get("speed_below")
        if below is not None and below <= low:
            self.add_error("speed_below", _("must be more than the speed from which it pays"))
        return cleaned

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed into it."""
        told: dict[str, Any] = getattr(self, "cleaned_data", {})
        return all(told.get(name) in (None, "") for name in self.fields)

    @property
    def rate(self) -> Rate:
        """The line as a rate that is not stored yet."""
        told = self.cleaned_data
        return Rate(
            paid_for=told["paid_for"],
            speed_from=told["speed_from"] or 0,
            speed_below=told["speed_below"],
            amount=told["amount"],
            note=told["note"],
        )


class _RateLines(forms.BaseFormSet[RateForm]):
    """The lines together: no two speak of the same speeds; what none speaks of is said, and left out on purpose only.

    ``gaps_meant``: whoever sends it has read what is left out.
    """

    gaps_meant = False

    def clean(self) -> None:
        """Across the lines."""
        if any(self.errors):
            return
        lines = [form for form in self.forms if not form.is_blank]
        if not lines:
            raise ValidationError(_("Write at least one line: what is paid for, and how much."), code="empty")
        for kind in PaidFor.values:
            own = [form for form in lines if form.cleaned_data["paid_for"] == kind]
            for at, before in overlapping([form.rate.tier for form in own]):
                text = _("runs into the tier %(tier)s of this scheme")
                own[at].add_error("speed_from", text % {"tier": tier_text(own[before].rate.tier)})
        if not any(form.errors for form in lines) and self.left_out and not self.gaps_meant:
            raise ValidationError(_("Some speeds would pay nothing. Say below that this is meant, or fill the gaps."))

    @property
    def rates(self) -> list[Rate]:
        """The lines as rates, in order."""
        return [form.rate for form in self.forms if not form.is_blank]

    @property
    def left_out(self) -> list[tuple[str, Tier]]:
        """Kind and speeds of which no line speaks though others speak of the kind."""
        if any(self.errors):
            return []
        return left_out(self.rates)


def left_out(rates: list[Rate]) -> list[tuple[str, Tier]]:
    """Kind and speeds of which no rate speaks though others speak of the kind."""
    return [
        (str(label), gap)
        for kind, label in PaidFor.choices
        for gap in gaps(rate.tier for rate in rates if rate.paid_for == kind)
    ]


def rate_lines(data: Any = None, rates: list[Rate] | None = None) -> Any:
    """The lines of a scheme, and some empty ones below them."""
    lines: Any = forms.formset_factory(
        RateForm, formset=_RateLines, extra=BLANK_LINES, max_num=MOST_LINES, absolute_max=MOST_LINES
    )
    names = ("paid_for", "speed_from", "speed_below", "amount", "note")
    initial = [{name: getattr(rate, name) for name in names} for rate in rates or []]
    made = lines(data, initial=initial, prefix="rates")
    made.gaps_meant = bool(data and data.get("gaps_meant"))
    return made


class EndForm(forms.Form):
    """The last day of a scheme: today or later, what was sold until then is paid by it."""

    last = forms.DateField(label=gettext_lazy("its last day"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))

    def __init__(self, *args: Any, scheme: Scheme, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scheme, self.today = scheme, today

    def clean_last(self) -> date:
        """Not before today, nor before it begins, nor later than it ends anyway."""
        last: date = self.cleaned_data["last"]
        if last < max(self.today, self.scheme.starts_on):
            raise ValidationError(_("What is over stays as it was: today is the first day that can be its last."))
        if self.scheme.ends_on and last > self.scheme.ends_on:
            raise ValidationError(_("It ends earlier than that already."))
        return last


class NextForm(forms.Form):
    """The first day of the scheme that follows: after today, the old one ends the day before."""

    first = forms.DateField(label=gettext_lazy("from"), widget=forms.DateInput(attrs=DATE))

    def __init__(self, *args: Any, scheme: Scheme, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scheme, self.today = scheme, today

    def clean_first(self) -> date:
        """In the days of the old one that are to come, or right after them."""
        first: date = self.cleaned_data["first"]
        if first <= max(self.today, self.scheme.starts_on):
            raise ValidationError(_("The next one begins tomorrow at the earliest, after the first day of this one."))
        return first


class AskForm(forms.Form):
    """What one of these pays on a day, in a unit."""

    paid_for = forms.ChoiceField(label=gettext_lazy("paid for"), choices=PaidFor.choices)
    speed = forms.IntegerField(label=gettext_lazy("speed (Mbit/s)"), min_value=0, max_value=FASTEST)
    day = forms.DateField(label=gettext_lazy("day"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))
    unit = forms.ModelChoiceField(Unit.objects.none(), label=gettext_lazy("unit"), empty_label=None)

    def __init__(self, data: Any, *, units: Any) -> None:
        super().__init__(data)
        chosen: Any = self.fields["unit"]
        chosen.queryset = units
        _dress(self)
        if units.count() < 2:
            chosen.widget = forms.HiddenInput()
