"""A weighing as a table: its rows and cells, for the page, the printed sheet and the workbook alike (P5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from channels.choices import PaidFor
from channels.commission_words import tier_text
from channels.forms_weighing import Sheet, WhatIf, field_name, figure_names, written
from channels.rules_commission import Tier
from channels.rules_weighing import Case, Line, Result, weigh
from channels.weighing_facts import origin_text
from gridops.common.templatetags.gridops import NOTHING, money, number

TITLES: dict[str, Promise] = {
    "people": gettext_lazy("number of people"),
    "wage": gettext_lazy("wage per person (yuan)"),
    "wages": gettext_lazy("wages (yuan)"),
    "rent": gettext_lazy("rent (yuan)"),
    "rebates": gettext_lazy("rebates to property companies (yuan)"),
    "promotions": gettext_lazy("promotions and materials (yuan)"),
    "spent": gettext_lazy("other input (yuan)"),
    "cost": gettext_lazy("input in all (yuan)"),
    "taken_back": gettext_lazy("commission taken back (yuan)"),
    "income": gettext_lazy("other output (yuan)"),
    "output": gettext_lazy("output in all (yuan)"),
    "margin": gettext_lazy("left over: output less input (yuan)"),
    "per_yuan": gettext_lazy("yuan out per yuan in"),
    "break_even": gettext_lazy("new installs a month at which it breaks even"),
    "heaviest": gettext_lazy("input that weighs most"),
    "against_first": gettext_lazy("left over, against the first case (yuan)"),
}
SHORT: dict[str, Promise] = {
    "wages": pgettext_lazy("input", "wages"),
    "rent": pgettext_lazy("input", "rent"),
    "rebates": pgettext_lazy("input", "rebates to property companies"),
    "promotions": pgettext_lazy("input", "promotions and materials"),
    "spent": pgettext_lazy("input", "other input"),
}
INPUT_ROWS = ("people", "wage", "=wages", "rent", "rebates", "promotions", "spent", "=cost")
RESULT_ROWS = ("=margin", "=per_yuan", "=break_even", "=heaviest", "=against_first")


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of one case: a field that is typed into, or a result."""

    name: str
    text: str
    label: str = ""
    fault: str = ""
    low: bool = False  # a result below zero


@dataclass(frozen=True, slots=True)
class Row:
    """A row. ``kind``: head, field, line (how many, and at how many yuan, each a cell) or result."""

    kind: str
    figure: str
    title: str
    cells: Sequence[Any] = ()
    note: str = ""
    strong: bool = False


@dataclass
class Table:
    """All rows of a weighing; ``sheet`` holds its cases and what was typed."""

    sheet: Sheet
    printed: bool = False  # figures with separators, for paper
    results: list[Result | None] = field(init=False)

    def __post_init__(self) -> None:
        cases = enumerate(self.sheet.cases)
        self.results = [None if self.sheet.faulty(at) else weigh(case) for at, case in cases]

    @property
    def rows(self) -> Iterator[Row]:
        """In order."""
        yield Row("head", "input", _("Input"))
        yield from map(self._row, INPUT_ROWS)
        yield Row("head", "output", _("Output"))
        for at, line in enumerate(self.sheet.cases[0].lines):
            yield self._line(at, line)
        yield from map(self._row, ("taken_back", "income", "=output"))
        yield Row("head", "result", _("Result"))
        several = len(self.sheet.cases) > 1
        yield from (self._row(name) for name in RESULT_ROWS if several or name != "=against_first")

    @property
    def figures(self) -> list[tuple[str, str]]:
        """Every figure that may be changed, with what it is called."""
        first = self.sheet.cases[0]
        return [(name, figure_title(first, name)) for name in figure_names(first)]

    def _row(self, name: str) -> Row:
        figure = name.removeprefix("=")
        cells = range(len(self.sheet.cases))
        if name.startswith("="):
            strong = figure in ("cost", "output", "margin")
            results = [self._result(at, figure) for at in cells]
            return Row("result", figure, str(TITLES[figure]), results, self._note(figure), strong)
        return Row("field", figure, str(TITLES[figure]), [self._field(at, figure) for at in cells], self._note(figure))

    def _line(self, at: int, line: Line) -> Row:
        cells = [
            {
                "count": self._field(case, f"count:{at}"),
                "rate": self._field(case, f"rate:{at}"),
                "amount": self._result(case, f"amount:{at}"),
            }
            for case in range(len(self.sheet.cases))
        ]
        notes = [self._note(f"count:{at}"), self._note(f"rate:{at}")]
        return Row("line", f"line:{at}", line_title(line), cells, "\n".join(filter(None, notes)))

    def _note(self, figure: str) -> str:
        told = self.sheet.cases[0].origin.get(figure)
        return origin_text(told) if told else ""

    def _field(self, at: int, figure: str) -> Cell:
        name, case = field_name(at, figure), self.sheet.cases[at]
        value = case.figure(figure)
        text = spelt(figure, value) if self.printed else self.sheet.typed.get(name, written(value))
        return Cell(name, text, f"{figure_title(case, figure)} · {case.name}", self.sheet.faults.get(name, ""))

    def _result(self, at: int, figure: str) -> Cell:
        name, found = f"c{at}:{figure}", self.results[at]
        if found is None:
            return Cell(name, NOTHING)
        first = self.results[0]
        if figure == "against_first":
            if not at or first is None:
                return Cell(name, NOTHING)
            return _signed(name, found.margin - first.margin)
        if figure == "margin":
            return _signed(name, found.margin, plus="")
        return Cell(name, result_text(self.sheet.cases[at], found, figure))


