"""Forms of the import wizard."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from openpyxl.utils import get_column_letter

from gridops.common.months import Month
from gridops.common.templatetags.gridops import mask_name, mask_phone
from gridops.workbooks import headers
from gridops.workbooks.faults import message
from gridops.workbooks.models import Batch
from gridops.workbooks.sheet import Sheet, imported, sheet_of

PHONE = re.compile(r"1[3-9]\d{9}")


class UploadForm(forms.Form):
    """A workbook and what it is."""

    file = forms.FileField(
        label=_("Excel workbook (.xlsx)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        max_length=200,
        allow_empty_file=True,  # said better by the reader
    )
    kind = forms.ChoiceField(label=_("Roster"), required=False)

    def __init__(self, sheets: Mapping[str, Sheet], *args: Any, **kwargs: Any) -> None:
        """``sheets`` are the kinds that the person may import."""
        super().__init__(*args, **kwargs)
        recognise = [("", _("Recognise it from the header"))]
        self.fields["kind"].choices = [*recognise, *((kind, sheet.title) for kind, sheet in sheets.items())]  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.add_input(Submit("upload", _("Upload and read")))


class MonthField(forms.CharField):
    """A month, as its first day."""

    def to_python(self, value: Any) -> Any:
        """2026-11, 2026年11月 and the like; None when empty."""
        text = str(super().to_python(value) or "")
        try:
            return Month.parse(text).first if text else None
        except ValueError:
            raise forms.ValidationError(message("not_month", {"value": text[:40]})) from None


class ColumnsForm(forms.Form):
    """Which field each column of the sheet fills, and of which month its rows are where no column says it."""

    def __init__(self, batch: Batch, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.batch, self.sheet = batch, sheet_of(batch.kind)
        found = headers.match_all(self.sheet, headers.names_of(self.sheet), batch.headers, {}, rows=2)
        ignored = headers.ignored_in(self.sheet)
        self.for_the_eye = {index for index, name in found.items() if name in ignored}
        if self.sheet.month_field or self.sheet.dated:
            self.fields["month"] = self._month_field()
        choices: list[tuple[str, Any]] = [("", _("— not imported —"))]
        choices += [(c.field, f"{c.header} *" if c.required else c.header) for c in imported(self.sheet)]
        for index, header in enumerate(batch.headers):
            letter = get_column_letter(index + 1)
            self.fields[f"column-{index}"] = forms.ChoiceField(
                label=f"{letter} {header}",
                choices=choices,
                required=False,
                initial=batch.columns.get(str(index), ""),
                widget=forms.Select(attrs={"class": "form-select form-select-sm"}),
            )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """For each column of the sheet: letter, header, first values, and the field to choose."""
        return [
            {
                "letter": get_column_letter(index + 1),
                "header": header,
                "sample": [
                    self._masked(index, row[index]) for row in self.batch.sample if index < len(row) and row[index]
                ],
                "field": self[f"column-{index}"],
                "matched": bool(self[f"column-{index}"].value()),
                "for_the_eye": index in self.for_the_eye,
            }
            for index, header in enumerate(self.batch.headers)
            if header or any(index < len(row) and row[index] for row in self.batch.sample)
        ]

    def _masked(self, index: int, value: str) -> str:
        name = self.batch.columns.get(str(index))
        if PHONE.fullmatch(value):
            return mask_phone(value)
        return mask_name(value) if name and self.sheet.column(name).private else value

    @property
    def columns(self) -> dict[int, str]:
        """Column index -> field, as chosen."""
        chosen = {name: value for name, value in self.cleaned_data.items() if name != "month"}
        return {int(name.partition("-")[2]): value for name, value in chosen.items() if value}

    @property
    def month(self) -> date | None:
        """First day of the month that all rows are of, where no column says it."""
        if "month" not in self.fields:
            return self.batch.month
        if self.sheet.month_field in self.columns.values():
            return None
        chosen: date | None = self.cleaned_data["month"]
        return chosen

    @property
    def overtaken(self) -> date | None:
        """The past month that the title names, where the rows would change what is stored today."""
        past = self.batch.month and Month.of(self.batch.month) < Month.of(timezone.localdate())
        return self.batch.month if past and "month" not in self.fields else None

    @property
    def month_box(self) -> forms.BoundField:
        """The month's input."""
        return self["month"]

    def _month_field(self) -> MonthField:
        month = self.batch.month
        hint = _("As the title says. Empty: as of today.") if month else _("The title names none. Empty: as of today.")
        if self.sheet.month_field:
            hint = _("Counts where no column below holds the month.")
        return MonthField(
            label=_("Month of all rows"),
            required=False,
            help_text=hint,
            initial=f"{month:%Y-%m}" if month else "",
            widget=forms.TextInput(attrs={"type": "month", "class": "form-control", "placeholder": "2026-11"}),
        )

    def clean(self) -> dict[str, Any]:
        """One column per field, and the key complete."""
        data = super().clean() or {}
        seen: dict[str, str] = {}
        if data.get("month"):
            seen[self.sheet.month_field] = "month"
        for name, value in [item for item in data.items() if item[0] != "month"]:
            if seen.get(value) == "month":
                del seen[value]  # a column says it row by row
            if value and value in seen:
                self.add_error(name, _("This field is filled from two columns."))
            seen.setdefault(value, name)
        if self.sheet.month_field in {*self.sheet.key} - {*seen}:
            self.add_error("month", _("Give the month: no column holds it."))
            seen[self.sheet.month_field] = "month"
        if missing := [self.sheet.column(name).header for name in self.sheet.key if name not in seen]:
            self.add_error(None, message("no_key", {"columns": "、".join(missing)}))
        return data
