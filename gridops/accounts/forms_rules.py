"""The form of all rules: bounds checked, and only what was changed is written."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gridops.accounts.models import RuleValue, Unit
from gridops.accounts.rulebook import (
    CONTACT_LADDER,
    EARLY_BEFORE_DUE,
    LAST_CALL_IN_WINDOW,
    RULES,
    SPLIT_WEIGHTS,
    rules_of,
)


class RulesForm(forms.Form):
    """One number per rule, for ``unit`` or for all units; empty means that the wider value holds."""

    def __init__(self, *args: Any, unit: Unit | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        self.wider = rules_of(RULES) if unit else {key: rule.default for key, rule in RULES.items()}
        own = dict(RuleValue.objects.filter(unit=unit).values_list("key", "value"))
        for key, rule in RULES.items():
            self.fields[key] = forms.IntegerField(
                label=str(rule.title),
                required=False,
                initial=own.get(key),
                min_value=rule.low,
                max_value=rule.high,
                # What the page was drawn with comes back with it: what two admins change at once does not collide.
                show_hidden_initial=True,
                widget=forms.NumberInput(
                    attrs={"class": "form-control text-end", "placeholder": self.wider[key], "inputmode": "numeric"}
                ),
            )

    def rows(self) -> list[dict[str, Any]]:
        """Each rule with its field, for the page."""
        return [{"rule": rule, "field": self[key], "wider": self.wider[key]} for key, rule in RULES.items()]

    def clean(self) -> dict[str, Any]:
        """Refuse values that contradict each other."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        values = {key: self.wider[key] if cleaned.get(key) is None else cleaned[key] for key in RULES}
        for early, due in EARLY_BEFORE_DUE:
            if values[early] > values[due]:
                self.add_error(early, _("The day ahead must not come after the due day."))
        for fewer, more in CONTACT_LADDER:
            if values[fewer] >= values[more]:
                self.add_error(fewer, _("Fewer days than “%(other)s” are needed.") % {"other": RULES[more].title})
        last, window = LAST_CALL_IN_WINDOW
        if values[last] > values[window]:
            self.add_error(last, _("The last call must lie within the days for winning back."))
        if not any(values[key] for key in SPLIT_WEIGHTS):
            self.add_error(SPLIT_WEIGHTS[0], _("At least one weight must be above zero."))
        return cleaned

    def changes(self) -> dict[str, int | None]:
        """What the person changed."""
        return {key: self.cleaned_data[key] for key in self.changed_data}
