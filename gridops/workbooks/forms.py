"""Forms of the import wizard."""

from __future__ import annotations

import re
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.translation import gettext_lazy as _
from openpyxl.utils import get_column_letter

from gridops.common.templatetags.gridops import mask_name, mask_phone
from gridops.workbooks.faults import message
from gridops.workbooks.models import Batch
from gridops.workbooks.sheet import SHEETS, imported

PHONE = re.compile(r"1[3-9]\d{9}")


def kind_choices() -> list[tuple[str, Any]]:
    """Every roster kind, and to let it be recognised."""
    return [("", _("Recognise it from the header")), *((kind, sheet.title) for kind, sheet in SHEETS.items())]


class UploadForm(forms.Form):
    """A workbook and what it is."""

    file = forms.FileField(
        label=_("Excel workbook (.xlsx)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        max_length=200,
        allow_empty_file=True,  # said better by the reader
    )
    kind = forms.ChoiceField(label=_("Roster"), choices=kind_choices, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.add_input(Submit("upload", _("Upload and read")))


class ColumnsForm(forms.Form):
    """Which field each column of the sheet fills."""

    def __init__(self, batch: Batch, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.batch, self.sheet = batch, SHEETS[batch.kind]
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
        chosen = {int(name.partition("-")[2]): value for name, value in self.cleaned_data.items()}
        return {index: value for index, value in chosen.items() if value}

    def clean(self) -> dict[str, Any]:
        """One column per field, and the key complete."""
        data = super().clean() or {}
        seen: dict[str, str] = {}
        for name, value in list(data.items()):
            if value and value in seen:
                self.add_error(name, _("This field is filled from two columns."))
            seen.setdefault(value, name)
        if missing := [self.sheet.column(name).header for name in self.sheet.key if name not in seen]:
            self.add_error(None, message("no_key", {"columns": "、".join(missing)}))
        return data
