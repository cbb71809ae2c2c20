"""Form fields that several apps use."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gridops.common.months import Month


def without_nul(text: str) -> str:
    """What was typed, for columns of text: PostgreSQL's hold no NUL. Form fields refuse it by themselves."""
    return text.replace("\0", "")


class MonthField(forms.Field):
    """A month, picked or written (``2026-12``)."""

    widget = forms.TextInput(attrs={"type": "month", "pattern": "[0-9]{4}-[0-9]{1,2}", "placeholder": "2026-12"})

    def to_python(self, value: Any) -> Month | None:
        """The month, or nothing when nothing was chosen."""
        if not value:
            return None
        try:
            return Month.parse(str(value))
        except ValueError as error:
            raise ValidationError(_("This is not a month; write it like 2026-12."), code="invalid") from error
