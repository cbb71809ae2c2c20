"""The table of a unit's targets as one form: what was typed, and what stood there when the page was shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core import signing
from django.http import Http404

from gridops.common.ids import read_id
from gridops.common.months import Month
from gridops.common.versions import as_text
from plans.forms import BOUNDS, Dressed
from plans.models import GOALS, goal_label
from plans.rules_targets import UTILISATION
from plans.services_handdown import UNIT, Wanted, parted, place_of

SALT = "plans.targets"
LOCK, CHOSEN = "lock-", "split-"


class TargetsForm(Dressed, forms.Form):
    """A field for each goal of the unit and of each of its grids, named by its place. Empty stays empty.

    ``stored``: place -> what is stored, as text. Fields that a post does not hold were not on its page.
    """

    base = forms.CharField(widget=forms.HiddenInput, required=False, max_length=500_000)

    def __init__(
        self,
        unit: int,
        month: Month,
        grids: Mapping[int, str],
        stored: Mapping[str, str],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.unit, self.month, self.grids, self.stored = unit, month, grids, stored
        super().__init__(data, initial=dict(stored))
        self.initial["base"] = signing.dumps([unit, str(month), dict(stored)], salt=SALT, compress=True)
        for owner, name in [(UNIT, ""), *((str(pk), name) for pk, name in grids.items())]:
            for goal in GOALS:
                self.fields[place_of(owner, goal)] = goal_field(goal, name)
        if data is not None:
            self._refuse_strangers(data)

    def _refuse_strangers(self, data: Iterable[str]) -> None:
        """A post that names a grid of another unit is refused as a whole."""
        for name in data:
            owner, goal = parted(name.removeprefix(CHOSEN if name.startswith(CHOSEN) else LOCK))
            if goal in GOALS and owner != UNIT and read_id(owner) not in self.grids:
                raise Http404

    @property
    def places(self) -> list[str]:
        """The places that were on the page."""
        return [name for name in self.fields if name in self.data and parted(name)[1] in GOALS]

    def typed(self) -> dict[str, str]:
        """Place -> what was typed, as text: of every field that could be read."""
        return {name: as_text(self.cleaned_data[name]) for name in self.places if name in self.cleaned_data}

    def began_with(self) -> Mapping[str, str] | None:
        """What stood on the page; None when what came back is not ours, or of another page."""
        try:
            unit, month, kept = signing.loads(self.data.get("base", ""), salt=SALT)
        except signing.BadSignature:
            return None
        return kept if (unit, month) == (self.unit, str(self.month)) else None

    def wanted(self, *, typed: Mapping[str, str] | None = None, **more: Any) -> Wanted:
        """What is to be handed down: the figures that differ from those that the page began with."""
        began = self.began_with()
        cells = {}
        for place, text in (self.typed() if typed is None else typed).items():
            was = None if began is None else began.get(place, "")
            if text != was:
                cells[place] = (text, was)
        return Wanted(self.unit, str(self.month), cells, **more)


def goal_field(goal: str, grid: str = "") -> forms.Field:
    """An input for a goal, within what it can mean."""
    low, high = BOUNDS[goal]
    label = f"{grid} {goal_label(goal)}".strip()
    bounds: dict[str, Any] = {"min_value": low, "max_value": high, "required": False, "label": label}
    if goal == UTILISATION:
        made: forms.Field = forms.DecimalField(max_digits=5, decimal_places=2, **bounds)
    else:
        made = forms.IntegerField(**bounds)
    made.widget.attrs.update({"class": "form-control", "autocomplete": "off"})
    made.widget.attrs.update({"inputmode": "decimal" if goal == UTILISATION else "numeric", "aria-label": label})
    return made
