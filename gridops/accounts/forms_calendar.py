"""Forms about holidays and leave."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from gridops.accounts.forms import helper
from gridops.accounts.models import Absence, Holiday, User
from gridops.accounts.services_calendar import LeaveRefused, add_leave, people_on_leave

LONGEST = 20  # days off in a row in one line
BACK, AHEAD = timedelta(days=31), timedelta(days=366)
FIRST_YEAR, LAST_YEAR = 2000, 2100
_DAY = r"(?:(\d{4})\s*[年./-]\s*)?(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?"
_END = r"(?:(?:(\d{4})\s*[年./-]\s*)?(\d{1,2})\s*[月./-]\s*)?(\d{1,2})\s*日?"
_SPAN = re.compile(rf"{_DAY}(?:\s*(?:至|到|~|—|–|to)\s*{_END})?", re.ASCII)
_ASIDE = re.compile(r"\([^)]*\)|,?\s*共\s*\d+\s*天")
_NUMBER = re.compile(r"^\s*[一二三四五六七八九十]+、")
_WORKED = re.compile(r"上班|补班|调班|worked", re.IGNORECASE)
_WORDS = re.compile(r"放假调休|放假|调休|上班|补班|调班|worked|与周末连休|[,、;:]", re.IGNORECASE)


def read_days(text: str, year: int) -> list[Holiday]:
    """The days of a year's list: a line each, or the State Council's notice as it was published.

    ``2027-02-05 至 2027-02-11 春节``, ``2027-02-20 上班 春节``, ``二、春节:2月5日至11日放假,2月20日(星期六)上班。``
    Days without a year are of ``year``. ValidationError names the lines that hold no day.
    """
    found: dict[date, Holiday] = {}
    faults = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            days = list(_read_line(line, year))
        except ValueError:
            days = []
        if not days:
            faults.append(
                _("Line %(number)d holds no day that can be read: %(line)s")
                % {"number": number, "line": line.strip()[:40]}
            )
        found.update({day.day: day for day in days})
    if faults:
        raise ValidationError(faults[:5])
    return sorted(found.values(), key=lambda day: day.day)


def _read_line(line: str, year: int) -> Iterator[Holiday]:
    text = _ASIDE.sub("", _NUMBER.sub("", unicodedata.normalize("NFKC", line)))
    title, colon, rest = text.partition(":")
    for sentence in re.split(r"[。;]", rest if colon else text):
        name = title.strip() if colon else _WORDS.sub(" ", _SPAN.sub(" ", sentence)).strip()
        for part in _SPAN.finditer(sentence):
            for day in _days_of(part, year):
                yield Holiday(day=day, name=name[:40] or _("holiday"), is_workday=bool(_WORKED.search(sentence)))


def _days_of(part: re.Match[str], year: int) -> list[date]:
    own, month, day, last_year, last_month, last_day = part.groups()
    first = date(int(own or year), int(month), int(day))
    last = date(int(last_year or first.year), int(last_month or first.month), int(last_day)) if last_day else first
    count = (last - first).days + 1
    if not 1 <= count <= LONGEST or not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise ValueError(part.group())
    return [first + timedelta(days=n) for n in range(count)]


class HolidayForm(forms.ModelForm[Holiday]):
    """One day."""

    class Meta:
        model = Holiday
        fields = ("day", "name", "is_workday")
        widgets = {"day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = pgettext_lazy("holiday", "Name")
        self.fields["is_workday"].label = gettext_lazy("A weekend day that is worked instead")
        self.helper = helper(gettext_lazy("Add"))

    def clean_day(self) -> date:
        """Within reach."""
        day: date = self.cleaned_data["day"]
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(_("There is no calendar for that year."))
        return day


class HolidayListForm(forms.Form):
    """A year's list, pasted."""

    text = forms.CharField(
        label=gettext_lazy("List of days"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 7, "spellcheck": "false"}),
        help_text=gettext_lazy("A day or a span a line, or the State Council's notice as it was published."),
    )
    replace = forms.BooleanField(label=gettext_lazy("Replace what is entered for this year"), required=False)

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.year = year
        self.helper = helper(gettext_lazy("Enter the list"))

    def clean_text(self) -> list[Holiday]:
        """The days; all of them in the year that is shown."""
        days = read_days(str(self.cleaned_data["text"]), self.year)
        if other := [day for day in days if day.day.year != self.year]:
            raise ValidationError(
                _("%(day)s does not lie in %(year)d. Choose the year first.") % {"day": other[0].day, "year": self.year}
            )
        return days


class LeaveForm(forms.Form):
    """Whose leave, from when until when."""

    person = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Person"), empty_label=None)
    starts_on = forms.DateField(label=gettext_lazy("First day"))
    ends_on = forms.DateField(label=gettext_lazy("Last day"), help_text=gettext_lazy("Both days included."))
    note = forms.CharField(label=gettext_lazy("Remark"), max_length=120, required=False)

    def __init__(self, *args: Any, user: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.today = user, today
        people = people_on_leave(user, today).order_by("name", "employee_no")
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["person"].initial = user.pk
        if not (user.scope.everything or user.scope.has("supervisor")):
            self.fields["person"].required = False
            self.fields["person"].widget = forms.HiddenInput()
        for name in ("starts_on", "ends_on"):
            attrs = {"type": "date", "min": (today - BACK).isoformat(), "max": (today + AHEAD).isoformat()}
            self.fields[name].widget = forms.DateInput(attrs=attrs, format="%Y-%m-%d")
        self.helper = helper(gettext_lazy("Enter leave"))

    def clean(self) -> dict[str, Any]:
        """Within reach: at most a month back, a year ahead."""
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and first < self.today - BACK:
            self.add_error("starts_on", _("At most a month back: earlier weeks are settled."))
        if last and last > self.today + AHEAD:
            self.add_error("ends_on", _("At most a year ahead."))
        return data

    def save(self) -> Absence | None:
        """Enter it; None when it was refused, which the form then says."""
        data = self.cleaned_data
        person = data["person"] or self.user
        try:
            return add_leave(person, data["starts_on"], data["ends_on"], data["note"], self.user)
        except LeaveRefused as refusal:
            self.add_error(None, str(refusal))
            return None
