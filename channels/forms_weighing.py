"""A weighing as it comes from its page: figures by case, read one by one, each fault at its field (P5)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import Agent
from channels.rules_weighing import EARNED, MOST_CASES, MOST_COUNT, MOST_MONEY, MOST_PEOPLE, SPENT, Case
from channels.services_commission import units_seen
from gridops.accounts.models import Unit, User
from gridops.common.forms import MonthField, without_nul
from gridops.workbooks.cleaning import CellFault, to_decimal
from gridops.workbooks.faults import message

NAME_LIMIT, TITLE_LIMIT = 40, 80
FIGURES = (*SPENT, *EARNED)


class NewForm(forms.Form):
    """Whose input and output is weighed, where, for which month."""

    agent = forms.ModelChoiceField(Agent.objects.none(), label=gettext_lazy("agent"), empty_label=None)
    unit = forms.ModelChoiceField(Unit.objects.none(), label=gettext_lazy("unit"), empty_label=None)
    month = MonthField(label=gettext_lazy("month"))
    title = forms.CharField(label=gettext_lazy("title"), max_length=TITLE_LIMIT, required=False)

    def __init__(self, data: Any = None, *, user: User, initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))
        agent, unit = self.fields["agent"], self.fields["unit"]
        agent.queryset = Agent.objects.for_user(user).filter(is_active=True).order_by("name")  # type: ignore[attr-defined]
        unit.queryset = units_seen(user)  # type: ignore[attr-defined]
        for name, described in self.fields.items():
            described.widget.attrs["class"] = "form-select" if name in ("agent", "unit") else "form-control"

    @property
    def told(self) -> tuple[Agent, Unit, date, str]:
        """Agent, unit, the month's first day, title."""
        told = self.cleaned_data
        return told["agent"], told["unit"], told["month"].first, told["title"]


@dataclass(slots=True)
class Sheet:
    """What was sent: the title, the cases as far as they could be read, what was typed, and what is wrong.

    ``typed`` and ``faults`` go by the fields' names, ``c1-count-0``.
    """

    title: str
    cases: list[Case]
    typed: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def faulty(self, at: int) -> bool:
        """Whether case ``at`` could not be read whole."""
        return any(name.startswith(f"c{at}-") for name in self.faults)


def figure_names(case: Case) -> list[str]:
    """Every figure of a case: ``people`` and so on, then ``rate:0``, ``count:0`` of each line."""
    lines = [f"{kind}:{at}" for at in range(len(case.lines)) for kind in ("rate", "count")]
    return [*FIGURES, *lines]


def field_name(at: int, figure: str) -> str:
    """The field of a figure of case ``at``."""
    return f"c{at}-{figure.replace(':', '-')}"


def read_sheet(data: Mapping[str, str], stored: Sequence[Case]) -> Sheet:
    """The sheet that was sent; its lines are those of what is stored."""
    told = data.get("cases", "")
    number = min(max(int(told), 1), MOST_CASES) if told.isascii() and told.isdecimal() and len(told) < 3 else 1
    sheet = Sheet(without_nul(data.get("title", "")).strip()[:TITLE_LIMIT], [])
    if not sheet.title:
        sheet.faults["title"] = _("must not be empty")
    for at in range(number):
        base = stored[min(at, len(stored) - 1)]
        name = without_nul(data.get(f"c{at}-name", "")).strip()[:NAME_LIMIT]
        case = dataclasses.replace(base, name=name or _("Case %(n)s") % {"n": at + 1})
        for figure in figure_names(case):
            case = _read(sheet, case, figure, field_name(at, figure), data)
        sheet.cases.append(case)
    return sheet


def _read(sheet: Sheet, case: Case, figure: str, name: str, data: Mapping[str, str]) -> Case:
    text = sheet.typed[name] = without_nul(data.get(name, "")).strip()[:40]
    try:
        value = read_figure(figure, text)
    except CellFault as fault:
        sheet.faults[name] = message(fault.code, fault.params)
        value = Decimal(0)
    return case.changed(figure, value)


def read_figure(figure: str, text: str) -> Decimal:
    """A figure as typed, empty is nothing: whole numbers of orders, at most two decimals; CellFault when it is not."""
    value = to_decimal(text) if text else Decimal(0)
    whole = figure.startswith("count")
    most = Decimal(MOST_COUNT) if whole else MOST_PEOPLE if figure == "people" else MOST_MONEY
    if value < 0:
        raise CellFault("too_small", value=text, limit=0)
    if value > most:
        raise CellFault("too_great", value=text, limit=f"{most:,}")
    if whole and value != value.to_integral_value():
        raise CellFault("not_integer", value=text)
    if value != round(value, 2):
        raise CellFault("too_precise", value=text, limit=2)
    return value


def written(value: Decimal) -> str:
    """A figure as one would type it; nothing for nothing."""
    return f"{value.normalize():f}" if value else ""


def rearrange(sheet: Sheet, deed: str) -> Sheet:
    """The sheet with one case more (``copy-0``: like the first, to change a figure of) or one less (``drop-1``)."""
    name, _dash, told = deed.partition("-")
    number = len(sheet.cases)
    at = int(told) if told.isascii() and told.isdecimal() and len(told) < 3 else number
    order = list(range(number))
    if name == "copy" and at < number < MOST_CASES:
        order.append(at)
    elif name == "drop" and at < number and number > 1:
        order.remove(at)
    else:
        return sheet
    made = Sheet(sheet.title, [sheet.cases[old] for old in order])
    made.faults = {key: text for key, text in sheet.faults.items() if key == "title"}
    for new, old in enumerate(order):
        for target, source in ((made.typed, sheet.typed), (made.faults, sheet.faults)):
            start = f"c{old}-"
            target.update(
                {f"c{new}-{key[len(start) :]}": text for key, text in source.items() if key.startswith(start)}
            )
    if name == "copy":
        fresh = _("Case %(n)s") % {"n": number + 1}
        made.cases[-1] = dataclasses.replace(made.cases[-1], name=fresh)
    return made


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One figure of one case, and what if it were ``value``; ``fault``: it could not be read."""

    case: int = 0
    figure: str = "people"
    text: str = ""
    value: Decimal | None = None
    fault: str = ""


def read_what_if(data: Mapping[str, str], cases: Sequence[Case]) -> WhatIf:
    """What was asked; nothing where nothing was."""
    told, figure, text = data.get("what_case", "0"), data.get("what", ""), data.get("what_value", "").strip()[:40]
    at = int(told) if told.isascii() and told.isdecimal() and len(told) < 3 else 0
    at = at if at < len(cases) else 0
    if figure not in figure_names(cases[at]):
        return WhatIf(at, text=text)
    if not text:
        return WhatIf(at, figure)
    try:
        return WhatIf(at, figure, text, read_figure(figure, text))
    except CellFault as fault:
        return WhatIf(at, figure, text, fault=message(fault.code, fault.params))
