"""Editing agents."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout

from channels.models import Agent
from gridops.common.versions import VersionedForm
from projects.forms import save_or_leave


class AgentForm(VersionedForm[Agent]):
    """An agent's name and whether they still work for us; the code is their key."""

    class Meta:
        model = Agent
        fields = ("name", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout("name", "is_active", "version", "base", *save_or_leave())
