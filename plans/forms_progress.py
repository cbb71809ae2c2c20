"""Ticking a step off: parse only."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class TickForm(forms.Form):
    """What came of a step."""

    note = forms.CharField(label=_("what came of it"), required=False, max_length=200)