_FIELD = {"count": gettext_lazy("number of them"), "rate": gettext_lazy("yuan apiece")}


def _signed(name: str, value: Decimal, plus: str = "+") -> Cell:
    return Cell(name, f"{plus if value > 0 else ''}{money(value)}", low=value < 0)


def spelt(figure: str, value: Decimal) -> str:
    """A typed figure as people read it."""
    return f"{value.normalize():,f}" if figure == "people" or figure.startswith("count") else money(value)


def line_title(line: Line) -> str:
    """What a line is about: ``new install · 500M and more``."""
    return f"{PaidFor(line.paid_for).label} · {tier_text(Tier(line.low, line.below))}"


def result_text(case: Case, found: Result, figure: str) -> str:
    """A result as people read it."""
    kind, _colon, at = figure.partition(":")
    if kind == "amount":
        return money(case.lines[int(at)].amount)
    if figure == "wages":
        return money(found.inputs["wages"])
    if figure == "break_even":
        return number(found.break_even) if found.break_even is not None else NOTHING
    if figure == "heaviest":
        if found.heaviest is None:
            return NOTHING
        name, share = found.heaviest
        return f"{SHORT[name]} {share} %"
    value = getattr(found, figure)
    return money(value)


# --- What if, and what somebody else saved meanwhile ---


WHAT_ROWS = ("cost", "output", "margin", "per_yuan", "break_even", "heaviest")


def what_if_rows(sheet: Sheet, what: WhatIf) -> list[tuple[str, str, str, str]]:
    """Per result: its name, its title, as it is and as it would be."""
    case, rows = sheet.cases[what.case], []
    now = None if sheet.faulty(what.case) else weigh(case)
    changed = case.changed(what.figure, what.value) if what.value is not None else None
    then = weigh(changed) if changed is not None and now is not None else None
    for name in WHAT_ROWS:
        before = result_text(case, now, name) if now else NOTHING
        rows.append(
            (name, str(TITLES[name]), before, result_text(changed, then, name) if changed and then else NOTHING)
        )
    return rows


def differences(theirs: Sheet, yours: Sheet) -> list[tuple[str, str, str]]:
    """What two sheets differ in: which figure of which case, as stored and as typed."""
    found = [(_("title"), theirs.title, yours.title)] if theirs.title != yours.title else []
    for at in range(max(len(theirs.cases), len(yours.cases))):
        there, here = (sheet.cases[at] if at < len(sheet.cases) else None for sheet in (theirs, yours))
        if there is None or here is None:
            found.append((_("case"), there.name if there else NOTHING, here.name if here else NOTHING))
            continue
        if there.name != here.name:
            found.append((_("case"), there.name, here.name))
        for figure in figure_names(here):
            if there.figure(figure) != here.figure(figure):
                names = f"{here.name} · {figure_title(here, figure)}"
                found.append((names, f"{there.figure(figure):,f}", f"{here.figure(figure):,f}"))
    return found


def figure_title(case: Case, figure: str) -> str:
    """What a figure is called."""
    kind, _colon, line = figure.partition(":")
    return str(TITLES[kind]) if not line else f"{line_title(case.lines[int(line)])} · {_FIELD[kind]}"


def script_setup(case: Case) -> dict[str, Any]:
    """What the script has to know to reckon as ``rules_weighing`` does."""
    return {
        "lines": [line.paid_for for line in case.lines],
        "inputs": {name: str(text) for name, text in SHORT.items()},
    }
